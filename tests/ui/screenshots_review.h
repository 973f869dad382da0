// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/main_window.h"

#include <functional>

namespace scrit::test {

// Goes through the states of Review and Export on a copy of the open workspace; `shoot` is called
// at each with its name.
void shootReview(app::MainWindow& window, const QString& folder,
                 const std::function<void(const char*)>& shoot);

} // namespace scrit::test
