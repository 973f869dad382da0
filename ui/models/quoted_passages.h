// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <string_view>
#include <vector>

// Which passages of a reference solution a part of a critique quotes. Pure functions, any thread.
namespace scrit::ui::models {

// Passages of `reference` that `part` repeats, in order and without overlap; empty when there are
// none. Two kinds count:
//   - what stands in quotation marks, backticks or mathematics in `part`, when all of it occurs in
//     the reference (of words at least three, or two with a figure; of mathematics at least three
//     tokens with an operator);
//   - runs of at least five common tokens, three of them figures or words that carry meaning.
// Compared are words, figures and operators: white space, letter case, emphasis, delimiters of
// formulas and punctuation do not matter. What `problem` says as well is no quotation of the
// reference, and a quotation that occurs more than four times points nowhere. Bounded: the first
// 64 KB of each text are looked at, in time about linear in their length.
[[nodiscard]] std::vector<base::Span>
quotedPassages(std::string_view part, std::string_view reference, std::string_view problem);

} // namespace scrit::ui::models
