// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_preview_model.h"

#include "ui/models/run_list_model.h"
#include "ui/models/run_words.h"

#include <utility>

namespace scrit::ui::models {

namespace {

QString atMost(const QString& figure) {
    return QStringLiteral("≤ ") + figure;
}

} // namespace

RunPreviewModel::RunPreviewModel(QObject* parent) : QAbstractTableModel(parent) {}

void RunPreviewModel::setPreview(RunPreview preview) {
    const int rowsBefore = rowCount();
    RunPreview::Stage sum;
    sum.name = tr("Together");
    sum.calls = preview.calls();
    sum.upperBound = preview.isUpperBound();
    sum.promptTokens = preview.promptTokens();
    sum.completionTokensMax = preview.completionTokensMax();
    sum.costMax = preview.costMax();
    if (!preview.stages.isEmpty()) {
        preview.stages.push_back(sum);
    }
    if (preview.stages.size() == rowsBefore) {
        m_preview = std::move(preview);
        if (rowsBefore > 0) {
            Q_EMIT dataChanged(index(0, 0), index(rowsBefore - 1, ColumnCount - 1));
        }
        return;
    }
    beginResetModel();
    m_preview = std::move(preview);
    endResetModel();
}

int RunPreviewModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_preview.stages.size());
}

int RunPreviewModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunPreviewModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const RunPreview::Stage& stage = m_preview.stages[index.row()];
    const bool sum = index.row() == rowCount() - 1;
    switch (role) {
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            (index.column() == Stage ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    case MutedRole:
        return !sum && index.column() != Stage && index.column() != Calls;
    case Qt::ToolTipRole:
        return stage.upperBound
                   ? tr("≤: at most; how many it will be depends on what models answer")
                   : QVariant();
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Stage:
        return sum ? stage.name : stageTitle(stage.name);
    case Calls:
        return stage.upperBound ? atMost(grouped(stage.calls)) : grouped(stage.calls);
    case PromptTokens:
        return QString(QStringLiteral("≈ ") + tokensText(stage.promptTokens));
    case CompletionTokens:
        return atMost(tokensText(stage.completionTokensMax));
    case Cost:
        return stage.costMax > 0 ? atMost(costText(stage.costMax)) : QStringLiteral("–");
    default:
        return {};
    }
}

QVariant RunPreviewModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(
            Qt::Alignment((section == Stage ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Stage:
        return tr("Stage");
    case Calls:
        return tr("Calls");
    case PromptTokens:
        return tr("Tokens in");
    case CompletionTokens:
        return tr("Tokens out");
    case Cost:
        return tr("Cost");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
