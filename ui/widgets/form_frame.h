// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/workspace_facts.h"

#include <QFrame>
#include <QString>
#include <QWidget>

class QAction;
class QBoxLayout;
class QLabel;
class QPushButton;
class QVBoxLayout;

// What forms and detail panes have around their own parts. UI thread.
namespace scrit::ui::widgets {

class Chip;
class ElidedLabel;
class FormGrid;

// A button that follows its action's text, tooltip, state and visibility.
[[nodiscard]] QPushButton* commandButton(QAction* action, QWidget* parent, bool primary = false);
// The column inside a panelFrame().
[[nodiscard]] QVBoxLayout* panelColumn(QFrame* panel);
// Fills `owner` with a column that scrolls up and down.
[[nodiscard]] QVBoxLayout* scrollColumn(QWidget* owner);

// The head of a detail pane: what it is about, its state in a few letters, and what can be done
// with it; the pane puts more below.
class PageHead final : public QWidget {
    Q_OBJECT
public:
    explicit PageHead(QWidget* parent);
    void setTitle(const QString& title);
    [[nodiscard]] QString text() const; // title and state
    [[nodiscard]] Chip& state() const { return *m_state; }
    void addButton(QAction* action, bool primary = false);
    void addBelow(QWidget* widget);

private:
    ElidedLabel* m_title;
    Chip* m_state;
    QBoxLayout* m_line;
    QVBoxLayout* m_column;
};

// The frame of a form: its rows, beside them (below them where it is narrow) what it would do, and
// at the bottom, always in sight, what keeps it from starting and the buttons. Escape cancels.
class FormFrame final : public QWidget {
    Q_OBJECT
public:
    // `go` is what the form is for; its button follows it.
    FormFrame(const QString& title, const QString& previewTitle, QAction* go, QWidget* parent);
    // How the width is shared between rows and preview.
    void setShares(int fields, int preview);
    void setTitle(const QString& title);
    void setIntro(const QString& words); // below the title; empty: none
    [[nodiscard]] FormGrid& grid() const { return *m_grid; }
    // Where the preview's own parts go, below its heading.
    [[nodiscard]] QVBoxLayout& preview() const { return *m_preview; }
    // Below the preview's panel.
    void addBesidePreview(QWidget* widget);
    void setPreviewState(const QString& words); // "counting…"
    // Why it cannot start, beside the buttons; empty: nothing keeps it.
    void setProblem(const QString& problem);
    void setCancellable(bool cancellable);
    // What went wrong when it was to start.
    void showTrouble(const models::Trouble& trouble);
    void hideTrouble();

Q_SIGNALS:
    void cancelled();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void explain();
    QWidget* buildFields(const QString& title);
    QWidget* buildSide(const QString& title);
    QWidget* buildFooter();

    QAction* m_go;
    QBoxLayout* m_columns;
    QLabel* m_title = nullptr;
    QLabel* m_intro = nullptr;
    FormGrid* m_grid = nullptr;
    QVBoxLayout* m_side = nullptr;
    QVBoxLayout* m_preview = nullptr;
    QLabel* m_previewState = nullptr;
    QLabel* m_trouble = nullptr;
    ElidedLabel* m_why = nullptr;
    QPushButton* m_cancel = nullptr;
    QPushButton* m_goButton = nullptr;
    bool m_asked = false; // its key was pressed while it could not start
};

// "message: advice", for one line.
[[nodiscard]] QString troubleText(const QString& message, const QString& advice);
[[nodiscard]] QString troubleText(const models::Trouble& trouble);

} // namespace scrit::ui::widgets
