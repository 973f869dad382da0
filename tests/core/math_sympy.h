// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scrit::test {

// A SymPy expression, as latex_parse_dev.jsonl gives it, in LaTeX that leaves nothing to
// precedence: every operand is bracketed, functions have their brackets, absolute values are called
// "abs". Nothing for what is not known.
[[nodiscard]] std::optional<std::string> latexOfSympy(std::string_view python);

} // namespace scrit::test
