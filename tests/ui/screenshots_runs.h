// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/main_window.h"

#include <functional>

namespace scrit::test {

// Opens a workspace of its own in `folder` and goes through the states of Runs and Models, with a
// server of our own behind them; `shoot` is called at each with its name.
void shootRuns(app::MainWindow& window, const QString& folder,
               const std::function<void(const char*)>& shoot);

} // namespace scrit::test
