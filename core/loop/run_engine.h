// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/base/error.h"
#include "core/model/run.h"
#include "core/net/backoff.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrit::loop {

// Where a run stands. A value; consistent in itself.
struct RunSnapshot {
    std::int64_t runId = 0;
    model::RunState state = model::RunState::Planned;
    bool stopping = false; // stop() was called: no new request is sent, those in flight are awaited
    std::string message;   // what it waits for or why it ended: "waiting for llama-server to load"
    std::optional<base::ErrorCode> failure; // it stopped because of this, and nobody asked it to

    struct Stage {
        std::string name;
        std::int64_t planned = 0; // waiting
        std::int64_t running = 0;
        std::int64_t done = 0;
        std::int64_t failed = 0;
        std::int64_t skipped = 0;
        double perSecond = 0; // finished items over the last ten seconds
    };
    std::vector<Stage> stages; // in the order of the pipeline

    struct Endpoint {
        std::string model;
        std::string label;
        bool ready = true;
        int inFlight = 0;
        int window = 0;
        double completionsPerSecond = 0; // over the last ten seconds
        double tokensPerSecond = 0;      // completion tokens
        std::int64_t errors = 0;
    };
    std::vector<Endpoint> endpoints;

    std::int64_t fromCache = 0; // answers that were not paid again
    std::int64_t requests = 0;  // sent by this process, tries counted
    std::int64_t retries = 0;
    std::int64_t promptTokens = 0; // of the whole run
    std::int64_t completionTokens = 0;
    double cost = 0;                 // of the whole run
    std::int64_t wouldBeLost = 0;    // answers that are not stored yet, and requests in flight
    double queueSecondsMedian = 0;   // over the last thousand requests
    double latencySecondsMedian = 0; // at the server
    double seconds = 0;              // since this process began
    double secondsLeft = -1;         // −1: not known
};

struct RunEngineOptions {
    int workers = 0;              // threads for parsing and answers; 0: by the machine
    std::size_t batchItems = 256; // at most this many ended items in one transaction
    int tries = 6;                // of one item before it fails
    std::int64_t progressMillis = 200;
    net::BackoffSettings backoff; // between the tries of one item
};

// Runs one stored run: threads scrit-run (steps the pipeline), scrit-db (writes batches; the only
// writer of the workspace meanwhile), scrit-work-N (prompts, parsing, answers). Nothing that was
// finished is lost or done twice, whenever the process ends; requests in flight and answers that
// are not stored yet are repeated. A failing item fails alone: the run goes on, and ends as Done
// with failed items. When the workspace cannot be written (disk full) the run stops with that error
// and can be resumed. All member functions may be called from any thread; the listener runs on
// scrit-run with no lock held and must not block.
class RunEngine {
public:
    using Listener = std::function<void(const RunSnapshot&)>;
    // Starts or resumes the run. Errors: NotFound (run, model), Invalid (it is done), those of
    // opening its models.
    [[nodiscard]] static base::Expected<std::unique_ptr<RunEngine>>
    start(std::shared_ptr<store::Workspace> workspace, std::int64_t runId,
          backend::OpenModel openModel, Listener listener = {}, RunEngineOptions options = {});
    // Stops at once (as stopNow) and joins all threads.
    ~RunEngine();
    RunEngine(const RunEngine&) = delete;
    RunEngine& operator=(const RunEngine&) = delete;

    [[nodiscard]] RunSnapshot snapshot() const;
    // Sends nothing new until resume(); what is in flight is finished and stored.
    void pause();
    void resume();
    // Two steps: stop() waits for what is in flight, stopNow() aborts it (those items are planned
    // again). Either way the run is Stopped and can be resumed.
    void stop();
    void stopNow();
    // Plans failed items again: of one error code, or all when it is empty. Any time while it runs.
    void retryFailed(const std::string& errorCode);
    // Blocks until the run has ended (Done, Stopped, Failed) and everything is stored.
    void wait();

private:
    class Impl;
    explicit RunEngine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace scrit::loop
