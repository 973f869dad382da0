// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/format/formats.h"
#include "core/format/json_writer.h"

// ProcessBench (arXiv 2412.06559) and data sets in its form (MR-GSM8K, Mr-Ben, BIG-Bench-Mistake,
// PRMBench): problem, steps, label (first wrong step from 0, -1 = none), final_answer_correct,
// generator; optional gold, answer (the candidate's), source, and what people wrote about the
// error.
namespace scrit::format {
namespace {

// Mr-Ben ends a solution with "Solution: Choice_B".
std::string namedChoice(const std::vector<std::string>& steps) {
    constexpr std::string_view kMark = "Choice_";
    if (steps.empty()) {
        return {};
    }
    const std::string& last = steps.back();
    const std::size_t at = last.rfind(kMark);
    if (at == std::string::npos || at + kMark.size() >= last.size()) {
        return {};
    }
    const char letter = last[at + kMark.size()];
    return letter >= 'A' && letter <= 'J' ? std::string(1, letter) : std::string{};
}

std::string errorEvidence(const Fields& fields) {
    std::string evidence;
    JsonWriter writer(evidence);
    writer.beginObject();
    bool any = false;
    for (const std::string_view key : {"error_reason", "rectified_step", "all_errors"}) {
        if (fields.has(key)) {
            writer.key(key).raw(fields.json(key));
            any = true;
        }
    }
    writer.endObject();
    return any ? evidence : std::string{};
}

} // namespace

bool matchesProcessbench(const Fields& fields) {
    return fields.has("problem") && fields.isArray("steps") && fields.has("label") &&
           !fields.isObject("label");
}

ImportedProblem convertProcessbench(const Fields& fields, const RecordContext& context) {
    ImportedProblem item;
    const std::string id = fields.scalar("id");
    model::Problem& problem = item.problem;
    problem.text = fields.text("problem");
    problem.source = fields.textOr("source");
    problem.externalId = id;
    problem.referenceAnswer = fields.scalar("gold");

    ImportedSolution candidate;
    const std::vector<std::string> steps =
        fields.texts("steps").value_or(std::vector<std::string>{});
    if (steps.empty()) {
        fields.fail("steps", fields.has("steps") ? "is empty" : "is missing");
    }
    setGivenSteps(candidate.solution, steps);
    candidate.solution.author = fields.textOr("generator");
    candidate.solution.externalId = id.empty() ? placeId(context) : id;
    candidate.solution.finalAnswer = fields.scalar("answer");
    if (candidate.solution.finalAnswer.empty()) {
        candidate.solution.finalAnswer = namedChoice(steps);
    }
    const std::optional<std::int64_t> label = fields.integer("label");
    if (!label) {
        fields.fail("label", "is missing");
    } else {
        addFirstErrorLabel(candidate, *label, fields, "label", errorEvidence(fields));
    }
    if (const std::optional<bool> right = fields.boolean("final_answer_correct")) {
        addAnswerLabel(candidate, *right);
    }
    item.solutions.push_back(std::move(candidate));
    const std::size_t dash = id.rfind('-');
    finishProblem(item, context,
                  dash == std::string::npos ? "ProcessBench"
                                            : "ProcessBench/" + id.substr(0, dash));
    return item;
}

} // namespace scrit::format
