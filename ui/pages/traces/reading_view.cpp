// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/traces/reading_view.h"

#include "ui/models/visible_text.h"
#include "ui/models/words.h"
#include "ui/pages/traces/comparison_cards.h"
#include "ui/pages/traces/record_cards.h"
#include "ui/pages/traces/record_finder.h"
#include "ui/widgets/find_bar.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/record_header.h"
#include "ui/widgets/theme.h"

#include <QScrollBar>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

namespace {

using Emphasis = widgets::StepCard::Emphasis;

QSplitter* splitter(Qt::Orientation orientation, QWidget* parent) {
    auto* made = new QSplitter(orientation, parent);
    made->setHandleWidth(1);
    made->setChildrenCollapsible(false);
    return made;
}

QString stepsText(std::size_t count) {
    return count == 1
               ? ReadingView::tr("1 step")
               : ReadingView::tr("%1 steps").arg(models::grouped(static_cast<qint64>(count)));
}

} // namespace

ReadingView::ReadingView(render::MathTypesetter* typesetter, QWidget* parent)
    : QWidget(parent), m_header(new widgets::RecordHeader(this)),
      m_vertical(splitter(Qt::Vertical, this)), m_columns(splitter(Qt::Horizontal, m_vertical)),
      m_context(splitter(Qt::Vertical, m_columns)),
      m_outcome(new widgets::OutcomeStrip(typesetter, m_vertical)) {
    const std::array<QString, ColumnCount> titles{tr("Problem"), tr("Reference"), tr("Candidate"),
                                                  tr("Critique")};
    for (int i = 0; i < ColumnCount; ++i) {
        const auto at = static_cast<std::size_t>(i);
        m_column[at] = new widgets::ReadingColumn(titles[at], typesetter, this);
        connect(m_column[at], &widgets::ReadingColumn::cardClicked, this,
                [this, i](int index) { cardClicked(static_cast<Column>(i), index); });
        connect(m_column[at], &widgets::ReadingColumn::copied, this, &ReadingView::copied);
    }
    m_context->addWidget(m_column[Problem]);
    m_context->addWidget(m_column[Reference]);
    m_columns->addWidget(m_context);
    m_columns->addWidget(m_column[Candidate]);
    m_columns->addWidget(m_column[Critique]);
    m_vertical->addWidget(m_columns);
    m_vertical->addWidget(m_outcome);
    m_vertical->setStretchFactor(0, 1);
    m_vertical->setStretchFactor(1, 0);
    m_vertical->setSizes({600, m_outcomeHeight});
    auto* find = new widgets::FindBar(this);
    m_finder = new RecordFinder(*this, *find);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_header);
    layout->addWidget(find);
    layout->addWidget(m_vertical, 1);
    arrange(false);
    connect(m_header, &widgets::RecordHeader::siblingChosen, this, &ReadingView::siblingChosen);
    connect(m_outcome, &widgets::OutcomeStrip::foldedChanged, this, &ReadingView::giveRoom);
    connect(&widgets::Theme::current(), &widgets::Theme::changed, this, [this] {
        for (widgets::ReadingColumn* column : m_column) {
            column->restyle();
        }
        m_outcome->restyle();
        if (m_record) { // highlights carry colours of the old theme
            const int step = m_step;
            const models::TraceRecordPtr again = m_record;
            const models::CritiqueComparisonPtr compared = m_comparison;
            m_record = nullptr;
            setRecord(again, m_row, m_rows);
            setComparison(compared);
            selectStep(step, Critique);
        }
    });
}

widgets::ReadingColumn& ReadingView::column(Column column) const {
    return *m_column[static_cast<std::size_t>(column)];
}

void ReadingView::arrange(bool wide) {
    if (m_arranged && wide == m_wide) {
        return;
    }
    m_arranged = true;
    m_wide = wide;
    m_context->setOrientation(wide ? Qt::Horizontal : Qt::Vertical);
    m_column[Problem]->setStacked(!wide);
    m_column[Reference]->setStacked(!wide);
    m_context->setSizes({500, 500});
    const int total = std::max(width(), 900);
    if (wide) {
        m_columns->setSizes({total * 40 / 100, total * 28 / 100, total * 32 / 100});
    } else {
        m_columns->setSizes({total * 26 / 100, total * 35 / 100, total * 39 / 100});
    }
    m_columns->setStretchFactor(0, 2);
    m_columns->setStretchFactor(1, 3);
    m_columns->setStretchFactor(2, 3);
}

void ReadingView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange(width() >= kWideFrom);
}

void ReadingView::setRecord(const models::TraceRecordPtr& record, int row, int rows) {
    m_row = row;
    m_rows = rows;
    if (record == m_record && record) {
        m_header->setRecord(*record, row, rows);
        return;
    }
    m_record = record;
    m_comparison = nullptr;
    m_step = -1;
    if (!record) {
        clear();
        return;
    }
    m_header->setRecord(*record, row, rows);
    m_column[Candidate]->setVisible(record->solution.has_value());
    m_column[Critique]->setVisible(record->critique.has_value());
    m_outcome->setVisible(record->solution.has_value());
    fillContext();
    m_column[Candidate]->setCards(candidateCards(*record));
    m_column[Candidate]->setCopyText(text(Candidate));
    QStringList candidate;
    if (record->solution) {
        candidate << stepsText(record->solution->steps.size())
                  << models::labelText(record->solution->author, 60);
        candidate.removeAll(QString());
    }
    m_column[Candidate]->setSubtitle(candidate.join(QStringLiteral(" · ")));
    fillCritique();
    m_outcome->setRecord(*record);
    Q_EMIT contentChanged();
}

void ReadingView::fillContext() {
    const model::Problem& problem = m_record->problem;
    const bool reference = m_record->reference.has_value() || !problem.referenceSolution.empty();
    m_column[Reference]->setVisible(reference);
    auto cards = problemCards(*m_record);
    if (!reference) { // which then says so here
        auto none = referenceCards(*m_record);
        cards.insert(cards.end(), none.begin(), none.end());
    }
    m_column[Problem]->setCards(std::move(cards));
    m_column[Problem]->setCopyText(problem.text);
    QStringList about{models::labelText(problem.subject, 40), models::labelText(problem.level, 40)};
    about.removeAll(QString());
    m_column[Problem]->setSubtitle(about.join(QStringLiteral(" · ")));
    m_column[Reference]->setCards(referenceCards(*m_record));
    m_column[Reference]->setCopyText(text(Reference));
    m_column[Reference]->setSubtitle({});
    m_quoteShown = false;
}

// The splitter keeps the share of what is folded unless it is told.
void ReadingView::giveRoom(bool folded) {
    const QList<int> sizes = m_vertical->sizes();
    const int all = sizes.value(0) + sizes.value(1);
    if (folded && sizes.value(1) > m_outcome->headHeight()) {
        m_outcomeHeight = sizes[1];
    }
    const int strip = folded ? m_outcome->headHeight() : m_outcomeHeight;
    m_vertical->setSizes({std::max(1, all - strip), strip});
}

void ReadingView::fillCritique() {
    QString subtitle;
    if (m_comparison) {
        m_column[Critique]->setCards(comparisonCards(*m_comparison));
        subtitle = tr("%1 compared with %2")
                       .arg(critiqueName(*m_comparison->left), critiqueName(*m_comparison->right));
    } else {
        m_column[Critique]->setCards(m_raw ? rawCritiqueCards(*m_record)
                                           : critiqueCards(*m_record));
        subtitle = !m_record->critique ? QString()
                   : m_raw             ? tr("raw text")
                                       : models::labelText(m_record->critique->critic, 60);
    }
    m_column[Critique]->setCopyText(text(Critique));
    m_column[Critique]->setSubtitle(subtitle);
}

void ReadingView::setComparison(const models::CritiqueComparisonPtr& comparison) {
    if (comparison == m_comparison || !m_record || (comparison && comparison->left != m_record)) {
        return;
    }
    m_comparison = comparison;
    m_raw = m_raw && !comparison;
    const int step = m_step;
    fillCritique();
    if (step >= 0) {
        selectStep(step, Candidate);
    }
    Q_EMIT contentChanged();
}

void ReadingView::clear() {
    m_record = nullptr;
    m_comparison = nullptr;
    m_step = -1;
    m_header->clear();
    for (widgets::ReadingColumn* column : m_column) {
        column->setCards({});
        column->setSubtitle({});
    }
    Q_EMIT contentChanged();
}

std::string ReadingView::text(Column column) const {
    if (!m_record) {
        return {};
    }
    switch (column) {
    case Problem:
        return m_record->problem.text;
    case Reference:
        return m_record->reference ? m_record->reference->text
                                   : m_record->problem.referenceSolution;
    case Candidate:
        return m_record->solution ? m_record->solution->text : std::string();
    case Critique:
        return m_record->critique ? m_record->critique->text : std::string();
    case ColumnCount:
        break;
    }
    return {};
}

void ReadingView::cardClicked(Column column, int index) {
    const std::vector<int>& steps = this->column(column).stack().content(index).steps;
    if (!steps.empty()) {
        selectStep(steps.front(), column);
    }
}

void ReadingView::selectStep(int step, Column from) {
    m_step = step;
    const Column to = from == Candidate ? Critique : Candidate;
    for (const Column at : {Candidate, Critique}) {
        widgets::CardStack& stack = column(at).stack();
        for (int i = 0; i < stack.count(); ++i) {
            const std::vector<int>& steps = stack.content(i).steps;
            const bool here =
                step >= 0 && std::find(steps.begin(), steps.end(), step) != steps.end();
            stack.card(i)->setEmphasis(!here        ? Emphasis::None
                                       : at == from ? Emphasis::Selected
                                                    : Emphasis::Counterpart);
        }
    }
    const int own = column(from).stack().cardOfStep(step);
    const int partner = column(to).stack().cardOfStep(step);
    if (own >= 0) {
        column(from).reveal(own);
    }
    if (partner >= 0) {
        column(to).reveal(partner, own >= 0 ? column(from).visibleTop(own) : -1);
    }
    markQuotes(step);
}

void ReadingView::markQuotes(int step) {
    if (!m_record) {
        return;
    }
    widgets::CardStack& stack = column(Reference).stack();
    auto marks = referenceQuoteMarks(*m_record, step);
    std::size_t passages = 0;
    widgets::StepCard* first = nullptr;
    for (int i = 0; i < stack.count() && static_cast<std::size_t>(i) < marks.size(); ++i) {
        auto& own = marks[static_cast<std::size_t>(i)];
        passages += own.size();
        if (!own.empty() && first == nullptr) {
            first = stack.card(i);
        }
        stack.card(i)->setMarks(widgets::StepCard::Layer::Quotes, std::move(own));
    }
    column(Reference).setSubtitle(
        passages == 0 ? QString()
        : passages == 1
            ? tr("1 passage quoted in step %1").arg(step + 1)
            : tr("%1 passages quoted in step %2")
                  .arg(models::grouped(static_cast<qint64>(passages)), models::grouped(step + 1)));
    if (first == nullptr && std::exchange(m_quoteShown, false)) {
        column(Reference).scroll().verticalScrollBar()->setValue(
            0); // not at another step's passage
    }
    if (first != nullptr) {
        m_quoteShown = true;
        first->view().revealSource(first->marks(widgets::StepCard::Layer::Quotes).front().source);
    }
}

void ReadingView::moveStep(int direction) {
    if (!m_record || !m_record->solution) {
        return;
    }
    const int count = static_cast<int>(m_record->solution->steps.size());
    const int next = m_step < 0 ? (direction > 0 ? 0 : count - 1) : m_step + direction;
    if (next >= 0 && next < count) {
        selectStep(next, focusedColumn() == Critique ? Critique : Candidate);
    }
}

void ReadingView::selectFirstError() {
    if (m_record && m_record->critique && m_record->critique->parsed.firstErrorStep) {
        selectStep(*m_record->critique->parsed.firstErrorStep, Critique);
    } else if (m_record && m_record->labelStep) {
        selectStep(*m_record->labelStep, Candidate);
    }
}

ReadingView::Column ReadingView::focusedColumn() const {
    for (int i = 0; i < ColumnCount; ++i) {
        const widgets::ReadingColumn* column = m_column[static_cast<std::size_t>(i)];
        if (column->hasFocus() || column->isAncestorOf(window()->focusWidget())) {
            return static_cast<Column>(i);
        }
    }
    return ColumnCount;
}

void ReadingView::page(int direction) {
    if (m_outcome->isAncestorOf(window()->focusWidget())) {
        m_outcome->correction().scrollPage(direction);
        return;
    }
    const Column focused = focusedColumn();
    const Column fallback = m_record && m_record->critique ? Critique : Candidate;
    column(focused == ColumnCount ? fallback : focused).scrollPage(direction);
}

void ReadingView::focusText() {
    focusColumn(m_record && m_record->critique   ? Critique
                : m_record && m_record->solution ? Candidate
                                                 : Problem);
}

QList<QWidget*> ReadingView::parts() const {
    QList<QWidget*> parts;
    for (const widgets::ReadingColumn* column : m_column) {
        if (column->isVisible() && !column->isCollapsed()) {
            parts << &column->scroll();
        }
    }
    if (m_outcome->isVisible() && !m_outcome->isFolded()) {
        if (m_outcome->correction().isVisible()) {
            parts << &m_outcome->correction().scroll();
        }
        parts << &m_outcome->facts();
    }
    return parts;
}

void ReadingView::focusColumn(Column at) {
    column(at).setCollapsed(false);
    column(at).scroll().setFocus();
}

void ReadingView::setRaw(bool raw) {
    if (m_raw == raw) {
        return;
    }
    m_raw = raw;
    m_comparison = raw ? nullptr : m_comparison;
    if (m_record) {
        const int step = m_step;
        fillCritique();
        if (!raw && step >= 0) {
            selectStep(step, Candidate);
        }
        Q_EMIT contentChanged();
    }
}

void ReadingView::saveState(QSettings& settings) const {
    settings.setValue(m_wide ? QStringLiteral("reading/wide") : QStringLiteral("reading/narrow"),
                      m_columns->saveState());
    settings.setValue(QStringLiteral("reading/vertical"), m_vertical->saveState());
    settings.setValue(QStringLiteral("reading/folded"), m_outcome->isFolded());
    QStringList collapsed;
    for (int i = 0; i < ColumnCount; ++i) {
        if (m_column[static_cast<std::size_t>(i)]->isCollapsed()) {
            collapsed << QString::number(i);
        }
    }
    settings.setValue(QStringLiteral("reading/collapsed"), collapsed);
}

void ReadingView::restoreState(const QSettings& settings) {
    const QString key =
        width() >= kWideFrom ? QStringLiteral("reading/wide") : QStringLiteral("reading/narrow");
    arrange(width() >= kWideFrom);
    m_columns->restoreState(settings.value(key).toByteArray());
    m_vertical->restoreState(settings.value(QStringLiteral("reading/vertical")).toByteArray());
    m_outcome->setFolded(settings.value(QStringLiteral("reading/folded"), false).toBool());
    for (const QString& index :
         settings.value(QStringLiteral("reading/collapsed")).toStringList()) {
        const int at = index.toInt();
        if (at >= 0 && at < ColumnCount) {
            m_column[static_cast<std::size_t>(at)]->setCollapsed(true);
        }
    }
}

} // namespace scrit::ui::pages
