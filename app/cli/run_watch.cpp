// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/run_watch.h"

#include "app/cli/run_output.h"
#include "app/cli/terminal.h"
#include "core/backend/open_model.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/loop/run_engine.h"
#include "core/net/http_client.h"

#include <chrono>
#include <cstdio>
#include <thread>

namespace scrit::cli {
namespace {

constexpr std::int64_t kLineMillis = 200;
constexpr std::int64_t kJsonMillis = 1000;
constexpr auto kPoll = std::chrono::milliseconds(20);

bool ended(const loop::RunSnapshot& snapshot) {
    return snapshot.state == model::RunState::Done || snapshot.state == model::RunState::Stopped ||
           snapshot.state == model::RunState::Failed;
}

// What is shown while a run goes on.
class Display {
public:
    Display(const Session& session, bool json)
        : m_json(json), m_line(!json && !session.quiet && stderrIsTerminal()) {}
    void show(const loop::RunSnapshot& snapshot) {
        const std::int64_t now = base::steadyMillis();
        if (now - m_shownAt < (m_json ? kJsonMillis : kLineMillis)) {
            return;
        }
        m_shownAt = now;
        if (m_json) {
            printJson(snapshotJson(snapshot));
            pushOutput();
        } else if (m_line) {
            const std::string text = base::escapeForTerminal(snapshotLine(snapshot));
            toStderr("\r\x1b[K" + fitted(text, terminalWidth() - 1));
        }
    }
    void clear() const {
        if (m_line) {
            toStderr("\r\x1b[K");
        }
    }

private:
    static void toStderr(const std::string& text) {
        std::fwrite(text.data(), 1, text.size(), stderr);
        std::fflush(stderr);
    }
    bool m_json;
    bool m_line;
    std::int64_t m_shownAt = 0;
};

base::Expected<int> finish(const Session& session, const store::Workspace& workspace,
                           const loop::RunSnapshot& snapshot, bool json) {
    std::vector<store::ErrorGroup> errors;
    if (const auto reader = workspace.reader()) {
        if (auto groups = store::RunReader(**reader).errorGroups(snapshot.runId)) {
            errors = std::move(*groups);
        }
    }
    if (json) {
        Json last = snapshotJson(snapshot);
        last["errors"] = errorsJson(errors);
        printJson(last);
    } else if (!session.quiet) {
        printRunSummary(snapshot, errors);
    }
    const std::string number = std::to_string(snapshot.runId);
    if (snapshot.state == model::RunState::Failed) {
        return base::fail(base::ErrorCode::Server, "run " + number + ": " + snapshot.message,
                          "scrit resume goes on where it ended");
    }
    if (snapshot.state == model::RunState::Stopped) {
        return base::fail(snapshot.failure.value_or(base::ErrorCode::Cancelled),
                          "run " + number + (snapshot.failure ? " stopped" : " is stopped") +
                              (snapshot.message.empty() ? "" : ": " + snapshot.message),
                          "everything finished is stored; scrit resume goes on");
    }
    std::int64_t failed = 0;
    for (const auto& stage : snapshot.stages) {
        failed += stage.failed;
    }
    if (failed > 0) {
        return base::fail(base::ErrorCode::Server,
                          "run " + number + " is done, but " + std::to_string(failed) +
                              " of its items failed",
                          "scrit resume W.scrit " + number + " --retry all plans them again");
    }
    return kOk;
}

} // namespace

base::Expected<int> watchRun(Session& session, const std::shared_ptr<store::Workspace>& workspace,
                             std::int64_t runId, bool json) {
    session.cancelNow.emplace();
    backend::ModelServers models(std::make_shared<net::HttpClient>());
    auto engine = loop::RunEngine::start(workspace, runId, models.opener());
    if (!engine) {
        return base::fail(engine.error());
    }
    Display display(session, json);
    bool stopping = false;
    bool dropping = false;
    loop::RunSnapshot snapshot = (*engine)->snapshot();
    while (!ended(snapshot)) {
        if (session.cancel.isCancelled() && !stopping) {
            stopping = true;
            (*engine)->stop();
        }
        if (session.cancelNow->isCancelled() && !dropping) {
            dropping = true;
            (*engine)->stopNow();
        }
        // A run that paused itself (a refused key, a missing model) waits for a person, and here
        // is none who could change that while it runs.
        if (snapshot.state == model::RunState::Paused && !stopping) {
            stopping = true;
            (*engine)->stop();
        }
        display.show(snapshot);
        std::this_thread::sleep_for(kPoll);
        snapshot = (*engine)->snapshot();
    }
    (*engine)->wait();
    snapshot = (*engine)->snapshot();
    engine->reset();
    display.clear();
    return finish(session, *workspace, snapshot, json);
}

} // namespace scrit::cli
