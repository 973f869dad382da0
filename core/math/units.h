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

[[nodiscard]] bool sameDimension(const Unit& a, const Unit& b);

} // namespace scrit::math
