// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

// What somebody may have meant. Pure functions, any thread.
namespace scrit::base {

// The candidate nearest to a mistyped word (fewest inserted, deleted, changed or swapped letters,
// or the only one that starts with it); empty when none is near.
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string>& candidates);

// "did you mean NAME?", or nothing: ready to be an Error's advice.
[[nodiscard]] std::string didYouMean(std::string_view word,
                                     const std::vector<std::string>& candidates);

} // namespace scrit::base
