// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/intervals.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

// Bootstrap of statistics that depend on counts alone: how many items are of each kind ("cell"),
// not which ones. Drawing n items with replacement puts a multinomial number into each cell, so the
// counts are drawn directly: the distribution is exactly that of resampling items, the work does
// not grow with the items but by a bit or two for each. Integers only: the same seed draws the same
// counts on every machine. Pure functions, any thread.
namespace scrit::eval {

// SplitMix64 (Steele, Lea and Flood 2014): small, fast, and the same on every machine, which the
// distributions of the standard library are not.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    [[nodiscard]] std::uint64_t bits() {
        m_state += 0x9E3779B97F4A7C15U;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }
    // Uniform in [0, bound). The bias of the remainder is below 2^-40 for any set of items that
    // fits into memory.
    [[nodiscard]] std::size_t below(std::size_t bound) {
        return static_cast<std::size_t>(bits() % bound);
    }

private:
    std::uint64_t m_state;
};

// How many of n independent draws succeed when each does with probability part / whole (0 ≤ part ≤
// whole < 2^62, whole > 0): exact, by comparing the binary digits of n uniform numbers with those
// of the probability, all at once.
[[nodiscard]] std::int64_t drawBinomial(std::int64_t n, std::int64_t part, std::int64_t whole,
                                        Random& random);

// One resample: Σ cells draws with replacement from items of which cells[i] are in cell i.
void drawCells(std::span<const std::int64_t> cells, std::span<std::int64_t> drawn, Random& random);

// Values of several statistics on one resample; a value that is not defined there stays absent.
using CellStatistics = std::function<void(std::span<const std::int64_t> drawn,
                                          std::span<std::optional<double>> values)>;

// Percentile intervals (95 %) of `count` statistics, all on the same resamples. Absent as in
// bootstrap(): nothing to draw from, or undefined on over half of the resamples.
[[nodiscard]] std::vector<std::optional<Interval>>
bootstrapCells(std::span<const std::int64_t> cells, std::size_t count,
               const CellStatistics& statistics, std::uint64_t seed, int resamples = 2000);

// The 95 % percentile interval of bootstrap values; sorts them. Absent when fewer than half of
// `resamples` are there.
[[nodiscard]] std::optional<Interval> percentileInterval(std::vector<double>& values,
                                                         int resamples);

} // namespace scrit::eval
