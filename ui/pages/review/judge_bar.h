// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/review_values.h"

#include <QFrame>

#include <optional>

class QAction;
class QHBoxLayout;
class QLabel;
class QLineEdit;

namespace scrit::ui::widgets {
class ElidedLabel;
class HistoryStrip;
class StepPad;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// The commands that the bar shows with their keys. Owned by the judging view.
struct JudgeActions {
    QAction* wrongHere = nullptr;
    QAction* yes = nullptr;
    QAction* no = nullptr;
    QAction* unsure = nullptr;
    QAction* skip = nullptr;
    QAction* tag = nullptr;
    QAction* comment = nullptr;
    QAction* answer = nullptr;
    QAction* usable = nullptr;
    QAction* keep = nullptr;
    QAction* undo = nullptr;
};

// Below the texts: the questions with their keys, the last judgements, what is noted about the item
// so far, and one line in which tags, a comment or the right answer are typed. UI thread.
class JudgeBar final : public QFrame {
    Q_OBJECT
public:
    enum class Note { Tag, Comment, Answer };

    JudgeBar(const JudgeActions& actions, QWidget* parent);
    // What the verdict keys answer: "Is the critique right?".
    void setQuestion(const QString& question);
    // What is noted but not stored yet.
    void setDraft(const models::Judgement& draft);
    [[nodiscard]] QString draftText() const;
    void setHistory(const models::ReviewHistory& history);
    // What others have said, side by side, while a disagreement is settled; none: hidden.
    void setSides(const QVector<models::Disagreement::Side>& sides);
    [[nodiscard]] QString sidesText() const;
    void openNote(Note note, const QString& text);
    [[nodiscard]] bool isNoteOpen() const;
    [[nodiscard]] QLineEdit& noteLine() const { return *m_note; }
    [[nodiscard]] widgets::StepPad& pad() const { return *m_pad; }
    [[nodiscard]] widgets::HistoryStrip& history() const { return *m_history; }

Q_SIGNALS:
    void noteKept(scrit::ui::pages::JudgeBar::Note note, const QString& text);
    void noteClosed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildKeys(const JudgeActions& actions);
    void closeNote();

    QWidget* m_sides;
    QHBoxLayout* m_sidesRow;
    QStringList m_sidesLines;
    QWidget* m_noteRow;
    QLabel* m_noteLabel;
    QLineEdit* m_note;
    QWidget* m_keys;
    widgets::StepPad* m_pad;
    widgets::ElidedLabel* m_question;
    widgets::HistoryStrip* m_history;
    widgets::ElidedLabel* m_draft;
    Note m_what = Note::Comment;
};

} // namespace scrit::ui::pages
