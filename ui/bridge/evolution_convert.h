// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/evaluation_set.h"
#include "core/loop/evolution.h"
#include "core/store/workspace.h"
#include "ui/models/evolution_values.h"

// Evolutions as the engine knows them ⇄ values for the screen. Pure but for the recipe's file and
// the workspace they are given; any thread.
namespace scrit::ui::bridge {

// The recipe of a form is loaded from its file. Errors are those of loadRecipe(), changedRecipe()
// and suiteNamed().
[[nodiscard]] base::Expected<loop::EvolutionRequest>
evolutionRequest(const models::EvolutionForm& form, bool miniature);
[[nodiscard]] loop::FreezeRequest freezeRequest(const models::FreezeForm& form);
[[nodiscard]] models::EvolutionPreview evolutionPreview(const loop::EvolutionPreview& preview);
// But for the time and for what the service knows itself.
[[nodiscard]] models::EvolutionStatus evolutionStatus(const loop::EvolutionProgress& progress);
[[nodiscard]] base::Expected<models::EvolutionChoices>
evolutionChoices(const store::Workspace& workspace);
// The models that a series asks.
[[nodiscard]] QStringList evolutionModels(const loop::EvolutionRequest& request);

} // namespace scrit::ui::bridge
