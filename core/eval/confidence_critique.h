// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

// Suite "clcs": confidence and critique of a before/after pair (arXiv 2412.19513).
namespace scrit::eval {

inline constexpr std::string_view kConfidenceCritiqueProtocol = "clcs/1";

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

// Questions without samples are left out.
[[nodiscard]] ConfidenceCritiqueScore
scoreConfidenceCritique(std::span<const QuestionCounts> questions);

} // namespace scrit::eval
