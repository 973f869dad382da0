// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_table_model.h"

#include <QHash>
#include <QTableView>

class QMenu;

namespace scrit::ui::widgets {

// The table of traces: compact rows, marks in the verdict colours, placeholders while rows load, a
// column chooser on the header, sorting by the orders that the workspace offers. Columns are as
// wide as what the first rows hold, within bounds, until the user gives them another width. UI
// thread.
class TraceTableView final : public QTableView {
    Q_OBJECT
public:
    explicit TraceTableView(QWidget* parent = nullptr);

    void setTraceModel(models::TraceTableModel* model);
    // Shows the columns that apply to the kind of row and that the user did not switch off.
    void applyColumns();
    // A menu with one tick per column; owned by the view.
    [[nodiscard]] QMenu* columnMenu();
    void setSort(models::SortKey key, bool descending);
    // More rows are on their way: End goes to the last of them once they are there.
    void setGrowing(bool growing);

    // Names of columns switched off, and the widths that the user chose, "name=120", for the
    // settings.
    [[nodiscard]] QStringList hiddenColumns() const { return m_hidden; }
    [[nodiscard]] QStringList columnWidths() const;
    void restoreColumns(const QStringList& hidden, const QStringList& widths);

Q_SIGNALS:
    void sortChosen(scrit::ui::models::SortKey key, bool descending);
    void currentRowChanged(int row);
    void columnsChanged();

protected:
    // Home and End go to the first and the last row.
    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void measure();
    void fitColumns();
    void columnResized(int section, int before, int now);
    void headerClicked(int section);
    models::TraceTableModel* m_model = nullptr;
    QStringList m_hidden;
    QStringList m_chosen;     // columns with a width of the user's
    QHash<int, int> m_wanted; // by column: what its contents ask for
    bool m_measured = false;  // the rows of this list
    bool m_fitting = false;
    QMenu* m_menu = nullptr;
    models::SortKey m_sort = models::SortKey::Id;
    bool m_descending = false;
    bool m_growing = false;
    bool m_toEnd = false; // End was pressed while rows were on their way
};

} // namespace scrit::ui::widgets
