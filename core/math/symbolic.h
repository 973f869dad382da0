// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/expression.h"

// The only door to GiNaC. GiNaC is not thread safe (its reference counts, symbol serials and Digits
// are global), so every function here takes one mutex for its whole run and keeps no GiNaC object
// alive between calls. Any thread may call; nothing throws. What may be slow is refused beforehand
// by an estimate of the expanded size (limits.h).
namespace scrit::math {

enum class Zero { Yes, No, Unknown };

// Whether a - b expands to zero as an expression in its symbols. Yes is a proof. No is returned
// only where both are polynomials or fractions of polynomials with rational coefficients, for which
// expansion decides; otherwise Unknown.
[[nodiscard]] Zero differenceIsZero(const Node& a, const Node& b);

// Whether two trees without variables have the same value, compared to 50 digits. Unknown when one
// cannot be evaluated or the values differ by less than can be told.
[[nodiscard]] Zero constantsAgree(const Node& a, const Node& b);

} // namespace scrit::math
