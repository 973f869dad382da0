// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/audit.h"
#include "core/review/facts.h"
#include "core/store/review_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace scrit::review {
namespace {

using base::Expected;
using base::fail;

constexpr std::array<Question, 3> kQuestions = {Question::Validity, Question::FirstError,
                                                Question::Correction};

// What a judgement answers to a question, as a category.
std::optional<int> answerTo(Question question, const Judgement& judgement,
                            const MachineOpinion& machine) {
    switch (question) {
    case Question::Validity:
        if (const auto validity = validityOf(judgement, machine)) {
            return static_cast<int>(*validity);
        }
        return std::nullopt;
    case Question::FirstError:
        return firstErrorOf(judgement);
    case Question::Correction:
        return judgement.correctionUsable ? std::optional(*judgement.correctionUsable ? 1 : 0)
                                          : std::nullopt;
    }
    return std::nullopt;
}

// By critique, then annotator.
using Answers = std::vector<std::map<std::string, int>>;

AgreementRow rowOf(Question question, const Answers& answers,
                   const std::vector<std::string>& annotators, std::uint64_t seed, int resamples) {
    eval::Ratings ratings;
    for (const auto& critique : answers) {
        std::vector<std::optional<int>>& unit = ratings.emplace_back();
        for (const std::string& annotator : annotators) {
            const auto found = critique.find(annotator);
            unit.push_back(found == critique.end() ? std::nullopt : std::optional(found->second));
        }
    }
    AgreementRow row;
    row.question = question;
    row.annotators = annotators;
    row.percent = eval::percentAgreementWithInterval(ratings, seed, resamples);
    row.alpha = eval::krippendorffAlphaWithInterval(ratings, seed, resamples);
    if (annotators.size() == 2) {
        row.kappa = eval::cohenKappaWithInterval(ratings, seed, resamples);
    }
    return row;
}

} // namespace

std::string_view name(Question question) {
    switch (question) {
    case Question::Validity:
        return "validity";
    case Question::FirstError:
        return "first-error";
    case Question::Correction:
        break;
    }
    return "correction";
}

Expected<AgreementReport> reviewerAgreement(store::Reader& reader,
                                            std::optional<std::int64_t> planId, std::uint64_t seed,
                                            int resamples) {
    store::ReviewReader reviews(reader);
    std::array<Answers, kQuestions.size()> answers;
    std::map<std::string, bool> annotators;
    AgreementReport report;
    auto read = reviews.forEachAnnotated(
        planId, 0,
        [&](std::int64_t critiqueId,
            const std::vector<model::Annotation>& annotations) -> Expected<bool> {
            std::vector<Judgement> judgements = judgementsOf(annotations);
            std::erase_if(judgements,
                          [](const Judgement& one) { return isAdjudicator(one.annotator); });
            for (const Judgement& judgement : judgements) {
                annotators[judgement.annotator] = true;
            }
            if (judgements.size() < 2) {
                return true;
            }
            const auto facts = reviews.facts(critiqueId);
            if (!facts) {
                return fail(facts.error());
            }
            if (!*facts) {
                return true;
            }
            ++report.items;
            for (std::size_t i = 0; i < kQuestions.size(); ++i) {
                std::map<std::string, int>& unit = answers.at(i).emplace_back();
                for (const Judgement& judgement : judgements) {
                    if (const auto answer =
                            answerTo(kQuestions.at(i), judgement, opinionOf(**facts))) {
                        unit[judgement.annotator] = *answer;
                    }
                }
            }
            return true;
        });
    if (!read) {
        return fail(std::move(read.error()));
    }
    for (const auto& entry : annotators) {
        report.annotators.push_back(entry.first);
    }
    const std::vector<std::string>& all = report.annotators;
    for (std::size_t i = 0; i < kQuestions.size() && all.size() >= 2; ++i) {
        const Question question = kQuestions.at(i);
        report.rows.push_back(rowOf(question, answers.at(i), all, seed, resamples));
        for (std::size_t a = 0; a < all.size() && all.size() > 2; ++a) {
            for (std::size_t b = a + 1; b < all.size(); ++b) {
                report.rows.push_back(
                    rowOf(question, answers.at(i), {all[a], all[b]}, seed, resamples));
            }
        }
    }
    return report;
}

Expected<std::vector<GoldScore>> goldScores(store::Reader& reader, const Plan& plan) {
    if (plan.goldItems == 0) {
        return std::vector<GoldScore>{};
    }
    constexpr double kHalfWidth = 0.05;
    store::ReviewReader reviews(reader);
    const auto items = reviews.items(plan.id, 0, 0);
    if (!items) {
        return fail(items.error());
    }
    struct Tally {
        std::int64_t right = 0;
        std::vector<std::int64_t> wrong;
    };
    std::map<std::string, Tally> tallies;
    for (const store::ReviewItemRow& item : *items) {
        const auto known = goldFromText(item.gold);
        if (!known) {
            continue;
        }
        const auto annotations = reviews.annotations(model::SubjectKind::Critique, item.critiqueId);
        const auto facts = reviews.facts(item.critiqueId);
        if (!annotations || !facts) {
            return fail(annotations ? facts.error() : annotations.error());
        }
        if (!*facts) {
            continue;
        }
        for (const Judgement& judgement : judgementsOf(*annotations)) {
            const auto right = givesGold(*known, judgement, opinionOf(**facts));
            if (!right || isAdjudicator(judgement.annotator)) {
                continue;
            }
            Tally& tally = tallies[judgement.annotator];
            if (*right) {
                ++tally.right;
            } else {
                tally.wrong.push_back(item.critiqueId);
            }
        }
    }
    std::vector<GoldScore> scores;
    for (auto& [annotator, tally] : tallies) {
        const auto n = tally.right + static_cast<std::int64_t>(tally.wrong.size());
        scores.push_back(
            {annotator, eval::rate(tally.right, n, kHalfWidth), std::move(tally.wrong)});
    }
    return scores;
}

} // namespace scrit::review
