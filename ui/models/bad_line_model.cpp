// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/bad_line_model.h"

#include "ui/models/words.h"

#include <utility>

namespace scrit::ui::models {

BadLineModel::BadLineModel(QObject* parent) : QAbstractTableModel(parent) {}

void BadLineModel::setLines(QVector<BadLine> lines) {
    beginResetModel();
    m_lines = std::move(lines);
    endResetModel();
}

QString BadLineModel::text() const {
    QString out;
    for (const BadLine& line : m_lines) {
        out += line.file + QLatin1Char(':') + QString::number(line.line) + QStringLiteral(": ") +
               line.reason + QLatin1Char('\n');
    }
    return out;
}

int BadLineModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int BadLineModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant BadLineModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_lines.size()) {
        return {};
    }
    const BadLine& line = m_lines[index.row()];
    if (role == Qt::TextAlignmentRole && index.column() == Line) {
        return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) {
        return {};
    }
    switch (index.column()) {
    case File:
        return line.file;
    case Line:
        return grouped(line.line);
    case Reason:
        return line.reason;
    default:
        return {};
    }
}

QVariant BadLineModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case File:
        return tr("File");
    case Line:
        return tr("Line");
    case Reason:
        return tr("Why it gave nothing");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
