// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"

#include <memory>

namespace scrit::loop {

// Measures how long models were at work: the time in which at least one request was at a model that
// was opened through open(). Any thread. Models may outlive it.
class BusyTime {
public:
    BusyTime();
    [[nodiscard]] backend::OpenModel open(backend::OpenModel inner) const;
    [[nodiscard]] double seconds() const; // so far
    struct Clock;

private:
    std::shared_ptr<Clock> m_clock;
};

} // namespace scrit::loop
