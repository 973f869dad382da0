// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_record.h"
#include "ui/models/trace_table_model.h"
#include "ui/models/workspace_facts.h"
#include "ui/pages/page.h"

#include <cstdint>
#include <optional>

class QAction;
class QLabel;
class QSplitter;
class QStackedWidget;

namespace scrit::ui::widgets {
class EmptyState;
class FilterEdit;
class Segmented;
class TraceTableView;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class ReadingView;

// Traces: filter bar, table, reading screen. The page asks the service for ids once per filter, for
// pages of rows as they come into view, and for one record at a time; the neighbours of the record
// on screen are fetched and their formulas typeset ahead. UI thread.
class TracesPage final : public Page {
    Q_OBJECT
public:
    explicit TracesPage(PageContext& context, QWidget* parent);
    ~TracesPage() override;

    void workspaceOpened() override;
    void workspaceClosed() override;
    void activated() override;
    void saveState() override;
    [[nodiscard]] QVector<KeyHint> keyHints() const override;
    void showQuery(const models::ListQuery& query);

    [[nodiscard]] models::TraceTableModel& model() const { return *m_model; }
    [[nodiscard]] ReadingView& reading() const { return *m_reading; }
    [[nodiscard]] widgets::TraceTableView& table() const { return *m_table; }
    [[nodiscard]] QString countText() const;
    [[nodiscard]] QString errorText() const;

Q_SIGNALS:
    // The record of the current row is on screen.
    void recordShown(qint64 id);

private:
    void buildFilterBar(QWidget* bar);
    void addActions();
    void addTableActions();
    void addReadingActions();
    void addFindActions();
    void addColumnActions();
    void addCopyActions();
    void connectService();
    void updateVerify();
    void refresh(qint64 wantedId);
    void grow();
    void rowsBegun(quint64 token, const models::TraceRows& rows);
    void rowsFound(quint64 token, const models::RowIds& ids, qint64 total);
    void selectRow(int row);
    void showRow(int row);
    [[nodiscard]] qint64 currentId() const;
    void showRecord(const models::TraceRecordPtr& record);
    void showSibling(qint64 critiqueId);
    void stepSibling(int direction);
    void setComparing(bool comparing);
    void compareWith(qint64 critiqueId);
    void moveRow(int direction);
    void preloadAround(int row);
    void setTableShown(bool shown);
    void setKind(models::ListKind kind);
    void updateCount(qint64 total);
    void updateEmptyState();
    void offerOtherRows();
    void listFailed(quint64 token);
    void focusList();
    void focusPart(int direction);
    void copyColumn(int column);
    [[nodiscard]] QString workspaceGroup() const;

    models::ListQuery m_query;
    models::TraceTableModel* m_model;
    widgets::Segmented* m_kind = nullptr;
    widgets::FilterEdit* m_filter = nullptr;
    QLabel* m_count = nullptr;
    QLabel* m_error = nullptr;
    QSplitter* m_splitter;
    QStackedWidget* m_stack; // reading screen and table, or an empty state
    widgets::TraceTableView* m_table;
    ReadingView* m_reading;
    widgets::EmptyState* m_empty;
    QAction* m_tableAction = nullptr;
    QAction* m_verifyAction = nullptr;
    QAction* m_rawAction = nullptr;
    QAction* m_compareAction = nullptr;
    std::uint64_t m_prefetch = 0; // typesetting group of the neighbours
    quint64 m_idsToken = 0;
    quint64 m_recordToken = 0;
    quint64 m_comparisonToken = 0;
    qint64 m_comparedId = 0; // the critique compared with; 0: none
    bool m_waits = false;    // for rows
    bool m_begun = false;    // the first of them are there
    bool m_grows = false;    // the rows on their way go on where those on screen end
    qint64 m_wantedId = 0;   // select this one when the list arrives; 0: the first
    qint64 m_total = -1;
    bool m_unread = false;                         // the list could not be read
    std::optional<models::WorkspaceFacts> m_facts; // asked for where the list is empty
    int m_direction = 1;                           // the way the reader goes, for preloading
    bool m_siblingShown = false;                   // the record on screen is not the current row's
};

} // namespace scrit::ui::pages
