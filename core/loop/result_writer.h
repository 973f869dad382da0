// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/run_plan.h"
#include "core/loop/run_task.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

namespace scrit::loop {

// Owns the thread "scrit-db", the run's only writer: takes what is to be stored from a queue, puts
// up to `batchItems` ended items, or what comes within about ten milliseconds, into one
// transaction, and reports it when it is durable. An item's end, its result, its verdicts and the
// items that follow from it are always in one transaction. A batch that fails because of one item's
// data is stored item by item, and that item alone fails. After any other failure (a full disk)
// nothing more is stored and the failure is reported once.
class ResultWriter {
public:
    // An item that is stored as ended, or as planned again.
    struct Ended {
        OpenItem item;
        model::ItemState state = model::ItemState::Done;
        bool wasSent = false;
        bool fromCache = false;
        std::int64_t retryAt = 0;
        std::vector<OpenItem> next; // new items that became possible
    };
    struct Stored {
        std::vector<Ended> ended;
    };
    struct Retried {
        std::vector<OpenItem> open; // all planned items of the run, as they are now
        std::int64_t count = 0;     // of these planned again
    };
    struct StateStored {
        model::RunState state = model::RunState::Stopped;
        std::optional<base::Error> error;
    };
    struct Failed {
        base::Error error;
    };
    using Report = std::variant<Stored, Retried, StateStored, Failed>;

    // `report` is called on scrit-db with no lock held and must not block.
    ResultWriter(std::shared_ptr<store::Workspace> workspace, const RunPlan& plan,
                 std::size_t batchItems, std::function<void(Report&&)> report);
    // Stores what was given and joins the thread.
    ~ResultWriter();
    ResultWriter(const ResultWriter&) = delete;
    ResultWriter& operator=(const ResultWriter&) = delete;

    // All of these may be called from any thread; stored in the order of the calls.
    // The item's request is sent. It is marked as running when it takes longer than a moment: for
    // answers that come at once that would be one write too many.
    void start(std::int64_t itemId, store::EncodedPrompt prompt);
    void end(std::unique_ptr<Outcome> outcome);
    // All in one transaction.
    void select(std::vector<Selected> selected);
    void retryFailed(std::string errorCode);
    // With `requeue`, items that are still running are planned again. Tried also after a failure.
    void setState(model::RunState state, std::string error, bool requeue);

private:
    struct Start {
        std::int64_t itemId = 0;
        store::EncodedPrompt prompt;
        std::int64_t at = 0; // steady milliseconds
    };
    struct Retry {
        std::string errorCode;
    };
    struct State {
        model::RunState state;
        std::string error;
        bool requeue;
    };
    using Command =
        std::variant<Start, std::unique_ptr<Outcome>, std::vector<Selected>, Retry, State>;
    using Commands = std::vector<Command>;

    void push(Command command, bool urgent);
    void run();
    void store(Commands& commands);
    void storeOutcomes(std::vector<std::unique_ptr<Outcome>>& outcomes);
    void takeStarts(const std::vector<std::unique_ptr<Outcome>>& outcomes,
                    std::vector<Start>& prompts, std::vector<std::int64_t>& running);
    void storeOneByOne(std::vector<std::unique_ptr<Outcome>>& outcomes);
    void storeSelected(const std::vector<Selected>& selected);
    void storeRetry(const Retry& retry);
    void storeState(const State& state);
    void fail(base::Error error);

    std::shared_ptr<store::Workspace> m_workspace;
    const RunPlan& m_plan;
    std::size_t m_batchItems;
    std::function<void(Report&&)> m_report;

    // scrit-db alone
    bool m_failed = false;
    std::unordered_map<std::int64_t, Start> m_sent; // not marked as running yet, by item
    std::size_t m_sentBytes = 0;

    std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    Commands m_queue;
    bool m_urgent = false;
    bool m_closed = false;
    std::thread m_thread; // last: it uses all of the above
};

} // namespace scrit::loop
