// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"

#include <QAbstractTableModel>

namespace scrit::ui::models {

// Roles that the plain tables of Runs and Models share with their delegate.
enum TableRole {
    MarkRole = Qt::UserRole + 1, // Mark as int: drawn as a mark before the words
    ShareRole,                   // double, 0 to 1: a bar behind the words; absent: none
    MutedRole,                   // bool: secondary words
};

// The runs of a workspace, newest first. UI thread.
class RunListModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Recipe, State, Progress, Failed, Cost, ColumnCount };

    explicit RunListModel(QObject* parent = nullptr);
    // Keeps what is selected when only contents changed.
    void setRuns(RunSummaries runs);
    // The run that goes on is fresher than what is stored.
    void setStatus(const RunStatus& status);
    [[nodiscard]] const RunSummary* runAt(int row) const; // null: no such row
    [[nodiscard]] const RunSummary* run(qint64 id) const;
    [[nodiscard]] int rowOf(qint64 id) const; // −1: not there

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    RunSummaries m_runs;
};

// The errors of a run by cause. UI thread.
class RunErrorModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Cause, Stage, Count, Example, ColumnCount };

    explicit RunErrorModel(QObject* parent = nullptr);
    void setErrors(RunErrors errors);
    [[nodiscard]] const RunErrors& errors() const { return m_errors; }
    [[nodiscard]] const RunError* errorAt(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    RunErrors m_errors;
};

// The endpoints of the run that goes on. UI thread.
class RunEndpointModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Ready, InFlight, Rate, Tokens, Errors, ColumnCount };

    explicit RunEndpointModel(QObject* parent = nullptr);
    void setEndpoints(const QVector<RunEndpoint>& endpoints);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QVector<RunEndpoint> m_endpoints;
};

} // namespace scrit::ui::models
