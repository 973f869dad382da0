// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/intervals.h"
#include "core/model/lineage.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Suite "ei": does the critic find the first wrong step? Steps are 0-based, kNoError = none.
namespace scrit::eval {

// One judged solution.
struct IdentificationItem {
    std::string dataset;
    int goldStep = model::kNoError;
    std::optional<int> predictedStep;      // absent: missing or unreadable, counts as wrong
    std::optional<bool> correctionIsRight; // the correction's answer matches; absent: no correction
};

enum class IdentificationProtocol {
    Strict, // ProcessBench (arXiv 2412.06559): the exact step
    Scrit,  // SCRIT (arXiv 2501.05727): one step off is forgiven, and the correction must be right
};
// "ei-processbench/1", "ei-scrit/1": the two are not comparable, so every score carries its id.
[[nodiscard]] std::string_view protocolId(IdentificationProtocol protocol);

// Whether an item is a hit. Under Scrit an erroneous item needs |predicted − gold| ≤ 1 with a
// predicted error, and every item a right correction where one is asked for (erroneous items only).
[[nodiscard]] bool isHit(const IdentificationItem& item, IdentificationProtocol protocol);

// 2ab/(a+b) of the accuracies a on erroneous and b on correct items; 0 when a + b = 0, absent when
// a class is empty.
[[nodiscard]] std::optional<double> identificationF1(std::int64_t erroneousHits,
                                                     std::int64_t erroneous,
                                                     std::int64_t correctHits,
                                                     std::int64_t correct);

struct IdentificationScore {
    std::string dataset; // empty: all items
    std::int64_t erroneous = 0;
    std::int64_t erroneousHits = 0;
    std::int64_t correct = 0;
    std::int64_t correctHits = 0;
    std::int64_t missing = 0;                // items without a readable prediction
    std::optional<double> erroneousAccuracy; // absent when there is no such item
    std::optional<double> correctAccuracy;
    std::optional<double> f1; // 2ab/(a+b), 0 when a + b = 0, absent when a class is empty
    // Bootstrap over items. A rate of 0 or 1 never changes in a resample: then put together from
    // Wilson's limits of the two rates, as meanOfRates() does it.
    std::optional<Interval> f1Interval;
};

// One score per data set in order of first appearance, then the score of all items together.
[[nodiscard]] std::vector<IdentificationScore>
scoreIdentification(std::span<const IdentificationItem> items, IdentificationProtocol protocol,
                    std::uint64_t seed = 0);

// The most frequent of n predictions; the earlier one wins a tie; missing ones do not vote. Absent
// when none is readable.
[[nodiscard]] std::optional<int> majorityStep(std::span<const std::optional<int>> predictions);

} // namespace scrit::eval
