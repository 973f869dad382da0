// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/intervals.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// Agreement between raters who put units into nominal categories. Pure functions, any thread; the
// same seed gives the same interval on every machine.
namespace scrit::eval {

// ratings[unit][rater]: a category, or nothing where that rater did not rate that unit. Rows may
// differ in length.
using Ratings = std::vector<std::vector<std::optional<int>>>;

struct AgreementValue {
    std::optional<double> value;      // absent: not defined for these ratings
    std::optional<Interval> interval; // percentile bootstrap over units, 95 %
    std::size_t units = 0;            // with at least two ratings
};

// The share of pairs of ratings of one unit that agree, over all pairs (of two raters: the share of
// units).
[[nodiscard]] std::optional<double> percentAgreement(const Ratings& ratings);

// Cohen's kappa (Cohen 1960) of the first two raters, over the units that both rated:
// (p_o - p_e) / (1 - p_e), with chance from each rater's own frequencies. Absent when no unit was
// rated by both, or when both used one and the same category throughout (p_e = 1).
[[nodiscard]] std::optional<double> cohenKappa(const Ratings& ratings);

// Krippendorff's alpha with the nominal metric (Krippendorff 2011, "Computing Krippendorff's
// Alpha-Reliability"): 1 - D_o / D_e from the matrix of coincidences, any number of raters, missing
// ratings allowed; a unit with one rating does not count. Absent when nothing can be paired, or
// when there is one category only (D_e = 0).
[[nodiscard]] std::optional<double> krippendorffAlpha(const Ratings& ratings);

// The same with their intervals; `resamples` of units with replacement.
[[nodiscard]] AgreementValue percentAgreementWithInterval(const Ratings& ratings,
                                                          std::uint64_t seed, int resamples = 2000);
[[nodiscard]] AgreementValue cohenKappaWithInterval(const Ratings& ratings, std::uint64_t seed,
                                                    int resamples = 2000);
[[nodiscard]] AgreementValue
krippendorffAlphaWithInterval(const Ratings& ratings, std::uint64_t seed, int resamples = 2000);

} // namespace scrit::eval
