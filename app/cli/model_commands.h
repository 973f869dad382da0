// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "app/cli/session.h"
#include "core/backend/model_settings.h"
#include "core/base/error.h"
#include "core/model/run.h"

#include <string>
#include <vector>

// What the commands `scrit model …` share.
namespace scrit::cli {

// A stored model with its settings.
struct KnownModel {
    model::Model model;
    backend::ModelKind kind = backend::ModelKind::OpenAi;
    backend::ModelSettings settings;
};

// Errors: those of the workspace, NotFound, Invalid (settings that cannot be read).
[[nodiscard]] base::Expected<KnownModel> findModel(const std::string& workspace,
                                                   const std::string& name);
// The models of a workspace that are offered; settings that cannot be read are an error.
[[nodiscard]] base::Expected<std::vector<KnownModel>> knownModels(const std::string& workspace);

// Where the model is: host names, file, folder; one line for people.
[[nodiscard]] std::string placeOf(const KnownModel& model);
// Where its key comes from and whether it is there; never the key itself.
[[nodiscard]] std::string keyText(const backend::ModelSettings& settings);
// {"source": "environment" | "keychain" | null, "name", "present"}
[[nodiscard]] Json keyJson(const backend::ModelSettings& settings);

// How a server that we start would be started now: the plan in one sentence; empty for other kinds.
[[nodiscard]] std::string planText(const KnownModel& model);

// Each adds one command below `scrit model`.
void addModelAdd(CLI::App& group, Session& session);
void addModelCheck(CLI::App& group, Session& session);
void addModelServe(CLI::App& group, Session& session); // serve and stop

} // namespace scrit::cli
