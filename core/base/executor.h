// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace scrit::base {

// The engine's only way to run something on "the caller's" thread. Studio posts through Qt's event
// queue, the command line through its loop, tests through a manual one. post() may be called from
// any thread and never runs the task before it returns.
class Executor {
public:
    Executor() = default;
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;
    virtual ~Executor() = default;
    virtual void post(std::function<void()> task) = 0;
};

} // namespace scrit::base
