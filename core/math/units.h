// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/expression.h"

#include <string>
#include <string_view>

namespace scrit::math {

// Reads a unit as it is written after a number: "cm", "km/h", "square feet", "cm^2", "dollars per
// hour". Words that are no unit give known == false. Single letters (m, g, s …) are units only when
// `upright` says that they were set as text, because otherwise they are variables.
[[nodiscard]] Unit readUnit(std::string_view text, bool upright);

// True when every word of the text is a known unit or joins units ("per", "square", "/").
[[nodiscard]] bool isKnownUnit(std::string_view text, bool upright);

// Words behind a number that belong to it: "million dollars" is a factor and "dollars".
struct NumberSuffix {
    Rational factor = 1;
    std::string rest;
};
[[nodiscard]] NumberSuffix numberSuffix(std::string_view text);

// Whether two texts of units have a word in common, the s of a plural aside: "apples" and "red
// apple". An empty text is a unit that was left out and agrees with any.
[[nodiscard]] bool shareUnitWord(std::string_view a, std::string_view b);

// 'C' or 'F' for a temperature in degrees, as written; 0 for everything else.
[[nodiscard]] char temperatureScale(std::string_view unit);

[[nodiscard]] bool sameDimension(const Unit& a, const Unit& b);

} // namespace scrit::math
