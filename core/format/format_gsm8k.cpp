// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/format/formats.h"

#include <algorithm>

// GSM8K. Problems: question, answer (a solution with <<3*3=9>> calculator notes whose last line is
// "#### N"). Model solutions: problem, solution, is_correct, model, gold, reference_solution, one a
// line; or as published: question, ground_truth and one object {solution, is_correct} for each
// model.
namespace scrit::format {
namespace {

constexpr std::string_view kSource = "gsm8k";

std::vector<std::string> modelsIn(const Fields& fields) {
    std::vector<std::string> models;
    for (const std::string& key : fields.keys()) {
        if (fields.isObject(key) && fields.object(key)->has("solution")) {
            models.push_back(key);
        }
    }
    return models;
}

// The number after "####"; solutions of models and some reference files end in "A: N" instead.
std::string goldOf(const Fields& fields, std::string_view solutionKey, std::string_view solution) {
    std::string gold = fields.scalar("gold");
    if (gold.empty()) {
        gold = answerAfterHash(solution).value_or(std::string{});
    }
    if (gold.empty()) {
        fields.fail(solutionKey, "has no line \"#### answer\"");
    }
    return gold;
}

ImportedSolution candidateFrom(const Fields& fields, std::string author, std::string id) {
    ImportedSolution candidate;
    candidate.solution.text = fields.text("solution");
    candidate.solution.author = std::move(author);
    candidate.solution.externalId = std::move(id);
    if (const std::optional<bool> right = fields.boolean("is_correct")) {
        addAnswerLabel(candidate, *right);
    }
    return candidate;
}

} // namespace

bool matchesGsm8k(const Fields& fields) {
    const bool problem = fields.has("question") && fields.isText("answer") &&
                         answerAfterHash(fields.textOr("answer")).has_value();
    const bool solution = fields.has("problem") && fields.has("solution") &&
                          fields.has("is_correct") && fields.has("reference_solution");
    return problem || solution || (fields.has("ground_truth") && !modelsIn(fields).empty());
}

ImportedProblem convertGsm8k(const Fields& fields, const RecordContext& context) {
    ImportedProblem item;
    model::Problem& problem = item.problem;
    const std::string id = fields.scalar("id");
    problem.split = splitIn(id);
    const std::string_view referenceKey = fields.has("ground_truth")         ? "ground_truth"
                                          : fields.has("reference_solution") ? "reference_solution"
                                                                             : "answer";
    problem.text = fields.text(fields.has("question") ? "question" : "problem");
    problem.referenceSolution = fields.text(referenceKey);
    problem.referenceAnswer = goldOf(fields, referenceKey, problem.referenceSolution);
    if (fields.has("solution")) {
        std::string author = fields.textOr("model");
        item.solutions.push_back(
            candidateFrom(fields, std::move(author), id.empty() ? placeId(context) : id));
    } else {
        problem.externalId = id;
    }
    for (const std::string& model : modelsIn(fields)) {
        item.solutions.push_back(
            candidateFrom(*fields.object(model), model, placeId(context) + "-" + model));
    }
    finishProblem(item, context, kSource);
    return item;
}

} // namespace scrit::format
