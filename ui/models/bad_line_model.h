// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/column_table.h"
#include "ui/models/workspace_facts.h"

namespace scrit::ui::models {

// The lines of an import that gave nothing: file, line (from 1), reason. UI thread only.
class BadLineModel final : public ColumnTable<BadLine> {
    Q_OBJECT
public:
    enum Column { File, Line, Reason, ColumnCount };

    explicit BadLineModel(QObject* parent = nullptr);
    void setLines(QVector<BadLine> lines);
    // "file:line: reason", a line each: what Copy puts on the clipboard.
    [[nodiscard]] QString text() const;

private:
    [[nodiscard]] QVariant cell(const BadLine& value, int column, int role) const override;
};

} // namespace scrit::ui::models
