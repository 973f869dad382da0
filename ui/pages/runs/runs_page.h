// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"
#include "ui/pages/page.h"
#include "ui/pages/runs/run_view.h"

class QSplitter;
class QStackedWidget;

namespace scrit::ui::models {
class RunListModel;
}
namespace scrit::ui::widgets {
class EmptyState;
class MessageBar;
class PlainTable;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class RunFormView;

// Runs: the list of them, the form of a new one, and one run as it goes on or as it ended. Nothing
// here waits: the service answers by signals. UI thread.
class RunsPage final : public Page {
    Q_OBJECT
public:
    explicit RunsPage(PageContext& context, QWidget* parent);
    void workspaceOpened() override;
    void activated() override;
    void saveState() override;
    void showItem(const QString& item) override;
    [[nodiscard]] QVector<KeyHint> keyHints() const override;

    // What is on the right.
    enum Shown { Empty, Form, Run };
    [[nodiscard]] Shown shown() const;
    [[nodiscard]] RunFormView& form() const { return *m_form; }
    [[nodiscard]] RunView& view() const { return *m_view; }
    [[nodiscard]] widgets::PlainTable& list() const { return *m_list; }
    [[nodiscard]] widgets::MessageBar& banner() const { return *m_banner; }
    void showForm();
    void showRun(qint64 runId);

private:
    QAction* addAction(const char* id, const QString& text, const char* key, const char* icon,
                       void (RunsPage::*run)());
    void addActions();
    void connectService();
    void runsChanged();
    void statusChanged(const models::RunStatus& status);
    void updateActions();
    void updateEmpty();
    void offerResume();
    void startRun();
    void leaveForm();
    void pauseOrGoOn();
    void stopRun();
    void resumeRun();
    void changeCaps();
    void retryChosen();
    void showTraces();
    void showItems();
    [[nodiscard]] QString bannerKey() const;

    models::RunListModel* m_model;
    QSplitter* m_splitter;
    widgets::PlainTable* m_list;
    QStackedWidget* m_stack;
    widgets::EmptyState* m_empty;
    widgets::MessageBar* m_banner;
    widgets::MessageBar* m_trouble;
    RunFormView* m_form = nullptr;
    RunView* m_view = nullptr;
    RunActions m_actions;
    QAction* m_new = nullptr;
    QAction* m_start = nullptr;
    QAction* m_openModels = nullptr;
    qint64 m_offered = 0; // run that the banner is about
    qint64 m_wanted = 0;  // run to show once the list knows it
};

} // namespace scrit::ui::pages
