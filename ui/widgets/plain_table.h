// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

namespace scrit::ui::widgets {

// A table of values: whole rows, compact, without a grid; marks, bars and muted words by the roles
// of ui/models/column_table.h. What does not fit is elided and has a tooltip. Enter or a double
// click emits activated(). UI thread.
class PlainTable final : public QTableView {
    Q_OBJECT
public:
    explicit PlainTable(const QString& accessibleName, QWidget* parent = nullptr);
    // Widths in pixels by column; 0: takes the rest.
    void setWidths(const QVector<int>& widths);
    // The widths are the least: columns become as wide as what stands in them. For few rows.
    void growWithContents();
    // As high as its rows, at least one and at most `most`.
    void setRowsShown(int most);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void currentRowChanged(int row);

protected:
    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    int sizeHintForColumn(int column) const override;

private:
    QVector<int> m_widths;
    int m_rowsShown = 0; // 0: as much as there is room
};

} // namespace scrit::ui::widgets
