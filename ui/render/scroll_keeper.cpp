// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/scroll_keeper.h"

#include "ui/render/rich_text.h"

#include <QAbstractTextDocumentLayout>
#include <QEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextLayout>

#include <algorithm>
#include <cmath>

namespace scrit::ui::render {

namespace {

// Top of the line that holds a document position, in the document's coordinates.
qreal lineTop(const RichTextView& view, int position) {
    const QTextDocument* document = view.document().textDocument();
    const QTextBlock block = document->findBlock(position);
    if (!block.isValid()) {
        return 0;
    }
    const QTextLine line = block.layout()->lineForTextPosition(position - block.position());
    return document->documentLayout()->blockBoundingRect(block).top() +
           (line.isValid() ? line.y() : 0);
}

} // namespace

ScrollKeeper::ScrollKeeper(QScrollArea* area) : QObject(area), m_area(area) {
    constexpr int kSettleMillis = 400;
    m_release.setSingleShot(true);
    m_release.setInterval(kSettleMillis);
    connect(&m_release, &QTimer::timeout, this, [this] { release(); });
    connect(area->verticalScrollBar(), &QScrollBar::valueChanged, this, [this] {
        if (!m_restoring) {
            release();
        }
    });
}

ScrollKeeper* ScrollKeeper::around(const QWidget* view) {
    for (QWidget* widget = view->parentWidget(); widget; widget = widget->parentWidget()) {
        auto* area = qobject_cast<QScrollArea*>(widget);
        if (!area) {
            continue;
        }
        auto* keeper = area->findChild<ScrollKeeper*>(QString(), Qt::FindDirectChildrenOnly);
        return keeper ? keeper : new ScrollKeeper(area);
    }
    return nullptr;
}

qreal ScrollKeeper::offset() const {
    const int top = m_view == m_area->widget()
                        ? m_area->widget()->y()
                        : m_view->mapTo(m_area->widget(), QPoint()).y() + m_area->widget()->y();
    return top + lineTop(*m_view, m_position);
}

void ScrollKeeper::hold() {
    if (m_holding) {
        m_release.start();
        return;
    }
    if (!m_area->widget() || m_area->verticalScrollBar()->value() == 0) {
        return;
    }
    m_view = qobject_cast<RichTextView*>(m_area->widget());
    int top = m_view ? m_view->y() : 0;
    if (!m_view) {
        for (RichTextView* view : m_area->widget()->findChildren<RichTextView*>()) {
            top = view->mapTo(m_area->widget(), QPoint()).y() + m_area->widget()->y();
            if (view->isVisible() && top + view->height() > 0 &&
                top < m_area->viewport()->height()) {
                m_view = view;
                break;
            }
        }
    }
    if (!m_view) {
        return;
    }
    m_position = m_view->document().positionAt(QPointF(0, std::max(0, -top)));
    m_offset = offset();
    m_holding = true;
    m_view->installEventFilter(this);
    m_area->widget()->installEventFilter(this);
    m_release.start();
    QMetaObject::invokeMethod(
        this, [this] { restore(); }, Qt::QueuedConnection);
}

void ScrollKeeper::release() {
    m_holding = false;
    m_release.stop();
    if (m_view) {
        m_view->removeEventFilter(this);
    }
    if (m_area->widget()) {
        m_area->widget()->removeEventFilter(this);
    }
    m_view = nullptr;
}

bool ScrollKeeper::eventFilter(QObject* watched, QEvent* event) {
    const bool moved = event->type() == QEvent::Move && watched == m_view && !m_restoring;
    if (m_holding && (moved || event->type() == QEvent::Resize)) {
        // At once, so that no step is seen, and again when the scroll bar knows the new height.
        restore();
        QMetaObject::invokeMethod(
            this, [this] { restore(); }, Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

void ScrollKeeper::restore() {
    if (!m_holding || m_restoring || !m_view || !m_area->widget()) {
        return;
    }
    m_restoring = true;
    QScrollBar* bar = m_area->verticalScrollBar();
    bar->setValue(bar->value() + static_cast<int>(std::round(offset() - m_offset)));
    m_restoring = false;
}

} // namespace scrit::ui::render
