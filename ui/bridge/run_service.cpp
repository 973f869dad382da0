// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/run_service.h"

#include "core/backend/open_model.h"
#include "core/loop/evaluation.h"
#include "core/loop/recipe.h"
#include "core/loop/run_engine.h"
#include "core/loop/run_request.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "ui/bridge/convert.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/run_convert.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace scrit::ui::bridge {

// What the engine's thread leaves for the UI thread, and the engine itself. The mutex guards all of
// it; nothing is called while it is held.
struct RunService::Shared {
    std::mutex mutex;
    std::shared_ptr<loop::RunEngine> engine;
    models::RunStatus newest;
    bool told = false;     // the UI thread was asked to look and has not yet
    bool quitting = false; // whatever starts now stops at once

    std::shared_ptr<loop::RunEngine> current() {
        const std::lock_guard lock(mutex);
        return engine;
    }
    std::shared_ptr<loop::RunEngine> take() {
        const std::lock_guard lock(mutex);
        return std::exchange(engine, nullptr);
    }
};

RunService::RunService(WorkspaceService& workspace, ModelService& models, QObject* parent)
    : QObject(parent), m_workspace(workspace), m_models(models),
      m_shared(std::make_shared<Shared>()),
      m_read(std::make_unique<WorkerThread>(QStringLiteral("scrit-runs"))),
      m_plan(std::make_unique<WorkerThread>(QStringLiteral("scrit-plan"))),
      m_start(std::make_unique<WorkerThread>(QStringLiteral("scrit-start"))) {
    connect(&m_workspace, &WorkspaceService::opened, this, &RunService::workspaceOpened);
    connect(&m_workspace, &WorkspaceService::settled, this, &RunService::ensureLoaded);
    connect(&m_workspace, &WorkspaceService::closed, this, &RunService::workspaceClosed);
}

RunService::~RunService() {
    ++m_previewToken;
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->quitting = true;
    }
    if (const auto engine = m_shared->current()) {
        engine->stopNow();
    }
    m_start.reset(); // waits for the engine's end
    m_shared->take().reset();
    m_read.reset();
    m_plan.reset();
}

void RunService::workspaceOpened() {
    m_offersResume = true;
    m_loaded = false;
    m_asked = false;
}

void RunService::ensureLoaded() {
    if (!m_asked) {
        refresh();
    }
}

// The window asks before it closes a workspace with a run; when that is passed over, what is in
// flight is dropped, and planned again by the next resume.
void RunService::workspaceClosed() {
    if (const auto engine = m_shared->current()) {
        engine->stopNow();
    }
    ++m_previewToken;
    m_runs.clear();
    m_loaded = false;
    m_status = {};
    setActive(false);
    Q_EMIT runsChanged();
}

const models::RunSummary* RunService::run(qint64 id) const {
    const auto found =
        std::find_if(m_runs.begin(), m_runs.end(), [id](const auto& run) { return run.id == id; });
    return found == m_runs.end() ? nullptr : &*found;
}

std::optional<models::RunSummary> RunService::resumable() const {
    if (!m_offersResume || m_active) {
        return std::nullopt;
    }
    const auto found =
        std::find_if(m_runs.begin(), m_runs.end(), [](const auto& run) { return run.isOpen(); });
    return found == m_runs.end() ? std::nullopt : std::optional(*found);
}

void RunService::refresh() {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_asked = true;
    m_read->post([this, workspace, epoch = m_workspace.epoch()] {
        models::RunSummaries found;
        const auto read = [&]() -> base::Expected<void> {
            const auto reader = workspace->reader();
            if (!reader) {
                return base::fail(reader.error());
            }
            store::RunReader runReader(**reader);
            const auto stored = runReader.runs();
            if (!stored) {
                return base::fail(stored.error());
            }
            for (const model::Run& one : *stored) {
                auto summary = runSummary(runReader, one);
                if (!summary) {
                    return base::fail(summary.error());
                }
                found.push_back(std::move(*summary));
            }
            return {};
        };
        std::optional<models::Trouble> problem;
        if (const auto done = read(); !done) {
            problem = trouble(done.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, epoch, found = std::move(found), problem] {
                if (epoch != m_workspace.epoch()) {
                    return;
                }
                if (problem) {
                    m_workspace.tellReadFailure(*problem);
                    return;
                }
                m_runs = found;
                m_loaded = true;
                Q_EMIT runsChanged();
            },
            Qt::QueuedConnection);
    });
}

void RunService::requestErrors(qint64 runId) {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_read->post([this, workspace, runId, epoch = m_workspace.epoch()] {
        models::RunErrors found;
        const auto reader = workspace->reader();
        const auto groups =
            reader ? store::RunReader(**reader).errorGroups(runId) : base::fail(reader.error());
        if (groups) {
            found = runErrors(*groups);
        } else {
            m_workspace.postReadFailure(epoch, groups.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, epoch, runId, found] {
                if (epoch == m_workspace.epoch()) {
                    Q_EMIT errorsReady(runId, found);
                }
            },
            Qt::QueuedConnection);
    });
}

void RunService::requestSubjects(qint64 runId, const models::RunError& error) {
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return;
    }
    m_read->post([this, workspace, runId, error, epoch = m_workspace.epoch()] {
        const auto found = errorSubjects(*workspace, runId, error);
        QMetaObject::invokeMethod(
            this,
            [this, epoch, error, found] {
                if (epoch != m_workspace.epoch()) {
                    return;
                }
                if (!found) {
                    Q_EMIT failed(trouble(found.error()));
                } else {
                    Q_EMIT subjectsReady(found->query, found->shown,
                                         std::max(error.count, found->shown));
                }
            },
            Qt::QueuedConnection);
    });
}

void RunService::requestRecipes(const QStringList& files) {
    m_read->post([this, files] {
        QVector<models::RecipeInfo> found;
        if (const auto names = loop::recipeNames()) {
            for (const std::string& name : *names) {
                found.push_back(recipeInfo(text(name)));
            }
        }
        for (const QString& file : files) {
            found.push_back(recipeInfo(file));
        }
        QMetaObject::invokeMethod(
            this, [this, found] { Q_EMIT recipesReady(found); }, Qt::QueuedConnection);
    });
}

quint64 RunService::requestPreview(const models::RunForm& form) {
    const quint64 token = ++m_previewToken;
    const auto workspace = m_workspace.workspace();
    if (!workspace) {
        return token;
    }
    // The next look at the newest token is on the plan's thread: a preview that nobody waits for
    // any more is not computed.
    const auto newest = std::make_shared<std::atomic<bool>>(true);
    if (const auto older = std::exchange(m_previewWanted, newest)) {
        *older = false;
    }
    m_plan->post([this, workspace, token, form, newest] {
        if (!*newest) {
            return;
        }
        const auto request = runRequest(form);
        const auto preview = request
                                 ? loop::previewRun(*workspace, *request)
                                 : base::Expected<loop::RunPreview>(base::fail(request.error()));
        models::Trouble problem;
        models::RunPreview found;
        if (preview) {
            found = runPreview(*preview);
        } else {
            problem = trouble(preview.error());
        }
        QMetaObject::invokeMethod(
            this,
            [this, token, ok = preview.has_value(), found, problem] {
                if (token != m_previewToken) {
                    return;
                }
                if (ok) {
                    Q_EMIT previewReady(token, found);
                } else {
                    Q_EMIT previewFailed(token, problem);
                }
            },
            Qt::QueuedConnection);
    });
    return token;
}

void RunService::start(const models::RunForm& form) {
    const auto workspace = m_workspace.workspace();
    if (!workspace || m_active) {
        return;
    }
    QStringList names = form.students;
    names << form.critic << form.validator;
    begin(names, 0, [workspace, form](qint64& runId) -> std::optional<models::Trouble> {
        const auto request = runRequest(form);
        if (!request) {
            return trouble(request.error());
        }
        const auto created = loop::createRun(*workspace, *request);
        if (!created) {
            return trouble(created.error());
        }
        runId = *created;
        return std::nullopt;
    });
}

void RunService::resume(qint64 runId) {
    const models::RunSummary* stored = run(runId);
    if (stored == nullptr || m_active) {
        return;
    }
    begin(stored->models(), runId, [runId](qint64& id) -> std::optional<models::Trouble> {
        id = runId;
        return std::nullopt;
    });
}

void RunService::resumeWithCaps(qint64 runId, const models::RunCaps& caps) {
    const auto workspace = m_workspace.workspace();
    const models::RunSummary* stored = run(runId);
    if (!workspace || stored == nullptr || m_active) {
        return;
    }
    begin(stored->models(), runId,
          [workspace, runId, caps](qint64& id) -> std::optional<models::Trouble> {
              id = runId;
              const auto changed =
                  loop::changeCaps(*workspace, runId, {caps.requests, caps.tokens, caps.cost});
              return changed ? std::nullopt : std::optional(trouble(changed.error()));
          });
}

void RunService::retryFailed(qint64 runId, const QString& code) {
    const auto workspace = m_workspace.workspace();
    const models::RunSummary* stored = run(runId);
    if (m_active && m_status.runId == runId) {
        if (const auto engine = m_shared->current()) {
            engine->retryFailed(models::utf8(code));
        }
        return;
    }
    if (!workspace || stored == nullptr || m_active) {
        return;
    }
    begin(stored->models(), runId,
          [workspace, runId,
           cause = models::utf8(code)](qint64& id) -> std::optional<models::Trouble> {
              const auto planned =
                  workspace->write([&](store::Writer& writer) -> base::Expected<void> {
                      const auto count = store::RunWriter(writer).retryFailed(
                          runId,
                          cause.empty() ? std::nullopt : std::optional<std::string_view>(cause));
                      return count ? base::Expected<void>() : base::fail(count.error());
                  });
              id = runId;
              return planned ? std::nullopt : std::optional(trouble(planned.error()));
          });
}

void RunService::begin(const QStringList& modelNames, qint64 runId, Prepare prepare) {
    if (m_workspace.info().readOnly) {
        models::Trouble problem;
        problem.message = tr("This workspace is open read-only, so nothing can be run");
        problem.advice = tr("Open it again for writing.");
        Q_EMIT startFailed(problem);
        return;
    }
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->newest = {};
    }
    m_status = {};
    m_status.runId = runId;
    m_rates.clear();
    m_errorsSeen = -1;
    m_itemsSeen = -1;
    setActive(true);
    const int epoch = m_workspace.epoch();
    m_models.prepareKeys(modelNames, [this, epoch, runId, prepare = std::move(prepare)](
                                         const std::optional<models::Trouble>& problem) {
        if (problem || epoch != m_workspace.epoch()) {
            didStart(epoch, runId, problem);
            return;
        }
        launch(runId, prepare);
    });
}

void RunService::launch(qint64 runId, const Prepare& prepare) {
    m_start->post([this, shared = m_shared, workspace = m_workspace.workspace(), prepare, runId,
                   epoch = m_workspace.epoch(), open = m_models.opener()] {
        qint64 id = runId;
        std::optional<models::Trouble> problem = prepare(id);
        if (!problem) {
            auto engine = loop::RunEngine::start(
                workspace, id, open, [this, shared](const loop::RunSnapshot& snapshot) {
                    // The UI thread waits for this mutex: nothing is made or told while it is held.
                    models::RunStatus status = runStatus(snapshot);
                    std::unique_lock lock(shared->mutex);
                    std::swap(shared->newest, status);
                    const bool told = std::exchange(shared->told, true);
                    lock.unlock();
                    if (!told) {
                        QMetaObject::invokeMethod(
                            this, [this] { takeStatus(); }, Qt::QueuedConnection);
                    }
                });
            if (engine) {
                std::unique_lock lock(shared->mutex);
                shared->engine = std::move(*engine);
                const bool quitting = shared->quitting;
                lock.unlock();
                if (quitting) {
                    shared->current()->stopNow();
                }
            } else {
                problem = trouble(engine.error());
            }
        }
        QMetaObject::invokeMethod(
            this, [this, epoch, id, problem] { didStart(epoch, id, problem); },
            Qt::QueuedConnection);
        if (problem) {
            return;
        }
        if (const auto engine = shared->current()) {
            engine->wait();
            models::RunStatus last = runStatus(engine->snapshot());
            const std::lock_guard lock(shared->mutex);
            std::swap(shared->newest, last);
        }
        shared->take().reset(); // joins its threads
        const auto scored = loop::finishEvaluationOf(*workspace, id);
        const std::optional<models::Trouble> unscored =
            scored ? std::nullopt : std::optional(trouble(scored.error()));
        QMetaObject::invokeMethod(
            this, [this, epoch, unscored] { didEnd(epoch, unscored); }, Qt::QueuedConnection);
    });
}

void RunService::didStart(int epoch, qint64 runId, const std::optional<models::Trouble>& problem) {
    if (epoch != m_workspace.epoch()) {
        if (const auto engine = m_shared->current()) {
            engine->stopNow(); // the workspace was closed while it started
        }
        return;
    }
    refresh();
    if (problem) {
        setActive(false);
        Q_EMIT startFailed(*problem);
        return;
    }
    m_offersResume = false;
    m_status.runId = runId;
    m_status.state = model::RunState::Running;
    Q_EMIT started(runId);
    takeStatus();
}

void RunService::takeStatus() {
    models::RunStatus newest;
    {
        const std::lock_guard lock(m_shared->mutex);
        newest = m_shared->newest;
        m_shared->told = false;
    }
    if (!m_active || newest.runId == 0 || newest.runId != m_status.runId) {
        return;
    }
    m_status = newest;
    m_rates.add(m_status.seconds, m_status.completionsPerSecond());
    const models::RunStage all = models::sumOf(m_status.stages);
    if (std::exchange(m_itemsSeen, all.ended()) != all.ended()) {
        m_workspace.contentsDidGrow();
    }
    if (std::exchange(m_errorsSeen, all.failed + all.skipped) != all.failed + all.skipped) {
        requestErrors(m_status.runId);
    }
    Q_EMIT statusChanged(m_status);
}

void RunService::didEnd(int epoch, const std::optional<models::Trouble>& unscored) {
    if (epoch != m_workspace.epoch()) {
        return;
    }
    takeStatus();
    setActive(false);
    m_workspace.contentsDidGrow();
    requestErrors(m_status.runId);
    refresh();
    Q_EMIT ended(m_status);
    if (unscored) {
        Q_EMIT failed(*unscored);
    }
}

void RunService::setActive(bool active) {
    if (std::exchange(m_active, active) != active) {
        Q_EMIT activeChanged(active);
    }
}

void RunService::pause() {
    if (const auto engine = m_shared->current()) {
        engine->pause();
    }
}

void RunService::unpause() {
    if (const auto engine = m_shared->current()) {
        engine->resume();
    }
}

void RunService::stop() {
    if (const auto engine = m_shared->current()) {
        engine->stop();
    }
}

void RunService::stopNow() {
    if (const auto engine = m_shared->current()) {
        engine->stopNow();
    }
}

} // namespace scrit::ui::bridge
