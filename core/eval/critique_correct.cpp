// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/critique_correct.h"

#include <algorithm>
#include <numeric>

namespace scrit::eval {
namespace {

std::optional<double> rate(std::int64_t part, std::int64_t all) {
    return all > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(all))
                   : std::nullopt;
}

void add(CorrectionScore& score, const CorrectionItem& item) {
    const bool after = item.rightAfter.value_or(false);
    score.n += 1;
    score.right += after ? 1 : 0;
    score.rightBefore += item.rightBefore ? 1 : 0;
    score.keptRight += item.rightBefore && after ? 1 : 0;
    score.madeRight += !item.rightBefore && after ? 1 : 0;
    score.missing += item.rightAfter ? 0 : 1;
}

void fillTransitions(CorrectionScore& score) {
    const std::int64_t wrongBefore = score.n - score.rightBefore;
    score.correctToCorrect = rate(score.keptRight, score.rightBefore);
    score.correctToIncorrect = rate(score.rightBefore - score.keptRight, score.rightBefore);
    score.incorrectToCorrect = rate(score.madeRight, wrongBefore);
    score.incorrectToIncorrect = rate(wrongBefore - score.madeRight, wrongBefore);
}

// Mean of the data sets' accuracies on a resample; a data set that was not drawn is left out.
std::optional<double> macroAccuracy(std::span<const std::size_t> sample,
                                    const std::vector<std::size_t>& groupOf,
                                    const std::vector<bool>& right, std::size_t groups) {
    std::vector<std::int64_t> drawn(groups, 0);
    std::vector<std::int64_t> hits(groups, 0);
    for (const std::size_t i : sample) {
        drawn[groupOf[i]] += 1;
        hits[groupOf[i]] += right[i] ? 1 : 0;
    }
    double sum = 0;
    std::int64_t used = 0;
    for (std::size_t g = 0; g < groups; ++g) {
        if (const std::optional<double> value = rate(hits[g], drawn[g])) {
            sum += *value;
            ++used;
        }
    }
    return used > 0 ? std::optional(sum / static_cast<double>(used)) : std::nullopt;
}

} // namespace

std::vector<CorrectionScore> scoreCorrections(std::span<const CorrectionItem> items,
                                              std::uint64_t seed) {
    std::vector<CorrectionScore> scores;
    std::vector<std::size_t> groupOf;
    std::vector<bool> right;
    CorrectionScore macro;
    for (const CorrectionItem& item : items) {
        auto row = std::find_if(scores.begin(), scores.end(), [&](const CorrectionScore& known) {
            return known.dataset == item.dataset;
        });
        if (row == scores.end()) {
            row = scores.insert(scores.end(), CorrectionScore{});
            row->dataset = item.dataset;
        }
        groupOf.push_back(static_cast<std::size_t>(row - scores.begin()));
        right.push_back(item.rightAfter.value_or(false));
        add(*row, item);
        add(macro, item);
    }
    for (CorrectionScore& score : scores) {
        score.accuracy = rate(score.right, score.n);
        score.interval = wilson(score.right, score.n);
        fillTransitions(score);
    }
    const auto statistic = [&](std::span<const std::size_t> sample) {
        return macroAccuracy(sample, groupOf, right, scores.size());
    };
    std::vector<std::size_t> all(items.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    macro.accuracy = statistic(all);
    macro.interval = bootstrap(items.size(), statistic, seed);
    fillTransitions(macro);
    scores.push_back(std::move(macro));
    return scores;
}

} // namespace scrit::eval
