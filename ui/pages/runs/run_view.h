// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/run_values.h"

#include <QWidget>

class QBoxLayout;
class QAction;
class QLabel;
class QProgressBar;

namespace scrit::ui::models {
class RunEndpointModel;
class RunErrorModel;
} // namespace scrit::ui::models
namespace scrit::ui::widgets {
class Chip;
class ElidedLabel;
class FigureRow;
class PageHead;
class PlainTable;
class Sparkline;
class StagePipeline;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// The actions that a run view has buttons for; owned by the page.
struct RunActions {
    QAction* pause = nullptr;  // and go on
    QAction* stop = nullptr;   // once: wait for what is in flight; twice: drop it
    QAction* resume = nullptr; // a stored run
    QAction* caps = nullptr;   // change them and resume
    QAction* retry = nullptr;  // what the selected row of the errors holds
    QAction* traces = nullptr;
    QAction* items = nullptr; // what the errors' selected row is about
};

// One run: where it stands while it goes on, what came of it afterwards. Shows values; asks for
// nothing. UI thread.
class RunView final : public QWidget {
    Q_OBJECT
public:
    RunView(const RunActions& actions, QWidget* parent);

    // A stored run; `active`: a status will follow.
    void setRun(const models::RunSummary& run, bool active);
    void setStatus(const models::RunStatus& status, const models::RateHistory& rates);
    void setErrors(const models::RunErrors& errors);
    [[nodiscard]] qint64 runId() const { return m_run.id; }
    // The row of the errors that is selected; null: none.
    [[nodiscard]] const models::RunError* chosenError() const;
    // Everything that is on screen, a line each.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void errorChosen();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildHead();
    QWidget* buildStages();
    QWidget* buildServers();
    QWidget* buildErrors();
    void showHead(model::RunState state, bool stopping, const QString& message);
    void showProgress(const models::RunStages& stages, double secondsLeft, bool live);
    void showStored();

    RunActions m_actions;
    models::RunSummary m_run;
    bool m_active = false;

    widgets::PageHead* m_head = nullptr;
    widgets::ElidedLabel* m_settings = nullptr;
    QLabel* m_message = nullptr;
    QProgressBar* m_bar = nullptr;
    QLabel* m_progress = nullptr;
    QBoxLayout* m_columns = nullptr;
    widgets::StagePipeline* m_stages = nullptr;
    widgets::FigureRow* m_figures = nullptr;
    QWidget* m_servers = nullptr;
    widgets::Sparkline* m_spark = nullptr;
    widgets::PlainTable* m_endpoints = nullptr;
    models::RunEndpointModel* m_endpointModel = nullptr;
    QWidget* m_errorPanel = nullptr;
    QLabel* m_errorTitle = nullptr;
    widgets::PlainTable* m_errors = nullptr;
    models::RunErrorModel* m_errorModel = nullptr;
    QLabel* m_errorText = nullptr;
};

} // namespace scrit::ui::pages
