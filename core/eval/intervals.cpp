// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/intervals.h"

#include "core/eval/resampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace scrit::eval {
namespace {

std::optional<Interval> resample(std::size_t n, const Statistic& statistic, std::uint64_t seed,
                                 int resamples) {
    if (n == 0 || resamples <= 0) {
        return std::nullopt;
    }
    Random random(seed);
    std::vector<std::size_t> sample(n);
    std::vector<double> values;
    for (int i = 0; i < resamples; ++i) {
        std::generate(sample.begin(), sample.end(), [&] { return random.below(n); });
        if (const std::optional<double> value = statistic(sample)) {
            values.push_back(*value);
        }
    }
    return percentileInterval(values, resamples);
}

} // namespace

Interval wilson(std::int64_t successes, std::int64_t n, double z) {
    if (n <= 0) {
        return {0, 1};
    }
    const auto size = static_cast<double>(n);
    const double p = static_cast<double>(successes) / size;
    const double z2 = z * z;
    const double centre = (p + z2 / (2 * size)) / (1 + z2 / size);
    const double half =
        z / (1 + z2 / size) * std::sqrt(p * (1 - p) / size + z2 / (4 * size * size));
    return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

std::optional<double> share(std::int64_t part, std::int64_t all) {
    return all > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(all))
                   : std::nullopt;
}

std::optional<Interval> meanOfRates(std::span<const Proportion> rates) {
    double sum = 0;
    double below = 0;
    double above = 0;
    double used = 0;
    for (const Proportion& rate : rates) {
        if (rate.n <= 0) {
            continue;
        }
        const double p = static_cast<double>(rate.successes) / static_cast<double>(rate.n);
        const Interval limits = wilson(rate.successes, rate.n);
        sum += p;
        below += (p - limits.low) * (p - limits.low);
        above += (limits.high - p) * (limits.high - p);
        used += 1;
    }
    if (used == 0) {
        return std::nullopt;
    }
    return Interval{std::max(0.0, (sum - std::sqrt(below)) / used),
                    std::min(1.0, (sum + std::sqrt(above)) / used)};
}

std::int64_t moreForHalfWidth(std::int64_t successes, std::int64_t n, double halfWidth, double z) {
    if (halfWidth <= 0) {
        return std::int64_t{1} << 40U;
    }
    const double p = n > 0 ? static_cast<double>(successes) / static_cast<double>(n) : 0.5;
    const auto half = [&](std::int64_t size) {
        const auto s = static_cast<double>(size);
        return z / (1 + z * z / s) * std::sqrt(p * (1 - p) / s + z * z / (4 * s * s));
    };
    if (n > 0 && half(n) <= halfWidth) {
        return 0;
    }
    std::int64_t low = std::max<std::int64_t>(n, 1);
    std::int64_t high = low;
    while (half(high) > halfWidth) {
        high *= 2;
    }
    while (low < high) { // the width falls with the size
        const std::int64_t middle = low + (high - low) / 2;
        if (half(middle) <= halfWidth) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low - n;
}

std::optional<Interval> bootstrap(std::size_t n, const Statistic& statistic, std::uint64_t seed,
                                  int resamples) {
    return resample(n, statistic, seed, resamples);
}

std::optional<PairedDifference> pairedBootstrap(std::size_t n, const Statistic& first,
                                                const Statistic& second, std::uint64_t seed,
                                                int resamples) {
    const Statistic difference = [&](std::span<const std::size_t> sample) -> std::optional<double> {
        const std::optional<double> a = first(sample);
        const std::optional<double> b = second(sample);
        return a && b ? std::optional(*b - *a) : std::nullopt;
    };
    std::vector<std::size_t> all(n);
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::optional<double> observed = n > 0 ? difference(all) : std::nullopt;
    const std::optional<Interval> interval = resample(n, difference, seed, resamples);
    if (!observed || !interval) {
        return std::nullopt;
    }
    return PairedDifference{*observed, *interval, interval->low > 0 || interval->high < 0};
}

} // namespace scrit::eval
