// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <string_view>
#include <vector>

namespace scrit::critique {

// The parts of a text that must never be cut, merged and in order: closed code fences, \[ … \], $$
// … $$ and \begin{x} … \end{x}. What is not closed protects nothing. Internal to core/critique.
// Linear.
[[nodiscard]] std::vector<base::Span> wholeBlocks(std::string_view text);

} // namespace scrit::critique
