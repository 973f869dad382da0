// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/chart_tabs.h"

#include "ui/bridge/round_charts.h"
#include "ui/models/run_words.h"
#include "ui/widgets/chart_view.h"
#include "ui/widgets/chart_widgets.h"
#include "ui/widgets/fact_list.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <QWidgetAction>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using namespace widgets;
using models::ScoreKind;

namespace {

constexpr int kMostRegressions = 4; // named in the line below the charts

QGridLayout* chartGrid(QWidget* page) {
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(space::kTwo, space::kOne, space::kTwo, space::kOne);
    grid->setSpacing(space::kOne);
    return grid;
}

// Data sets on which the round is worse than before, by more than chance.
QStringList regressions(const models::RoundInfo& round, const QString& set) {
    QStringList found;
    for (const models::RoundScore& score : round.scores) {
        if (score.dataset.isEmpty() || (!set.isEmpty() && score.set != set)) {
            continue;
        }
        const models::RoundDelta* worst = nullptr;
        for (const auto* delta : {&score.toPrevious, &score.toBase}) {
            if (*delta && (*delta)->significant && (*delta)->change < 0) {
                worst = &**delta;
            }
        }
        if (worst != nullptr) {
            found << QStringLiteral("%1 %2 %3")
                         .arg(score.dataset, models::scoreName(score.kind),
                              models::deltaFigure(*worst));
        }
    }
    return found;
}

} // namespace

ChartTabs::ChartTabs(QWidget* parent) : QStackedWidget(parent) {
    for (QWidget* page : {buildScores(), buildValidation(), buildData(), buildTraining()}) {
        // What does not fit is scrolled: charts never make the window larger.
        auto* scroll = new QScrollArea(this);
        scroll->setWidgetResizable(true);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        scroll->setFocusPolicy(Qt::NoFocus);
        scroll->setWidget(page);
        addWidget(scroll);
    }
}

ChartPanel* ChartTabs::addPanel(const char* name, QWidget* chart, ChartPanel::Table table,
                                QWidget* parent) {
    auto* panel = new ChartPanel(chart, std::move(table), parent);
    panel->setProperty("chart", QString::fromLatin1(name));
    connect(panel, &ChartPanel::writeWanted, this,
            [this, panel](ChartFile format) { Q_EMIT writeWanted(panel, format); });
    m_panels << panel;
    return panel;
}

ChartPanel* ChartTabs::addChart(const char* name, QWidget* parent) {
    auto* view = new ChartView;
    // Smaller, its axes say nothing; the page scrolls.
    constexpr int kLeastWidth = 240;
    constexpr int kLeastHeight = 150;
    view->setMinimumSize(kLeastWidth, kLeastHeight);
    connect(view, &ChartView::pointChosen, this, &ChartTabs::queryChosen);
    return addPanel(
        name, view, [view] { return models::chartTable(view->value()); }, parent);
}

QWidget* ChartTabs::buildScores() {
    auto* page = new QWidget(this);
    QGridLayout* grid = chartGrid(page);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(space::kOne);
    m_which = new Segmented({tr("This series"), tr("All series")}, page);
    m_which->setAccessibleName(tr("Which series the charts show"));
    m_which->setCurrent(1);
    buildChoice(page);
    m_ei = new Segmented({tr("Strict"), tr("±1 step and right correction")}, page);
    m_ei->setAccessibleName(tr("Protocol of error identification"));
    m_ei->setToolTip(models::scoreExplanation(ScoreKind::EiStrict) + QLatin1Char('\n') +
                     models::scoreExplanation(ScoreKind::EiF1));
    m_changes = mutedLabel({}, page);
    m_changes->setWordWrap(true);
    bar->addWidget(m_which);
    bar->addWidget(m_choose);
    bar->addWidget(m_changes, 1);
    bar->addWidget(mutedLabel(tr("EI-F1 counts"), page));
    bar->addWidget(m_ei);
    grid->addLayout(bar, 0, 0, 1, 2);
    grid->addWidget(addChart("ccByRound", page), 1, 0);
    grid->addWidget(addChart("eiByRound", page), 1, 1);
    grid->addWidget(addChart("ccByDataset", page), 2, 0);
    grid->addWidget(addChart("eiByDataset", page), 2, 1);
    grid->setRowStretch(1, 5);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    m_scores = grid;
    connect(m_which, &Segmented::chosen, this, &ChartTabs::fill);
    connect(m_ei, &Segmented::chosen, this, [this] {
        fill();
        Q_EMIT eiChanged();
    });
    return page;
}

// Which series are drawn: a list with a tick each, that stays open.
void ChartTabs::buildChoice(QWidget* page) {
    m_choose = new QPushButton(page);
    m_choose->setToolTip(tr("Choose the series that the charts show"));
    auto* menu = new QMenu(m_choose);
    auto* action = new QWidgetAction(menu);
    m_choice = new QListWidget(menu);
    m_choice->setProperty("choices", true);
    m_choice->setAccessibleName(tr("Series that the charts show"));
    action->setDefaultWidget(m_choice);
    menu->addAction(action);
    m_choose->setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, [this] {
        fillChoice();
        m_choice->setFocus();
    });
    connect(m_choice, &QListWidget::itemChanged, this, [this] {
        m_wanted.clear();
        for (int i = 0; i < m_choice->count(); ++i) {
            if (m_choice->item(i)->checkState() == Qt::Checked) {
                m_wanted << m_choice->item(i)->text();
            }
        }
        fill();
        fillChoice();
    });
}

void ChartTabs::fillChoice() {
    const QSignalBlocker quiet(m_choice);
    const QStringList measured = bridge::measuredSeries(m_shown.all, m_shown.set);
    const QStringList drawn =
        bridge::shownSeries(m_shown.all, m_shown.series, m_wanted, m_shown.set);
    QStringList known;
    for (int i = 0; i < m_choice->count(); ++i) {
        known << m_choice->item(i)->text();
    }
    if (known != measured) {
        m_choice->clear();
        m_choice->addItems(measured);
        constexpr int kWidth = 320;
        constexpr int kMostRows = 12;
        m_choice->setFixedSize(kWidth,
                               (std::min<int>(kMostRows, static_cast<int>(measured.size())) + 1) *
                                   std::max(space::kRow, m_choice->sizeHintForRow(0)));
    }
    for (int i = 0; i < m_choice->count(); ++i) {
        QListWidgetItem* item = m_choice->item(i);
        const bool ticked = drawn.contains(item->text());
        item->setCheckState(ticked ? Qt::Checked : Qt::Unchecked);
        // The one that is looked at stays; a full chart takes no more.
        const bool free =
            item->text() != m_shown.series && (ticked || drawn.size() < bridge::kMostSeriesShown);
        item->setFlags(free ? Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable
                            : Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    }
}

QWidget* ChartTabs::buildValidation() {
    auto* page = new QWidget(this);
    QGridLayout* grid = chartGrid(page);
    grid->addWidget(addChart("validation", page), 0, 0);
    grid->addWidget(addChart("firstError", page), 0, 1);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    return page;
}

QWidget* ChartTabs::buildData() {
    auto* page = new QWidget(this);
    QGridLayout* grid = chartGrid(page);
    auto* holder = new QWidget;
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, space::kOne, 0, 0);
    m_funnel = new FunnelChart(tr("From problems to examples"), holder);
    m_funnelEmpty = mutedLabel(tr("This round has made nothing yet."), holder);
    column->addWidget(m_funnel);
    column->addWidget(m_funnelEmpty);
    column->addStretch();
    connect(m_funnel, &FunnelChart::stageActivated, this, [this](int row) {
        if (m_funnelQueries[row]) {
            Q_EMIT queryChosen(*m_funnelQueries[row]);
        }
    });
    ChartPanel* funnel = addPanel(
        "funnel", holder,
        [this] {
            QVector<QStringList> rows{
                {QStringLiteral("step"), QStringLiteral("left"), QStringLiteral("dropped")}};
            for (const FunnelRow& row : m_funnel->rows()) {
                rows << QStringList{row.title, QString::number(row.left),
                                    QString::number(row.dropped)};
            }
            return rows;
        },
        page);
    grid->addWidget(funnel, 0, 0, 2, 1);
    grid->addWidget(addChart("composition", page), 0, 1);
    grid->addWidget(addChart("scaling", page), 1, 1);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    return page;
}

QWidget* ChartTabs::buildTraining() {
    auto* page = new QWidget(this);
    QGridLayout* grid = chartGrid(page);
    grid->addWidget(addChart("loss", page), 0, 0);
    QFrame* facts = panelFrame(page);
    auto* column = new QVBoxLayout(facts);
    column->setContentsMargins(space::kTwo, space::kOne, space::kTwo, space::kTwo);
    column->addWidget(headingLabel(tr("The newest training"), facts));
    m_facts = new FactList(facts);
    column->addWidget(m_facts);
    m_error = plainLabel({}, facts);
    m_error->setWordWrap(true);
    m_error->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setTone(*m_error, Tone::Problem);
    column->addWidget(m_error);
    column->addStretch();
    grid->addWidget(facts, 0, 1);
    grid->setColumnStretch(0, 3);
    grid->setColumnStretch(1, 1);
    return page;
}

ScoreKind ChartTabs::ei() const {
    return m_ei->current() == 0 ? ScoreKind::EiStrict : ScoreKind::EiF1;
}

ChartPanel* ChartTabs::panel(const QString& name) const {
    const auto found = std::find_if(m_panels.begin(), m_panels.end(), [&name](ChartPanel* one) {
        return one->property("chart").toString() == name;
    });
    return found == m_panels.end() ? nullptr : *found;
}

ChartPanel* ChartTabs::chosenPanel() const {
    ChartPanel* first = nullptr;
    for (ChartPanel* one : m_panels) {
        if (one->hasFocusInside()) {
            return one;
        }
        if (first == nullptr && one->isVisible()) {
            first = one;
        }
    }
    return first;
}

void ChartTabs::focusChart() {
    if (ChartPanel* panel = chosenPanel()) {
        panel->focusChart();
        static_cast<QScrollArea*>(currentWidget())->ensureWidgetVisible(panel);
    }
}

void ChartTabs::setChart(const char* name, const models::ChartValue& value) {
    ChartPanel* one = panel(QString::fromLatin1(name));
    one->setTitle(value.title, value.explanation);
    static_cast<ChartView&>(one->chart()).setValue(value);
}

void ChartTabs::setShown(const Shown& shown) {
    m_shown = shown;
    fill();
}

void ChartTabs::showTab(Tab tab) {
    setCurrentIndex(tab);
    fill();
}

void ChartTabs::fill() {
    switch (tab()) {
    case Scores:
        fillScores();
        break;
    case Validation:
        fillValidation();
        break;
    case Data:
        fillData();
        break;
    default:
        fillTraining();
        break;
    }
}

void ChartTabs::fillScores() {
    const bool only = m_which->current() == 0;
    m_which->setVisible(m_shown.all.size() > 1);
    const auto& [all, series, detail, round, set] = m_shown;
    const auto measured = bridge::measuredSeries(all, set).size();
    const QStringList names =
        only ? QStringList{series} : bridge::shownSeries(all, series, m_wanted, set);
    m_choose->setVisible(!only && measured > 1);
    m_choose->setText(tr("%1 of %2 shown").arg(std::min(names.size(), measured)).arg(measured));
    models::ChartValue corrected = bridge::scoreChart(all, series, set, ScoreKind::CcAcc, names);
    models::ChartValue found = bridge::scoreChart(all, series, set, ei(), names);
    models::shareScale(corrected, found);
    setChart("ccByRound", corrected);
    setChart("eiByRound", found);
    const auto here = std::find_if(all.begin(), all.end(),
                                   [name = series](const auto& one) { return one.name == name; });
    if (here == all.end()) {
        return;
    }
    models::ChartValue cc = bridge::datasetChart(*here, round, set, ScoreKind::CcAcc);
    models::ChartValue identified = bridge::datasetChart(*here, round, set, ei());
    models::shareScale(cc, identified);
    setChart("ccByDataset", cc);
    setChart("eiByDataset", identified);
    // One data set is the whole: nothing to compare.
    panel(QStringLiteral("ccByDataset"))->setVisible(cc.categories.size() > 1);
    panel(QStringLiteral("eiByDataset"))->setVisible(identified.categories.size() > 1);
    m_scores->setRowStretch(2,
                            cc.categories.size() > 1 || identified.categories.size() > 1 ? 4 : 0);
    const models::RoundInfo* chosen = here->round(round);
    const QStringList worse = chosen == nullptr ? QStringList() : regressions(*chosen, set);
    m_changes->setText(
        worse.isEmpty() ? QString()
                        : QStringLiteral("✗ ") +
                              tr("Worse in round %1: %2")
                                  .arg(chosen->number)
                                  .arg(worse.mid(0, kMostRegressions).join(QStringLiteral(", "))) +
                              (worse.size() > kMostRegressions
                                   ? tr(" and %1 more").arg(worse.size() - kMostRegressions)
                                   : QString()));
    m_changes->setToolTip(worse.join(QLatin1Char('\n')));
}

void ChartTabs::fillValidation() {
    const models::RoundCounts* counts = m_shown.detail.round(m_shown.round);
    const models::RoundCounts nothing;
    const auto here = std::find_if(m_shown.all.begin(), m_shown.all.end(),
                                   [this](const auto& one) { return one.name == m_shown.series; });
    setChart("validation", bridge::validationChart(counts == nullptr ? nothing : *counts,
                                                   counts == nullptr || here == m_shown.all.end()
                                                       ? nullptr
                                                       : here->round(m_shown.round)));
    QVector<const models::RoundCounts*> beside;
    for (const models::RoundCounts& one : m_shown.detail.counts) {
        if (one.roundId != m_shown.round && !one.cells.isEmpty() && beside.isEmpty()) {
            beside << &one; // the first one that made anything
        }
    }
    if (counts != nullptr && !counts->cells.isEmpty()) {
        beside << counts;
    }
    std::sort(beside.begin(), beside.end(),
              [](const auto* a, const auto* b) { return a->number < b->number; });
    setChart("firstError", bridge::firstErrorChart(beside));
}

void ChartTabs::fillData() {
    const models::RoundCounts* counts = m_shown.detail.round(m_shown.round);
    const auto here = std::find_if(m_shown.all.begin(), m_shown.all.end(),
                                   [this](const auto& one) { return one.name == m_shown.series; });
    const models::RoundInfo* round =
        here == m_shown.all.end() ? nullptr : here->round(m_shown.round);
    QVector<FunnelRow> rows;
    m_funnelQueries.clear();
    if (counts != nullptr && round != nullptr) {
        const auto steps = bridge::roundFunnel(*round, *counts);
        for (const bridge::FunnelStep& step : steps) {
            FunnelRow row;
            row.title = step.title;
            row.toolTip = step.toolTip;
            row.left = step.left;
            row.dropped = step.dropped;
            row.strong = &step == &steps.first() || &step == &steps.last();
            rows << row;
            m_funnelQueries << step.query;
        }
        panel(QStringLiteral("funnel"))
            ->setTitle(round->number == 0
                           ? tr("From problems to examples")
                           : tr("From problems to examples, round %1").arg(round->number),
                       tr("What each step of the round left, and what it took away."));
    }
    m_funnel->setRows(rows);
    m_funnel->setVisible(!rows.isEmpty());
    m_funnelEmpty->setVisible(rows.isEmpty());
    setChart("composition", bridge::compositionChart(m_shown.detail));
    setChart("scaling", bridge::scalingChart(m_shown.all, m_shown.set, ScoreKind::CcAcc));
}

void ChartTabs::fillTraining() {
    setChart("loss", bridge::lossChart(m_shown.detail));
    FactList::Facts facts;
    QString error;
    if (!m_shown.detail.trainings.isEmpty()) {
        const models::TrainingInfo& newest = m_shown.detail.trainings.last();
        const models::Mark mark = models::jobStateMark(newest.state);
        facts << qMakePair(tr("Round"), QString::number(newest.round))
              << qMakePair(tr("State"), QString(models::markText(mark) + QLatin1Char(' ') +
                                                models::jobStateWord(newest.state))
                                            .trimmed())
              << qMakePair(tr("Trainer"), newest.trainer)
              << qMakePair(tr("Trained from"), newest.baseModel);
        if (!newest.losses.isEmpty()) {
            const auto figure = [](double loss) {
                return models::chartFigure(models::ChartValue::Unit::Number, loss);
            };
            facts << qMakePair(tr("Step"),
                               models::grouped(static_cast<qint64>(newest.losses.last().x())))
                  << qMakePair(tr("Loss"), tr("%1, at first %2")
                                               .arg(figure(newest.losses.last().y()),
                                                    figure(newest.losses.first().y())));
        }
        error = newest.error;
    } else {
        facts << qMakePair(tr("State"), tr("nothing trained yet"));
    }
    m_facts->setFacts(facts);
    m_error->setText(error);
    m_error->setVisible(!error.isEmpty());
}

} // namespace scrit::ui::pages
