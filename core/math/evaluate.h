// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/expression.h"

#include <complex>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace scrit::math {

// What one comparison may still spend. Shared by everything that runs for it; not thread safe.
struct Budget {
    std::size_t steps = 0;
    bool exhausted = false;
    // Takes n steps; false when there are not that many left.
    bool take(std::size_t n = 1);
};

// The exact rational value of a tree: +, -, *, /, whole powers, roots that come out even,
// factorials, binomials, gcd, lcm, max, min, |x|, floor, ceiling, percent, sums with numeric
// bounds, trigonometry of 0. Nothing when it has none, is not known to, or would not fit
// limits::kBits.
[[nodiscard]] std::optional<Rational> exactValue(const Node& node, Budget& budget);

// Values of variables by name.
using Sample = std::map<std::string, std::complex<double>>;

struct NumericValue {
    std::complex<double> value;
    double scale = 0; // size of the largest intermediate value; rounding errors are relative to it
    bool leftReals = false; // some part of the tree is not real there, such as \sqrt{x} of x = -1
};

// The value of a tree at a point. Principal branches, except that odd roots of negative reals (and
// powers p/q with odd q) are real. Nothing for poles, overflow, unknown functions and free
// variables without a value.
[[nodiscard]] std::optional<NumericValue> numericValue(const Node& node, const Sample& at,
                                                       Budget& budget);

} // namespace scrit::math
