// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"

#include <algorithm>
#include <string_view>

namespace scrit::model {

// The one of ParsedCritique::problems where the workspace holds a parse that cannot be read; all
// else of that ParsedCritique is empty.
inline constexpr std::string_view kUnreadableParse = "stored-parse-unreadable";

[[nodiscard]] inline bool isUnreadable(const ParsedCritique& parsed) {
    return std::find(parsed.problems.begin(), parsed.problems.end(), kUnreadableParse) !=
           parsed.problems.end();
}

} // namespace scrit::model
