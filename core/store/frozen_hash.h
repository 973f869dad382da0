// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/names.h"

#include <string>
#include <vector>

// Private to core/store: what a frozen set is identified by.
namespace scrit::store {

// 32 hex digits over the content keys of the members, in whatever order they come.
[[nodiscard]] std::string frozenHash(model::SubjectKind members, std::vector<std::string> keys);

} // namespace scrit::store
