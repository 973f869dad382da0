// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVector>

#include <algorithm>
#include <utility>

namespace scrit::ui::models {

// Roles that the plain tables share with their delegate, beside Qt's.
enum TableRole {
    MarkRole = Qt::UserRole + 1, // Mark as int: drawn as a mark before the words
    ShareRole,                   // double, 0 to 1: a bar behind the words; absent: none
    MutedRole,                   // bool: secondary words
};

// A column of a short table. Words stand at the left, figures at the right, the head above them
// likewise.
struct TableColumn {
    enum class Align { Left, Right };
    QString title;
    Align align = Align::Left;
    QString toolTip = {}; // of the head
};

// What short tables have in common but for their rows: heads and alignment of the columns. UI
// thread.
class ColumnTableBase : public QAbstractTableModel {
    Q_OBJECT
public:
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const final;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const final;

protected:
    ColumnTableBase(QVector<TableColumn> columns, QObject* parent);
    void setColumn(int section, const TableColumn& column);
    [[nodiscard]] QVariant alignment(int column) const;
    // What is in a row may have changed, or in all of them.
    void contentsChanged(int first, int last);

private:
    QVector<TableColumn> m_columns;
};

// A short table whose rows are values of one type. A model derived from it names its columns and
// says what is in a cell. UI thread.
template<typename Value>
class ColumnTable : public ColumnTableBase {
public:
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const final {
        return parent.isValid() ? 0 : static_cast<int>(m_values.size());
    }
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const final {
        const Value* value = index.isValid() ? valueAt(index.row()) : nullptr;
        if (value == nullptr) {
            return {};
        }
        return role == Qt::TextAlignmentRole ? alignment(index.column())
                                             : cell(*value, index.column(), role);
    }

protected:
    using ColumnTableBase::ColumnTableBase;
    // What a role of a cell is; never asked for the alignment.
    [[nodiscard]] virtual QVariant cell(const Value& value, int column, int role) const = 0;

    [[nodiscard]] const QVector<Value>& values() const { return m_values; }
    [[nodiscard]] Value& valueRef(int row) { return m_values[row]; }
    [[nodiscard]] const Value* valueAt(int row) const { // null: no such row
        return row >= 0 && row < m_values.size() ? &m_values[row] : nullptr;
    }
    template<typename Fits>
    [[nodiscard]] int rowWhere(Fits fits) const { // −1: none
        const auto found = std::find_if(m_values.begin(), m_values.end(), fits);
        return found == m_values.end() ? -1 : static_cast<int>(found - m_values.begin());
    }

    void replace(QVector<Value> values) {
        beginResetModel();
        m_values = std::move(values);
        endResetModel();
    }
    // Selection and scroll stay when the rows are about the same things as before, in their order:
    // alone, or below new ones at the top, or above new ones at the end.
    template<typename Same>
    void refill(QVector<Value> values, Same same) {
        const auto had = m_values.size();
        const auto more = values.size() - had;
        const auto matches = [&](auto from) {
            return more >= 0 && std::equal(m_values.begin(), m_values.end(), values.begin() + from,
                                           values.begin() + from + had, same);
        };
        if (matches(0)) {
            insert(std::move(values), static_cast<int>(had), static_cast<int>(more));
        } else if (matches(more)) {
            insert(std::move(values), 0, static_cast<int>(more));
        } else {
            replace(std::move(values));
        }
    }

private:
    void insert(QVector<Value>&& values, int at, int count) {
        if (count > 0) {
            beginInsertRows({}, at, at + count - 1);
        }
        m_values = std::move(values);
        if (count > 0) {
            endInsertRows();
        }
        contentsChanged(0, static_cast<int>(m_values.size()) - 1);
    }

    QVector<Value> m_values;
};

} // namespace scrit::ui::models
