// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/words.h"
#include "ui/render/math_line.h"

#include <QAbstractButton>
#include <QFrame>
#include <QLabel>
#include <QWidget>

#include <string>

class QAction;
class QHBoxLayout;
class QPushButton;
class QToolButton;

// Small parts that several screens share. UI thread.
namespace scrit::ui::widgets {

// A label that never interprets mark-up, for text that may come from a file.
[[nodiscard]] QLabel* plainLabel(const QString& text = {}, QWidget* parent = nullptr);
// The same in the muted colour and small font.
[[nodiscard]] QLabel* mutedLabel(const QString& text = {}, QWidget* parent = nullptr);
// A flat icon button that triggers an action and shows its tooltip with the key.
[[nodiscard]] QToolButton* actionButton(QAction* action, QWidget* parent = nullptr);

// A verdict in a few letters: mark and words on a tint. A click, if anyone listens, explains more.
class Chip final : public QWidget {
    Q_OBJECT
public:
    explicit Chip(QWidget* parent = nullptr);
    // `lead` is drawn muted before the words: "answer".
    void setContent(models::Mark mark, const QString& lead, const QString& words,
                    const QString& toolTip);
    // An answer behind the lead, typeset where it is TeX and short; the tooltip gets its text.
    void setAnswer(const std::string& answer, render::MathTypesetter* typesetter);
    [[nodiscard]] QString text() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] bool showsFormula() const;

    models::Mark m_mark = models::Mark::None;
    QString m_lead;
    QString m_answer;
    QString m_words;
    render::MathLine* m_formula = nullptr;
};

// Two or more choices of which one holds; arrow keys move between them.
class Segmented final : public QWidget {
    Q_OBJECT
public:
    explicit Segmented(const QStringList& texts, QWidget* parent = nullptr);
    void setCurrent(int index);              // without a signal
    void setTexts(const QStringList& texts); // as many as before
    [[nodiscard]] int current() const { return m_current; }
    [[nodiscard]] int count() const { return static_cast<int>(m_texts.size()); }
    // A second choice beside the current one, drawn with a dashed frame; -1: none.
    void setSecond(int index);
    [[nodiscard]] int second() const { return m_second; }
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void chosen(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    [[nodiscard]] QRect segment(int index) const;
    QStringList m_texts;
    int m_current = 0;
    int m_second = -1;
};

// A message inside the window: what happened, what to do, and at most one button that does it.
class MessageBar final : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Info, Problem };
    explicit MessageBar(QWidget* parent = nullptr);
    void showMessage(Kind kind, const QString& message, const QString& advice,
                     const QString& button = {});
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void buttonPressed();
    void dismissed(); // by the user

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Kind m_kind = Kind::Info;
    QLabel* m_icon;
    QLabel* m_message;
    QLabel* m_advice;
    QPushButton* m_button;
};

// What stands where nothing is: one sentence, what to do next, and buttons for it.
class EmptyState final : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(QWidget* parent = nullptr);
    void setContent(const QString& title, const QString& advice, const QList<QAction*>& actions);

private:
    QLabel* m_title;
    QLabel* m_advice;
    QHBoxLayout* m_buttons;
};

} // namespace scrit::ui::widgets
