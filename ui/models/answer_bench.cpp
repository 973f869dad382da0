// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/answer_bench.h"

#include "ui/models/visible_text.h"

#include <algorithm>

namespace scrit::ui::models {

namespace {

QString cellText(const std::string& answer) {
    constexpr std::size_t kShown = 120;
    return answer.empty() ? QStringLiteral("–") : labelText(answer, kShown);
}

QString verdictText(const BenchVerdict& verdict) {
    return verdict.rule.isEmpty() ? verdict.judge
                                  : QString(verdict.judge + QStringLiteral("  ") + verdict.rule);
}

} // namespace

BenchModel::BenchModel(QObject* parent)
    : ColumnTable({{tr("Row"), TableColumn::Align::Right},
                   {tr("Reference answer"), TableColumn::Align::Left},
                   {tr("Answer given"), TableColumn::Align::Left},
                   {tr("One judge"), TableColumn::Align::Left},
                   {tr("The other"), TableColumn::Align::Left},
                   {tr("A person"), TableColumn::Align::Left}},
                  parent) {}

void BenchModel::setRows(const QVector<BenchRow>& rows) {
    if (rows != values()) {
        refill(rows, [](const BenchRow& a, const BenchRow& b) { return a == b; });
    }
}

void BenchModel::setDecided(qint64 subjectId, std::optional<bool> right, const QString& person) {
    for (int row = 0; row < rowCount(); ++row) {
        if (valueRef(row).subjectId == subjectId) {
            valueRef(row).decided = right;
            valueRef(row).decidedBy = right ? person : QString();
            contentsChanged(row, row);
        }
    }
}

const BenchRow* BenchModel::rowAt(int row) const {
    return valueAt(row);
}

QVariant BenchModel::cell(const BenchRow& value, int column, int role) const {
    const BenchVerdict* verdict = column == Older   ? &value.older
                                  : column == Newer ? &value.newer
                                                    : nullptr;
    switch (role) {
    case MutedRole:
        return column == Id;
    case MarkRole:
        return static_cast<int>(verdict != nullptr                   ? verdict->mark
                                : column == Decided && value.decided ? markOf(value.decided)
                                                                     : Mark::None);
    case Qt::ToolTipRole:
        return verdict != nullptr ? QString(verdict->judge + QStringLiteral(": ") + verdict->word)
                                  : tr("Enter shows its trace");
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Id:
        return QString(QLatin1Char('#') + QString::number(value.subjectId));
    case Gold:
        return cellText(value.gold);
    case Answer:
        return cellText(value.answer);
    case Older:
    case Newer:
        return verdictText(*verdict);
    case Decided:
        return value.decided ? QString((*value.decided ? tr("right") : tr("wrong")) +
                                       QStringLiteral(", ") + value.decidedBy)
                             : tr("open");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
