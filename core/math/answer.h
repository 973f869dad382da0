// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Finding the final answer in what somebody wrote. Pure functions, any thread, never throw; time is
// linear in the length of the text.
namespace scrit::math {

// What an answer was recognised by, from strong to weak. The last two are guesses of last resort.
enum class AnswerKind {
    Boxed,    // "boxed": the last \boxed{} or \fbox{}; several in a row are joined by ", "
    Hash,     // "hash": the rest of the line after the last ####
    AnswerIs, // "answer-is": "The final answer is …", "A: 18", "答案是 …", "Réponse : …"
    Choice,   // "choice": a letter of a multiple-choice problem
    LastFormula, // "last-formula": the last formula between dollars or \( \) or \[ \]
    LastNumber,  // "last-number": the last number of the text
};

// Stable name as in the comments above.
[[nodiscard]] std::string_view name(AnswerKind kind);

// A final answer. `text` is ready to be compared (delimiters, emphasis and the full stop are off);
// `span` is the place in the whole text that it was read from, for highlighting.
struct Answer {
    std::string text;
    base::Span span;
    AnswerKind kind = AnswerKind::LastNumber;
    std::string rule; // name(kind)
};

// Whether letters of a multiple-choice problem are looked for.
enum class ChoiceMode {
    Auto, // only where the text announces one ("The answer is (B)", "Answer: B", "\boxed{B}")
    Only, // nothing but a letter is an answer; free-standing letters count too
};

struct ExtractOptions {
    ChoiceMode choices = ChoiceMode::Auto;
    std::size_t choiceCount = 10; // letters A … J
    bool formulas = true;         // formulas between delimiters may be taken
    bool numbers = true;          // plain numbers outside formulas may be taken
    bool lastResort = true;       // LastFormula and LastNumber may be used
};

// The final answer of a whole text: a solution, a completion, a correction. Chat-template residue
// and a closed <think> part are ignored. Where several strong marks occur the last one wins.
// Nothing when there is no answer; never an empty string.
[[nodiscard]] std::optional<Answer> extractAnswer(std::string_view wholeText,
                                                  const ExtractOptions& options = {});

// Whether a text is a whole text that an answer has to be found in, rather than an answer itself:
// it has an answer mark, several lines, or sentences around formulas.
[[nodiscard]] bool isWholeText(std::string_view text);

// The letter (upper case) when the text is nothing but a choice: "B", "(b)", "B.", "\text{(B)}",
// "(D) Alina", "D. Alina"; nothing otherwise.
[[nodiscard]] std::optional<char> choiceLetter(std::string_view answer,
                                               std::size_t choiceCount = 10);

} // namespace scrit::math
