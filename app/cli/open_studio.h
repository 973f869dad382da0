// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <string>

namespace scrit::cli {

// Whether a window could be shown: $DISPLAY or $WAYLAND_DISPLAY is set.
[[nodiscard]] bool hasDisplay();

// scrit-studio beside this program, else on PATH; empty when there is none.
[[nodiscard]] std::string studioProgram();

// Starts Studio on a workspace, showing the page of that id ("rounds", "traces", …), and returns at
// once. Studio is on its own from then on: it leads a session without a terminal and outlives us.
// NotFound without Studio, Io when it cannot be started.
[[nodiscard]] base::Expected<void> openStudio(const std::string& workspace,
                                              const std::string& page);

} // namespace scrit::cli
