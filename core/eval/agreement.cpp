// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/agreement.h"

#include <algorithm>
#include <map>
#include <utility>

namespace scrit::eval {
namespace {

// Agreement is computed from counts per unit, so that a resample is a list of units.
using Sample = std::span<const std::size_t>;
using Measure = std::optional<double> (*)(const Ratings&, Sample);

std::vector<std::size_t> allUnits(const Ratings& ratings) {
    std::vector<std::size_t> units(ratings.size());
    for (std::size_t i = 0; i < units.size(); ++i) {
        units[i] = i;
    }
    return units;
}

// How often each category was given to a unit.
std::map<int, double> countsOf(const std::vector<std::optional<int>>& unit) {
    std::map<int, double> counts;
    for (const std::optional<int>& rating : unit) {
        if (rating) {
            ++counts[*rating];
        }
    }
    return counts;
}

double sumOf(const std::map<int, double>& counts) {
    double sum = 0;
    for (const auto& entry : counts) {
        sum += entry.second;
    }
    return sum;
}

std::optional<double> percentOf(const Ratings& ratings, Sample units) {
    double agreeing = 0;
    double pairs = 0;
    for (const std::size_t unit : units) {
        const std::map<int, double> counts = countsOf(ratings[unit]);
        const double n = sumOf(counts);
        pairs += n * (n - 1) / 2;
        for (const auto& entry : counts) {
            agreeing += entry.second * (entry.second - 1) / 2;
        }
    }
    return pairs > 0 ? std::optional(agreeing / pairs) : std::nullopt;
}

std::optional<double> kappaOf(const Ratings& ratings, Sample units) {
    std::map<int, double> first;
    std::map<int, double> second;
    double n = 0;
    double agreeing = 0;
    for (const std::size_t unit : units) {
        const std::vector<std::optional<int>>& row = ratings[unit];
        if (row.size() < 2 || !row[0] || !row[1]) {
            continue;
        }
        ++n;
        ++first[*row[0]];
        ++second[*row[1]];
        agreeing += *row[0] == *row[1] ? 1 : 0;
    }
    if (n == 0) {
        return std::nullopt;
    }
    double chance = 0; // by the frequencies of both, in units of 1 / n²
    for (const auto& [category, count] : first) {
        if (const auto other = second.find(category); other != second.end()) {
            chance += count * other->second;
        }
    }
    if (chance >= n * n) {
        return std::nullopt;
    }
    chance /= n * n;
    return (agreeing / n - chance) / (1 - chance);
}

std::optional<double> alphaOf(const Ratings& ratings, Sample units) {
    std::map<int, double> totals; // n_c: pairable values by category
    double n = 0;
    double matching = 0; // sum of the diagonal of the coincidence matrix
    for (const std::size_t unit : units) {
        const std::map<int, double> counts = countsOf(ratings[unit]);
        const double m = sumOf(counts);
        if (m < 2) {
            continue;
        }
        n += m;
        for (const auto& [category, count] : counts) {
            totals[category] += count;
            matching += count * (count - 1) / (m - 1);
        }
    }
    if (totals.size() < 2) {
        return std::nullopt;
    }
    double expected = 0; // pairs of different categories by chance, times (n - 1)
    for (const auto& entry : totals) {
        expected += entry.second * (n - entry.second);
    }
    return 1 - (n - matching) * (n - 1) / expected;
}

std::size_t pairable(const Ratings& ratings) {
    std::size_t units = 0;
    for (const auto& unit : ratings) {
        const auto rated = std::count_if(unit.begin(), unit.end(),
                                         [](const auto& rating) { return rating.has_value(); });
        units += rated >= 2 ? 1 : 0;
    }
    return units;
}

AgreementValue withInterval(const Ratings& ratings, Measure measure, std::uint64_t seed,
                            int resamples) {
    AgreementValue result;
    result.units = pairable(ratings);
    result.value = measure(ratings, allUnits(ratings));
    // Units that cannot be paired tell nothing: only the others are drawn.
    std::vector<std::size_t> units;
    for (std::size_t i = 0; i < ratings.size(); ++i) {
        if (sumOf(countsOf(ratings[i])) >= 2) {
            units.push_back(i);
        }
    }
    if (result.value) {
        const Statistic statistic = [&](Sample sample) {
            std::vector<std::size_t> drawn;
            drawn.reserve(sample.size());
            for (const std::size_t place : sample) {
                drawn.push_back(units[place]);
            }
            return measure(ratings, drawn);
        };
        result.interval = bootstrap(units.size(), statistic, seed, resamples);
    }
    return result;
}

} // namespace

std::optional<double> percentAgreement(const Ratings& ratings) {
    return percentOf(ratings, allUnits(ratings));
}

std::optional<double> cohenKappa(const Ratings& ratings) {
    return kappaOf(ratings, allUnits(ratings));
}

std::optional<double> krippendorffAlpha(const Ratings& ratings) {
    return alphaOf(ratings, allUnits(ratings));
}

AgreementValue percentAgreementWithInterval(const Ratings& ratings, std::uint64_t seed,
                                            int resamples) {
    return withInterval(ratings, &percentOf, seed, resamples);
}

AgreementValue cohenKappaWithInterval(const Ratings& ratings, std::uint64_t seed, int resamples) {
    return withInterval(ratings, &kappaOf, seed, resamples);
}

AgreementValue krippendorffAlphaWithInterval(const Ratings& ratings, std::uint64_t seed,
                                             int resamples) {
    return withInterval(ratings, &alphaOf, seed, resamples);
}

} // namespace scrit::eval
