// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The pieces that extractAnswer() is made of. All spans are into the text given. Pure, any thread,
// linear time.
namespace scrit::math {

// A place in the text and the answer read there.
struct Found {
    base::Span span;
    std::string text;
};

// The last place of a mark of two bytes or more, or npos. rfind() compares at every place; this one
// only where the first byte is the mark's.
[[nodiscard]] std::size_t lastOf(std::string_view text, std::string_view mark);

// The part of a text that can hold the answer: the last limits::kTextBytes, behind a closed <think>
// part, before chat-template residue such as "<|im_start|>user".
[[nodiscard]] base::Span answerRegion(std::string_view text);

// The last \boxed{}, \fbox{} or "\boxed 5" and those directly before it that only commas, "and" and
// the like separate from it. An unbalanced box ends with its formula or line.
[[nodiscard]] std::optional<Found> lastBoxes(std::string_view text);

// The rest of the line behind the last ####.
[[nodiscard]] std::optional<Found> lastHash(std::string_view text);

// Where the last announcement ends ("the answer is", "A:", "答案是" …). `finalOnly` takes only the
// ones that say "final answer".
[[nodiscard]] std::optional<std::size_t> afterAnnouncement(std::string_view text, bool finalOnly);

// The value announced: what follows `from` up to the end of the sentence.
[[nodiscard]] std::optional<Found> announcedValue(std::string_view text, std::size_t from);

// The last formula between delimiters; the span includes them. Only what can be read or holds
// commands is one; amounts of dollars are left out.
[[nodiscard]] std::optional<Found> lastFormula(std::string_view text);

// The last number that stands free of letters before it, with its percent sign.
[[nodiscard]] std::optional<Found> lastNumber(std::string_view text);

// How a text mixes words with values. Words are runs of two letters or more outside formulas and
// commands; units, "and", "or" and names of functions are none.
struct Prose {
    std::size_t words = 0;
    std::size_t wordsBefore = 0;  // before the first number or formula
    bool value = false;           // has a number or a formula
    bool formula = false;         // has delimiters of formulas inside
    bool label = false;           // a word and a colon before the first value
    std::size_t foreignBytes = 0; // letters of other scripts before the first value
};
[[nodiscard]] Prose proseOf(std::string_view text);

// Whether the first value is only a bound of what is meant: "greater than 3", "at least 5".
[[nodiscard]] bool boundsItsValue(std::string_view text);

// The end of the sentence that starts at `from`; full stops inside formulas and numbers do not
// count.
[[nodiscard]] std::size_t sentenceEnd(std::string_view text, std::size_t from);

// The last letter that the text says is the answer: "Option C is correct", "I choose (B)"; "not
// (B)" says the opposite.
[[nodiscard]] std::optional<Found> assertedChoice(std::string_view text, std::size_t choiceCount);

// A letter of a multiple-choice problem where nothing else is asked for.
[[nodiscard]] std::optional<Found> freeChoice(std::string_view text, std::size_t choiceCount);

} // namespace scrit::math
