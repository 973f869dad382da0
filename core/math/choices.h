// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/compare.h"

#include <optional>
#include <string_view>

// Answers to multiple-choice problems. Pure, any thread.
namespace scrit::math {

// A letter against a letter ("B", "(B)", "Option B"), a letter against the text of its option, and
// several letters written together against a list of them ("ACD" and "A, C, D"). Nothing where
// neither side can be meant so.
[[nodiscard]] std::optional<Decision> compareChoices(std::string_view gold, std::string_view pred,
                                                     const EquivalenceSettings& settings);

} // namespace scrit::math
