// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/rounds/rounds_page.h"

#include "ui/bridge/evolution_service.h"
#include "ui/bridge/round_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/round_models.h"
#include "ui/pages/rounds/compare_view.h"
#include "ui/pages/rounds/evolve_form.h"
#include "ui/pages/rounds/evolve_strip.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::EvolutionService;
using bridge::RoundService;

namespace {

constexpr int kRowsShown = 5; // of the table; more scroll

} // namespace

RoundsPage::RoundsPage(PageContext& pageContext, QWidget* parent) : Page(pageContext, parent) {
    addActions();
}

void RoundsPage::build() {
    m_built = true;
    m_message = new MessageBar(this);
    m_strip = new EvolveStrip(m_stop, this);
    m_stack = new QStackedWidget(this);
    m_empty = new EmptyState(m_stack);
    m_empty->setContent(
        tr("No rounds yet"),
        tr("A round lets a model criticise students' solutions, keeps the critiques that validate "
           "themselves, trains the model on them and measures it on problems it has never seen. "
           "Start an evolution here: the built-in model goes through three rounds in a few "
           "minutes."),
        {m_new});
    m_chartsPage = buildCharts();
    m_compare = new CompareView(context(), m_stack);
    m_form = new EvolveForm(context(), m_start, m_stack);
    for (QWidget* one : {static_cast<QWidget*>(m_empty), m_chartsPage,
                         static_cast<QWidget*>(m_compare), static_cast<QWidget*>(m_form)}) {
        m_stack->addWidget(one);
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildHeader());
    layout->addWidget(m_message);
    layout->addWidget(m_strip);
    layout->addWidget(m_stack, 1);
    connectServices();
    m_wanted = context().settings.value(QStringLiteral("rounds/series")).toString();
}

QWidget* RoundsPage::buildHeader() {
    auto* header = new QWidget(this);
    header->setFixedHeight(space::kBar + 4);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(space::kTwo, 0, space::kTwo, 0);
    row->setSpacing(space::kOne);
    m_seriesBox = new QComboBox(header);
    m_seriesBox->setAccessibleName(tr("Series"));
    m_seriesBox->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_seriesBox->setMinimumContentsLength(20);
    m_seriesBox->setFocusPolicy(Qt::TabFocus);
    row->addWidget(m_seriesBox);
    m_tabs = new Segmented(
        {tr("Scores"), tr("Validation"), tr("Data"), tr("Training"), tr("Compare")}, header);
    m_tabs->setAccessibleName(tr("Parts of Rounds"));
    row->addWidget(m_tabs);
    m_state = plainLabel({}, header);
    m_state->setFont(Theme::current().smallFont());
    m_state->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    row->addWidget(m_state, 1);
    m_setBox = new QComboBox(header);
    m_setBox->setAccessibleName(tr("Evaluation set"));
    m_setBox->setToolTip(tr("The frozen set that the figures were measured on"));
    m_setBox->setFocusPolicy(Qt::TabFocus);
    row->addWidget(m_setBox);
    for (QAction* action : {m_resume, m_new}) {
        auto* button = new QPushButton(action->text(), header);
        button->setToolTip(action->toolTip());
        connect(button, &QPushButton::clicked, action, &QAction::trigger);
        connect(action, &QAction::changed, button, [action, button] {
            button->setVisible(action->isVisible());
            button->setEnabled(action->isEnabled());
            button->setToolTip(action->toolTip());
        });
        row->addWidget(button);
    }
    connect(m_tabs, &Segmented::chosen, this,
            [this](int index) { showTab(static_cast<Tab>(index)); });
    connect(m_seriesBox, &QComboBox::activated, this,
            [this](int index) { chooseSeries(m_seriesBox->itemData(index).toString()); });
    connect(m_setBox, &QComboBox::activated, this, &RoundsPage::fill);
    return header;
}

QWidget* RoundsPage::buildCharts() {
    auto* page = new QWidget(m_stack);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_model = new models::RoundTableModel(this);
    m_table = new PlainTable(tr("Rounds of the series"), page);
    m_table->setModel(m_model);
    m_table->setWidths({0, 96, 90, 106, 106, 106, 106, 106, 106});
    m_table->growWithContents();
    m_table->setRowsShown(kRowsShown);
    m_charts = new ChartTabs(page);
    column->addWidget(m_table);
    column->addSpacing(space::kHalf);
    column->addWidget(m_charts, 1);
    connect(m_table, &PlainTable::currentRowChanged, this, &RoundsPage::chooseRound);
    connect(m_table, &QTableView::activated, this, &RoundsPage::showRoundTraces);
    connect(m_charts, &ChartTabs::queryChosen, this,
            [this](const models::ListQuery& query) { context().showTraces(query); });
    connect(m_charts, &ChartTabs::eiChanged, this, &RoundsPage::fill);
    connect(m_charts, &ChartTabs::writeWanted, this,
            [this](ChartPanel* panel, ChartFile format) { askWrite(*panel, format); });
    return page;
}

void RoundsPage::connectServices() {
    RoundService& rounds = context().rounds;
    connect(&rounds, &RoundService::seriesChanged, this, &RoundsPage::seriesChanged);
    connect(&rounds, &RoundService::detailChanged, this, &RoundsPage::fill);
    connect(&rounds, &RoundService::failed, this, [this](const models::Trouble& trouble) {
        m_message->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
    });
    connect(&rounds, &RoundService::fileFailed, this, [this](const models::Trouble& trouble) {
        m_message->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
    });
    connect(&rounds, &RoundService::fileWritten, this, [this](const QString& path) {
        context().remark(tr("Written: %1").arg(QFileInfo(path).fileName()));
    });
    connect(&context().service, &bridge::WorkspaceService::contentsChanged, this,
            &RoundsPage::workspaceOpened);
    connect(m_form, &EvolveForm::cancelled, this, &RoundsPage::leaveForm);
    EvolutionService& evolution = context().evolution;
    connect(&evolution, &EvolutionService::started, this, [this](const QString& name) {
        m_message->hide();
        m_wanted = name;
        leaveForm();
        context().rounds.refresh();
    });
    connect(
        &evolution, &EvolutionService::startFailed, this, [this](const models::Trouble& trouble) {
            if (shown() == Form) {
                m_form->showTrouble(trouble);
            } else {
                m_message->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
            }
            updateActions();
        });
    connect(&evolution, &EvolutionService::progressed, this,
            [this](const models::EvolutionStatus& status) {
                m_strip->setStatus(status);
                updateActions();
            });
    connect(
        &evolution, &EvolutionService::ended, this, [this](const models::EvolutionStatus& status) {
            m_strip->hide();
            context().rounds.refresh();
            if (!status.trouble.message.isEmpty()) {
                m_message->showMessage(MessageBar::Kind::Problem, status.trouble.message,
                                       status.trouble.advice);
            } else {
                context().remark(status.stopped
                                     ? tr("%1 has stopped; it can be resumed").arg(status.series)
                                     : tr("%1 is done").arg(status.series));
            }
            updateActions();
        });
    connect(&evolution, &EvolutionService::activeChanged, this, &RoundsPage::updateActions);
}

void RoundsPage::workspaceOpened() {
    if (isVisible()) {
        context().rounds.refresh();
    }
}

RoundsPage::Shown RoundsPage::shown() const {
    return m_built ? static_cast<Shown>(m_stack->currentIndex()) : Empty;
}

void RoundsPage::activated() {
    if (!m_built) {
        build();
    }
    context().rounds.setWatching(true);
    context().rounds.refresh();
    seriesChanged();
    switch (shown()) {
    case Form:
        m_form->focusFirst();
        break;
    case Compare:
        m_compare->focusFirst();
        break;
    case Charts:
        m_table->setFocus();
        break;
    case Empty:
        m_empty->setFocus();
        break;
    }
}

void RoundsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    context().rounds.setWatching(m_built);
}

void RoundsPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    context().rounds.setWatching(false);
}

void RoundsPage::showItem(const QString& item) {
    if (context().rounds.find(item) == nullptr) {
        m_wanted = item; // taken up by what activated() has asked for
        return;
    }
    chooseSeries(item);
    showTab(static_cast<Tab>(m_tabs->current()));
}

void RoundsPage::saveState() {
    if (m_built) {
        context().settings.setValue(QStringLiteral("rounds/series"),
                                    m_seriesBox->currentData().toString());
        m_compare->saveState();
        m_form->saveState();
    }
}

const models::SeriesInfo* RoundsPage::series() const {
    return context().rounds.find(m_seriesBox->currentData().toString());
}

QString RoundsPage::set() const {
    return m_setBox->currentText();
}

void RoundsPage::seriesChanged() {
    if (!m_built) {
        return;
    }
    const auto& all = context().rounds.series();
    QString chosen = m_seriesBox->currentData().toString();
    {
        QStringList names;
        QStringList known;
        for (const models::SeriesInfo& one : all) {
            names << one.name;
        }
        for (int i = 0; i < m_seriesBox->count(); ++i) {
            known << m_seriesBox->itemText(i);
        }
        // The list that is open stays open while rounds go on.
        if (names != known) {
            const QSignalBlocker quiet(m_seriesBox);
            m_seriesBox->clear();
            for (const QString& name : names) {
                m_seriesBox->addItem(name, name);
            }
        }
        for (int i = 0; i < all.size(); ++i) {
            m_seriesBox->setItemData(
                i, QStringLiteral("%1 · %2").arg(all[i].recipe, models::jobStateWord(all[i].state)),
                Qt::ToolTipRole);
        }
    }
    if (!m_wanted.isEmpty() && context().rounds.find(m_wanted) != nullptr) {
        chosen = std::exchange(m_wanted, QString());
    }
    const int at = std::max(0, m_seriesBox->findData(chosen));
    m_seriesBox->setCurrentIndex(all.isEmpty() ? -1 : at);
    m_seriesBox->setVisible(!all.isEmpty());
    m_tabs->setVisible(!all.isEmpty());
    if (shown() != Form) {
        if (all.isEmpty()) {
            m_stack->setCurrentIndex(Empty);
        } else if (shown() == Empty) {
            showTab(static_cast<Tab>(m_tabs->current()));
        }
    }
    context().rounds.show(m_seriesBox->currentData().toString());
    fill();
}

void RoundsPage::chooseSeries(const QString& name) {
    m_round = 0;
    m_seriesBox->setCurrentIndex(m_seriesBox->findData(name));
    context().rounds.show(name);
    if (shown() == Form) {
        leaveForm();
    }
    fill();
}

void RoundsPage::fill() {
    if (!m_built) {
        return;
    }
    const models::SeriesInfo* here = series();
    if (here == nullptr) {
        m_setBox->hide();
        updateActions();
        updateState();
        return;
    }
    const QStringList sets = here->sets();
    const QString chosen = set();
    QStringList offered;
    for (int i = 0; i < m_setBox->count(); ++i) {
        offered << m_setBox->itemText(i);
    }
    if (sets != offered) {
        const QSignalBlocker quiet(m_setBox);
        m_setBox->clear();
        m_setBox->addItems(sets);
        m_setBox->setCurrentIndex(std::max<int>(0, static_cast<int>(sets.indexOf(chosen))));
    }
    m_setBox->setVisible(sets.size() > 1);
    m_model->setRounds(here->rounds, set(), m_charts->ei());
    m_table->updateGeometry();
    if (m_model->rowOf(m_round) < 0 && !here->rounds.isEmpty()) {
        m_round = here->rounds.last().id;
    }
    const int row = m_model->rowOf(m_round);
    if (m_table->currentIndex().row() != row) {
        m_table->setCurrentIndex(m_model->index(row, 0));
    }
    m_charts->setShown(
        {context().rounds.series(), here->name, context().rounds.detail(), m_round, set()});
    m_compare->setSeries(context().rounds.series(), here->name, set());
    updateState();
    updateActions();
}

void RoundsPage::chooseRound(int row) {
    const models::RoundInfo* round = m_model->roundAt(row);
    if (round == nullptr || round->id == m_round) {
        return;
    }
    m_round = round->id;
    fill();
}

void RoundsPage::updateState() {
    const models::SeriesInfo* here = series();
    if (here == nullptr || here->rounds.isEmpty()) {
        m_state->clear();
        return;
    }
    const models::RoundInfo& newest = here->rounds.last();
    QStringList words{here->recipe};
    words << QString(models::markText(models::jobStateMark(newest.state)) + QLatin1Char(' ') +
                     models::jobStateWord(newest.state))
                 .trimmed();
    if (newest.state == model::JobState::Running && !newest.stage.isEmpty()) {
        words << tr("round %1, %2").arg(newest.number).arg(models::stageWord(newest.stage));
    }
    words.removeAll(QString());
    m_state->setText(words.join(QStringLiteral(" · ")));
    m_state->setToolTip(newest.error);
}

void RoundsPage::showTab(Tab tab) {
    m_tabs->setCurrent(tab);
    if (series() == nullptr) {
        m_stack->setCurrentIndex(Empty);
    } else if (tab == CompareTab) {
        m_stack->setCurrentIndex(Compare);
        m_compare->focusFirst();
    } else {
        m_charts->showTab(static_cast<ChartTabs::Tab>(tab));
        m_stack->setCurrentIndex(Charts);
        m_table->setFocus();
    }
    updateActions();
}

void RoundsPage::showForm() {
    if (!isVisible()) {
        context().showPage(QStringLiteral("rounds"));
    }
    if (!m_built || context().service.info().readOnly) {
        return;
    }
    m_stack->setCurrentIndex(Form);
    m_form->prepare();
    m_form->focusFirst();
    updateActions();
}

void RoundsPage::leaveForm() {
    m_stack->setCurrentIndex(Empty);
    showTab(static_cast<Tab>(m_tabs->current()));
}

void RoundsPage::startEvolution() {
    if (m_built && shown() == Form && m_form->problem().isEmpty()) {
        context().evolution.start(m_form->form());
        updateActions();
    }
}

void RoundsPage::stopEvolution() {
    context().evolution.stop();
    updateActions();
}

void RoundsPage::resumeEvolution() {
    if (const models::SeriesInfo* here = m_built ? series() : nullptr) {
        m_message->hide();
        context().evolution.resume(here->name);
    }
}

void RoundsPage::showRoundTraces() {
    const models::RoundCounts* counts =
        m_built ? context().rounds.detail().round(m_round) : nullptr;
    const QString filter = counts == nullptr ? QString() : models::roundFilter(*counts);
    if (!filter.isEmpty()) {
        context().showTraces({models::ListKind::Critiques, filter, models::SortKey::Id, false});
        return;
    }
    // Round 0 criticises nothing but its evaluation set.
    const models::SeriesInfo* here = m_built ? series() : nullptr;
    const models::RoundInfo* round = here == nullptr ? nullptr : here->round(m_round);
    if (round != nullptr && !round->scores.isEmpty()) {
        context().showTraces({models::ListKind::Critiques,
                              QStringLiteral("scored:%1").arg(round->scores.first().evaluationId),
                              models::SortKey::Id, false});
    }
}

} // namespace scrit::ui::pages
