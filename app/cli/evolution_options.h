// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/loop/evolution.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What `scrit evolve` and `scrit sweep` have in common.
namespace scrit::cli {

// As the command line says it. What a sweep may vary holds several values there, one at most else.
struct EvolutionArguments {
    std::string workspace;
    loop::EvolutionRequest request; // what needs no translation
    std::vector<std::string> recipes{"scrit"};
    std::string reference;
    std::vector<std::string> recipeValues; // KEY=VALUE
    std::vector<std::string> suites;
    std::vector<std::string> from;
    std::vector<std::string> data;
    std::vector<std::string> orders;
    std::vector<std::string> balances;
    std::vector<std::uint64_t> examples;
    std::vector<std::string> trainerValues; // NAME=VALUE
    bool noSelfValidation = false;
    bool keepDuplicates = false;
    bool noDecontamination = false;
    std::string folder;
    bool preview = false;
    bool json = false;
};

// `several`: recipes and policies may be given several times.
void addEvolutionOptions(CLI::App& command, Session& session, EvolutionArguments& arguments,
                         bool several);

// Whether the model that is trained is the miniature, which wants other defaults.
[[nodiscard]] base::Expected<bool> isMiniature(store::Workspace& workspace,
                                               const EvolutionArguments& arguments);
// The request with all that is given once; what is given several times is left to the sweep.
[[nodiscard]] base::Expected<loop::EvolutionRequest>
evolutionRequest(const EvolutionArguments& arguments, bool miniature);
// A recipe by name or path, with what the options change in it.
[[nodiscard]] base::Expected<loop::Recipe> recipeOf(const EvolutionArguments& arguments,
                                                    const std::string& name, bool miniature);

[[nodiscard]] base::Expected<int> printEvolutionPreview(const loop::EvolutionPreview& preview,
                                                        const loop::EvolutionRequest& request,
                                                        bool json);

} // namespace scrit::cli
