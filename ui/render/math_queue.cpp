// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/math_queue.h"

#include <algorithm>

namespace scrit::ui::render {

void MathQueue::add(MathGroup group, const MathKey& key, MathPriority priority, Stage first) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_closed) {
            return;
        }
        const Order order{static_cast<int>(priority), m_number++};
        const auto [job, isNew] = m_jobs.try_emplace(key);
        job->second.groups.insert(group);
        if (isNew) {
            job->second.stage = first;
        } else if (job->second.running || job->second.order.first <= order.first) {
            return;
        } else {
            waiting(job->second.stage).erase(job->second.order);
        }
        job->second.order = order;
        waiting(job->second.stage).emplace(order, key);
    }
    m_changed.notify_all();
}

void MathQueue::cancel(MathGroup group) {
    const std::lock_guard lock(m_mutex);
    for (auto job = m_jobs.begin(); job != m_jobs.end();) {
        Job& state = job->second;
        if (state.groups.erase(group) > 0 && state.groups.empty() && !state.running) {
            waiting(state.stage).erase(state.order);
            job = m_jobs.erase(job);
        } else {
            ++job;
        }
    }
}

std::optional<MathKey> MathQueue::take(Stage stage) {
    std::unique_lock lock(m_mutex);
    auto& queue = waiting(stage);
    m_changed.wait(lock, [&] {
        return m_closed || !queue.empty() || (stage == Stage::Disk && !m_saves.empty());
    });
    if (m_closed || queue.empty()) {
        return std::nullopt;
    }
    MathKey key = std::move(queue.begin()->second);
    queue.erase(queue.begin());
    m_jobs.at(key).running = true;
    return key;
}

void MathQueue::passToEngine(const MathKey& key) {
    {
        const std::lock_guard lock(m_mutex);
        const auto job = m_jobs.find(key);
        if (job == m_jobs.end()) {
            return;
        }
        if (job->second.groups.empty()) {
            m_jobs.erase(job);
            return;
        }
        job->second.running = false;
        job->second.stage = Stage::Engine;
        m_engine.emplace(job->second.order, key);
    }
    m_changed.notify_all();
}

bool MathQueue::finish(const MathKey& key) {
    const std::lock_guard lock(m_mutex);
    const auto job = m_jobs.find(key);
    if (job == m_jobs.end()) {
        return false;
    }
    const bool wanted = !job->second.groups.empty();
    m_jobs.erase(job);
    return wanted;
}

int MathQueue::size() const {
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(m_jobs.size());
}

void MathQueue::close() {
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
    }
    m_changed.notify_all();
}

bool MathQueue::isClosed() const {
    const std::lock_guard lock(m_mutex);
    return m_closed;
}

void MathQueue::save(const MathKey& key, MathResultPtr result) {
    // A burst that the disk cannot follow is not worth memory.
    constexpr std::size_t kMaxSaves = 4096;
    {
        const std::lock_guard lock(m_mutex);
        if (m_closed || m_saves.size() >= kMaxSaves) {
            return;
        }
        m_saves.emplace_back(key, std::move(result));
    }
    m_changed.notify_all();
}

std::optional<std::pair<MathKey, MathResultPtr>> MathQueue::takeSave() {
    const std::lock_guard lock(m_mutex);
    if (m_saves.empty()) {
        return std::nullopt;
    }
    auto save = std::move(m_saves.back());
    m_saves.pop_back();
    return save;
}

} // namespace scrit::ui::render
