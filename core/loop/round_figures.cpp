// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/loop/evaluation.h"
#include "core/loop/round_report.h"
#include "core/loop/run_plan.h"
#include "core/loop/run_problems.h"
#include "core/loop/selection.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <unordered_map>

namespace scrit::loop {
namespace {

using base::Expected;
using base::fail;
using Ids = std::vector<std::int64_t>;

// Numbers inside names count as numbers: "level 2" comes before "level 10".
bool naturalLess(const std::string& a, const std::string& b) {
    const auto split = [](const std::string& text) {
        const std::size_t at = text.find_first_of("0123456789");
        std::int64_t number = -1;
        if (at != std::string::npos) {
            std::from_chars(text.data() + at, text.data() + text.size(), number);
        }
        return std::pair(text.substr(0, at), number);
    };
    const auto left = split(a);
    const auto right = split(b);
    return left != right ? left < right : a < b;
}

class Groups {
public:
    void add(const std::string& group, bool validated) {
        ValidationRate& rate = m_rates[group];
        ++rate.n;
        rate.validated += validated ? 1 : 0;
    }
    [[nodiscard]] std::vector<ValidationRate> list() const {
        std::vector<ValidationRate> rates;
        for (const auto& [group, rate] : m_rates) {
            rates.push_back(rate);
            rates.back().group = group;
        }
        std::sort(rates.begin(), rates.end(), [](const ValidationRate& a, const ValidationRate& b) {
            return naturalLess(a.group, b.group);
        });
        return rates;
    }

private:
    std::map<std::string, ValidationRate> m_rates;
};

Expected<Ids> problemsOf(store::Reader& reader, std::int64_t runId) {
    Ids problems;
    const auto read =
        reader.forEachRow({store::ListOf::Items, "run:" + std::to_string(runId) + " stage:select",
                           store::SortKey::Id, false},
                          [&](const store::TraceRow& row) -> Expected<bool> {
                              problems.push_back(row.problemId);
                              return true;
                          });
    return read ? Expected<Ids>(std::move(problems)) : fail(read.error());
}

// Students' solutions to the run's problems.
Expected<void> countSolutions(store::RunReader& runs, std::int64_t runId, const Ids& problems,
                              RoundFunnel& funnel) {
    for (std::size_t at = 0; at < problems.size(); at += kProblemsAtOnce) {
        const auto part =
            std::span(problems).subspan(at, std::min(kProblemsAtOnce, problems.size() - at));
        const auto rows = runs.solutionsOf(part);
        if (!rows) {
            return fail(rows.error());
        }
        Ids ids;
        for (const store::SelectableSolution& row : *rows) {
            if (row.student == kReferenceAuthor || row.student.ends_with(kInjectedSuffix)) {
                continue;
            }
            ids.push_back(row.solutionId);
            if (row.correct) {
                ++funnel.solutions;
                ++(*row.correct ? funnel.solutionsCorrect : funnel.solutionsIncorrect);
            }
        }
        const auto pairs = runs.references(runId, ids);
        if (!pairs) {
            return fail(pairs.error());
        }
        funnel.selected += static_cast<std::int64_t>(pairs->size());
    }
    return {};
}

std::optional<ScoreChange> changeOf(const EvaluationComparison& comparison,
                                    const model::EvaluationScore& score) {
    const auto found = std::find_if(
        comparison.differences.begin(), comparison.differences.end(), [&](const Difference& one) {
            return one.protocol == score.protocol && one.dataset == score.dataset &&
                   one.metric == score.metric;
        });
    if (found == comparison.differences.end()) {
        return std::nullopt;
    }
    ScoreChange change;
    change.value = found->after - found->before;
    change.interval = found->interval;
    change.significant = found->significant;
    if (found->tellsItems) {
        change.fixed = static_cast<std::int64_t>(found->fixed.size());
        change.broken = static_cast<std::int64_t>(found->broken.size());
    }
    return change;
}

} // namespace

Expected<void> addRunFigures(store::Workspace& workspace, std::int64_t runId, RoundReport& report) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::RunReader runs(**reader);
    RoundFunnel funnel;
    const auto problems = problemsOf(**reader, runId);
    if (!problems) {
        return fail(problems.error());
    }
    funnel.problems = static_cast<std::int64_t>(problems->size());
    if (auto counted = countSolutions(runs, runId, *problems, funnel); !counted) {
        return counted;
    }
    const auto answers = (*reader)->uniqueAnswersOf(*problems);
    if (!answers) {
        return fail(answers.error());
    }
    Groups byAnswers;
    Groups byLevel;
    const auto read = (*reader)->forEachRow(
        {store::ListOf::Critiques, "run:" + std::to_string(runId), store::SortKey::Id, false},
        [&](const store::TraceRow& row) -> Expected<bool> {
            ++funnel.critiques;
            funnel.parsed += row.conclusion && row.firstErrorStep ? 1 : 0;
            const bool matched = row.answerMatch == model::Outcome::Yes;
            funnel.answerMatched += matched ? 1 : 0;
            if (row.validated && *row.validated != model::Outcome::Undecided) {
                const bool passed = *row.validated == model::Outcome::Yes;
                ++funnel.judged;
                funnel.validated += passed ? 1 : 0;
                funnel.validatedMatched += passed && matched ? 1 : 0;
                const auto count = answers->find(row.problemId);
                byAnswers.add(std::to_string(count == answers->end() ? 0 : count->second), passed);
                if (!row.level.empty()) {
                    byLevel.add(row.level, passed);
                }
            }
            return true;
        });
    const auto stages = read ? runs.stageCounts(runId) : fail(read.error());
    if (!stages) {
        return fail(stages.error());
    }
    for (const store::StageCount& stage : *stages) {
        funnel.failed += stage.state == model::ItemState::Failed ? stage.count : 0;
    }
    report.runId = runId;
    report.funnel = funnel;
    report.validation = funnel.judged > 0
                            ? std::optional(ValidationRate{{}, funnel.judged, funnel.validated})
                            : std::nullopt;
    report.byAnswers = byAnswers.list();
    report.byLevel = byLevel.list();
    return {};
}

Expected<void> addEvaluation(store::Workspace& workspace, std::int64_t evaluationId,
                             std::int64_t base, std::int64_t previous, std::uint64_t seed,
                             RoundReport& report) {
    const auto evaluated = readEvaluation(workspace, evaluationId);
    if (!evaluated) {
        return fail(evaluated.error());
    }
    std::optional<EvaluationComparison> toBase;
    std::optional<EvaluationComparison> toPrevious;
    const auto compare = [&](std::int64_t before,
                             std::optional<EvaluationComparison>& into) -> Expected<void> {
        if (before == 0) {
            return {};
        }
        auto compared = compareEvaluations(workspace, before, evaluationId, seed);
        if (!compared) {
            return fail(std::move(compared.error()));
        }
        into = std::move(*compared);
        return {};
    };
    if (auto compared = compare(base, toBase); !compared) {
        return compared;
    }
    if (auto compared = compare(previous == base ? 0 : previous, toPrevious); !compared) {
        return compared;
    }
    const std::string& set = evaluated->evaluation.set;
    std::erase_if(report.scores, [&](const RoundScore& one) { return one.set == set; });
    for (const model::EvaluationScore& score : evaluated->scores) {
        RoundScore& one = report.scores.emplace_back();
        one.set = set;
        one.protocol = score.protocol;
        one.dataset = score.dataset;
        one.metric = score.metric;
        one.n = score.n;
        one.value = score.value;
        if (score.low && score.high) {
            one.interval = eval::Interval{*score.low, *score.high};
        }
        one.evaluationId = evaluationId;
        if (toBase) {
            one.toBase = changeOf(*toBase, score);
        }
        if (previous != 0) {
            one.toPrevious = previous == base ? one.toBase : changeOf(*toPrevious, score);
        }
    }
    return {};
}

} // namespace scrit::loop
