// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/selection.h"

#include "core/base/hash.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace scrit::loop {
namespace {

// A random rank of a candidate for one purpose. Hanging it on the content key instead of on a
// position makes choices independent of order and of other rows.
std::uint64_t rankOf(const Candidate& candidate, std::uint64_t seed, std::string_view purpose) {
    return base::hash64(candidate.key, base::hash64(purpose, seed));
}

// The solutions of one problem.
struct Classes {
    std::vector<const Candidate*> correct;
    std::vector<const Candidate*> incorrect;
    const Candidate* own = nullptr; // the problem's reference solution
};

// The reference for a candidate: the problem's own, or the correct solution of its problem that
// comes first in an order made for this candidate alone, so that many candidates of one problem do
// not share one reference.
const Candidate* referenceFor(const Candidate& candidate, const Classes& classes,
                              const SelectionSettings& settings) {
    if (settings.reference != ReferenceSource::Solutions && classes.own != nullptr) {
        return classes.own;
    }
    if (settings.reference == ReferenceSource::Problem) {
        return nullptr;
    }
    const std::uint64_t own = rankOf(candidate, settings.seed, "reference");
    const Candidate* best = nullptr;
    std::uint64_t bestRank = 0;
    for (const Candidate* other : classes.correct) {
        if (other->solutionId == candidate.solutionId) {
            continue;
        }
        const std::uint64_t rank = base::hash64(other->key, own);
        if (best == nullptr || std::tie(rank, other->key) < std::tie(bestRank, best->key)) {
            best = other;
            bestRank = rank;
        }
    }
    return best;
}

} // namespace

std::string_view name(ReferenceSource source) {
    switch (source) {
    case ReferenceSource::Solutions:
        return "solutions";
    case ReferenceSource::Problem:
        return "problem";
    case ReferenceSource::Either:
        return "either";
    }
    return "solutions";
}

std::optional<ReferenceSource> referenceSourceFromName(std::string_view text) {
    for (const ReferenceSource source :
         {ReferenceSource::Solutions, ReferenceSource::Problem, ReferenceSource::Either}) {
        if (name(source) == text) {
            return source;
        }
    }
    return std::nullopt;
}

std::uint64_t capRank(const Candidate& candidate, std::uint64_t seed) {
    return rankOf(candidate, seed, "cap");
}

std::vector<Pairing> selectAndPair(std::span<const Candidate> candidates,
                                   const SelectionSettings& settings, SelectionCounts& counts) {
    counts = {};
    std::map<std::int64_t, Classes> problems;
    for (const Candidate& candidate : candidates) {
        Classes& classes = problems[candidate.problemId];
        if (candidate.reference) {
            classes.own = candidate.correct ? &candidate : classes.own;
        } else {
            (candidate.correct ? classes.correct : classes.incorrect).push_back(&candidate);
            ++counts.candidates;
        }
    }

    struct Choice {
        const Candidate* candidate;
        const Candidate* reference;
    };
    std::map<std::pair<std::string, bool>, std::vector<Choice>> byStudentAndClass;
    for (const auto& [problem, classes] : problems) {
        const bool ownServes =
            settings.reference != ReferenceSource::Solutions && classes.own != nullptr;
        const bool enough = ownServes || settings.reference == ReferenceSource::Problem ||
                            !settings.needBothClasses ||
                            (!classes.correct.empty() && !classes.incorrect.empty());
        for (const std::vector<const Candidate*>* group : {&classes.correct, &classes.incorrect}) {
            for (const Candidate* candidate : *group) {
                if (!enough) {
                    ++counts.oneClassOnly;
                    continue;
                }
                const Candidate* reference = referenceFor(*candidate, classes, settings);
                if (reference == nullptr) {
                    ++counts.withoutReference;
                    continue;
                }
                byStudentAndClass[{candidate->student, candidate->correct}].push_back(
                    {candidate, reference});
            }
        }
    }

    std::vector<Pairing> pairs;
    for (auto& [group, choices] : byStudentAndClass) {
        const std::size_t cap = static_cast<std::size_t>(
            settings.capPerStudentAndClass.value_or(static_cast<std::int64_t>(choices.size())));
        if (choices.size() > cap) {
            std::sort(choices.begin(), choices.end(), [&](const Choice& a, const Choice& b) {
                const std::uint64_t rankA = capRank(*a.candidate, settings.seed);
                const std::uint64_t rankB = capRank(*b.candidate, settings.seed);
                return std::tie(rankA, a.candidate->key) < std::tie(rankB, b.candidate->key);
            });
            counts.overCap += static_cast<std::int64_t>(choices.size() - cap);
            choices.resize(cap);
        }
        for (const Choice& choice : choices) {
            pairs.push_back({choice.candidate->solutionId, choice.reference->solutionId,
                             choice.candidate->correct});
        }
    }
    std::sort(pairs.begin(), pairs.end(),
              [](const Pairing& a, const Pairing& b) { return a.solutionId < b.solutionId; });
    counts.kept = static_cast<std::int64_t>(pairs.size());
    return pairs;
}

} // namespace scrit::loop
