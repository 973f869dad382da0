// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/mini/network.h"
#include "core/mini/sequence.h"
#include "core/mini/world.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

// What a checkpoint can do, measured on its own tokens: for the program that makes the base
// checkpoint, and for tests. The loop measures on texts, with core/eval.
namespace scrit::mini {

using Sampler =
    std::function<base::Expected<std::vector<SampleResult>>(std::span<const SampleRequest>)>;

// Shares from 0 to 1.
struct CriticScores {
    double onWrong = 0;        // wrong solutions whose first wrong step is named, strictly
    double onRight = 0;        // right solutions that are called right
    double f1 = 0;             // harmonic mean of the two (ProcessBench, arXiv 2412.06559)
    double answers = 0;        // pairs after whose critique the final answer is right (CC-Acc)
    double answersOnWrong = 0; // the same of the wrong ones
    double wellFormed = 0;     // critiques with a verdict and an end
};

struct TrialScores {
    int solutions = 0;      // sampled at temperature 1
    double solved = 0;      // of them with all prices true
    double malformed = 0;   // of them without one price for each step and an end
    double atContested = 0; // of the wrong ones, those whose first wrong price is a contested one
    int pairs = 0;          // half wrong, half right
    CriticScores direct;
    CriticScores contrastive; // the reference has the true prices
};

struct TrialSettings {
    std::uint64_t seed = 0;
    int pairs = 400;
    double temperature = 0; // of the critics
};

// Problems of the test split; students are the model itself at temperature 1. Errors are the
// sampler's; Limit when it makes too few right or too few wrong solutions to fill the pairs.
[[nodiscard]] base::Expected<TrialScores> measureTrial(const Sampler& sampler,
                                                       const TrialSettings& settings);

// One line for a log.
[[nodiscard]] std::string describe(const TrialScores& scores);

} // namespace scrit::mini
