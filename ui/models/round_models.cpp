// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/round_models.h"

#include <utility>

namespace scrit::ui::models {

namespace {

TableColumn eiColumn(ScoreKind kind) {
    return {scoreName(kind), TableColumn::Align::Right, scoreExplanation(kind)};
}

QString toBaseTip() {
    return RoundTableModel::tr("Points gained since round 0 on the same items, with a mark where "
                               "that is more than chance (paired bootstrap, 95 %)");
}

QString toPreviousTip() {
    return RoundTableModel::tr("The same since the round before");
}

// Which mark stands before a change: only where it is more than chance.
Mark deltaMark(const RoundDelta& delta) {
    return !delta.significant ? Mark::None : delta.change < 0 ? Mark::No : Mark::Yes;
}

} // namespace

RoundTableModel::RoundTableModel(QObject* parent)
    : ColumnTable({{tr("Round"), TableColumn::Align::Left},
                   {tr("State"), TableColumn::Align::Left},
                   {tr("Examples"), TableColumn::Align::Right},
                   {scoreName(ScoreKind::CcAcc), TableColumn::Align::Right,
                    scoreExplanation(ScoreKind::CcAcc)},
                   {tr("to base"), TableColumn::Align::Right, toBaseTip()},
                   {tr("to previous"), TableColumn::Align::Right, toPreviousTip()},
                   eiColumn(ScoreKind::EiStrict),
                   {tr("to base"), TableColumn::Align::Right, toBaseTip()},
                   {tr("to previous"), TableColumn::Align::Right, toPreviousTip()}},
                  parent) {}

void RoundTableModel::setRounds(const QVector<RoundInfo>& rounds, const QString& set,
                                ScoreKind ei) {
    if (std::exchange(m_ei, ei) != ei) {
        setColumn(Ei, eiColumn(ei));
    }
    m_set = set;
    refill(rounds, [](const RoundInfo& a, const RoundInfo& b) { return a.id == b.id; });
}

const RoundInfo* RoundTableModel::roundAt(int row) const {
    return valueAt(row);
}

int RoundTableModel::rowOf(qint64 roundId) const {
    return rowWhere([roundId](const RoundInfo& one) { return one.id == roundId; });
}

const RoundScore* RoundTableModel::scoreOf(const RoundInfo& round, int column) const {
    return column < Cc ? nullptr : round.score(column < Ei ? ScoreKind::CcAcc : m_ei, {}, m_set);
}

const RoundDelta* RoundTableModel::deltaOf(const RoundInfo& round, int column) const {
    const RoundScore* score = scoreOf(round, column);
    if (score == nullptr) {
        return nullptr;
    }
    if (column == CcToBase || column == EiToBase) {
        return score->toBase ? &*score->toBase : nullptr;
    }
    if (column == CcToPrevious || column == EiToPrevious) {
        return score->toPrevious ? &*score->toPrevious : nullptr;
    }
    return nullptr;
}

QString RoundTableModel::words(const RoundInfo& round, int column) const {
    switch (column) {
    case Number:
        return round.number == 0 ? tr("0, before training") : QString::number(round.number);
    case State:
        return round.state == model::JobState::Done || round.stage.isEmpty()
                   ? jobStateWord(round.state)
                   : jobStateWord(round.state) + QStringLiteral(" · ") + stageWord(round.stage);
    case Examples:
        return round.kept < 0 ? QStringLiteral("–") : grouped(round.kept);
    case Cc:
    case Ei: {
        const RoundScore* score = scoreOf(round, column);
        return score == nullptr ? QStringLiteral("–") : scoreText(*score);
    }
    default:
        break;
    }
    const RoundDelta* delta = deltaOf(round, column);
    if (delta == nullptr) {
        return {};
    }
    const QString figure = deltaFigure(*delta);
    return !delta->significant
               ? figure
               : figure + QLatin1Char(' ') + (delta->change < 0 ? tr("worse") : tr("better"));
}

QString RoundTableModel::toolTip(const RoundInfo& round, int column) const {
    if (const RoundDelta* delta = deltaOf(round, column)) {
        return deltaSentence(*delta);
    }
    if (const RoundScore* score = scoreOf(round, column)) {
        return scoreExplanation(score->kind) + QLatin1Char('\n') + score->protocol +
               QStringLiteral(" · ") + score->set + QStringLiteral(", n = ") + grouped(score->n);
    }
    if (column == State && !round.error.isEmpty()) {
        return round.error;
    }
    QStringList lines;
    if (!round.baseModel.isEmpty()) {
        lines << tr("Criticised and validated by %1").arg(round.baseModel);
    }
    if (!round.resultModel.isEmpty()) {
        lines << tr("Its result is %1").arg(round.resultModel);
    }
    lines << tr("Enter or a double click shows its critiques in Traces");
    return lines.join(QLatin1Char('\n'));
}

QVariant RoundTableModel::cell(const RoundInfo& value, int column, int role) const {
    switch (role) {
    case Qt::DisplayRole:
        return words(value, column);
    case Qt::ToolTipRole:
        return toolTip(value, column);
    case MutedRole:
        return column > Examples && column != Cc && column != Ei &&
               deltaOf(value, column) != nullptr && !deltaOf(value, column)->significant;
    case MarkRole: {
        const RoundDelta* delta = deltaOf(value, column);
        return static_cast<int>(delta != nullptr  ? deltaMark(*delta)
                                : column == State ? jobStateMark(value.state)
                                                  : Mark::None);
    }
    default:
        return {};
    }
}

ItemChangeModel::ItemChangeModel(QObject* parent)
    : ColumnTable({{tr("Change"), TableColumn::Align::Left},
                   {tr("Problem"), TableColumn::Align::Left},
                   {tr("Data set"), TableColumn::Align::Left}},
                  parent) {}

void ItemChangeModel::setItems(const QVector<ItemChange>& items) {
    replace(items);
}

const ItemChange* ItemChangeModel::itemAt(int row) const {
    return valueAt(row);
}

QVariant ItemChangeModel::cell(const ItemChange& value, int column, int role) const {
    using Kind = ItemChange::Kind;
    switch (role) {
    case Qt::ToolTipRole:
        return column == Problem ? value.excerpt : QString();
    case MutedRole:
        return column == Dataset;
    case MarkRole:
        return static_cast<int>(column != Change ? Mark::None
                                : value.kind == Kind::Fixed || value.kind == Kind::StillRight
                                    ? Mark::Yes
                                    : Mark::No);
    case Qt::DisplayRole:
        return column == Change    ? changeWord(value.kind)
               : column == Problem ? value.excerpt
                                   : value.dataset;
    default:
        return {};
    }
}

} // namespace scrit::ui::models
