// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/round_values.h"

#include <QAbstractTableModel>

namespace scrit::ui::models {

// The rounds of a series with what they scored, and how that compares. UI thread.
class RoundTableModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        Number,
        State,
        Examples,
        Cc,
        CcToBase,
        CcToPrevious,
        Ei,
        EiToBase,
        EiToPrevious,
        ColumnCount
    };
    explicit RoundTableModel(QObject* parent = nullptr);
    // Keeps selection and scroll when only contents changed. An empty set: the first one.
    void setRounds(const QVector<RoundInfo>& rounds, const QString& set, ScoreKind ei);
    [[nodiscard]] const RoundInfo* roundAt(int row) const; // null: no such row
    [[nodiscard]] int rowOf(qint64 roundId) const;         // −1: not there

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] const RoundScore* scoreOf(const RoundInfo& round, int column) const;
    // Of the columns that compare; null where there is nothing to compare.
    [[nodiscard]] const RoundDelta* deltaOf(const RoundInfo& round, int column) const;
    [[nodiscard]] QString words(const RoundInfo& round, int column) const;
    [[nodiscard]] QString toolTip(const RoundInfo& round, int column) const;
    QVector<RoundInfo> m_rounds;
    QString m_set;
    ScoreKind m_ei = ScoreKind::EiF1;
};

// What became of the items that two evaluations share. UI thread.
class ItemChangeModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Change, Problem, Dataset, ColumnCount };
    explicit ItemChangeModel(QObject* parent = nullptr);
    void setItems(const QVector<ItemChange>& items);
    [[nodiscard]] const QVector<ItemChange>& items() const { return m_items; }
    [[nodiscard]] const ItemChange* itemAt(int row) const; // null: no such row

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QVector<ItemChange> m_items;
};

} // namespace scrit::ui::models
