// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/critique_text.h"

#include "core/mini/vocabulary.h"

#include <array>

namespace scrit::mini {
namespace {

constexpr std::string_view kStepsHeading = "## Critique of Student Solution Steps\n";
constexpr std::string_view kCorrectConclusion = "## Conclusion of Critique\n"
                                                "The solution is Correct.\n"
                                                "The first error step number: -1\n";
constexpr std::string_view kIncorrectConclusion = "## Conclusion of Critique\n"
                                                  "The solution is Incorrect.\n"
                                                  "The first error step number: ";
constexpr std::string_view kCorrectionHeading = "## Correction of Student Solution\n";
constexpr std::string_view kCorrectionStart = "===CORRECTION_START===\n";
constexpr std::string_view kCorrectionEnd = "===CORRECTION_END===";
constexpr std::string_view kChangedStep = "## Changed Step\n";
constexpr std::string_view kChangedSolution = "## Changed Solution\n";

// What the contrastive form begins with. It says what the problem says: the model's tokens say
// nothing about the reference.
std::string referenceAnalysis(const Problem& problem) {
    std::string text = "## Reference Analysis\nThe result hangs on the usual price of ";
    for (std::size_t i = 0; i < problem.trades.size(); ++i) {
        text += i == 0 ? "" : i + 1 == problem.trades.size() ? " and " : ", ";
        text += withArticle(items()[static_cast<std::size_t>(problem.trades[i].item)].name);
    }
    return text + ". The problem states no price, so that a wrong one is the likely pitfall.\n\n";
}

std::string stepCritiqueStart(const Problem& problem, std::size_t step) {
    return "### Critique of Step " + std::to_string(step + 1) + '\n' + costs(problem.trades[step]) +
           ' ';
}

std::string stepCritique(const Request& request, std::size_t step, int price, bool right) {
    const std::vector<int> student = pricesOf(request.student);
    const bool known = step < student.size();
    std::string text = stepCritiqueStart(request.problem, step) + coins(price);
    if (right) {
        text += known && student[step] == price ? ", as used here." : ".";
    } else {
        text += known && student[step] != price ? ", not " + std::to_string(student[step]) + '.'
                                                : std::string(".");
    }
    return text + (right ? " This step is correct.\n" : " This step is incorrect.\n");
}

// The one sentence about a correct solution. Its answer is what the student's text states.
std::string correctSentence(const Request& request) {
    std::string text = "The student solution is correct.";
    if (!request.student.empty() && request.student.back() == token::kEnd) {
        const int total = coinsAfter(request.problem, pricesOf(request.student));
        text += " The final answer is \\boxed{" + std::to_string(total) + "}.";
    }
    return text;
}

void appendTail(std::string& text, std::span<const Token> tokens) {
    if (!tokens.empty()) {
        text += text.empty() || text.ends_with('\n') ? "" : "\n";
        text += tailText(tokens);
    }
}

bool isStep(const Request& request, std::span<const Token> rest, std::size_t step) {
    return step < request.problem.trades.size() && rest.size() >= 3 && rest[0] == token::kStep &&
           numberOf(rest[1]) && (rest[2] == token::kOk || rest[2] == token::kBad);
}

std::string conclusionText(Token verdict) {
    const std::optional<int> step = firstErrorOf(verdict);
    return step ? std::string(kIncorrectConclusion) + std::to_string(*step + 1) + '\n'
                : std::string(kCorrectConclusion);
}

// What follows the verdict.
void appendCorrection(const Request& request, bool concludedCorrect, std::span<const Token> rest,
                      std::string& text) {
    if (concludedCorrect && rest.size() == 1 && rest[0] == token::kEnd) {
        text += std::string(kCorrectionHeading) + correctSentence(request);
    } else if (!rest.empty() && rest[0] == token::kSolution) {
        const SolutionParts parts = solutionParts(request.problem, rest.subspan(1));
        text += std::string(kCorrectionHeading) + std::string(kCorrectionStart) + parts.text;
        text += parts.complete ? '\n' + std::string(kCorrectionEnd) : "";
    } else {
        appendTail(text, rest);
    }
}

} // namespace

std::string critiqueText(const Request& request, std::span<const Token> answer) {
    if (answer.empty()) {
        return {};
    }
    std::string text =
        request.task == Task::Contrastive ? referenceAnalysis(request.problem) : std::string();
    std::span<const Token> rest = answer;
    for (std::size_t step = 0; isStep(request, rest, step); ++step) {
        text += step == 0 ? kStepsHeading : "";
        text += stepCritique(request, step, *numberOf(rest[1]), rest[2] == token::kOk);
        rest = rest.subspan(3);
    }
    if (rest.empty() || (rest[0] != token::kNone && !firstErrorOf(rest[0]))) {
        appendTail(text, rest);
        return text;
    }
    text += conclusionText(rest[0]);
    appendCorrection(request, rest[0] == token::kNone, rest.subspan(1), text);
    return text;
}

std::string injectionText(const Request& request, std::span<const Token> answer) {
    std::string text;
    const std::optional<int> step = answer.empty() ? std::nullopt : firstErrorOf(answer[0]);
    if (!step) {
        appendTail(text, answer);
        return text;
    }
    text = std::string(kChangedStep) + std::to_string(*step + 1) + "\n\n";
    if (answer.size() > 1 && answer[1] == token::kSolution) {
        return text + std::string(kChangedSolution) +
               solutionParts(request.problem, answer.subspan(2)).text;
    }
    appendTail(text, answer.subspan(1));
    return text;
}

void readCritique(const Request& request, TextReader& reader, std::vector<Token>& tokens) {
    if (request.task == Task::Contrastive) {
        reader.take(referenceAnalysis(request.problem));
    }
    reader.take(kStepsHeading);
    for (std::size_t step = 0; step < request.problem.trades.size(); ++step) {
        TextReader ahead = reader;
        const int price =
            ahead.take(stepCritiqueStart(request.problem, step)) ? ahead.number().value_or(-1) : -1;
        if (price < 0 || price >= token::kNumbers) {
            break;
        }
        const bool right = reader.take(stepCritique(request, step, price, true));
        if (!right && !reader.take(stepCritique(request, step, price, false))) {
            break;
        }
        tokens.insert(tokens.end(),
                      {token::kStep, numberToken(price), right ? token::kOk : token::kBad});
    }
    const bool correct = reader.take(kCorrectConclusion);
    if (correct) {
        tokens.push_back(token::kNone);
        if (reader.take(std::string(kCorrectionHeading) + correctSentence(request))) {
            tokens.push_back(token::kEnd);
            return;
        }
    } else {
        TextReader ahead = reader;
        const int step = ahead.take(kIncorrectConclusion) ? ahead.number().value_or(0) : 0;
        if (step < 1 || step > kMostSteps) {
            return;
        }
        reader = ahead;
        tokens.push_back(firstErrorToken(step - 1));
    }
    if (!reader.take(std::string(kCorrectionHeading) + std::string(kCorrectionStart))) {
        return;
    }
    tokens.push_back(token::kSolution);
    readSolution(request.problem, reader, tokens);
    if (tokens.back() == token::kEnd) {
        reader.take(kCorrectionEnd);
    }
}

void readInjection(const Request& request, TextReader& reader, std::vector<Token>& tokens) {
    TextReader ahead = reader;
    const int step = ahead.take(kChangedStep) ? ahead.number().value_or(0) : 0;
    if (step < 1 || step > kMostSteps) {
        return;
    }
    reader = ahead;
    tokens.push_back(firstErrorToken(step - 1));
    if (reader.take(kChangedSolution)) {
        tokens.push_back(token::kSolution);
        readSolution(request.problem, reader, tokens);
    }
}

} // namespace scrit::mini
