// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/format/formats.h"
#include "core/format/json_writer.h"

// PRM800K as published: question {problem, ground_truth_solution, ground_truth_answer,
// pre_generated_steps, pre_generated_answer}, label {steps [{completions [{text, rating}],
// human_completion, chosen_completion}], finish_reason}. Phase 2 labels a finished solution up to
// its first error; phase 1 builds a solution step by step out of the chosen completions.
namespace scrit::format {
namespace {

struct LabelledStep {
    std::string text;
    std::optional<std::int64_t> rating;
};

LabelledStep completionAt(const std::vector<Fields>& completions, std::size_t index) {
    return {completions[index].textOr("text"), completions[index].integer("rating")};
}

// The completion that stands in the solution. Without a chosen one the labeller wrote the step, or
// labelling stopped here: then the first completion is the solution's own step.
std::optional<LabelledStep> takenStep(const Fields& step) {
    const std::vector<Fields> completions = step.objects("completions");
    if (const std::optional<std::int64_t> chosen = step.integer("chosen_completion")) {
        if (*chosen < 0 || *chosen >= static_cast<std::int64_t>(completions.size())) {
            step.fail("chosen_completion", "names completion " + std::to_string(*chosen) + " of " +
                                               std::to_string(completions.size()));
            return std::nullopt;
        }
        return completionAt(completions, static_cast<std::size_t>(*chosen));
    }
    if (step.isObject("human_completion")) {
        return LabelledStep{step.object("human_completion")->textOr("text"), 1};
    }
    if (step.isText("human_completion")) {
        return LabelledStep{step.textOr("human_completion"), 1};
    }
    if (completions.empty()) {
        return std::nullopt;
    }
    return completionAt(completions, 0);
}

std::string ratingsJson(const std::vector<LabelledStep>& steps, std::string_view finish) {
    std::string json;
    JsonWriter writer(json);
    writer.beginObject().key("ratings").beginArray();
    for (const LabelledStep& step : steps) {
        writer.value(step.rating);
    }
    writer.endArray().member("finish_reason", finish).endObject();
    return json;
}

std::string answerPart(std::string_view lastStep) {
    constexpr std::string_view kMark = "# Answer";
    const std::size_t at = lastStep.rfind(kMark);
    return at == std::string_view::npos
               ? std::string{}
               : std::string(base::trimmed(lastStep.substr(at + kMark.size())));
}

void readLabels(const Fields& fields, const Fields& question, ImportedSolution& candidate) {
    const Fields label = *fields.object("label");
    const std::string finish = label.textOr("finish_reason");
    std::vector<LabelledStep> labelled;
    for (const Fields& step : label.objects("steps")) {
        if (std::optional<LabelledStep> taken = takenStep(step)) {
            labelled.push_back(std::move(*taken));
        }
    }
    std::vector<std::string> steps =
        question.texts("pre_generated_steps").value_or(std::vector<std::string>{});
    if (steps.empty()) {
        for (const LabelledStep& step : labelled) {
            steps.push_back(step.text);
        }
    }
    if (steps.empty()) {
        fields.fail("label.steps", "has no step");
        return;
    }
    setGivenSteps(candidate.solution, steps);
    candidate.solution.finalAnswer = question.scalar("pre_generated_answer");
    if (candidate.solution.finalAnswer.empty()) {
        candidate.solution.finalAnswer = answerPart(steps.back());
    }
    const std::string ratings = ratingsJson(labelled, finish);
    for (std::size_t i = 0; i < labelled.size(); ++i) {
        if (labelled[i].rating == -1) {
            addFirstErrorLabel(candidate, static_cast<std::int64_t>(i), fields, "label.steps",
                               ratings);
            return;
        }
    }
    // Only a labeller who got to the end has seen that there is no error.
    if (finish == "solution") {
        addFirstErrorLabel(candidate, model::kNoError, fields, "label.steps", ratings);
        addAnswerLabel(candidate, true);
    }
}

} // namespace

bool matchesPrm800k(const Fields& fields) {
    return fields.isObject("question") && fields.isObject("label");
}

ImportedProblem convertPrm800k(const Fields& fields, const RecordContext& context) {
    ImportedProblem item;
    for (const std::string_view key : {"question", "label"}) {
        if (!fields.isObject(key)) {
            fields.fail(key, fields.has(key) ? "should be an object" : "is missing");
            return item;
        }
    }
    const Fields question = *fields.object("question");
    model::Problem& problem = item.problem;
    problem.text = question.text("problem");
    problem.referenceSolution = question.textOr("ground_truth_solution");
    problem.referenceAnswer = question.scalar("ground_truth_answer");

    ImportedSolution candidate;
    candidate.solution.author = "PRM800K generator";
    candidate.solution.externalId = placeId(context);
    readLabels(fields, question, candidate);
    item.solutions.push_back(std::move(candidate));
    finishProblem(item, context, "PRM800K");
    return item;
}

} // namespace scrit::format
