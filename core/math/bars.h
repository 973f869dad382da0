// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/lexer.h"

#include <vector>

namespace scrit::math {

// Absolute values and norms: a bar looks the same whether it opens or closes. Replaces each bar
// that must be one or the other by the symbol "|<" or "|>", and "||" by two bars, so that ||x||y||
// reads as | |x| |y| |. Where several readings are possible a bar behind a value closes. Bars that
// pair up in no way stay "|": the bar of \{x | x > 3\}, P(A | B), and what cannot be read.
void pairBars(std::vector<Token>& tokens);

} // namespace scrit::math
