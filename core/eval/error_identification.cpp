// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/error_identification.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

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

IdentificationScore score(std::string dataset, std::span<const IdentificationItem> items,
                          const std::vector<std::size_t>& members, IdentificationProtocol protocol,
                          std::uint64_t seed) {
    IdentificationScore out;
    out.dataset = std::move(dataset);
    std::vector<bool> hits;
    std::vector<bool> errors;
    Tally tally;
    for (const std::size_t member : members) {
        const IdentificationItem& item = items[member];
        hits.push_back(isHit(item, protocol));
        errors.push_back(item.goldStep != model::kNoError);
        out.missing += item.predictedStep ? 0 : 1;
        tally.add(errors.back(), hits.back());
    }
    out.erroneous = tally.erroneous;
    out.erroneousHits = tally.erroneousHits;
    out.correct = tally.correct;
    out.correctHits = tally.correctHits;
    const auto rate = [](std::int64_t part, std::int64_t all) {
        return all > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(all))
                       : std::nullopt;
    };
    out.erroneousAccuracy = rate(tally.erroneousHits, tally.erroneous);
    out.correctAccuracy = rate(tally.correctHits, tally.correct);
    out.f1 = tally.f1();
    if (out.f1) {
        out.f1Interval = bootstrap(
            members.size(),
            [&](std::span<const std::size_t> sample) {
                Tally drawn;
                for (const std::size_t i : sample) {
                    drawn.add(errors[i], hits[i]);
                }
                return drawn.f1();
            },
            seed);
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
    return a + b > 0 ? 2 * a * b / (a + b) : 0;
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
    std::vector<std::pair<std::string, std::vector<std::size_t>>> groups;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& known) {
            return known.first == items[i].dataset;
        });
        if (group == groups.end()) {
            group = groups.insert(groups.end(), {items[i].dataset, {}});
        }
        group->second.push_back(i);
    }
    std::vector<IdentificationScore> scores;
    for (auto& [dataset, members] : groups) {
        scores.push_back(score(dataset, items, members, protocol, seed));
    }
    std::vector<std::size_t> all(items.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    scores.push_back(score({}, items, all, protocol, seed));
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
