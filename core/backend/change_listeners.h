// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace scrit::backend {

// The listeners of something that several handles share, one for each owner. tell() runs them on
// its own thread with no lock held. Any thread.
class ChangeListeners {
public:
    // Null takes the owner's listener away, and then it is not running any more: so never from a
    // listener.
    void listen(const void* owner, std::function<void()> listener) {
        std::unique_lock lock(m_mutex);
        m_told.wait(lock, [this] { return !m_telling; });
        if (listener) {
            m_listeners[owner] = std::move(listener);
        } else {
            m_listeners.erase(owner);
        }
    }
    void tell() {
        std::vector<std::function<void()>> listeners;
        {
            const std::lock_guard lock(m_mutex);
            m_telling = true;
            for (const auto& [owner, listener] : m_listeners) {
                listeners.push_back(listener);
            }
        }
        for (const std::function<void()>& listener : listeners) {
            listener();
        }
        {
            const std::lock_guard lock(m_mutex);
            m_telling = false;
        }
        m_told.notify_all();
    }

private:
    std::mutex m_mutex; // guards the members below
    std::condition_variable m_told;
    bool m_telling = false;
    std::map<const void*, std::function<void()>> m_listeners;
};

} // namespace scrit::backend
