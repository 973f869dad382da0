// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <optional>
#include <string>

// Private to core/store.
namespace scrit::store {

class Connection;

// The solution that its data set calls so. Invalid where several do, because data sets number their
// items alike: "2 solutions have the id …".
[[nodiscard]] base::Expected<std::optional<std::int64_t>> solutionNamed(Connection& connection,
                                                                        const std::string& name);

} // namespace scrit::store
