// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/step_card.h"

#include <QFrame>
#include <QScrollArea>
#include <QTimer>

#include <deque>
#include <vector>

class QLabel;
class QToolButton;

namespace scrit::ui::widgets {

// Cards below one another at the column's width. Cards are pooled: showing another record refills
// them. Those in sight are filled at once, the others after what is in sight has been painted, a
// few milliseconds at a time; asking for one of them fills the rest at once. UI thread.
class CardStack final : public QWidget {
    Q_OBJECT
public:
    explicit CardStack(render::MathTypesetter* typesetter, QWidget* parent = nullptr);
    void setCards(std::vector<CardContent> contents);
    [[nodiscard]] int count() const { return static_cast<int>(m_filled + m_rest.size()); }
    // Null when there is no such card.
    [[nodiscard]] StepCard* card(int index);
    [[nodiscard]] const CardContent& content(int index) const;
    // Index of the first card that stands for a solution step, -1 when none does.
    [[nodiscard]] int cardOfStep(int step) const;
    // True while cards out of sight wait to be filled.
    [[nodiscard]] bool isFilling() const { return !m_rest.empty(); }
    void restyle();
    void relayout();

Q_SIGNALS:
    void cardClicked(int index);

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fillNext();
    void fillUntil(int bottom);
    void fillForAWhile();
    void applyHeight();
    [[nodiscard]] StepCard* addCard();

    render::MathTypesetter* m_typesetter;
    std::vector<StepCard*> m_cards; // those from m_filled on are hidden spares
    std::size_t m_filled = 0;
    std::deque<CardContent> m_rest; // of the cards from m_filled on
    int m_bottom = 0;               // of the last card that is filled
    QTimer m_later;
    bool m_stale = false;
};

// Home and End, with Ctrl or without, go to the ends of what scrolls; false for another key.
[[nodiscard]] bool scrollByKey(QScrollArea& scroll, const QKeyEvent& event);

// One column of the reading screen: a heading with copy and collapse, and a stack of cards that
// scrolls. Collapsed it is a narrow bar with its title written upwards. UI thread.
class ReadingColumn final : public QFrame {
    Q_OBJECT
public:
    static constexpr int kCollapsedWidth = 28;

    ReadingColumn(const QString& title, render::MathTypesetter* typesetter,
                  QWidget* parent = nullptr);

    void setSubtitle(const QString& text);
    void setCards(std::vector<CardContent> contents);
    // What the copy button takes; the texts of the cards when empty.
    void setCopyText(const std::string& text);
    [[nodiscard]] std::string copyText() const;
    void copyToClipboard();

    [[nodiscard]] CardStack& stack() const { return *m_stack; }
    [[nodiscard]] QScrollArea& scroll() const { return *m_scroll; }
    [[nodiscard]] QString title() const { return m_title; }

    // Scrolls a card into view; with `y` ≥ 0 so that its top stands `y` pixels below the top edge.
    void reveal(int index, int y = -1);
    // Top of a card below the top edge of what is visible, in pixels.
    [[nodiscard]] int visibleTop(int index) const;
    void scrollPage(int direction);
    // Leaves the heading out, where the column stands under one already.
    void hideHeading();
    // Places an extra button into the heading.
    void addHeadingWidget(QWidget* widget);

    // Stacked above another column: collapsed, it keeps its heading and gives up its height
    // instead.
    void setStacked(bool stacked);
    void setCollapsed(bool collapsed);
    [[nodiscard]] bool isCollapsed() const { return m_collapsed; }
    void restyle();

Q_SIGNALS:
    void cardClicked(int index);
    void collapsedChanged(bool collapsed);
    void copied();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void elideSubtitle();
    QString m_title;
    QWidget* m_heading;
    QLabel* m_titleLabel;
    QLabel* m_subtitle;
    QString m_subtitleText; // all of it
    QToolButton* m_copy;
    QToolButton* m_collapse;
    QScrollArea* m_scroll;
    CardStack* m_stack;
    std::string m_copyText;
    void applyCollapse();
    bool m_collapsed = false;
    bool m_stacked = false;
};

} // namespace scrit::ui::widgets
