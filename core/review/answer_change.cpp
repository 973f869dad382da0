// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/answer_change.h"

#include "core/review/facts.h"
#include "core/review/judgement.h"

#include <algorithm>
#include <utility>

namespace scrit::review {

using base::Expected;
using base::fail;

Expected<std::vector<model::Verdict>> verdictsAfter(store::ReviewReader& reviews,
                                                    std::int64_t problemId,
                                                    std::span<const model::Annotation> added,
                                                    const Rescorer& rescorer) {
    std::vector<model::Annotation> ofProblem;
    std::copy_if(added.begin(), added.end(), std::back_inserter(ofProblem), [&](const auto& one) {
        return one.subject == model::SubjectKind::Problem && one.subjectId == problemId;
    });
    if (ofProblem.empty()) {
        return std::vector<model::Verdict>{};
    }
    auto before = reviews.annotations(model::SubjectKind::Problem, problemId);
    if (!before) {
        return fail(std::move(before.error()));
    }
    const std::optional<std::string> was = answerInForce(*before);
    const std::optional<std::string> is = answerInForce(afterAdding(std::move(*before), ofProblem));
    if (was == is) {
        return std::vector<model::Verdict>{};
    }
    if (!rescorer) {
        return fail(base::ErrorCode::Invalid, "the answer of a problem cannot be repaired here",
                    "use scrit review annotate --repair-answer");
    }
    return rescorer(problemId, is);
}

Expected<std::int64_t> addVerdicts(store::Writer& writer,
                                   std::span<const model::Verdict> verdicts) {
    std::int64_t added = 0;
    for (const model::Verdict& verdict : verdicts) {
        const Expected<store::Stored> stored = writer.addVerdict(verdict);
        if (!stored) {
            return fail(stored.error());
        }
        added += stored->added ? 1 : 0;
    }
    return added;
}

Expected<AnswerChange> changeAnswer(store::Workspace& workspace, std::int64_t problemId,
                                    std::string_view annotator,
                                    const std::optional<std::string>& answer,
                                    const Rescorer& rescorer) {
    if (auto checked = checkAnnotator(personOf(annotator)); !checked) {
        return fail(std::move(checked.error()));
    }
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::ReviewReader reviews(**reader);
    const auto annotations = reviews.annotations(model::SubjectKind::Problem, problemId);
    if (!annotations) {
        return fail(annotations.error());
    }
    std::vector<model::Annotation> replaced = standingOf(*annotations, std::string(annotator));
    std::erase_if(replaced, [](const auto& row) { return row.kind != kind::kAnswer; });
    if (!answer && replaced.empty()) {
        return fail(base::ErrorCode::NotFound, std::string(annotator) +
                                                   " has not repaired the answer of problem " +
                                                   std::to_string(problemId));
    }
    Judgement judgement;
    judgement.annotator = annotator;
    judgement.repairedAnswer = answer;
    if (answer) {
        if (auto checked = checkJudgement(judgement, 0); !checked) {
            return fail(std::move(checked.error()));
        }
    }
    const std::vector<model::Annotation> rows = annotationsOf(judgement, 0, problemId, replaced);
    const auto verdicts = verdictsAfter(reviews, problemId, rows, rescorer);
    if (!verdicts) {
        return fail(verdicts.error());
    }
    AnswerChange change;
    auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
        for (const model::Annotation& row : rows) {
            const Expected<store::Stored> stored = writer.addAnnotation(row);
            if (!stored) {
                return fail(stored.error());
            }
            change.annotationId = stored->id;
        }
        const Expected<std::int64_t> added = addVerdicts(writer, *verdicts);
        change.verdicts = added.value_or(0);
        return added ? Expected<void>{} : fail(added.error());
    });
    return written ? Expected<AnswerChange>(change) : fail(std::move(written.error()));
}

} // namespace scrit::review
