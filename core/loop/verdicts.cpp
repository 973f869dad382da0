// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/loop/verify.h"
#include "core/math/answer.h"
#include "core/math/arithmetic.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace scrit::loop {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxFailures = 100;

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

model::Outcome outcomeOf(math::Equality equality) {
    switch (equality) {
    case math::Equality::Equal:
        return model::Outcome::Yes;
    case math::Equality::Different:
        return model::Outcome::No;
    case math::Equality::Undecided:
        return model::Outcome::Undecided;
    }
    return model::Outcome::Undecided;
}

struct Compared {
    math::Verdict verdict;
    std::string answer; // what was compared with the gold answer
};

// Whether the answer is the text of an option.
bool isOption(std::string_view answer, const math::EquivalenceSettings& settings) {
    return std::any_of(
        settings.choices.begin(), settings.choices.end(), [&](const std::string& option) {
            return math::equivalent(option, answer).equality == math::Equality::Equal;
        });
}

// An answer (or, where it is missing, the whole text that should hold one) against the gold answer.
Compared compare(const model::Problem& problem, std::string_view answer, std::string_view wholeText,
                 math::EquivalenceSettings settings) {
    settings.choices = problem.choices;
    math::ExtractOptions extract;
    if (!problem.choices.empty()) {
        extract.choiceCount = std::min<std::size_t>(problem.choices.size(), 26);
    }
    Compared out;
    out.answer = answer;
    if (answer.empty()) {
        if (const auto found = math::extractAnswer(wholeText, extract)) {
            out.answer = found->text;
        }
    }
    if (!out.answer.empty()) {
        const math::AnswerCheck check =
            math::checkAnswers(problem.referenceAnswer, out.answer, settings, extract);
        // A bare answer that extraction makes nothing of, such as a list of words, is compared as
        // it is.
        out.verdict = check.goldAnswer.empty() || check.predAnswer.empty()
                          ? math::equivalent(problem.referenceAnswer, out.answer, settings)
                          : check.verdict;
    }
    // Some data sets give a letter as gold answer and keep the options in the problem's text.
    const bool lettersAsked =
        math::choiceLetter(problem.referenceAnswer, extract.choiceCount).has_value();
    if (lettersAsked && out.verdict.equality != math::Equality::Equal &&
        !math::choiceLetter(out.answer, extract.choiceCount) && !isOption(out.answer, settings)) {
        // What was taken for the answer is no option, such as the last number of the text.
        extract.choices = math::ChoiceMode::Only;
        if (const auto letter = math::extractAnswer(wholeText, extract)) {
            out.answer = letter->text;
            out.verdict = math::equivalent(problem.referenceAnswer, out.answer, settings);
        }
    }
    if (out.answer.empty()) { // nothing to compare is not the same as a wrong answer
        out.verdict = math::Verdict{};
    }
    return out;
}

model::Verdict answerVerdict(const model::Problem& problem, const Compared& compared,
                             const math::EquivalenceSettings& settings,
                             std::string_view answerFrom) {
    model::Verdict verdict;
    verdict.verifier = model::verifier::kAnswerMatch;
    verdict.protocol = math::protocolId(settings);
    verdict.outcome = outcomeOf(compared.verdict.equality);
    verdict.rule = math::name(compared.verdict.rule);
    verdict.createdAt = base::unixMillis();
    verdict.evidence = dumped({{"gold", problem.referenceAnswer},
                               {"answer", compared.answer},
                               {"gold_read", compared.verdict.goldCanonical},
                               {"answer_read", compared.verdict.predCanonical},
                               {"answer_from", answerFrom}});
    return verdict;
}

} // namespace

std::optional<model::Verdict> answerMatchOfSolution(const model::Problem& problem,
                                                    const model::Solution& solution,
                                                    const math::EquivalenceSettings& settings) {
    if (problem.referenceAnswer.empty()) {
        return std::nullopt;
    }
    model::Verdict verdict =
        answerVerdict(problem, compare(problem, solution.finalAnswer, solution.text, settings),
                      settings, "solution");
    verdict.subject = model::SubjectKind::Solution;
    verdict.subjectId = solution.id;
    return verdict;
}

std::optional<model::Verdict> answerMatchOfCritique(const model::Problem& problem,
                                                    const model::Solution& solution,
                                                    const model::Critique& critique,
                                                    const math::EquivalenceSettings& settings) {
    if (problem.referenceAnswer.empty()) {
        return std::nullopt;
    }
    const model::ParsedCritique& parsed = critique.parsed;
    std::string_view correction = critique.correctionText;
    if (parsed.correction && parsed.correction->end <= critique.text.size()) {
        correction = base::slice(critique.text, *parsed.correction);
    }
    std::string_view from = "correction";
    Compared compared;
    const bool standsForSolution =
        parsed.correctionAnswer.empty() && parsed.conclusion == model::Conclusion::Correct;
    if (standsForSolution) {
        from = "solution";
        compared = compare(problem, solution.finalAnswer, solution.text, settings);
    } else if (!parsed.correctionAnswer.empty() || !base::trimmed(correction).empty()) {
        compared = compare(problem, parsed.correctionAnswer, correction, settings);
    }
    model::Verdict verdict = answerVerdict(problem, compared, settings, from);
    verdict.subject = model::SubjectKind::Critique;
    verdict.subjectId = critique.id;
    return verdict;
}

model::Verdict stepArithmeticOfSolution(const model::Solution& solution) {
    std::size_t equations = 0;
    std::size_t failures = 0;
    std::optional<int> firstStep;
    Json failed = Json::array();
    for (std::size_t i = 0; i < solution.steps.size(); ++i) {
        const base::Span step = solution.steps[i];
        if (step.begin > step.end || step.end > solution.text.size()) {
            continue;
        }
        for (const math::EquationCheck& check :
             math::checkArithmetic(base::slice(solution.text, step))) {
            ++equations;
            if (check.holds) {
                continue;
            }
            ++failures;
            if (!firstStep) {
                firstStep = static_cast<int>(i);
            }
            if (failed.size() < kMaxFailures) {
                failed.push_back({{"step", i},
                                  {"begin", step.begin + check.span.begin},
                                  {"end", step.begin + check.span.end},
                                  {"left", check.left},
                                  {"right", check.right},
                                  {"expected", check.expected}});
            }
        }
    }
    model::Verdict verdict;
    verdict.subject = model::SubjectKind::Solution;
    verdict.subjectId = solution.id;
    verdict.verifier = model::verifier::kStepArithmetic;
    verdict.protocol = kStepArithmeticProtocol;
    verdict.createdAt = base::unixMillis();
    if (failures > 0) {
        verdict.outcome = model::Outcome::No;
        verdict.step = firstStep;
        verdict.rule = "equation-fails";
    } else if (equations > 0) {
        verdict.outcome = model::Outcome::Yes;
        verdict.step = model::kNoError;
        verdict.rule = "equations-hold";
    } else {
        verdict.rule = "no-equations";
    }
    verdict.evidence = dumped({{"equations", equations}, {"failed", std::move(failed)}});
    return verdict;
}

model::Verdict formatOfCritique(const model::Critique& critique) {
    const model::ParsedCritique& parsed = critique.parsed;
    const bool complete = parsed.conclusion && parsed.firstErrorStep;
    const bool correctionMissing = parsed.conclusion == model::Conclusion::Incorrect &&
                                   !parsed.correction && parsed.correctionAnswer.empty() &&
                                   base::trimmed(critique.correctionText).empty();
    model::Verdict verdict;
    verdict.subject = model::SubjectKind::Critique;
    verdict.subjectId = critique.id;
    verdict.verifier = model::verifier::kFormat;
    verdict.protocol = kFormatProtocol;
    verdict.createdAt = base::unixMillis();
    if (!complete) {
        verdict.outcome = model::Outcome::No;
        verdict.rule = "incomplete";
    } else if (correctionMissing) {
        verdict.outcome = model::Outcome::No;
        verdict.rule = "no-correction";
    } else if (!parsed.flags.empty()) {
        verdict.outcome = model::Outcome::No;
        verdict.rule = "red-flag";
    } else {
        verdict.outcome = model::Outcome::Yes;
        verdict.rule = "well-formed";
    }
    Json flags = Json::array();
    for (const model::Flag flag : model::flagsIn(parsed.flags)) {
        flags.push_back(model::name(flag));
    }
    verdict.evidence = dumped(
        {{"parser", parsed.parser}, {"problems", parsed.problems}, {"flags", std::move(flags)}});
    return verdict;
}

} // namespace scrit::loop
