// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <span>

namespace scrit::loop {

// Stores the data sets' own reference solutions of these problems as solutions by kReferenceAuthor,
// scored, so that critics can be shown them. A problem that has none is passed over; doing it twice
// adds nothing.
[[nodiscard]] base::Expected<void> storeReferences(store::Workspace& workspace,
                                                   store::RunReader& runs,
                                                   std::span<const std::int64_t> problems);

} // namespace scrit::loop
