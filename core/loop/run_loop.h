// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/endpoint_pool.h"
#include "core/loop/mailbox.h"
#include "core/loop/result_writer.h"
#include "core/loop/run_budget.h"
#include "core/loop/run_engine.h"
#include "core/loop/run_inputs.h"
#include "core/loop/run_items.h"
#include "core/loop/run_meters.h"
#include "core/loop/run_plan.h"
#include "core/loop/run_task.h"
#include "core/loop/work_threads.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace scrit::loop {

// A slow disk slows a run down, but does not make its memory grow.
inline constexpr std::size_t kMostUnsettledItems = 2048;
// What a small window may leave unstored, so that storing does not hold it up.
inline constexpr std::size_t kLeastUnsettledItems = 32;

// The stepping of one run, private to RunEngine. Everything apart from the public functions runs on
// the thread "scrit-run", which owns all of the scheduler's state and takes messages out of one
// mailbox: answers of backends, prepared batches of workers, reports of the writer, what a user
// asks for. An item is either in RunItems or in m_active, never in both.
class RunLoop {
public:
    struct Setup {
        std::shared_ptr<store::Workspace> workspace;
        RunPlan plan;
        backend::OpenModel openModel;
        RunEngine::Listener listener;
        RunEngineOptions options;
    };
    explicit RunLoop(Setup setup);
    ~RunLoop();
    RunLoop(const RunLoop&) = delete;
    RunLoop& operator=(const RunLoop&) = delete;

    // Opens the models that have something to do and notes that the run goes on; then starts the
    // threads.
    [[nodiscard]] base::Expected<void> start();

    enum class Wish { Pause, Resume, Stop, StopNow, RetryFailed };
    // Any thread.
    void ask(Wish wish, std::string errorCode = {});
    [[nodiscard]] RunSnapshot snapshot() const;
    void wait();

private:
    struct Answered {
        std::uint64_t ticket;
        backend::ChatOutcome outcome;
    };
    struct SelectedAll {
        std::vector<Selected> selected;
        std::optional<base::Error> error;
    };
    struct EndpointsChanged {
        std::size_t pool;
    };
    struct Asked {
        Wish wish;
        std::string errorCode;
    };
    using Message = std::variant<Answered, PreparedBatch, SelectedAll, ResultWriter::Report,
                                 EndpointsChanged, Asked>;

    // A request that was sent and not answered.
    struct Flight {
        std::unique_ptr<Task> task;
        std::size_t pool = 0;
        std::shared_ptr<PoolEndpoint> endpoint;
        backend::Backend::RequestId request = 0;
        Spending most;
        std::int64_t sentAt = 0;
    };
    // One model with what is about to be sent to it.
    struct Desk {
        std::string modelName;
        std::optional<EndpointPool> pool; // none: not opened (yet)
        std::deque<std::unique_ptr<Task>> prepared;
        std::size_t preparing = 0;
        std::size_t preparedBytes = 0;
        std::size_t typicalBytes = 64U << 10U; // of one prepared request, lately
    };
    struct StageBook {
        RunSnapshot::Stage counts;
        RateMeter ended;
        int desk = -1; // position in m_desks
    };

    // run_loop.cpp
    void run();
    [[nodiscard]] base::Expected<void> load();
    void step(std::int64_t now);
    [[nodiscard]] Mailbox<Message>::Clock::time_point wakeAt(std::int64_t now) const;
    void take(Message&& message);
    void takeWish(const Asked& asked);
    void takePrepared(PreparedBatch&& batch);
    void takeSelection(SelectedAll&& all);
    void takeReport(ResultWriter::Report&& report);
    void takeEnded(const ResultWriter::Ended& ended);
    void takeRetried(const ResultWriter::Retried& retried);
    void prepare();
    void prepareSelections();
    void prepareDesk(std::size_t desk);
    void postPrepare(int stage, std::vector<OpenItem> items);
    void addPlanned(const OpenItem& item);
    void letStudentGo(std::size_t stage);
    [[nodiscard]] bool active() const;
    void stopWith(std::string message, bool drop);
    void pauseWith(std::string message);
    void resume();
    void finishWhenIdle(std::int64_t now);
    void finish(model::RunState state);
    void close();

    // run_requests.cpp
    [[nodiscard]] base::Expected<void> openDesk(std::size_t desk);
    [[nodiscard]] base::Expected<void> openDeskOnce(std::size_t desk);
    void refreshDesk(std::size_t desk);
    void send(std::int64_t now);
    void sendFrom(std::size_t desk, std::int64_t now);
    void dispatch(std::size_t desk, const std::shared_ptr<PoolEndpoint>& endpoint,
                  const Spending& most, std::int64_t now);
    void takeAnswer(Answered&& answered);
    void takeSuccess(Flight&& flight, backend::ChatResult&& result, std::int64_t now);
    void takeFailure(Flight&& flight, const backend::ChatError& error, std::int64_t now);
    void tryAgain(Flight&& flight, const backend::ChatError& error, std::int64_t now);
    void endSent(Flight&& flight, model::ItemState state, const backend::ChatError& error,
                 std::int64_t retryAfter = 0, std::int64_t now = 0);
    void putBack(Flight&& flight);
    void cancelFlights(const PoolEndpoint* endpoint);

    // run_snapshot.cpp
    void publish(std::int64_t now, bool always);
    [[nodiscard]] RunSnapshot makeSnapshot(std::int64_t now) const;
    [[nodiscard]] std::string waitingFor(std::int64_t now) const;
    [[nodiscard]] double secondsLeft(std::int64_t now) const;

    Setup m_setup;
    const RunPlan& m_plan;
    std::shared_ptr<Mailbox<Message>> m_mailbox = std::make_shared<Mailbox<Message>>();

    // scrit-run alone
    RunItems m_items;
    std::deque<Desk> m_desks; // one for each model; stays where it is
    std::vector<StageBook> m_books;
    std::unordered_set<std::int64_t> m_active; // items that were taken and have not ended
    std::unordered_map<std::uint64_t, Flight> m_flights;
    std::uint64_t m_lastTicket = 0;
    std::optional<RunBudget> m_budget;
    std::size_t m_unsettled = 0; // ended, but not stored yet
    std::size_t m_selecting = 0;
    std::minstd_rand m_random;
    model::RunState m_state = model::RunState::Running;
    std::optional<model::RunState> m_final; // the state that is being stored as the last one
    bool m_stopping = false;
    bool m_dropping = false;      // do not wait for what is in flight
    std::int64_t m_dropUntil = 0; // then even its end is not waited for
    bool m_blocked = false;       // paused because a model cannot be asked
    bool m_broken = false;        // nothing can be stored any more
    bool m_capped = false;        // nothing more fits below the caps until something is settled
    bool m_ended = false;
    std::string m_message;
    std::optional<base::ErrorCode> m_failure; // what stopped it
    std::int64_t m_startedAt = 0;
    std::int64_t m_publishedAt = 0;
    RunSnapshot m_totals; // fromCache, requests, retries, tokens and cost as they add up
    std::int64_t m_selectsEnded = 0;
    std::int64_t m_pairs = 0;
    RecentMedian m_queueSeconds;
    RecentMedian m_latencySeconds;

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_endedNow;
    RunSnapshot m_snapshot;
    bool m_over = false;

    std::unique_ptr<ResultWriter> m_writer;
    std::unique_ptr<WorkThreads> m_workers;
    std::thread m_thread;
};

} // namespace scrit::loop
