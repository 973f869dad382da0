// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QLabel>
#include <QWidget>

class QGridLayout;
class QLineEdit;
class QPlainTextEdit;
class QToolButton;

// Parts of forms and detail panes. UI thread.
namespace scrit::ui::widgets {

// A plain label on one line that elides what does not fit and then has it as tooltip.
class ElidedLabel final : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(QWidget* parent = nullptr);
    void setFullText(const QString& text);
    [[nodiscard]] const QString& fullText() const { return m_full; }
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void elide();
    QString m_full;
};

// Rows of a form in two columns: a label with a mnemonic, and its input with a note below that
// turns into the problem when there is one.
class FormGrid final : public QWidget {
    Q_OBJECT
public:
    explicit FormGrid(QWidget* parent = nullptr);
    // `input` gets the label as accessible name. Returns the row's number.
    int addRow(const QString& label, QWidget* input, const QString& note = {});
    // The same with several widgets side by side; the first one is the label's buddy.
    int addRow(const QString& label, const QVector<QWidget*>& inputs, const QString& note = {});
    // A line of its own between rows.
    void addHeading(const QString& title);
    // A heading that opens and closes the rows added after it, up to endFold(); closed at first. A
    // problem in one of them opens it. Returns the fold's number.
    int addFold(const QString& title);
    void endFold() { m_fold = -1; }
    void setFoldOpen(int fold, bool open);
    [[nodiscard]] QToolButton& foldHead(int fold) const { return *m_folds[fold].head; }
    void setRowVisible(int row, bool visible);
    [[nodiscard]] bool isRowShown(int row) const;
    void setNote(int row, const QString& note);
    // Empty: no problem; the note comes back.
    void setProblem(int row, const QString& problem);
    [[nodiscard]] QString problem(int row) const;

private:
    struct Row {
        QLabel* label = nullptr;
        QWidget* holder = nullptr;
        QVector<QWidget*> inputs;
        QLabel* message = nullptr;
        QString note;
        QString problem;
        bool shown = true;
        int fold = -1;
    };
    struct Fold {
        QToolButton* head = nullptr;
        bool open = false;
    };
    void showMessage(Row& row);
    void updateRow(const Row& row);
    QGridLayout* m_grid;
    QVector<Row> m_rows;
    QVector<Fold> m_folds;
    int m_fold = -1; // that rows are added to
};

// A log that follows its end until the reader scrolls up, with a search line. Text is plain.
class LogView final : public QFrame {
    Q_OBJECT
public:
    explicit LogView(QWidget* parent = nullptr);
    // Shows `lines`; what is new is appended, so that selection and scroll stay.
    void setLines(const QStringList& lines);
    [[nodiscard]] QString text() const;
    // Moves to the next place of what is searched for; how many there are.
    int find(bool backwards = false);
    [[nodiscard]] QLineEdit& searchLine() const { return *m_search; }

private:
    void search();
    void updateFollow();
    QLineEdit* m_search;
    QLabel* m_found;
    QToolButton* m_follow;
    QPlainTextEdit* m_text;
    QStringList m_lines;
};

// The colour of a label by what it says; follows the theme.
enum class Tone { Plain, Muted, Problem };
void setTone(QLabel& label, Tone tone);

// A bordered box with a heading in which a page puts things.
[[nodiscard]] QFrame* panelFrame(QWidget* parent);
[[nodiscard]] QLabel* headingLabel(const QString& text, QWidget* parent, double factor = 1.0);

} // namespace scrit::ui::widgets
