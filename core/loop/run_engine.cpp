// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_engine.h"

#include "core/loop/run_loop.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// The run as it is stored, when there is something to do in it.
Expected<model::Run> runToStart(const store::Workspace& workspace, std::int64_t runId) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::RunReader runs(**reader);
    auto run = runs.run(runId);
    if (!run || run->state != model::RunState::Done) {
        return run;
    }
    const auto counts = runs.stageCounts(runId);
    if (!counts) {
        return fail(counts.error());
    }
    // A finished run whose failed items were planned again has work once more.
    const bool open = std::any_of(counts->begin(), counts->end(), [](const auto& count) {
        return count.state == model::ItemState::Planned || count.state == model::ItemState::Running;
    });
    if (!open) {
        return fail(ErrorCode::Invalid, "run " + std::to_string(runId) + " is done",
                    "start another one, or plan its failed items again");
    }
    return run;
}

} // namespace

class RunEngine::Impl {
public:
    explicit Impl(RunLoop::Setup setup) : loop(std::move(setup)) {}
    RunLoop loop;
};

RunEngine::RunEngine(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
RunEngine::~RunEngine() = default;

Expected<std::unique_ptr<RunEngine>> RunEngine::start(std::shared_ptr<store::Workspace> workspace,
                                                      std::int64_t runId,
                                                      backend::OpenModel openModel,
                                                      Listener listener, RunEngineOptions options) {
    const auto run = runToStart(*workspace, runId);
    if (!run) {
        return fail(run.error());
    }
    auto settings = settingsOfRun(*run);
    if (!settings) {
        return fail(std::move(settings.error()));
    }
    auto plan = makePlan(std::move(*settings), runId);
    if (!plan) {
        return fail(std::move(plan.error()));
    }
    auto impl =
        std::make_unique<Impl>(RunLoop::Setup{std::move(workspace), std::move(*plan),
                                              std::move(openModel), std::move(listener), options});
    if (auto started = impl->loop.start(); !started) {
        return fail(std::move(started.error()));
    }
    return std::unique_ptr<RunEngine>(new RunEngine(std::move(impl)));
}

RunSnapshot RunEngine::snapshot() const {
    return m_impl->loop.snapshot();
}

void RunEngine::pause() {
    m_impl->loop.ask(RunLoop::Wish::Pause);
}

void RunEngine::resume() {
    m_impl->loop.ask(RunLoop::Wish::Resume);
}

void RunEngine::stop() {
    m_impl->loop.ask(RunLoop::Wish::Stop);
}

void RunEngine::stopNow() {
    m_impl->loop.ask(RunLoop::Wish::StopNow);
}

void RunEngine::retryFailed(const std::string& errorCode) {
    m_impl->loop.ask(RunLoop::Wish::RetryFailed, errorCode);
}

void RunEngine::wait() {
    m_impl->loop.wait();
}

} // namespace scrit::loop
