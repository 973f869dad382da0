// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "ui/bridge/worker_thread.h"
#include "ui/models/critique_comparison.h"
#include "ui/models/trace_record.h"
#include "ui/models/trace_row.h"
#include "ui/models/workspace_facts.h"

#include <QCache>
#include <QElapsedTimer>
#include <QObject>
#include <QPair>
#include <QStringList>
#include <QTimer>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace scrit::base {
struct Error;
}
namespace scrit::store {
class Workspace;
class Reader;
} // namespace scrit::store

namespace scrit::ui::bridge {

// The only door from pages to the engine. Lives on the UI thread and owns two threads: "scrit-read"
// runs queries on its own read-only connection, "scrit-work" opens workspaces, imports and
// verifies. Every request returns at once; its answer comes back by a signal on the UI thread, with
// the token that the request returned. A newer request of the same kind makes older ones stale:
// they are dropped before they run, interrupted while they run, and their answers are not
// delivered. The destructor stops and joins both threads.
class WorkspaceService : public QObject {
    Q_OBJECT
public:
    explicit WorkspaceService(QObject* parent = nullptr);
    ~WorkspaceService() override;

    // Each closes what is open when it succeeds, and answers with opened() or openFailed().
    void createWorkspace(const QString& path);
    void openWorkspace(const QString& path, bool readOnly = false);
    // Makes or completes the sample workspace in `folder` and opens it.
    void openSample(const QString& folder);
    void closeWorkspace();
    [[nodiscard]] bool isOpen() const { return m_workspace != nullptr; }
    [[nodiscard]] const models::WorkspaceInfo& info() const { return m_info; }
    // For the other services of the bridge: what is open (null: nothing), and a number that changes
    // with it.
    [[nodiscard]] std::shared_ptr<store::Workspace> workspace() const { return m_workspace; }
    [[nodiscard]] int epoch() const { return m_epoch; }
    // Something stored could not be read, here or in another service of the bridge: readFailed(),
    // once for the same trouble until a workspace is opened again, however many queries fail of
    // it.
    void tellReadFailure(const models::Trouble& trouble);
    // The same from any thread; dropped when the workspace of `epoch` is not open any more.
    void postReadFailure(int epoch, const base::Error& error);
    // A run has stored more → contentsGrew(), once a second at most and never faster than the
    // queries that follow it are answered.
    void contentsDidGrow();

    // All row ids of a query → rowsFound(); queryFailed() for a filter that cannot be used,
    // listFailed() where the workspace cannot be read.
    quint64 requestIds(const models::ListQuery& query);
    // The same for a list that is not on screen yet: of one in order of id the first page comes
    // before → rowsBegun().
    quint64 requestList(const models::ListQuery& query);
    // Contents of rows → rowsLoaded(), without rows where they cannot be read; dropped once
    // `generation` is not the newest requestIds() token.
    void requestRows(quint64 generation, models::ListKind kind, int page,
                     const models::RowIds& ids);
    // One record → recordLoaded() or recordFailed(); answered from the cache when it is there.
    quint64 requestRecord(models::ListKind kind, qint64 id);
    // The record if it is in the cache, else null; asks for nothing.
    [[nodiscard]] models::TraceRecordPtr cachedRecord(models::ListKind kind, qint64 id) const;
    // Fetches records into the cache → recordPreloaded() for each; a newer call drops what is left.
    void preload(models::ListKind kind, const models::RowIds& ids);
    // A record's critique beside another critique of the same solution, part by part →
    // comparisonReady(), or recordFailed() when the other one cannot be read.
    quint64 requestComparison(const models::TraceRecordPtr& record, qint64 otherCritiqueId);
    // → factsReady() or factsFailed()
    void requestFacts();
    // Known values of a qualifier → valuesReady().
    quint64 requestValues(const QString& qualifier, const QString& prefix);

    // Imports files, problems before critiques → jobProgressed(), importFinished(). Queued behind a
    // running job.
    void importFiles(const QStringList& files);
    // Runs the verifiers over the critiques and solutions of a filter, or over all →
    // jobProgressed(), verifyFinished().
    void verify(const QString& filter = {});
    void cancelJob();
    [[nodiscard]] bool isBusy() const { return m_jobs > 0; }

Q_SIGNALS:
    void opening(const QString& path);
    void opened(const scrit::ui::models::WorkspaceInfo& info);
    // What is on screen after opened() has been answered, or a second has passed: the time for what
    // can wait.
    void settled();
    void openFailed(const scrit::ui::models::Trouble& trouble);
    void closed();
    // What is stored cannot be read: see tellReadFailure().
    void readFailed(const scrit::ui::models::Trouble& trouble);
    // What is stored has changed: lists, counts and records may be out of date.
    void contentsChanged();
    // The same while a run goes on: rows come, and what is on screen stays as it is.
    void contentsGrew();

    // What a list begins with; its other ids follow by rowsFound(), behind what was asked for
    // since.
    void rowsBegun(quint64 token, const scrit::ui::models::TraceRows& rows);
    void rowsFound(quint64 token, const scrit::ui::models::RowIds& ids, qint64 total);
    void queryFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    // The list cannot be read; readFailed() has said why.
    void listFailed(quint64 token);
    void rowsLoaded(quint64 generation, int page, const scrit::ui::models::TraceRows& rows);
    void recordLoaded(quint64 token, const scrit::ui::models::TraceRecordPtr& record);
    void recordFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void recordPreloaded(const scrit::ui::models::TraceRecordPtr& record);
    void comparisonReady(quint64 token, const scrit::ui::models::CritiqueComparisonPtr& comparison);
    void factsReady(const scrit::ui::models::WorkspaceFacts& facts);
    void factsFailed(); // they are not known; readFailed() has said why
    void valuesReady(quint64 token, const QStringList& values);

    void jobStarted(const QString& title);
    void jobProgressed(const scrit::ui::models::JobState& state);
    void jobFinished();
    void importFinished(const scrit::ui::models::ImportResult& result);
    void verifyFinished(const scrit::ui::models::VerifyResult& result);
    void jobFailed(const scrit::ui::models::Trouble& trouble);

private:
    // Kinds of queries; each has the token of its newest request.
    enum Kind { Ids, Rows, Record, Preload, Comparison, Facts, Values, KindCount };
    struct Shared; // what both sides of a thread look at

    using CacheKey = QPair<int, qint64>;
    struct Opened {
        std::shared_ptr<store::Workspace> workspace;
        std::shared_ptr<store::Reader> reader;
        models::WorkspaceInfo info;
    };

    void startOpening(const QString& path,
                      std::function<std::optional<models::Trouble>(Opened&)> open);
    void adopt(Opened next);
    void announce();
    void settle();
    quint64 newest(Kind kind);
    quint64 newList();
    void readIds(quint64 token, const models::ListQuery& query);
    void runQuery(Kind kind, quint64 token, std::function<bool(store::Reader&)> query);
    void remember(const models::TraceRecordPtr& record);
    void beginJob(const QString& title);
    void endJob();
    void contentsDidChange();
    void tellGrowth();
    [[nodiscard]] std::function<void(const models::JobState&)> progressPoster(int epoch);

    std::shared_ptr<Shared> m_shared;
    std::shared_ptr<store::Workspace> m_workspace;
    models::WorkspaceInfo m_info;
    QCache<CacheKey, models::TraceRecordPtr> m_records;
    std::array<qint64, 3> m_totals{-1, -1, -1}; // of each ListKind without a filter; -1: not known
    QStringList m_told;                         // read failures of this workspace
    base::CancelToken m_cancel;
    QElapsedTimer m_jobClock;
    QTimer m_growth;            // runs between two contentsGrew()
    bool m_grew = false;        // since the last one
    bool m_growthAsked = false; // its queries are not answered yet
    QTimer m_settle;            // runs from opened() to settled()
    int m_jobs = 0;
    int m_epoch = 0; // counts workspaces: answers about an older one are dropped
    quint64 m_lastToken = 0;
    // Last, so that the threads end before what they use.
    std::unique_ptr<WorkerThread> m_read;
    std::unique_ptr<WorkerThread> m_work;
};

} // namespace scrit::ui::bridge
