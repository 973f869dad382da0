// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/train/trainer.h"

#include <utility>

namespace scrit::train {

// Collects what is to be told and tells it now and then: losses at once when none were told for
// that long, and whatever is left at its end, so that no way out of a trainer loses any. Private to
// core/train; one thread.
class ProgressTeller {
public:
    explicit ProgressTeller(const ProgressFunction& function, std::int64_t everyMillis = 250)
        : m_function(function), m_every(everyMillis) {}
    ~ProgressTeller() { tellTheRest(); }
    ProgressTeller(const ProgressTeller&) = delete;
    ProgressTeller& operator=(const ProgressTeller&) = delete;

    [[nodiscard]] Progress& now() { return m_now; }
    void tell(bool atOnce) {
        const std::int64_t time = base::steadyMillis();
        const std::int64_t last = m_now.losses.empty() ? m_toldAt : m_lossesToldAt;
        if (!atOnce && time - last < m_every) {
            return;
        }
        m_toldAt = time;
        m_lossesToldAt = m_now.losses.empty() ? m_lossesToldAt : time;
        if (m_function) {
            m_function(m_now);
        }
        m_now.losses.clear();
        m_now.lines.clear();
    }
    void tellTheRest() {
        if (!m_now.losses.empty() || !m_now.lines.empty()) {
            tell(true);
        }
    }

private:
    const ProgressFunction& m_function;
    std::int64_t m_every;
    std::int64_t m_toldAt = 0;
    std::int64_t m_lossesToldAt = 0;
    Progress m_now;
};

} // namespace scrit::train
