// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/score_items.h"

#include "core/eval/confidence_critique.h"
#include "core/eval/critique_correct.h"
#include "core/loop/identification.h"
#include "core/store/outcome_reader.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;
using model::EvaluationItem;

model::EvaluationItem itemOf(const store::CritiqueOutcome& outcome) {
    EvaluationItem item;
    item.solutionId = outcome.solutionId;
    item.problemId = outcome.problemId;
    item.critiqueId = outcome.critiqueId;
    item.dataset = outcome.source;
    item.goldStep = outcome.labelStep;
    item.solutionCorrect = outcome.solutionCorrect;
    item.saidStep = outcome.firstErrorStep;
    if (outcome.answer && *outcome.answer != model::Outcome::Undecided) {
        item.answerRight = *outcome.answer == model::Outcome::Yes;
    }
    return item;
}

// Figures of the totals are told from data sets by an empty name.
void nameDataset(EvaluationItem& item) {
    if (item.dataset.empty()) {
        item.dataset = "unnamed";
    }
}

std::optional<eval::Interval> wilsonOf(std::int64_t count, std::int64_t n) {
    return n > 0 ? std::optional(eval::wilson(count, n)) : std::nullopt;
}

// ---- ei

void scoreSteps(std::span<const eval::IdentificationItem> items, std::uint64_t seed,
                std::vector<Score>& scores) {
    for (const eval::IdentificationProtocol protocol : kIdentificationProtocols) {
        const std::string id(eval::protocolId(protocol));
        for (const eval::IdentificationScore& row :
             eval::scoreIdentification(items, protocol, seed)) {
            const std::int64_t n = row.erroneous + row.correct;
            scores.push_back({id, row.dataset, "f1", n, row.f1, row.f1Interval});
            scores.push_back({id, row.dataset, "erroneous_acc", row.erroneous,
                              row.erroneousAccuracy, wilsonOf(row.erroneousHits, row.erroneous)});
            scores.push_back({id, row.dataset, "correct_acc", row.correct, row.correctAccuracy,
                              wilsonOf(row.correctHits, row.correct)});
            scores.push_back({id, row.dataset, "missing", n, static_cast<double>(row.missing), {}});
        }
    }
}

// ---- cc and clcs: each critique counts for itself

struct Correction {
    std::int64_t problemId = 0;
    eval::CorrectionItem item;
};

void scoreAnswers(std::string_view protocol, std::span<const eval::CorrectionItem> items,
                  std::vector<Score>& scores) {
    const std::string id(protocol);
    for (const eval::CorrectionScore& row : eval::scoreCorrections(items)) {
        const std::int64_t wrong = row.n - row.rightBefore;
        const auto transition = [&](const char* metric, std::int64_t count, std::int64_t n,
                                    std::optional<double> value) {
            scores.push_back({id, row.dataset, metric, n, value, wilsonOf(count, n)});
        };
        scores.push_back({id, row.dataset, "cc_acc", row.n, row.accuracy, row.interval});
        transition("c_to_c", row.keptRight, row.rightBefore, row.correctToCorrect);
        transition("c_to_i", row.rightBefore - row.keptRight, row.rightBefore,
                   row.correctToIncorrect);
        transition("i_to_c", row.madeRight, wrong, row.incorrectToCorrect);
        transition("i_to_i", wrong - row.madeRight, wrong, row.incorrectToIncorrect);
        scores.push_back({id, row.dataset, "missing", row.n, static_cast<double>(row.missing), {}});
    }
}

// The sub-suites of what the set gives: wrong solutions alone, and both classes in balance.
void scoreSubSuites(std::span<const eval::CorrectionItem> items, std::vector<Score>& scores) {
    std::vector<eval::CorrectionItem> wrong;
    std::copy_if(items.begin(), items.end(), std::back_inserter(wrong),
                 [](const eval::CorrectionItem& item) { return !item.rightBefore; });
    if (!wrong.empty()) {
        const std::string id(eval::kCorrectIncorrectProtocol);
        for (const eval::CorrectionScore& row : eval::scoreCorrections(wrong)) {
            scores.push_back({id, row.dataset, "cc_acc", row.n, row.accuracy, row.interval});
        }
    }
    if (wrong.empty() || wrong.size() == items.size()) {
        return;
    }
    for (const eval::BalancedScore& row : eval::scoreBalanced(items)) {
        scores.push_back({std::string(eval::kCorrectBalancedProtocol), row.dataset, "cc_acc", row.n,
                          row.value, row.interval});
    }
}

void scoreConfidence(std::string_view protocol, std::span<const Correction> corrections,
                     std::uint64_t seed, std::vector<Score>& scores) {
    std::unordered_map<std::int64_t, std::size_t> places;
    std::vector<eval::QuestionCounts> questions;
    for (const auto& [problemId, item] : corrections) {
        const auto [place, isNew] = places.try_emplace(problemId, questions.size());
        if (isNew) {
            questions.emplace_back();
        }
        eval::QuestionCounts& counts = questions[place->second];
        const bool after = item.rightAfter.value_or(false);
        (item.rightBefore ? counts.rightBefore : counts.wrongBefore) += 1;
        (item.rightBefore ? counts.rightAfterRight : counts.rightAfterWrong) += after ? 1 : 0;
    }
    const eval::ConfidenceCritiqueScore all = eval::scoreConfidenceCritique(questions);
    const auto intervals = eval::confidenceCritiqueIntervals(questions, seed);
    for (std::size_t i = 0; i < intervals.size(); ++i) {
        const auto& [metric, part] = eval::kConfidenceCritiqueParts[i];
        scores.push_back({std::string(protocol), "", std::string(metric), all.questions, all.*part,
                          intervals[i]});
    }
}

// One selection's corrections, of given or of own solutions.
std::vector<Correction> correctionsOf(const Judgements& judgements, bool EvaluationItem::*kind,
                                      std::int64_t& unlabelled) {
    std::vector<Correction> items;
    for (const EvaluationItem& item : judgements.items()) {
        if (!(item.*kind)) {
            continue;
        }
        if (!item.solutionCorrect) {
            ++unlabelled;
            continue;
        }
        items.push_back({item.problemId, {item.dataset, *item.solutionCorrect, item.answerRight}});
    }
    return items;
}

void scoreCorrectionSuite(Suite suite, const Judgements& judgements, bool own, std::uint64_t seed,
                          SuiteScores& out) {
    const std::vector<Correction> corrections = correctionsOf(
        judgements, own ? &EvaluationItem::own : &EvaluationItem::given, out.unlabelled);
    if (suite == Suite::ConfidenceCritique) {
        scoreConfidence(own ? eval::kConfidenceOwnProtocol : eval::kConfidenceCritiqueProtocol,
                        corrections, seed, out.scores);
        return;
    }
    std::vector<eval::CorrectionItem> items;
    items.reserve(corrections.size());
    for (const Correction& correction : corrections) {
        items.push_back(correction.item);
    }
    scoreAnswers(own ? eval::kCorrectOwnProtocol : eval::kCritiqueCorrectProtocol, items,
                 out.scores);
    if (!own) {
        scoreSubSuites(items, out.scores);
    }
}

} // namespace

std::optional<Identified> identified(Judgements::Items judgement) {
    const EvaluationItem& first = judgement.front();
    if (!first.goldStep || !first.given) {
        return std::nullopt;
    }
    std::vector<std::optional<int>> steps;
    for (const EvaluationItem& item : judgement) {
        steps.push_back(item.saidStep);
    }
    Identified found;
    found.item.dataset = first.dataset;
    found.item.goldStep = *first.goldStep;
    found.item.predictedStep = eval::majorityStep(steps);
    // The correction is that of the first critique that says what the majority says.
    const auto speaker = std::find(steps.begin(), steps.end(), found.item.predictedStep);
    const auto place =
        speaker == steps.end() ? 0 : static_cast<std::size_t>(speaker - steps.begin());
    found.item.correctionIsRight = judgement[place].answerRight;
    found.critiqueId = judgement[place].critiqueId.value_or(0);
    return found;
}

Judgements bySolution(std::vector<EvaluationItem>&& items) {
    Judgements judgements;
    std::int64_t solution = 0;
    for (EvaluationItem& item : items) {
        const bool isNew = judgements.size() == 0 || item.solutionId != solution;
        solution = item.solutionId;
        nameDataset(item);
        judgements.add(std::move(item), isNew);
    }
    return judgements;
}

Expected<StoredJudgements> readJudgements(store::Reader& reader, const std::string& filter,
                                          const SolutionTest& wanted) {
    StoredJudgements found;
    struct Waiting { // critiques of the solution at hand
        std::size_t critic;
        EvaluationItem item;
    };
    std::vector<Waiting> waiting;
    const auto flush = [&] {
        std::stable_sort(waiting.begin(), waiting.end(),
                         [](const Waiting& a, const Waiting& b) { return a.critic < b.critic; });
        int sample = 0;
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            const bool isNew = i == 0 || waiting[i].critic != waiting[i - 1].critic;
            sample = isNew ? 0 : sample + 1;
            waiting[i].item.sample = sample;
            found.judgements.add(std::move(waiting[i].item), isNew);
        }
        waiting.clear();
    };
    std::int64_t solution = -1;
    bool take = false;
    const Expected<void> read =
        store::OutcomeReader(reader).forEach(filter, [&](const store::CritiqueOutcome& outcome) {
            if (outcome.solutionId != solution) {
                flush();
                solution = outcome.solutionId;
                take = !wanted || wanted(solution, outcome.problemId);
            }
            if (!take) {
                return true;
            }
            const auto critic =
                std::find_if(found.critics.rbegin(), found.critics.rend(), [&](const auto& known) {
                    return known.second == outcome.round && known.first == outcome.critic;
                });
            std::size_t place = found.critics.size();
            if (critic == found.critics.rend()) {
                found.critics.emplace_back(outcome.critic, outcome.round);
            } else {
                place = static_cast<std::size_t>(found.critics.rend() - critic) - 1;
            }
            waiting.push_back({place, itemOf(outcome)});
            nameDataset(waiting.back().item);
            return true;
        });
    flush();
    return read ? Expected<StoredJudgements>(std::move(found)) : base::fail(read.error());
}

SuiteScores scoreSuite(Suite suite, const Judgements& judgements, std::uint64_t seed) {
    SuiteScores out;
    const auto any = [&](bool EvaluationItem::*kind) {
        return std::any_of(judgements.items().begin(), judgements.items().end(),
                           [&](const EvaluationItem& item) { return item.*kind; });
    };
    const bool own = any(&EvaluationItem::own);
    const bool given = !own || any(&EvaluationItem::given);
    if (suite != Suite::ErrorIdentification) {
        if (given) {
            scoreCorrectionSuite(suite, judgements, false, seed, out);
        }
        if (own) {
            scoreCorrectionSuite(suite, judgements, true, seed, out);
        }
        return out;
    }
    std::vector<eval::IdentificationItem> items;
    for (std::size_t i = 0; i < judgements.size(); ++i) {
        if (auto found = identified(judgements[i])) {
            items.push_back(std::move(found->item));
        } else if (judgements[i].front().given) {
            ++out.unlabelled;
        }
    }
    if (given) {
        scoreSteps(items, seed, out.scores);
    }
    return out;
}

} // namespace scrit::loop
