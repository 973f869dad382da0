// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/critique_correct.h"

#include "core/eval/resampling.h"

#include <unordered_map>

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

// Mean over the data sets of one accuracy each; a data set without one is left out. Cells 2g and
// 2g + 1 are the right and the wrong items of data set g.
std::optional<double> macroAccuracy(std::span<const std::int64_t> cells) {
    double sum = 0;
    std::int64_t used = 0;
    for (std::size_t g = 0; g + 1 < cells.size(); g += 2) {
        if (const std::optional<double> value = rate(cells[g], cells[g] + cells[g + 1])) {
            sum += *value;
            ++used;
        }
    }
    return used > 0 ? std::optional(sum / static_cast<double>(used)) : std::nullopt;
}

// Of one data set: right and wrong after, of those right before, then of those wrong before.
std::optional<double> balancedAccuracy(std::span<const std::int64_t> four) {
    const auto kept = rate(four[0], four[0] + four[1]);
    const auto mended = rate(four[2], four[2] + four[3]);
    return kept && mended ? std::optional((*kept + *mended) / 2) : std::nullopt;
}

std::optional<double> macroBalanced(std::span<const std::int64_t> cells) {
    double sum = 0;
    std::int64_t used = 0;
    for (std::size_t at = 0; at + 3 < cells.size(); at += 4) {
        if (const std::optional<double> value = balancedAccuracy(cells.subspan(at, 4))) {
            sum += *value;
            ++used;
        }
    }
    return used > 0 ? std::optional(sum / static_cast<double>(used)) : std::nullopt;
}

using Figure = std::optional<double> (*)(std::span<const std::int64_t>);

std::optional<Interval> intervalOf(std::span<const std::int64_t> cells, Figure figure,
                                   std::uint64_t seed) {
    return bootstrapCells(
               cells, 1,
               [figure](std::span<const std::int64_t> drawn,
                        std::span<std::optional<double>> values) { values[0] = figure(drawn); },
               seed)
        .front();
}

} // namespace

std::vector<CorrectionScore> scoreCorrections(std::span<const CorrectionItem> items,
                                              std::uint64_t seed) {
    std::vector<CorrectionScore> scores;
    std::unordered_map<std::string_view, std::size_t> places;
    CorrectionScore macro;
    for (const CorrectionItem& item : items) {
        const auto [place, isNew] = places.try_emplace(item.dataset, scores.size());
        if (isNew) {
            scores.emplace_back().dataset = item.dataset;
        }
        add(scores[place->second], item);
        add(macro, item);
    }
    std::vector<std::int64_t> cells;
    for (CorrectionScore& score : scores) {
        cells.push_back(score.right);
        cells.push_back(score.n - score.right);
        score.accuracy = rate(score.right, score.n);
        score.interval = wilson(score.right, score.n);
        fillTransitions(score);
    }
    macro.accuracy = macroAccuracy(cells);
    macro.interval = intervalOf(cells, macroAccuracy, seed);
    fillTransitions(macro);
    scores.push_back(std::move(macro));
    return scores;
}

std::vector<BalancedScore> scoreBalanced(std::span<const CorrectionItem> items,
                                         std::uint64_t seed) {
    std::vector<std::int64_t> cells;
    std::vector<BalancedScore> scores;
    std::unordered_map<std::string_view, std::size_t> places;
    for (const CorrectionItem& item : items) {
        const auto [place, isNew] = places.try_emplace(item.dataset, scores.size());
        if (isNew) {
            scores.emplace_back().dataset = item.dataset;
            cells.resize(cells.size() + 4);
        }
        scores[place->second].n += 1;
        cells[place->second * 4 + (item.rightBefore ? 0 : 2) +
              (item.rightAfter.value_or(false) ? 0 : 1)] += 1;
    }
    BalancedScore macro;
    for (std::size_t g = 0; g < scores.size(); ++g) {
        const std::span<const std::int64_t> four = std::span(cells).subspan(g * 4, 4);
        scores[g].value = balancedAccuracy(four);
        if (scores[g].value) {
            scores[g].interval = intervalOf(four, balancedAccuracy, seed);
        }
        macro.n += scores[g].n;
    }
    macro.value = macroBalanced(cells);
    if (macro.value) {
        macro.interval = intervalOf(cells, macroBalanced, seed);
    }
    scores.push_back(std::move(macro));
    return scores;
}

} // namespace scrit::eval
