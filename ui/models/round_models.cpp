// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/round_models.h"

#include "ui/models/run_list_model.h"

#include <algorithm>

namespace scrit::ui::models {

namespace {

QVariant aligned(bool right) {
    return QVariant::fromValue(
        Qt::Alignment((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

// Which mark stands before a change: only where it is more than chance.
Mark deltaMark(const RoundDelta& delta) {
    return !delta.significant ? Mark::None : delta.change < 0 ? Mark::No : Mark::Yes;
}

} // namespace

RoundTableModel::RoundTableModel(QObject* parent) : QAbstractTableModel(parent) {}

void RoundTableModel::setRounds(const QVector<RoundInfo>& rounds, const QString& set,
                                ScoreKind ei) {
    const bool sameRows =
        rounds.size() == m_rounds.size() &&
        std::equal(rounds.begin(), rounds.end(), m_rounds.begin(),
                   [](const RoundInfo& a, const RoundInfo& b) { return a.id == b.id; });
    if (sameRows) {
        const bool otherEi = ei != m_ei;
        m_rounds = rounds;
        m_set = set;
        m_ei = ei;
        if (!m_rounds.isEmpty()) {
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        }
        if (otherEi) {
            Q_EMIT headerDataChanged(Qt::Horizontal, Ei, Ei);
        }
        return;
    }
    beginResetModel();
    m_rounds = rounds;
    m_set = set;
    m_ei = ei;
    endResetModel();
}

const RoundInfo* RoundTableModel::roundAt(int row) const {
    return row >= 0 && row < m_rounds.size() ? &m_rounds[row] : nullptr;
}

int RoundTableModel::rowOf(qint64 roundId) const {
    const auto found = std::find_if(m_rounds.begin(), m_rounds.end(),
                                    [roundId](const auto& one) { return one.id == roundId; });
    return found == m_rounds.end() ? -1 : static_cast<int>(found - m_rounds.begin());
}

int RoundTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rounds.size());
}

int RoundTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
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

QVariant RoundTableModel::data(const QModelIndex& index, int role) const {
    const RoundInfo* round = index.isValid() ? roundAt(index.row()) : nullptr;
    if (round == nullptr) {
        return {};
    }
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return words(*round, column);
    case Qt::ToolTipRole:
        return toolTip(*round, column);
    case Qt::TextAlignmentRole:
        return aligned(column != Number && column != State);
    case MutedRole:
        return column > Examples && column != Cc && column != Ei &&
               deltaOf(*round, column) != nullptr && !deltaOf(*round, column)->significant;
    case MarkRole: {
        const RoundDelta* delta = deltaOf(*round, column);
        return static_cast<int>(delta != nullptr  ? deltaMark(*delta)
                                : column == State ? jobStateMark(round->state)
                                                  : Mark::None);
    }
    default:
        return {};
    }
}

QVariant RoundTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(section != Number && section != State);
    }
    if (role == Qt::ToolTipRole && section >= Cc) {
        return section == CcToBase || section == EiToBase
                   ? tr("Points gained since round 0 on the same items, with a mark where that is "
                        "more than chance (paired bootstrap, 95 %)")
               : section == CcToPrevious || section == EiToPrevious
                   ? tr("The same since the round before")
                   : scoreExplanation(section == Cc ? ScoreKind::CcAcc : m_ei);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Number:
        return tr("Round");
    case State:
        return tr("State");
    case Examples:
        return tr("Examples");
    case Cc:
        return scoreName(ScoreKind::CcAcc);
    case Ei:
        return scoreName(m_ei);
    case CcToBase:
    case EiToBase:
        return tr("to base");
    default:
        return tr("to previous");
    }
}

ItemChangeModel::ItemChangeModel(QObject* parent) : QAbstractTableModel(parent) {}

void ItemChangeModel::setItems(const QVector<ItemChange>& items) {
    beginResetModel();
    m_items = items;
    endResetModel();
}

const ItemChange* ItemChangeModel::itemAt(int row) const {
    return row >= 0 && row < m_items.size() ? &m_items[row] : nullptr;
}

int ItemChangeModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

int ItemChangeModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ItemChangeModel::data(const QModelIndex& index, int role) const {
    const ItemChange* item = index.isValid() ? itemAt(index.row()) : nullptr;
    if (item == nullptr) {
        return {};
    }
    using Kind = ItemChange::Kind;
    switch (role) {
    case Qt::TextAlignmentRole:
        return aligned(false);
    case Qt::ToolTipRole:
        return index.column() == Problem ? item->excerpt : QString();
    case MutedRole:
        return index.column() == Dataset;
    case MarkRole:
        return static_cast<int>(index.column() != Change ? Mark::None
                                : item->kind == Kind::Fixed || item->kind == Kind::StillRight
                                    ? Mark::Yes
                                    : Mark::No);
    case Qt::DisplayRole:
        return index.column() == Change    ? changeWord(item->kind)
               : index.column() == Problem ? item->excerpt
                                           : item->dataset;
    default:
        return {};
    }
}

QVariant ItemChangeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return role == Qt::TextAlignmentRole ? aligned(false) : QVariant();
    }
    return section == Change ? tr("Change") : section == Problem ? tr("Problem") : tr("Data set");
}

} // namespace scrit::ui::models
