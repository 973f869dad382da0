// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <string>
#include <string_view>
#include <vector>

namespace scrit::math {

// One equation of plain numbers found in a step, "3 \times 9 = 26".
struct EquationCheck {
    base::Span span;      // "left = right" in the step's text, units and currency signs included
    std::string left;     // the left side as it was read, e.g. "3*9"
    std::string right;    // the right side as it was read, e.g. "26"
    bool holds = false;   // exactly, or as a rounding
    bool rounded = false; // holds only within what rounding takes away
    std::string expected; // exact value of the left side: "27", "1/6"
    friend bool operator==(const EquationCheck&, const EquationCheck&) = default;
};

// The arithmetic equations of a step in the order of the text: plain, LaTeX, GSM8K calculator notes
// (<<2*8=16>>) and chains a = b = c, each link on its own. Evaluated exactly with rationals. Units
// and currency signs are ignored; a right side with n decimal places may be rounded or cut at them,
// and one that is a sum of decimals may be off by half a unit of its last place; where a decimal
// has 12 digits or more, a difference in the noise of machine numbers is none; a percent sign may
// stand for a unit; "25% of 80" is a product. Whatever has a variable or is not plainly arithmetic
// is not reported at all. Pure, any thread, never throws, time linear in the length of the text.
[[nodiscard]] std::vector<EquationCheck> checkArithmetic(std::string_view stepText);

} // namespace scrit::math
