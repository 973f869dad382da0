// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/evolution.h"
#include "core/loop/recipe.h"
#include "core/model/run.h"

// What an evolution of the miniature (core/mini) wants to be different from one of a language
// model.
namespace scrit::loop {

// The builtin backend's models, trained ones included.
[[nodiscard]] bool isMiniature(const model::Model& model);

// Beliefs and carelessness of the miniature show in samples alone. At these temperatures a third of
// the students' solutions is right, and so are five in six critiques before self-validation
// (core/mini/README.md); the validator is sampled, too, since a greedy one passes only what most
// authors believe anyway. The critic is shown the problem's own reference solution: right ones of
// students are few. Errors as changedRecipe().
[[nodiscard]] base::Expected<Recipe> miniatureRecipe(const Recipe& recipe);

// All texts of its world are made of the same few sentences: a right correction is the reference
// word for word, and any two problems share 13 words. That no problem of an evaluation set is
// trained on is checked by the problems themselves.
[[nodiscard]] EvolutionPolicy miniaturePolicy(EvolutionPolicy policy);

} // namespace scrit::loop
