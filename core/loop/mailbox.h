// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace scrit::loop {

// A queue that many threads post to and one thread empties. The reader is woken only while it
// waits, so that a busy reader costs its senders no system call. Shared by whoever may post late: a
// message that comes after close() is dropped.
template<typename Message>
class Mailbox {
public:
    using Clock = std::chrono::steady_clock;

    // Any thread.
    void post(Message message) {
        bool wake = false;
        {
            const std::lock_guard lock(m_mutex);
            if (m_closed) {
                return;
            }
            m_messages.push_back(std::move(message));
            wake = std::exchange(m_waiting, false);
        }
        if (wake) {
            m_wake.notify_one();
        }
    }

    // The reader's thread: everything that has come, at the latest at `until`; then possibly
    // nothing.
    void take(std::vector<Message>& into, Clock::time_point until) {
        into.clear();
        std::unique_lock lock(m_mutex);
        if (m_messages.empty()) {
            m_waiting = true;
            m_wake.wait_until(lock, until, [this] { return !m_messages.empty(); });
            m_waiting = false;
        }
        into.swap(m_messages);
    }

    void close() {
        std::vector<Message> dropped; // destroyed when the lock is gone
        {
            const std::lock_guard lock(m_mutex);
            m_closed = true;
            dropped.swap(m_messages);
        }
    }

private:
    std::mutex m_mutex; // guards everything below
    std::condition_variable m_wake;
    std::vector<Message> m_messages;
    bool m_waiting = false;
    bool m_closed = false;
};

} // namespace scrit::loop
