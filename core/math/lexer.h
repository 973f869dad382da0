// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/expression.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::math {

enum class TokenKind {
    Number,  // value, decimals, digits
    Letter,  // text: one variable, "x" or "\alpha" as "alpha"
    Command, // text: a LaTeX command that means something, without the backslash
    Words,   // text: words, from \text{…} or plain writing
    Symbol,  // text: one operator, bracket or separator in ASCII ("<=", "(", "\{" …)
    Begin,   // text: environment
    Finish,  // text: environment
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    std::string text;
    std::optional<Rational> value; // of a Number; others carry none, because making one allocates
    int decimals = -1;
    int digits = 0;
    bool spaceBefore = false;
    bool upright = false; // Words from \text, \mathrm …, not from plain letters
};

// How commas between digits are read where the notation is ambiguous.
enum class CommaReading {
    Thousands, // 1,234 is one number; other commas separate
    Separator, // every comma separates
    Decimal,   // 1,22 is 1.22
};

// The tokens of a bare answer in LaTeX or plain text; both spellings of a thing give the same
// token. The last token is End. Nothing when the text is longer than limits.h allows or is not
// UTF-8.
[[nodiscard]] std::optional<std::vector<Token>> tokenize(std::string_view text,
                                                         CommaReading commas);

} // namespace scrit::math
