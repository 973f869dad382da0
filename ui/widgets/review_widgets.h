// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/review_values.h"

#include <QAbstractButton>
#include <QPointer>
#include <QVector>
#include <QWidget>

class QAction;

// Parts of the Review page. UI thread.
namespace scrit::ui::widgets {

// A command with its key drawn as a key cap before the words, so that the hint is on screen where
// the hand looks for it. Follows the action's words, key, state and tooltip. Never takes the focus.
class KeyButton final : public QAbstractButton {
    Q_OBJECT
public:
    // `mark` is drawn before the words: what pressing it says.
    explicit KeyButton(QAction* action, models::Mark mark = models::Mark::None,
                       QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override; // without the words

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    void follow();
    [[nodiscard]] int wordsAt() const; // where the words begin
    QPointer<QAction> m_action;
    models::Mark m_mark;
    QString m_key;
};

// The steps of the candidate as small numbered squares, "0" for no wrong step before them: a click
// marks the first wrong one. What the critique claims is outlined, what the reviewer has chosen
// before is filled. Many steps scroll with the selected one.
class StepPad final : public QWidget {
    Q_OBJECT
public:
    explicit StepPad(QWidget* parent = nullptr);
    // `claimed`: the first error step that the critique names. All steps are 0-based, -1 = none.
    void setSteps(int count, std::optional<int> claimed);
    void setSelected(int step);              // the step that is being read; -1: none
    void setChosen(std::optional<int> step); // of an earlier judgement
    void setLabels(const QVector<QPair<int, models::StepLabel>>& labels);
    [[nodiscard]] int count() const { return m_count; }
    // The square of a step, for tests and tooltips; empty when it is out of sight.
    [[nodiscard]] QRect square(int step) const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void stepChosen(int step);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int side() const;
    [[nodiscard]] int visibleSteps() const;
    [[nodiscard]] int firstVisible() const;
    [[nodiscard]] int stepAt(const QPoint& point) const; // -2: none
    [[nodiscard]] std::optional<models::StepLabel> label(int step) const;
    int m_count = 0;
    int m_selected = -1;
    int m_hovered = -2;
    std::optional<int> m_claimed;
    std::optional<int> m_chosen;
    QVector<QPair<int, models::StepLabel>> m_labels;
};

// The last judgements, newest first, as chips: what was said and, with ≠, whether the machine had
// said otherwise. A click takes the reviewer back to the item.
class HistoryStrip final : public QWidget {
    Q_OBJECT
public:
    explicit HistoryStrip(QWidget* parent = nullptr);
    void setHistory(const models::ReviewHistory& history);
    [[nodiscard]] const models::ReviewHistory& history() const { return m_history; }
    // "12 disagree, step 2 ≠", a line each, newest first.
    [[nodiscard]] QString text() const;
    // Where the chip of an entry is; empty when it is out of sight.
    [[nodiscard]] QRect chip(int index) const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void entryChosen(qint64 position);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] QString words(const models::HistoryEntry& entry) const;
    [[nodiscard]] int entryAt(const QPoint& point) const;
    models::ReviewHistory m_history;
    int m_hovered = -1;
};

// How far the reviewer is, and how far all reviewers are, on one bar.
class ReviewMeter final : public QWidget {
    Q_OBJECT
public:
    explicit ReviewMeter(QWidget* parent = nullptr);
    void setProgress(const models::ReviewProgress& progress);
    // "37 of 200 by me · 52 by anyone".
    [[nodiscard]] QString text() const;
    [[nodiscard]] QSize sizeHint() const override { return {140, 8}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {60, 8}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    models::ReviewProgress m_progress;
};

} // namespace scrit::ui::widgets
