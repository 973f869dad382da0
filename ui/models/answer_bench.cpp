// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/answer_bench.h"

#include "ui/models/run_list_model.h"
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

BenchModel::BenchModel(QObject* parent) : QAbstractTableModel(parent) {}

void BenchModel::setRows(const QVector<BenchRow>& rows) {
    const auto had = m_rows.size();
    const bool grew =
        had > 0 && rows.size() >= had && std::equal(m_rows.begin(), m_rows.end(), rows.begin());
    if (!grew) {
        beginResetModel();
        m_rows = rows;
        endResetModel();
    } else if (rows.size() > had) {
        beginInsertRows({}, static_cast<int>(had), static_cast<int>(rows.size()) - 1);
        m_rows = rows;
        endInsertRows();
    }
}

void BenchModel::setDecided(qint64 subjectId, std::optional<bool> right, const QString& person) {
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].subjectId == subjectId) {
            m_rows[row].decided = right;
            m_rows[row].decidedBy = right ? person : QString();
            Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
        }
    }
}

const BenchRow* BenchModel::rowAt(int row) const {
    return row >= 0 && row < m_rows.size() ? &m_rows[row] : nullptr;
}

int BenchModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int BenchModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant BenchModel::data(const QModelIndex& index, int role) const {
    const BenchRow* row = index.isValid() ? rowAt(index.row()) : nullptr;
    if (row == nullptr) {
        return {};
    }
    const BenchVerdict* verdict = index.column() == Older   ? &row->older
                                  : index.column() == Newer ? &row->newer
                                                            : nullptr;
    switch (role) {
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            (index.column() == Id ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    case MutedRole:
        return index.column() == Id;
    case MarkRole:
        return static_cast<int>(verdict != nullptr                          ? verdict->mark
                                : index.column() == Decided && row->decided ? markOf(row->decided)
                                                                            : Mark::None);
    case Qt::ToolTipRole:
        return verdict != nullptr ? QString(verdict->judge + QStringLiteral(": ") + verdict->word)
                                  : tr("Enter shows its trace");
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Id:
        return QString(QLatin1Char('#') + QString::number(row->subjectId));
    case Gold:
        return cellText(row->gold);
    case Answer:
        return cellText(row->answer);
    case Older:
    case Newer:
        return verdictText(*verdict);
    case Decided:
        return row->decided ? QString((*row->decided ? tr("right") : tr("wrong")) +
                                      QStringLiteral(", ") + row->decidedBy)
                            : tr("open");
    default:
        return {};
    }
}

QVariant BenchModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(
            Qt::Alignment((section == Id ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Id:
        return tr("Row");
    case Gold:
        return tr("Reference answer");
    case Answer:
        return tr("Answer given");
    case Older:
        return tr("One judge");
    case Newer:
        return tr("The other");
    case Decided:
        return tr("A person");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
