// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/compare_view.h"

#include "ui/bridge/round_service.h"
#include "ui/models/round_models.h"
#include "ui/models/visible_text.h"
#include "ui/pages/traces/comparison_cards.h"
#include "ui/pages/traces/record_cards.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/reading_column.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::RoundService;
using models::ScoreKind;

namespace {

constexpr int kMostInFilter = 200; // rows that one filter names

bool wasRight(models::ItemChange::Kind kind) {
    using Kind = models::ItemChange::Kind;
    return kind == Kind::Broken || kind == Kind::StillRight;
}

bool isRight(models::ItemChange::Kind kind) {
    using Kind = models::ItemChange::Kind;
    return kind == Kind::Fixed || kind == Kind::StillRight;
}

CardContent remarkCard(const QString& words) {
    CardContent card;
    card.title = words;
    return card;
}

} // namespace

CompareView::CompareView(PageContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_before(new QComboBox(this)),
      m_after(new QComboBox(this)), m_score(new Segmented({models::scoreName(ScoreKind::CcAcc),
                                                           models::scoreName(ScoreKind::EiStrict),
                                                           models::scoreName(ScoreKind::EiF1)},
                                                          this)),
      m_kinds(new Segmented({QString(), QString(), QString(), QString()}, this)),
      m_summary(plainLabel({}, this)), m_warning(plainLabel({}, this)),
      m_all(new QPushButton(tr("Show these in Traces"), this)),
      m_table(new PlainTable(tr("Items of both rounds"), this)),
      m_model(new models::ItemChangeModel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    m_splitter = new QSplitter(Qt::Horizontal, this);
    auto* left = new QWidget(m_splitter);
    auto* list = new QVBoxLayout(left);
    list->setContentsMargins(0, 0, 0, 0);
    list->setSpacing(0);
    m_table->setModel(m_model);
    m_table->setWidths({96, 0, 76});
    list->addWidget(m_table, 1);
    m_splitter->addWidget(left);
    m_splitter->addWidget(buildReading());
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({330, 880});
    m_splitter->restoreState(
        m_context.settings.value(QStringLiteral("rounds/compare")).toByteArray());
    column->addWidget(m_splitter, 1);
    for (QComboBox* box : {m_before, m_after}) {
        connect(box, &QComboBox::activated, this, &CompareView::refresh);
    }
    connect(m_score, &Segmented::chosen, this, [this] {
        fillSummary();
        fillList();
    });
    connect(m_kinds, &Segmented::chosen, this, &CompareView::fillList);
    connect(m_all, &QPushButton::clicked, this, &CompareView::showListInTraces);
    connect(m_table, &PlainTable::currentRowChanged, this, &CompareView::showItem);
    connect(m_table, &QTableView::activated, this, &CompareView::showItemInTraces);
    RoundService& rounds = m_context.rounds;
    connect(&rounds, &RoundService::comparisonReady, this,
            [this](quint64 token, const models::RoundComparison& comparison) {
                if (token == m_token) {
                    showComparison(comparison);
                }
            });
    connect(&rounds, &RoundService::pairReady, this,
            [this](quint64 token, const models::CritiqueComparisonPtr& pair) {
                if (token == m_pairToken) {
                    showPair(pair);
                }
            });
    connect(&rounds, &RoundService::comparisonFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_token) {
                    showComparison({});
                }
                if (token == m_token || token == m_pairToken) {
                    m_warning->setText(trouble.message + QLatin1Char(' ') + trouble.advice);
                    m_warning->show();
                }
            });
}

QWidget* CompareView::buildBar() {
    auto* bar = new QWidget(this);
    auto* column = new QVBoxLayout(bar);
    column->setContentsMargins(space::kTwo, space::kHalf, space::kTwo, space::kOne);
    column->setSpacing(space::kHalf);
    auto* first = new QHBoxLayout;
    first->setSpacing(space::kOne);
    m_before->setAccessibleName(tr("Compare this round"));
    m_after->setAccessibleName(tr("with this round"));
    for (QComboBox* box : {m_before, m_after}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setFocusPolicy(Qt::TabFocus);
    }
    m_score->setAccessibleName(tr("Figure that is compared"));
    m_score->setToolTip(models::scoreExplanation(ScoreKind::CcAcc) + QLatin1Char('\n') +
                        models::scoreExplanation(ScoreKind::EiStrict) + QLatin1Char('\n') +
                        models::scoreExplanation(ScoreKind::EiF1));
    first->addWidget(mutedLabel(tr("from"), bar));
    first->addWidget(m_before);
    first->addWidget(mutedLabel(tr("to"), bar));
    first->addWidget(m_after);
    first->addSpacing(space::kOne);
    first->addWidget(m_score);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_summary->setWordWrap(true);
    first->addWidget(m_summary, 1);
    column->addLayout(first);
    auto* second = new QHBoxLayout;
    second->setSpacing(space::kOne);
    m_kinds->setAccessibleName(tr("Which items are listed"));
    second->addWidget(m_kinds);
    m_warning->setWordWrap(true);
    setTone(*m_warning, Tone::Problem);
    m_warning->hide();
    second->addWidget(m_warning, 1);
    second->addStretch();
    m_all->setToolTip(tr("The later critiques of the items in the list"));
    second->addWidget(m_all);
    column->addLayout(second);
    return bar;
}

QWidget* CompareView::buildReading() {
    auto* columns = new QSplitter(Qt::Horizontal, this);
    auto* context = new QSplitter(Qt::Vertical, columns);
    const std::array<QString, ColumnCount> titles{tr("Problem"), tr("Candidate"), tr("Before"),
                                                  tr("After")};
    for (int i = 0; i < ColumnCount; ++i) {
        auto* parent = i < Before ? context : columns;
        auto* one =
            new ReadingColumn(titles[static_cast<std::size_t>(i)], &m_context.typesetter, parent);
        m_columns[static_cast<std::size_t>(i)] = one;
        parent->addWidget(one);
        one->setStacked(i < Before);
        connect(one, &ReadingColumn::cardClicked, this,
                [this, i](int index) { selectStep(static_cast<Column>(i), index); });
        connect(one, &ReadingColumn::copied, this, [this] { m_context.remark(tr("Copied")); });
    }
    columns->insertWidget(0, context);
    for (QSplitter* one : {columns, context}) {
        one->setHandleWidth(1);
        one->setChildrenCollapsible(false);
    }
    context->setSizes({160, 300});
    columns->setSizes({280, 300, 300});
    return columns;
}

ScoreKind CompareView::score() const {
    return static_cast<ScoreKind>(m_score->current());
}

void CompareView::offer(QComboBox& box, const QVector<Offer>& offers) {
    const auto same = [&box](const QVector<Offer>& wanted) {
        for (int i = 0; i < wanted.size(); ++i) {
            if (box.itemText(i) != wanted[i].name || box.itemData(i) != wanted[i].evaluation) {
                return false;
            }
        }
        return box.count() == wanted.size();
    };
    if (same(offers)) {
        return;
    }
    const QVariant chosen = box.currentData();
    box.clear();
    for (const Offer& one : offers) {
        box.addItem(one.name, one.evaluation);
    }
    box.setCurrentIndex(box.findData(chosen));
}

QVector<CompareView::Offer> CompareView::offersOf(const models::SeriesInfos& all,
                                                  const QString& series, const QString& set) {
    QVector<const models::SeriesInfo*> order;
    for (const models::SeriesInfo& one : all) {
        if (one.name == series) {
            order.prepend(&one);
        } else {
            order.push_back(&one);
        }
    }
    QVector<Offer> offers;
    for (const models::SeriesInfo* one : std::as_const(order)) {
        for (const models::RoundInfo& round : one->rounds) {
            const models::RoundScore* scored = round.score(ScoreKind::CcAcc, {}, set);
            scored = scored == nullptr ? round.score(ScoreKind::EiF1, {}, set) : scored;
            if (scored != nullptr && scored->evaluationId != 0) {
                const QString name = round.number == 0 ? tr("round 0, before training")
                                                       : tr("round %1").arg(round.number);
                const bool own = one->name == series;
                offers.push_back({own ? name : one->name + QStringLiteral(" · ") + name,
                                  scored->evaluationId, own});
            }
        }
    }
    return offers;
}

void CompareView::setSeries(const models::SeriesInfos& all, const QString& series,
                            const QString& set) {
    const QVariant before = m_before->currentData();
    const QVariant after = m_after->currentData();
    const QVector<Offer> offers = offersOf(all, series, set);
    offer(*m_before, offers);
    offer(*m_after, offers);
    // At first from the beginning to the newest round of this series.
    const auto own =
        std::count_if(offers.begin(), offers.end(), [](const Offer& one) { return one.own; });
    if (m_before->currentIndex() < 0) {
        m_before->setCurrentIndex(offers.isEmpty() ? -1 : 0);
    }
    if (m_after->currentIndex() < 0 || m_seriesName != series) {
        m_before->setCurrentIndex(offers.isEmpty() ? -1 : 0);
        m_after->setCurrentIndex(static_cast<int>(own) - 1);
    }
    m_seriesName = series;
    if (before != m_before->currentData() || after != m_after->currentData()) {
        m_stale = true;
        if (isVisible()) {
            refresh();
        }
    }
}

void CompareView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale) {
        refresh();
    }
}

void CompareView::refresh() {
    m_stale = false;
    m_warning->hide();
    const qint64 before = m_before->currentData().toLongLong();
    const qint64 after = m_after->currentData().toLongLong();
    if (before == 0 || after == 0 || before == after) {
        m_token = 0;
        showComparison({});
        m_summary->setText(m_before->count() < 2
                               ? tr("Two evaluated rounds are needed to compare them.")
                               : tr("Choose two different rounds."));
        return;
    }
    m_summary->setText(tr("Comparing…"));
    m_token = m_context.rounds.requestComparison(before, after);
}

void CompareView::showComparison(const models::RoundComparison& comparison) {
    m_comparison = comparison;
    QStringList warnings;
    if (!comparison.sameSet) {
        warnings << tr("The two were measured on different sets: only items of both are here.");
    }
    if (!comparison.sameSettings) {
        warnings << tr("It is not known that both were asked with the same settings.");
    }
    m_warning->setText(warnings.join(QLatin1Char(' ')));
    m_warning->setVisible(!warnings.isEmpty());
    fillSummary();
    // What is worth reading first: what was broken, else what was fixed.
    if (count(kKinds[static_cast<std::size_t>(m_kinds->current())]) == 0) {
        for (int i = 0; i < static_cast<int>(kKinds.size()); ++i) {
            if (count(kKinds[static_cast<std::size_t>(i)]) > 0) {
                m_kinds->setCurrent(i);
                break;
            }
        }
    }
    fillList();
}

int CompareView::count(Kind kind) const {
    return static_cast<int>(
        std::count_if(m_comparison.items.begin(), m_comparison.items.end(),
                      [&](const auto& one) { return one.kind == kind && one.score == score(); }));
}

void CompareView::fillSummary() {
    QStringList texts;
    for (const Kind kind : kKinds) {
        QString word = models::changeWord(kind);
        word[0] = word[0].toUpper();
        texts << word + QLatin1Char(' ') + models::grouped(count(kind));
    }
    m_kinds->setTexts(texts);
    const auto found =
        std::find_if(m_comparison.scores.begin(), m_comparison.scores.end(),
                     [&](const auto& one) { return one.kind == score() && one.dataset.isEmpty(); });
    if (found == m_comparison.scores.end()) {
        m_summary->setText(
            m_comparison.items.isEmpty() ? QString() : tr("This figure was not measured in both."));
        return;
    }
    m_summary->setText(tr("%1 → %2 on %3 items: %4")
                           .arg(models::points(found->before), models::points(found->after),
                                models::grouped(found->n), models::deltaSentence(found->delta)));
    QStringList sets;
    for (const models::ComparedScore& one : m_comparison.scores) {
        if (one.kind == score() && !one.dataset.isEmpty()) {
            sets << one.dataset + QStringLiteral(": ") + models::points(one.before) +
                        QStringLiteral(" → ") + models::points(one.after) + QStringLiteral(", ") +
                        models::deltaSentence(one.delta);
        }
    }
    m_summary->setToolTip(sets.join(QLatin1Char('\n')));
}

QString CompareView::summary() const {
    return m_summary->text();
}

void CompareView::fillList() {
    const Kind kind = kKinds[static_cast<std::size_t>(m_kinds->current())];
    QVector<models::ItemChange> shown;
    for (const models::ItemChange& one : std::as_const(m_comparison.items)) {
        if (one.kind == kind && one.score == score()) {
            shown << one;
        }
    }
    m_model->setItems(shown);
    m_all->setEnabled(!shown.isEmpty());
    if (shown.isEmpty()) {
        clearReading();
    } else {
        m_table->setCurrentIndex(m_model->index(0, 0));
        showItem(0);
    }
}

const models::ItemChange* CompareView::item() const {
    return m_model->itemAt(m_table->currentIndex().row());
}

void CompareView::showItem(int row) {
    const models::ItemChange* chosen = m_model->itemAt(row);
    if (chosen == nullptr) {
        return;
    }
    m_pairToken = m_context.rounds.requestPair(*chosen);
}

void CompareView::clearReading() {
    m_pairToken = 0;
    for (ReadingColumn* one : m_columns) {
        one->setCards({});
        one->setSubtitle({});
    }
    if (!m_comparison.items.isEmpty()) {
        m_columns[Problem]->setCards({remarkCard(tr("No item is of this kind."))});
    }
}

void CompareView::showPair(const models::CritiqueComparisonPtr& pair) {
    const models::ItemChange* chosen = item();
    if (chosen == nullptr) {
        return;
    }
    const models::TraceRecord& record = *pair->right;
    m_columns[Problem]->setCards(problemCards(record));
    m_columns[Candidate]->setCards(candidateCards(record));
    const auto fill = [&](Column column, const models::TraceRecordPtr& side, ComparedSide which,
                          qint64 critique, bool right) {
        const models::Mark mark = right ? models::Mark::Yes : models::Mark::No;
        const QString word = right ? tr("right") : tr("wrong");
        m_columns[column]->setSubtitle(
            models::markText(mark) + QLatin1Char(' ') + word + QStringLiteral(" · ") +
            (critique == 0 ? tr("no critique") : models::labelText(side->critique->critic, 60)));
        m_columns[column]->setCards(
            critique == 0         ? std::vector<CardContent>{remarkCard(
                                        tr("The critic gave no answer that could be used here; that counts "
                                                   "as wrong."))}
            : pair->parts.empty() ? critiqueCards(*side)
                                  : comparedSideCards(*pair, which));
    };
    fill(Before, pair->left, ComparedSide::Left, chosen->critiqueBefore, wasRight(chosen->kind));
    fill(After, pair->right, ComparedSide::Right, chosen->critiqueAfter, isRight(chosen->kind));
}

// The same step in the other columns.
void CompareView::selectStep(Column from, int index) {
    CardStack& stack = m_columns[from]->stack();
    const auto& steps = stack.content(index).steps;
    if (steps.empty()) {
        return;
    }
    for (int i = Candidate; i < ColumnCount; ++i) {
        CardStack& other = m_columns[static_cast<std::size_t>(i)]->stack();
        const int card = i == from ? index : other.cardOfStep(steps.front());
        for (int one = 0; one < other.count(); ++one) {
            other.card(one)->setEmphasis(one != card ? StepCard::Emphasis::None
                                         : i == from ? StepCard::Emphasis::Selected
                                                     : StepCard::Emphasis::Counterpart);
        }
        if (i != from && card >= 0) {
            m_columns[static_cast<std::size_t>(i)]->reveal(card);
        }
    }
}

void CompareView::showItemInTraces() {
    const models::ItemChange* chosen = item();
    if (chosen == nullptr) {
        return;
    }
    QStringList ids;
    for (const qint64 id : {chosen->critiqueBefore, chosen->critiqueAfter}) {
        if (id != 0) {
            ids << QStringLiteral("id:%1").arg(id);
        }
    }
    m_context.showTraces({models::ListKind::Critiques, ids.join(QStringLiteral(" OR ")),
                          models::SortKey::Id, false});
}

void CompareView::showListInTraces() {
    QStringList ids;
    for (const models::ItemChange& one : m_model->items()) {
        const qint64 id = one.critiqueAfter != 0 ? one.critiqueAfter : one.critiqueBefore;
        if (id != 0 && ids.size() < kMostInFilter) {
            ids << QStringLiteral("id:%1").arg(id);
        }
    }
    m_context.showTraces({models::ListKind::Critiques, ids.join(QStringLiteral(" OR ")),
                          models::SortKey::Id, false});
    if (m_model->rowCount() > kMostInFilter) {
        m_context.remark(
            tr("The first %1 of %2")
                .arg(models::grouped(kMostInFilter), models::grouped(m_model->rowCount())));
    }
}

void CompareView::focusFirst() {
    m_table->setFocus();
}

void CompareView::saveState() const {
    m_context.settings.setValue(QStringLiteral("rounds/compare"), m_splitter->saveState());
}

} // namespace scrit::ui::pages
