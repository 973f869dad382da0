// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/bad_line_model.h"

#include "ui/models/words.h"

#include <utility>

namespace scrit::ui::models {

BadLineModel::BadLineModel(QObject* parent)
    : ColumnTable({{tr("File"), TableColumn::Align::Left},
                   {tr("Line"), TableColumn::Align::Right},
                   {tr("Why it gave nothing"), TableColumn::Align::Left}},
                  parent) {}

void BadLineModel::setLines(QVector<BadLine> lines) {
    replace(std::move(lines));
}

QString BadLineModel::text() const {
    QString out;
    for (const BadLine& line : values()) {
        out += line.file + QLatin1Char(':') + QString::number(line.line) + QStringLiteral(": ") +
               line.reason + QLatin1Char('\n');
    }
    return out;
}

QVariant BadLineModel::cell(const BadLine& value, int column, int role) const {
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) {
        return {};
    }
    switch (column) {
    case File:
        return value.file;
    case Line:
        return grouped(value.line);
    case Reason:
        return value.reason;
    default:
        return {};
    }
}

} // namespace scrit::ui::models
