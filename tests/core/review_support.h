// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/review/plan.h"
#include "core/review/session.h"
#include "core/store/review_reader.h"
#include "tests/core/store_support.h"

#include <array>
#include <memory>
#include <string>

// A workspace with critiques to review, small and known.
namespace scrit::test {

// What a critic writes: everything is right, or step 2 (1 for us) is wrong.
inline std::string critiqueText(bool correct, const std::string& answer) {
    return "## Critique of Student Solution Steps\n### Critique of Step 1\nFine.\n" +
           std::string(correct ? "### Critique of Step 2\nFine.\n### Critique of Step 3\nFine.\n"
                               : "### Critique of Step 2\nThat is wrong.\n") +
           "\n## Conclusion of Critique\nThe solution is " + (correct ? "Correct" : "Incorrect") +
           ".\nThe first error step number: " + (correct ? "-1" : "2") +
           "\n\n## Correction of Student Solution\n" +
           (correct
                ? "The student solution is correct. The final answer is \\boxed{" + answer + "}.\n"
                : "===CORRECTION_START===\nAdd.\n\nTherefore, the final answer is \\boxed{" +
                      answer + "}.\n===CORRECTION_END===\n");
}

// Critique i (from 0, of row i + 1) is of problem i / 2, by solution i. Everything repeats with
// different periods: source gsm8k, gsm8k, math (3); conclusion incorrect at step 1, correct (2);
// self-validation yes, yes, no, none at all (4 with one in 8 undecided); answer match yes, no, yes
// (3); the data set labels the first wrong step of every fifth solution as step 1.
inline base::Expected<void> addCritiques(store::Writer& writer, int from, int count) {
    using model::Outcome;
    using model::SubjectKind;
    static constexpr std::array<const char*, 3> kSources = {"gsm8k", "gsm8k", "math"};
    for (int i = from; i < from + count; ++i) {
        const auto n = std::to_string(i);
        model::Problem problem = makeProblem("What is " + std::to_string(i / 2) + " plus one?",
                                             kSources.at(static_cast<std::size_t>(i / 2) % 3));
        problem.referenceAnswer = std::to_string(i / 2 + 1);
        const auto problemId = idOf(writer.addProblem(problem));
        model::Solution solution;
        solution.problemId = problemId;
        solution.author = "student-" + std::to_string(i % 2);
        solution.text = "Add.\n\nThat gives " + n + ".\n\nDone.";
        solution.steps = {{0, 4}, {6, 6 + 12 + n.size()}, {20 + n.size(), 25 + n.size()}};
        solution.finalAnswer = i % 2 == 0 ? std::to_string(i / 2 + 1) : n;
        solution.key = base::contentHash({"solution", problem.key, solution.author, solution.text});
        const auto solutionId = idOf(writer.addSolution(solution));
        if (i % 5 == 0) {
            auto label = makeVerdict(SubjectKind::Solution, solutionId, "label", Outcome::No,
                                     "label/first-error");
            label.step = 1;
            idOf(writer.addVerdict(label));
        }
        model::Critique critique;
        critique.solutionId = solutionId;
        critique.text = critiqueText(i % 2 == 1, std::to_string(i / 2 + 1)) + "\n(" + n + ")\n";
        critique.critic = "critic";
        critique.mode = model::CritiqueMode::Direct;
        critique.round = i % 2 + 1;
        critique.key = base::contentHash({"critique", solution.key, critique.text});
        critique.parsed.parser = "scrit/1";
        critique.parsed.conclusion =
            i % 2 == 0 ? model::Conclusion::Incorrect : model::Conclusion::Correct;
        critique.parsed.firstErrorStep = i % 2 == 0 ? 1 : model::kNoError;
        critique.parsed.correctionAnswer = std::to_string(i / 2 + 1);
        if (i % 7 == 0) {
            critique.parsed.flags.add(model::Flag::RunOn);
        }
        const auto id = idOf(writer.addCritique(critique));
        if (i % 4 != 3) {
            idOf(writer.addVerdict(makeVerdict(SubjectKind::Critique, id, "self_validation",
                                               i % 8 == 6   ? Outcome::Undecided
                                               : i % 4 == 2 ? Outcome::No
                                                            : Outcome::Yes)));
        }
        idOf(writer.addVerdict(makeVerdict(SubjectKind::Critique, id, "answer_match",
                                           i % 3 == 1 ? Outcome::No : Outcome::Yes)));
    }
    return {};
}

inline std::shared_ptr<store::Workspace> workspaceWith(const std::filesystem::path& path,
                                                       int critiques) {
    auto workspace = store::Workspace::create(path);
    if (!workspace) {
        throw std::runtime_error(workspace.error().text());
    }
    const auto done = (*workspace)->write([&](store::Writer& writer) {
        return addCritiques(writer, 0, critiques);
    });
    if (!done) {
        throw std::runtime_error(done.error().text());
    }
    return std::move(*workspace);
}

inline review::Judgement valid(bool accepted) {
    review::Judgement judgement;
    judgement.validity = accepted ? review::Validity::Valid : review::Validity::Invalid;
    return judgement;
}

inline review::Judgement errorAt(int step) {
    review::Judgement judgement;
    judgement.firstError = step;
    return judgement;
}

inline review::PlanRequest planCalled(const std::string& name, std::int64_t size = 0,
                                      review::Queue queue = review::Queue::Filter) {
    review::PlanRequest request;
    request.name = name;
    request.queue = queue;
    request.size = size;
    return request;
}

} // namespace scrit::test
