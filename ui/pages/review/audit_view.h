// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/audit_values.h"
#include "ui/models/workspace_facts.h"
#include "ui/pages/page.h"

#include <QVector>
#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;

namespace scrit::ui::widgets {
class IntervalChart;
class PlainTable;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// How far self-validation can be trusted, as reviewers have found: precision and recall with their
// intervals for each kind of critique, how many more to judge, and every figure one click away from
// its critiques. UI thread.
class AuditView final : public QWidget {
    Q_OBJECT
public:
    AuditView(PageContext& context, QWidget* parent);
    // Counts anew for a queue (0: all judgements) when it is on screen.
    void setQueue(qint64 queueId, const QString& name);
    void refresh();
    [[nodiscard]] widgets::IntervalChart& chart() const { return *m_chart; }
    [[nodiscard]] widgets::PlainTable& table() const { return *m_table; }
    [[nodiscard]] models::AuditModel& model() const { return *m_model; }
    // What the view says, a line each.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    // The critiques behind a figure.
    void filterChosen(const QString& filter);

private:
    QWidget* buildControls();
    QWidget* buildCells();
    void showReport(const models::AuditReport& report);
    void showCell(QPushButton& button, const models::AuditCell& cell, const QString& words);
    [[nodiscard]] models::AuditQuery query() const;
    void chooseRow(int row);

    PageContext& m_context;
    QComboBox* m_scope = nullptr;
    QComboBox* m_by = nullptr;
    QDoubleSpinBox* m_width = nullptr;
    QLabel* m_state = nullptr;
    QLabel* m_summary = nullptr;
    QLabel* m_planner = nullptr;
    QWidget* m_cellBox = nullptr;
    QWidget* m_panel = nullptr; // chart and table
    QVector<QPushButton*> m_cells;
    widgets::IntervalChart* m_chart = nullptr;
    widgets::PlainTable* m_table = nullptr;
    models::AuditModel* m_model;
    models::AuditReport m_report;
    qint64 m_queue = 0;
    quint64 m_token = 0;
};

} // namespace scrit::ui::pages
