// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

// Notations that are rewritten before a bare answer is read as a formula. Pure, any thread, linear
// time.
namespace scrit::math {

// The text with these written as the reader knows them; everything else stays:
//   0.(3), 0.1(6)              repeating decimals, the second only where it is the whole text
//   2.5 x 10^3                 a letter x between a number and a power of ten
//   (-inf, 2)U(3, inf)         a letter U between two bracketed pairs
//   6C2, {}_6C_2, ^6C_2, C_6^2 binomials of whole numbers
//   45^\circ 30'               degrees with minutes and seconds
//   120 min                    the unit, not the least element
//   3 out of 5, 3^{rd}         a share, a place in an order
//   Area = 12                  a word in front of an equals sign
//   aligned equations          their alignment marks
//   2k\pi, k \in \mathbb{Z}    the condition that a letter is any whole number
//   all real numbers except 2  a set without its points
//   12 (units)                 the brackets
//   I and II only              the last word
[[nodiscard]] std::string inReadersNotation(std::string_view original);

} // namespace scrit::math
