// SPDX-License-Identifier: GPL-3.0-or-later
// The actions of the window itself, the file choosers behind them, and the keys named in its last
// line.
#include "app/studio/main_window.h"
#include "app/studio/page_stack.h"
#include "ui/pages/runs/close_guard.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/theme.h"

#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QStandardPaths>

#include <functional>
#include <tuple>
#include <vector>

namespace scrit::app {

using namespace ui;

void MainWindow::addActions() {
    struct Entry {
        const char* id;
        QString text;
        const char* keys;
        const char* icon;
        std::function<void()> run;
    };
    const std::vector<Entry> entries{
        {"app.palette", tr("Find a command"), "Ctrl+K", "search",
         [this] {
             m_palette->open();
         }},
        {"app.sample", tr("Open the sample"), "", "traces",
         [this] {
             m_guard->leave([this] {
                 m_service->openSample(
                     QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
                     QStringLiteral("/scrit-studio"));
             });
         }},
        {"app.open", tr("Open a workspace…"), "Ctrl+O", "folder-open",
         [this] {
             askOpen();
         }},
        {"app.create", tr("New workspace…"), "Ctrl+Shift+N", "plus",
         [this] {
             askCreate();
         }},
        {"app.close", tr("Close the workspace"), "Ctrl+W", "close",
         [this] {
             m_guard->leave([this] {
                 saveState();
                 m_service->closeWorkspace();
             });
         }},
        {"app.import", tr("Import files…"), "Ctrl+I", "import",
         [this] {
             askImport();
         }},
        {"app.verify", tr("Verify everything"), "Ctrl+Shift+V", "check",
         [this] {
             m_service->verify();
         }},
        {"app.cancel", tr("Stop what is running"), "Ctrl+.", "close",
         [this] {
             m_service->cancelJob();
         }},
        {"app.quit", tr("Quit"), "Ctrl+Q", "",
         [this] {
             close();
         }},
    };
    for (const Entry& entry : entries) {
        QList<QKeySequence> keys;
        if (*entry.keys != '\0') {
            keys << QKeySequence(QLatin1String(entry.keys));
        }
        QAction* action = m_commands->add({QString::fromLatin1(entry.id), tr("Workspace"),
                                           entry.text, keys, QString::fromLatin1(entry.icon)},
                                          this);
        connect(action, &QAction::triggered, this, entry.run);
    }
}

void MainWindow::addViewActions() {
    const QString view = tr("View");
    QAction* theme = m_commands->add({QStringLiteral("app.theme"),
                                      view,
                                      tr("Switch light and dark"),
                                      {QKeySequence(QStringLiteral("Ctrl+Shift+L"))},
                                      QStringLiteral("moon")},
                                     this);
    connect(theme, &QAction::triggered, this, [this] {
        m_theme.setChoice(m_theme.isDark() ? widgets::ThemeChoice::Light
                                           : widgets::ThemeChoice::Dark);
        m_settings.setValue(QStringLiteral("theme"), widgets::themeName(m_theme.choice()));
    });
    QAction* system = m_commands->add(
        {QStringLiteral("app.theme-system"), view, tr("Follow the system's light or dark"), {}},
        this);
    connect(system, &QAction::triggered, this, [this] {
        m_theme.setChoice(widgets::ThemeChoice::System);
        m_settings.setValue(QStringLiteral("theme"), widgets::themeName(m_theme.choice()));
    });
    constexpr int kStep = 10;
    for (const auto& [id, text, keys, step] :
         {std::tuple{"app.larger", tr("Larger text"), QStringLiteral("Ctrl++"), kStep},
          std::tuple{"app.smaller", tr("Smaller text"), QStringLiteral("Ctrl+-"), -kStep},
          std::tuple{"app.normal", tr("Normal text size"), QStringLiteral("Ctrl+0"), 0}}) {
        QAction* action =
            m_commands->add({QString::fromLatin1(id), view, text, {QKeySequence(keys)}}, this);
        connect(action, &QAction::triggered, this, [this, by = step] {
            m_theme.setTextScale(by == 0 ? 100 : m_theme.textScale() + by);
        });
    }
    QAction* full = m_commands->add({QStringLiteral("app.full-screen"),
                                     view,
                                     tr("Full screen"),
                                     {QKeySequence(QStringLiteral("F11"))}},
                                    this);
    connect(full, &QAction::triggered, this,
            [this] { isFullScreen() ? showNormal() : showFullScreen(); });
}

// The keys that matter on this page, as they are set now.
void MainWindow::updateHints() {
    QVector<ui::pages::KeyHint> wanted;
    if (m_service->isOpen() && m_stack->isMade(m_pageId)) {
        wanted = m_stack->page(m_pageId)->keyHints();
    }
    wanted.append({{QStringLiteral("app.palette")}, tr("commands")});
    QStringList hints;
    for (const ui::pages::KeyHint& hint : wanted) {
        QStringList keys;
        for (const QString& id : hint.commands) {
            if (const QAction* action = m_commands->action(id)) {
                keys << action->shortcut().toString(QKeySequence::NativeText);
            }
        }
        keys.removeAll(QString());
        if (!keys.isEmpty()) {
            hints << keys.join(QLatin1Char(' ')) + QLatin1Char(' ') + hint.words;
        }
    }
    m_hints->setText(hints.join(QStringLiteral("   ·   ")));
}

void MainWindow::askCreate() {
    QString path = QFileDialog::getSaveFileName(
        this, tr("New workspace"), QDir::homePath() + QStringLiteral("/critiques.scrit"),
        tr("Scrit workspaces (*.scrit)"));
    if (path.isEmpty()) {
        return;
    }
    if (!path.endsWith(QStringLiteral(".scrit"), Qt::CaseInsensitive)) {
        path += QStringLiteral(".scrit");
    }
    m_guard->leave([this, path] { m_service->createWorkspace(path); });
}

void MainWindow::askOpen() {
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Open a workspace"), QDir::homePath(),
                                     tr("Scrit workspaces (*.scrit);;All files (*)"));
    if (!path.isEmpty()) {
        openWorkspace(path);
    }
}

void MainWindow::askImport() {
    openFiles(QFileDialog::getOpenFileNames(
        this, tr("Import files"), QDir::homePath(),
        tr("Data (*.jsonl *.json *.csv *.jsonl.gz *.json.gz *.csv.gz *.gz *.zst);;All files (*)")));
}

} // namespace scrit::app
