// SPDX-License-Identifier: GPL-3.0-or-later
// The list of the Traces page: which rows it has, and what stands in their place where there are
// none.
#include "ui/bridge/workspace_service.h"
#include "ui/models/words.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/pages/traces/traces_page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/trace_table_view.h"

#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QStackedWidget>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using models::ListKind;

void TracesPage::showQuery(const models::ListQuery& query) {
    m_query = query;
    m_kind->setCurrent(static_cast<int>(query.kind));
    m_filter->setKind(query.kind);
    m_filter->setFilter(query.filter);
    m_table->setSort(query.sort, query.descending);
    refresh(0);
}

void TracesPage::setKind(ListKind kind) {
    if (kind == m_query.kind) {
        return;
    }
    m_query.kind = kind;
    m_query.sort = models::SortKey::Id;
    m_query.descending = false;
    m_kind->setCurrent(static_cast<int>(kind));
    m_filter->setKind(kind);
    m_table->setSort(m_query.sort, false);
    if (!m_filter->hasError()) {
        m_query.filter = m_filter->text();
        refresh(0);
    }
}

qint64 TracesPage::currentId() const {
    return m_model->idAt(m_table->currentIndex().row());
}

void TracesPage::refresh(qint64 wantedId) {
    if (!context().service.isOpen()) {
        return;
    }
    m_wantedId = wantedId;
    m_unread = false;
    m_grows = false;
    m_waits = true;
    m_begun = false;
    m_idsToken = context().service.requestList(m_query);
    m_count->setText(tr("counting…"));
}

// A run has stored more. What is read stays on screen; a list that was asked for otherwise
// meanwhile comes first.
void TracesPage::grow() {
    if (!context().service.isOpen()) {
        return;
    }
    if (!m_waits || m_begun) {
        m_grows = m_model->rowCount() > 0;
        m_wantedId = m_grows ? currentId() : 0;
    }
    m_waits = true;
    m_idsToken = context().service.requestIds(m_query);
}

// The first rows are shown at once, unless the list on screen goes on or the record that is wanted
// stands further down.
void TracesPage::rowsBegun(quint64 token, const models::TraceRows& rows) {
    models::RowIds ids;
    for (const models::TraceRow& row : rows) {
        ids << row.id;
    }
    const qsizetype wanted = m_wantedId == 0 ? 0 : ids.indexOf(m_wantedId);
    if (token != m_idsToken || m_grows || ids.isEmpty() || wanted < 0) {
        return;
    }
    m_begun = true;
    m_model->setRows(m_query.kind, ids, token);
    m_model->setPage(token, 0, rows);
    m_table->setGrowing(true);
    updateEmptyState();
    selectRow(static_cast<int>(wanted));
}

void TracesPage::rowsFound(quint64 token, const models::RowIds& ids, qint64 total) {
    if (token != m_idsToken) {
        return;
    }
    m_waits = false;
    m_unread = false;
    const bool begun = std::exchange(m_begun, false);
    const bool grows = std::exchange(m_grows, false) || begun;
    const bool goesOn = grows && m_model->growRows(m_query.kind, ids, token);
    m_table->setGrowing(false);
    if (goesOn) {
        m_total = total;
        m_wantedId = 0;
        updateCount(total);
        const auto& record = m_reading->record();
        if (begun && record && !m_siblingShown) { // of how many it is one is known now
            m_reading->setRecord(record, m_model->rowOf(record->id), m_model->rowCount());
        }
        return;
    }
    m_model->setRows(m_query.kind, ids, token);
    m_total = total;
    updateCount(total);
    updateEmptyState();
    m_siblingShown = false;
    if (ids.isEmpty()) {
        m_reading->clear();
        return;
    }
    selectRow(std::max(0, m_wantedId == 0 ? 0 : m_model->rowOf(m_wantedId)));
}

void TracesPage::selectRow(int row) {
    m_wantedId = 0;
    const QModelIndex index = m_model->index(row, models::TraceTableModel::Excerpt);
    m_table->setCurrentIndex(index);
    m_table->scrollTo(index, row == 0 ? QAbstractItemView::EnsureVisible
                                      : QAbstractItemView::PositionAtCenter);
    showRow(row);
}

void TracesPage::updateCount(qint64 total) {
    const qint64 found = m_model->rowCount();
    m_count->setText(total < 0 || total == found
                         ? models::grouped(found)
                         : tr("%1 of %2").arg(models::grouped(found), models::grouped(total)));
    m_count->setToolTip(tr("Rows that the filter gives, of all rows"));
}

void TracesPage::updateEmptyState() {
    if (m_model->rowCount() > 0) {
        if (m_stack->currentWidget() != m_splitter) {
            m_stack->setCurrentWidget(m_splitter);
            // Not away from somebody who types, or chooses what is listed.
            const QWidget* focus = window()->focusWidget();
            if (isVisible() && (focus == nullptr || !focus->isVisible() || focus == this ||
                                m_stack->isAncestorOf(focus))) {
                focusList();
            }
        }
        return;
    }
    auto& commands = context().commands;
    const auto action = [&commands](const char* id) {
        return commands.action(QString::fromLatin1(id));
    };
    if (m_unread) {
        m_empty->setContent(tr("This list cannot be read"),
                            tr("What is stored of it is damaged, or cannot be reached."), {});
    } else if (!m_query.filter.trimmed().isEmpty()) {
        const QString advice = m_total < 0    ? tr("Remove a term, or clear the filter.")
                               : m_total == 0 ? tr("Nor is there a row without the filter.")
                               : m_total == 1
                                   ? tr("Remove a term, or clear the filter to see the one row.")
                                   : tr("Remove a term, or clear the filter to see all %1 rows.")
                                         .arg(models::grouped(m_total));
        m_empty->setContent(tr("Nothing matches this filter"), advice,
                            {action("traces.clear-filter")});
    } else {
        offerOtherRows();
    }
    m_stack->setCurrentWidget(m_empty);
}

// Nothing of this kind is there: what is, and how more comes.
void TracesPage::offerOtherRows() {
    if (!m_facts) {
        context().service.requestFacts();
    }
    const auto action = [this](const char* id) {
        return context().commands.action(QString::fromLatin1(id));
    };
    const bool solutions = m_query.kind == ListKind::Critiques && m_facts && m_facts->solutions > 0;
    const bool problems = m_query.kind != ListKind::Problems && m_facts && m_facts->problems > 0;
    QList<QAction*> offers;
    if (solutions) {
        offers << action("traces.solutions");
    } else if (problems) {
        offers << action("traces.problems");
    }
    offers << action("app.import");
    offers.removeAll(nullptr);
    const QString title = m_query.kind == ListKind::Critiques   ? tr("No critiques yet")
                          : m_query.kind == ListKind::Solutions ? tr("No solutions yet")
                                                                : tr("No problems yet");
    m_empty->setContent(
        title,
        solutions  ? tr("Drop a file of recorded critiques onto the window, or look at the "
                         "solutions that are here.")
        : problems ? tr("Drop a file with more onto the window, or look at the problems that are "
                        "here.")
                   : tr("Drop JSON Lines, JSON or CSV files onto the window."),
        offers);
}

// The list cannot be read: what is on screen is of another one, and stays no longer.
void TracesPage::listFailed(quint64 token) {
    if (token != m_idsToken) {
        return;
    }
    m_waits = false;
    m_begun = false;
    m_grows = false;
    m_unread = true;
    m_total = -1;
    m_table->setGrowing(false);
    m_model->setRows(m_query.kind, {}, token);
    m_reading->clear();
    m_count->setText(QStringLiteral("–"));
    updateEmptyState();
}

// Where the reader goes on when the filter is done: to the rows, or to the text while they are
// folded away.
void TracesPage::focusList() {
    if (m_stack->currentWidget() != m_splitter) {
        return;
    }
    if (m_table->isHidden()) {
        m_reading->focusText();
    } else {
        m_table->setFocus();
    }
}

} // namespace scrit::ui::pages
