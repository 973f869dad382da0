// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/formats.h"
#include "core/format/json_writer.h"

// RealCritic (arXiv 2501.14492): question, gt, gt_cot (the text "None" where there is no
// reference), answer (raw gold answer; an option index in mmlu_stem; a whole solution in gsm8k),
// reasoning (the candidate), pred, model, previous_score ([bool]: the candidate's final answer is
// right), choices.
namespace scrit::format {
namespace {

// `gt` went through a normaliser that lost spaces, words and units; `answer` is what the data set
// said.
std::string goldAnswer(const Fields& fields) {
    if (fields.isText("answer")) {
        const std::string raw = fields.textOr("answer");
        return answerAfterHash(raw).value_or(raw);
    }
    return fields.scalar("gt");
}

std::string referenceSolution(const Fields& fields) {
    if (fields.isText("answer")) {
        std::string raw = fields.textOr("answer");
        if (answerAfterHash(raw)) {
            return raw;
        }
    }
    std::string solution = fields.textOr("solution");
    if (!solution.empty()) {
        return solution;
    }
    std::string thought = fields.textOr("gt_cot");
    return thought == "None" ? std::string{} : thought;
}

} // namespace

bool matchesRealcritic(const Fields& fields) {
    return fields.has("question") && fields.has("gt") && fields.has("reasoning");
}

ImportedProblem convertRealcritic(const Fields& fields, const RecordContext& context) {
    ImportedProblem item;
    const std::string set = fileStem(context.plan.file);
    model::Problem& problem = item.problem;
    problem.text = fields.text("question");
    problem.choices = choicesIn(fields, "choices");
    problem.referenceAnswer = goldAnswer(fields);
    problem.referenceSolution = referenceSolution(fields);
    problem.subject = fields.textOr("type");
    problem.level = fields.scalar("level");
    const std::string index = fields.scalar("idx");
    problem.externalId = index.empty() ? std::string{} : set + "-" + index;

    ImportedSolution candidate;
    candidate.solution.text = fields.text("reasoning");
    candidate.solution.author = fields.textOr("model");
    candidate.solution.externalId =
        problem.externalId.empty() ? placeId(context) : problem.externalId;
    const std::vector<bool> score = fields.booleans("previous_score");
    if (score.size() == 1) {
        std::string evidence;
        JsonWriter(evidence).beginObject().member("pred", fields.scalar("pred")).endObject();
        addAnswerLabel(candidate, score.front(), std::move(evidence));
    } else if (!score.empty()) {
        fields.fail("previous_score", "should have one value for the one candidate");
    }
    item.solutions.push_back(std::move(candidate));
    finishProblem(item, context, "RealCritic/" + set);
    return item;
}

} // namespace scrit::format
