// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_results.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/critique/critique_parser.h"
#include "core/critique/step_splitter.h"
#include "core/format/critique_importer.h"
#include "core/loop/verify.h"
#include "core/math/answer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace scrit::loop {
namespace {

using Json = nlohmann::ordered_json;

std::string finalAnswerOf(const model::Problem& problem, std::string_view text) {
    const auto answer = math::extractAnswer(text);
    if (!answer) {
        return {};
    }
    if (!problem.choices.empty()) { // "(B)" and "B. two" say the same as "B"
        if (const auto letter = math::choiceLetter(answer->text, problem.choices.size())) {
            return std::string(1, *letter);
        }
    }
    return answer->text;
}

void skip(Outcome& outcome, std::string code, std::string reason) {
    outcome.state = model::ItemState::Skipped;
    outcome.errorCode = std::move(code);
    outcome.error = std::move(reason);
}

// The row that this outcome stores is the subject of the samples of a later stage.
void planNext(const RunPlan& plan, StageKind kind, Outcome& outcome) {
    const int stage = plan.indexOf(kind);
    if (stage < 0) {
        return;
    }
    const int samples = plan.stages[static_cast<std::size_t>(stage)].role.samples;
    for (int sample = 0; sample < samples; ++sample) {
        outcome.next.push_back({static_cast<std::int16_t>(stage), 0, sample});
    }
}

void evaluateSolution(const RunPlan& plan, const StagePlan& stage, const Task& task,
                      std::string text, Outcome& outcome) {
    if (base::trimmed(text).empty()) {
        skip(outcome, "empty-answer", "the model answered with nothing");
        return;
    }
    outcome.solution = solutionOf(task.problem, stage.model, std::move(text));
    if (auto verdict = answerMatchOfSolution(task.problem, *outcome.solution, {})) {
        outcome.verdicts.push_back(std::move(*verdict));
    }
    if (plan.indexOf(StageKind::Select) < 0) { // nothing chooses among solutions
        planNext(plan, StageKind::Critique, outcome);
    }
}

model::Verdict bugLabel(std::string_view protocol, const std::string& injector) {
    model::Verdict label;
    label.subject = model::SubjectKind::Solution;
    label.verifier = model::verifier::kLabel;
    label.protocol = protocol;
    label.outcome = model::Outcome::No;
    label.rule = "injected-bug";
    label.source = injector;
    label.createdAt = base::unixMillis();
    return label;
}

void evaluateInjection(const RunPlan& plan, const StagePlan& stage, const Task& task,
                       std::string_view text, Outcome& outcome) {
    InjectedSolution injected = parseInjection(text);
    if (injected.text.empty()) {
        skip(outcome, "no-changed-solution", "the answer holds no section \"Changed Solution\"");
        return;
    }
    model::Solution solution = solutionOf(task.problem, stage.model + std::string(kInjectedSuffix),
                                          std::move(injected.text));
    // Without a reference answer the answer of the solution that got the bug stands for it.
    model::Problem problem = task.problem;
    if (problem.referenceAnswer.empty()) {
        problem.referenceAnswer = task.reference.finalAnswer;
    }
    auto match = answerMatchOfSolution(problem, solution, {});
    if (!match || match->outcome != model::Outcome::No) {
        const bool same = match && match->outcome == model::Outcome::Yes;
        skip(outcome, same ? "bug-without-effect" : "bug-undecided",
             same ? "the changed solution still has the right answer"
                  : "it cannot be told whether the changed solution has a wrong answer");
        return;
    }
    model::Verdict label = bugLabel("label/answer", stage.model);
    label.evidence = Json{{"reference_solution", task.reference.id}}.dump();
    outcome.verdicts.push_back(std::move(label));
    if (injected.changedStep && *injected.changedStep >= 0 &&
        *injected.changedStep < static_cast<int>(solution.steps.size())) {
        model::Verdict step = bugLabel("label/first-error", stage.model);
        step.step = injected.changedStep;
        outcome.verdicts.push_back(std::move(step));
    }
    if (!task.problem.referenceAnswer.empty()) {
        outcome.verdicts.push_back(std::move(*match));
    }
    outcome.solution = std::move(solution);
    planNext(plan, StageKind::Critique, outcome);
}

void evaluateCritique(const RunPlan& plan, const StagePlan& stage, Task& task, std::string text,
                      Outcome& outcome) {
    model::Critique critique;
    critique.solutionId = task.solution.id;
    if (task.reference.id != 0) {
        critique.referenceId = task.reference.id;
    }
    critique.mode = plan.recipe().mode;
    critique.critic = stage.model;
    critique.round = plan.request().round;
    critique.text = std::move(text);
    critique.promptHash = task.promptHash;
    critique.seed = task.seed;
    format::completeCritique(critique, task.solution, task.correct);
    if (auto verdict = answerMatchOfCritique(task.problem, task.solution, critique, {})) {
        outcome.verdicts.push_back(std::move(*verdict));
    }
    outcome.critique = std::move(critique);
    planNext(plan, StageKind::Validate, outcome);
}

// Whether the validator finds nothing wrong. A verdict that was not stated is not a "no".
std::pair<model::Outcome, const char*> validationOf(const model::ParsedCritique& parsed) {
    if (!parsed.conclusion) {
        return {model::Outcome::Undecided, "unreadable"};
    }
    if (*parsed.conclusion == model::Conclusion::Incorrect) {
        return {model::Outcome::No, "judged-incorrect"};
    }
    if (!parsed.firstErrorStep) {
        return {model::Outcome::Undecided, "unreadable"};
    }
    return *parsed.firstErrorStep == model::kNoError
               ? std::pair(model::Outcome::Yes, "judged-correct")
               : std::pair(model::Outcome::No, "contradictory");
}

void evaluateValidation(const RunPlan& plan, const StagePlan& stage, const Task& task,
                        std::string text, Outcome& outcome) {
    const model::ParsedCritique parsed =
        critique::parseCritique(text, {task.judged, task.judgedSteps});
    model::Verdict verdict;
    verdict.subject = model::SubjectKind::Critique;
    verdict.subjectId = task.critiqueId;
    verdict.verifier = model::verifier::kSelfValidation;
    verdict.protocol = plan.validationProtocol;
    if (task.item.sample > 0) { // each sample is a judgement of its own
        verdict.protocol += ";sample=" + std::to_string(task.item.sample);
    }
    const auto [result, rule] = validationOf(parsed);
    verdict.outcome = result;
    verdict.rule = rule;
    verdict.step = parsed.firstErrorStep;
    verdict.source = stage.model;
    verdict.createdAt = base::unixMillis();
    Json evidence{{"transcript", std::move(text)},
                  {"judged", task.judgedWhat},
                  {"conclusion", nullptr},
                  {"first_error", nullptr}};
    if (parsed.conclusion) {
        evidence["conclusion"] = model::name(*parsed.conclusion);
    }
    if (parsed.firstErrorStep) {
        evidence["first_error"] = *parsed.firstErrorStep;
    }
    verdict.evidence = evidence.dump(-1, ' ', false, Json::error_handler_t::replace);
    outcome.verdicts.push_back(std::move(verdict));
}

// A Markdown heading without its decoration, in lower case: "## Changed Step" → "changed step".
std::string headingWords(std::string_view line) {
    constexpr std::string_view kDecoration = "#*_: \t\r";
    const std::size_t begin = line.find_first_not_of(kDecoration);
    if (begin == std::string_view::npos) {
        return {};
    }
    const std::size_t end = line.find_last_not_of(kDecoration);
    return base::lowerAscii(line.substr(begin, end - begin + 1));
}

std::optional<int> firstInteger(std::string_view text) {
    const std::size_t at = text.find_first_of("0123456789");
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    int value = 0;
    const auto [stop, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
    return error == std::errc{} ? std::optional(value) : std::nullopt;
}

} // namespace

model::Solution solutionOf(const model::Problem& problem, std::string author, std::string text) {
    model::Solution solution;
    solution.problemId = problem.id;
    solution.author = std::move(author);
    solution.source = problem.source;
    solution.text = std::move(text);
    solution.steps = critique::splitSteps(solution.text);
    solution.finalAnswer = finalAnswerOf(problem, solution.text);
    solution.key = format::solutionKey(problem.key, solution);
    return solution;
}

InjectedSolution parseInjection(std::string_view answer) {
    InjectedSolution injected;
    std::size_t stepBegin = std::string_view::npos;
    for (std::size_t at = 0; at < answer.size();) {
        const std::size_t end = std::min(answer.find('\n', at), answer.size());
        const std::string words = headingWords(answer.substr(at, end - at));
        const std::size_t next = std::min(end + 1, answer.size());
        if (words == "changed step") {
            stepBegin = next;
        } else if (words == "changed solution") {
            injected.text = base::trimmed(answer.substr(next));
            if (stepBegin != std::string_view::npos) {
                if (const auto step = firstInteger(answer.substr(stepBegin, at - stepBegin))) {
                    injected.changedStep = *step - 1; // the form counts from 1
                }
            }
            break;
        }
        at = next;
    }
    return injected;
}

std::string readableText(std::string_view text) {
    constexpr std::string_view kOpen = "<think>";
    constexpr std::string_view kClose = "</think>";
    const std::string_view start = base::trimmed(text);
    // Some chat templates put the opening tag into the prompt, so that only the closing one shows.
    if (const std::size_t end = text.find(kClose);
        end != std::string_view::npos &&
        (start.starts_with(kOpen) || text.substr(0, end).find(kOpen) == std::string_view::npos)) {
        text = base::trimmed(text.substr(end + kClose.size()));
    }
    return base::makeVisibleUtf8(text);
}

model::Completion completionOf(const RunPlan& plan, const Task& task,
                               backend::ChatResult&& result) {
    const StagePlan& stage = plan.stages[static_cast<std::size_t>(task.item.stage)];
    model::Completion completion;
    completion.cacheKey = task.cacheKey;
    completion.runId = plan.runId;
    completion.promptHash = task.promptHash;
    completion.sampling = stage.sampling;
    completion.seed = task.seed;
    completion.sample = task.item.sample;
    completion.finishReason = name(result.finish);
    // Servers that do not count are counted by bytes.
    completion.promptTokens = result.promptTokens.value_or(task.size.promptTokensGuess);
    completion.completionTokens = result.completionTokens.value_or(
        static_cast<std::int64_t>(result.text.size() + result.reasoning.size()) / 4);
    completion.latencySeconds = result.totalSeconds;
    completion.createdAt = base::unixMillis();
    completion.text = std::move(result.text);
    completion.reasoning = std::move(result.reasoning);
    completion.logprobs = std::move(result.logprobs);
    return completion;
}

Outcome evaluate(const RunPlan& plan, Task&& task, model::Completion&& completion) {
    const StagePlan& stage = plan.stages[static_cast<std::size_t>(task.item.stage)];
    Outcome outcome;
    outcome.item = task.item;
    outcome.fromCache = completion.id != 0;
    std::string text = readableText(completion.text);
    switch (stage.kind) {
    case StageKind::Solve:
        evaluateSolution(plan, stage, task, std::move(text), outcome);
        break;
    case StageKind::Select:
        break;
    case StageKind::Inject:
        evaluateInjection(plan, stage, task, text, outcome);
        break;
    case StageKind::Critique:
        evaluateCritique(plan, stage, task, std::move(text), outcome);
        break;
    case StageKind::Validate:
        evaluateValidation(plan, stage, task, std::move(text), outcome);
        break;
    }
    outcome.completion = std::move(completion);
    if (outcome.fromCache) {
        outcome.completion->text = {};
        outcome.completion->reasoning = {};
        outcome.completion->logprobs = {};
    }
    return outcome;
}

std::string errorCodeOf(const backend::ChatError& error) {
    if (error.error.code == base::ErrorCode::Limit) {
        return "context-too-small";
    }
    if (error.httpStatus >= 400) {
        return "http-" + std::to_string(error.httpStatus);
    }
    return error.error.code == base::ErrorCode::Server ? "bad-answer"
                                                       : std::string(codeName(error.error.code));
}

} // namespace scrit::loop
