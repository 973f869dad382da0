// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace scrit::loop {

// What a job may use of its thread: a read-only connection, opened when it is first asked for.
class WorkBench {
public:
    explicit WorkBench(const store::Workspace& workspace) : m_workspace(workspace) {}
    [[nodiscard]] base::Expected<store::RunReader*> reader();

private:
    const store::Workspace& m_workspace;
    std::unique_ptr<store::Reader> m_reader;
    std::optional<store::RunReader> m_runs;
};

// A few threads ("scrit-work-N") for prompts, parsing and answers. Jobs run in the order in which
// they were posted, several at a time; they must not throw.
class WorkThreads {
public:
    WorkThreads(std::shared_ptr<const store::Workspace> workspace, int threads);
    // Jobs that have not begun are dropped.
    ~WorkThreads();
    WorkThreads(const WorkThreads&) = delete;
    WorkThreads& operator=(const WorkThreads&) = delete;

    // `function` is called with a WorkBench& and may own things that cannot be copied. Any thread.
    template<typename Function>
    void post(Function function) {
        add(std::make_unique<FunctionJob<Function>>(std::move(function)));
    }

private:
    struct Job {
        Job() = default;
        Job(const Job&) = delete;
        Job& operator=(const Job&) = delete;
        virtual ~Job() = default;
        virtual void run(WorkBench& bench) = 0;
    };
    template<typename Function>
    struct FunctionJob final : Job {
        explicit FunctionJob(Function function) : m_function(std::move(function)) {}
        void run(WorkBench& bench) override { m_function(bench); }
        Function m_function;
    };
    void add(std::unique_ptr<Job> job);
    void work();

    std::shared_ptr<const store::Workspace> m_workspace;
    std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    std::deque<std::unique_ptr<Job>> m_jobs;
    int m_idle = 0;
    bool m_stopping = false;
    std::vector<std::thread> m_threads;
};

} // namespace scrit::loop
