// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/comparison.h"

#include "core/eval/error_identification.h"
#include "core/eval/intervals.h"
#include "core/eval/resampling.h"

#include <array>
#include <map>
#include <unordered_map>

namespace scrit::eval {
namespace {

using Cells = std::span<const std::int64_t>;
enum class Side { Before, After };

// Eight cells for each data set: solution wrong or right, times right before or not, times after.
constexpr std::size_t kKinds = 8;
std::size_t kindOf(const PairedItem& item) {
    return (item.wrong ? 4U : 0U) + (item.before ? 2U : 0U) + (item.after ? 1U : 0U);
}

std::int64_t sizeOf(Cells cells, bool wrong) {
    std::int64_t sum = 0;
    for (std::size_t at = wrong ? 4 : 0; at < cells.size(); at += kKinds) {
        sum += cells[at] + cells[at + 1] + cells[at + 2] + cells[at + 3];
    }
    return sum;
}

std::int64_t hitsOf(Cells cells, bool wrong, Side side) {
    std::int64_t sum = 0;
    for (std::size_t at = wrong ? 4 : 0; at < cells.size(); at += kKinds) {
        sum += cells[at + 3] + cells[at + (side == Side::Before ? 2 : 1)];
    }
    return sum;
}

std::optional<double> f1(Cells cells, Side side) {
    return identificationF1(hitsOf(cells, true, side), sizeOf(cells, true),
                            hitsOf(cells, false, side), sizeOf(cells, false));
}
std::optional<double> ofWrong(Cells cells, Side side) {
    return share(hitsOf(cells, true, side), sizeOf(cells, true));
}
std::optional<double> ofRight(Cells cells, Side side) {
    return share(hitsOf(cells, false, side), sizeOf(cells, false));
}
std::optional<double> macroAccuracy(Cells cells, Side side) {
    double sum = 0;
    std::int64_t used = 0;
    for (std::size_t at = 0; at < cells.size(); at += kKinds) {
        const Cells one = cells.subspan(at, kKinds);
        if (const auto value = share(hitsOf(one, true, side) + hitsOf(one, false, side),
                                     sizeOf(one, true) + sizeOf(one, false))) {
            sum += *value;
            ++used;
        }
    }
    return used > 0 ? std::optional(sum / static_cast<double>(used)) : std::nullopt;
}

struct Metric {
    std::string_view name;
    std::optional<double> (*value)(Cells, Side);
    PairedClass of; // its denominator
};
constexpr std::array<Metric, 3> kIdentification{{{"f1", f1, PairedClass::All},
                                                 {"erroneous_acc", ofWrong, PairedClass::Wrong},
                                                 {"correct_acc", ofRight, PairedClass::Right}}};
constexpr std::array<Metric, 3> kCorrections{{{"cc_acc", macroAccuracy, PairedClass::All},
                                              {"c_to_c", ofRight, PairedClass::Right},
                                              {"i_to_c", ofWrong, PairedClass::Wrong}}};

bool leavesOutZero(const Interval& interval) {
    return interval.low > 0 || interval.high < 0;
}

void compareCells(const std::string& dataset, Cells cells, std::span<const Metric> metrics,
                  std::uint64_t seed, std::vector<PairedScore>& out) {
    const auto intervals = bootstrapCells(
        cells, metrics.size(),
        [metrics](Cells drawn, std::span<std::optional<double>> values) {
            for (std::size_t i = 0; i < metrics.size(); ++i) {
                const auto before = metrics[i].value(drawn, Side::Before);
                const auto after = metrics[i].value(drawn, Side::After);
                if (before && after) {
                    values[i] = *after - *before;
                }
            }
        },
        seed);
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const auto before = metrics[i].value(cells, Side::Before);
        const auto after = metrics[i].value(cells, Side::After);
        if (before && after && intervals[i]) {
            const PairedClass of = metrics[i].of;
            const std::int64_t n = (of != PairedClass::Right ? sizeOf(cells, true) : 0) +
                                   (of != PairedClass::Wrong ? sizeOf(cells, false) : 0);
            out.push_back({dataset, metrics[i].name, of, n, *before, *after, *intervals[i],
                           leavesOutZero(*intervals[i])});
        }
    }
}

std::vector<PairedScore> compareItems(std::span<const PairedItem> items,
                                      std::span<const Metric> metrics, std::uint64_t seed) {
    std::vector<std::string> datasets;
    std::unordered_map<std::string_view, std::size_t> places;
    std::vector<std::int64_t> cells;
    for (const PairedItem& item : items) {
        const auto [place, isNew] = places.try_emplace(item.dataset, datasets.size());
        if (isNew) {
            datasets.push_back(item.dataset);
            cells.resize(cells.size() + kKinds);
        }
        cells[place->second * kKinds + kindOf(item)] += 1;
    }
    std::vector<PairedScore> scores;
    for (std::size_t g = 0; g < datasets.size(); ++g) {
        compareCells(datasets[g], Cells(cells).subspan(g * kKinds, kKinds), metrics, seed, scores);
    }
    compareCells({}, cells, metrics, seed, scores);
    return scores;
}

} // namespace

std::vector<PairedScore> compareIdentification(std::span<const PairedItem> items,
                                               std::uint64_t seed) {
    return compareItems(items, kIdentification, seed);
}

std::vector<PairedScore> compareCorrections(std::span<const PairedItem> items, std::uint64_t seed) {
    return compareItems(items, kCorrections, seed);
}

std::vector<PairedScore> compareConfidence(std::span<const PairedQuestion> questions,
                                           std::uint64_t seed) {
    std::map<std::array<std::int64_t, 8>, std::int64_t> counts; // questions of equal counts
    for (const auto& [b, a] : questions) {
        counts[{b.rightBefore, b.wrongBefore, b.rightAfterRight, b.rightAfterWrong, a.rightBefore,
                a.wrongBefore, a.rightAfterRight, a.rightAfterWrong}] += 1;
    }
    std::vector<QuestionCounts> before;
    std::vector<QuestionCounts> after;
    std::vector<std::int64_t> cells;
    for (const auto& [kind, count] : counts) {
        before.push_back({kind[0], kind[1], kind[2], kind[3]});
        after.push_back({kind[4], kind[5], kind[6], kind[7]});
        cells.push_back(count);
    }
    const auto intervals = bootstrapCells(
        cells, kConfidenceCritiqueParts.size(),
        [&](Cells drawn, std::span<std::optional<double>> values) {
            const ConfidenceCritiqueScore one = scoreConfidenceCritique(before, drawn);
            const ConfidenceCritiqueScore two = scoreConfidenceCritique(after, drawn);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const auto part = kConfidenceCritiqueParts[i].second;
                if (one.*part && two.*part) {
                    values[i] = *(two.*part) - *(one.*part);
                }
            }
        },
        seed);
    const ConfidenceCritiqueScore one = scoreConfidenceCritique(before, cells);
    const ConfidenceCritiqueScore two = scoreConfidenceCritique(after, cells);
    std::vector<PairedScore> scores;
    for (std::size_t i = 0; i < intervals.size(); ++i) {
        const auto& [name, part] = kConfidenceCritiqueParts[i];
        if (one.*part && two.*part && intervals[i]) {
            scores.push_back({{},
                              name,
                              PairedClass::All,
                              two.questions,
                              *(one.*part),
                              *(two.*part),
                              *intervals[i],
                              leavesOutZero(*intervals[i])});
        }
    }
    return scores;
}

} // namespace scrit::eval
