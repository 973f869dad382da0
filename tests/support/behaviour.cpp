// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/behaviour.h"

#include "core/base/hash.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace scrit::testing {
namespace {

constexpr std::array<std::string_view, kCritiqueKinds> kKindNames{
    "right",         "wrong",         "rubber-stamp", "late-rejection", "leaking",
    "no-conclusion", "contradiction", "run-on",       "truncated",      "invalid-utf8"};

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

// An independent draw in [0, 1) for each `salt`.
double draw(std::uint64_t hash, std::uint64_t salt) {
    std::uint64_t x = hash + salt * 0x9E3779B97F4A7C15ULL; // SplitMix64's finaliser
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    x ^= x >> 31U;
    return static_cast<double>(x >> 11U) / 9007199254740992.0;
}

int drawInt(std::uint64_t hash, std::uint64_t salt, int count) {
    return static_cast<int>(draw(hash, salt) * count);
}

std::vector<std::int64_t> numbersIn(std::string_view text) {
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!isDigit(text[i])) {
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && isDigit(text[i]) && i - begin < 15) {
            ++i;
        }
        std::int64_t value = 0;
        std::from_chars(text.data() + begin, text.data() + i, value);
        numbers.push_back(value);
    }
    return numbers;
}

std::optional<std::int64_t> integer(std::string_view text) {
    text = base::trimmed(text);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

// False when the step states a sum "a + b = c" that does not hold.
bool sumHolds(std::string_view step) {
    const std::size_t equals = step.find(" = ");
    const std::size_t plus = step.rfind(" + ", equals);
    if (equals == std::string_view::npos || plus == std::string_view::npos || plus > equals) {
        return true;
    }
    const auto left = integer(step.substr(0, plus));
    const auto right = integer(step.substr(plus + 3, equals - plus - 3));
    const auto sum = integer(step.substr(equals + 3));
    return !left || !right || !sum || *left + *right == *sum;
}

std::string boxed(std::int64_t value) {
    return "\\boxed{" + std::to_string(value) + "}";
}

std::string_view section(std::string_view text, std::string_view heading) {
    const std::size_t at = text.find(heading);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = text.substr(at + heading.size());
    return base::trimmed(rest.substr(0, rest.find("\n## ")));
}

// Solutions that differ in white space only are the same, whoever cut them out of a longer text.
std::string collapsed(std::string_view text) {
    std::string out;
    for (const char c : base::trimmed(text)) {
        if (!base::isSpace(c)) {
            out += c;
        } else if (out.back() != ' ') {
            out += ' ';
        }
    }
    return out;
}

std::string solutionFrom(std::string_view firstStep, std::string_view problem, int wrongStep,
                         std::int64_t off, std::string_view lastWords) {
    const std::vector<std::int64_t> numbers = numbersIn(problem);
    std::string text(firstStep);
    std::int64_t sum = numbers.empty() ? 0 : numbers.front();
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        text += "\n\n" + std::to_string(sum) + " + " + std::to_string(numbers[i]) + " = ";
        sum += numbers[i] + (static_cast<int>(i) == wrongStep ? off : 0);
        text += std::to_string(sum);
    }
    const bool lastIsWrong =
        wrongStep >= static_cast<int>(std::max<std::size_t>(1, numbers.size()));
    return text + "\n\n" + std::string(lastWords) + boxed(sum + (lastIsWrong ? off : 0)) + ".";
}

constexpr std::array<std::string_view, 4> kFirstSteps{
    "We add the numbers one after the other.", "All that counts is the total, so we add up.",
    "Start with the first number and add the others in turn.",
    "The answer is a sum; we build it term by term."};

// The parts of a critique before they are put together.
struct Draft {
    int approved = 0; // steps that are found right
    int wrong = -1;   // the step after them that is found wrong
    bool concluded = true;
    bool correct = true; // conclusion
    int firstError = -1;
    bool leaks = false;
    bool invalid = false;
};

std::string render(const BehaviourPrompt& prompt, const SolutionTruth& truth, const Draft& draft,
                   const std::string& correction) {
    std::string text;
    if (prompt.role == PromptRole::ContrastiveCritic) {
        text += "## Reference Analysis\nThe total is built term by term; a slip in one sum spoils "
                "all that follow.\n\n";
    }
    text += "## Critique of Student Solution Steps\n";
    const auto heading = [&](int step) {
        text += "### Critique of Step " + std::to_string(step + 1) + "\n";
        if (step == 0 && draft.invalid) {
            text += "A stray \xff byte stands here. ";
        }
    };
    for (int step = 0; step < draft.approved; ++step) {
        heading(step);
        text += "I recomputed what this step states and it holds: it follows from the problem and "
                "from the steps before it.\n";
        if (step == 0 && draft.leaks) {
            text += "This agrees with the reference solution.\n";
        }
    }
    if (draft.wrong >= 0) {
        heading(draft.wrong);
        text += "This step is wrong: the value it states does not follow. ";
        text += draft.leaks && draft.wrong == 0 ? "The reference solution has another value.\n"
                                                : "Computing it again mends it.\n";
    }
    if (!draft.concluded) {
        return text;
    }
    text += "\n## Conclusion of Critique\nThe solution is ";
    text += draft.correct ? "Correct." : "Incorrect.";
    text += "\nThe first error step number: " +
            std::to_string(draft.firstError < 0 ? -1 : draft.firstError + 1) +
            "\n\n## Correction of Student Solution\n";
    if (correction.empty()) {
        text += "The student solution is correct. The final answer is ";
        text += truth.answer ? boxed(*truth.answer) : "\\boxed{?}";
        return text + ".\n";
    }
    return text + "===CORRECTION_START===\n" + correction + "\n===CORRECTION_END===\n";
}

} // namespace

std::string_view name(CritiqueKind kind) {
    return kKindNames[static_cast<std::size_t>(kind)];
}

std::optional<CritiqueKind> critiqueKindFromName(std::string_view text) {
    const auto found = std::find(kKindNames.begin(), kKindNames.end(), text);
    return found != kKindNames.end()
               ? std::optional(static_cast<CritiqueKind>(found - kKindNames.begin()))
               : std::nullopt;
}

BehaviourPrompt readPrompt(std::string_view user, double temperature) {
    BehaviourPrompt prompt;
    const std::string_view problem = section(user, "## Math Problem\n");
    if (problem.empty()) {
        prompt.problem = base::trimmed(user);
        return prompt;
    }
    prompt.problem = problem;
    if (const std::string_view right = section(user, "## Correct Solution\n"); !right.empty()) {
        prompt.role = PromptRole::Injector;
        prompt.solution = right;
        return prompt;
    }
    prompt.solution = section(user, "## Student Solution\n");
    if (user.find("\n## Reference Solution\n") != std::string_view::npos) {
        prompt.role = PromptRole::ContrastiveCritic;
    } else {
        prompt.role = temperature > 0 ? PromptRole::DirectCritic : PromptRole::Validator;
    }
    return prompt;
}

BehaviourAnswer Behaviour::answer(const BehaviourPrompt& prompt) const {
    const std::string role = std::to_string(static_cast<int>(prompt.role));
    std::string content = role + '\n' + prompt.problem + '\n' + collapsed(prompt.solution);
    switch (prompt.role) {
    case PromptRole::Student:
    case PromptRole::Injector: {
        content += '\n' + prompt.model + '\n' + std::to_string(prompt.seed);
        const std::uint64_t hash = base::hash64(content, m_seed);
        return prompt.role == PromptRole::Student ? solve(prompt, hash) : inject(prompt, hash);
    }
    case PromptRole::Validator:
        return validate(prompt, base::hash64(content, m_seed));
    default:
        return criticise(prompt, base::hash64(content, m_seed));
    }
}

BehaviourAnswer Behaviour::solve(const BehaviourPrompt& prompt, std::uint64_t hash) const {
    BehaviourAnswer answer;
    const int steps = worldSteps(prompt.problem);
    if (draw(hash, 1) < m_shares.studentUnboxed) {
        answer.text = "We would have to add the numbers.\n\nThat is too much work.";
        return answer;
    }
    answer.solvedRight = draw(hash, 2) < m_shares.studentRight;
    const int wrong = *answer.solvedRight ? -1 : 1 + drawInt(hash, 3, steps - 1);
    answer.text = worldSolution(prompt.problem, wrong, hash);
    return answer;
}

BehaviourAnswer Behaviour::criticise(const BehaviourPrompt& prompt, std::uint64_t hash) const {
    BehaviourAnswer answer;
    double left = draw(hash, 1);
    for (int kind = 0; kind < kCritiqueKinds; ++kind) {
        left -= m_shares.critique[kind];
        if (left < 0) {
            answer.kind = static_cast<CritiqueKind>(kind);
            break;
        }
    }
    const SolutionTruth truth = judgeSolution(prompt.problem, prompt.solution);
    const int steps = static_cast<int>(truth.steps.size());
    Draft draft;
    draft.wrong = truth.firstWrongStep;
    bool mendsWrong = false;
    switch (answer.kind) {
    case CritiqueKind::Wrong:
        mendsWrong = true;
        draft.wrong = draft.wrong < 0 ? drawInt(hash, 2, steps) : draft.wrong;
        break;
    case CritiqueKind::RubberStamp:
        draft.wrong = -1;
        break;
    case CritiqueKind::LateRejection:
        draft.wrong = steps - 1;
        break;
    case CritiqueKind::Leaking:
        draft.leaks = true;
        break;
    case CritiqueKind::NoConclusion:
        draft.concluded = false;
        break;
    case CritiqueKind::InvalidUtf8:
        draft.invalid = true;
        break;
    default:
        break;
    }
    draft.correct = draft.wrong < 0;
    draft.firstError = draft.wrong;
    draft.approved = draft.correct ? steps : draft.wrong;
    if (answer.kind == CritiqueKind::LateRejection) {
        draft.approved = steps;
        draft.wrong = -1;
    }
    if (answer.kind == CritiqueKind::Contradiction) {
        draft.firstError = draft.correct ? 0 : -1;
    }
    if (!draft.correct) {
        // The steps before the error stay as the student wrote them: in this world they are
        // right, so that only the first one can differ in wording.
        const std::string_view first = draft.firstError != 0 && !truth.steps.empty()
                                           ? truth.steps.front()
                                           : kFirstSteps.front();
        const int wrongAgain = mendsWrong ? std::max(1, draft.firstError) : -1;
        answer.correction =
            solutionFrom(first, prompt.problem, wrongAgain, 7, "Therefore, the final answer is ");
        answer.correctionAnswer = judgeSolution(prompt.problem, answer.correction).answer;
    } else if (draft.concluded) {
        answer.correctionAnswer = truth.answer;
    }
    answer.text = render(prompt, truth, draft, answer.correction);
    if (draft.concluded) {
        answer.saysCorrect = draft.correct;
        answer.firstErrorStep = draft.firstError;
    } else {
        answer.correction.clear();
        answer.correctionAnswer.reset();
    }
    if (answer.kind == CritiqueKind::RunOn) {
        answer.text += "\n## Math Problem\nWhat is 1 + 1?\n\n## Student Solution\nThe final answer "
                       "is \\boxed{3}.\n";
    }
    if (answer.kind == CritiqueKind::Truncated) {
        answer.truncated = true;
        answer.text.resize(answer.text.find("\n## Conclusion"));
        answer.saysCorrect.reset();
        answer.firstErrorStep.reset();
        answer.correction.clear();
        answer.correctionAnswer.reset();
    }
    return answer;
}

BehaviourAnswer Behaviour::validate(const BehaviourPrompt& prompt, std::uint64_t hash) const {
    const SolutionTruth truth = judgeSolution(prompt.problem, prompt.solution);
    const int steps = static_cast<int>(truth.steps.size());
    const bool right = truth.firstWrongStep < 0;
    const bool accepts = draw(hash, 1) < (right ? m_shares.acceptRight : m_shares.acceptWrong);
    BehaviourAnswer answer;
    Draft draft;
    draft.correct = accepts;
    draft.concluded = draw(hash, 2) >= m_shares.validatorMalformed;
    if (!accepts) {
        draft.wrong = right ? drawInt(hash, 3, steps) : truth.firstWrongStep;
        answer.correction = solutionFrom(kFirstSteps.front(), prompt.problem, -1, 0,
                                         "Therefore, the final answer is ");
    }
    draft.firstError = draft.wrong;
    draft.approved = accepts ? steps : draft.wrong;
    answer.kind = draft.concluded ? CritiqueKind::Right : CritiqueKind::NoConclusion;
    answer.text = render(prompt, truth, draft, answer.correction);
    if (draft.concluded) {
        answer.saysCorrect = accepts;
        answer.firstErrorStep = draft.firstError;
    }
    return answer;
}

BehaviourAnswer Behaviour::inject(const BehaviourPrompt& prompt, std::uint64_t hash) const {
    BehaviourAnswer answer;
    if (draw(hash, 1) < m_shares.injectorMalformed) {
        answer.text = "I would rather not put a mistake into a right solution.";
        return answer;
    }
    const int wrong = 1 + drawInt(hash, 2, worldSteps(prompt.problem) - 1);
    const SolutionTruth truth = judgeSolution(prompt.problem, prompt.solution);
    answer.firstErrorStep = wrong;
    answer.correction =
        solutionFrom(truth.steps.empty() ? kFirstSteps.front() : truth.steps.front(),
                     prompt.problem, wrong, 11, "The final answer is ");
    answer.text = "## Changed Step\n" + std::to_string(wrong + 1) + "\n\n## Changed Solution\n" +
                  answer.correction + "\n";
    return answer;
}

std::string worldProblem(std::uint64_t number) {
    const std::uint64_t hash = base::hash64(std::to_string(number), 77);
    const int count = 3 + drawInt(hash, 1, 4);
    std::string text = "A library counts its books. The shelves hold ";
    for (int i = 0; i < count; ++i) {
        text += i == 0 ? "" : i + 1 == count ? " and " : ", ";
        // The first number alone tells problems apart.
        text += std::to_string(i == 0 ? static_cast<int>(1000 + number)
                                      : 10 + drawInt(hash, 2 + static_cast<std::uint64_t>(i), 900));
    }
    return text + " of them. How many books are there?";
}

std::int64_t worldAnswer(std::string_view problem) {
    std::int64_t sum = 0;
    for (const std::int64_t value : numbersIn(problem)) {
        sum += value;
    }
    return sum;
}

int worldSteps(std::string_view problem) {
    return static_cast<int>(std::max<std::size_t>(1, numbersIn(problem).size())) + 1;
}

std::string worldSolution(std::string_view problem, int wrongStep, std::uint64_t style) {
    const std::int64_t off = 1 + static_cast<std::int64_t>((style / kFirstSteps.size()) % 5);
    return solutionFrom(kFirstSteps[style % kFirstSteps.size()], problem, wrongStep, off,
                        "The final answer is ");
}

SolutionTruth judgeSolution(std::string_view problem, std::string_view solution) {
    SolutionTruth truth;
    for (std::size_t at = 0; at < solution.size();) {
        const std::size_t end = std::min(solution.find("\n\n", at), solution.size());
        if (const std::string_view step = base::trimmed(solution.substr(at, end - at));
            !step.empty()) {
            if (truth.firstWrongStep < 0 && !sumHolds(step)) {
                truth.firstWrongStep = static_cast<int>(truth.steps.size());
            }
            truth.steps.push_back(step);
        }
        at = end + 2;
    }
    if (const std::size_t box = solution.rfind("\\boxed{"); box != std::string_view::npos) {
        const std::string_view rest = solution.substr(box + 7);
        truth.answer = integer(rest.substr(0, rest.find('}')));
    }
    if (truth.firstWrongStep < 0 && truth.answer != worldAnswer(problem)) {
        truth.firstWrongStep = static_cast<int>(truth.steps.size()) - 1;
    }
    return truth;
}

} // namespace scrit::testing
