// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/bridge/worker_thread.h"
#include "ui/models/run_values.h"
#include "ui/models/trace_row.h"

#include <QObject>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace scrit::loop {
class RunEngine;
struct RunSnapshot;
} // namespace scrit::loop

namespace scrit::ui::bridge {

class ModelService;
class WorkspaceService;

// Runs of the open workspace: list, preview, start, watch, stop. At most one goes on at a time.
// Lives on the UI thread and owns three threads: "scrit-runs" reads lists and errors, "scrit-plan"
// computes previews, "scrit-start" creates a run, starts its engine and waits for its end (the
// engine has threads of its own). Where a run stands arrives a few times a second at most; while it
// goes on the workspace is told that its contents grow. The destructor stops a run at once: what is
// in flight is planned again.
class RunService : public QObject {
    Q_OBJECT
public:
    // Both outlive the service.
    RunService(WorkspaceService& workspace, ModelService& models, QObject* parent = nullptr);
    ~RunService() override;

    // → runsChanged()
    void refresh();
    [[nodiscard]] const models::RunSummaries& runs() const { return m_runs; }
    [[nodiscard]] const models::RunSummary* run(qint64 id) const; // null: not there
    [[nodiscard]] bool isLoaded() const { return m_loaded; }
    // For a page that comes on screen: the list is otherwise read once the workspace has settled.
    void ensureLoaded();
    // → errorsReady()
    void requestErrors(qint64 runId);
    // What failed items of one cause are about, as a list of traces → subjectsReady()
    void requestSubjects(qint64 runId, const models::RunError& error);
    // The shipped recipes and these files → recipesReady().
    void requestRecipes(const QStringList& files);
    // → previewReady() or previewFailed() for the newest request.
    quint64 requestPreview(const models::RunForm& form);

    // Stores a run and starts it → started() or startFailed().
    void start(const models::RunForm& form);
    // Goes on with a stored run → started() or startFailed().
    void resume(qint64 runId);
    // The same with other caps, which the run keeps.
    void resumeWithCaps(qint64 runId, const models::RunCaps& caps);
    void pause();
    void unpause();
    // Waits for what is in flight, and stops; once more with stopNow() drops it.
    void stop();
    void stopNow();
    // Plans failed items again, of one cause or all (empty); a run that has ended goes on with
    // them.
    void retryFailed(qint64 runId, const QString& code);

    // A run is being started, goes on, or is ending.
    [[nodiscard]] bool isActive() const { return m_active; }
    [[nodiscard]] qint64 activeRun() const { return m_active ? m_status.runId : 0; }
    // Of the run that goes on, or that went on last.
    [[nodiscard]] const models::RunStatus& status() const { return m_status; }
    [[nodiscard]] const models::RateHistory& rates() const { return m_rates; }
    // The newest run that was left unfinished when the workspace was opened; until it goes on.
    [[nodiscard]] std::optional<models::RunSummary> resumable() const;

Q_SIGNALS:
    void runsChanged();
    void errorsReady(qint64 runId, const scrit::ui::models::RunErrors& errors);
    void subjectsReady(const scrit::ui::models::ListQuery& query, qint64 shown, qint64 all);
    void recipesReady(const QVector<scrit::ui::models::RecipeInfo>& recipes);
    void previewReady(quint64 token, const scrit::ui::models::RunPreview& preview);
    void previewFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void activeChanged(bool active);
    void started(qint64 runId);
    void startFailed(const scrit::ui::models::Trouble& trouble);
    void statusChanged(const scrit::ui::models::RunStatus& status);
    // It has stopped, or is done, and everything is stored.
    void ended(const scrit::ui::models::RunStatus& status);
    void failed(const scrit::ui::models::Trouble& trouble);

private:
    struct Shared; // the newest snapshot, and the engine, between threads
    // Gives the id of the run to go on with; on "scrit-start".
    using Prepare = std::function<std::optional<models::Trouble>(qint64& runId)>;

    void begin(const QStringList& modelNames, qint64 runId, Prepare prepare);
    void launch(qint64 runId, const Prepare& prepare);
    void didStart(int epoch, qint64 runId, const std::optional<models::Trouble>& problem);
    void takeStatus();
    // `unscored`: why the evaluation that the run belongs to could not be scored.
    void didEnd(int epoch, const std::optional<models::Trouble>& unscored);
    void setActive(bool active);
    void workspaceOpened();
    void workspaceClosed();

    WorkspaceService& m_workspace;
    ModelService& m_models;
    std::shared_ptr<Shared> m_shared;
    models::RunSummaries m_runs;
    bool m_loaded = false;
    bool m_asked = false; // for the list, since the workspace was opened
    models::RunStatus m_status;
    models::RateHistory m_rates;
    bool m_active = false;
    bool m_offersResume = false;
    qint64 m_errorsSeen = -1; // failed and skipped items when the errors were last asked for
    qint64 m_itemsSeen = -1;  // ended items when the workspace was last told
    quint64 m_previewToken = 0;
    std::shared_ptr<std::atomic<bool>> m_previewWanted; // by whoever asked last
    // Last, so that the threads end before what they use.
    std::unique_ptr<WorkerThread> m_read;
    std::unique_ptr<WorkerThread> m_plan;
    std::unique_ptr<WorkerThread> m_start;
};

} // namespace scrit::ui::bridge
