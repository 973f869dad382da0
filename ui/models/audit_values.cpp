// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/audit_values.h"

#include <QLocale>

#include <cmath>

namespace scrit::ui::models {

namespace {

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

AuditModel::AuditModel(QObject* parent)
    : ColumnTable({{tr("Kind"), TableColumn::Align::Left},
                   {tr("Judged"), TableColumn::Align::Right},
                   {tr("Precision"), TableColumn::Align::Right},
                   {tr("More"), TableColumn::Align::Right,
                    tr("How many more of this kind to judge until the interval is narrow enough")},
                   {tr("Recall"), TableColumn::Align::Right},
                   {tr("More"), TableColumn::Align::Right,
                    tr("How many more of this kind to judge until the interval is narrow enough")}},
                  parent) {}

void AuditModel::setRows(const QVector<AuditRow>& rows) {
    if (rows != values()) {
        replace(rows);
    }
}

const AuditRow* AuditModel::rowAt(int row) const {
    return valueAt(row);
}

QVariant AuditModel::cell(const AuditRow& value, int column, int role) const {
    if (role == MutedRole) {
        return column == PrecisionMore || column == RecallMore;
    }
    if (role == Qt::ToolTipRole) {
        const auto counts = [](const QString& name, const AuditRate& rate) {
            return rate.isKnown() ? AuditModel::tr("%1: %2 of %3, %4")
                                        .arg(name, grouped(rate.hits), grouped(rate.of),
                                             rateWithInterval(rate))
                                  : AuditModel::tr("%1: nothing seen yet").arg(name);
        };
        return QString(counts(tr("Precision"), value.precision) + QLatin1Char('\n') +
                       counts(tr("Recall"), value.recall) + QLatin1Char('\n') +
                       tr("Enter or a double click shows these critiques in Traces"));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (column) {
    case Name:
        return value.stratum.isEmpty() ? tr("All together") : value.stratum;
    case Reviewed:
        return value.population > 0
                   ? tr("%1 of %2").arg(grouped(value.reviewed), grouped(value.population))
                   : grouped(value.reviewed);
    case Precision:
        return rateWithInterval(value.precision);
    case PrecisionMore:
        return moreWords(value.precision);
    case Recall:
        return rateWithInterval(value.recall);
    case RecallMore:
        return moreWords(value.recall);
    default:
        return {};
    }
}

AgreementModel::AgreementModel(QObject* parent)
    : ColumnTable({{tr("Measure"), TableColumn::Align::Left},
                   {tr("Reviewers"), TableColumn::Align::Left},
                   {tr("Value"), TableColumn::Align::Right},
                   {tr("95 % interval"), TableColumn::Align::Right},
                   {tr("Items"), TableColumn::Align::Right}},
                  parent) {}

void AgreementModel::setFigures(const QVector<AgreementFigure>& figures) {
    if (figures != values()) {
        replace(figures);
    }
}

QVariant AgreementModel::cell(const AgreementFigure& value, int column, int role) const {
    if (role == MutedRole) {
        return column == Who || column == Interval;
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    const auto number = [&value](double figure) {
        return value.percent ? percent(figure) + QStringLiteral(" %")
                             : QLocale().toString(figure, 'f', 2);
    };
    switch (column) {
    case Figure:
        return value.name;
    case Who:
        return value.who;
    case Value:
        return value.value ? number(*value.value) : QStringLiteral("–");
    case Interval:
        return value.value ? number(value.low) + QStringLiteral(" to ") + number(value.high)
                           : QString();
    case Items:
        return grouped(value.items);
    default:
        return {};
    }
}

DisagreementModel::DisagreementModel(QObject* parent)
    : ColumnTable({{tr("Item"), TableColumn::Align::Left},
                   {tr("One says"), TableColumn::Align::Left},
                   {tr("The other"), TableColumn::Align::Left},
                   {tr("Settled"), TableColumn::Align::Left}},
                  parent) {}

void DisagreementModel::setItems(const QVector<Disagreement>& items) {
    replace(items);
}

const Disagreement* DisagreementModel::itemAt(int row) const {
    return valueAt(row);
}

QVariant DisagreementModel::cell(const Disagreement& value, int column, int role) const {
    const Disagreement::Side* side =
        (column == First || column == Second) && value.sides.size() > column - First
            ? &value.sides[column - First]
            : nullptr;
    switch (role) {
    case MarkRole:
        return static_cast<int>(side != nullptr ? judgementMark(side->judgement)
                                : column == Settled && value.adjudicated
                                    ? judgementMark(*value.adjudicated)
                                    : Mark::None);
    case MutedRole:
        return column == Item;
    case Qt::ToolTipRole:
        return side != nullptr
                   ? QString(side->annotator + QLatin1Char('\n') + judgementText(side->judgement))
                   : value.about.join(QStringLiteral(", "));
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Item:
        return QString(QLatin1Char('#') + QString::number(value.critiqueId) + QStringLiteral("  ") +
                       value.about.join(QStringLiteral(", ")));
    case First:
    case Second:
        return side == nullptr ? QString()
                               : QString(side->annotator + QStringLiteral(": ") +
                                         judgementPhrase(side->judgement));
    case Settled:
        return value.adjudicated ? judgementPhrase(*value.adjudicated) : tr("open");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
