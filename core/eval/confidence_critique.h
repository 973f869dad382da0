// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/intervals.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

// Suite "clcs": confidence and critique of a before/after pair (arXiv 2412.19513).
namespace scrit::eval {

inline constexpr std::string_view kConfidenceCritiqueProtocol = "clcs/1";
inline constexpr std::string_view kConfidenceOwnProtocol =
    "clcs-own/1"; // the critic's own solutions

// Counts of one question over its samples.
struct QuestionCounts {
    std::int64_t rightBefore = 0;
    std::int64_t wrongBefore = 0;
    std::int64_t rightAfterRight = 0; // right after, of those right before
    std::int64_t rightAfterWrong = 0; // right after, of those wrong before
};

struct ConfidenceCritiqueScore {
    std::int64_t questions = 0;
    std::optional<double> acc1; // mean P_a
    std::optional<double> acc2; // mean (P_a P_b + (1 − P_a) P_c)
    std::optional<double>
        confidence; // CL = Σ P_a P_b / Σ P_a; absent when nothing was right before
    std::optional<double> critique; // CS = Σ (1 − P_a) P_c / Σ (1 − P_a)
    std::optional<double> relative; // RSS = (Acc2 − Acc1²) / (2 Acc1 (1 − Acc1)); absent at 0 and 1
};

// The scores by the names of their metrics.
inline constexpr std::array<
    std::pair<std::string_view, std::optional<double> ConfidenceCritiqueScore::*>, 5>
    kConfidenceCritiqueParts{{{"acc1", &ConfidenceCritiqueScore::acc1},
                              {"acc2", &ConfidenceCritiqueScore::acc2},
                              {"cl", &ConfidenceCritiqueScore::confidence},
                              {"cs", &ConfidenceCritiqueScore::critique},
                              {"rss", &ConfidenceCritiqueScore::relative}}};

// Questions without samples are left out.
[[nodiscard]] ConfidenceCritiqueScore
scoreConfidenceCritique(std::span<const QuestionCounts> questions);
// The same where counts[i] questions are like kinds[i].
[[nodiscard]] ConfidenceCritiqueScore scoreConfidenceCritique(std::span<const QuestionCounts> kinds,
                                                              std::span<const std::int64_t> counts);

// Bootstrap intervals over questions, in the order of kConfidenceCritiqueParts. Where all resamples
// are alike they tell nothing: Wilson's interval of a score of 0 or 1, none of another.
[[nodiscard]] std::array<std::optional<Interval>, 5>
confidenceCritiqueIntervals(std::span<const QuestionCounts> questions, std::uint64_t seed);

} // namespace scrit::eval
