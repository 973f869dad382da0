// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/evaluation.h"
#include "core/loop/scores.h"
#include "core/model/evaluation.h"
#include "core/store/reader.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

// Private to core/loop: scores of evaluation items, wherever they come from. Pure functions but for
// the one that reads.
namespace scrit::loop {

// Items of which those of one judgement (one critic's samples for one solution) are neighbours.
class Judgements {
public:
    using Items = std::span<const model::EvaluationItem>;
    [[nodiscard]] std::size_t size() const { return m_begins.size(); }
    [[nodiscard]] Items operator[](std::size_t index) const {
        const std::size_t end = index + 1 < size() ? m_begins[index + 1] : m_items.size();
        return Items(m_items).subspan(m_begins[index], end - m_begins[index]);
    }
    [[nodiscard]] const std::vector<model::EvaluationItem>& items() const { return m_items; }
    // The next item; of a new judgement, or of the last one.
    void add(model::EvaluationItem&& item, bool isNew) {
        if (isNew) {
            m_begins.push_back(m_items.size());
        }
        m_items.push_back(std::move(item));
    }

private:
    std::vector<model::EvaluationItem> m_items;
    std::vector<std::size_t> m_begins;
};

// Items in order of solution and sample, each solution one judgement.
[[nodiscard]] Judgements bySolution(std::vector<model::EvaluationItem>&& items);

// Stored critiques: each critic and round that judged a solution is a judgement of it.
struct StoredJudgements {
    Judgements judgements;
    std::vector<std::pair<std::string, int>> critics; // and rounds, in order of first appearance
};
using SolutionTest = std::function<bool(std::int64_t solutionId, std::int64_t problemId)>;
// Of a filter; only solutions that `wanted` takes, where it is given.
[[nodiscard]] base::Expected<StoredJudgements>
readJudgements(store::Reader& reader, const std::string& filter, const SolutionTest& wanted);
// Whether a solution is in a frozen set (or its problem, of a set of problems); takes all for an
// empty name. NotFound.
[[nodiscard]] base::Expected<SolutionTest> memberTest(store::Reader& reader,
                                                      const std::string& set);

struct SuiteScores {
    std::vector<Score> scores;
    std::int64_t unlabelled = 0; // judgements (ei) or items (cc, clcs) that nothing can be said of
};
[[nodiscard]] SuiteScores scoreSuite(Suite suite, const Judgements& judgements, std::uint64_t seed);

// The changes of one suite on what both have judged: given solutions by solution, own ones by
// problem. Of several judgements of a solution the last one counts.
struct SuiteChanges {
    std::vector<Difference> differences;
    std::vector<ItemChange> items; // not of clcs, which has questions instead of items
};
[[nodiscard]] SuiteChanges compareSuite(Suite suite, const Judgements& before,
                                        const Judgements& after, std::uint64_t seed);

} // namespace scrit::loop
