// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/exporter.h"
#include "format_support.h"

#include <string_view>

// What the tests of exports share: a view by name, and one item with everything.
namespace scrit::format::testing {

inline const View& view(std::string_view name) {
    return **viewNamed(name);
}

// One contrastive critique of a wrong solution, with everything an item can have.
inline ExportItem sampleItem() {
    ExportItem item;
    item.problem.source = "demo";
    item.problem.externalId = "p1";
    item.problem.text = "What is 1+1?\nUse \"digits\" \u00e9.";
    item.problem.choices = {"two", "three"};
    item.problem.referenceAnswer = "A";
    item.problem.licence = "MIT";
    item.problem.key = problemKey(item.problem);
    item.solution.author = "student";
    item.solution.externalId = "s1";
    item.solution.source = "demo";
    item.solution.text = "1+1=3\n\nmore of it\n\nThe answer is (B).";
    item.solution.steps = {{0, 17}, {19, 37}};
    item.solution.stepsGiven = true;
    item.solution.finalAnswer = "B";
    item.solution.key = solutionKey(item.problem.key, item.solution);
    item.reference = model::Solution{};
    item.reference->externalId = "s2";
    item.reference->author = "other";
    item.reference->text = "1+1=2";
    item.reference->key = solutionKey(item.problem.key, *item.reference);
    item.critique.externalId = "c1";
    item.critique.mode = model::CritiqueMode::Contrastive;
    item.critique.critic = "critic";
    item.critique.round = 1;
    item.critique.source = "demo";
    item.critique.promptHash = "abc";
    item.critique.seed = 7;
    item.critique.text =
        "## Reference Analysis\nThe reference says 2.\n"
        "## Critique of Student Solution Steps\n### Critique of Step 1\n"
        "The sum is wrong.\n## Conclusion of Critique\nThe solution is Incorrect.\n"
        "The first error step number: 1\n## Correction of Student Solution\n"
        "===CORRECTION_START===\n1+1=2\n\nTherefore, the final answer is \\boxed{A}.\n"
        "===CORRECTION_END===\n";
    completeCritique(item.critique, item.solution, false);
    model::Verdict label;
    label.subject = model::SubjectKind::Solution;
    label.verifier = "label";
    label.protocol = "label/answer";
    label.outcome = model::Outcome::No;
    label.source = "demo";
    label.evidence = R"({"pred":"B"})";
    item.verdicts.push_back(label);
    model::Verdict validation;
    validation.verifier = "self_validation";
    validation.protocol = "recorded/1";
    validation.outcome = model::Outcome::Yes;
    validation.score = 0.25;
    validation.step = model::kNoError;
    validation.createdAt = 1'700'000'000'000;
    item.verdicts.push_back(validation);
    model::Annotation annotation;
    annotation.annotator = "ann";
    annotation.kind = "agreement";
    annotation.value = "agree";
    annotation.seconds = 12.5;
    annotation.createdAt = 5;
    item.annotations.push_back(annotation);
    return item;
}

} // namespace scrit::format::testing
