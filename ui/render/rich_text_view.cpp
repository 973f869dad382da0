// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/rich_text.h"
#include "ui/render/scroll_keeper.h"

#include <QAbstractTextDocumentLayout>
#include <QAccessible>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QScrollArea>
#include <QTextCursor>
#include <QTextDocument>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace scrit::ui::render {

class RichTextView::Private {
public:
    Private(RichTextView* owner, MathTypesetter* typesetter) : q(owner), document(typesetter) {}

    void changed();
    void followStyle();
    void select(int anchor, int position);
    [[nodiscard]] QPointF toDocument(const QPointF& point) const {
        return point - QPointF(margin, margin);
    }
    [[nodiscard]] QString internalLinkAt(const QPointF& point) const {
        return document.textDocument()->documentLayout()->anchorAt(point);
    }

    RichTextView* q;
    RichTextDocument document;
    QTextCursor cursor;
    int margin = 0;
    bool ownStyle = false;
    bool pressed = false;
    QPoint pressedAt;
};

// After the text, its style or its formulas changed.
void RichTextView::Private::changed() {
    if (q->width() > 2 * margin) {
        document.setTextWidth(q->width() - 2 * margin);
    }
    q->updateGeometry();
    q->update();
    if (QAccessible::isActive()) {
        q->setAccessibleDescription(document.plainText().left(4000));
    }
}

void RichTextView::Private::followStyle() {
    if (!ownStyle) {
        document.setStyle(RichTextStyle::fromPalette(q->palette(), q->font()));
    }
}

void RichTextView::Private::select(int anchor, int position) {
    const bool had = cursor.hasSelection();
    cursor.setPosition(anchor);
    cursor.setPosition(position, QTextCursor::KeepAnchor);
    q->update();
    if (had || cursor.hasSelection()) {
        Q_EMIT q->selectionChanged();
    }
}

RichTextView::RichTextView(MathTypesetter* typesetter, QWidget* parent)
    : QWidget(parent), d(std::make_unique<Private>(this, typesetter)) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setFocusPolicy(Qt::ClickFocus);
    setMouseTracking(true);
    setCursor(Qt::IBeamCursor);
    d->followStyle();
    d->cursor = QTextCursor(d->document.textDocument());
    connect(&d->document, &RichTextDocument::aboutToReflow, this, [this] {
        if (ScrollKeeper* keeper = ScrollKeeper::around(this)) {
            keeper->hold();
        }
    });
    connect(&d->document, &RichTextDocument::reflowed, this, [this] { d->changed(); });
}

RichTextView::~RichTextView() = default;

void RichTextView::setMarkdown(std::string_view utf8, MathPriority priority) {
    d->document.setMarkdown(utf8, priority);
    d->cursor = QTextCursor(d->document.textDocument());
    d->changed();
}

void RichTextView::setPlainText(std::string_view utf8) {
    d->document.setPlainText(utf8);
    d->cursor = QTextCursor(d->document.textDocument());
    d->changed();
}

void RichTextView::setHighlights(std::vector<Highlight> highlights) {
    d->document.setHighlights(std::move(highlights));
    update();
}

void RichTextView::setStyle(const RichTextStyle& style) {
    d->ownStyle = true;
    d->document.setStyle(style);
    d->changed();
}

void RichTextView::setMargin(int pixels) {
    d->margin = pixels;
    d->changed();
}

void RichTextView::revealSource(base::Span source) {
    const QRectF rect = d->document.rectOf(source).translated(d->margin, d->margin);
    if (rect.isEmpty()) {
        return;
    }
    for (QWidget* widget = parentWidget(); widget; widget = widget->parentWidget()) {
        auto* area = qobject_cast<QScrollArea*>(widget);
        if (!area || !area->widget()) {
            continue;
        }
        const QPoint top = mapTo(area->widget(), rect.topLeft().toPoint());
        // The end first and then the beginning: of a long passage the beginning is what is seen.
        area->ensureVisible(top.x(), top.y() + static_cast<int>(rect.height()), 0, 24);
        area->ensureVisible(top.x(), top.y(), 0, 24);
        return;
    }
}

bool RichTextView::hasSelection() const {
    return d->cursor.hasSelection();
}

QString RichTextView::selectedSource() const {
    return d->document.selectedSource(d->cursor);
}

void RichTextView::selectAll() {
    d->select(0, std::max(0, d->document.textDocument()->characterCount() - 1));
}

void RichTextView::copy() const {
    if (hasSelection()) {
        QGuiApplication::clipboard()->setText(selectedSource());
    }
}

RichTextDocument& RichTextView::document() {
    return d->document;
}

const RichTextDocument& RichTextView::document() const {
    return d->document;
}

int RichTextView::heightForWidth(int width) const {
    // Layouts ask for several widths while they settle; the width shown last is put back by
    // resizing.
    d->document.setTextWidth(std::max(40, width - 2 * d->margin));
    return static_cast<int>(std::ceil(d->document.height())) + 2 * d->margin;
}

QSize RichTextView::sizeHint() const {
    const int width = this->width() > 2 * d->margin + 40 ? this->width() : 320;
    return {width, heightForWidth(width)};
}

QSize RichTextView::minimumSizeHint() const {
    return {80 + 2 * d->margin, d->document.style().text.pixelSize() + 2 * d->margin};
}

bool RichTextView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString tip = d->document.toolTipAt(d->toDocument(help->pos()));
        if (tip.isEmpty()) {
            QToolTip::hideText();
            event->ignore();
        } else {
            // Untrusted text: never taken for HTML, and wrapped.
            QToolTip::showText(help->globalPos(),
                               QStringLiteral("<p style='white-space:pre-wrap'>") +
                                   tip.toHtmlEscaped() + QStringLiteral("</p>"),
                               this);
        }
        return true;
    }
    return QWidget::event(event);
}

void RichTextView::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.translate(d->margin, d->margin);
    d->document.setTextWidth(std::max(40, width() - 2 * d->margin));
    d->document.paint(painter, QRectF(event->rect()).translated(-d->margin, -d->margin),
                      &d->cursor);
}

void RichTextView::resizeEvent(QResizeEvent* event) {
    d->document.setTextWidth(std::max(40, width() - 2 * d->margin));
    QWidget::resizeEvent(event);
}

void RichTextView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
        event->type() == QEvent::StyleChange) {
        d->followStyle();
        d->cursor = QTextCursor(d->document.textDocument());
        d->changed();
    }
    QWidget::changeEvent(event);
}

void RichTextView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        event->ignore();
        return;
    }
    d->pressed = true;
    d->pressedAt = event->pos();
    const int position = d->document.positionAt(d->toDocument(event->position()));
    const bool extend = event->modifiers().testFlag(Qt::ShiftModifier);
    d->select(extend ? d->cursor.anchor() : position, position);
}

void RichTextView::mouseMoveEvent(QMouseEvent* event) {
    const QPointF point = d->toDocument(event->position());
    if (d->pressed) {
        d->select(d->cursor.anchor(), d->document.positionAt(point));
        return;
    }
    setCursor(d->internalLinkAt(point).isEmpty() ? Qt::IBeamCursor : Qt::PointingHandCursor);
}

void RichTextView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !d->pressed) {
        return;
    }
    d->pressed = false;
    if (d->cursor.hasSelection()) {
        return;
    }
    const QPointF point = d->toDocument(event->position());
    if (d->internalLinkAt(point) == QLatin1String("scrit:show-all")) {
        d->document.showAll();
        d->cursor = QTextCursor(d->document.textDocument());
        return;
    }
    const QUrl url = d->document.linkAt(point);
    if (url.isValid() && !url.isEmpty()) {
        Q_EMIT linkActivated(url);
        return;
    }
    const int position = d->document.positionAt(point);
    Q_EMIT clicked(d->document.sourceSpan(position, position).begin);
}

void RichTextView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) {
        return;
    }
    QTextCursor word = d->cursor;
    word.setPosition(d->document.positionAt(d->toDocument(event->position())));
    word.select(QTextCursor::WordUnderCursor);
    d->select(word.anchor(), word.position());
}

void RichTextView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy) && hasSelection()) {
        copy();
    } else if (event->matches(QKeySequence::SelectAll)) {
        selectAll();
    } else {
        QWidget::keyPressEvent(event);
    }
}

void RichTextView::focusOutEvent(QFocusEvent* event) {
    // A context menu keeps the selection it is about.
    if (event->reason() != Qt::PopupFocusReason && event->reason() != Qt::ActiveWindowFocusReason) {
        d->select(d->cursor.position(), d->cursor.position());
    }
    QWidget::focusOutEvent(event);
}

void RichTextView::contextMenuEvent(QContextMenuEvent* event) {
    QMenu menu(this);
    QAction* copyAction = menu.addAction(tr("&Copy"), this, [this] { copy(); });
    copyAction->setEnabled(hasSelection());
    menu.addAction(tr("Copy &whole text"), this, [this] {
        const std::string& text = d->document.source();
        QGuiApplication::clipboard()->setText(
            QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
    });
    menu.addAction(tr("Select &all"), this, [this] { selectAll(); });
    menu.exec(event->globalPos());
}

} // namespace scrit::ui::render
