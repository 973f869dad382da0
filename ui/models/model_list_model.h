// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/model_values.h"

#include <QAbstractTableModel>
#include <QHash>

namespace scrit::ui::models {

// The models of a workspace with the state of their servers. Roles are those of
// ui/models/run_list_model.h. UI thread.
class ModelListModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Kind, Endpoint, State, ColumnCount };

    explicit ModelListModel(QObject* parent = nullptr);
    void setModels(ModelEntries models);
    void setServer(const ServerStatus& server);
    [[nodiscard]] const ModelEntries& models() const { return m_models; }
    [[nodiscard]] const ModelEntry* modelAt(int row) const;
    [[nodiscard]] int rowOf(qint64 id) const; // −1: not there
    [[nodiscard]] ServerStatus server(qint64 id) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] QString stateText(const ModelEntry& model) const;
    [[nodiscard]] Mark stateMark(const ModelEntry& model) const;

    ModelEntries m_models;
    QHash<qint64, ServerStatus> m_servers;
};

} // namespace scrit::ui::models
