// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/work_threads.h"

#include <pthread.h>

#include <string>

namespace scrit::loop {

base::Expected<store::RunReader*> WorkBench::reader() {
    if (!m_runs) {
        auto reader = m_workspace.reader();
        if (!reader) {
            return base::fail(std::move(reader.error()));
        }
        m_reader = std::move(*reader);
        m_runs.emplace(*m_reader);
    }
    return &*m_runs;
}

WorkThreads::WorkThreads(std::shared_ptr<const store::Workspace> workspace, int threads)
    : m_workspace(std::move(workspace)) {
    for (int i = 0; i < threads; ++i) {
        m_threads.emplace_back([this] { work(); });
        const std::string name = "scrit-work-" + std::to_string(i);
        pthread_setname_np(m_threads.back().native_handle(), name.c_str());
    }
}

WorkThreads::~WorkThreads() {
    std::deque<std::unique_ptr<Job>> dropped;
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
        dropped.swap(m_jobs);
    }
    m_wake.notify_all();
    for (std::thread& thread : m_threads) {
        thread.join();
    }
}

void WorkThreads::add(std::unique_ptr<Job> job) {
    bool wake = false;
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.push_back(std::move(job));
        wake = m_idle > 0;
    }
    if (wake) {
        m_wake.notify_one();
    }
}

void WorkThreads::work() {
    WorkBench bench(*m_workspace);
    std::unique_lock lock(m_mutex);
    for (;;) {
        ++m_idle;
        m_wake.wait(lock, [this] { return m_stopping || !m_jobs.empty(); });
        --m_idle;
        if (m_stopping) {
            return;
        }
        std::unique_ptr<Job> job = std::move(m_jobs.front());
        m_jobs.pop_front();
        lock.unlock();
        job->run(bench);
        job.reset();
        lock.lock();
    }
}

} // namespace scrit::loop
