// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QAction;
class QHBoxLayout;
class QLabel;
class QLineEdit;

namespace scrit::ui::widgets {

// One line to search what is on screen: the words, which match of how many, next and previous.
// Return and Shift+Return go through the matches, Escape closes. It searches nothing itself. UI
// thread.
class FindBar final : public QFrame {
    Q_OBJECT
public:
    explicit FindBar(QWidget* parent = nullptr);
    // Buttons between the count and the closing one.
    void addButtons(const QList<QAction*>& actions);
    // Shows the bar with its words selected.
    void open();
    [[nodiscard]] QString words() const;
    // "3 of 17"; `incomplete`: there are more than were counted, or text that is not shown.
    void setCount(int current, int count, bool incomplete);
    [[nodiscard]] QString countText() const;

Q_SIGNALS:
    void wordsChanged(const QString& words);
    void matchWanted(int direction); // 1 next, -1 previous
    void closeWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QHBoxLayout* m_row;
    QLineEdit* m_edit;
    QLabel* m_count;
    int m_buttonsAt = 0;
};

} // namespace scrit::ui::widgets
