// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/managed_server.h"
#include "core/backend/model_settings.h"
#include "core/backend/server_probe.h"
#include "core/model/run.h"
#include "core/store/reader.h"
#include "ui/models/model_values.h"

// Models as the engine knows them ⇄ values for the screen. Pure functions, any thread; addLineage()
// reads.
namespace scrit::ui::bridge {

[[nodiscard]] backend::ModelKind backendKind(models::ModelKind kind);
[[nodiscard]] models::ModelKind screenKind(backend::ModelKind kind);
// Fields that the form does not show keep what is stored.
[[nodiscard]] backend::ModelSettings settingsOfForm(const models::ModelForm& form);
[[nodiscard]] model::Model modelOfForm(const models::ModelForm& form);
// Key states look at the environment.
[[nodiscard]] models::ModelEntry modelEntry(const model::Model& model);
// Adds what made the models that a training made; `stored` are those of the entries.
[[nodiscard]] base::Expected<void> addLineage(store::Reader& reader,
                                              const std::vector<model::Model>& stored,
                                              models::ModelEntries& entries);
[[nodiscard]] models::ServerPhase serverPhase(backend::ServerState state);
void addFacts(models::ModelCheck& check, const backend::ServerFacts& facts,
              const std::string& modelId);
void addSpeed(models::ModelCheck& check, const backend::SpeedProbe& speed);
[[nodiscard]] models::PlanText planOfForm(const models::ModelForm& form);

} // namespace scrit::ui::bridge
