// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/main_window.h"

#include "app/studio/page_stack.h"
#include "ui/pages/review/review_page.h"
#include "ui/pages/runs/close_guard.h"
#include "ui/pages/traces/traces_page.h"
#include "ui/pages/welcome/welcome_page.h"
#include "ui/render/math_typesetter.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/job_widgets.h"
#include "ui/widgets/rail.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QScreen>
#include <QTimer>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::app {

using namespace ui;
using widgets::space::kBar;
using widgets::space::kOne;
using widgets::space::kTwo;

MainWindow::MainWindow(QSettings& settings, widgets::Theme& theme, QWidget* parent,
                       std::unique_ptr<bridge::Keychain> keychain)
    : QMainWindow(parent), m_settings(settings), m_theme(theme),
      m_service(std::make_unique<bridge::WorkspaceService>()),
      m_models(std::make_unique<bridge::ModelService>(
          *m_service, keychain ? std::move(keychain) : bridge::systemKeychain())),
      m_runs(std::make_unique<bridge::RunService>(*m_service, *m_models)),
      m_review(std::make_unique<bridge::ReviewService>(*m_service)),
      m_answers(std::make_unique<bridge::AnswerService>(*m_service)),
      m_exports(std::make_unique<bridge::ExportService>(*m_service)),
      m_rounds(std::make_unique<bridge::RoundService>(*m_service)),
      m_evolution(std::make_unique<bridge::EvolutionService>(*m_service, *m_models)),
      m_guard(new pages::CloseGuard(*m_runs, *m_evolution, this)),
      m_typesetter(std::make_unique<render::MathTypesetter>()),
      m_commands(new widgets::CommandRegistry(this)) {
    setWindowTitle(QStringLiteral("Scrit Studio"));
    setAcceptDrops(true);
    m_commands->load(m_settings);
    m_theme.setTextScale(m_settings.value(QStringLiteral("textScale"), 100).toInt());
    m_context = std::make_unique<pages::PageContext>(pages::PageContext{
        *m_service,
        *m_commands,
        m_theme,
        *m_typesetter,
        m_settings,
        [this](const models::ListQuery& query) {
            const QString traces = QStringLiteral("traces");
            showPage(traces);
            static_cast<pages::TracesPage*>(page(traces))->showQuery(query);
        },
        [this](const QString& text) {
            m_remark->setText(text);
            constexpr int kShownMillis = 4000;
            QTimer::singleShot(kShownMillis, m_remark, [this, text] {
                if (m_remark->text() == text) {
                    m_remark->clear();
                }
            });
        },
        [this](const QString& id) { showPage(id); },
        *m_models,
        *m_runs,
        *m_review,
        *m_exports,
        *m_answers,
        *m_rounds,
        *m_evolution,
        [this](const QString& id, const QString& item) {
            showPage(id);
            if (m_pageId == id && m_service->isOpen()) {
                page(id)->showItem(item);
            }
        },
        [this] { m_stack->makeAll(); },
    });
    m_review->setAnnotator(pages::ReviewPage::reviewerName(m_settings));
    addActions();
    addViewActions();
    buildFrame();
    addPlaces();
    connectService();
    connectJobs();
    m_palette = new widgets::CommandPalette(*m_commands, this);
    connect(m_palette, &widgets::CommandPalette::commandsWanted, m_stack, &PageStack::makeAll);
    connect(m_stack, &PageStack::pageMade, m_palette, &widgets::CommandPalette::commandsCame);
    // The first window fits the screen, with its title bar.
    constexpr int kTitleBar = 40;
    resize(QSize(1280, 800).boundedTo(screen()->availableSize() - QSize(0, kTitleBar)));
    restoreGeometry(m_settings.value(QStringLiteral("window/geometry")).toByteArray());
    workspaceClosed();
}

MainWindow::~MainWindow() {
    // Pages hold references to the service and the typesetter, which are members: they go first.
    delete takeCentralWidget();
}

void MainWindow::buildFrame() {
    auto* central = new QWidget(this);
    auto* header = new QWidget(central);
    auto* status = new QWidget(central);
    m_rail = new widgets::Rail(central);
    m_stack = new PageStack(*m_context, central);
    m_message = new widgets::MessageBar(central);
    m_progress = new widgets::ProgressStrip(central);
    m_importPanel = new widgets::ImportPanel(central);
    m_verifyPanel = new widgets::VerifyPanel(central);
    buildHeader(header);
    status->setObjectName(QStringLiteral("statusLine"));
    status->setAttribute(Qt::WA_StyledBackground);
    status->setFixedHeight(widgets::space::kThree);
    auto* statusRow = new QHBoxLayout(status);
    statusRow->setContentsMargins(kTwo, 0, kTwo, 0);
    m_remark = widgets::mutedLabel({}, status);
    m_remark->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // no wider window for it
    statusRow->addWidget(m_remark, 1);
    m_hints = widgets::mutedLabel({}, status);
    m_hints->setObjectName(QStringLiteral("keyHints"));
    statusRow->addWidget(m_hints);
    auto* column = new QVBoxLayout;
    column->setSpacing(0);
    column->addWidget(m_message);
    // Below a result, a page gets along with less than it asks for; the window does not grow.
    constexpr int kLeastPage = 240;
    m_stack->setMinimumHeight(kLeastPage);
    column->addWidget(m_stack, 1);
    column->addWidget(m_importPanel);
    column->addWidget(m_verifyPanel);
    column->addWidget(m_progress);
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    row->addWidget(m_rail);
    row->addLayout(column, 1);
    auto* all = new QVBoxLayout(central);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addWidget(header);
    all->addLayout(row, 1);
    all->addWidget(status);
    setCentralWidget(central);
    m_dropHint = widgets::plainLabel({}, this);
    m_dropHint->setObjectName(QStringLiteral("popup"));
    m_dropHint->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_dropHint->setAlignment(Qt::AlignCenter);
    m_dropHint->setFont(widgets::Theme::current().headingFont(1.15));
    m_dropHint->hide();
}

void MainWindow::buildHeader(QWidget* header) {
    header->setObjectName(QStringLiteral("header"));
    header->setAttribute(Qt::WA_StyledBackground);
    header->setFixedHeight(kBar - 4);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(kTwo, 0, kOne, 0);
    row->setSpacing(widgets::space::kHalf);
    m_name = widgets::plainLabel({}, header);
    m_name->setFont(widgets::Theme::current().headingFont(1.0));
    row->addWidget(m_name);
    row->addStretch(1);
    for (const char* id : {"app.palette", "app.open", "app.import", "app.verify", "app.theme"}) {
        row->addWidget(widgets::actionButton(m_commands->action(QString::fromLatin1(id)), header));
    }
}

void MainWindow::addPlaces() {
    m_welcome = new pages::WelcomePage(m_commands->action(QStringLiteral("app.create")),
                                       m_commands->action(QStringLiteral("app.open")),
                                       m_commands->action(QStringLiteral("app.sample")), m_stack);
    m_stack->addWidget(m_welcome);
    connect(m_welcome, &pages::WelcomePage::recentChosen, this,
            [this](const QString& path) { openWorkspace(path); });
    const auto& places = m_stack->places();
    for (int i = 0; i < places.size(); ++i) {
        const pages::PageSpec& place = places[i];
        m_rail->addPlace(place.title, place.icon, place.atBottom);
        m_commands->setPlace(i);
        QAction* action = m_commands->add(
            {QStringLiteral("go.") + place.id, tr("Go"), place.title, {place.key}, place.icon},
            this);
        connect(action, &QAction::triggered, this, [this, id = place.id] { showPage(id); });
        const auto hint = [this, i, action] {
            m_rail->setPlaceToolTip(i, action->toolTip());
        };
        hint();
        connect(action, &QAction::changed, m_rail, hint);
    }
    connect(m_rail, &widgets::Rail::placeChosen, this,
            [this](int index) { showPage(m_stack->places()[index].id); });
}

pages::Page* MainWindow::page(const QString& id) const {
    return m_stack->page(id);
}

bool MainWindow::isMade(const QString& id) const {
    return m_stack->isMade(id);
}

QStringList MainWindow::pageIds() const {
    return m_stack->ids();
}

bool MainWindow::setFirstPage(const QString& id) {
    if (m_stack->placeOf(id) < 0) {
        return false;
    }
    m_pageId = id;
    return true;
}

// What an opened workspace shows.
QString MainWindow::firstPage() const {
    if (!m_pageId.isEmpty()) {
        return m_pageId;
    }
    const QString last = m_settings.value(QStringLiteral("page")).toString();
    return last.isEmpty() ? QStringLiteral("traces") : last;
}

void MainWindow::showPage(const QString& id) {
    const int place = m_stack->placeOf(id);
    if (place < 0 || (m_stack->places()[place].needsWorkspace && !m_service->isOpen())) {
        showWelcome();
        return;
    }
    m_pageId = id;
    pages::Page* shown = page(id);
    m_stack->setCurrentWidget(shown);
    m_rail->setCurrent(place);
    shown->activated();
    updateHints();
}

void MainWindow::showWelcome() {
    m_stack->setCurrentWidget(m_welcome);
    m_rail->setCurrent(-1);
    m_welcome->setFocus();
    updateHints();
}

void MainWindow::connectService() {
    connect(m_commands, &widgets::CommandRegistry::keysChanged, this, &MainWindow::updateHints);
    connect(m_service.get(), &bridge::WorkspaceService::opened, this, &MainWindow::workspaceOpened);
    connect(m_service.get(), &bridge::WorkspaceService::closed, this, &MainWindow::workspaceClosed);
    connect(m_service.get(), &bridge::WorkspaceService::opening, this, [this](const QString& path) {
        m_message->hide();
        m_context->remark(tr("Opening %1…").arg(QFileInfo(path).fileName()));
        m_stack->page(firstPage()); // while the file is opened on another thread
    });
    connect(m_service.get(), &bridge::WorkspaceService::openFailed, this,
            [this](const models::Trouble& trouble) {
                m_pendingImport.clear();
                fail(trouble);
            });
    connect(m_service.get(), &bridge::WorkspaceService::readFailed, this, &MainWindow::fail);
    connect(m_message, &widgets::MessageBar::buttonPressed, this, &MainWindow::acceptOffer);
    // Of a run that waits to be taken up again its page tells, whatever is on screen.
    connect(m_runs.get(), &bridge::RunService::runsChanged, this, [this] {
        if (m_runs->resumable()) {
            m_stack->page(QStringLiteral("runs"));
        }
    });
    connect(&m_theme, &widgets::Theme::changed, this,
            [this] { m_settings.setValue(QStringLiteral("textScale"), m_theme.textScale()); });
}

void MainWindow::connectJobs() {
    connect(m_service.get(), &bridge::WorkspaceService::jobStarted, this,
            [this](const QString& title) {
                m_importPanel->hide();
                m_verifyPanel->hide();
                m_progress->start(title);
                m_job = title;
                updateActions();
            });
    connect(m_service.get(), &bridge::WorkspaceService::jobProgressed, m_progress,
            &widgets::ProgressStrip::setState);
    connect(m_service.get(), &bridge::WorkspaceService::jobFinished, this, [this] {
        m_progress->finish();
        updateActions();
        closeWhenDone();
    });
    connect(m_service.get(), &bridge::WorkspaceService::jobFailed, this, &MainWindow::fail);
    connect(m_service.get(), &bridge::WorkspaceService::importFinished, m_importPanel,
            &widgets::ImportPanel::showResult);
    connect(m_service.get(), &bridge::WorkspaceService::verifyFinished, m_verifyPanel,
            &widgets::VerifyPanel::showResult);
    connect(m_progress, &widgets::ProgressStrip::cancelled, m_service.get(),
            &bridge::WorkspaceService::cancelJob);
    connect(m_importPanel, &widgets::ImportPanel::verifyWanted, this,
            [this] { m_service->verify(); });
    connect(m_importPanel, &widgets::ImportPanel::showWanted, this,
            [this] { showPage(QStringLiteral("traces")); });
}

void MainWindow::start(const QString& path) {
    const QString last =
        path.isEmpty() ? m_settings.value(QStringLiteral("lastWorkspace")).toString() : path;
    m_welcome->setRecent(recent());
    if (!path.isEmpty() || (!last.isEmpty() && QFileInfo::exists(last))) {
        openFiles({last});
    }
}

void MainWindow::openFiles(const QStringList& paths) {
    QStringList imports;
    QString workspace;
    for (const QString& path : paths) {
        if (path.endsWith(QStringLiteral(".scrit"), Qt::CaseInsensitive)) {
            workspace = path;
        } else {
            imports << path;
        }
    }
    if (!workspace.isEmpty()) {
        m_pendingImport = imports;
        openWorkspace(workspace);
        return;
    }
    if (imports.isEmpty()) {
        return;
    }
    if (m_service->isOpen()) {
        m_service->importFiles(imports);
        return;
    }
    // Nothing is open: a workspace beside the first file, named after it. One that exists is
    // opened.
    const QFileInfo first(imports.first());
    const QString beside =
        first.absolutePath() + QLatin1Char('/') + first.baseName() + QStringLiteral(".scrit");
    m_pendingImport = imports;
    if (QFileInfo::exists(beside)) {
        m_service->openWorkspace(beside);
    } else {
        m_service->createWorkspace(beside);
    }
}

void MainWindow::workspaceOpened(const models::WorkspaceInfo& info) {
    m_stack->tellOpened();
    const QFileInfo file(info.path);
    m_name->setText(file.completeBaseName() +
                    (info.readOnly ? QStringLiteral("  ·  ") + tr("read-only") : QString()));
    m_name->setToolTip(info.path.toHtmlEscaped());
    setWindowTitle(file.completeBaseName() + QStringLiteral(" – Scrit Studio"));
    m_message->hide();
    m_importPanel->hide();
    m_verifyPanel->hide();
    m_remark->clear();
    m_settings.setValue(QStringLiteral("lastWorkspace"), info.path);
    rememberRecent(info.path);
    updateActions();
    showPage(firstPage());
    if (!m_pendingImport.isEmpty()) {
        m_service->importFiles(std::exchange(m_pendingImport, {}));
    }
}

void MainWindow::workspaceClosed() {
    m_name->setText(QStringLiteral("Scrit Studio"));
    m_name->setToolTip({});
    setWindowTitle(QStringLiteral("Scrit Studio"));
    m_importPanel->hide();
    m_verifyPanel->hide();
    m_welcome->setRecent(recent());
    updateActions();
    m_stack->tellClosed();
    showWelcome();
}

void MainWindow::fail(const models::Trouble& trouble) {
    m_trouble = trouble;
    m_remark->clear();
    QString button;
    if (trouble.offer == models::Trouble::Offer::OpenReadOnly) {
        button = tr("Open read-only");
    } else if (trouble.offer == models::Trouble::Offer::Retry && !trouble.path.isEmpty()) {
        button = tr("Try again");
    }
    m_message->showMessage(widgets::MessageBar::Kind::Problem, trouble.message, trouble.advice,
                           button);
}

// Another workspace is opened once the run of this one, if any, has stopped.
void MainWindow::openWorkspace(const QString& path, bool readOnly) {
    if (m_service->isOpen() && QFileInfo(m_service->info().path) == QFileInfo(path)) {
        m_service->openWorkspace(path, readOnly);
        return;
    }
    m_guard->leave([this, path, readOnly] { m_service->openWorkspace(path, readOnly); });
}

void MainWindow::acceptOffer() {
    m_message->hide();
    m_service->openWorkspace(m_trouble.path,
                             m_trouble.offer == models::Trouble::Offer::OpenReadOnly);
}

void MainWindow::updateActions() {
    const bool open = m_service->isOpen();
    const bool writable = open && !m_service->info().readOnly;
    m_commands->action(QStringLiteral("app.close"))->setEnabled(open);
    m_commands->action(QStringLiteral("app.import"))->setEnabled(writable || !open);
    m_commands->action(QStringLiteral("app.verify"))->setEnabled(writable && !m_service->isBusy());
    m_commands->action(QStringLiteral("app.cancel"))->setEnabled(m_service->isBusy());
    const auto& places = m_stack->places();
    for (int i = 0; i < places.size(); ++i) {
        const bool reachable = open || !places[i].needsWorkspace;
        m_rail->setPlaceEnabled(i, reachable);
        m_commands->action(QStringLiteral("go.") + places[i].id)->setEnabled(reachable);
    }
}

QStringList MainWindow::recent() const {
    return m_settings.value(QStringLiteral("recent")).toStringList();
}

void MainWindow::rememberRecent(const QString& path) {
    constexpr int kKept = 12;
    QStringList paths = recent();
    paths.removeAll(path);
    paths.prepend(path);
    m_settings.setValue(QStringLiteral("recent"), QStringList(paths.mid(0, kKept)));
}

void MainWindow::saveState() {
    m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    m_settings.setValue(QStringLiteral("page"), m_pageId);
    m_stack->saveState();
    m_settings.sync();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    saveState();
    if (m_guard->isNeeded()) {
        event->ignore();
        m_guard->leave([this] { close(); });
        return;
    }
    if (m_service->isOpen() && m_service->isBusy()) {
        event->ignore();
        askToStop();
        return;
    }
    QMainWindow::closeEvent(event);
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && m_progress->isVisible()) {
        m_progress->cancel();
        return;
    }
    QMainWindow::keyPressEvent(event);
}

// An import or a verification would be cut off.
void MainWindow::askToStop() {
    if (m_question) {
        m_question->raise();
        return;
    }
    m_question = new QMessageBox(this);
    m_question->setAttribute(Qt::WA_DeleteOnClose);
    m_question->setIcon(QMessageBox::NoIcon);
    m_question->setTextFormat(Qt::PlainText);
    m_question->setWindowTitle(tr("Work goes on"));
    m_question->setText(tr("%1 goes on. Stop it and close?").arg(m_job));
    m_question->setInformativeText(tr("What is stored by then stays in the workspace."));
    QPushButton* stop = m_question->addButton(tr("Stop and close"), QMessageBox::AcceptRole);
    QPushButton* stay = m_question->addButton(tr("Keep working"), QMessageBox::RejectRole);
    stop->setObjectName(QStringLiteral("stopAndClose"));
    stay->setObjectName(QStringLiteral("keepWorking"));
    m_question->setDefaultButton(stay);
    m_question->setEscapeButton(stay);
    connect(m_question, &QMessageBox::buttonClicked, this, [this, stop](QAbstractButton* button) {
        if (button == stop) {
            m_closing = true;
            m_service->cancelJob();
            closeWhenDone();
        }
    });
    m_question->open();
}

void MainWindow::closeWhenDone() {
    if (m_closing && !m_service->isBusy()) {
        m_closing = false;
        // Not from inside the signal that told of the end.
        QMetaObject::invokeMethod(this, &QWidget::close, Qt::QueuedConnection);
    }
}

// Says what a drop would do while something is dragged over the window.
void MainWindow::showDropHint(const QMimeData& dragged) {
    const QList<QUrl> urls = dragged.urls();
    const bool workspace = std::any_of(urls.begin(), urls.end(), [](const QUrl& url) {
        return url.path().endsWith(QStringLiteral(".scrit"), Qt::CaseInsensitive);
    });
    const bool readOnly = m_service->isOpen() && m_service->info().readOnly;
    m_dropHint->setText(
        workspace  ? tr("Drop to open the workspace")
        : readOnly ? tr("This workspace is read-only: nothing can be imported")
        : m_service->isOpen()
            ? tr("Drop to import into %1").arg(QFileInfo(m_service->info().path).completeBaseName())
            : tr("Drop to make a workspace beside the first file"));
    m_dropHint->resize(m_dropHint->sizeHint() + QSize(2 * widgets::space::kFour, 2 * kTwo));
    m_dropHint->move((width() - m_dropHint->width()) / 2, (height() - m_dropHint->height()) / 2);
    m_dropHint->show();
    m_dropHint->raise();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) {
        event->acceptProposedAction();
        showDropHint(*event->mimeData());
    }
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent* event) {
    QMainWindow::dragLeaveEvent(event);
    m_dropHint->hide();
}

void MainWindow::dropEvent(QDropEvent* event) {
    m_dropHint->hide();
    QStringList paths;
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile()) {
            paths << url.toLocalFile();
        }
    }
    event->acceptProposedAction();
    openFiles(paths);
}

} // namespace scrit::app
