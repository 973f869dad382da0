// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/loop/progress.h"

#include <cstdint>
#include <utility>

namespace scrit::loop {

// Passes a job's progress on a few times a second, however often it is told. One thread.
class ProgressThrottle {
public:
    explicit ProgressThrottle(ProgressFunction function) : m_function(std::move(function)) {}

    void tell(const JobProgress& progress) {
        const std::int64_t now = base::steadyMillis();
        if (m_function && now - m_last >= kIntervalMillis) {
            m_last = now;
            m_function(progress);
        }
    }
    // Always passed on: the end of a stage.
    void tellNow(const JobProgress& progress) {
        if (m_function) {
            m_last = base::steadyMillis();
            m_function(progress);
        }
    }

private:
    static constexpr std::int64_t kIntervalMillis = 100;
    ProgressFunction m_function;
    std::int64_t m_last = 0;
};

} // namespace scrit::loop
