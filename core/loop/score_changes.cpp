// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/comparison.h"
#include "core/eval/critique_correct.h"
#include "core/loop/identification.h"
#include "core/loop/score_items.h"

#include <map>
#include <utility>

namespace scrit::loop {
namespace {

using model::EvaluationItem;
using Items = Judgements::Items;

// What both have judged.
struct Match {
    Items before;
    Items after;
};

// By solution, or own solutions by problem (the two sides wrote different ones).
std::vector<Match> matches(const Judgements& before, const Judgements& after, bool own) {
    std::map<std::pair<std::int64_t, std::int64_t>, Match> found; // problem, solution
    const auto add = [&](const Judgements& judgements, Items Match::*side) {
        for (std::size_t i = 0; i < judgements.size(); ++i) {
            const EvaluationItem& first = judgements[i].front();
            if (own ? first.own : first.given) {
                found[{first.problemId, own ? 0 : first.solutionId}].*side = judgements[i];
            }
        }
    };
    add(before, &Match::before);
    add(after, &Match::after);
    std::vector<Match> both;
    for (const auto& [key, match] : found) {
        if (!match.before.empty() && !match.after.empty()) {
            both.push_back(match);
        }
    }
    return both;
}

ItemChange changeOf(const Match& match, std::string_view protocol) {
    ItemChange change;
    change.protocol = protocol;
    change.dataset = match.after.front().dataset;
    change.problemId = match.after.front().problemId;
    change.solutionBefore = match.before.front().solutionId;
    change.solutionAfter = match.after.front().solutionId;
    return change;
}

// What was judged on both sides, and what became of it; the same places.
struct Pairs {
    std::vector<eval::PairedItem> items;
    std::vector<ItemChange> changes;
};

bool isAbout(eval::PairedClass of, const eval::PairedItem& item) {
    return of == eval::PairedClass::All || item.wrong == (of == eval::PairedClass::Wrong);
}

void addDifferences(std::string_view protocol, std::vector<eval::PairedScore>&& scores,
                    const Pairs& pairs, std::vector<Difference>& out) {
    for (eval::PairedScore& score : scores) {
        Difference row;
        row.protocol = protocol;
        row.dataset = std::move(score.dataset);
        row.metric = score.metric;
        row.n = score.n;
        row.before = score.before;
        row.after = score.after;
        row.interval = score.interval;
        row.significant = score.significant;
        row.tellsItems = !pairs.items.empty();
        for (std::size_t i = 0; i < pairs.items.size(); ++i) {
            const ItemChange& change = pairs.changes[i];
            if (isAbout(score.of, pairs.items[i]) && change.before != change.after &&
                (row.dataset.empty() || row.dataset == change.dataset)) {
                (change.after ? row.fixed : row.broken).push_back(change.critiqueAfter);
            }
        }
        out.push_back(std::move(row));
    }
}

void compareSteps(const std::vector<Match>& both, std::uint64_t seed, SuiteChanges& out) {
    for (const eval::IdentificationProtocol protocol : kIdentificationProtocols) {
        Pairs pairs;
        for (const Match& match : both) {
            const auto before = identified(match.before);
            const auto after = identified(match.after);
            if (!before || !after) {
                continue;
            }
            ItemChange change = changeOf(match, eval::protocolId(protocol));
            change.before = eval::isHit(before->item, protocol);
            change.after = eval::isHit(after->item, protocol);
            change.critiqueBefore = before->critiqueId;
            change.critiqueAfter = after->critiqueId;
            pairs.items.push_back({change.dataset, after->item.goldStep != model::kNoError,
                                   change.before, change.after});
            pairs.changes.push_back(std::move(change));
        }
        addDifferences(eval::protocolId(protocol), eval::compareIdentification(pairs.items, seed),
                       pairs, out.differences);
        std::move(pairs.changes.begin(), pairs.changes.end(), std::back_inserter(out.items));
    }
}

void compareAnswers(const std::vector<Match>& both, std::string_view protocol, std::uint64_t seed,
                    SuiteChanges& out) {
    Pairs pairs;
    for (const Match& match : both) {
        // Sample by sample; what one side has more of is left out.
        for (std::size_t s = 0; s < std::min(match.before.size(), match.after.size()); ++s) {
            const EvaluationItem& before = match.before[s];
            const EvaluationItem& after = match.after[s];
            if (!after.solutionCorrect) {
                continue;
            }
            ItemChange change = changeOf(match, protocol);
            change.sample = static_cast<int>(s);
            change.before = before.answerRight.value_or(false);
            change.after = after.answerRight.value_or(false);
            change.critiqueBefore = before.critiqueId.value_or(0);
            change.critiqueAfter = after.critiqueId.value_or(0);
            pairs.items.push_back(
                {change.dataset, !*after.solutionCorrect, change.before, change.after});
            pairs.changes.push_back(std::move(change));
        }
    }
    addDifferences(protocol, eval::compareCorrections(pairs.items, seed), pairs, out.differences);
    std::move(pairs.changes.begin(), pairs.changes.end(), std::back_inserter(out.items));
}

void addCounts(Items items, eval::QuestionCounts& counts) {
    for (const EvaluationItem& item : items) {
        if (!item.solutionCorrect) {
            continue;
        }
        const bool after = item.answerRight.value_or(false);
        (*item.solutionCorrect ? counts.rightBefore : counts.wrongBefore) += 1;
        (*item.solutionCorrect ? counts.rightAfterRight : counts.rightAfterWrong) += after ? 1 : 0;
    }
}

void compareQuestions(const std::vector<Match>& both, std::string_view protocol, std::uint64_t seed,
                      SuiteChanges& out) {
    std::map<std::int64_t, eval::PairedQuestion> byProblem;
    for (const Match& match : both) {
        eval::PairedQuestion& question = byProblem[match.after.front().problemId];
        addCounts(match.before, question.before);
        addCounts(match.after, question.after);
    }
    std::vector<eval::PairedQuestion> questions;
    questions.reserve(byProblem.size());
    for (const auto& [problem, question] : byProblem) {
        questions.push_back(question);
    }
    addDifferences(protocol, eval::compareConfidence(questions, seed), {}, out.differences);
}

} // namespace

SuiteChanges compareSuite(Suite suite, const Judgements& before, const Judgements& after,
                          std::uint64_t seed) {
    SuiteChanges out;
    const std::vector<Match> given = matches(before, after, false);
    if (suite == Suite::ErrorIdentification) {
        compareSteps(given, seed, out);
        return out;
    }
    const std::vector<Match> own = matches(before, after, true);
    if (suite == Suite::CritiqueCorrect) {
        compareAnswers(given, eval::kCritiqueCorrectProtocol, seed, out);
        compareAnswers(own, eval::kCorrectOwnProtocol, seed, out);
    } else {
        compareQuestions(given, eval::kConfidenceCritiqueProtocol, seed, out);
        compareQuestions(own, eval::kConfidenceOwnProtocol, seed, out);
    }
    return out;
}

} // namespace scrit::loop
