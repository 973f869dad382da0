// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace scrit::loop {

// Threads for CPU work when the user did not say: the machine's, at most 4.
[[nodiscard]] inline int workerThreads(int wanted) {
    const int machine = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return wanted > 0 ? wanted : std::min(machine, 4);
}

// Maps a stream of inputs on a few threads ("scrit-work-N") and hands the results to a sink in the
// order of the inputs. push(), drain() and the sink run on the caller's thread; `map` runs on the
// workers, must not throw and must be safe to run on several threads. At most `bound` inputs are
// under way: push() then waits for the oldest and gives it to the sink, so memory is bounded.
template<typename In, typename Out>
class OrderedPool {
public:
    using Map = std::function<Out(In&&)>;
    using Sink = std::function<base::Expected<void>(Out&&)>;

    OrderedPool(int threads, std::size_t bound, Map map, Sink sink)
        : m_map(std::move(map)), m_sink(std::move(sink)), m_bound(std::max<std::size_t>(bound, 1)) {
        for (int i = 0; i < threads; ++i) {
            m_threads.emplace_back([this] { work(); });
            const std::string name = "scrit-work-" + std::to_string(i);
            pthread_setname_np(m_threads.back().native_handle(), name.c_str());
        }
    }
    OrderedPool(const OrderedPool&) = delete;
    OrderedPool& operator=(const OrderedPool&) = delete;

    // Results that nobody took are dropped.
    ~OrderedPool() {
        {
            const std::lock_guard lock(m_mutex);
            m_stopping = true;
            m_waiting.clear();
        }
        m_wake.notify_all();
        for (std::thread& thread : m_threads) {
            thread.join();
        }
    }

    // Queues one input; gives finished results to the sink. After an error of the sink the pool
    // must only be destroyed.
    [[nodiscard]] base::Expected<void> push(In input) {
        auto job = std::make_shared<Job>();
        job->input.emplace(std::move(input));
        {
            const std::lock_guard lock(m_mutex);
            m_waiting.push_back(job);
        }
        m_wake.notify_one();
        m_order.push_back(std::move(job));
        while (!m_order.empty() && (m_order.size() >= m_bound || isDone(*m_order.front()))) {
            if (auto taken = takeOldest(); !taken) {
                return taken;
            }
        }
        return {};
    }

    // Waits for everything that was pushed and gives it to the sink.
    [[nodiscard]] base::Expected<void> drain() {
        while (!m_order.empty()) {
            if (auto taken = takeOldest(); !taken) {
                return taken;
            }
        }
        return {};
    }

private:
    struct Job {
        std::optional<In> input;
        std::optional<Out> output;
    };

    [[nodiscard]] bool isDone(const Job& job) {
        const std::lock_guard lock(m_mutex);
        return job.output.has_value();
    }

    [[nodiscard]] base::Expected<void> takeOldest() {
        const std::shared_ptr<Job> job = std::move(m_order.front());
        m_order.pop_front();
        {
            std::unique_lock lock(m_mutex);
            m_done.wait(lock, [&] { return job->output.has_value(); });
        }
        return m_sink(std::move(*job->output));
    }

    void work() {
        std::unique_lock lock(m_mutex);
        for (;;) {
            m_wake.wait(lock, [this] { return m_stopping || !m_waiting.empty(); });
            if (m_stopping) {
                return;
            }
            const std::shared_ptr<Job> job = std::move(m_waiting.front());
            m_waiting.pop_front();
            lock.unlock();
            Out output = m_map(std::move(*job->input));
            job->input.reset();
            lock.lock();
            job->output.emplace(std::move(output));
            m_done.notify_all();
        }
    }

    Map m_map;
    Sink m_sink;
    std::size_t m_bound;
    std::deque<std::shared_ptr<Job>> m_order; // the caller's thread alone
    std::mutex m_mutex;                       // guards what follows and every Job::output
    std::condition_variable m_wake;
    std::condition_variable m_done;
    std::deque<std::shared_ptr<Job>> m_waiting;
    bool m_stopping = false;
    std::vector<std::thread> m_threads;
};

} // namespace scrit::loop
