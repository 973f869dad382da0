// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_row.h"
#include "ui/models/words.h"

#include <QAbstractTableModel>
#include <QCache>
#include <QSet>

namespace scrit::ui::models {

// The table of traces over any number of rows: it holds the ids of all rows (8 bytes each) and the
// contents of the pages looked at lately. data() of a row not loaded yet gives an empty cell with
// LoadingRole and asks for its page with pageWanted(). UI thread only.
class TraceTableModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    static constexpr int kPageRows = 256;
    static constexpr int kPagesKept = 48;

    enum Column {
        Candidate, // ✓ ✗ ? of the solution
        Source,
        Subject,
        Level,
        Student,
        Critic,
        Mode,
        Round,
        FirstError, // as the critique says, 1-based for people
        Label,      // as the data's source says
        Validated,
        Answer,
        FlagsRaised,
        Tokens,
        CritiqueCount,
        Excerpt,
        ColumnCount
    };
    enum Role {
        LoadingRole = Qt::UserRole + 1, // bool
        CellMarkRole,                   // Mark as int, for columns drawn as marks
        IdRole,                         // qint64
        NumericRole,                    // bool: right-aligned, tabular figures
        DiffersRole,                    // bool: the critique's first error is not the labelled one
    };

    explicit TraceTableModel(QObject* parent = nullptr);

    // Starts over with these rows; `generation` marks the pages that belong to them.
    void setRows(ListKind kind, RowIds ids, quint64 generation);
    // The same list with more rows at its end: selection, scroll and what is loaded stay. Under a
    // new generation what is looked at is fetched anew behind the scenes. False, and nothing
    // changed, when the list does not go on like that.
    bool growRows(ListKind kind, const RowIds& ids, quint64 generation);
    // Contents of one page; dropped when the generation is not the current one.
    void setPage(quint64 generation, int page, const TraceRows& rows);
    // Forgets what was loaded (after a verify or an import) but keeps rows and ids.
    void reloadPages(quint64 generation);

    [[nodiscard]] ListKind kind() const { return m_kind; }
    [[nodiscard]] qint64 idAt(int row) const;
    [[nodiscard]] int rowOf(qint64 id) const; // -1 when it is not in the list
    // The row when it is loaded, else null; cells of one that cannot be read have a dash.
    [[nodiscard]] const TraceRow* rowAt(int row) const;
    // Columns that mean something for this kind of row.
    [[nodiscard]] static bool applies(ListKind kind, Column column);
    // The order behind a column, if the workspace offers one.
    [[nodiscard]] static bool sortKeyOf(Column column, SortKey& key);
    // Stable name of a column, for settings.
    [[nodiscard]] static QString columnName(Column column);
    // The column's title in full, for the column chooser.
    [[nodiscard]] static QString columnTitle(Column column);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index,
                                int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    // The contents of `page` are needed; emitted once per page until it arrives.
    void pageWanted(quint64 generation, int page, const scrit::ui::models::RowIds& ids) const;

private:
    [[nodiscard]] QVariant cell(const TraceRow& row, Column column, int role) const;
    [[nodiscard]] QString display(const TraceRow& row, Column column) const;
    [[nodiscard]] QString toolTip(const TraceRow& row, Column column) const;
    void want(int page) const;

    ListKind m_kind = ListKind::Critiques;
    RowIds m_ids;
    quint64 m_generation = 0;
    mutable QCache<int, TraceRows> m_pages;
    mutable QSet<int> m_wanted;
    mutable QSet<int> m_stale; // pages that are shown until their new contents come
};

} // namespace scrit::ui::models
