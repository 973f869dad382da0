// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/error_identification.h"

#include "core/eval/intervals.h"
#include "core/eval/resampling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <unordered_map>

namespace scrit::eval {
namespace {

struct Tally {
    std::int64_t erroneous = 0;
    std::int64_t erroneousHits = 0;
    std::int64_t correct = 0;
    std::int64_t correctHits = 0;

    void add(bool hasError, bool hit) {
        (hasError ? erroneous : correct) += 1;
        (hasError ? erroneousHits : correctHits) += hit ? 1 : 0;
    }
    [[nodiscard]] std::optional<double> f1() const {
        return identificationF1(erroneousHits, erroneous, correctHits, correct);
    }
};

double harmonicMean(double a, double b) {
    return a + b > 0 ? 2 * a * b / (a + b) : 0;
}

// MOVER for a score that rises with both rates: what each limit alone would change, combined.
Interval intervalFromLimits(const Tally& tally) {
    const auto rate = [](std::int64_t part, std::int64_t all) {
        return static_cast<double>(part) / static_cast<double>(all);
    };
    const double a = rate(tally.erroneousHits, tally.erroneous);
    const double b = rate(tally.correctHits, tally.correct);
    const Interval ofA = wilson(tally.erroneousHits, tally.erroneous);
    const Interval ofB = wilson(tally.correctHits, tally.correct);
    const double f1 = harmonicMean(a, b);
    return {std::max(0.0,
                     f1 - std::hypot(f1 - harmonicMean(ofA.low, b), f1 - harmonicMean(a, ofB.low))),
            std::min(1.0, f1 + std::hypot(harmonicMean(ofA.high, b) - f1,
                                          harmonicMean(a, ofB.high) - f1))};
}

bool isSure(std::int64_t part, std::int64_t all) {
    return part == 0 || part == all;
}

IdentificationScore score(std::string dataset, const Tally& tally, std::int64_t missing,
                          std::uint64_t seed) {
    IdentificationScore out;
    out.dataset = std::move(dataset);
    out.missing = missing;
    out.erroneous = tally.erroneous;
    out.erroneousHits = tally.erroneousHits;
    out.correct = tally.correct;
    out.correctHits = tally.correctHits;
    out.erroneousAccuracy = share(tally.erroneousHits, tally.erroneous);
    out.correctAccuracy = share(tally.correctHits, tally.correct);
    out.f1 = tally.f1();
    if (out.f1 && (isSure(tally.erroneousHits, tally.erroneous) ||
                   isSure(tally.correctHits, tally.correct))) {
        out.f1Interval = intervalFromLimits(tally);
    } else if (out.f1) {
        const std::array<std::int64_t, 4> cells{
            tally.erroneousHits, tally.erroneous - tally.erroneousHits, tally.correctHits,
            tally.correct - tally.correctHits};
        out.f1Interval =
            bootstrapCells(
                cells, 1,
                [](std::span<const std::int64_t> drawn, std::span<std::optional<double>> values) {
                    values[0] = identificationF1(drawn[0], drawn[0] + drawn[1], drawn[2],
                                                 drawn[2] + drawn[3]);
                },
                seed)
                .front();
    }
    return out;
}

} // namespace

std::optional<double> identificationF1(std::int64_t erroneousHits, std::int64_t erroneous,
                                       std::int64_t correctHits, std::int64_t correct) {
    if (erroneous == 0 || correct == 0) {
        return std::nullopt;
    }
    const double a = static_cast<double>(erroneousHits) / static_cast<double>(erroneous);
    const double b = static_cast<double>(correctHits) / static_cast<double>(correct);
    return harmonicMean(a, b);
}

std::string_view protocolId(IdentificationProtocol protocol) {
    return protocol == IdentificationProtocol::Strict ? "ei-processbench/1" : "ei-scrit/1";
}

bool isHit(const IdentificationItem& item, IdentificationProtocol protocol) {
    if (!item.predictedStep) {
        return false;
    }
    if (protocol == IdentificationProtocol::Strict || item.goldStep == model::kNoError) {
        return *item.predictedStep == item.goldStep;
    }
    return *item.predictedStep != model::kNoError &&
           std::abs(*item.predictedStep - item.goldStep) <= 1 &&
           item.correctionIsRight.value_or(false);
}

std::vector<IdentificationScore> scoreIdentification(std::span<const IdentificationItem> items,
                                                     IdentificationProtocol protocol,
                                                     std::uint64_t seed) {
    struct Group {
        Tally tally;
        std::int64_t missing = 0;
        void add(const IdentificationItem& item, bool hit) {
            tally.add(item.goldStep != model::kNoError, hit);
            missing += item.predictedStep ? 0 : 1;
        }
    };
    std::vector<std::string> names; // in order of first appearance
    std::unordered_map<std::string_view, std::size_t> places;
    std::vector<Group> groups;
    Group all;
    for (const IdentificationItem& item : items) {
        const auto [place, isNew] = places.try_emplace(item.dataset, groups.size());
        if (isNew) {
            groups.emplace_back();
            names.push_back(item.dataset);
        }
        const bool hit = isHit(item, protocol);
        groups[place->second].add(item, hit);
        all.add(item, hit);
    }
    std::vector<IdentificationScore> scores;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        scores.push_back(score(std::move(names[g]), groups[g].tally, groups[g].missing, seed));
    }
    scores.push_back(score({}, all.tally, all.missing, seed));
    return scores;
}

std::optional<int> majorityStep(std::span<const std::optional<int>> predictions) {
    std::optional<int> best;
    std::ptrdiff_t bestVotes = 0;
    for (const std::optional<int>& candidate : predictions) {
        const std::ptrdiff_t votes = std::count(predictions.begin(), predictions.end(), candidate);
        if (candidate && votes > bestVotes) {
            best = candidate;
            bestVotes = votes;
        }
    }
    return best;
}

} // namespace scrit::eval
