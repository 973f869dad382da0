// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/workspace_facts.h"

namespace scrit::ui::models {

double JobState::rate() const {
    constexpr double kTooEarly = 0.5;
    return seconds < kTooEarly ? 0 : static_cast<double>(items) / seconds;
}

double JobState::remaining() const {
    constexpr double kTooEarly = 1.0;
    if (total <= 0 || done <= 0 || seconds < kTooEarly || done > total) {
        return -1;
    }
    return seconds * static_cast<double>(total - done) / static_cast<double>(done);
}

} // namespace scrit::ui::models
