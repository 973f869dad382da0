// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"

#include <QAbstractTableModel>

namespace scrit::ui::models {

// What a run would do, a row for each stage that asks a model and one for their sum. UI thread.
class RunPreviewModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Stage, Calls, PromptTokens, CompletionTokens, Cost, ColumnCount };

    explicit RunPreviewModel(QObject* parent = nullptr);
    void setPreview(RunPreview preview);
    [[nodiscard]] const RunPreview& preview() const { return m_preview; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    RunPreview m_preview; // its last stage is the sum
};

} // namespace scrit::ui::models
