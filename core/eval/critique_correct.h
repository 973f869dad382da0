// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/intervals.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Suite "cc": critique and correct (RealCritic, arXiv 2501.14492). A critic gets a solution and
// writes a critique with a correction; what counts is whether the correction's final answer is
// right.
namespace scrit::eval {

inline constexpr std::string_view kCritiqueCorrectProtocol = "cc/1"; // all solutions of a set
inline constexpr std::string_view kCorrectIncorrectProtocol = "cc-incorrect/1"; // wrong ones alone
inline constexpr std::string_view kCorrectBalancedProtocol = "cc-balanced/1"; // see scoreBalanced()
inline constexpr std::string_view kCorrectOwnProtocol = "cc-own/1"; // the critic's own solutions

struct CorrectionItem {
    std::string dataset;
    bool rightBefore = false;       // the solution's final answer
    std::optional<bool> rightAfter; // the correction's; absent: none could be read, counts as wrong
};

// Transitions, each over its own denominator: C→C and C→I over solutions right before, I→C and I→I
// over those wrong before.
struct CorrectionScore {
    std::string dataset; // empty: macro mean over the data sets (counts are sums)
    std::int64_t n = 0;
    std::int64_t right = 0; // after
    std::int64_t rightBefore = 0;
    std::int64_t keptRight = 0; // C→C
    std::int64_t madeRight = 0; // I→C
    std::int64_t missing = 0;
    std::optional<double> accuracy;   // CC-Acc; in the macro row the mean of the data sets' values
    std::optional<Interval> interval; // Wilson; of the macro row meanOfRates()
    std::optional<double> correctToCorrect;
    std::optional<double> correctToIncorrect;
    std::optional<double> incorrectToCorrect;
    std::optional<double> incorrectToIncorrect;
};

// One row per data set in order of first appearance, then the macro row.
[[nodiscard]] std::vector<CorrectionScore> scoreCorrections(std::span<const CorrectionItem> items);

// CC-Acc with each class weighing half, however many solutions there are of it: the mean of C→C and
// I→C. Of a set with as many right as wrong solutions it is CC-Acc.
struct BalancedScore {
    std::string dataset; // empty: macro mean over the data sets that have both classes
    std::int64_t n = 0;
    std::optional<double> value;      // absent when a class is empty
    std::optional<Interval> interval; // meanOfRates()
};
// One row per data set in order of first appearance, then the macro row.
[[nodiscard]] std::vector<BalancedScore> scoreBalanced(std::span<const CorrectionItem> items);

} // namespace scrit::eval
