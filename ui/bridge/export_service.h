// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "ui/bridge/worker_thread.h"
#include "ui/models/export_values.h"
#include "ui/models/workspace_facts.h"

#include <QObject>

#include <memory>

namespace scrit::ui::bridge {

class WorkspaceService;

// Datasets out of the open workspace: what an export would give, and writing it. Lives on the UI
// thread and owns two threads: "scrit-preview" counts and renders examples, "scrit-export" writes
// one dataset at a time and reads the list of earlier ones. A newer preview cancels the older one.
// The destructor cancels both: an export that is not finished leaves nothing behind.
class ExportService : public QObject {
    Q_OBJECT
public:
    explicit ExportService(WorkspaceService& workspace, QObject* parent = nullptr);
    ~ExportService() override;

    [[nodiscard]] const QVector<models::ExportView>& views() const { return m_views; }
    // → previewReady(): at once with what the first critiques give, then with the whole funnel; or
    // previewFailed().
    quint64 requestPreview(const models::ExportForm& form);
    void cancelPreview();

    // → progressed(), then written(), writeFailed() or writeCancelled(). Ignored while one goes on.
    void write(const models::ExportForm& form);
    void cancelWriting();
    [[nodiscard]] bool isWriting() const { return m_writing; }

    // Exports that the workspace remembers, newest first → pastChanged().
    void refresh();
    [[nodiscard]] const QVector<models::PastExport>& past() const { return m_past; }
    [[nodiscard]] bool isLoaded() const { return m_loaded; }

Q_SIGNALS:
    void previewReady(quint64 token, const scrit::ui::models::ExportPreview& preview);
    // Of `total` critiques so many are looked at; total 0: not known.
    void previewProgressed(quint64 token, qint64 done, qint64 total);
    void previewFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void writingChanged(bool writing);
    void progressed(const scrit::ui::models::JobState& state);
    void written(const scrit::ui::models::ExportResult& result);
    void writeFailed(const scrit::ui::models::Trouble& trouble);
    void writeCancelled();
    void pastChanged();

private:
    void setWriting(bool writing);
    void workspaceClosed();

    WorkspaceService& m_workspace;
    QVector<models::ExportView> m_views;
    QVector<models::PastExport> m_past;
    bool m_loaded = false; // the list, since the workspace was opened
    bool m_writing = false;
    quint64 m_token = 0;
    base::CancelToken m_previewCancel;
    base::CancelToken m_writeCancel;
    // Last, so that the threads end before what they use.
    std::unique_ptr<WorkerThread> m_preview;
    std::unique_ptr<WorkerThread> m_write;
};

} // namespace scrit::ui::bridge
