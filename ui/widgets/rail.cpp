// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/rail.h"

#include "ui/widgets/icons.h"
#include "ui/widgets/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QVBoxLayout>

namespace scrit::ui::widgets {

RailButton::RailButton(const QString& text, const QString& iconName, QWidget* parent)
    : QAbstractButton(parent), m_iconName(iconName) {
    setText(text);
    setCheckable(true);
    setAutoExclusive(true);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(text);
    setCursor(Qt::ArrowCursor);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize RailButton::sizeHint() const {
    const int text = QFontMetrics(Theme::current().smallFont()).height();
    return {space::kRail, 20 + space::kHalf + text + space::kTwo};
}

void RailButton::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = QRectF(rect()).adjusted(4, 2, -4, -2);
    if (isChecked() || underMouse() || hasFocus()) {
        painter.setPen(hasFocus() ? QPen(t.accent, 1) : QPen(Qt::NoPen));
        painter.setBrush(isChecked()    ? t.accentTint
                         : underMouse() ? t.hover
                                        : QColor(Qt::transparent));
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), space::kRadius, space::kRadius);
    }
    if (isChecked()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.accent);
        painter.drawRoundedRect(QRectF(0, box.top() + 8, 3, box.height() - 16), 1.5, 1.5);
    }
    const QColor ink = !isEnabled() ? t.faint : isChecked() ? t.accent : t.muted;
    painter.drawPixmap((width() - 20) / 2, space::kOne,
                       tintedPixmap(m_iconName, ink, 20, devicePixelRatioF()));
    painter.setFont(Theme::current().smallFont());
    painter.setPen(!isEnabled() ? t.faint : isChecked() ? t.text : t.muted);
    painter.drawText(QRect(0, space::kOne + 20, width(), height() - space::kOne - 20 - 3),
                     Qt::AlignCenter, text());
}

void RailButton::enterEvent(QEnterEvent* event) {
    QAbstractButton::enterEvent(event);
    update();
}

void RailButton::leaveEvent(QEvent* event) {
    QAbstractButton::leaveEvent(event);
    update();
}

Rail::Rail(QWidget* parent) : QWidget(parent), m_layout(new QVBoxLayout(this)) {
    setObjectName(QStringLiteral("rail"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Places"));
    setFixedWidth(space::kRail + 1);
    m_layout->setContentsMargins(0, space::kHalf, 0, space::kHalf);
    m_layout->setSpacing(2);
    m_layout->addStretch();
}

int Rail::addPlace(const QString& text, const QString& iconName, bool atBottom) {
    auto* button = new RailButton(text, iconName, this);
    const int index = static_cast<int>(m_buttons.size());
    m_buttons.push_back(button);
    if (atBottom) {
        m_layout->addWidget(button);
    } else {
        m_layout->insertWidget(m_topCount++, button);
    }
    connect(button, &QAbstractButton::clicked, this, [this, index] { Q_EMIT placeChosen(index); });
    return index;
}

void Rail::setCurrent(int index) {
    if (index >= 0 && index < m_buttons.size()) {
        m_buttons[index]->setChecked(true);
        return;
    }
    for (RailButton* button : m_buttons) { // nowhere: the welcome page
        button->setAutoExclusive(false);
        button->setChecked(false);
        button->setAutoExclusive(true);
    }
}

void Rail::setPlaceEnabled(int index, bool enabled) {
    m_buttons[index]->setEnabled(enabled);
}

void Rail::setPlaceToolTip(int index, const QString& text) {
    m_buttons[index]->setToolTip(text);
}

void Rail::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Up) {
        focusNextPrevChild(event->key() == Qt::Key_Down);
        return;
    }
    QWidget::keyPressEvent(event);
}

} // namespace scrit::ui::widgets
