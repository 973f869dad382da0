// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Help, manual page and completion are all written from the tree of commands that CLI11 parses
// with, so that they cannot disagree with what the program accepts.
namespace scrit::cli {

// One option or positional as a reader sees it.
struct OptionDoc {
    std::string names; // "-q, --quiet", "--filter EXPR", "FILE…"
    std::string description;
    std::vector<std::string> longNames;   // with dashes
    std::vector<std::string> shortNames;  // with a dash
    std::vector<std::string> choices;     // fixed values, if any
    std::vector<std::string> completions; // those, or values that are offered beside others
    bool positional = false;
    bool takesValue = false;
    bool required = false;
};

// One command that does something ("import", "answers check").
struct CommandDoc {
    std::string path; // without "scrit"
    std::string group;
    std::string description;
    std::string usage;  // "scrit import [options] W.scrit FILE…"
    std::string footer; // examples and notes
    std::vector<OptionDoc> options;
};

// The commands that a user may call, in the order of the tree; hidden ones are left out.
[[nodiscard]] std::vector<CommandDoc> commandDocs(const CLI::App& root, const Session& session);
// One command (or, for the root, the program) alone.
[[nodiscard]] CommandDoc commandDoc(const CLI::App& app, const Session& session);

// What `--help` prints for the program, a group of commands or one command.
[[nodiscard]] std::string helpText(const CLI::App& app, const Session& session, std::size_t width);

// "scrit.1" in roff.
[[nodiscard]] std::string manualPage(const CLI::App& root, const Session& session);

// Scripts for interactive shells.
[[nodiscard]] std::string bashCompletion(const CLI::App& root, const Session& session);
[[nodiscard]] std::string zshCompletion(const CLI::App& root, const Session& session);
[[nodiscard]] std::string fishCompletion(const CLI::App& root, const Session& session);

// Adds all commands with their options to the tree. `session` must outlive it.
void addCommands(CLI::App& root, Session& session);

} // namespace scrit::cli
