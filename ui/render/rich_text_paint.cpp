// SPDX-License-Identifier: GPL-3.0-or-later
// Where passages of a RichTextDocument are on screen, and how it is painted.
#include "ui/render/rich_text_private.h"

#include <QAbstractTextDocumentLayout>
#include <QPainter>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextLayout>

#include <algorithm>

namespace scrit::ui::render {

std::vector<QRectF> RichTextDocument::Private::rectsOf(int begin, int end) const {
    std::vector<QRectF> rects;
    if (begin >= end) {
        return rects;
    }
    for (QTextBlock block = document.findBlock(begin); block.isValid() && block.position() < end;
         block = block.next()) {
        const QPointF origin = document.documentLayout()->blockBoundingRect(block).topLeft();
        const QTextLayout* layout = block.layout();
        for (int i = 0; i < layout->lineCount(); ++i) {
            const QTextLine line = layout->lineAt(i);
            const int from = std::max(begin - block.position(), line.textStart());
            const int to = std::min(end - block.position(), line.textStart() + line.textLength());
            if (from >= to) {
                continue;
            }
            const qreal left = line.cursorToX(from);
            const qreal right = line.cursorToX(to);
            if (right > left) {
                rects.emplace_back(origin.x() + left, origin.y() + line.y(), right - left,
                                   line.height());
            }
        }
    }
    return rects;
}

void RichTextDocument::Private::paintHighlights(QPainter& painter, const QRectF& clip) const {
    if (highlights.empty()) {
        return;
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Highlight& highlight : highlights) {
        const auto [begin, end] = positionsOf(highlight.source);
        for (const QRectF& rect : rectsOf(begin, end)) {
            if (!rect.intersects(clip)) {
                continue;
            }
            if (highlight.background.isValid()) {
                painter.setPen(Qt::NoPen);
                painter.setBrush(highlight.background);
                painter.drawRoundedRect(rect.adjusted(-2, -1, 2, 1), 3, 3);
            }
            if (highlight.underline.isValid()) {
                painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 2),
                                 highlight.underline);
            }
        }
    }
    painter.restore();
}

void RichTextDocument::Private::paintCode(QPainter& painter, const QRectF& clip) const {
    for (const int position : codeBlocks) {
        const QRectF rect =
            document.documentLayout()->blockBoundingRect(document.findBlock(position));
        const qreal side = style.text.pixelSize() * 0.4;
        if (rect.intersects(clip)) {
            painter.fillRect(QRectF(rect.left() - side, rect.top(),
                                    document.textWidth() - rect.left() + side, rect.height()),
                             style.codeBackground);
        }
    }
    for (const auto& [begin, end] : codeSpans) {
        for (const QRectF& rect : rectsOf(begin, end)) {
            if (rect.intersects(clip)) {
                painter.fillRect(rect.adjusted(-1, 0, 1, 0), style.codeBackground);
            }
        }
    }
}

void RichTextDocument::Private::paintQuoteBars(QPainter& painter, const QRectF& clip) const {
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        const int level = block.blockFormat().intProperty(QTextFormat::BlockQuoteLevel);
        if (level <= 0) {
            continue;
        }
        const QRectF rect = document.documentLayout()->blockBoundingRect(block);
        if (!rect.intersects(clip)) {
            continue;
        }
        const int pixels = style.text.pixelSize();
        for (int i = 0; i < level; ++i) {
            painter.fillRect(QRectF(i * pixels + 2, rect.top(), 3, rect.height()), style.rule);
        }
    }
}

void RichTextDocument::paint(QPainter& painter, const QRectF& clip,
                             const QTextCursor* selection) const {
    d->paintQuoteBars(painter, clip);
    d->paintCode(painter, clip);
    d->paintHighlights(painter, clip);
    QAbstractTextDocumentLayout::PaintContext context;
    context.clip = clip;
    context.palette.setColor(QPalette::Text, d->style.foreground);
    if (selection && selection->hasSelection()) {
        QAbstractTextDocumentLayout::Selection selected;
        selected.cursor = *selection;
        selected.format.setBackground(d->style.selection);
        selected.format.setForeground(d->style.selectedText);
        context.selections.append(selected);
    }
    painter.save();
    painter.setClipRect(clip, Qt::IntersectClip);
    d->document.documentLayout()->draw(&painter, context);
    painter.restore();
}

} // namespace scrit::ui::render
