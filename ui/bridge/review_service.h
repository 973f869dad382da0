// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "ui/bridge/worker_thread.h"
#include "ui/models/audit_values.h"
#include "ui/models/review_values.h"
#include "ui/models/trace_record.h"
#include "ui/models/workspace_facts.h"

#include <QObject>

#include <functional>
#include <memory>

namespace scrit::review {
class Session;
}
namespace scrit::store {
class Reader;
class Workspace;
} // namespace scrit::store

namespace scrit::ui::bridge {

class WorkspaceService;

// Queues of the open workspace, one reviewer at work on one of them, and what the judgements say
// together. Lives on the UI thread and owns three threads: "scrit-review" has the session and
// stores judgements one after the other in the order in which they were asked for; "scrit-fetch"
// reads the records to judge; "scrit-audit" counts, audits, packs and merges. A judgement is
// durable when its stepDone() arrives. The destructor first stores what has been asked for.
class ReviewService : public QObject {
    Q_OBJECT
public:
    explicit ReviewService(WorkspaceService& workspace, QObject* parent = nullptr);
    ~ReviewService() override;

    // Whose judgements these are; the queues are counted anew → queuesChanged().
    void setAnnotator(const QString& name);
    [[nodiscard]] const QString& annotator() const { return m_annotator; }
    void refresh();
    [[nodiscard]] const models::QueueInfos& queues() const { return m_queues; }
    [[nodiscard]] const models::QueueInfo* queue(qint64 id) const; // null: not there
    [[nodiscard]] bool isLoaded() const { return m_loaded; }
    // For a page that comes on screen: queues are otherwise counted once the workspace has settled.
    void ensureLoaded();
    // What a form would give → previewReady() or previewFailed() for the newest request.
    quint64 requestPreview(const models::QueueForm& form);
    // → queueCreated() or createFailed()
    void createQueue(const models::QueueForm& form);

    // → sessionOpened() or sessionFailed()
    void openSession(qint64 queueId);
    // Each answers with stepDone() or stepFailed(), in the order of the calls, and then with
    // aroundReady().
    quint64 submit(qint64 position, const models::Judgement& judgement);
    quint64 skip(qint64 position);
    quint64 undo();
    quint64 goTo(qint64 position);
    quint64 previous();
    quint64 nextSkipped();
    // Records of critiques, in this order → recordReady() or recordFailed() for each. A newer call
    // drops what has not begun.
    void fetch(const models::RowIds& critiqueIds);
    // Steps that are not answered yet.
    [[nodiscard]] int waiting() const { return m_waiting; }

    // → auditReady() or auditFailed() for the newest request.
    quint64 requestAudit(const models::AuditQuery& query);
    // Agreement and disagreements on a queue, or on all (0) → agreementReady() or failed().
    void requestAgreement(qint64 queueId);
    // A decision about a disagreement, of this annotator → adjudicated() or failed().
    void adjudicate(qint64 critiqueId, const models::Judgement& judgement);
    // The items of a queue, or the answers to it, as a file → packWritten() or failed().
    void writePack(qint64 queueId, const QString& path, bool answers);
    // → packMerged() or failed()
    void mergePack(const QString& path);

Q_SIGNALS:
    void queuesChanged();
    void previewReady(quint64 token, const scrit::ui::models::QueuePreview& preview);
    void previewFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void queueCreated(qint64 queueId);
    void createFailed(const scrit::ui::models::Trouble& trouble);
    void sessionOpened(const scrit::ui::models::ReviewSession& session);
    void sessionFailed(const scrit::ui::models::Trouble& trouble);
    void stepDone(const scrit::ui::models::ReviewStep& step);
    void stepFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void aroundReady(const scrit::ui::models::ReviewAround& around);
    void recordReady(const scrit::ui::models::TraceRecordPtr& record);
    void recordFailed(qint64 critiqueId, const scrit::ui::models::Trouble& trouble);
    void auditReady(quint64 token, const scrit::ui::models::AuditReport& report);
    void auditFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void agreementReady(const scrit::ui::models::AgreementReport& report);
    void adjudicated(qint64 critiqueId);
    void packWritten(const scrit::ui::models::PackResult& result);
    void packMerged(const scrit::ui::models::MergeResult& result);
    void failed(const scrit::ui::models::Trouble& trouble);

private:
    struct Shared;  // the session: made, used and dropped on its thread
    struct Fetched; // the same for the reader of records
    using Step = std::function<base::Expected<models::ReviewStep>(review::Session&)>;
    using Count = std::function<base::Expected<std::function<void()>>(store::Workspace&)>;

    quint64 step(Step work);
    // Runs `work` on "scrit-audit" and what it returns on the UI thread; an error → `fail`.
    void count(Count work, std::function<void(const models::Trouble&)> fail);
    void workspaceOpened();
    void workspaceClosed();

    WorkspaceService& m_workspace;
    std::shared_ptr<Shared> m_shared;
    std::shared_ptr<Fetched> m_fetched;
    QString m_annotator;
    models::QueueInfos m_queues;
    bool m_loaded = false;
    bool m_asked = false; // for the queues, since the workspace was opened
    int m_waiting = 0;
    int m_session = 0; // counts sessions: steps of an older one are dropped
    quint64 m_lastToken = 0;
    quint64 m_previewToken = 0;
    quint64 m_auditToken = 0;
    std::shared_ptr<std::atomic<quint64>> m_previewWanted;
    // Last, so that the threads end before what they use.
    std::unique_ptr<WorkerThread> m_judge;
    std::unique_ptr<WorkerThread> m_fetch;
    std::unique_ptr<WorkerThread> m_audit;
};

} // namespace scrit::ui::bridge
