// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/export/export_page.h"

#include "ui/bridge/export_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/pages/export/export_form.h"
#include "ui/pages/export/export_preview.h"
#include "ui/pages/page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/job_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QCryptographicHash>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>

#include <utility>

namespace scrit::ui::pages {

using namespace widgets;
using bridge::ExportService;

namespace {} // namespace

ExportPage::ExportPage(PageContext& pageContext, QWidget* parent)
    : Page(pageContext, parent), m_stack(new QStackedWidget(this)), m_message(new MessageBar(this)),
      m_pastModel(new models::PastExportModel(this)) {
    addActions();
    auto* header = new QWidget(this);
    header->setFixedHeight(space::kBar + 4);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(space::kOne, 0, space::kTwo, 0);
    m_tabs = new Segmented({tr("New dataset"), tr("Written earlier")}, header);
    m_tabs->setAccessibleName(tr("Parts of Export"));
    row->addWidget(m_tabs);
    row->addStretch();
    connect(m_tabs, &Segmented::chosen, this, [this](int index) { showPast(index == 1); });
    m_stack->addWidget(buildCompose());
    m_stack->addWidget(buildPast());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(header);
    layout->addWidget(m_message);
    layout->addWidget(m_stack, 1);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPreviewMillis);
    connect(&m_pause, &QTimer::timeout, this, &ExportPage::askPreview);
    connectService();
    updateActions();
}

void ExportPage::addActions() {
    auto& commands = context().commands;
    const auto here = Qt::WidgetWithChildrenShortcut;
    m_write = commands.add({QStringLiteral("export.write"),
                            tr("Export"),
                            tr("Write the dataset"),
                            {QKeySequence(QStringLiteral("Ctrl+Return"))},
                            QStringLiteral("export")},
                           this, here);
    connect(m_write, &QAction::triggered, this, &ExportPage::write);
    QAction* filter = commands.add({QStringLiteral("export.filter"),
                                    tr("Export"),
                                    tr("Filter"),
                                    {QKeySequence(QStringLiteral("/"))},
                                    QStringLiteral("filter")},
                                   this, here);
    connect(filter, &QAction::triggered, this, [this] {
        showPast(false);
        m_form->focusFirst();
    });
    QAction* traces = commands.add({QStringLiteral("export.traces"),
                                    tr("Export"),
                                    tr("Show these critiques in Traces"),
                                    {QKeySequence(QStringLiteral("Ctrl+T"))},
                                    QStringLiteral("traces")},
                                   this, here);
    connect(traces, &QAction::triggered, this, [this] {
        context().showTraces(
            {models::ListKind::Critiques, m_form->form().filter, models::SortKey::Id, false});
    });
    m_reveal = commands.add(
        {QStringLiteral("export.open-folder"), tr("Export"), tr("Open the folder"), {}}, this,
        here);
    connect(m_reveal, &QAction::triggered, this, &ExportPage::revealPast);
}

QWidget* ExportPage::buildCompose() {
    auto* compose = new QWidget(m_stack);
    auto* splitter = new QSplitter(Qt::Horizontal, compose);
    splitter->setHandleWidth(1);
    splitter->setChildrenCollapsible(false);
    auto* scroll = new QScrollArea(splitter);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setMinimumWidth(360);
    auto* inside = new QWidget(scroll);
    auto* fields = new QVBoxLayout(inside);
    fields->setContentsMargins(space::kTwo, space::kOne, space::kTwo, space::kTwo);
    m_form = new ExportFormView(context(), inside);
    fields->addWidget(m_form);
    scroll->setWidget(inside);
    auto* right = new QWidget(splitter);
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(space::kTwo, space::kOne, space::kTwo, space::kOne);
    column->setSpacing(space::kOne);
    m_preview = new ExportPreviewView(&context().typesetter, right);
    column->addWidget(m_preview, 1);
    column->addWidget(buildWriteBar());
    splitter->addWidget(scroll);
    splitter->addWidget(right);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({420, 796});
    auto* layout = new QVBoxLayout(compose);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    connect(m_form, &ExportFormView::changed, this, &ExportPage::changed);
    return compose;
}

QWidget* ExportPage::buildWriteBar() {
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::kHalf);
    m_progress = new ProgressStrip(box);
    column->addWidget(m_progress);
    auto* row = new QHBoxLayout;
    row->setSpacing(space::kOne);
    QLabel* label = plainLabel(tr("&Folder"), box);
    m_folder = new QLineEdit(box);
    m_folder->setAccessibleName(tr("Folder of the dataset"));
    m_folder->setToolTip(tr("A new folder; it is put in place whole, or not at all"));
    label->setBuddy(m_folder);
    auto* browse = new QPushButton(tr("Choose…"), box);
    m_writeButton = new QPushButton(m_write->text(), box);
    m_writeButton->setProperty("primary", true);
    row->addWidget(label);
    row->addWidget(m_folder, 1);
    row->addWidget(browse);
    row->addWidget(m_writeButton);
    column->addLayout(row);
    connect(browse, &QPushButton::clicked, this, &ExportPage::chooseFolder);
    connect(m_writeButton, &QPushButton::clicked, m_write, &QAction::trigger);
    connect(m_folder, &QLineEdit::textChanged, this, &ExportPage::updateActions);
    connect(m_progress, &ProgressStrip::cancelled, &context().exports,
            &ExportService::cancelWriting);
    return box;
}

QWidget* ExportPage::buildPast() {
    auto* box = new QWidget(m_stack);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(space::kTwo, 0, space::kTwo, space::kTwo);
    column->setSpacing(space::kOne);
    m_past = new PlainTable(tr("Datasets written out of this workspace, newest first"), box);
    m_past->setModel(m_pastModel);
    m_past->setWidths({0, 180, 90, 150});
    column->addWidget(m_past, 1);
    auto* row = new QHBoxLayout;
    m_pastText = plainLabel({}, box);
    m_pastText->setWordWrap(true);
    m_pastText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_pastText->setProperty("muted", true);
    row->addWidget(m_pastText, 1);
    auto* open = new QPushButton(m_reveal->text(), box);
    connect(open, &QPushButton::clicked, m_reveal, &QAction::trigger);
    connect(m_reveal, &QAction::changed, open,
            [this, open] { open->setEnabled(m_reveal->isEnabled()); });
    row->addWidget(open);
    column->addLayout(row);
    connect(m_past, &PlainTable::currentRowChanged, this, &ExportPage::pastChosen);
    connect(m_past, &QTableView::activated, this, &ExportPage::revealPast);
    return box;
}

void ExportPage::connectService() {
    ExportService& exports = context().exports;
    connect(&exports, &ExportService::previewReady, this,
            [this](quint64 token, const models::ExportPreview& preview) {
                if (token == m_token) {
                    m_preview->setPreview(preview);
                    m_nothing = preview.whole && preview.rows == 0;
                    updateActions();
                }
            });
    connect(&exports, &ExportService::previewProgressed, this,
            [this](quint64 token, qint64 done, qint64 total) {
                if (token == m_token) {
                    m_preview->setProgress(done, total);
                }
            });
    connect(&exports, &ExportService::previewFailed, this,
            [this](quint64 token, const models::Trouble& trouble) {
                if (token == m_token) {
                    m_preview->setTrouble(trouble.advice.isEmpty()
                                              ? trouble.message
                                              : trouble.message + QStringLiteral(": ") +
                                                    trouble.advice);
                    m_nothing = true;
                    updateActions();
                }
            });
    connect(&exports, &ExportService::writingChanged, this, [this](bool writing) {
        if (writing) {
            m_progress->start(tr("Writing"));
        } else {
            m_progress->finish();
        }
        updateActions();
    });
    connect(&exports, &ExportService::progressed, m_progress, &ProgressStrip::setState);
    connect(&exports, &ExportService::written, this, &ExportPage::showWritten);
    connect(&exports, &ExportService::writeFailed, this, [this](const models::Trouble& trouble) {
        m_written.clear();
        m_message->showMessage(MessageBar::Kind::Problem, trouble.message, trouble.advice);
    });
    connect(&exports, &ExportService::writeCancelled, this, [this] {
        m_written.clear();
        m_message->showMessage(MessageBar::Kind::Info, tr("Nothing was written"),
                               tr("The export was stopped; no folder was left behind."));
    });
    connect(&exports, &ExportService::pastChanged, this, &ExportPage::pastChanged);
    connect(m_message, &MessageBar::buttonPressed, this, &ExportPage::openFolder);
    bridge::WorkspaceService& service = context().service;
    connect(&service, &bridge::WorkspaceService::factsReady, this,
            [this](const models::WorkspaceFacts& facts) {
                // What has been validated is what people train on.
                if (std::exchange(m_fresh, false) && facts.selfValidated > 0 &&
                    m_form->form().filter.isEmpty()) {
                    models::ExportForm form = m_form->form();
                    form.filter = QStringLiteral("validated:yes");
                    m_form->setForm(form);
                    changed();
                }
            });
    for (const auto signal :
         {&bridge::WorkspaceService::contentsChanged, &bridge::WorkspaceService::contentsGrew}) {
        connect(&service, signal, this, [this] {
            m_stale = true;
            if (isVisible()) {
                changed();
            }
        });
    }
}

void ExportPage::workspaceOpened() {
    m_message->hide();
    m_stale = true;
    models::ExportForm form;
    form.view = context().settings.value(QStringLiteral("export/view"), form.view).toString();
    form.filter =
        context().settings.value(workspaceGroup() + QStringLiteral("exportFilter")).toString();
    m_fresh = form.filter.isEmpty();
    m_form->setForm(form);
    m_folder->clear();
    if (context().exports.isLoaded()) {
        pastChanged();
    }
    if (isVisible()) {
        activated();
    }
}

QString ExportPage::workspaceGroup() const {
    const QByteArray path = context().service.info().path.toUtf8();
    return QStringLiteral("workspaces/") +
           QString::fromLatin1(
               QCryptographicHash::hash(path, QCryptographicHash::Sha1).toHex().left(16)) +
           QLatin1Char('/');
}

// Beside the workspace, named after it and the view, and not there yet.
QString ExportPage::suggestedFolder() const {
    const QFileInfo workspace(context().service.info().path);
    if (workspace.filePath().isEmpty()) {
        return {};
    }
    const QString stem = workspace.dir().filePath(workspace.completeBaseName() + QLatin1Char('-') +
                                                  m_form->form().view);
    QString folder = stem;
    for (int number = 2; QFileInfo::exists(folder); ++number) {
        folder = stem + QLatin1Char('-') + QString::number(number);
    }
    return folder;
}

void ExportPage::activated() {
    if (m_fresh) {
        context().service.requestFacts();
    }
    context().exports.refresh();
    if (m_stale) {
        changed();
    }
    if (m_stack->currentIndex() == 0) {
        m_form->focusFirst();
    } else {
        m_past->setFocus();
    }
}

void ExportPage::showItem(const QString& item) {
    m_wantedPast = item.toLongLong();
    showPast(true);
    selectWanted();
}

// The dataset that was asked for, once the list has it.
void ExportPage::selectWanted() {
    for (int row = 0; m_wantedPast != 0 && row < m_pastModel->rowCount(); ++row) {
        if (m_pastModel->exportAt(row)->id == m_wantedPast) {
            m_wantedPast = 0;
            m_past->setCurrentIndex(m_pastModel->index(row, 0));
        }
    }
}

void ExportPage::saveState() {
    QSettings& settings = context().settings;
    settings.setValue(QStringLiteral("export/view"), m_form->form().view);
    if (context().service.isOpen() && m_form->problem().isEmpty()) {
        settings.setValue(workspaceGroup() + QStringLiteral("exportFilter"), m_form->form().filter);
    }
}

QVector<KeyHint> ExportPage::keyHints() const {
    return {
        {{QStringLiteral("export.filter")}, tr("filter")},
        {{QStringLiteral("export.write")}, tr("write")},
        {{QStringLiteral("export.traces")}, tr("traces")},
    };
}

void ExportPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    updateActions();
}

void ExportPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    if (m_pause.isActive()) {
        m_pause.stop();
        m_stale = true;
    }
    updateActions();
}

void ExportPage::showPast(bool past) {
    m_tabs->setCurrent(past ? 1 : 0);
    m_stack->setCurrentIndex(past ? 1 : 0);
    if (past) {
        context().exports.refresh();
        m_past->setFocus();
    }
    updateActions();
}

void ExportPage::changed() {
    m_stale = true;
    if (m_folder->text().isEmpty() || m_folder->text() == m_suggested) {
        m_suggested = suggestedFolder();
        m_folder->setText(m_suggested);
    }
    m_preview->setStale();
    updateActions();
    if (isVisible()) {
        m_pause.start();
    }
}

void ExportPage::askPreview() {
    if (!context().service.isOpen()) {
        return;
    }
    m_stale = false;
    const QString wrong = m_form->problem();
    if (!wrong.isEmpty()) {
        context().exports.cancelPreview();
        m_token = 0;
        m_preview->setTrouble(wrong);
        return;
    }
    m_nothing = false;
    m_token = context().exports.requestPreview(m_form->form());
}

void ExportPage::chooseFolder() {
    const QString parent = QFileInfo(m_folder->text()).path();
    const QString path =
        QFileDialog::getSaveFileName(this, tr("A folder for the dataset"), parent, {}, nullptr,
                                     QFileDialog::DontConfirmOverwrite);
    if (!path.isEmpty()) {
        m_folder->setText(path);
    }
}

void ExportPage::write() {
    if (m_form->problem().isEmpty() && !m_folder->text().trimmed().isEmpty()) {
        m_message->hide();
        models::ExportForm form = m_form->form();
        form.folder = m_folder->text().trimmed();
        context().exports.write(form);
    }
}

void ExportPage::showWritten(const models::ExportResult& result) {
    m_written = result.folder;
    m_message->showMessage(
        MessageBar::Kind::Info,
        tr("%1 rows are written to %2 in %3")
            .arg(models::grouped(result.rows), QDir::toNativeSeparators(result.folder),
                 result.seconds < 1 ? tr("less than a second") : durationText(result.seconds)),
        result.files.join(QStringLiteral("  ·  ")), tr("Open the folder"));
    m_suggested = suggestedFolder();
    m_folder->setText(m_suggested);
}

void ExportPage::openFolder() {
    if (!m_written.isEmpty()) {
        QDesktopServices::openUrl(QUrl::fromLocalFile(m_written));
    }
}

void ExportPage::revealPast() {
    const models::PastExport* past = m_pastModel->exportAt(m_past->currentIndex().row());
    if (past != nullptr && past->there) {
        QDesktopServices::openUrl(QUrl::fromLocalFile(past->folder));
    }
}

void ExportPage::pastChanged() {
    m_pastModel->setExports(context().exports.past());
    selectWanted();
    pastChosen(m_past->currentIndex().row());
    m_folder->setPlaceholderText(suggestedFolder());
}

void ExportPage::pastChosen(int row) {
    const models::PastExport* past = m_pastModel->exportAt(row);
    m_pastText->setText(
        m_pastModel->rowCount() == 0 ? tr("Nothing has been written out of this workspace yet.")
        : past == nullptr            ? QString()
                                     : past->folder + QStringLiteral("   ") +
                                (past->filter.isEmpty() ? tr("(all critiques)")
                                                        : tr("(filter: %1)").arg(past->filter)));
    updateActions();
}

void ExportPage::updateActions() {
    const QString wrong = m_form->problem();
    const bool folder = !m_folder->text().trimmed().isEmpty();
    const bool writing = context().exports.isWriting();
    m_write->setEnabled(isVisible() && context().service.isOpen() && wrong.isEmpty() && folder &&
                        !writing && !m_nothing);
    m_writeButton->setEnabled(m_write->isEnabled());
    m_writeButton->setToolTip(!wrong.isEmpty() ? wrong
                              : !folder        ? tr("Choose a folder first")
                              : m_nothing      ? tr("No row is left to write")
                                               : m_write->toolTip());
    const models::PastExport* past = m_pastModel->exportAt(m_past->currentIndex().row());
    m_reveal->setEnabled(past != nullptr && past->there);
}

} // namespace scrit::ui::pages
