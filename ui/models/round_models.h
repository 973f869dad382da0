// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/column_table.h"
#include "ui/models/round_values.h"

namespace scrit::ui::models {

// The rounds of a series with what they scored, and how that compares. UI thread.
class RoundTableModel final : public ColumnTable<RoundInfo> {
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

private:
    [[nodiscard]] QVariant cell(const RoundInfo& value, int column, int role) const override;
    [[nodiscard]] const RoundScore* scoreOf(const RoundInfo& round, int column) const;
    // Of the columns that compare; null where there is nothing to compare.
    [[nodiscard]] const RoundDelta* deltaOf(const RoundInfo& round, int column) const;
    [[nodiscard]] QString words(const RoundInfo& round, int column) const;
    [[nodiscard]] QString toolTip(const RoundInfo& round, int column) const;
    QString m_set;
    ScoreKind m_ei = ScoreKind::EiStrict;
};

// What became of the items that two evaluations share. UI thread.
class ItemChangeModel final : public ColumnTable<ItemChange> {
    Q_OBJECT
public:
    enum Column { Change, Problem, Dataset, ColumnCount };
    explicit ItemChangeModel(QObject* parent = nullptr);
    void setItems(const QVector<ItemChange>& items);
    [[nodiscard]] const QVector<ItemChange>& items() const { return values(); }
    [[nodiscard]] const ItemChange* itemAt(int row) const; // null: no such row

private:
    [[nodiscard]] QVariant cell(const ItemChange& value, int column, int role) const override;
};

} // namespace scrit::ui::models
