// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_problems.h"

#include "core/store/evaluation_reader.h"

#include <utility>

namespace scrit::loop {

base::Expected<std::vector<std::int64_t>> problemsOfRun(store::RunReader& runs,
                                                        const RunRequest& request) {
    if (!request.problems.empty()) {
        return request.problems;
    }
    auto problems = runs.problemIds(request.filter, request.limit);
    if (problems && problems->empty()) {
        return base::fail(base::ErrorCode::Invalid, "no problem matches",
                          request.filter.empty() ? "import problems first" : "change the filter");
    }
    return problems;
}

base::Expected<SubjectsOfSet> subjectsOfSet(store::Reader& reader,
                                            const RunEvaluation& evaluation) {
    store::EvaluationReader sets(reader);
    const auto set = sets.set(evaluation.set);
    if (!set) {
        return base::fail(set.error());
    }
    auto solutions = sets.solutions(set->id);
    auto problems = evaluation.own ? sets.problems(set->id) : std::vector<std::int64_t>{};
    if (!solutions || !problems) {
        return base::fail(solutions ? problems.error() : solutions.error());
    }
    if (solutions->empty() && problems->empty()) {
        return base::fail(base::ErrorCode::Invalid,
                          "the frozen set \"" + set->name + "\" holds problems and no solutions",
                          "let the model criticise its own solutions of them (--own)");
    }
    return SubjectsOfSet{std::move(*problems), std::move(*solutions)};
}

} // namespace scrit::loop
