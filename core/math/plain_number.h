// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/expression.h"

#include <optional>
#include <string>
#include <string_view>

namespace scrit::math {

// A number in plain writing; the fast path that needs no tree.
struct PlainNumber {
    Rational value;
    int decimals = -1; // places as written, -1 for whole numbers and fractions
    [[nodiscard]] std::string text() const { return value.get_str(); }
};

// "-42", "1,234,567", "3.50", "$18", "7/8"; nothing for anything else (percent, units, LaTeX …).
[[nodiscard]] std::optional<PlainNumber> plainNumber(std::string_view text);

} // namespace scrit::math
