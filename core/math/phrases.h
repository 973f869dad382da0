// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/expression.h"

#include <optional>
#include <string_view>

// Answers in words or in a notation that is no formula. Pure, any thread, linear time.
namespace scrit::math {

// "101_2", "(101)_{2}", "1A_{16}", "101_{\text{two}}", "101 base 2", "0b101", "0xFF" as a
// BaseNumber; null for anything else.
[[nodiscard]] NodePtr readBaseNumeral(std::string_view text);

// Several of them that commas or "and" separate, as a List; null for anything else.
[[nodiscard]] NodePtr readBaseNumerals(std::string_view text);

// The value of a BaseNumber: digits in `name` (a sign, one point, 0-9 and A-Z), base in `value`.
[[nodiscard]] Rational baseNumeralValue(const Node& node);

// "twenty-one", "a dozen", "two and three quarters", "half", "zero point five", "minus seven",
// "third" as a place in an order, also with a unit or a plural behind ("five dollars", "two dogs");
// null for anything else.
[[nodiscard]] NodePtr readNumberWords(std::string_view text);

// Set phrases: "all real numbers", "no real solutions", "does not exist", "diverges" and their
// variants, and a quotient with its remainder ("17 R 2"), as one tree each; null for anything else.
[[nodiscard]] NodePtr readSetPhrase(std::string_view text);

} // namespace scrit::math
