// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/bridge/worker_thread.h"
#include "ui/models/critique_comparison.h"
#include "ui/models/round_values.h"
#include "ui/models/workspace_facts.h"

#include <QObject>
#include <QStringList>
#include <QTimer>
#include <QVector>

#include <atomic>
#include <memory>

namespace scrit::store {
class Reader;
class Workspace;
} // namespace scrit::store

namespace scrit::ui::bridge {

class WorkspaceService;

// Rounds of the open workspace as they are stored, whoever works on them: this program, the command
// line, another machine. Lives on the UI thread and owns two threads: "scrit-rounds" reads, counts
// and compares on its own read-only connection, "scrit-charts" writes charts to files. Nothing is
// read before somebody asks.
class RoundService : public QObject {
    Q_OBJECT
public:
    explicit RoundService(WorkspaceService& workspace, QObject* parent = nullptr);
    ~RoundService() override;

    // Reads series, rounds and scores → seriesChanged(), and what is shown of one →
    // detailChanged().
    void refresh();
    [[nodiscard]] const models::SeriesInfos& series() const { return m_series; }
    [[nodiscard]] const models::SeriesInfo* find(const QString& name) const; // null: not there
    [[nodiscard]] bool isLoaded() const { return m_loaded; }
    // The series whose counts and losses are wanted; empty: none.
    void show(const QString& name);
    [[nodiscard]] const models::SeriesDetail& detail() const { return m_detail; }
    // While somebody looks, what goes on is read again every second.
    void setWatching(bool watching);
    void setPollMillis(int millis); // for tests

    // Two evaluations on the items that both have → comparisonReady() or comparisonFailed() for the
    // newest request.
    quint64 requestComparison(qint64 before, qint64 after);
    // The critiques of an item, part by part → pairReady() or comparisonFailed(). Where one is
    // missing, or they are about different solutions, both sides of the comparison are the same
    // record and it has no parts.
    quint64 requestPair(const models::ItemChange& item);

    // Writes a file as a whole or not at all → fileWritten() or fileFailed().
    void writeFile(const QString& path, const QByteArray& bytes);
    // The same for a table as CSV; cells that a spreadsheet would run as formulas are neutralised.
    void writeTable(const QString& path, const QVector<QStringList>& rows);

Q_SIGNALS:
    void seriesChanged();
    void detailChanged();
    void comparisonReady(quint64 token, const scrit::ui::models::RoundComparison& comparison);
    void pairReady(quint64 token, const scrit::ui::models::CritiqueComparisonPtr& pair);
    void comparisonFailed(quint64 token, const scrit::ui::models::Trouble& trouble);
    void fileWritten(const QString& path);
    void fileFailed(const scrit::ui::models::Trouble& trouble);
    void failed(const scrit::ui::models::Trouble& trouble);

private:
    struct Shared; // the reader and what is counted already, on "scrit-rounds" alone
    struct Looked; // what one look found
    void workspaceOpened();
    void workspaceClosed();
    void look();
    void didLook(int epoch, const Looked& found);
    void updateTimer();

    WorkspaceService& m_workspace;
    std::shared_ptr<Shared> m_shared;
    models::SeriesInfos m_series;
    models::SeriesDetail m_detail;
    QString m_shown;
    bool m_loaded = false;
    bool m_wanted = false;  // somebody has asked since the workspace was opened
    bool m_looking = false; // on its way
    bool m_again = false;   // asked for meanwhile
    bool m_watching = false;
    QTimer m_poll;
    quint64 m_lastToken = 0;
    std::shared_ptr<std::atomic<quint64>> m_comparison; // newest request
    std::shared_ptr<std::atomic<quint64>> m_pair;
    // Last, so that the threads end before what they use.
    std::unique_ptr<WorkerThread> m_read;
    std::unique_ptr<WorkerThread> m_write;
};

} // namespace scrit::ui::bridge
