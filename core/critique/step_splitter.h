// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <string_view>
#include <vector>

namespace scrit::critique {

// Splits a student's solution into its steps; README.md has the rules and their order.
//
// Returns spans into `solution` (byte offsets, half-open), in order, trimmed, non-overlapping and
// never empty. Nothing but white space is left outside them, except the tags <paragraph_k> and
// </paragraph_k> themselves. A solution that is empty or all white space has no steps. Pure, linear
// in the length of the text, any bytes are allowed.
[[nodiscard]] std::vector<base::Span> splitSteps(std::string_view solution);

} // namespace scrit::critique
