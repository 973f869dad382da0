// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/critique/line_head.h"
#include "core/critique/words.h"

#include <cstddef>
#include <vector>

// The vocabulary of judgement: which words say right and wrong, and how verbs carry them. Internal
// to core/critique.
namespace scrit::critique {

enum class Polarity { None, Positive, Negative };

[[nodiscard]] Polarity adjectivePolarity(const Word& word); // correct, wrong, valid …
// "correctly", "not correctly", "incorrectly" at index `at`.
[[nodiscard]] Polarity adverbPolarity(const std::vector<Word>& words, std::size_t at);
[[nodiscard]] bool isBe(const Word& word);          // is, are, was, seems …
[[nodiscard]] bool isVerdictVerb(const Word& word); // these, and contains, has, makes …
[[nodiscard]] bool isMistakeVerb(const Word& word); // miscalculates, misinterprets …
[[nodiscard]] bool isPartly(const Word& word);      // partially, mostly, almost …
// Words that keep "correctly …" from being an approval: however, should, unnecessary …
[[nodiscard]] bool isHedge(const Word& word);

// What the verb at index `verb` says of its subject: "is also correct", "is not right", "contains
// no error", "does not make any mistake".
[[nodiscard]] Polarity predicateAt(const std::vector<Word>& words, std::size_t verb);
// "an error", "no errors", "any mistakes" from index `at`; `denied` when the verb was negated.
[[nodiscard]] Polarity errorObject(const std::vector<Word>& words, std::size_t at, bool denied);
// The first verdict verb within `reach` words from index `from`, or npos; stops at words that start
// another clause.
[[nodiscard]] std::size_t findVerdictVerb(const std::vector<Word>& words, std::size_t from,
                                          std::size_t reach);

} // namespace scrit::critique
