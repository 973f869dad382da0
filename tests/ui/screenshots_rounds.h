// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/main_window.h"

#include <functional>

namespace scrit::test {

// Goes through the states of Rounds and Overview on a workspace with two series, made in `folder`;
// `shoot` is called at each with its name.
void shootRounds(app::MainWindow& window, const QString& folder,
                 const std::function<void(const char*)>& shoot);

} // namespace scrit::test
