// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of the Traces page and their keys.
#include "ui/bridge/workspace_service.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/pages/traces/record_finder.h"
#include "ui/pages/traces/traces_page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/find_bar.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/record_header.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/trace_table_view.h"

#include <QLabel>
#include <QLayout>
#include <QMenu>
#include <QToolButton>

#include <array>
#include <functional>
#include <utility>
#include <vector>

namespace scrit::ui::pages {

using models::ListKind;

void TracesPage::addActions() {
    auto& commands = context().commands;
    const QString traces = tr("Traces");
    const auto keys = [](std::initializer_list<const char*> texts) {
        QList<QKeySequence> out;
        for (const char* text : texts) {
            out << QKeySequence(QLatin1String(text));
        }
        return out;
    };
    const auto id = [](const char* text) {
        return QString::fromLatin1(text);
    };
    const auto here = Qt::WidgetWithChildrenShortcut;
    QAction* previous = commands.add(
        {id("traces.previous"), traces, tr("Previous record"), keys({"K"}), id("previous")}, this,
        here);
    QAction* next = commands.add(
        {id("traces.next"), traces, tr("Next record"), keys({"J"}), id("next")}, this, here);
    connect(next, &QAction::triggered, this, [this] { moveRow(1); });
    connect(previous, &QAction::triggered, this, [this] { moveRow(-1); });
    m_reading->header().addLeft(widgets::actionButton(previous, m_reading));
    m_reading->header().addLeft(widgets::actionButton(next, m_reading));
    // The arrows do the same while reading; in the table they already do.
    for (const auto& [key, direction] :
         {std::pair{Qt::Key_Left, -1}, std::pair{Qt::Key_Right, 1}}) {
        auto* arrow = new QAction(m_reading);
        arrow->setShortcut(key);
        arrow->setShortcutContext(here);
        m_reading->addAction(arrow);
        connect(arrow, &QAction::triggered, this, [this, way = direction] { moveRow(way); });
    }
    QAction* filter = commands.add(
        {id("traces.filter"), traces, tr("Filter"), keys({"/"}), id("filter")}, this, here);
    connect(filter, &QAction::triggered, this, [this] {
        m_filter->setFocus();
        m_filter->selectAll();
    });
    QAction* clear = commands.add(
        {id("traces.clear-filter"), traces, tr("Clear the filter"), keys({"Ctrl+Backspace"})}, this,
        here);
    connect(clear, &QAction::triggered, this, [this] { showQuery({m_query.kind, {}}); });
    addTableActions();
}

void TracesPage::addTableActions() {
    auto& commands = context().commands;
    const QString traces = tr("Traces");
    const auto here = Qt::WidgetWithChildrenShortcut;
    const auto id = [](const char* text) {
        return QString::fromLatin1(text);
    };
    const std::array<QString, 3> kinds{tr("List critiques"), tr("List solutions"),
                                       tr("List problems")};
    const std::array<const char*, 3> kindIds{"traces.critiques", "traces.solutions",
                                             "traces.problems"};
    for (int i = 0; i < 3; ++i) {
        const auto at = static_cast<std::size_t>(i);
        QAction* action = commands.add({id(kindIds[at]), traces, kinds[at], {}}, this, here);
        connect(action, &QAction::triggered, this,
                [this, i] { setKind(static_cast<ListKind>(i)); });
    }
    m_tableAction = commands.add({id("traces.table"),
                                  traces,
                                  tr("Show or hide the table"),
                                  {QKeySequence(Qt::Key_T)},
                                  id("sidebar")},
                                 this, here);
    m_tableAction->setCheckable(true);
    m_tableAction->setChecked(true);
    connect(m_tableAction, &QAction::triggered, this, &TracesPage::setTableShown);
    QAction* columns = commands.add(
        {id("traces.columns"), traces, tr("Choose table columns"), {}, id("more")}, this, here);
    connect(columns, &QAction::triggered, this, [this] {
        m_table->columnMenu()->popup(m_count->mapToGlobal(QPoint(0, m_count->height())));
    });
    m_verifyAction =
        commands.add({id("traces.verify"),
                      traces,
                      tr("Verify what the filter shows"),
                      {QKeySequence(QStringLiteral("Ctrl+Alt+V"))},
                      id("check"),
                      tr("Verify these: compare answers, check arithmetic and raise red "
                         "flags for the solutions and critiques of this filter")},
                     this, here);
    connect(m_verifyAction, &QAction::triggered, this,
            [this] { context().service.verify(m_query.filter); });
    for (QAction* action : {m_verifyAction, columns}) {
        m_filter->parentWidget()->layout()->addWidget(
            widgets::actionButton(action, m_filter->parentWidget()));
    }
    QAction* read = commands.add(
        {id("traces.read"), traces, tr("Read: move into the text"), {QKeySequence(Qt::Key_Return)}},
        m_table, Qt::WidgetShortcut);
    connect(read, &QAction::triggered, this, [this] { m_reading->focusText(); });
    for (const int direction : {1, -1}) {
        QAction* part = commands.add(
            {direction > 0 ? id("traces.next-part") : id("traces.previous-part"),
             traces,
             direction > 0 ? tr("Go to the next pane") : tr("Go to the previous pane"),
             {QKeySequence(direction > 0 ? QStringLiteral("F6") : QStringLiteral("Shift+F6"))}},
            this, here);
        connect(part, &QAction::triggered, this, [this, direction] { focusPart(direction); });
    }
    QAction* back = commands.add(
        {id("traces.list"), traces, tr("Back to the list"), {QKeySequence(Qt::Key_Escape)}},
        m_reading, here);
    connect(back, &QAction::triggered, this, [this] {
        if (m_reading->finder().isOpen()) {
            m_reading->finder().close();
            return;
        }
        setTableShown(true);
        m_table->setFocus();
    });
}

void TracesPage::addReadingActions() {
    auto& commands = context().commands;
    const QString reading = tr("Reading");
    const auto here = Qt::WidgetWithChildrenShortcut;
    struct Entry {
        const char* id;
        QString text;
        QStringList keys;
        const char* icon;
        std::function<void()> run;
    };
    const std::vector<Entry> entries{
        {"reading.next-step",
         tr("Next step"),
         {QStringLiteral("N")},
         "",
         [this] {
             m_reading->moveStep(1);
         }},
        {"reading.previous-step",
         tr("Previous step"),
         {QStringLiteral("P")},
         "",
         [this] {
             m_reading->moveStep(-1);
         }},
        {"reading.first-error",
         tr("Go to the first error"),
         {QStringLiteral("E")},
         "cross",
         [this] {
             m_reading->selectFirstError();
         }},
        {"reading.next-critique",
         tr("Next critique of this solution"),
         {QStringLiteral("]")},
         "",
         [this] {
             stepSibling(1);
         }},
        {"reading.previous-critique",
         tr("Previous critique of this solution"),
         {QStringLiteral("[")},
         "",
         [this] {
             stepSibling(-1);
         }},
        {"reading.outcome",
         tr("Fold or unfold the outcome"),
         {QStringLiteral("O")},
         "diff",
         [this] {
             m_reading->outcome().setFolded(!m_reading->outcome().isFolded());
         }},
    };
    for (const Entry& entry : entries) {
        QList<QKeySequence> keys;
        for (const QString& key : entry.keys) {
            keys << QKeySequence(key);
        }
        QAction* action = commands.add({QString::fromLatin1(entry.id), reading, entry.text, keys,
                                        QString::fromLatin1(entry.icon)},
                                       this, here);
        connect(action, &QAction::triggered, this, entry.run);
    }
    m_rawAction = commands.add({QStringLiteral("reading.raw"),
                                reading,
                                tr("Raw critique text"),
                                {QKeySequence(QStringLiteral("R"))},
                                QStringLiteral("raw")},
                               this, here);
    m_rawAction->setCheckable(true);
    connect(m_rawAction, &QAction::triggered, this, [this](bool raw) {
        if (raw) {
            setComparing(false);
        }
        m_reading->setRaw(raw);
    });
    m_compareAction = commands.add({QStringLiteral("reading.compare"),
                                    reading,
                                    tr("Compare with another critique of this solution"),
                                    {QKeySequence(QStringLiteral("D"))},
                                    QStringLiteral("diff")},
                                   this, here);
    m_compareAction->setCheckable(true);
    connect(m_compareAction, &QAction::triggered, this, &TracesPage::setComparing);
    m_reading->column(ReadingView::Critique)
        .addHeadingWidget(widgets::actionButton(m_compareAction, m_reading));
    addFindActions();
    m_reading->column(ReadingView::Critique)
        .addHeadingWidget(widgets::actionButton(m_rawAction, m_reading));
    m_reading->header().addRight(
        widgets::actionButton(commands.action(QStringLiteral("reading.outcome")), m_reading));
    m_reading->header().addRight(widgets::actionButton(m_tableAction, m_reading));
    addColumnActions();
}

void TracesPage::addFindActions() {
    auto& commands = context().commands;
    const QString reading = tr("Reading");
    RecordFinder& finder = m_reading->finder();
    const auto add = [&](const char* id, const QString& text, const QList<QKeySequence>& keys,
                         const char* icon, const std::function<void()>& run) {
        QAction* action =
            commands.add({QString::fromLatin1(id), reading, text, keys, QString::fromLatin1(icon)},
                         this, Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, run);
        return action;
    };
    add("reading.find", tr("Find in this record"), {QKeySequence(QStringLiteral("Ctrl+F"))},
        "search", [&finder] { finder.open(); });
    QAction* previous =
        add("reading.find-previous", tr("Previous match"),
            {QKeySequence(QStringLiteral("Shift+F3"))}, "previous", [&finder] { finder.go(-1); });
    QAction* next = add("reading.find-next", tr("Next match"), {QKeySequence(QStringLiteral("F3"))},
                        "next", [&finder] { finder.go(1); });
    finder.bar().addButtons({previous, next});
}

void TracesPage::addColumnActions() {
    auto& commands = context().commands;
    const QString reading = tr("Reading");
    const auto here = Qt::WidgetWithChildrenShortcut;
    for (int i = 1; i <= 9; ++i) {
        QAction* action = commands.add({QStringLiteral("reading.critique-%1").arg(i),
                                        reading,
                                        tr("Critique %1 of this solution").arg(i),
                                        {QKeySequence(QStringLiteral("Alt+%1").arg(i))}},
                                       this, here);
        connect(action, &QAction::triggered, this, [this, i] {
            const auto& record = m_reading->record();
            if (record && i <= record->siblings.size()) {
                showSibling(record->siblings[i - 1].id);
            }
        });
    }
    const std::array<QString, 4> names{tr("problem"), tr("reference"), tr("candidate"),
                                       tr("critique")};
    for (int i = 0; i < ReadingView::ColumnCount; ++i) {
        QAction* action =
            commands.add({QStringLiteral("reading.column-%1").arg(i + 1),
                          reading,
                          tr("Show or hide the %1").arg(names[static_cast<std::size_t>(i)]),
                          {QKeySequence(QStringLiteral("Ctrl+Alt+%1").arg(i + 1))}},
                         this, here);
        connect(action, &QAction::triggered, this, [this, i] {
            auto& column = m_reading->column(static_cast<ReadingView::Column>(i));
            column.setCollapsed(!column.isCollapsed());
        });
    }
    // Space pages what is read; on a button it must still press the button, so it belongs to the
    // table and to the columns alone.
    for (const int direction : {1, -1}) {
        QAction* action =
            commands.add({direction > 0 ? QStringLiteral("reading.page-down")
                                        : QStringLiteral("reading.page-up"),
                          reading,
                          direction > 0 ? tr("Page down in the text") : tr("Page up in the text"),
                          {QKeySequence(direction > 0 ? QStringLiteral("Space")
                                                      : QStringLiteral("Shift+Space"))}},
                         m_table, Qt::WidgetWithChildrenShortcut);
        for (int i = 0; i < ReadingView::ColumnCount; ++i) {
            m_reading->column(static_cast<ReadingView::Column>(i)).scroll().addAction(action);
        }
        m_reading->outcome().correction().scroll().addAction(action);
        connect(action, &QAction::triggered, this,
                [this, direction] { m_reading->page(direction); });
    }
}

void TracesPage::addCopyActions() {
    const std::array<QString, 4> names{tr("Copy the problem"), tr("Copy the reference"),
                                       tr("Copy the candidate"), tr("Copy the critique")};
    for (int i = 0; i < ReadingView::ColumnCount; ++i) {
        QAction* action = context().commands.add({QStringLiteral("copy.%1").arg(i + 1),
                                                  tr("Copy"),
                                                  names[static_cast<std::size_t>(i)],
                                                  {},
                                                  QStringLiteral("copy")},
                                                 this, Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, [this, i] { copyColumn(i); });
    }
    QAction* correction = context().commands.add({QStringLiteral("copy.correction"),
                                                  tr("Copy"),
                                                  tr("Copy the correction"),
                                                  {},
                                                  QStringLiteral("copy")},
                                                 this, Qt::WidgetWithChildrenShortcut);
    connect(correction, &QAction::triggered, this,
            [this] { copyColumn(ReadingView::ColumnCount); });
    connect(m_reading, &ReadingView::copied, this, [this] { context().remark(tr("Copied")); });
}

void TracesPage::moveRow(int direction) {
    const int rows = m_model->rowCount();
    const int row = m_table->currentIndex().row() + direction;
    if (row >= rows && m_begun) {
        return; // the next one is on its way
    }
    if (row < 0 || row >= rows) {
        context().remark(direction > 0 ? tr("This is the last record")
                                       : tr("This is the first record"));
        return;
    }
    m_direction = direction;
    m_table->setCurrentIndex(m_model->index(row, models::TraceTableModel::Excerpt));
}

// Table, the panes that are open, the correction and the verdicts, round and round.
void TracesPage::focusPart(int direction) {
    QList<QWidget*> parts = m_reading->parts();
    if (m_table->isVisible()) {
        parts.prepend(m_table);
    }
    if (parts.isEmpty()) {
        return;
    }
    const QWidget* focus = window()->focusWidget();
    qsizetype at = direction > 0 ? -1 : parts.size();
    for (qsizetype i = 0; i < parts.size(); ++i) {
        at = parts[i] == focus || parts[i]->isAncestorOf(focus) ? i : at;
    }
    parts[(at + direction + parts.size()) % parts.size()]->setFocus(Qt::ShortcutFocusReason);
}

void TracesPage::copyColumn(int column) {
    if (column == ReadingView::ColumnCount) {
        m_reading->outcome().correction().copyToClipboard();
    } else {
        m_reading->column(static_cast<ReadingView::Column>(column)).copyToClipboard();
    }
}

} // namespace scrit::ui::pages
