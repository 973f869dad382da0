// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/scores.h"

#include "core/base/text.h"
#include "core/loop/score_items.h"
#include "core/store/evaluation_reader.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;

constexpr std::array<std::pair<Suite, std::string_view>, 3> kSuites{
    {{Suite::ErrorIdentification, "ei"},
     {Suite::CritiqueCorrect, "cc"},
     {Suite::ConfidenceCritique, "clcs"}}};

template<typename T>
void append(std::vector<T>& to, std::vector<T>&& from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

} // namespace

Expected<Suite> suiteNamed(std::string_view name) {
    for (const auto& [suite, known] : kSuites) {
        if (known == name) {
            return suite;
        }
    }
    return base::fail(base::ErrorCode::Invalid, "there is no suite '" + std::string(name) + "'",
                      "there are ei (first wrong step), cc (corrections) and clcs (confidence and "
                      "critique)");
}

Expected<std::vector<Suite>> suitesNamed(std::string_view names) {
    std::vector<Suite> suites;
    for (std::size_t at = 0; at <= names.size();) {
        const std::size_t comma = std::min(names.find(',', at), names.size());
        const auto suite = suiteNamed(base::trimmed(names.substr(at, comma - at)));
        if (!suite) {
            return base::fail(suite.error());
        }
        if (std::find(suites.begin(), suites.end(), *suite) == suites.end()) {
            suites.push_back(*suite);
        }
        at = comma + 1;
    }
    return suites;
}

std::string_view name(Suite suite) {
    return std::find_if(kSuites.begin(), kSuites.end(),
                        [&](const auto& known) { return known.first == suite; })
        ->second;
}

Expected<SolutionTest> memberTest(store::Reader& reader, const std::string& set) {
    if (set.empty()) {
        return SolutionTest{};
    }
    store::EvaluationReader sets(reader);
    const auto found = sets.set(set);
    if (!found) {
        return base::fail(found.error());
    }
    const bool ofProblems = found->members == model::SubjectKind::Problem;
    auto ids = ofProblems ? sets.problems(found->id) : sets.solutions(found->id);
    if (!ids) {
        return base::fail(ids.error());
    }
    return SolutionTest(
        [ofProblems, ids = std::move(*ids)](std::int64_t solutionId, std::int64_t problemId) {
            return std::binary_search(ids.begin(), ids.end(), ofProblems ? problemId : solutionId);
        });
}

Expected<Evaluation> evaluateStored(store::Workspace& workspace, const EvaluateOptions& options) {
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto wanted = memberTest(**reader, options.set);
    if (!wanted) {
        return base::fail(wanted.error());
    }
    const auto judged = readJudgements(**reader, options.filter, *wanted);
    if (!judged) {
        return base::fail(judged.error());
    }
    std::optional<StoredJudgements> before;
    if (options.against) {
        auto other = readJudgements(**reader, *options.against, *wanted);
        if (!other) {
            return base::fail(other.error());
        }
        before = std::move(*other);
    }
    Evaluation result;
    result.judgements = static_cast<std::int64_t>(judged->judgements.size());
    result.critiques = static_cast<std::int64_t>(judged->judgements.items().size());
    for (const Suite suite : options.suites) {
        SuiteScores scores = scoreSuite(suite, judged->judgements, options.seed);
        append(result.scores, std::move(scores.scores));
        result.unlabelled = std::max(result.unlabelled, scores.unlabelled);
        if (before) {
            append(result.differences,
                   compareSuite(suite, before->judgements, judged->judgements, options.seed)
                       .differences);
        }
    }
    return result;
}

} // namespace scrit::loop
