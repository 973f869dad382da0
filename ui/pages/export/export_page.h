// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/export_values.h"
#include "ui/models/workspace_facts.h"
#include "ui/pages/page.h"

#include <QTimer>

class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace scrit::ui::widgets {
class MessageBar;
class PlainTable;
class ProgressStrip;
class Segmented;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class ExportFormView;
class ExportPreviewView;

// Export: what goes in, what becomes of it step by step, how a row will look, and writing it. The
// counts follow each change a moment later and never on the UI thread. UI thread.
class ExportPage final : public Page {
    Q_OBJECT
public:
    explicit ExportPage(PageContext& context, QWidget* parent);
    void workspaceOpened() override;
    void activated() override;
    void saveState() override;
    void showItem(const QString& item) override;
    [[nodiscard]] QVector<KeyHint> keyHints() const override;

    [[nodiscard]] ExportFormView& form() const { return *m_form; }
    [[nodiscard]] ExportPreviewView& preview() const { return *m_preview; }
    [[nodiscard]] widgets::PlainTable& past() const { return *m_past; }
    [[nodiscard]] widgets::MessageBar& message() const { return *m_message; }
    [[nodiscard]] QLineEdit& folder() const { return *m_folder; }
    void showPast(bool past);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildCompose();
    QWidget* buildWriteBar();
    QWidget* buildPast();
    void addActions();
    void connectService();
    void changed();
    void askPreview();
    void chooseFolder();
    void write();
    void openFolder();
    void revealPast();
    void showWritten(const models::ExportResult& result);
    void pastChanged();
    void pastChosen(int row);
    void selectWanted();
    void updateActions();
    [[nodiscard]] QString suggestedFolder() const;
    [[nodiscard]] QString workspaceGroup() const;

    QStackedWidget* m_stack;
    widgets::Segmented* m_tabs = nullptr;
    ExportFormView* m_form = nullptr;
    ExportPreviewView* m_preview = nullptr;
    widgets::MessageBar* m_message;
    QLineEdit* m_folder = nullptr;
    QPushButton* m_writeButton = nullptr;
    widgets::ProgressStrip* m_progress = nullptr;
    widgets::PlainTable* m_past = nullptr;
    models::PastExportModel* m_pastModel;
    QLabel* m_pastText = nullptr;
    QAction* m_write = nullptr;
    QAction* m_reveal = nullptr;
    QTimer m_pause;      // after the last change
    QString m_suggested; // what the folder line was filled with; typed over: left alone
    QString m_written;   // folder of the newest result
    quint64 m_token = 0;
    qint64 m_wantedPast = 0; // to select once the list knows it
    bool m_stale = true;     // the counts are older than the form
    bool m_fresh = true;     // nothing was chosen in this workspace yet
    bool m_nothing = false;  // the whole funnel was counted, and no row is left
};

} // namespace scrit::ui::pages
