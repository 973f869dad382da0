// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/evaluation.h"
#include "core/store/reader.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::store {

// A solution (or a problem) as freezing sees it.
struct FreezeCandidate {
    std::int64_t id = 0;
    std::string key;             // content key
    std::string author;          // of solutions
    std::optional<bool> correct; // of solutions
};

// Problems of a selection that belong to a frozen set.
struct FrozenOverlap {
    std::string set;
    std::vector<std::int64_t> problems; // ascending
};

// Evaluations that another one is compared with; absent where there is none.
struct Baselines {
    std::optional<std::int64_t> base;     // of round 0, else of the model that training began with
    std::optional<std::int64_t> previous; // of the round before, else of the parent model
};

// The reading side of frozen sets and evaluations: constructed on a Reader, used by the same
// thread, as long as it lives.
class EvaluationReader {
public:
    explicit EvaluationReader(Reader& reader);

    [[nodiscard]] base::Expected<std::vector<model::FrozenSet>> sets();          // newest first
    [[nodiscard]] base::Expected<model::FrozenSet> set(const std::string& name); // NotFound
    // Members in order of id. Empty for a set of the other kind.
    [[nodiscard]] base::Expected<std::vector<std::int64_t>> solutions(std::int64_t setId);
    // The problems that its members are or belong to, in order of id.
    [[nodiscard]] base::Expected<std::vector<std::int64_t>> problems(std::int64_t setId);
    // Of all sets together, ascending: what must never be trained on.
    [[nodiscard]] base::Expected<std::vector<std::int64_t>> allProblems();
    // Computes the hash of the members anew; Corrupt when they are not those that were frozen.
    [[nodiscard]] base::Expected<void> checkSet(const model::FrozenSet& set);

    // What a filter gives to freeze from, in order of id. Invalid (filter).
    [[nodiscard]] base::Expected<std::vector<FreezeCandidate>>
    candidates(model::SubjectKind members, const std::string& filter);

    // Which problems of a selection (the rows of a list with a filter) belong to a frozen set, set
    // by set in order of their names; nothing when none does. The filter words evaluation:yes and
    // evaluation:no say the same row by row.
    [[nodiscard]] base::Expected<std::vector<FrozenOverlap>> overlap(ListOf of,
                                                                     const std::string& filter);
    // The same for problems by id.
    [[nodiscard]] base::Expected<std::vector<FrozenOverlap>>
    overlap(std::span<const std::int64_t> problemIds);
    // The same for what was written into a data set, by the row of dataset_export. Exports of
    // workspaces before this was noted have no members and so no overlap.
    [[nodiscard]] base::Expected<std::vector<FrozenOverlap>> overlapOfExport(std::int64_t exportId);
    // How many problems of a set are in data sets that were exported.
    [[nodiscard]] base::Expected<std::int64_t> problemsExported(std::int64_t setId);

    [[nodiscard]] base::Expected<std::vector<model::Evaluation>> evaluations(); // newest first
    [[nodiscard]] base::Expected<model::Evaluation> evaluation(std::int64_t evaluationId);
    // The evaluation that a run was made for.
    [[nodiscard]] base::Expected<std::optional<model::Evaluation>>
    evaluationOfRun(std::int64_t runId);
    // Of a round, oldest first.
    [[nodiscard]] base::Expected<std::vector<model::Evaluation>>
    evaluationsOfRound(std::int64_t roundId);
    // In order of solution and sample; empty before it is finished.
    [[nodiscard]] base::Expected<std::vector<model::EvaluationItem>>
    items(std::int64_t evaluationId);
    // In the order in which they were stored.
    [[nodiscard]] base::Expected<std::vector<model::EvaluationScore>>
    scores(std::int64_t evaluationId);
    // Finished evaluations on the same set, the newest where there are several.
    [[nodiscard]] base::Expected<Baselines> baselines(const model::Evaluation& evaluation);

    // What a run has found out about each solution it criticised, ended or not; in order of
    // solution and sample. `own` tells solutions that the run itself solved, `given` members of the
    // set.
    [[nodiscard]] base::Expected<std::vector<model::EvaluationItem>>
    itemsOfRun(std::int64_t runId, std::optional<std::int64_t> setId);

private:
    Reader& m_reader;
};

} // namespace scrit::store
