// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "core/math/expression.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::math {

// What the arithmetic reader sees in a step of running text.
enum class StepTokenKind {
    Number,
    Operator, // text: + - * / ^
    Open,     // ( [ {
    Close,
    Equals,
    Percent,
    Fraction, // \frac
    Word,     // letters, also from \text{…}
    Note,     // <<…>>; span is the inside
    Other,    // anything that ends an equation
};

struct StepToken {
    StepTokenKind kind = StepTokenKind::Other;
    std::string text;
    std::optional<Rational> value; // of a Number; others carry none, because making one allocates
    int decimals = 0;
    base::Span span;
    bool attached = false; // no white space before it
};

// The tokens of a step; dollar signs, spacing commands and delimiters of formulas are left out.
[[nodiscard]] std::vector<StepToken> stepTokens(std::string_view text, std::size_t offset = 0);

// A decimal with so many digits as only programs print: its last two may be noise.
[[nodiscard]] bool isMachineDecimal(const StepToken& number);
// Words that end a unit: a clause begins.
[[nodiscard]] bool joinsClauses(std::string_view word);
// "a quarter of": the number behind the "of" is not all that is meant.
[[nodiscard]] bool isPartWord(std::string_view word);

} // namespace scrit::math
