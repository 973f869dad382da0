// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/adjudication.h"

#include "core/base/clock.h"
#include "core/review/answer_change.h"
#include "core/review/facts.h"
#include "core/store/review_reader.h"
#include "core/store/review_writer.h"

#include <algorithm>
#include <set>
#include <utility>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::SubjectKind;

// Whether some of the values that are there differ.
template<typename T>
bool differ(const std::vector<std::optional<T>>& values) {
    std::set<T> seen;
    for (const std::optional<T>& value : values) {
        if (value) {
            seen.insert(*value);
        }
    }
    return seen.size() > 1;
}

std::vector<std::string> contradictions(const std::vector<Judgement>& judgements,
                                        const MachineOpinion& machine) {
    std::vector<std::optional<Validity>> validities;
    std::vector<std::optional<int>> steps;
    std::vector<std::optional<bool>> corrections;
    for (const Judgement& judgement : judgements) {
        validities.push_back(validityOf(judgement, machine));
        steps.push_back(firstErrorOf(judgement));
        corrections.push_back(judgement.correctionUsable);
    }
    std::vector<std::string> about;
    if (differ(validities)) {
        about.emplace_back("validity");
    }
    if (differ(steps)) {
        about.emplace_back("first-error");
    }
    if (differ(corrections)) {
        about.emplace_back("correction");
    }
    return about;
}

// A contradiction between reviewers, decided or not.
std::optional<Dispute> disputeOf(std::span<const model::Annotation> annotations,
                                 const store::CritiqueFacts& facts) {
    Dispute dispute;
    dispute.critiqueId = facts.critiqueId;
    dispute.problemId = facts.problemId;
    for (Judgement& judgement : judgementsOf(annotations)) {
        if (!isAdjudicator(judgement.annotator)) {
            dispute.judgements.push_back(std::move(judgement));
        } else if (!dispute.decision || dispute.decision->judgedAt < judgement.judgedAt) {
            dispute.decision = std::move(judgement);
        }
    }
    dispute.about = contradictions(dispute.judgements, opinionOf(facts));
    return dispute.about.empty() ? std::nullopt : std::optional(std::move(dispute));
}

// Stores rows and the verdicts that follow in one transaction; how many verdicts were new.
Expected<std::int64_t> storeRows(store::Workspace& workspace, store::ReviewReader& reviews,
                                 std::int64_t problemId, const std::vector<model::Annotation>& rows,
                                 const Rescorer& rescorer) {
    const auto verdicts = verdictsAfter(reviews, problemId, rows, rescorer);
    if (!verdicts) {
        return fail(verdicts.error());
    }
    std::int64_t rescored = 0;
    auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
        if (auto added = store::ReviewWriter(writer).addAnnotations(rows, {}); !added) {
            return fail(std::move(added.error()));
        }
        const Expected<std::int64_t> added = addVerdicts(writer, *verdicts);
        rescored = added.value_or(0);
        return added ? Expected<void>{} : fail(added.error());
    });
    return written ? Expected<std::int64_t>(rescored) : fail(std::move(written.error()));
}

// What an adjudicator's decision is made with: the critique, and its standing rows.
struct Standing {
    store::CritiqueFacts facts;
    std::vector<model::Annotation> ofCritique;
    std::vector<model::Annotation> ofProblem;
    std::int64_t newest = 0; // of all annotations of both
};
Expected<Standing> standingAt(store::ReviewReader& reviews, std::int64_t critiqueId,
                              const std::string& annotator) {
    const auto facts = reviews.facts(critiqueId);
    if (!facts) {
        return fail(facts.error());
    }
    if (!*facts) {
        return fail(ErrorCode::NotFound,
                    "there is no critique " + std::to_string(critiqueId) + " in the workspace");
    }
    Standing standing{**facts, {}, {}, 0};
    for (const SubjectKind kind : {SubjectKind::Critique, SubjectKind::Problem}) {
        const bool critique = kind == SubjectKind::Critique;
        const auto all =
            reviews.annotations(kind, critique ? critiqueId : standing.facts.problemId);
        if (!all) {
            return fail(all.error());
        }
        for (const model::Annotation& one : *all) {
            standing.newest = std::max(standing.newest, one.createdAt);
        }
        (critique ? standing.ofCritique : standing.ofProblem) = standingOf(*all, annotator);
    }
    return standing;
}

} // namespace

Expected<std::vector<Dispute>> disputes(store::Reader& reader, const DisputeQuery& query) {
    store::ReviewReader reviews(reader);
    std::vector<Dispute> found;
    auto read = reviews.forEachAnnotated(
        query.planId, query.after,
        [&](std::int64_t critiqueId,
            const std::vector<model::Annotation>& annotations) -> Expected<bool> {
            const bool several =
                std::any_of(annotations.begin(), annotations.end(), [&](const auto& one) {
                    return one.annotator != annotations.front().annotator;
                });
            if (!several) {
                return true;
            }
            const auto facts = reviews.facts(critiqueId);
            if (!facts) {
                return fail(facts.error());
            }
            if (!*facts) {
                return true;
            }
            auto dispute = disputeOf(annotations, **facts);
            if (dispute && (query.withDecided || !dispute->decision)) {
                found.push_back(std::move(*dispute));
            }
            return query.limit <= 0 || found.size() < static_cast<std::size_t>(query.limit);
        });
    return read ? Expected<std::vector<Dispute>>(std::move(found)) : fail(std::move(read.error()));
}

Expected<Adjudicated> adjudicate(store::Workspace& workspace, std::int64_t critiqueId,
                                 std::string_view person, const Judgement& judgement,
                                 const Rescorer& rescorer) {
    if (auto checked = checkAnnotator(person); !checked) {
        return fail(std::move(checked.error()));
    }
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::ReviewReader reviews(**reader);
    auto standing = standingAt(reviews, critiqueId, adjudicatorName(person));
    if (!standing) {
        return fail(std::move(standing.error()));
    }
    const auto steps = reviews.stepCount(standing->facts.solutionId);
    if (!steps) {
        return fail(steps.error());
    }
    if (auto checked = checkJudgement(judgement, *steps); !checked) {
        return fail(std::move(checked.error()));
    }
    Judgement said = judgement;
    said.annotator = adjudicatorName(person);
    said = completed(std::move(said), opinionOf(standing->facts));
    std::vector<model::Annotation> replaced = standing->ofCritique;
    if (said.repairedAnswer) {
        replaced.insert(replaced.end(), standing->ofProblem.begin(), standing->ofProblem.end());
    }
    std::vector<model::Annotation> rows =
        annotationsOf(said, critiqueId, standing->facts.problemId, replaced);
    const std::int64_t now = std::max(base::unixMillis(), standing->newest + 1);
    for (model::Annotation& row : rows) {
        row.createdAt = now;
    }
    const auto rescored = storeRows(workspace, reviews, standing->facts.problemId, rows, rescorer);
    if (!rescored) {
        return fail(rescored.error());
    }
    said.judgedAt = now;
    return Adjudicated{critiqueId, std::move(said), *rescored};
}

Expected<bool> takeBackDecision(store::Workspace& workspace, std::int64_t critiqueId,
                                std::string_view person, const Rescorer& rescorer) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::ReviewReader reviews(**reader);
    auto standing = standingAt(reviews, critiqueId, adjudicatorName(person));
    if (!standing) {
        return fail(std::move(standing.error()));
    }
    if (standing->ofCritique.empty()) {
        return false;
    }
    std::vector<model::Annotation> rows = standing->ofCritique;
    for (const model::Annotation& row : standing->ofProblem) { // made in the same decision
        if (std::any_of(standing->ofCritique.begin(), standing->ofCritique.end(),
                        [&](const auto& one) { return one.createdAt == row.createdAt; })) {
            rows.push_back(row);
        }
    }
    // (Not an undo: an earlier decision of the same person does not come back.)
    const auto rescored = storeRows(
        workspace, reviews, standing->facts.problemId,
        annotationsOf(Judgement{}, critiqueId, standing->facts.problemId, rows), rescorer);
    return rescored ? Expected<bool>(true) : fail(rescored.error());
}

} // namespace scrit::review
