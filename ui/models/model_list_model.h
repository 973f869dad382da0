// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/column_table.h"
#include "ui/models/model_values.h"

#include <QHash>

namespace scrit::ui::models {

// The models of a workspace with the state of their servers. UI thread.
class ModelListModel final : public ColumnTable<ModelEntry> {
    Q_OBJECT
public:
    enum Column { Name, Kind, Endpoint, State, ColumnCount };

    explicit ModelListModel(QObject* parent = nullptr);
    void setModels(ModelEntries models);
    void setServer(const ServerStatus& server);
    [[nodiscard]] const ModelEntries& models() const { return values(); }
    [[nodiscard]] const ModelEntry* modelAt(int row) const;
    [[nodiscard]] int rowOf(qint64 id) const; // −1: not there
    [[nodiscard]] ServerStatus server(qint64 id) const;

private:
    [[nodiscard]] QVariant cell(const ModelEntry& value, int column, int role) const override;
    [[nodiscard]] QString stateText(const ModelEntry& model) const;
    [[nodiscard]] Mark stateMark(const ModelEntry& model) const;

    QHash<qint64, ServerStatus> m_servers;
};

} // namespace scrit::ui::models
