// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/store/workspace.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <string_view>

// One function per file command_*.cpp: adds its command to the tree. `session` outlives the tree.
namespace scrit::cli {

// Headings of `scrit --help`.
inline constexpr std::string_view kWorkspaceGroup = "Workspace";
inline constexpr std::string_view kLoopGroup = "Loop";
inline constexpr std::string_view kReadGroup = "Read";
inline constexpr std::string_view kPipeGroup =
    "Filters for pipes (one JSON object a line in and out, order kept)";
inline constexpr std::string_view kSetupGroup = "Setup";

void addNew(CLI::App& root, Session& session);
void addImport(CLI::App& root, Session& session); // import and import-critiques
void addVerify(CLI::App& root, Session& session);
void addExport(CLI::App& root, Session& session);
void addModel(CLI::App& root, Session& session); // model add, list, show, check, serve, …
void addRun(CLI::App& root, Session& session);
void addResume(CLI::App& root, Session& session);
void addRuns(CLI::App& root, Session& session);
void addTrain(CLI::App& root, Session& session);
void addEvolve(CLI::App& root, Session& session);
void addRounds(CLI::App& root, Session& session);
void addSweep(CLI::App& root, Session& session);
void addReview(CLI::App& root, Session& session); // review plan, next, annotate, …
void addStatus(CLI::App& root, Session& session);
void addList(CLI::App& root, Session& session);
void addShow(CLI::App& root, Session& session);
void addEvaluate(CLI::App& root, Session& session);
void addReport(CLI::App& root, Session& session);
void addDemo(CLI::App& root, Session& session);
void addDoctor(CLI::App& root, Session& session);
void addAnswers(CLI::App& root, Session& session);
void addCritique(CLI::App& root, Session& session);
void addSteps(CLI::App& root, Session& session);
void addCompletion(CLI::App& root, Session& session); // completion and the hidden man

// Opens a workspace for a command that changes it.
[[nodiscard]] base::Expected<std::shared_ptr<store::Workspace>>
openToWrite(const std::string& path);
// Opens a workspace for a command that only reads: never writes, also while another process writes.
[[nodiscard]] base::Expected<std::shared_ptr<store::Workspace>> openToRead(const std::string& path);

} // namespace scrit::cli
