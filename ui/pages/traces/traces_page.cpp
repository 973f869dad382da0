// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/traces/traces_page.h"

#include "ui/bridge/filter_language.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/visible_text.h"
#include "ui/models/words.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/render/math_typesetter.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/record_header.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"
#include "ui/widgets/trace_table_view.h"

#include <QCryptographicHash>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace scrit::ui::pages {

using models::ListKind;

TracesPage::TracesPage(PageContext& pageContext, QWidget* parent)
    : Page(pageContext, parent), m_model(new models::TraceTableModel(this)),
      m_splitter(new QSplitter(Qt::Vertical, this)), m_stack(new QStackedWidget(this)),
      m_table(new widgets::TraceTableView(m_splitter)),
      m_reading(new ReadingView(&pageContext.typesetter, m_splitter)),
      m_empty(new widgets::EmptyState(m_stack)) {
    auto* bar = new QWidget(this);
    buildFilterBar(bar);
    m_table->setTraceModel(m_model);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_reading);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({184, 560});
    m_table->setMinimumHeight(80);
    m_stack->addWidget(m_splitter);
    m_stack->addWidget(m_empty);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(bar);
    layout->addWidget(m_error);
    layout->addWidget(m_stack, 1);
    m_prefetch = context().typesetter.newGroup();
    addActions();
    addReadingActions();
    addCopyActions();
    connectService();
    QSettings& settings = context().settings;
    m_filter->setHistory(settings.value(QStringLiteral("traces/history")).toStringList());
    if (settings.contains(QStringLiteral("traces/hidden"))) {
        m_table->restoreColumns(settings.value(QStringLiteral("traces/hidden")).toStringList(),
                                settings.value(QStringLiteral("traces/widths")).toStringList());
    }
    m_splitter->restoreState(settings.value(QStringLiteral("traces/splitter")).toByteArray());
    setTableShown(settings.value(QStringLiteral("traces/table"), true).toBool());
    m_reading->restoreState(settings);
    updateVerify();
}

TracesPage::~TracesPage() {
    context().typesetter.cancel(m_prefetch);
}

void TracesPage::buildFilterBar(QWidget* bar) {
    bar->setFixedHeight(widgets::space::kBar + 4);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(widgets::space::kOne, 0, widgets::space::kOne, 0);
    row->setSpacing(widgets::space::kOne);
    m_kind = new widgets::Segmented({tr("Critiques"), tr("Solutions"), tr("Problems")}, bar);
    m_kind->setObjectName(QStringLiteral("kind"));
    m_kind->setAccessibleName(tr("Rows of the table"));
    m_kind->setToolTip(tr("What the table has one row of"));
    m_filter = new widgets::FilterEdit(bar);
    m_filter->setSyntax(bridge::filterLanguage());
    m_count = widgets::mutedLabel({}, bar);
    m_count->setMinimumWidth(104);
    m_count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_error = widgets::plainLabel({}, this);
    m_error->setContentsMargins(widgets::space::kOne, 0, widgets::space::kOne, 6);
    m_error->setWordWrap(true);
    m_error->hide();
    row->addWidget(m_kind);
    row->addWidget(m_filter, 1);
    row->addWidget(m_count);
    connect(m_kind, &widgets::Segmented::chosen, this,
            [this](int index) { setKind(static_cast<ListKind>(index)); });
    connect(m_filter, &widgets::FilterEdit::filterChanged, this, [this](const QString& filter) {
        m_query.filter = filter;
        refresh(0);
    });
    connect(m_filter, &QLineEdit::returnPressed, this, &TracesPage::focusList);
    connect(m_filter, &widgets::FilterEdit::left, this, &TracesPage::focusList);
    connect(m_filter, &widgets::FilterEdit::errorChanged, this,
            [this](const QString& message, const QString& advice) {
                m_error->setText(advice.isEmpty() ? message
                                                  : message + QStringLiteral(": ") + advice);
                QPalette colours = m_error->palette();
                colours.setColor(QPalette::WindowText, widgets::tokens().no);
                m_error->setPalette(colours);
                m_error->setVisible(!message.isEmpty());
            });
    connect(m_filter, &widgets::FilterEdit::valuesWanted, this,
            [this](const QString& qualifier, const QString& prefix) {
                m_filter->setProperty("qualifier", qualifier);
                context().service.requestValues(qualifier, prefix);
            });
    connect(&context().service, &bridge::WorkspaceService::valuesReady, m_filter,
            [this](quint64, const QStringList& values) {
                m_filter->offerValues(m_filter->property("qualifier").toString(), values);
            });
}

void TracesPage::connectService() {
    bridge::WorkspaceService& service = context().service;
    connect(&service, &bridge::WorkspaceService::jobStarted, this, &TracesPage::updateVerify);
    connect(&service, &bridge::WorkspaceService::jobFinished, this, &TracesPage::updateVerify);
    connect(&service, &bridge::WorkspaceService::contentsChanged, this, [this] {
        m_facts.reset();
        refresh(currentId());
    });
    connect(&service, &bridge::WorkspaceService::factsReady, this,
            [this](const models::WorkspaceFacts& facts) {
                const bool news = m_facts != facts;
                m_facts = facts;
                if (news && m_stack->currentWidget() == m_empty) {
                    updateEmptyState();
                }
            });
    connect(&service, &bridge::WorkspaceService::contentsGrew, this, &TracesPage::grow);
    connect(&service, &bridge::WorkspaceService::rowsBegun, this, &TracesPage::rowsBegun);
    connect(&service, &bridge::WorkspaceService::rowsFound, this, &TracesPage::rowsFound);
    connect(&service, &bridge::WorkspaceService::queryFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_idsToken) {
                    m_waits = false;
                    m_begun = false;
                    m_table->setGrowing(false);
                    m_filter->setError({0, trouble.message, trouble.advice});
                }
            });
    connect(&service, &bridge::WorkspaceService::listFailed, this, &TracesPage::listFailed);
    connect(&service, &bridge::WorkspaceService::rowsLoaded, m_model,
            &models::TraceTableModel::setPage);
    connect(m_model, &models::TraceTableModel::pageWanted, this,
            [this](quint64 generation, int page, const models::RowIds& ids) {
                context().service.requestRows(generation, m_model->kind(), page, ids);
            });
    connect(&service, &bridge::WorkspaceService::recordLoaded, this,
            [this](quint64 token, const models::TraceRecordPtr& record) {
                if (token == m_recordToken) {
                    showRecord(record);
                }
            });
    connect(&service, &bridge::WorkspaceService::recordFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_recordToken) {
                    m_reading->clear(); // of what was read before
                    m_reading->header().setRemark(trouble.message);
                } else if (token == m_comparisonToken) {
                    m_reading->column(ReadingView::Critique).setSubtitle(trouble.message);
                }
            });
    connect(&service, &bridge::WorkspaceService::recordPreloaded, this,
            [this](const models::TraceRecordPtr& record) {
                auto& typesetter = context().typesetter;
                const auto near = render::MathPriority::Near;
                typesetter.prefetch(m_prefetch, record->problem.text, near);
                typesetter.prefetch(m_prefetch, record->problem.referenceSolution, near);
                if (record->solution) {
                    typesetter.prefetch(m_prefetch, record->solution->text, near);
                }
                if (record->critique) {
                    typesetter.prefetch(m_prefetch, record->critique->text, near);
                    typesetter.prefetch(m_prefetch, record->critique->correctionText, near);
                }
            });
    connect(&service, &bridge::WorkspaceService::comparisonReady, this,
            [this](quint64 token, const models::CritiqueComparisonPtr& comparison) {
                if (token == m_comparisonToken) {
                    m_reading->setComparison(comparison);
                    m_reading->header().setCompared(m_comparedId);
                }
            });
    connect(m_table, &widgets::TraceTableView::currentRowChanged, this, &TracesPage::showRow);
    connect(m_table, &widgets::TraceTableView::sortChosen, this,
            [this](models::SortKey key, bool descending) {
                m_query.sort = key;
                m_query.descending = descending;
                refresh(currentId());
            });
    connect(m_reading, &ReadingView::siblingChosen, this, &TracesPage::showSibling);
}

QString TracesPage::workspaceGroup() const {
    const QByteArray path = context().service.info().path.toUtf8();
    return QStringLiteral("workspaces/") +
           QString::fromLatin1(
               QCryptographicHash::hash(path, QCryptographicHash::Sha1).toHex().left(16)) +
           QLatin1Char('/');
}

void TracesPage::workspaceOpened() {
    m_facts.reset();
    m_total = -1;
    updateVerify();
    const QSettings& settings = context().settings;
    const QString group = workspaceGroup();
    m_query = {};
    m_query.kind = static_cast<ListKind>(
        std::clamp(settings.value(group + QStringLiteral("kind"), 0).toInt(), 0, 2));
    m_query.filter = settings.value(group + QStringLiteral("filter")).toString();
    m_kind->setCurrent(static_cast<int>(m_query.kind));
    m_filter->setKind(m_query.kind);
    m_filter->setFilter(m_query.filter);
    m_table->setSort(m_query.sort, m_query.descending);
    if (m_filter->hasError()) { // saved by another version
        m_query.filter.clear();
        m_filter->setFilter({});
    }
    refresh(settings.value(group + QStringLiteral("record"), 0).toLongLong());
}

void TracesPage::workspaceClosed() {
    m_reading->clear();
    m_model->setRows(m_query.kind, {}, 0);
    m_count->clear();
    m_begun = false;
    m_facts.reset();
    m_total = -1;
    updateVerify();
}

void TracesPage::updateVerify() {
    const bridge::WorkspaceService& service = context().service;
    m_verifyAction->setEnabled(service.isOpen() && !service.info().readOnly && !service.isBusy());
}

void TracesPage::saveState() {
    QSettings& settings = context().settings;
    settings.setValue(QStringLiteral("traces/history"), m_filter->history());
    settings.setValue(QStringLiteral("traces/hidden"), m_table->hiddenColumns());
    settings.setValue(QStringLiteral("traces/widths"), m_table->columnWidths());
    if (m_tableAction->isChecked()) {
        settings.setValue(QStringLiteral("traces/splitter"), m_splitter->saveState());
    }
    settings.setValue(QStringLiteral("traces/table"), m_tableAction->isChecked());
    m_reading->saveState(settings);
    if (context().service.isOpen()) {
        const QString group = workspaceGroup();
        settings.setValue(group + QStringLiteral("kind"), static_cast<int>(m_query.kind));
        settings.setValue(group + QStringLiteral("filter"), m_query.filter);
        settings.setValue(group + QStringLiteral("record"), currentId());
    }
}

void TracesPage::activated() {
    focusList();
}

QVector<KeyHint> TracesPage::keyHints() const {
    return {
        {{QStringLiteral("traces.next"), QStringLiteral("traces.previous")}, tr("record")},
        {{QStringLiteral("reading.next-step"), QStringLiteral("reading.previous-step")},
         tr("step")},
        {{QStringLiteral("traces.read")}, tr("read")},
        {{QStringLiteral("traces.table")}, tr("table")},
        {{QStringLiteral("reading.outcome")}, tr("correction")},
        {{QStringLiteral("reading.compare")}, tr("compare")},
        {{QStringLiteral("reading.find")}, tr("find")},
        {{QStringLiteral("traces.filter")}, tr("filter")},
    };
}

void TracesPage::showRow(int row) {
    const qint64 id = m_model->idAt(row);
    if (id == 0) {
        return;
    }
    m_siblingShown = false;
    bridge::WorkspaceService& service = context().service;
    if (const models::TraceRecordPtr cached = service.cachedRecord(m_query.kind, id)) {
        m_recordToken = 0; // answers on their way are about rows left behind
        showRecord(cached);
        return;
    }
    m_recordToken = service.requestRecord(m_query.kind, id);
}

void TracesPage::showRecord(const models::TraceRecordPtr& record) {
    const int row = record->kind == m_query.kind ? m_model->rowOf(record->id) : -1;
    m_reading->setRecord(record, row, m_begun ? -1 : m_model->rowCount());
    Q_EMIT recordShown(record->id);
    if (m_compareAction->isChecked()) {
        setComparing(true);
    }
    if (row >= 0) {
        preloadAround(row);
    }
}

void TracesPage::preloadAround(int row) {
    context().typesetter.cancel(m_prefetch);
    models::RowIds ids;
    for (const int distance : {1, 2, -1, 3, -2, 4, 5}) {
        const qint64 id = m_model->idAt(row + distance * m_direction);
        if (id != 0) {
            ids << id;
        }
    }
    context().service.preload(m_query.kind, ids);
}

void TracesPage::showSibling(qint64 critiqueId) {
    if (m_comparedId != 0) {
        compareWith(critiqueId);
        return;
    }
    const int row = m_query.kind == ListKind::Critiques ? m_model->rowOf(critiqueId) : -1;
    if (row >= 0) {
        m_table->setCurrentIndex(m_model->index(row, models::TraceTableModel::Excerpt));
        return;
    }
    m_siblingShown = true;
    m_recordToken = context().service.requestRecord(ListKind::Critiques, critiqueId);
}

void TracesPage::stepSibling(int direction) {
    const auto& record = m_reading->record();
    if (!record || record->siblings.isEmpty()) {
        return;
    }
    // While comparing, the critique that is compared with changes, and the one on screen is left
    // out.
    const bool comparing = m_comparedId != 0;
    const qint64 own = record->critique ? record->critique->id : 0;
    const qint64 from = comparing ? m_comparedId : own;
    const qsizetype count = record->siblings.size();
    qsizetype at = direction > 0 ? -1 : count;
    for (qsizetype i = 0; i < count; ++i) {
        at = from != 0 && record->siblings[i].id == from ? i : at;
    }
    do {
        at = (at + direction + count) % count;
    } while (comparing && count > 1 && record->siblings[at].id == own);
    showSibling(record->siblings[at].id);
}

void TracesPage::setComparing(bool comparing) {
    const auto& record = m_reading->record();
    m_compareAction->setChecked(comparing);
    if (!comparing || !record || !record->critique || record->siblings.size() < 2) {
        if (comparing && record) {
            context().remark(tr("This solution has no other critique to compare with"));
        }
        m_comparedId = 0;
        m_comparisonToken = 0;
        m_reading->setComparison(nullptr);
        m_reading->header().setCompared(0);
        if (comparing) {
            m_reading->column(ReadingView::Critique)
                .setSubtitle(tr("no other critique to compare with"));
        }
        return;
    }
    m_rawAction->setChecked(false);
    m_reading->setRaw(false);
    qsizetype at = 0;
    while (record->siblings[at].id != record->critique->id && at + 1 < record->siblings.size()) {
        ++at;
    }
    compareWith(record->siblings[(at + 1) % record->siblings.size()].id);
}

void TracesPage::compareWith(qint64 critiqueId) {
    const auto& record = m_reading->record();
    if (!record || !record->critique || critiqueId == record->critique->id) {
        m_reading->header().setCompared(m_comparedId);
        return;
    }
    m_comparedId = critiqueId;
    m_comparisonToken = context().service.requestComparison(record, critiqueId);
}

void TracesPage::setTableShown(bool shown) {
    m_tableAction->setChecked(shown);
    const bool hadFocus = m_table->hasFocus();
    m_table->setVisible(shown);
    if (!shown && hadFocus) {
        m_reading->focusText();
    }
}

QString TracesPage::countText() const {
    return m_count->text();
}

QString TracesPage::errorText() const {
    return m_error->isHidden() ? QString() : m_error->text();
}

} // namespace scrit::ui::pages
