// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/train/trainer.h"

#include <utility>

namespace scrit::train {

// Collects what is to be told and tells it now and then. Private to core/train; one thread.
class ProgressTeller {
public:
    explicit ProgressTeller(const ProgressFunction& function, std::int64_t everyMillis = 250)
        : m_function(function), m_every(everyMillis) {}

    [[nodiscard]] Progress& now() { return m_now; }
    void tell(bool atOnce) {
        const std::int64_t time = base::steadyMillis();
        if (!atOnce && time - m_toldAt < m_every) {
            return;
        }
        m_toldAt = time;
        if (m_function) {
            m_function(m_now);
        }
        m_now.losses.clear();
        m_now.lines.clear();
    }

private:
    const ProgressFunction& m_function;
    std::int64_t m_every;
    std::int64_t m_toldAt = 0;
    Progress m_now;
};

} // namespace scrit::train
