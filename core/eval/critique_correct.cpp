// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/critique_correct.h"

#include "core/eval/intervals.h"

#include <array>
#include <unordered_map>

namespace scrit::eval {
namespace {

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
    score.correctToCorrect = share(score.keptRight, score.rightBefore);
    score.correctToIncorrect = share(score.rightBefore - score.keptRight, score.rightBefore);
    score.incorrectToCorrect = share(score.madeRight, wrongBefore);
    score.incorrectToIncorrect = share(wrongBefore - score.madeRight, wrongBefore);
}

// The plain mean of the rates that there are.
std::optional<double> meanOf(std::span<const Proportion> rates) {
    double sum = 0;
    std::int64_t used = 0;
    for (const Proportion& one : rates) {
        if (const std::optional<double> value = share(one.successes, one.n)) {
            sum += *value;
            ++used;
        }
    }
    return used > 0 ? std::optional(sum / static_cast<double>(used)) : std::nullopt;
}

} // namespace

std::vector<CorrectionScore> scoreCorrections(std::span<const CorrectionItem> items) {
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
    std::vector<Proportion> rates;
    for (CorrectionScore& score : scores) {
        rates.push_back({score.right, score.n});
        score.accuracy = share(score.right, score.n);
        score.interval = wilson(score.right, score.n);
        fillTransitions(score);
    }
    macro.accuracy = meanOf(rates);
    macro.interval = meanOfRates(rates);
    fillTransitions(macro);
    scores.push_back(std::move(macro));
    return scores;
}

std::vector<BalancedScore> scoreBalanced(std::span<const CorrectionItem> items) {
    using Halves = std::array<Proportion, 2>; // of those right before, and of those wrong before
    std::vector<Halves> halves;
    std::vector<BalancedScore> scores;
    std::unordered_map<std::string_view, std::size_t> places;
    for (const CorrectionItem& item : items) {
        const auto [place, isNew] = places.try_emplace(item.dataset, scores.size());
        if (isNew) {
            scores.emplace_back().dataset = item.dataset;
            halves.emplace_back();
        }
        scores[place->second].n += 1;
        Proportion& half = halves[place->second][item.rightBefore ? 0 : 1];
        half.n += 1;
        half.successes += item.rightAfter.value_or(false) ? 1 : 0;
    }
    BalancedScore macro;
    std::vector<Proportion> all; // of the data sets that have both; each half counts the same
    for (std::size_t g = 0; g < scores.size(); ++g) {
        macro.n += scores[g].n;
        const Halves& both = halves[g];
        if (both[0].n > 0 && both[1].n > 0) {
            scores[g].value = meanOf(both);
            scores[g].interval = meanOfRates(both);
            all.insert(all.end(), both.begin(), both.end());
        }
    }
    macro.value = meanOf(all);
    macro.interval = meanOfRates(all);
    scores.push_back(std::move(macro));
    return scores;
}

} // namespace scrit::eval
