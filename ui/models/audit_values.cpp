// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/audit_values.h"

#include "ui/models/run_list_model.h"

#include <QLocale>

#include <cmath>

namespace scrit::ui::models {

namespace {

QVariant aligned(bool right) {
    return QVariant::fromValue(
        Qt::Alignment((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

QString percent(double share) {
    return QLocale().toString(std::round(share * 100), 'f', 0);
}

QString moreWords(const AuditRate& rate) {
    return rate.more > 0 ? QStringLiteral("+") + grouped(rate.more) : QStringLiteral("✓");
}

} // namespace

QString rateWords(const AuditRate& rate) {
    return rate.isKnown() ? percent(rate.value) + QStringLiteral(" %") : QStringLiteral("–");
}

QString rateWithInterval(const AuditRate& rate) {
    return rate.isKnown() ? QStringLiteral("%1 % (%2–%3)")
                                .arg(percent(rate.value), percent(rate.low), percent(rate.high))
                          : QStringLiteral("–");
}

AuditModel::AuditModel(QObject* parent) : QAbstractTableModel(parent) {}

void AuditModel::setRows(const QVector<AuditRow>& rows) {
    if (rows == m_rows) {
        return;
    }
    beginResetModel();
    m_rows = rows;
    endResetModel();
}

const AuditRow* AuditModel::rowAt(int row) const {
    return row >= 0 && row < m_rows.size() ? &m_rows[row] : nullptr;
}

int AuditModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int AuditModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AuditModel::data(const QModelIndex& index, int role) const {
    const AuditRow* row = index.isValid() ? rowAt(index.row()) : nullptr;
    if (row == nullptr) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(index.column() != Name);
    }
    if (role == MutedRole) {
        return index.column() == PrecisionMore || index.column() == RecallMore;
    }
    if (role == Qt::ToolTipRole) {
        const auto counts = [](const QString& name, const AuditRate& rate) {
            return rate.isKnown() ? AuditModel::tr("%1: %2 of %3, %4")
                                        .arg(name, grouped(rate.hits), grouped(rate.of),
                                             rateWithInterval(rate))
                                  : AuditModel::tr("%1: nothing seen yet").arg(name);
        };
        return QString(counts(tr("Precision"), row->precision) + QLatin1Char('\n') +
                       counts(tr("Recall"), row->recall) + QLatin1Char('\n') +
                       tr("Enter or a double click shows these critiques in Traces"));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (index.column()) {
    case Name:
        return row->stratum.isEmpty() ? tr("All together") : row->stratum;
    case Reviewed:
        return row->population > 0
                   ? tr("%1 of %2").arg(grouped(row->reviewed), grouped(row->population))
                   : grouped(row->reviewed);
    case Precision:
        return rateWithInterval(row->precision);
    case PrecisionMore:
        return moreWords(row->precision);
    case Recall:
        return rateWithInterval(row->recall);
    case RecallMore:
        return moreWords(row->recall);
    default:
        return {};
    }
}

QVariant AuditModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(section != Name);
    }
    if (role == Qt::ToolTipRole && (section == PrecisionMore || section == RecallMore)) {
        return tr("How many more of this kind to judge until the interval is narrow enough");
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("Kind");
    case Reviewed:
        return tr("Judged");
    case Precision:
        return tr("Precision");
    case Recall:
        return tr("Recall");
    case PrecisionMore:
    case RecallMore:
        return tr("More");
    default:
        return {};
    }
}

AgreementModel::AgreementModel(QObject* parent) : QAbstractTableModel(parent) {}

void AgreementModel::setFigures(const QVector<AgreementFigure>& figures) {
    if (figures == m_figures) {
        return;
    }
    beginResetModel();
    m_figures = figures;
    endResetModel();
}

int AgreementModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_figures.size());
}

int AgreementModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AgreementModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_figures.size()) {
        return {};
    }
    const AgreementFigure& figure = m_figures[index.row()];
    if (role == Qt::TextAlignmentRole) {
        return aligned(index.column() >= Value);
    }
    if (role == MutedRole) {
        return index.column() == Who || index.column() == Interval;
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    const auto number = [&figure](double value) {
        return figure.percent ? percent(value) + QStringLiteral(" %")
                              : QLocale().toString(value, 'f', 2);
    };
    switch (index.column()) {
    case Figure:
        return figure.name;
    case Who:
        return figure.who;
    case Value:
        return figure.value ? number(*figure.value) : QStringLiteral("–");
    case Interval:
        return figure.value ? number(figure.low) + QStringLiteral(" to ") + number(figure.high)
                            : QString();
    case Items:
        return grouped(figure.items);
    default:
        return {};
    }
}

QVariant AgreementModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(section >= Value);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Figure:
        return tr("Measure");
    case Who:
        return tr("Reviewers");
    case Value:
        return tr("Value");
    case Interval:
        return tr("95 % interval");
    case Items:
        return tr("Items");
    default:
        return {};
    }
}

DisagreementModel::DisagreementModel(QObject* parent) : QAbstractTableModel(parent) {}

void DisagreementModel::setItems(const QVector<Disagreement>& items) {
    beginResetModel();
    m_items = items;
    endResetModel();
}

const Disagreement* DisagreementModel::itemAt(int row) const {
    return row >= 0 && row < m_items.size() ? &m_items[row] : nullptr;
}

int DisagreementModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

int DisagreementModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DisagreementModel::data(const QModelIndex& index, int role) const {
    const Disagreement* item = index.isValid() ? itemAt(index.row()) : nullptr;
    if (item == nullptr) {
        return {};
    }
    const Disagreement::Side* side = (index.column() == First || index.column() == Second) &&
                                             item->sides.size() > index.column() - First
                                         ? &item->sides[index.column() - First]
                                         : nullptr;
    switch (role) {
    case Qt::TextAlignmentRole:
        return aligned(false);
    case MarkRole:
        return static_cast<int>(side != nullptr ? judgementMark(side->judgement)
                                : index.column() == Settled && item->adjudicated
                                    ? judgementMark(*item->adjudicated)
                                    : Mark::None);
    case MutedRole:
        return index.column() == Item;
    case Qt::ToolTipRole:
        return side != nullptr
                   ? QString(side->annotator + QLatin1Char('\n') + judgementText(side->judgement))
                   : item->about.join(QStringLiteral(", "));
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Item:
        return QString(QLatin1Char('#') + QString::number(item->critiqueId) + QStringLiteral("  ") +
                       item->about.join(QStringLiteral(", ")));
    case First:
    case Second:
        return side == nullptr ? QString()
                               : QString(side->annotator + QStringLiteral(": ") +
                                         judgementPhrase(side->judgement));
    case Settled:
        return item->adjudicated ? judgementPhrase(*item->adjudicated) : tr("open");
    default:
        return {};
    }
}

QVariant DisagreementModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(false);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Item:
        return tr("Item");
    case First:
        return tr("One says");
    case Second:
        return tr("The other");
    case Settled:
        return tr("Settled");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
