// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/selection.h"
#include "core/model/names.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scrit::loop {

// How one role speaks to its model.
struct RoleSettings {
    std::string
        prompt; // a template of resources/prompts, without ending; or a path beside the recipe
    double temperature = 0;
    double topP = 1;
    int maxTokens = 4096;
    int samples = 1;
};

// Which text stands for the student's solution when a critique that says "correct" is
// self-validated: such a critique's "correction" is one sentence, so what is judged must be a
// visible setting.
enum class ValidateCorrect { Solution, Correction, Skip };
[[nodiscard]] std::string_view name(ValidateCorrect what); // solution, correction, skip

// A recipe: what a run does, as a TOML file (resources/recipes; people add their own). Value type.
struct Recipe {
    std::string name;
    std::string description;
    model::CritiqueMode mode = model::CritiqueMode::Contrastive;
    std::uint64_t seed = 0;

    RoleSettings student;
    ReferenceSource reference = ReferenceSource::Solutions;
    bool bothClasses = true;
    std::optional<std::int64_t> capPerStudentAndClass;

    RoleSettings critic;
    RoleSettings injector; // of bug-injection recipes: makes the wrong solution from a correct one

    bool validate = true;
    RoleSettings validator;
    ValidateCorrect validateCorrect = ValidateCorrect::Solution;

    std::string balance; // "1:1" or empty
    std::vector<std::string> exportViews;

    std::string text;             // the file as it was read; stored with each run
    std::filesystem::path folder; // where it was read from: prompts may lie beside it
};

// Reads a recipe. Errors (Invalid) name the line and the key: a syntax error, an unknown key (with
// the nearest known one as advice), a value of the wrong type or out of range, a missing name.
[[nodiscard]] base::Expected<Recipe> parseRecipe(std::string_view text);
// A recipe by name (resources/recipes/NAME.toml) or by path; NotFound lists the names there are.
[[nodiscard]] base::Expected<Recipe> loadRecipe(const std::string& nameOrPath);
// A recipe with some values replaced, as if its file had said so: keys are dotted
// ("critic.temperature", "validator.enabled"), values are written as in TOML ("1.0", "false",
// "\"problem\""). Its text is the changed file without comments. Errors as parseRecipe().
[[nodiscard]] base::Expected<Recipe>
changedRecipe(const Recipe& recipe, const std::vector<std::pair<std::string, std::string>>& values);
// Names of the shipped recipes, sorted.
[[nodiscard]] base::Expected<std::vector<std::string>> recipeNames();

} // namespace scrit::loop
