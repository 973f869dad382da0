// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/formats.h"
#include "core/format/json_writer.h"

// This program's own form of a problem with its candidates (resources/samples/problems.jsonl): id,
// problem, choices?, answer, solution, subject, level, split?, source?, and candidates [{id,
// author, steps or solution, answer_correct, first_error_step (from 0, -1 = none), note?}].
namespace scrit::format {
namespace {

ImportedSolution candidateFrom(const Fields& fields) {
    ImportedSolution candidate;
    candidate.solution.externalId = fields.scalar("id");
    candidate.solution.author = fields.textOr("author");
    if (const std::optional<std::vector<std::string>> steps = fields.texts("steps")) {
        setGivenSteps(candidate.solution, *steps);
        if (steps->empty()) {
            fields.fail("steps", "is empty");
        }
    } else {
        candidate.solution.text = fields.text("solution");
    }
    std::string evidence;
    if (const std::string note = fields.textOr("note"); !note.empty()) {
        JsonWriter(evidence).beginObject().member("note", note).endObject();
    }
    if (const std::optional<bool> right = fields.boolean("answer_correct")) {
        addAnswerLabel(candidate, *right, evidence);
    }
    if (const std::optional<std::int64_t> step = fields.integer("first_error_step")) {
        addFirstErrorLabel(candidate, *step, fields, "first_error_step", evidence);
    }
    return candidate;
}

} // namespace

bool matchesScrit(const Fields& fields) {
    return fields.has("problem") && fields.isArray("candidates");
}

ImportedProblem convertScrit(const Fields& fields, const RecordContext& context) {
    ImportedProblem item;
    model::Problem& problem = item.problem;
    problem.externalId = fields.scalar("id");
    problem.text = fields.text("problem");
    problem.choices = choicesIn(fields, "choices");
    problem.referenceAnswer = fields.scalar("answer");
    problem.referenceSolution = fields.textOr("solution");
    problem.subject = fields.textOr("subject");
    problem.level = fields.scalar("level");
    problem.split = fields.textOr("split");
    problem.source = fields.textOr("source");
    problem.licence = fields.textOr("licence");
    for (const Fields& candidate : fields.objects("candidates")) {
        item.solutions.push_back(candidateFrom(candidate));
    }
    finishProblem(item, context, fileStem(context.plan.file), fields.has("split"));
    return item;
}

} // namespace scrit::format
