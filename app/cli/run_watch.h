// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <memory>

namespace scrit::cli {

// Runs a stored run to its end and shows where it stands: a line on stderr that is overwritten, or
// with `json` one object a second on stdout. The first signal lets what is under way finish, the
// second drops it. The exit code: 0 done, 1 done with failed items or failed, 3 stopped.
[[nodiscard]] base::Expected<int> watchRun(Session& session,
                                           const std::shared_ptr<store::Workspace>& workspace,
                                           std::int64_t runId, bool json);

} // namespace scrit::cli
