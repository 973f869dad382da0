// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/bridge/worker_thread.h"
#include "ui/models/evolution_values.h"

#include <QElapsedTimer>
#include <QObject>

#include <functional>
#include <memory>

namespace scrit::ui::bridge {

class ModelService;
class WorkspaceService;

// Starts, watches and stops one evolution of the open workspace at a time. Where a series stands is
// in the workspace alone: what is stopped, or killed, is gone on with by resume(), here or on the
// command line. Lives on the UI thread and owns two threads: "scrit-evolve" runs the evolution (its
// runs have threads of their own), "scrit-foresee" computes previews and choices. The destructor
// drops what is in flight and waits for the evolution's end.
class EvolutionService : public QObject {
    Q_OBJECT
public:
    // Both outlive the service.
    EvolutionService(WorkspaceService& workspace, ModelService& models, QObject* parent = nullptr);
    ~EvolutionService() override;

    // → choicesReady()
    void requestChoices();
    // → previewReady() or previewFailed() for the newest request.
    quint64 requestPreview(const models::EvolutionForm& form);

    // What freezing a set would take → freezePreviewReady() or freezePreviewFailed() for the newest
    // request.
    quint64 requestFreezePreview(const models::FreezeForm& form);
    // Freezes a set for ever → frozen() and choicesReady(), or freezeFailed().
    void freeze(const models::FreezeForm& form);

    // Stores a series and starts it → started() or startFailed(), then progressed() and ended().
    void start(const models::EvolutionForm& form);
    void resume(const QString& series);
    // Ends in order: what is under way is finished or kept. Once more: drops requests in flight.
    void stop();

    [[nodiscard]] bool isActive() const { return m_active; }
    [[nodiscard]] const models::EvolutionStatus& status() const { return m_status; }

Q_SIGNALS:
    void choicesReady(const scrit::ui::models::EvolutionChoices& choices);
    void previewReady(quint64 token, const scrit::ui::models::EvolutionPreview& preview);
    void previewFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void freezePreviewReady(quint64 token, const scrit::ui::models::FreezePreview& preview);
    void freezePreviewFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    // `trainedOn`: problems of the set that were written into data sets before.
    void frozen(const QString& name, qint64 members, qint64 trainedOn);
    void freezeFailed(const scrit::ui::models::Trouble& trouble);
    void activeChanged(bool active);
    void started(const QString& series);
    void startFailed(const scrit::ui::models::Trouble& trouble);
    void progressed(const scrit::ui::models::EvolutionStatus& status);
    void ended(const scrit::ui::models::EvolutionStatus& status);

private:
    struct Shared; // the newest status, between threads, and what stops the evolution
    // Gives the name of the series to work on; on "scrit-evolve".
    using Prepare = std::function<std::optional<models::Trouble>(QString& series)>;
    void begin(const QStringList& modelNames, Prepare prepare);
    void launch(const Prepare& prepare);
    void didStart(int epoch, const QString& series, const std::optional<models::Trouble>& problem);
    void takeStatus(int epoch);
    void didEnd(int epoch, const std::optional<models::Trouble>& problem);
    void setActive(bool active);
    void workspaceClosed();

    WorkspaceService& m_workspace;
    ModelService& m_models;
    std::shared_ptr<Shared> m_shared;
    models::EvolutionStatus m_status;
    QElapsedTimer m_clock;
    bool m_active = false;
    quint64 m_previewToken = 0;
    quint64 m_freezeToken = 0;
    // Last, so that the threads end before what they use.
    std::unique_ptr<WorkerThread> m_foresee;
    std::unique_ptr<WorkerThread> m_evolve;
};

} // namespace scrit::ui::bridge
