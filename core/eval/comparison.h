// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/confidence_critique.h"
#include "core/eval/intervals.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What changed between two evaluations of the same items, with paired bootstrap intervals: both
// sides are computed on the same resamples, so what makes an item hard does not blur the
// difference. Pure functions, any thread; the same seed gives the same intervals.
namespace scrit::eval {

struct PairedItem {
    std::string dataset;
    bool wrong = false;  // the solution: it has an erroneous step (ei), or a wrong answer (cc)
    bool before = false; // a hit, or a right answer
    bool after = false;
};

// Which items a metric is about, by their solutions.
enum class PairedClass { All, Wrong, Right };

// One metric on both sides; only metrics that are defined on both are given.
struct PairedScore {
    std::string dataset; // empty: all
    std::string_view metric;
    PairedClass of = PairedClass::All;
    std::int64_t n = 0; // its denominator
    double before = 0;
    double after = 0;
    Interval interval;        // of after − before, 95 %
    bool significant = false; // it leaves out 0
};

// "f1", "erroneous_acc", "correct_acc" of each data set in order of first appearance, then of all.
[[nodiscard]] std::vector<PairedScore> compareIdentification(std::span<const PairedItem> items,
                                                             std::uint64_t seed);
// "cc_acc" (of all: macro mean over data sets), "c_to_c", "i_to_c"; the same order.
[[nodiscard]] std::vector<PairedScore> compareCorrections(std::span<const PairedItem> items,
                                                          std::uint64_t seed);

struct PairedQuestion {
    QuestionCounts before;
    QuestionCounts after;
};
// The metrics of kConfidenceCritiqueParts, of all questions.
[[nodiscard]] std::vector<PairedScore> compareConfidence(std::span<const PairedQuestion> questions,
                                                         std::uint64_t seed);

} // namespace scrit::eval
