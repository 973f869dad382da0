// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "core/model/lineage.h"

#include <span>
#include <string_view>

// Reads a critique out of whatever a model wrote; README.md has the grammar.
namespace scrit::critique {

// Stored with each result. A change of the rules that can change a result changes this id.
inline constexpr std::string_view kParserProtocol = "critique-parser/2";

// StepCritique::index when a critique quotes a sentence instead of a step number and the sentence
// was found in no step of the solution.
inline constexpr int kUnmatchedStep = -1;

// What the parser may know about the criticised solution. Both parts are optional and only used to
// bound step numbers and to find the steps that a critique quotes. The caller keeps the memory
// alive during the call.
struct ParseContext {
    std::string_view solution;
    std::span<const base::Span> steps; // into `solution`, in order
};

// Names in ParsedCritique::problems. Each occurs at most once, in the order of this list.
namespace problem {
inline constexpr std::string_view kEmpty = "empty";              // nothing but white space
inline constexpr std::string_view kInvalidText = "invalid-text"; // not UTF-8, or NUL bytes inside
inline constexpr std::string_view kNoSteps = "no-steps"; // no critique of a single step found
inline constexpr std::string_view kStepsOutOfOrder =
    "steps-out-of-order"; // a step number goes back
inline constexpr std::string_view kStepOutOfRange =
    "step-out-of-range"; // no such step in the solution
inline constexpr std::string_view kStepNotMatched = "step-not-matched"; // see kUnmatchedStep
inline constexpr std::string_view kNoConclusion = "no-conclusion";
inline constexpr std::string_view kConflictingConclusions =
    "conflicting-conclusions"; // "correct" and "incorrect" are both stated: neither is reported
inline constexpr std::string_view kNoFirstErrorStep = "no-first-error-step";
inline constexpr std::string_view kSeveralFirstErrorSteps =
    "several-first-error-steps"; // different numbers are stated; the last one is reported
inline constexpr std::string_view kConclusionContradictsStep =
    "conclusion-contradicts-step"; // "correct" with a step number, or "incorrect" with none
inline constexpr std::string_view kNoCorrection =
    "no-correction"; // concluded incorrect, no correction
inline constexpr std::string_view kCorrectionNotClosed =
    "correction-not-closed"; // ===CORRECTION_START=== without its end
inline constexpr std::string_view kNoCorrectionAnswer =
    "no-correction-answer"; // a correction without a recognisable final answer
inline constexpr std::string_view kTruncated = "truncated"; // the text breaks off inside a part
} // namespace problem

// Parses one critique. Never throws on any input, never guesses: a part that the text does not
// state is absent in the result and named in `problems`. Spans refer to `text`:
//   steps[i].span      the critique of one step with its own heading; spans are in order and
//   disjoint.
//                      A heading about several steps ("Steps 2 and 3") gives one entry per step,
//                      all with the same span. Indices are 0-based whatever the text counts from.
//   referenceAnalysis  the section with its heading
//   conclusionSpan     the section with its heading, or the lines that state the verdict
//   correction         the corrected solution alone, without heading and ===CORRECTION_…=== markers
//   usedEnd            everything from here on is run-on text (or white space)
// `flags` stays empty; redFlags() computes it. Time is linear in the text plus, for quoted
// sentences, in the solution. Pure; any thread.
[[nodiscard]] model::ParsedCritique parseCritique(std::string_view text,
                                                  const ParseContext& context = {});

} // namespace scrit::critique
