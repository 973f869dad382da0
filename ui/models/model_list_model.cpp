// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/model_list_model.h"

#include <algorithm>
#include <utility>

namespace scrit::ui::models {

ModelListModel::ModelListModel(QObject* parent)
    : ColumnTable({{tr("Model"), TableColumn::Align::Left},
                   {tr("Kind"), TableColumn::Align::Left},
                   {tr("Where"), TableColumn::Align::Left},
                   {tr("State"), TableColumn::Align::Left}},
                  parent) {}

void ModelListModel::setModels(ModelEntries models) {
    refill(std::move(models),
           [](const ModelEntry& a, const ModelEntry& b) { return a.form.id == b.form.id; });
}

void ModelListModel::setServer(const ServerStatus& server) {
    m_servers.insert(server.modelId, server);
    const int row = rowOf(server.modelId);
    if (row >= 0) {
        contentsChanged(row, row);
    }
}

const ModelEntry* ModelListModel::modelAt(int row) const {
    return valueAt(row);
}

int ModelListModel::rowOf(qint64 id) const {
    return rowWhere([id](const ModelEntry& model) { return model.form.id == id; });
}

ServerStatus ModelListModel::server(qint64 id) const {
    ServerStatus none;
    none.modelId = id;
    return m_servers.value(id, none);
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

QVariant ModelListModel::cell(const ModelEntry& value, int column, int role) const {
    switch (role) {
    case MarkRole:
        return static_cast<int>(column == State ? stateMark(value) : Mark::None);
    case MutedRole:
        return value.retired || column == Kind || column == Endpoint;
    case Qt::ToolTipRole: {
        QStringList lines{value.form.name + QStringLiteral(" · ") + modelKindWord(value.form.kind),
                          value.endpoint, priceText(value.form)};
        if (!value.keyText.isEmpty()) {
            lines << tr("Key: %1").arg(value.keyText);
        }
        lines << value.problem;
        lines.removeAll(QString());
        return lines.join(QLatin1Char('\n'));
    }
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Name:
        return value.form.name;
    case Kind:
        return modelKindWord(value.form.kind);
    case Endpoint:
        return value.endpoint;
    case State:
        return stateText(value);
    default:
        return {};
    }
}

} // namespace scrit::ui::models
