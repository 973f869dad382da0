// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

// Uncertainty of rates and scores. Pure functions, any thread; the same seed gives the same
// interval on every machine. All intervals are two-sided, 95 % unless a quantile is given.
namespace scrit::eval {

inline constexpr double kZ95 = 1.959963984540054; // standard normal quantile of 0.975

struct Interval {
    double low = 0;
    double high = 1;
};

// Wilson's score interval for `successes` out of `n` (Wilson 1927; Newcombe 1998, method 3). For n
// = 0 nothing is known: [0, 1].
[[nodiscard]] Interval wilson(std::int64_t successes, std::int64_t n, double z = kZ95);

// Successes out of n.
struct Proportion {
    std::int64_t successes = 0;
    std::int64_t n = 0;
};

// part / all; absent when there is nothing to divide by.
[[nodiscard]] std::optional<double> share(std::int64_t part, std::int64_t all);

// The interval of a mean of independent rates, put together from their Wilson limits (MOVER: Zou
// and Donner, "Construction of confidence intervals about effect measures", Statistics in Medicine
// 2008). Of one rate it is Wilson's. Other than resampling it knows that 7 of 7 are no certainty.
// Rates of n = 0 do not count; absent when there is no other.
[[nodiscard]] std::optional<Interval> meanOfRates(std::span<const Proportion> rates);

// How many more observations make the half-width of the interval at most `halfWidth`, given what
// was seen so far (rate assumed to stay; 1/2 when nothing was seen). 0 when it is narrow enough
// already.
[[nodiscard]] std::int64_t moreForHalfWidth(std::int64_t successes, std::int64_t n,
                                            double halfWidth, double z = kZ95);

// Percentile bootstrap (Efron 1979) of a statistic over n items: `statistic` gets the indices of
// one resample. Absent when n = 0 or the statistic is undefined (returns nothing) on over half of
// the resamples.
using Statistic = std::function<std::optional<double>(std::span<const std::size_t> sample)>;
[[nodiscard]] std::optional<Interval> bootstrap(std::size_t n, const Statistic& statistic,
                                                std::uint64_t seed, int resamples = 2000);

// Paired bootstrap of a difference: `first` and `second` are computed on the same resample.
// `significant` says that the 95 % interval of second − first leaves out 0.
struct PairedDifference {
    double difference = 0;
    Interval interval;
    bool significant = false;
};
[[nodiscard]] std::optional<PairedDifference> pairedBootstrap(std::size_t n, const Statistic& first,
                                                              const Statistic& second,
                                                              std::uint64_t seed,
                                                              int resamples = 2000);

} // namespace scrit::eval
