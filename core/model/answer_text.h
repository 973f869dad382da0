// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace scrit::model {

// A final answer as it counts where different answers are only counted, not judged: lower case,
// without spaces, dollars, full stops at the end, and TeX that changes only how it looks. Equal
// values in other spellings stay different. Pure, any thread.
[[nodiscard]] std::string bareAnswer(std::string_view answer);

} // namespace scrit::model
