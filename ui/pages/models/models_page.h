// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/model_values.h"
#include "ui/pages/models/model_detail.h"
#include "ui/pages/page.h"

#include <QHash>
#include <QPointer>

class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace scrit::ui::models {
class ModelListModel;
}
namespace scrit::ui::widgets {
class EmptyState;
class MessageBar;
class MeterBar;
class PlainTable;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class ModelDialog;

// Models: the list, one of them in detail, and what the graphics cards have left. UI thread.
class ModelsPage final : public Page {
    Q_OBJECT
public:
    explicit ModelsPage(PageContext& context, QWidget* parent);
    void workspaceOpened() override;
    void workspaceClosed() override;
    void activated() override;
    void saveState() override;
    void showItem(const QString& item) override;
    [[nodiscard]] QVector<KeyHint> keyHints() const override;

    void select(qint64 modelId);
    [[nodiscard]] ModelDetail& detail() const { return *m_detail; }
    [[nodiscard]] widgets::PlainTable& list() const { return *m_list; }
    [[nodiscard]] widgets::MessageBar& message() const { return *m_message; }
    [[nodiscard]] ModelDialog* dialog() const; // null: none is open
    [[nodiscard]] QString gpuText() const;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QAction* addAction(const char* id, const QString& text, const char* key, const char* icon,
                       void (ModelsPage::*run)());
    void addActions();
    QWidget* buildLeft();
    void connectService();
    void modelsChanged();
    void showCurrent();
    void updateActions();
    void showGpus(const models::Gpus& gpus);
    void addModel();
    void editModel();
    void openDialog(const models::ModelForm& form);
    void checkModel();
    void serveModel();
    void retireModel();
    void showTraffic();
    [[nodiscard]] const models::ModelEntry* current() const;

    models::ModelListModel* m_model;
    QSplitter* m_splitter;
    widgets::PlainTable* m_list;
    QStackedWidget* m_stack;
    widgets::EmptyState* m_empty;
    widgets::MessageBar* m_message;
    ModelActions m_actions;
    ModelDetail* m_detail = nullptr;
    QAction* m_add = nullptr;
    QWidget* m_gpuPanel = nullptr;
    QVBoxLayout* m_gpuColumn = nullptr;
    QLabel* m_gpuNote = nullptr;
    QVector<widgets::MeterBar*> m_gpuBars;
    QHash<qint64, models::ModelCheck> m_checks; // the last of each model
    QPointer<QWidget> m_dialog;
    qint64 m_wanted = 0;  // to select once the list knows it
    qint64 m_retired = 0; // what the message's Undo brings back
};

} // namespace scrit::ui::pages
