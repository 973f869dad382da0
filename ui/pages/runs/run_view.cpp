// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/run_view.h"

#include "ui/models/run_list_model.h"
#include "ui/models/run_words.h"
#include "ui/widgets/form_frame.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/job_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/run_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace scrit::ui::pages {

namespace {

using namespace widgets;

constexpr int kTwoColumns = 960; // narrower than this, everything is below one another
constexpr int kParts = 1000;

} // namespace

RunView::RunView(const RunActions& actions, QWidget* parent) : QWidget(parent), m_actions(actions) {
    QVBoxLayout* column = scrollColumn(this);
    column->addWidget(buildHead());
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight);
    m_columns->setSpacing(space::kTwo);
    m_columns->addWidget(buildStages(), 1, Qt::AlignTop);
    m_columns->addWidget(buildServers(), 1, Qt::AlignTop);
    column->addLayout(m_columns);
    column->addWidget(buildErrors());
    column->addStretch();
}

QWidget* RunView::buildHead() {
    m_head = new PageHead(this);
    PageHead* head = m_head;
    for (QAction* action : {m_actions.traces, m_actions.pause, m_actions.stop, m_actions.caps}) {
        head->addButton(action);
    }
    head->addButton(m_actions.resume, true);
    m_settings = new ElidedLabel(head);
    m_settings->setProperty("muted", true);
    head->addBelow(m_settings);
    m_bar = new QProgressBar(head);
    m_bar->setTextVisible(false);
    m_bar->setRange(0, kParts);
    m_bar->setAccessibleName(tr("Progress of the run"));
    head->addBelow(m_bar);
    m_progress = plainLabel({}, head);
    head->addBelow(m_progress);
    m_message = plainLabel({}, head);
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    head->addBelow(m_message);
    return head;
}

QWidget* RunView::buildStages() {
    QFrame* panel = panelFrame(this);
    QVBoxLayout* column = panelColumn(panel);
    column->addWidget(headingLabel(tr("Stages"), panel));
    m_stages = new StagePipeline(panel);
    column->addWidget(m_stages);
    m_figures = new FigureRow(panel);
    column->addWidget(m_figures);
    return panel;
}

QWidget* RunView::buildServers() {
    QFrame* panel = panelFrame(this);
    m_servers = panel;
    QVBoxLayout* column = panelColumn(panel);
    column->addWidget(headingLabel(tr("Throughput"), panel));
    m_spark = new Sparkline(panel);
    column->addWidget(m_spark);
    m_endpointModel = new models::RunEndpointModel(this);
    m_endpoints = new PlainTable(tr("Endpoints"), panel);
    m_endpoints->setModel(m_endpointModel);
    m_endpoints->setWidths({0, 84, 88, 80, 88, 68});
    m_endpoints->setSelectionMode(QAbstractItemView::NoSelection);
    constexpr int kRows = 8;
    m_endpoints->setRowsShown(kRows);
    column->addWidget(m_endpoints);
    return panel;
}

QWidget* RunView::buildErrors() {
    QFrame* panel = panelFrame(this);
    m_errorPanel = panel;
    QVBoxLayout* column = panelColumn(panel);
    auto* head = new QHBoxLayout;
    head->setSpacing(space::kOne);
    m_errorTitle = headingLabel({}, panel);
    head->addWidget(m_errorTitle, 1);
    head->addWidget(commandButton(m_actions.items, panel));
    head->addWidget(commandButton(m_actions.retry, panel));
    column->addLayout(head);
    m_errorModel = new models::RunErrorModel(this);
    m_errors = new PlainTable(tr("Errors by cause"), panel);
    m_errors->setModel(m_errorModel);
    m_errors->setWidths({260, 128, 64, 0});
    constexpr int kRows = 6;
    m_errors->setRowsShown(kRows);
    column->addWidget(m_errors);
    m_errorText = plainLabel({}, panel);
    m_errorText->setWordWrap(true);
    m_errorText->setProperty("muted", true);
    m_errorText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_errorText);
    connect(m_errors, &PlainTable::currentRowChanged, this, [this] {
        const models::RunError* error = chosenError();
        m_errorText->setText(error == nullptr
                                 ? QString()
                                 : tr("Item %1: %2").arg(error->exampleItem).arg(error->example));
        m_errorText->setVisible(error != nullptr);
        Q_EMIT errorChosen();
    });
    panel->hide();
    return panel;
}

void RunView::setRun(const models::RunSummary& run, bool active) {
    const bool another = run.id != m_run.id;
    const bool ended = m_active && !active;
    m_run = run;
    m_active = active;
    m_head->setTitle(tr("Run %1 · %2").arg(QString::number(run.id), run.recipe));
    m_settings->setFullText(models::settingsText(run));
    if (another) {
        m_errorModel->setErrors({});
        m_errorPanel->hide();
        m_errorText->hide();
        m_endpointModel->setEndpoints({});
        m_spark->setSamples({});
    }
    if (!active) {
        showStored();
    } else if (another || ended) {
        showHead(run.state, false, tr("starting…"));
        showProgress(run.stages, -1, true);
    }
}

void RunView::showStored() {
    m_servers->hide();
    showHead(m_run.state, false, m_run.error);
    showProgress(m_run.stages, -1, false);
    const models::RunStage all = models::sumOf(m_run.stages);
    QVector<FigureRow::Figure> figures{
        {tr("Completions"), models::grouped(m_run.completions),
         tr("Paid for by this run; answers that were stored already are not counted")},
        {tr("Cost"), models::costText(m_run.cost), tr("By the prices of the models")},
        {tr("Tokens in"), models::tokensText(m_run.promptTokens), {}},
        {tr("Tokens out"), models::tokensText(m_run.completionTokens), {}},
    };
    if (m_run.started.isValid() && m_run.finished.isValid()) {
        const double seconds = static_cast<double>(m_run.started.msecsTo(m_run.finished)) / 1000.0;
        constexpr double kShort = 10;
        figures.push_back({tr("Took"),
                           seconds < kShort ? models::secondsText(seconds) : durationText(seconds),
                           tr("From the first start to the end, pauses included")});
    }
    if (m_run.isOpen() && all.planned + all.running > 0) {
        figures.push_back({tr("Would be lost now"), QStringLiteral("0"),
                           tr("Everything that was answered is stored")});
    }
    m_figures->setFigures(figures);
}

void RunView::showHead(model::RunState state, bool stopping, const QString& message) {
    m_head->state().setContent(stopping ? models::Mark::Unknown : models::runStateMark(state), {},
                               stopping ? tr("stopping") : models::runStateWord(state),
                               tr("State of the run"));
    m_message->setText(message);
    m_message->setVisible(!message.isEmpty());
    setTone(*m_message, state == model::RunState::Failed ? Tone::Problem : Tone::Muted);
}

void RunView::showProgress(const models::RunStages& stages, double secondsLeft, bool live) {
    const models::RunStage all = models::sumOf(stages);
    m_stages->setStages(stages);
    m_bar->setValue(all.total() <= 0 ? 0
                                     : static_cast<int>(static_cast<double>(all.ended()) /
                                                        static_cast<double>(all.total()) * kParts));
    QStringList parts;
    if (all.total() > 0) {
        parts
            << models::shareText(all.ended(), all.total())
            << tr("%1 of %2 items").arg(models::grouped(all.ended()), models::grouped(all.total()));
    } else {
        parts << tr("nothing planned yet");
    }
    if (all.failed > 0) {
        parts << tr("✗ %1 failed").arg(models::grouped(all.failed));
    }
    if (all.skipped > 0) {
        parts << tr("%1 skipped").arg(models::grouped(all.skipped));
    }
    if (live) {
        const QString rate = models::rateText(all.perSecond);
        if (!rate.isEmpty()) {
            parts << rate;
        }
        if (secondsLeft >= 0) {
            parts << tr("%1 left").arg(durationText(secondsLeft));
        }
    }
    m_progress->setText(parts.join(QStringLiteral("  ·  ")));
}

void RunView::setStatus(const models::RunStatus& status, const models::RateHistory& rates) {
    if (status.runId != m_run.id || !m_active) {
        return;
    }
    m_run.stages = status.stages;
    m_run.state = status.state;
    showHead(status.state, status.stopping, status.message);
    const bool running = status.state == model::RunState::Running && !status.stopping;
    showProgress(status.stages, running ? status.secondsLeft : -1, true);
    m_servers->show();
    m_figures->setFigures({
        {tr("Would be lost now"), models::grouped(status.wouldBeLost),
         tr("Answers that are not stored yet and requests in flight: what would be asked again if "
            "the power failed at this instant")},
        {tr("In flight"), models::grouped(status.inFlight()), tr("Requests at the servers")},
        {tr("Cost"), models::costText(status.cost), tr("Of the whole run, by the models' prices")},
        {tr("Tokens in"), models::tokensText(status.promptTokens), tr("Of the whole run")},
        {tr("Tokens out"), models::tokensText(status.completionTokens), tr("Of the whole run")},
        {tr("Requests"), models::grouped(status.requests),
         tr("Sent since this start, tries counted")},
        {tr("Tried again"), models::grouped(status.retries), tr("After a fault that may pass")},
        {tr("From cache"), models::grouped(status.fromCache),
         tr("Answers that were stored already and not paid again")},
        {tr("At the server"), models::secondsText(status.latencySeconds),
         tr("Median time of one request, of the last thousand")},
        {tr("In our queue"), models::secondsText(status.queueSeconds),
         tr("Median wait before a request was sent")},
        {tr("Since start"), durationText(status.seconds), {}},
    });
    m_endpointModel->setEndpoints(status.endpoints);
    m_endpoints->updateGeometry();
    m_spark->setSamples(rates.samples());
}

void RunView::setErrors(const models::RunErrors& errors) {
    const int before = m_errorModel->rowCount();
    m_errorModel->setErrors(errors);
    m_errorPanel->setVisible(!errors.isEmpty());
    if (m_errorModel->rowCount() != before) {
        m_errors->updateGeometry();
    }
    qint64 failed = 0;
    qint64 skipped = 0;
    for (const models::RunError& error : errors) {
        (error.skipped ? skipped : failed) += error.count;
    }
    QStringList parts;
    if (failed > 0) {
        parts << tr("%1 failed").arg(models::grouped(failed));
    }
    if (skipped > 0) {
        parts << tr("%1 skipped").arg(models::grouped(skipped));
    }
    m_errorTitle->setText(parts.join(QStringLiteral(", ")) + QStringLiteral("  ·  ") +
                          tr("by cause"));
    if (!m_errors->currentIndex().isValid() && !errors.isEmpty()) {
        m_errors->setCurrentIndex(m_errorModel->index(0, 0));
    }
    Q_EMIT errorChosen();
}

const models::RunError* RunView::chosenError() const {
    return m_errorPanel->isHidden() ? nullptr
                                    : m_errorModel->errorAt(m_errors->currentIndex().row());
}

QString RunView::text() const {
    QStringList lines{m_head->text(),    m_settings->fullText(), m_progress->text(),
                      m_message->text(), m_stages->text(),       m_figures->text()};
    for (const models::RunError& error : m_errorModel->errors()) {
        lines << error.stage + QStringLiteral(" | ") + error.code + QStringLiteral(" | ") +
                     QString::number(error.count) + QStringLiteral(" | ") + error.example;
    }
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

void RunView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_columns->setDirection(width() < kTwoColumns ? QBoxLayout::TopToBottom
                                                  : QBoxLayout::LeftToRight);
}

} // namespace scrit::ui::pages
