// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the behaviour server's "language model" answers: a pure function of a seed, the shares of
// each way to behave, and the content of a prompt; neither the order of requests nor time counts.
// A test that knows seed and shares therefore knows every answer, and with it the true funnel of a
// run. Its world is small: a problem's answer is the sum of all whole numbers in its text, and a
// step is wrong when it states a sum "a + b = c" that does not hold.
namespace scrit::testing {

// How a critic answers. The comment says what it does with a right and with a wrong solution.
enum class CritiqueKind {
    Right,         // the truth, and a right correction
    Wrong,         // well formed: rejects a right solution; mends a wrong one to a wrong answer
    RubberStamp,   // approves every step of any solution
    LateRejection, // approves every step, then rejects the last one; the correction is right
    Leaking,       // as Right, and appeals to the reference solution in a step
    NoConclusion,  // stops after the steps
    Contradiction, // "Incorrect" with −1 (or "Correct" with a step), the rest as Right
    RunOn,         // as Right, then goes on with another problem
    Truncated,     // as Right, cut in the middle; finish_reason "length"
    InvalidUtf8,   // as Right, with a byte that is not UTF-8 in the critique of the first step
};
inline constexpr int kCritiqueKinds = 10;
[[nodiscard]] std::string_view name(CritiqueKind kind); // right, wrong, rubber-stamp, …
[[nodiscard]] std::optional<CritiqueKind> critiqueKindFromName(std::string_view text);

struct BehaviourShares {
    double critique[kCritiqueKinds] = {0.55, 0.10, 0.08, 0.05, 0.06, 0.05, 0.04, 0.03, 0.02, 0.02};
    double studentRight = 0.6;    // of a student's solutions
    double studentUnboxed = 0.02; // has no final answer
    double acceptRight = 0.95;    // of right solutions shown to a validator
    double acceptWrong = 0.10;
    double validatorMalformed = 0.02; // no conclusion
    double injectorMalformed = 0.05;  // no "Changed Solution"
};

enum class PromptRole { Student, ContrastiveCritic, DirectCritic, Validator, Injector };

// What the server understands of a request. A direct critique at temperature 0 is a validation:
// that is how the recipes of the project tell them apart.
struct BehaviourPrompt {
    PromptRole role = PromptRole::Student;
    std::string problem;
    std::string solution; // the candidate; empty for a student
    // Of the request; count for students and injectors only, who are asked for several samples.
    std::string model;
    std::int64_t seed = 0;
};
[[nodiscard]] BehaviourPrompt readPrompt(std::string_view user, double temperature);

// An answer, and what is true about it.
struct BehaviourAnswer {
    std::string text;
    bool truncated = false; // finish_reason "length"
    // Of a critic and a validator. Steps count from 0, −1: no wrong step.
    CritiqueKind kind = CritiqueKind::Right;
    std::optional<bool> saysCorrect; // absent: there is no conclusion
    std::optional<int> firstErrorStep;
    std::string correction; // the corrected solution; empty: there is none
    std::optional<std::int64_t> correctionAnswer;
    // Of a student: whether the final answer is right (absent: there is none).
    std::optional<bool> solvedRight;
};

class Behaviour {
public:
    explicit Behaviour(std::uint64_t seed = 0, const BehaviourShares& shares = {})
        : m_seed(seed), m_shares(shares) {}
    [[nodiscard]] BehaviourAnswer answer(const BehaviourPrompt& prompt) const;

private:
    [[nodiscard]] BehaviourAnswer solve(const BehaviourPrompt& prompt, std::uint64_t hash) const;
    [[nodiscard]] BehaviourAnswer criticise(const BehaviourPrompt& prompt,
                                            std::uint64_t hash) const;
    [[nodiscard]] BehaviourAnswer validate(const BehaviourPrompt& prompt, std::uint64_t hash) const;
    [[nodiscard]] BehaviourAnswer inject(const BehaviourPrompt& prompt, std::uint64_t hash) const;

    std::uint64_t m_seed;
    BehaviourShares m_shares;
};

// The world, for tests that make problems and solutions of their own.
[[nodiscard]] std::string worldProblem(std::uint64_t number); // a text with three to six numbers
[[nodiscard]] std::int64_t worldAnswer(std::string_view problem);
// Steps separated by blank lines; the sum in step `wrongStep` (−1: none) is off and carried on.
[[nodiscard]] std::string worldSolution(std::string_view problem, int wrongStep,
                                        std::uint64_t style = 0);
// How many steps worldSolution() has: the first and the last state no sum.
[[nodiscard]] int worldSteps(std::string_view problem);

// What can be seen in any solution text.
struct SolutionTruth {
    std::vector<std::string_view> steps; // into the text
    int firstWrongStep = -1; // the last step when all sums hold and the answer is wrong or missing
    std::optional<std::int64_t> answer; // of the last \boxed{}
};
[[nodiscard]] SolutionTruth judgeSolution(std::string_view problem, std::string_view solution);

} // namespace scrit::testing
