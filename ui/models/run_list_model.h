// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/column_table.h"
#include "ui/models/run_values.h"

namespace scrit::ui::models {

// The runs of a workspace, newest first. UI thread.
class RunListModel final : public ColumnTable<RunSummary> {
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

private:
    [[nodiscard]] QVariant cell(const RunSummary& value, int column, int role) const override;
};

// The errors of a run by cause. UI thread.
class RunErrorModel final : public ColumnTable<RunError> {
    Q_OBJECT
public:
    enum Column { Cause, Stage, Count, Example, ColumnCount };

    explicit RunErrorModel(QObject* parent = nullptr);
    void setErrors(RunErrors errors);
    [[nodiscard]] const RunErrors& errors() const { return values(); }
    [[nodiscard]] const RunError* errorAt(int row) const;

private:
    [[nodiscard]] QVariant cell(const RunError& value, int column, int role) const override;
};

// The endpoints of the run that goes on. UI thread.
class RunEndpointModel final : public ColumnTable<RunEndpoint> {
    Q_OBJECT
public:
    enum Column { Name, Ready, InFlight, Rate, Tokens, Errors, ColumnCount };

    explicit RunEndpointModel(QObject* parent = nullptr);
    void setEndpoints(const QVector<RunEndpoint>& endpoints);

private:
    [[nodiscard]] QVariant cell(const RunEndpoint& value, int column, int role) const override;
};

} // namespace scrit::ui::models
