// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "core/model/names.h"

#include <optional>
#include <string_view>
#include <vector>

// Reads judgements out of wording. Internal to core/critique. Only clear statements count;
// everything else is "not stated". All functions are linear in their text.
namespace scrit::critique {

// The value of an explicit field such as "Correctness of the step: Wrong". \boxed{1} and \boxed{-1}
// count as correct and incorrect. A value that says both ("Correct, but wrong in context") or
// hedges
// ("partially correct") is Unstated.
[[nodiscard]] model::StepVerdict fieldVerdict(std::string_view value);

// What a step critique says about its step; `numbers` are the step's own numbers as written, so
// that "the error in Step 2" is not held against Step 3.
[[nodiscard]] model::StepVerdict wordedStepVerdict(std::string_view body,
                                                   const std::vector<int>& numbers);

// A sentence that judges the whole solution.
struct SolutionSentence {
    model::Conclusion conclusion = model::Conclusion::Incorrect;
    bool concluding = false; // starts with "Therefore", "Overall", "In conclusion" …
    base::Span span;         // the sentence in the text
};
// All such sentences of text[within], in order. Conditions, questions and announcements ("whether
// the solution is correct") are no judgements.
[[nodiscard]] std::vector<SolutionSentence> solutionSentences(std::string_view text,
                                                              base::Span within);

// A stated first error step, as written (1-based unless `zeroBased`).
struct FirstErrorStatement {
    bool none = false; // "-1", "None", "N/A", "no error"
    int number = 0;
    bool zeroBased = false; // <paragraph_k>
    friend bool operator==(const FirstErrorStatement&, const FirstErrorStatement&) = default;
};
// The value of a field "First error step: …"; nothing when it names no step.
[[nodiscard]] std::optional<FirstErrorStatement> firstErrorValue(std::string_view value);
// Sentences such as "The first error occurs in Step 4", in order.
[[nodiscard]] std::vector<FirstErrorStatement> firstErrorSentences(std::string_view text,
                                                                   base::Span within);

} // namespace scrit::critique
