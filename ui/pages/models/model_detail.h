// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/model_values.h"
#include "ui/models/run_values.h"

#include <QWidget>

class QAction;
class QLabel;

namespace scrit::ui::widgets {
class Chip;
class ElidedLabel;
class FactList;
class FigureRow;
class LogView;
class PageHead;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// The actions that a model has buttons for; owned by the page.
struct ModelActions {
    QAction* check = nullptr; // and stop checking
    QAction* serve = nullptr; // and stop serving
    QAction* edit = nullptr;
    QAction* retire = nullptr; // and bring back
};

// One model: what it is, what a test found, and its server with log. Shows values; asks for
// nothing. UI thread.
class ModelDetail final : public QWidget {
    Q_OBJECT
public:
    ModelDetail(const ModelActions& actions, QWidget* parent);
    void setModel(const models::ModelEntry& model);
    void setServer(const models::ServerStatus& server);
    void setChecking();
    // Empty facts and no message: nothing was tested yet.
    void setCheck(const models::ModelCheck& check);
    // What the run that goes on asks of this model's endpoints.
    void setTraffic(const QVector<models::RunEndpoint>& endpoints);
    [[nodiscard]] qint64 modelId() const { return m_model.form.id; }
    [[nodiscard]] widgets::LogView& log() const { return *m_log; }
    // Everything that is on screen but the log, a line each.
    [[nodiscard]] QString text() const;

private:
    QWidget* buildHead();
    QWidget* buildCheck();
    QWidget* buildServer();
    void showFigures();

    ModelActions m_actions;
    models::ModelEntry m_model;
    models::ServerStatus m_server;
    QVector<models::RunEndpoint> m_traffic;
    widgets::PageHead* m_head = nullptr;
    widgets::FactList* m_facts = nullptr;
    QLabel* m_problem = nullptr;
    QWidget* m_checkPanel = nullptr;
    widgets::Chip* m_checkState = nullptr;
    QLabel* m_checkText = nullptr;
    widgets::FactList* m_checkFacts = nullptr;
    QWidget* m_serverPanel = nullptr;
    widgets::Chip* m_serverState = nullptr;
    QLabel* m_serverText = nullptr;
    QLabel* m_plan = nullptr;
    widgets::FigureRow* m_figures = nullptr;
    widgets::LogView* m_log = nullptr;
};

} // namespace scrit::ui::pages
