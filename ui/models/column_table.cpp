// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/column_table.h"

namespace scrit::ui::models {

ColumnTableBase::ColumnTableBase(QVector<TableColumn> columns, QObject* parent)
    : QAbstractTableModel(parent), m_columns(std::move(columns)) {}

int ColumnTableBase::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant ColumnTableBase::alignment(int column) const {
    const bool right = m_columns[column].align == TableColumn::Align::Right;
    return QVariant::fromValue(
        Qt::Alignment((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

QVariant ColumnTableBase::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size()) {
        return {};
    }
    const TableColumn& column = m_columns[section];
    switch (role) {
    case Qt::DisplayRole:
        return column.title;
    case Qt::TextAlignmentRole:
        return alignment(section);
    case Qt::ToolTipRole:
        return column.toolTip.isEmpty() ? QVariant() : QVariant(column.toolTip);
    default:
        return {};
    }
}

void ColumnTableBase::setColumn(int section, const TableColumn& column) {
    m_columns[section] = column;
    Q_EMIT headerDataChanged(Qt::Horizontal, section, section);
}

void ColumnTableBase::contentsChanged(int first, int last) {
    if (last >= first) {
        Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    }
}

} // namespace scrit::ui::models
