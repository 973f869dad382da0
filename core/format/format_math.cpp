// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/formats.h"

// MATH (Hendrycks et al.) and the MATH-500 selection: problem, solution (the reference, with
// \boxed), answer where the file has it, subject or type, level ("Level 5" or 5), unique_id.
namespace scrit::format {

bool matchesMath(const Fields& fields) {
    const bool described = fields.has("unique_id") ||
                           (fields.has("level") && (fields.has("type") || fields.has("subject")));
    return fields.has("problem") && fields.has("solution") && described && !fields.has("model") &&
           !fields.has("author") && !fields.has("generator");
}

ImportedProblem convertMath(const Fields& fields, const RecordContext& context) {
    constexpr std::string_view kLevel = "Level ";
    ImportedProblem item;
    model::Problem& problem = item.problem;
    problem.text = fields.text("problem");
    problem.referenceSolution = fields.text("solution");
    problem.referenceAnswer = fields.scalar("answer");
    if (problem.referenceAnswer.empty()) {
        problem.referenceAnswer = statedAnswer(problem.referenceSolution).value_or(std::string{});
    }
    problem.subject = fields.textOr(fields.has("subject") ? "subject" : "type");
    problem.level = fields.scalar("level");
    if (problem.level.starts_with(kLevel)) {
        problem.level.erase(0, kLevel.size());
    }
    problem.externalId = fields.scalar(fields.has("unique_id") ? "unique_id" : "id");
    problem.split = splitIn(problem.externalId);
    finishProblem(item, context, "MATH");
    return item;
}

} // namespace scrit::format
