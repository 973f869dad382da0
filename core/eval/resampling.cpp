// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/resampling.h"

#include <algorithm>
#include <bit>

namespace scrit::eval {
namespace {

constexpr std::int64_t kWordBits = 64;

// How many of n fair coins show heads.
std::int64_t heads(std::int64_t n, Random& random) {
    std::int64_t count = 0;
    for (; n >= kWordBits; n -= kWordBits) {
        count += std::popcount(random.bits());
    }
    if (n > 0) {
        count += std::popcount(random.bits() >> static_cast<unsigned>(kWordBits - n));
    }
    return count;
}

// Splits n draws between the halves of a range of cells, and so on. `before[i]` is the number of
// items in the cells before cell i.
void split(std::span<const std::int64_t> before, std::size_t first, std::size_t last,
           std::int64_t n, std::span<std::int64_t> drawn, Random& random) {
    if (last - first == 1) {
        drawn[first] = n;
        return;
    }
    const std::size_t middle = first + (last - first) / 2;
    const std::int64_t whole = before[last] - before[first];
    const std::int64_t left =
        n == 0 ? 0 : drawBinomial(n, before[middle] - before[first], whole, random);
    split(before, first, middle, left, drawn, random);
    split(before, middle, last, n - left, drawn, random);
}

std::vector<std::int64_t> sumsBefore(std::span<const std::int64_t> cells) {
    std::vector<std::int64_t> before{0};
    for (const std::int64_t cell : cells) {
        before.push_back(before.back() + cell);
    }
    return before;
}

} // namespace

std::int64_t drawBinomial(std::int64_t n, std::int64_t part, std::int64_t whole, Random& random) {
    if (part >= whole) {
        return n;
    }
    std::int64_t successes = 0;
    // A uniform number is below the probability when it has a 0 at the first digit in which the two
    // differ. `rest` / whole is what the digits of the probability still have to say.
    for (std::int64_t rest = part; n > 0 && rest > 0;) {
        rest *= 2;
        const std::int64_t ones = heads(n, random);
        if (rest >= whole) {
            rest -= whole;
            successes += n - ones;
            n = ones;
        } else {
            n -= ones;
        }
    }
    return successes;
}

void drawCells(std::span<const std::int64_t> cells, std::span<std::int64_t> drawn, Random& random) {
    if (!cells.empty()) {
        const std::vector<std::int64_t> before = sumsBefore(cells);
        split(before, 0, cells.size(), before.back(), drawn, random);
    }
}

std::vector<std::optional<Interval>> bootstrapCells(std::span<const std::int64_t> cells,
                                                    std::size_t count,
                                                    const CellStatistics& statistics,
                                                    std::uint64_t seed, int resamples) {
    std::vector<std::optional<Interval>> intervals(count);
    const std::vector<std::int64_t> before = sumsBefore(cells);
    if (before.back() == 0) {
        return intervals;
    }
    Random random(seed);
    std::vector<std::int64_t> drawn(cells.size());
    std::vector<std::optional<double>> values(count);
    std::vector<std::vector<double>> all(count);
    for (int i = 0; i < resamples; ++i) {
        split(before, 0, cells.size(), before.back(), drawn, random);
        std::fill(values.begin(), values.end(), std::nullopt);
        statistics(drawn, values);
        for (std::size_t s = 0; s < count; ++s) {
            if (values[s]) {
                all[s].push_back(*values[s]);
            }
        }
    }
    for (std::size_t s = 0; s < count; ++s) {
        intervals[s] = percentileInterval(all[s], resamples);
    }
    return intervals;
}

std::optional<Interval> percentileInterval(std::vector<double>& values, int resamples) {
    if (resamples <= 0 || values.size() * 2 <= static_cast<std::size_t>(resamples)) {
        return std::nullopt;
    }
    std::sort(values.begin(), values.end());
    const auto at = [&](double quantile) { // linear interpolation between order statistics
        const double place = quantile * static_cast<double>(values.size() - 1);
        const auto below = static_cast<std::size_t>(place);
        const std::size_t above = std::min(below + 1, values.size() - 1);
        const double part = place - static_cast<double>(below);
        return values[below] * (1 - part) + values[above] * part;
    };
    return Interval{at(0.025), at(0.975)};
}

} // namespace scrit::eval
