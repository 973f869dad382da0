// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/export/export_preview.h"

#include "ui/models/visible_text.h"
#include "ui/widgets/chart_widgets.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/reading_column.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using namespace widgets;

namespace {

QString word(const char* text) {
    return QCoreApplication::translate("ExportPreview", text);
}

void mark(CardContent& card, const std::vector<base::Span>& spans, const QString& why) {
    for (const base::Span span : spans) {
        if (span.begin < span.end && span.end <= card.text.size()) {
            card.highlights.push_back({span, tokens().leak, tokens().no, why});
        }
    }
}

} // namespace

std::vector<CardContent> sampleCards(const models::ExportSample& sample, bool asInFile) {
    std::vector<CardContent> cards;
    if (asInFile) {
        CardContent card;
        card.title = sample.text.empty() ? word("This critique has no row in this view")
                                         : word("One line of the file");
        card.text = sample.text;
        card.plain = true;
        cards.push_back(std::move(card));
        return cards;
    }
    for (const models::ExportSample::Turn& turn : sample.turns) {
        CardContent card;
        card.title = turn.role + QStringLiteral("  ·  ") +
                     word("about %1 tokens").arg(models::grouped(turn.tokens));
        card.text = turn.text;
        card.aside = !turn.learned;
        if (turn.learned) {
            card.bar = models::Mark::Yes;
            card.badges.push_back({word("learned"), models::Mark::None, false,
                                   word("The loss is computed on this part.")});
        }
        const auto leaks = turn.mentions.size() + turn.copies.size();
        if (leaks > 0) {
            card.bar = models::Mark::No;
            card.badges.push_back({leaks == 1 ? word("1 leak") : word("%1 leaks").arg(leaks),
                                   models::Mark::No, false,
                                   word("Gives away the reference solution; marked below.")});
        }
        mark(card, turn.mentions, word("Mentions the reference solution"));
        mark(card, turn.copies, word("Copied out of the reference solution"));
        cards.push_back(std::move(card));
    }
    if (cards.empty()) {
        CardContent card;
        card.title = word("This critique has no row in this view");
        cards.push_back(std::move(card));
    }
    return cards;
}

ExportPreviewView::ExportPreviewView(render::MathTypesetter* typesetter, QWidget* parent)
    : QWidget(parent), m_model(new models::ExportSampleModel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::kTwo);
    column->addWidget(buildFunnel());
    column->addWidget(buildSamples(typesetter), 1);
}

QWidget* ExportPreviewView::buildFunnel() {
    QFrame* panel = panelFrame(this);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(space::kTwo, 12, space::kOne, 12);
    column->setSpacing(space::kHalf);
    auto* head = new QHBoxLayout;
    head->addWidget(headingLabel(tr("What will be written"), panel), 1);
    m_state = mutedLabel({}, panel);
    head->addWidget(m_state);
    column->addLayout(head);
    m_funnel = new FunnelChart(tr("Critiques left after each step"), panel);
    column->addWidget(m_funnel);
    m_summary = plainLabel({}, panel);
    m_summary->setWordWrap(true);
    column->addWidget(m_summary);
    connect(m_funnel, &FunnelChart::stageChosen, this, &ExportPreviewView::showStage);
    return panel;
}

QWidget* ExportPreviewView::buildSamples(render::MathTypesetter* typesetter) {
    QFrame* panel = panelFrame(this);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(1, 1, 1, 1);
    column->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(space::kTwo, space::kOne, space::kOne, space::kOne);
    head->addWidget(headingLabel(tr("As the trainer will see it"), panel), 1);
    m_form = new Segmented({tr("Turns"), tr("In the file")}, panel);
    m_form->setAccessibleName(tr("Show the row"));
    head->addWidget(m_form);
    column->addLayout(head);
    auto* splitter = new QSplitter(Qt::Horizontal, panel);
    splitter->setHandleWidth(1);
    splitter->setChildrenCollapsible(false);
    m_table = new PlainTable(tr("Examples of rows"), splitter);
    m_table->setModel(m_model);
    m_table->setWidths({84, 0, 84});
    m_table->setMinimumWidth(236);
    m_column = new ReadingColumn(tr("Row"), typesetter, splitter);
    m_column->hideHeading();
    splitter->addWidget(m_table);
    splitter->addWidget(m_column);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 3);
    splitter->setSizes({290, 430});
    column->addWidget(splitter, 1);
    panel->setMinimumHeight(152);
    connect(m_table, &PlainTable::currentRowChanged, this, &ExportPreviewView::showSample);
    connect(m_form, &Segmented::chosen, this, &ExportPreviewView::showSample);
    connect(&Theme::current(), &Theme::changed, this, [this] {
        m_column->restyle();
        showSample();
    });
    return panel;
}

void ExportPreviewView::setStale() {
    m_state->setText(tr("counting…"));
    m_funnel->setStale(true);
}

void ExportPreviewView::setProgress(qint64 done, qint64 total) {
    m_state->setText(total > 0 ? tr("counting… %1 %").arg(done * 100 / total)
                               : tr("counting… %1").arg(models::grouped(done)));
}

void ExportPreviewView::setTrouble(const QString& words) {
    m_preview = {};
    m_state->clear();
    m_funnel->setRows({});
    m_model->setRows({});
    m_column->setCards({});
    m_summary->setText(words);
}

void ExportPreviewView::setPreview(const models::ExportPreview& preview) {
    const bool more = m_model->rowCount() == 0 || !preview.whole;
    const int row = m_table->currentIndex().row();
    m_preview = preview;
    m_state->setText(preview.whole ? QString() : tr("so far"));
    QVector<FunnelRow> rows;
    for (const models::ExportStage& stage : preview.stages) {
        FunnelRow one;
        one.title = models::exportStageTitle(stage.name);
        one.toolTip = models::exportStageExplanation(stage.name);
        one.left = stage.left;
        one.dropped = stage.dropped;
        one.strong = stage.name == QStringLiteral("selected");
        rows.push_back(one);
    }
    FunnelRow written;
    written.title = tr("Rows");
    written.left = preview.rows;
    written.strong = true;
    rows.push_back(written);
    m_funnel->setRows(rows);
    QStringList words;
    for (const auto& [split, count] : preview.splits) {
        words << tr("%1 %2").arg(models::grouped(count), split);
    }
    m_summary->setText(!preview.whole ? tr("The whole filter is being counted; these are its first "
                                           "critiques.")
                       : preview.rows == 0
                           ? tr("Nothing would be written: change the filter or a step above.")
                           : words.join(QStringLiteral(" · ")));
    m_model->setRows(preview.samples);
    const int wanted = more || row < 0 ? 0 : std::min(row, m_model->rowCount() - 1);
    if (m_model->rowCount() > 0) {
        m_table->setCurrentIndex(m_model->index(wanted, 0));
    }
    showSample();
}

void ExportPreviewView::showStage(int row) {
    if (row < 0 || row >= m_preview.stages.size()) {
        m_table->setCurrentIndex(m_model->index(0, 0));
        return;
    }
    const QString& name = m_preview.stages[row].name;
    for (int at = 0; at < m_model->rowCount(); ++at) {
        if (m_model->rowAt(at)->droppedBy == name) {
            m_table->setCurrentIndex(m_model->index(at, 0));
            m_table->scrollTo(m_model->index(at, 0));
            return;
        }
    }
}

void ExportPreviewView::showSample() {
    const models::ExportSample* sample = m_model->rowAt(m_table->currentIndex().row());
    if (sample == nullptr) {
        m_column->setCards({});
        return;
    }
    std::vector<CardContent> cards = sampleCards(*sample, m_form->current() == 1);
    if (!sample->droppedBy.isEmpty()) {
        CardContent why;
        why.text = models::utf8(models::exportStageExplanation(sample->droppedBy));
        why.bar = models::Mark::No;
        why.badges.push_back({tr("dropped: %1").arg(models::exportDropWords(sample->droppedBy)),
                              models::Mark::No,
                              false,
                              {}});
        cards.insert(cards.begin(), std::move(why));
    }
    const auto leak = std::find_if(cards.begin(), cards.end(), [](const CardContent& card) {
        return !card.highlights.empty();
    });
    const int shown = leak == cards.end() ? -1 : static_cast<int>(leak - cards.begin());
    const base::Span first = shown < 0 ? base::Span() : leak->highlights.front().source;
    m_column->setCards(std::move(cards));
    m_column->setCopyText(sample->text);
    if (shown >= 0) { // what this row is about, once the cards have their heights
        QTimer::singleShot(0, m_column, [this, shown, first, id = sample->critiqueId] {
            const models::ExportSample* now = m_model->rowAt(m_table->currentIndex().row());
            if (now != nullptr && now->critiqueId == id && shown < m_column->stack().count()) {
                m_column->reveal(shown, 0);
                m_column->stack().card(shown)->view().revealSource(first);
            }
        });
    }
}

QString ExportPreviewView::text() const {
    return m_funnel->text() + QLatin1Char('\n') + m_summary->text() + QLatin1Char('\n') +
           m_state->text();
}

} // namespace scrit::ui::pages
