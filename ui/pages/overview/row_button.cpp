// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/row_button.h"

#include "ui/widgets/theme.h"

#include <QKeyEvent>
#include <QPainter>

#include <algorithm>

namespace scrit::ui::pages {

using namespace widgets;

RowButton::RowButton(QWidget* parent) : QAbstractButton(parent) {
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

bool RowButton::event(QEvent* event) {
    if (event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave) {
        update();
    }
    return QAbstractButton::event(event);
}

void RowButton::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        click();
        return;
    }
    QAbstractButton::keyPressEvent(event);
}

void RowButton::paintFrame(QPainter& painter) const {
    const Tokens& t = tokens();
    if (underMouse() || hasFocus()) {
        painter.setPen(hasFocus() ? QPen(t.accent, 1) : QPen(Qt::NoPen));
        painter.setBrush(t.hover);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    }
}

void RowButton::paintShare(QPainter& painter, const QRectF& track, double share) {
    const Tokens& t = tokens();
    const double radius = track.height() / 2;
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.border);
    painter.drawRoundedRect(track, radius, radius);
    if (share > 0) {
        painter.setBrush(t.accent);
        painter.drawRoundedRect(QRectF(track.left(), track.top(),
                                       std::max(3.0, track.width() * std::min(1.0, share)),
                                       track.height()),
                                radius, radius);
    }
}

} // namespace scrit::ui::pages
