// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/models/models_page.h"

#include "ui/bridge/model_service.h"
#include "ui/bridge/run_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/model_list_model.h"
#include "ui/pages/models/model_dialog.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/run_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::ModelService;

ModelsPage::ModelsPage(PageContext& pageContext, QWidget* parent)
    : Page(pageContext, parent), m_model(new models::ModelListModel(this)),
      m_splitter(new QSplitter(Qt::Horizontal, this)), m_list(new PlainTable(tr("Models"), this)),
      m_stack(new QStackedWidget(this)), m_empty(new EmptyState(m_stack)),
      m_message(new MessageBar(this)) {
    addActions();
    m_detail = new ModelDetail(m_actions, m_stack);
    m_empty->setContent(
        tr("No models yet"),
        tr("A model is an OpenAI-compatible server, a local llama-server or vLLM that is started "
           "for you, or completions from files. Keys stay in the keychain or the environment."),
        {m_add});
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_detail);
    m_splitter->addWidget(buildLeft());
    m_splitter->addWidget(m_stack);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({460, 756});
    m_splitter->restoreState(
        context().settings.value(QStringLiteral("models/splitter")).toByteArray());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_message);
    layout->addWidget(m_splitter, 1);
    connectService();
    updateActions();
}

QWidget* ModelsPage::buildLeft() {
    auto* left = new QWidget(m_splitter);
    left->setMinimumWidth(280);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(space::kTwo, space::kOne, space::kOne, space::kOne);
    head->addWidget(headingLabel(tr("Models"), left), 1);
    auto* add = new QPushButton(m_add->text(), left);
    add->setToolTip(m_add->toolTip());
    connect(add, &QPushButton::clicked, m_add, &QAction::trigger);
    head->addWidget(add);
    column->addLayout(head);
    m_list->setModel(m_model);
    m_list->setWidths({120, 0, 120, 124});
    column->addWidget(m_list, 1);
    m_gpuPanel = new QWidget(left);
    m_gpuColumn = new QVBoxLayout(m_gpuPanel);
    m_gpuColumn->setContentsMargins(space::kTwo, space::kOne, space::kTwo, space::kTwo);
    m_gpuColumn->setSpacing(space::kHalf);
    m_gpuColumn->addWidget(headingLabel(tr("Graphics memory"), m_gpuPanel));
    m_gpuNote = mutedLabel(tr("asking…"), m_gpuPanel);
    m_gpuNote->setWordWrap(true);
    m_gpuColumn->addWidget(m_gpuNote);
    column->addWidget(m_gpuPanel);
    return left;
}

QAction* ModelsPage::addAction(const char* id, const QString& text, const char* key,
                               const char* icon, void (ModelsPage::*run)()) {
    QList<QKeySequence> keys;
    if (*key != '\0') {
        keys << QKeySequence(QLatin1String(key));
    }
    QAction* action = context().commands.add(
        {QString::fromLatin1(id), tr("Models"), text, keys, QString::fromLatin1(icon)}, this,
        Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, run);
    return action;
}

void ModelsPage::addActions() {
    m_add =
        addAction("models.add", tr("Add a model"), "Ctrl+Shift+M", "plus", &ModelsPage::addModel);
    m_actions.check =
        addAction("models.check", tr("Test"), "Ctrl+Shift+T", "check", &ModelsPage::checkModel);
    m_actions.serve =
        addAction("models.serve", tr("Serve"), "Ctrl+Shift+U", "models", &ModelsPage::serveModel);
    m_actions.edit = addAction("models.edit", tr("Edit"), "F2", "settings", &ModelsPage::editModel);
    m_actions.retire =
        addAction("models.retire", tr("Retire"), "", "close", &ModelsPage::retireModel);
    CommandRegistry::setTip(m_actions.check,
                            tr("Ask what it is, its context and slots, and how fast it answers"));
    CommandRegistry::setTip(m_actions.retire,
                            tr("No longer offer it; what it wrote stays, and it can come back"));
}

void ModelsPage::connectService() {
    ModelService& service = context().modelList;
    connect(&service, &ModelService::modelsChanged, this, &ModelsPage::modelsChanged);
    connect(&service, &ModelService::saved, this, [this](qint64 id, const QString& name) {
        m_wanted = id;
        m_checks.remove(id); // what was found may no longer hold
        context().remark(tr("“%1” is saved").arg(name));
    });
    connect(&service, &ModelService::retiredChanged, this,
            [this](qint64 id, const QString& name, bool retired) {
                m_retired = retired ? id : 0;
                if (retired) {
                    m_message->showMessage(MessageBar::Kind::Info, tr("“%1” is retired").arg(name),
                                           tr("It is no longer offered; what it wrote stays."),
                                           tr("Undo"));
                } else {
                    m_message->hide();
                }
            });
    connect(m_message, &MessageBar::buttonPressed, this, [this] {
        if (m_retired != 0) {
            context().modelList.setRetired(std::exchange(m_retired, 0), false);
        }
    });
    connect(&service, &ModelService::failed, this, [this](const models::Trouble& trouble) {
        m_retired = 0;
        m_message->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
    });
    connect(&service, &ModelService::checkStarted, this, [this](qint64 id) {
        if (id == m_detail->modelId()) {
            m_detail->setChecking();
        }
        updateActions();
    });
    connect(&service, &ModelService::checked, this, [this](const models::ModelCheck& check) {
        m_checks.insert(check.modelId, check);
        if (check.modelId == m_detail->modelId()) {
            m_detail->setCheck(check);
        }
        updateActions();
    });
    connect(&service, &ModelService::serverChanged, this,
            [this](const models::ServerStatus& server) {
                m_model->setServer(server);
                m_detail->setServer(server);
                updateActions();
            });
    connect(&service, &ModelService::gpusRead, this, &ModelsPage::showGpus);
    connect(&context().runs, &bridge::RunService::statusChanged, this, &ModelsPage::showTraffic);
    connect(&context().runs, &bridge::RunService::activeChanged, this, &ModelsPage::showTraffic);
    connect(m_list, &PlainTable::currentRowChanged, this, &ModelsPage::showCurrent);
    connect(m_list, &QAbstractItemView::activated, this, &ModelsPage::editModel);
}

void ModelsPage::workspaceOpened() {
    const ModelService& service = context().modelList;
    for (const models::ModelEntry& entry : service.models()) {
        m_model->setServer(service.server(entry.form.id));
    }
    if (service.isLoaded()) {
        modelsChanged();
    }
    updateActions();
}

void ModelsPage::workspaceClosed() {
    m_checks.clear();
    m_message->hide();
    if (m_dialog) {
        m_dialog->close();
    }
}

void ModelsPage::activated() {
    if (m_stack->currentWidget() == m_empty) {
        m_empty->setFocus();
    } else {
        m_list->setFocus();
    }
}

void ModelsPage::showItem(const QString& item) {
    const qint64 model = item.toLongLong();
    if (m_model->rowOf(model) >= 0) {
        select(model);
        m_list->setFocus();
    } else {
        m_wanted = model;
    }
}

void ModelsPage::saveState() {
    context().settings.setValue(QStringLiteral("models/splitter"), m_splitter->saveState());
}

QVector<KeyHint> ModelsPage::keyHints() const {
    return {
        {{QStringLiteral("models.add")}, tr("add")},
        {{QStringLiteral("models.edit")}, tr("edit")},
        {{QStringLiteral("models.check")}, tr("test")},
        {{QStringLiteral("models.serve")}, tr("serve")},
    };
}

void ModelsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    context().modelList.setWatchingGpus(true);
    context().modelList.setLogShown(m_detail->modelId());
    context().modelList.refresh(); // variables and files may have changed
}

void ModelsPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    context().modelList.setWatchingGpus(false);
    context().modelList.setLogShown(0);
}

const models::ModelEntry* ModelsPage::current() const {
    return m_model->modelAt(m_list->currentIndex().row());
}

void ModelsPage::select(qint64 modelId) {
    const int row = m_model->rowOf(modelId);
    if (row >= 0) {
        m_list->setCurrentIndex(m_model->index(row, 0));
    }
}

void ModelsPage::modelsChanged() {
    const models::ModelEntry* before = current();
    const qint64 selected = m_wanted != 0 ? m_wanted : before != nullptr ? before->form.id : 0;
    m_model->setModels(context().modelList.models());
    const int row = m_model->rowOf(selected);
    if (row >= 0) {
        m_wanted = 0;
    }
    if (m_model->rowCount() > 0) {
        m_list->setCurrentIndex(m_model->index(std::max(0, row), 0));
    }
    m_stack->setCurrentWidget(m_model->rowCount() == 0 ? static_cast<QWidget*>(m_empty) : m_detail);
    showCurrent();
}

void ModelsPage::showCurrent() {
    const models::ModelEntry* model = current();
    if (model != nullptr) {
        const qint64 id = model->form.id;
        const bool another = id != m_detail->modelId();
        m_detail->setModel(*model);
        m_detail->setServer(m_model->server(id));
        if (another && isVisible()) {
            context().modelList.setLogShown(id);
        }
        if (context().modelList.checking() == id) {
            m_detail->setChecking();
        } else {
            m_detail->setCheck(m_checks.value(id));
        }
        showTraffic();
    }
    updateActions();
}

void ModelsPage::showTraffic() {
    const models::ModelEntry* model = current();
    if (model == nullptr || !isVisible()) {
        return;
    }
    QVector<models::RunEndpoint> own;
    if (context().runs.isActive()) {
        for (const models::RunEndpoint& endpoint : context().runs.status().endpoints) {
            if (endpoint.model == model->form.name) {
                own << endpoint;
            }
        }
    }
    m_detail->setTraffic(own);
}

void ModelsPage::updateActions() {
    const models::ModelEntry* model = current();
    ModelService& service = context().modelList;
    const bool writable = context().service.isOpen() && !context().service.info().readOnly;
    const bool usable = model != nullptr && !model->retired && model->problem.isEmpty();
    const bool managed = model != nullptr && models::isManaged(model->form.kind);
    const bool served = managed && service.server(model->form.id).servedHere;
    const bool checkingThis = model != nullptr && service.checking() == model->form.id;
    m_add->setEnabled(writable);
    m_actions.check->setText(checkingThis ? tr("Stop the test") : tr("Test"));
    m_actions.check->setEnabled(checkingThis || (usable && service.checking() == 0));
    m_actions.serve->setVisible(managed);
    m_actions.serve->setText(served ? tr("Stop serving") : tr("Serve"));
    m_actions.serve->setEnabled(served || usable);
    CommandRegistry::setTip(m_actions.serve,
                            served ? tr("Let the server go; a run that uses it keeps it up")
                                   : tr("Start its server and keep it up"));
    m_actions.edit->setEnabled(writable && model != nullptr && !model->retired);
    m_actions.retire->setText(model != nullptr && model->retired ? tr("Bring back") : tr("Retire"));
    m_actions.retire->setEnabled(writable && model != nullptr);
}

void ModelsPage::showGpus(const models::Gpus& gpus) {
    while (m_gpuBars.size() < gpus.all.size()) {
        auto* bar = new MeterBar(m_gpuPanel);
        m_gpuColumn->addWidget(bar);
        m_gpuBars << bar;
    }
    for (qsizetype i = 0; i < m_gpuBars.size(); ++i) {
        m_gpuBars[i]->setVisible(i < gpus.all.size());
        if (i < gpus.all.size()) {
            const models::GpuUsage& gpu = gpus.all[i];
            const quint64 used = gpu.totalBytes - std::min(gpu.freeBytes, gpu.totalBytes);
            const QString words =
                tr("%1 of %2").arg(models::bytesWords(used), models::bytesWords(gpu.totalBytes));
            m_gpuBars[i]->setContent(gpu.name,
                                     gpu.totalBytes == 0 ? 0
                                                         : static_cast<double>(used) /
                                                               static_cast<double>(gpu.totalBytes),
                                     words, tr("%1: %2 in use").arg(gpu.name, words));
        }
    }
    m_gpuNote->setText(!gpus.error.isEmpty() ? gpus.error
                       : gpus.all.isEmpty()  ? tr("No NVIDIA GPU here: local servers use the "
                                                   "processor, or what they find themselves.")
                                             : QString());
    m_gpuNote->setVisible(!m_gpuNote->text().isEmpty());
}

QString ModelsPage::gpuText() const {
    QStringList lines{m_gpuNote->text()};
    for (const MeterBar* bar : m_gpuBars) {
        if (!bar->isHidden()) {
            lines << bar->text();
        }
    }
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

ModelDialog* ModelsPage::dialog() const {
    return static_cast<ModelDialog*>(m_dialog.data());
}

void ModelsPage::openDialog(const models::ModelForm& form) {
    if (m_dialog) {
        m_dialog->raise();
        return;
    }
    auto* dialog = new ModelDialog(context().modelList, form, this);
    m_dialog = dialog;
    dialog->open();
}

void ModelsPage::addModel() {
    openDialog({});
}

void ModelsPage::editModel() {
    const models::ModelEntry* model = current();
    if (model != nullptr && m_actions.edit->isEnabled()) {
        openDialog(model->form);
    }
}

void ModelsPage::checkModel() {
    const models::ModelEntry* model = current();
    if (context().modelList.checking() != 0) {
        context().modelList.cancelCheck();
    } else if (model != nullptr) {
        context().modelList.check(model->form.id);
    }
}

void ModelsPage::serveModel() {
    const models::ModelEntry* model = current();
    if (model == nullptr) {
        return;
    }
    const qint64 id = model->form.id;
    if (context().modelList.server(id).servedHere) {
        context().modelList.stopServing(id);
    } else {
        context().modelList.serve(id);
    }
}

void ModelsPage::retireModel() {
    if (const models::ModelEntry* model = current()) {
        context().modelList.setRetired(model->form.id, !model->retired);
    }
}

} // namespace scrit::ui::pages
