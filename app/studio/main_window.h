// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/bridge/answer_service.h"
#include "ui/bridge/evolution_service.h"
#include "ui/bridge/export_service.h"
#include "ui/bridge/keychain.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/review_service.h"
#include "ui/bridge/round_service.h"
#include "ui/bridge/run_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/pages/page.h"

#include <QMainWindow>
#include <QMessageBox>
#include <QPointer>
#include <QSettings>
#include <QStringList>

#include <memory>

class QLabel;
class QMimeData;

namespace scrit::ui::pages {
class CloseGuard;
class TracesPage;
class WelcomePage;
} // namespace scrit::ui::pages
namespace scrit::ui::render {
class MathTypesetter;
}
namespace scrit::ui::widgets {
class CommandPalette;
class CommandRegistry;
class ImportPanel;
class VerifyPanel;
class MessageBar;
class ProgressStrip;
class Rail;
class Theme;
} // namespace scrit::ui::widgets

namespace scrit::app {

class PageStack;

// The window: rail, pages, palette, progress and messages, wired together. Everything that happens
// in a place happens in its page; everything about the workspace happens in the service. UI thread.
class MainWindow final : public QMainWindow {
    Q_OBJECT
public:
    // `settings` and `theme` outlive the window. Without a keychain it is the desktop's.
    MainWindow(QSettings& settings, ui::widgets::Theme& theme, QWidget* parent = nullptr,
               std::unique_ptr<ui::bridge::Keychain> keychain = nullptr);
    ~MainWindow() override;

    // What the last session had open, unless `path` names something else. A file that is not a
    // workspace is imported into one made beside it.
    void start(const QString& path);
    // Opens a .scrit; imports anything else into the open workspace, or into a new one beside the
    // first file when none is open.
    void openFiles(const QStringList& paths);
    void showPage(const QString& id);
    // The page that an opened workspace shows instead of the last session's. False when there is
    // none of that id.
    bool setFirstPage(const QString& id);
    [[nodiscard]] QStringList pageIds() const;

    [[nodiscard]] ui::bridge::WorkspaceService& service() { return *m_service; }
    [[nodiscard]] ui::bridge::ModelService& models() { return *m_models; }
    [[nodiscard]] ui::bridge::RunService& runs() { return *m_runs; }
    [[nodiscard]] ui::bridge::ReviewService& review() { return *m_review; }
    [[nodiscard]] ui::bridge::ExportService& exports() { return *m_exports; }
    [[nodiscard]] ui::bridge::RoundService& rounds() { return *m_rounds; }
    [[nodiscard]] ui::bridge::EvolutionService& evolution() { return *m_evolution; }
    [[nodiscard]] ui::pages::CloseGuard& closeGuard() { return *m_guard; }
    [[nodiscard]] ui::widgets::CommandRegistry& commands() { return *m_commands; }
    // The page, made now if nobody has looked at it yet; null: there is none of that id.
    [[nodiscard]] ui::pages::Page* page(const QString& id) const;
    [[nodiscard]] bool isMade(const QString& id) const;
    [[nodiscard]] ui::widgets::MessageBar& message() { return *m_message; }
    [[nodiscard]] ui::widgets::ImportPanel& importPanel() { return *m_importPanel; }
    [[nodiscard]] ui::widgets::VerifyPanel& verifyPanel() { return *m_verifyPanel; }
    [[nodiscard]] ui::widgets::ProgressStrip& progress() { return *m_progress; }
    // Asked while an import or a verification goes on; null: nothing is asked.
    [[nodiscard]] QMessageBox* question() const { return m_question; }

protected:
    void closeEvent(QCloseEvent* event) override;
    // Escape that nobody else wanted stops an import or a verification.
    void keyPressEvent(QKeyEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void addActions();
    void addViewActions();
    void buildFrame();
    void buildHeader(QWidget* header);
    void addPlaces();
    void connectService();
    void connectJobs();
    void workspaceOpened(const ui::models::WorkspaceInfo& info);
    void workspaceClosed();
    void showWelcome();
    [[nodiscard]] QString firstPage() const;
    void fail(const ui::models::Trouble& trouble);
    void acceptOffer();
    void updateActions();
    void updateHints();
    void askToStop();
    void closeWhenDone();
    void showDropHint(const QMimeData& dragged);
    void askCreate();
    void askOpen();
    void openWorkspace(const QString& path, bool readOnly = false);
    void askImport();
    void rememberRecent(const QString& path);
    void saveState();
    [[nodiscard]] QStringList recent() const;

    QSettings& m_settings;
    ui::widgets::Theme& m_theme;
    std::unique_ptr<ui::bridge::WorkspaceService> m_service;
    std::unique_ptr<ui::bridge::ModelService> m_models;
    std::unique_ptr<ui::bridge::RunService> m_runs;
    std::unique_ptr<ui::bridge::ReviewService> m_review;
    std::unique_ptr<ui::bridge::AnswerService> m_answers;
    std::unique_ptr<ui::bridge::ExportService> m_exports;
    std::unique_ptr<ui::bridge::RoundService> m_rounds;
    std::unique_ptr<ui::bridge::EvolutionService> m_evolution;
    ui::pages::CloseGuard* m_guard = nullptr;
    std::unique_ptr<ui::render::MathTypesetter> m_typesetter;
    ui::widgets::CommandRegistry* m_commands;
    std::unique_ptr<ui::pages::PageContext> m_context;
    ui::widgets::Rail* m_rail = nullptr;
    PageStack* m_stack = nullptr;
    ui::pages::WelcomePage* m_welcome = nullptr;
    ui::widgets::CommandPalette* m_palette = nullptr;
    ui::widgets::MessageBar* m_message = nullptr;
    ui::widgets::ProgressStrip* m_progress = nullptr;
    ui::widgets::ImportPanel* m_importPanel = nullptr;
    ui::widgets::VerifyPanel* m_verifyPanel = nullptr;
    QLabel* m_dropHint = nullptr;
    QPointer<QMessageBox> m_question; // before an import is cut off
    QString m_job;                    // what goes on, in words
    bool m_closing = false;           // once it has ended
    QLabel* m_name = nullptr;
    QLabel* m_remark = nullptr;
    QLabel* m_hints = nullptr;
    ui::models::Trouble m_trouble;
    QStringList m_pendingImport; // files that wait for a workspace to be open
    QString m_pageId;
};

} // namespace scrit::app
