// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "ui/render/math_typesetter.h"

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <QUrl>
#include <QWidget>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

class QPainter;
class QTextCursor;
class QTextDocument;

namespace scrit::ui::render {

// Fonts and colours of rendered text. fromPalette() suits light and dark palettes alike.
struct RichTextStyle {
    QFont text;
    QFont mono;
    QColor foreground;
    QColor muted; // source of a formula not yet typeset, URL of a link, notices
    QColor error; // underline of a formula that failed
    QColor link;
    QColor codeBackground;
    QColor rule; // table lines, quotation bars
    QColor selection;
    QColor selectedText;
    qreal lineHeight = 1.3; // of prose, as a multiple of the font's own

    [[nodiscard]] static RichTextStyle fromPalette(const QPalette& palette, const QFont& text);
    friend bool operator==(const RichTextStyle&, const RichTextStyle&) = default;
};

// A marked passage, given as UTF-8 bytes of the source text. Mark-up characters have no place of
// their own on screen; a formula is marked as a whole when the passage touches it.
struct Highlight {
    base::Span source;
    QColor background; // invalid: none
    QColor underline;  // invalid: none
    QString toolTip;
};

// Markdown with mathematics, laid out for a width. Owns a QTextDocument; the typesetter must
// outlive it. Untrusted text: no HTML, nothing is ever loaded, images become their alternative
// text, only http(s) links stay links. Single line breaks are kept (models write a step a line).
// Formulas show as their TeX source until typeset. Longer texts are laid out a piece at a time: the
// first 12 KB or so at once, the rest on later turns of the event loop, each followed by
// reflowed(). UI thread only. Cheap: some tens of microseconds for an empty one.
class RichTextDocument : public QObject {
    Q_OBJECT
public:
    // Longer text is shown up to this many bytes until showAll(); the absolute bound is
    // kMaxShownBytes.
    static constexpr std::size_t kFirstShownBytes = std::size_t{64} * 1024;
    static constexpr std::size_t kMaxShownBytes = std::size_t{1024} * 1024;

    // `typesetter` may be null: formulas then stay source.
    explicit RichTextDocument(MathTypesetter* typesetter, QObject* parent = nullptr);
    ~RichTextDocument() override;

    void setStyle(const RichTextStyle& style);
    [[nodiscard]] const RichTextStyle& style() const;
    // Replaces the text; any bytes (invalid UTF-8 becomes visible). Highlights are cleared.
    void setMarkdown(std::string_view utf8, MathPriority priority = MathPriority::Visible);
    // The text as it is, in monospace: raw prompts and responses.
    void setPlainText(std::string_view utf8);
    [[nodiscard]] const std::string& source() const;
    // What a reader sees, formulas as their TeX source; for accessibility and search.
    [[nodiscard]] QString plainText() const;

    void setHighlights(std::vector<Highlight> highlights);
    [[nodiscard]] const std::vector<Highlight>& highlights() const;

    void setTextWidth(qreal width);
    [[nodiscard]] qreal textWidth() const;
    [[nodiscard]] qreal height() const;
    // Width of the text laid out without wrapping.
    [[nodiscard]] qreal idealWidth() const;
    // Paints what intersects `clip`; `selection` may be null.
    void paint(QPainter& painter, const QRectF& clip, const QTextCursor* selection = nullptr) const;

    // True while formulas are still being typeset.
    [[nodiscard]] bool isPending() const;
    // True when less than the whole text is to be shown.
    [[nodiscard]] bool isTruncated() const;
    // True while pieces of what is to be shown are still to be laid out.
    [[nodiscard]] bool isFilling() const;
    // Shows up to kMaxShownBytes.
    void showAll();
    // Passages of the source where `words` are seen, in order and without overlap, letter case and
    // kind of white space aside; a formula counts once when its TeX holds them. At most `most`, of
    // what is laid out so far.
    [[nodiscard]] std::vector<base::Span> find(const QString& words, std::size_t most) const;

    // Where a passage of the source is on screen; empty when it shows nothing.
    [[nodiscard]] QRectF rectOf(base::Span source) const;
    // The source passage of document positions [begin, end), mark-up inside it included.
    [[nodiscard]] base::Span sourceSpan(int begin, int end) const;
    // Source text of a selection: what Ctrl+C puts on the clipboard, formulas with their
    // delimiters.
    [[nodiscard]] QString selectedSource(const QTextCursor& selection) const;
    // Document position nearest to a point.
    [[nodiscard]] int positionAt(const QPointF& point) const;
    // Tooltip of the formula, highlight or link at a point, else empty.
    [[nodiscard]] QString toolTipAt(const QPointF& point) const;
    // Only http and https; else an empty URL.
    [[nodiscard]] QUrl linkAt(const QPointF& point) const;
    [[nodiscard]] QTextDocument* textDocument() const;

Q_SIGNALS:
    // Formulas arrived and the layout is about to change / has changed (the height may differ).
    void aboutToReflow();
    void reflowed();

private:
    class Private;
    std::unique_ptr<Private> d;
};

// Shows one RichTextDocument at the widget's width (height for width, no scroll bars of its own;
// put it into a QScrollArea, alone or many in a layout). Mouse and keyboard selection, Ctrl+C
// copies the source with TeX, tooltips. When formulas arrive inside a QScrollArea the passage being
// read stays where it is. Links are never opened here: linkActivated() asks the page, which must
// confirm with the URL shown.
class RichTextView : public QWidget {
    Q_OBJECT
public:
    explicit RichTextView(MathTypesetter* typesetter, QWidget* parent = nullptr);
    ~RichTextView() override;

    void setMarkdown(std::string_view utf8, MathPriority priority = MathPriority::Visible);
    void setPlainText(std::string_view utf8);
    void setHighlights(std::vector<Highlight> highlights);
    // By default the style follows the widget's palette and font; a given one is kept as it is.
    void setStyle(const RichTextStyle& style);
    // Space around the text, 0 by default.
    void setMargin(int pixels);
    // Scrolls the enclosing QScrollArea so that the passage is seen.
    void revealSource(base::Span source);
    [[nodiscard]] bool hasSelection() const;
    [[nodiscard]] QString selectedSource() const;
    void selectAll();
    void copy() const;

    [[nodiscard]] RichTextDocument& document();
    [[nodiscard]] const RichTextDocument& document() const;

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void linkActivated(const QUrl& url);
    void selectionChanged();
    // A click that selected nothing, at this byte of the source (the end when behind the text).
    void clicked(std::size_t sourceOffset);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace scrit::ui::render
