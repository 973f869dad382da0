// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/model_list_model.h"

#include "ui/models/run_list_model.h"

#include <algorithm>
#include <utility>

namespace scrit::ui::models {

ModelListModel::ModelListModel(QObject* parent) : QAbstractTableModel(parent) {}

void ModelListModel::setModels(ModelEntries models) {
    const bool sameRows =
        std::equal(models.begin(), models.end(), m_models.begin(), m_models.end(),
                   [](const ModelEntry& a, const ModelEntry& b) { return a.form.id == b.form.id; });
    if (sameRows) {
        m_models = std::move(models);
        if (!m_models.isEmpty()) {
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        }
        return;
    }
    beginResetModel();
    m_models = std::move(models);
    endResetModel();
}

void ModelListModel::setServer(const ServerStatus& server) {
    m_servers.insert(server.modelId, server);
    const int row = rowOf(server.modelId);
    if (row >= 0) {
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
}

const ModelEntry* ModelListModel::modelAt(int row) const {
    return row >= 0 && row < m_models.size() ? &m_models[row] : nullptr;
}

int ModelListModel::rowOf(qint64 id) const {
    const auto found = std::find_if(m_models.begin(), m_models.end(),
                                    [id](const ModelEntry& model) { return model.form.id == id; });
    return found == m_models.end() ? -1 : static_cast<int>(found - m_models.begin());
}

ServerStatus ModelListModel::server(qint64 id) const {
    ServerStatus none;
    none.modelId = id;
    return m_servers.value(id, none);
}

int ModelListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_models.size());
}

int ModelListModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString ModelListModel::stateText(const ModelEntry& model) const {
    if (model.retired) {
        return tr("retired");
    }
    if (!model.problem.isEmpty()) {
        return tr("settings are wrong");
    }
    if (isManaged(model.form.kind)) {
        return serverPhaseWord(server(model.form.id).phase);
    }
    switch (model.key) {
    case KeyState::Missing:
        return tr("key missing");
    case KeyState::Present:
        return tr("key present");
    case KeyState::Unknown:
        return tr("key in the keychain");
    case KeyState::NotNeeded:
        break;
    }
    return model.form.kind == ModelKind::OpenAi ? tr("no key") : tr("from files");
}

Mark ModelListModel::stateMark(const ModelEntry& model) const {
    if (model.retired) {
        return Mark::None;
    }
    if (!model.problem.isEmpty() || model.key == KeyState::Missing) {
        return Mark::No;
    }
    if (isManaged(model.form.kind)) {
        return serverPhaseMark(server(model.form.id).phase);
    }
    return model.key == KeyState::Present ? Mark::Yes : Mark::None;
}

QVariant ModelListModel::data(const QModelIndex& index, int role) const {
    const ModelEntry* model = modelAt(index.row());
    if (model == nullptr) {
        return {};
    }
    switch (role) {
    case MarkRole:
        return static_cast<int>(index.column() == State ? stateMark(*model) : Mark::None);
    case MutedRole:
        return model->retired || index.column() == Kind || index.column() == Endpoint;
    case Qt::ToolTipRole: {
        QStringList lines{model->form.name + QStringLiteral(" · ") +
                              modelKindWord(model->form.kind),
                          model->endpoint, priceText(model->form)};
        if (!model->keyText.isEmpty()) {
            lines << tr("Key: %1").arg(model->keyText);
        }
        lines << model->problem;
        lines.removeAll(QString());
        return lines.join(QLatin1Char('\n'));
    }
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Name:
        return model->form.name;
    case Kind:
        return modelKindWord(model->form.kind);
    case Endpoint:
        return model->endpoint;
    case State:
        return stateText(*model);
    default:
        return {};
    }
}

QVariant ModelListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("Model");
    case Kind:
        return tr("Kind");
    case Endpoint:
        return tr("Where");
    case State:
        return tr("State");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
