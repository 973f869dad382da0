// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/column_table.h"
#include "ui/models/run_values.h"

namespace scrit::ui::models {

// What a run would do, a row for each stage that asks a model and a last one for their
// sum. UI thread.
class RunPreviewModel final : public ColumnTable<RunPreview::Stage> {
    Q_OBJECT
public:
    enum Column { Stage, Calls, PromptTokens, CompletionTokens, Cost, ColumnCount };

    explicit RunPreviewModel(QObject* parent = nullptr);
    void setPreview(RunPreview preview);

private:
    [[nodiscard]] QVariant cell(const RunPreview::Stage& value, int column,
                                int role) const override;
};

} // namespace scrit::ui::models
