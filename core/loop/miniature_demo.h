// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/evolution.h"
#include "core/loop/round_report.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// The whole loop with the builtin miniature as student, critic, validator and what is trained: real
// sampling, real gradient steps, in a few minutes on two cores. Everything goes through the
// ordinary runs, exports, trainings and evaluations; only the problems, the labels of the held-out
// solutions and the settings are of this file.
namespace scrit::loop {

struct MiniatureDemoSettings {
    std::filesystem::path folder; // demo.scrit is made in it
    std::uint64_t seed = 0;       // of problems, sampling and training
    int rounds = 3;
    std::string recipe = "scrit";
    bool selfValidation = true;
    std::int64_t problemsPerRound = 600; // new ones in each round, one solution of the student each
    std::int64_t pairs = 800; // held-out problems with a solution, half of them wrong, at most
    double evaluationTemperature = 0; // 0: greedy
};
// One round of a smaller demo: within a minute.
[[nodiscard]] MiniatureDemoSettings quickMiniatureDemo();

// Names within the workspace.
inline constexpr std::string_view kMiniatureModel = "miniature";
inline constexpr std::string_view kMiniatureSet = "heldout";

// Whether this build can run it. Unavailable (built without LibTorch), NotFound (its weights are
// not installed).
[[nodiscard]] base::Expected<void> canRunMiniatureDemo();

struct MiniatureDemo {
    std::filesystem::path workspace;
    EvolutionState evolution;
    double seconds = 0;  // of this call
    double sampling = 0; // of these, with a request at the model
    double training = 0; // of these, in the stage of the trainer
};

// Makes or completes FOLDER/demo.scrit; an interrupted demo is gone on with, and another recipe
// adds a series on the same problems. The same settings give the same figures on one machine. Of
// the context the model opener and the trainers may be left empty. Errors: Exists (the folder holds
// the demo of another seed or size), those of canRunMiniatureDemo(), createEvolution() and
// runEvolution().
[[nodiscard]] base::Expected<MiniatureDemo> runMiniatureDemo(const MiniatureDemoSettings& settings,
                                                             const EvolutionContext& context);

// One line of the demo's table.
struct MiniatureRow {
    int round = 0;
    const RoundScore* errorIdentification = nullptr; // strict f1; null where it was not measured
    const RoundScore* critiqueCorrect = nullptr;
    std::int64_t n = 0; // evaluated pairs
    const RoundReport* report = nullptr;
};
// Of the rounds that have ended; valid as long as the state.
[[nodiscard]] std::vector<MiniatureRow> miniatureTable(const EvolutionState& state);

} // namespace scrit::loop
