// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_to_end.h"

#include "core/base/clock.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr auto kRunPoll = std::chrono::milliseconds(20);
constexpr std::int64_t kShowMillis = 200;

bool hasEnded(const RunSnapshot& snapshot) {
    return snapshot.state == model::RunState::Done || snapshot.state == model::RunState::Stopped ||
           snapshot.state == model::RunState::Failed;
}

std::int64_t endedItems(const RunSnapshot& snapshot) {
    std::int64_t sum = 0;
    for (const RunSnapshot::Stage& stage : snapshot.stages) {
        sum += stage.done + stage.failed + stage.skipped;
    }
    return sum;
}

// Tells when waiting on is hopeless: nothing ends, and nothing but failures comes from the servers.
// A model that is only slow has no errors and an endpoint that is ready.
class Patience {
public:
    explicit Patience(std::int64_t millis) : m_millis(millis) {}
    [[nodiscard]] bool isOver(const RunSnapshot& snapshot, std::int64_t now) {
        const std::int64_t ended = endedItems(snapshot);
        if (ended != m_ended) {
            m_ended = ended;
            m_since = now;
            m_errors = errors(snapshot);
        }
        if (m_millis <= 0 || now - m_since < m_millis) {
            return false;
        }
        const bool anyReady = std::any_of(snapshot.endpoints.begin(), snapshot.endpoints.end(),
                                          [](const auto& endpoint) { return endpoint.ready; });
        return !anyReady || errors(snapshot) > m_errors;
    }

private:
    static std::int64_t errors(const RunSnapshot& snapshot) {
        std::int64_t sum = 0;
        for (const RunSnapshot::Endpoint& endpoint : snapshot.endpoints) {
            sum += endpoint.errors;
        }
        return sum;
    }
    std::int64_t m_millis;
    std::int64_t m_ended = -1;
    std::int64_t m_since = 0;
    std::int64_t m_errors = 0;
};

std::string number(const RunSnapshot& snapshot) {
    return "run " + std::to_string(snapshot.runId);
}

constexpr const char* kGoOn = "everything finished is stored, and it can be resumed";

// What became of a run that was asked to end, or ended by itself.
Expected<RunSnapshot> verdictOn(const RunSnapshot& snapshot,
                                const std::optional<std::string>& gaveUp) {
    const std::string why = snapshot.message.empty() ? "" : ": " + snapshot.message;
    if (snapshot.state == model::RunState::Failed) {
        return fail(ErrorCode::Server, number(snapshot) + " failed" + why, kGoOn);
    }
    if (snapshot.state == model::RunState::Done) {
        return snapshot;
    }
    if (snapshot.failure) {
        return fail(*snapshot.failure, number(snapshot) + " stopped" + why, kGoOn);
    }
    if (gaveUp) {
        return fail(ErrorCode::Unavailable, number(snapshot) + ": " + *gaveUp, kGoOn);
    }
    return fail(ErrorCode::Cancelled, number(snapshot) + " is stopped" + why, kGoOn);
}

// The counts of a run that has nothing left to do.
Expected<RunSnapshot> finishedSnapshot(store::RunReader& runs, std::int64_t runId) {
    const auto counts = runs.stageCounts(runId);
    if (!counts) {
        return fail(counts.error());
    }
    RunSnapshot snapshot;
    snapshot.runId = runId;
    snapshot.state = model::RunState::Done;
    for (const store::StageCount& count : *counts) {
        auto stage = std::find_if(snapshot.stages.begin(), snapshot.stages.end(),
                                  [&](const auto& known) { return known.name == count.stage; });
        if (stage == snapshot.stages.end()) {
            stage = snapshot.stages.insert(stage, RunSnapshot::Stage{});
            stage->name = count.stage;
        }
        switch (count.state) {
        case model::ItemState::Planned:
            stage->planned = count.count;
            break;
        case model::ItemState::Running:
            stage->running = count.count;
            break;
        case model::ItemState::Done:
            stage->done = count.count;
            break;
        case model::ItemState::Failed:
            stage->failed = count.count;
            break;
        case model::ItemState::Skipped:
            stage->skipped = count.count;
            break;
        }
    }
    return snapshot;
}

Expected<std::optional<RunSnapshot>> snapshotIfDone(const store::Workspace& workspace,
                                                    std::int64_t runId) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::RunReader runs(**reader);
    const auto run = runs.run(runId);
    if (!run) {
        return fail(run.error());
    }
    auto snapshot = finishedSnapshot(runs, runId);
    if (!snapshot) {
        return fail(snapshot.error());
    }
    const bool open =
        std::any_of(snapshot->stages.begin(), snapshot->stages.end(),
                    [](const auto& stage) { return stage.planned + stage.running > 0; });
    return run->state == model::RunState::Done && !open ? std::optional(std::move(*snapshot))
                                                        : std::nullopt;
}

} // namespace

Expected<RunSnapshot> runToEnd(const std::shared_ptr<store::Workspace>& workspace,
                               std::int64_t runId, const backend::OpenModel& openModel,
                               const RunEngine::Listener& show, const RunToEndOptions& options) {
    auto done = snapshotIfDone(*workspace, runId);
    if (!done) {
        return fail(std::move(done.error()));
    }
    if (*done) {
        return std::move(**done);
    }
    auto engine = RunEngine::start(workspace, runId, openModel, {}, options.engine);
    if (!engine) {
        return fail(std::move(engine.error()));
    }
    Patience patience(options.patienceMillis);
    std::optional<std::string> gaveUp;
    bool stopping = false;
    bool dropping = false;
    std::int64_t shownAt = 0;
    RunSnapshot snapshot = (*engine)->snapshot();
    while (!hasEnded(snapshot)) {
        const std::int64_t now = base::steadyMillis();
        if (!stopping && snapshot.state == model::RunState::Paused) {
            // It waits for a person (a refused key, a model that cannot be started): here is none.
            gaveUp = snapshot.message.empty() ? "it paused itself" : snapshot.message;
        } else if (!stopping && patience.isOver(snapshot, now)) {
            gaveUp = "nothing was answered for " + std::to_string(options.patienceMillis / 1000) +
                     " s" + (snapshot.message.empty() ? "" : ": " + snapshot.message);
        }
        if (!stopping && (gaveUp || options.cancel.isCancelled())) {
            stopping = true;
            (*engine)->stop();
        }
        if (!dropping && (gaveUp || options.cancelNow.isCancelled())) {
            stopping = dropping = true;
            (*engine)->stopNow();
        }
        if (show && now - shownAt >= kShowMillis) {
            shownAt = now;
            show(snapshot);
        }
        std::this_thread::sleep_for(kRunPoll);
        snapshot = (*engine)->snapshot();
    }
    (*engine)->wait();
    snapshot = (*engine)->snapshot();
    engine->reset();
    if (show) {
        show(snapshot);
    }
    return verdictOn(snapshot, gaveUp);
}

} // namespace scrit::loop
