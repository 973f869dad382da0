// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/workspace_facts.h"

#include <QAbstractTableModel>

namespace scrit::ui::models {

// The lines of an import that gave nothing: file, line (from 1), reason. UI thread only.
class BadLineModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { File, Line, Reason, ColumnCount };

    explicit BadLineModel(QObject* parent = nullptr);
    void setLines(QVector<BadLine> lines);
    // "file:line: reason", a line each: what Copy puts on the clipboard.
    [[nodiscard]] QString text() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QVector<BadLine> m_lines;
};

} // namespace scrit::ui::models
