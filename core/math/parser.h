// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/expression.h"
#include "core/math/lexer.h"

#include <string_view>

namespace scrit::math {

// Reads a bare answer, LaTeX or plain, into a tree. Null when the text is not a formula by this
// grammar or is beyond limits.h; never a partial reading. Pure, any thread.
[[nodiscard]] NodePtr parseAnswer(std::string_view text,
                                  CommaReading commas = CommaReading::Thousands);

} // namespace scrit::math
