// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_preview_model.h"

#include "ui/models/run_words.h"

#include <utility>

namespace scrit::ui::models {

namespace {

QString atMost(const QString& figure) {
    return QStringLiteral("≤ ") + figure;
}

} // namespace

RunPreviewModel::RunPreviewModel(QObject* parent)
    : ColumnTable({{tr("Stage"), TableColumn::Align::Left},
                   {tr("Calls"), TableColumn::Align::Right},
                   {tr("Tokens in"), TableColumn::Align::Right},
                   {tr("Tokens out"), TableColumn::Align::Right},
                   {tr("Cost"), TableColumn::Align::Right}},
                  parent) {}

void RunPreviewModel::setPreview(RunPreview preview) {
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
    refill(std::move(preview.stages),
           [](const RunPreview::Stage&, const RunPreview::Stage&) { return true; });
}

QVariant RunPreviewModel::cell(const RunPreview::Stage& value, int column, int role) const {
    const bool sum = &value == &values().last();
    switch (role) {
    case MutedRole:
        return !sum && column != Stage && column != Calls;
    case Qt::ToolTipRole:
        return value.upperBound
                   ? tr("≤: at most; how many it will be depends on what models answer")
                   : QVariant();
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Stage:
        return sum ? value.name : stageTitle(value.name);
    case Calls:
        return value.upperBound ? atMost(grouped(value.calls)) : grouped(value.calls);
    case PromptTokens:
        return QString(QStringLiteral("≈ ") + tokensText(value.promptTokens));
    case CompletionTokens:
        return atMost(tokensText(value.completionTokensMax));
    case Cost:
        return value.costMax > 0 ? atMost(costText(value.costMax)) : QStringLiteral("–");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
