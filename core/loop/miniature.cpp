// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/miniature.h"

#include <utility>

namespace scrit::loop {

bool isMiniature(const model::Model& model) {
    return model.kind == "builtin";
}

base::Expected<Recipe> miniatureRecipe(const Recipe& recipe) {
    std::vector<std::pair<std::string, std::string>> values{{"select.reference", "\"problem\""},
                                                            {"student.temperature", "1.0"},
                                                            {"student.top_p", "1.0"},
                                                            {"critic.temperature", "0.8"},
                                                            {"critic.top_p", "1.0"},
                                                            {"validator.temperature", "1.0"},
                                                            {"curate.balance", "\"\""}};
    if (recipe.mode == model::CritiqueMode::BugInjection) {
        values.emplace_back("injector.temperature", "1.0");
        values.emplace_back("injector.top_p", "1.0");
    }
    return changedRecipe(recipe, values);
}

EvolutionPolicy miniaturePolicy(EvolutionPolicy policy) {
    policy.keepCopies = true;
    policy.decontaminate = false;
    return policy;
}

} // namespace scrit::loop
