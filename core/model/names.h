// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

// The closed vocabularies of the lineage graph and their stable names in files, SQL and JSON.
namespace scrit::model {

// How a critique was made. Direct: problem and solution only. BugInjection: the critic's input was
// a correct solution with an injected bug. Contrastive: the critic saw a reference solution.
// Recorded: the text was imported and its maker did not say which.
enum class CritiqueMode { Direct, BugInjection, Contrastive, Recorded };

// A judgement "this solution is (in)correct"; absent where a text does not say.
enum class Conclusion { Correct, Incorrect };

// The outcome of one verifier for one subject. Undecided is an answer of its own, never "false".
enum class Outcome { Yes, No, Undecided };

// What a verdict or an annotation is about.
enum class SubjectKind { Problem, Solution, Critique };

// What a critique says about one step.
enum class StepVerdict { Correct, Incorrect, Unstated };

[[nodiscard]] std::string_view
name(CritiqueMode mode); // direct, bug-injection, contrastive, recorded
[[nodiscard]] std::string_view name(Conclusion conclusion); // correct, incorrect
[[nodiscard]] std::string_view name(Outcome outcome);       // yes, no, undecided
[[nodiscard]] std::string_view name(SubjectKind kind);      // problem, solution, critique
[[nodiscard]] std::string_view name(StepVerdict verdict);   // correct, incorrect, unstated

// The value of a name; nothing for an unknown one.
[[nodiscard]] std::optional<CritiqueMode> critiqueModeFromName(std::string_view text);
[[nodiscard]] std::optional<Conclusion> conclusionFromName(std::string_view text);
[[nodiscard]] std::optional<Outcome> outcomeFromName(std::string_view text);
[[nodiscard]] std::optional<SubjectKind> subjectKindFromName(std::string_view text);
[[nodiscard]] std::optional<StepVerdict> stepVerdictFromName(std::string_view text);

// Verifier names that the software itself gives a meaning to; other names are allowed in the store.
namespace verifier {
inline constexpr std::string_view kLabel = "label"; // recorded by the data's source
inline constexpr std::string_view kAnswerMatch =
    "answer_match"; // final answer against the gold answer
inline constexpr std::string_view kSelfValidation =
    "self_validation"; // the critic judges its correction
inline constexpr std::string_view kStepArithmetic =
    "step_arithmetic";                                // equations inside a step hold
inline constexpr std::string_view kFormat = "format"; // parse problems and red flags
inline constexpr std::string_view kHuman = "human";
} // namespace verifier

} // namespace scrit::model
