// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/words.h"
#include "ui/render/rich_text.h"

#include <QWidget>

#include <array>
#include <string>
#include <vector>

namespace scrit::ui::widgets {

// A short word on a card: "first error". Filled when the critique says it, outlined when the data's
// source does, so that the two differ in shape, not only in colour.
struct Badge {
    QString text;
    models::Mark mark = models::Mark::None;
    bool outlined = false;
    QString toolTip;
};

// What a card shows.
struct CardContent {
    QString gutter;                         // "3", "+", or empty for a card without a gutter
    QString title;                          // small heading, may be empty
    models::Mark mark = models::Mark::None; // under the gutter
    QString markWord;                       // tooltip and accessible text of the mark
    models::Mark bar = models::Mark::None;  // colour of the bar at the left; None: none
    std::vector<Badge> badges;
    std::string text; // UTF-8 Markdown with mathematics
    std::vector<render::Highlight> highlights;
    bool plain = false;     // show the text as it is, in monospace
    bool aside = false;     // on a sunken ground: the critique compared with
    bool muted = false;     // greyed: it does not belong to the critique proper
    std::vector<int> steps; // solution steps it stands for, 0-based
};

// One step of a solution or of a critique: number and mark in the gutter, typeset text beside it.
// Cards are kept and refilled from record to record. A click selects. UI thread.
class StepCard final : public QWidget {
    Q_OBJECT
public:
    explicit StepCard(render::MathTypesetter* typesetter, QWidget* parent = nullptr);

    void setContent(CardContent content);
    [[nodiscard]] const CardContent& content() const { return m_content; }
    // Selected: the reader chose it. Counterpart: its partner in another column is selected.
    enum class Emphasis { None, Counterpart, Selected };
    void setEmphasis(Emphasis emphasis);
    [[nodiscard]] Emphasis emphasis() const { return m_emphasis; }
    // Marks over the content's own, each layer replaced as a whole; setContent() clears both.
    enum class Layer { Quotes, Finds };
    void setMarks(Layer layer, std::vector<render::Highlight> marks);
    [[nodiscard]] const std::vector<render::Highlight>& marks(Layer layer) const;
    [[nodiscard]] render::RichTextView& view() { return *m_view; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] QSize sizeHint() const override;
    // Fonts or colours changed.
    void restyle();

Q_SIGNALS:
    void clicked();
    void heightChanged();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    [[nodiscard]] int gutterWidth() const;
    [[nodiscard]] bool markStandsBeside() const;
    [[nodiscard]] int headHeight() const;
    [[nodiscard]] QMargins bodyMargins() const;
    void placeView();
    void applyHighlights();
    void paintGutter(QPainter& painter) const;
    void paintHead(QPainter& painter) const;

    CardContent m_content;
    std::array<std::vector<render::Highlight>, 2> m_marks; // by Layer
    Emphasis m_emphasis = Emphasis::None;
    render::RichTextView* m_view;
};

} // namespace scrit::ui::widgets
