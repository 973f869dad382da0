// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scrit::cli {

// The candidate nearest to a mistyped word (fewest inserted, deleted, changed or swapped letters,
// or the only one that starts with it); empty when none is near. Pure.
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string>& candidates);

} // namespace scrit::cli
