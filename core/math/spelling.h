// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

// Spelling: the many ways in which one formula or phrase is written down, folded before comparison.
// Pure, any thread, linear time.
namespace scrit::math {

// Mathematical Unicode (×, ≤, π, ², ½, full-width digits, Arabic and Devanagari digits …) as LaTeX
// or ASCII, so that the reader knows one spelling of each. Other characters are kept.
[[nodiscard]] std::string withoutUnicodeMath(std::string_view text);

// A bare answer without what only dresses it: dollars and \( \) around it, \boxed{} around all of
// it, Markdown emphasis, a full stop at the end, \displaystyle.
[[nodiscard]] std::string undressed(std::string_view text);

// A key for comparing spellings: withoutUnicodeMath, sizes and spacing commands off, \dfrac as
// \frac, \text{x} as x, x^{2} as x^2, white space off except between digits and between words.
[[nodiscard]] std::string spellingKey(std::string_view text);

// A key for comparing words: lower case, letters and digits only, articles off; \text and friends
// are opened. Empty when there is no letter.
[[nodiscard]] std::string wordKey(std::string_view text);

// "H2O" for H_2O, \mathrm{H_2O} and \text{H}_2\text{O}: elements with their numbers, one number at
// least; empty for anything else.
[[nodiscard]] std::string substanceKey(std::string_view text);

// "A and B", "2 or 3": a list of letters and numbers that was set as text.
[[nodiscard]] bool isListOfLetters(std::string_view text);

// The shortest part that decimals before "..." repeat at least twice (a single digit three times);
// empty where they repeat none.
[[nodiscard]] std::string_view repeatedPart(std::string_view decimals);

} // namespace scrit::math
