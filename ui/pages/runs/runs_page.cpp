// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/runs_page.h"

#include "ui/bridge/model_service.h"
#include "ui/bridge/run_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/run_list_model.h"
#include "ui/models/run_words.h"
#include "ui/pages/runs/caps_dialog.h"
#include "ui/pages/runs/run_form.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/form_frame.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QCryptographicHash>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::RunService;

RunsPage::RunsPage(PageContext& pageContext, QWidget* parent)
    : Page(pageContext, parent), m_model(new models::RunListModel(this)),
      m_splitter(new QSplitter(Qt::Horizontal, this)),
      m_list(new PlainTable(tr("Runs, newest first"), this)), m_stack(new QStackedWidget(this)),
      m_empty(new EmptyState(m_stack)), m_banner(new MessageBar(this)),
      m_trouble(new MessageBar(this)) {
    addActions();
    auto* left = new QWidget(m_splitter);
    auto* leftColumn = new QVBoxLayout(left);
    leftColumn->setContentsMargins(0, 0, 0, 0);
    leftColumn->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(space::kTwo, space::kOne, space::kOne, space::kOne);
    head->addWidget(headingLabel(tr("Runs"), left), 1);
    head->addWidget(commandButton(m_new, left));
    leftColumn->addLayout(head);
    m_list->setModel(m_model);
    m_list->setWidths({0, 84, 60, 60, 60});
    leftColumn->addWidget(m_list, 1);
    m_form = new RunFormView(context(), m_start, m_stack);
    m_view = new RunView(m_actions, m_stack);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_form);
    m_stack->addWidget(m_view);
    left->setMinimumWidth(240);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_stack);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({360, 852});
    m_splitter->restoreState(
        context().settings.value(QStringLiteral("runs/splitter")).toByteArray());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    layout->addWidget(m_trouble);
    layout->addWidget(m_splitter, 1);
    connectService();
    updateActions();
    updateEmpty();
}

QAction* RunsPage::addAction(const char* id, const QString& text, const char* key, const char* icon,
                             void (RunsPage::*run)()) {
    QList<QKeySequence> keys;
    if (*key != '\0') {
        keys << QKeySequence(QLatin1String(key));
    }
    QAction* action = context().commands.add(
        {QString::fromLatin1(id), tr("Runs"), text, keys, QString::fromLatin1(icon)}, this,
        Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, run);
    return action;
}

void RunsPage::addActions() {
    m_new = addAction("runs.new", tr("New run"), "Ctrl+N", "plus", &RunsPage::showForm);
    m_start = addAction("runs.start", tr("Start"), "Ctrl+Return", "runs", &RunsPage::startRun);
    m_actions.pause =
        addAction("runs.pause", tr("Pause"), "Ctrl+Shift+P", "", &RunsPage::pauseOrGoOn);
    m_actions.stop =
        addAction("runs.stop", tr("Stop"), "Ctrl+Shift+S", "close", &RunsPage::stopRun);
    m_actions.resume =
        addAction("runs.resume", tr("Resume"), "Ctrl+Shift+R", "runs", &RunsPage::resumeRun);
    m_actions.caps = addAction("runs.caps", tr("Caps…"), "Ctrl+Shift+C", "", &RunsPage::changeCaps);
    CommandRegistry::setTip(m_actions.caps, tr("Raise or lower its caps, and go on"));
    m_actions.retry =
        addAction("runs.retry", tr("Retry these"), "Ctrl+Shift+E", "undo", &RunsPage::retryChosen);
    m_actions.traces =
        addAction("runs.traces", tr("Show its traces"), "Ctrl+T", "traces", &RunsPage::showTraces);
    m_actions.items =
        addAction("runs.items", tr("Show their subjects"), "", "search", &RunsPage::showItems);
    m_openModels = context().commands.add(
        {QStringLiteral("runs.add-model"), tr("Runs"), tr("Add a model"), {}}, this,
        Qt::WidgetWithChildrenShortcut);
    connect(m_openModels, &QAction::triggered, this,
            [this] { context().showPage(QStringLiteral("models")); });
}

void RunsPage::connectService() {
    RunService& runs = context().runs;
    connect(&runs, &RunService::runsChanged, this, &RunsPage::runsChanged);
    connect(&runs, &RunService::statusChanged, this, &RunsPage::statusChanged);
    connect(&runs, &RunService::activeChanged, this, &RunsPage::updateActions);
    connect(&runs, &RunService::errorsReady, this,
            [this](qint64 runId, const models::RunErrors& errors) {
                if (runId == m_view->runId()) {
                    m_view->setErrors(errors);
                }
            });
    connect(&runs, &RunService::subjectsReady, this,
            [this](const models::ListQuery& query, qint64 shown, qint64 all) {
                context().showTraces(query);
                if (shown < all) {
                    context().remark(
                        tr("The first %1 of %2").arg(models::grouped(shown), models::grouped(all)));
                }
            });
    connect(&runs, &RunService::started, this, [this](qint64 runId) {
        m_trouble->hide();
        m_banner->hide();
        m_wanted = runId;
        runsChanged();
    });
    connect(&runs, &RunService::startFailed, this, [this](const models::Trouble& trouble) {
        if (shown() == Form) {
            m_form->showTrouble(trouble);
            updateActions();
            return;
        }
        m_trouble->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
    });
    connect(&runs, &RunService::failed, this, [this](const models::Trouble& trouble) {
        m_trouble->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
    });
    connect(&runs, &RunService::ended, this, [this](const models::RunStatus& status) {
        const models::RunStage all = models::sumOf(status.stages);
        context().remark(tr("Run %1 %2: %3 items done, %4 failed")
                             .arg(QString::number(status.runId), models::runStateWord(status.state),
                                  models::grouped(all.done), models::grouped(all.failed)));
    });
    connect(&context().modelList, &bridge::ModelService::modelsChanged, this,
            &RunsPage::updateEmpty);
    connect(m_list, &PlainTable::currentRowChanged, this, [this](int row) {
        if (const models::RunSummary* run = m_model->runAt(row)) {
            showRun(run->id);
        }
    });
    connect(m_form, &RunFormView::cancelled, this, &RunsPage::leaveForm);
    connect(m_view, &RunView::errorChosen, this, &RunsPage::updateActions);
    connect(m_banner, &MessageBar::buttonPressed, this, [this] {
        m_banner->hide();
        if (context().service.info().readOnly) {
            return;
        }
        showRun(m_offered);
        context().runs.resume(m_offered);
    });
    connect(m_banner, &MessageBar::dismissed, this,
            [this] { context().settings.setValue(bannerKey(), m_offered); });
}

RunsPage::Shown RunsPage::shown() const {
    const QWidget* current = m_stack->currentWidget();
    return current == m_form ? Form : current == m_view ? Run : Empty;
}

void RunsPage::workspaceOpened() {
    m_form->setForm({}); // what was typed for another workspace
    if (shown() == Form && context().service.info().readOnly) {
        leaveForm();
    }
    if (context().runs.isLoaded()) {
        runsChanged();
    }
    updateActions();
}

void RunsPage::activated() {
    context().runs.ensureLoaded();
    switch (shown()) {
    case Form:
        m_form->prepare();
        m_form->focusFirst();
        break;
    case Run:
        m_list->setFocus();
        break;
    case Empty:
        m_stack->currentWidget()->setFocus();
        break;
    }
}

void RunsPage::showItem(const QString& item) {
    const qint64 run = item.toLongLong();
    if (m_model->rowOf(run) >= 0) {
        showRun(run);
        m_list->setFocus();
    } else {
        m_wanted = run;
        context().runs.ensureLoaded();
    }
}

void RunsPage::saveState() {
    context().settings.setValue(QStringLiteral("runs/splitter"), m_splitter->saveState());
    m_form->saveState();
}

QVector<KeyHint> RunsPage::keyHints() const {
    return {
        {{QStringLiteral("runs.new")}, tr("new run")},
        {{QStringLiteral("runs.start")}, tr("start")},
        {{QStringLiteral("runs.pause")}, tr("pause")},
        {{QStringLiteral("runs.stop")}, tr("stop")},
        {{QStringLiteral("runs.traces")}, tr("traces")},
    };
}

QString RunsPage::bannerKey() const {
    const QByteArray path = context().service.info().path.toUtf8();
    return QStringLiteral("workspaces/") +
           QString::fromLatin1(
               QCryptographicHash::hash(path, QCryptographicHash::Sha1).toHex().left(16)) +
           QStringLiteral("/dismissedRun");
}

void RunsPage::runsChanged() {
    m_model->setRuns(context().runs.runs());
    if (context().runs.isActive()) {
        m_model->setStatus(context().runs.status());
    }
    if (m_wanted != 0 && m_model->rowOf(m_wanted) >= 0) {
        showRun(std::exchange(m_wanted, 0));
    } else if (shown() == Run && m_model->run(m_view->runId()) == nullptr) {
        m_stack->setCurrentWidget(m_empty); // another workspace
    } else if (shown() == Run) {
        showRun(m_view->runId());
    }
    if (shown() == Empty && m_model->rowCount() > 0) {
        showRun(m_model->runAt(0)->id);
    }
    updateEmpty();
    updateActions();
    offerResume();
}

void RunsPage::offerResume() {
    const auto open = context().runs.resumable();
    const bool dismissed = open && context().settings.value(bannerKey()).toLongLong() == open->id;
    if (!open || dismissed || context().service.info().readOnly) {
        m_banner->hide();
        return;
    }
    m_offered = open->id;
    const models::RunStage all = models::sumOf(open->stages);
    const QString message = tr("Run %1 (%2) is not finished: %3 of %4 items ended")
                                .arg(QString::number(open->id), open->recipe,
                                     models::grouped(all.ended()), models::grouped(all.total()));
    const bool news = m_banner->isHidden();
    m_banner->showMessage(MessageBar::Kind::Info, message,
                          tr("Nothing that was answered is asked again."), tr("Resume"));
    if (news) {
        context().remark(tr("%1; Runs can take it up again").arg(message));
    }
}

void RunsPage::statusChanged(const models::RunStatus& status) {
    m_model->setStatus(status);
    m_view->setStatus(status, context().runs.rates());
    updateActions();
}

void RunsPage::showForm() {
    if (context().service.info().readOnly) {
        return;
    }
    m_stack->setCurrentWidget(m_form);
    m_form->prepare();
    m_form->focusFirst();
    updateActions();
}

void RunsPage::leaveForm() {
    if (m_model->rowCount() > 0) {
        const int row = std::max(0, m_list->currentIndex().row());
        showRun(m_model->runAt(row)->id);
        m_list->setFocus();
    } else {
        m_stack->setCurrentWidget(m_empty);
    }
    updateActions();
}

void RunsPage::showRun(qint64 runId) {
    const models::RunSummary* run = m_model->run(runId);
    if (run == nullptr) {
        return;
    }
    const bool active = context().runs.activeRun() == runId;
    const bool another = m_view->runId() != runId;
    m_view->setRun(*run, active);
    if (active && context().runs.status().seconds > 0) {
        m_view->setStatus(context().runs.status(), context().runs.rates());
    }
    const int row = m_model->rowOf(runId);
    if (m_list->currentIndex().row() != row) {
        m_list->setCurrentIndex(m_model->index(row, 0));
    }
    m_stack->setCurrentWidget(m_view);
    if (another || !active) {
        context().runs.requestErrors(runId);
    }
    updateActions();
}

void RunsPage::updateEmpty() {
    const auto& all = context().modelList.models();
    const bool usable =
        std::any_of(all.begin(), all.end(), [](const auto& entry) { return !entry.retired; });
    if (context().modelList.isLoaded() && !usable) {
        m_empty->setContent(
            tr("No models yet"),
            tr("A run asks language models: an OpenAI-compatible server, a local llama-server or "
               "vLLM, or completions from files. Add one first."),
            {m_openModels});
        return;
    }
    m_empty->setContent(
        tr("No runs yet"),
        tr("A run takes problems with solutions, lets a model criticise them with the recipe you "
           "choose, lets it judge its own corrections, and stores every answer as it comes. It can "
           "be paused, stopped and taken up again; nothing is paid twice."),
        {m_new});
}

void RunsPage::updateActions() {
    RunService& runs = context().runs;
    const bool open = context().service.isOpen();
    const bool writable = open && !context().service.info().readOnly;
    const bool here = shown() == Run;
    const models::RunSummary* run = here ? m_model->run(m_view->runId()) : nullptr;
    const bool active = run != nullptr && runs.activeRun() == run->id;
    const models::RunStatus& status = runs.status();
    const bool paused = status.state == model::RunState::Paused;
    const QString readOnly = open && !writable ? tr("This workspace is open read-only") : QString();
    m_new->setEnabled(writable);
    CommandRegistry::setTip(m_new, readOnly);
    if (shown() != Form) {
        m_start->setEnabled(false);
    }
    m_actions.pause->setVisible(active);
    m_actions.pause->setEnabled(active && !status.stopping);
    m_actions.pause->setText(paused ? tr("Go on") : tr("Pause"));
    m_actions.stop->setVisible(active);
    m_actions.stop->setText(status.stopping ? tr("Stop now") : tr("Stop"));
    CommandRegistry::setTip(
        m_actions.stop, status.stopping
                            ? tr("Drop the %1 requests in flight; they are asked again by a resume")
                                  .arg(models::grouped(status.inFlight()))
                            : tr("Send nothing new, wait for what is in flight, and stop"));
    m_actions.resume->setVisible(run != nullptr && !active && run->isOpen());
    m_actions.resume->setEnabled(writable && !runs.isActive());
    CommandRegistry::setTip(m_actions.resume, !readOnly.isEmpty() ? readOnly
                                              : runs.isActive()   ? tr("Another run goes on")
                                                                  : tr("Go on where it was left"));
    m_actions.caps->setVisible(m_actions.resume->isVisible());
    m_actions.caps->setEnabled(m_actions.resume->isVisible() && m_actions.resume->isEnabled());
    const models::RunError* error = here ? m_view->chosenError() : nullptr;
    m_actions.retry->setEnabled(error != nullptr && !error->skipped && writable &&
                                (active || !runs.isActive()));
    m_actions.items->setEnabled(error != nullptr && error->exampleItem > 0);
    m_actions.traces->setEnabled(run != nullptr);
}

void RunsPage::startRun() {
    const QString wrong = m_form->problem();
    if (!wrong.isEmpty()) {
        models::Trouble trouble;
        trouble.message = wrong;
        m_form->showTrouble(trouble);
        return;
    }
    m_form->saveState();
    m_start->setEnabled(false);
    context().runs.start(m_form->form());
}

void RunsPage::pauseOrGoOn() {
    if (context().runs.status().state == model::RunState::Paused) {
        context().runs.unpause();
    } else {
        context().runs.pause();
    }
}

void RunsPage::stopRun() {
    if (context().runs.status().stopping) {
        context().runs.stopNow();
    } else {
        context().runs.stop();
    }
}

void RunsPage::resumeRun() {
    context().runs.resume(m_view->runId());
}

void RunsPage::changeCaps() {
    const models::RunSummary* run = m_model->run(m_view->runId());
    if (run == nullptr) {
        return;
    }
    auto* dialog = new CapsDialog(*run, this);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog, id = run->id] { context().runs.resumeWithCaps(id, dialog->caps()); });
    dialog->open();
}

void RunsPage::retryChosen() {
    if (const models::RunError* error = m_view->chosenError()) {
        context().runs.retryFailed(m_view->runId(), error->code);
    }
}

void RunsPage::showItems() {
    if (const models::RunError* error = m_view->chosenError()) {
        context().runs.requestSubjects(m_view->runId(), *error);
    }
}

void RunsPage::showTraces() {
    if (const models::RunSummary* run = m_model->run(m_view->runId())) {
        context().showTraces(
            {models::ListKind::Critiques, models::tracesFilter(*run), models::SortKey::Id, false});
    }
}

} // namespace scrit::ui::pages
