// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/chart_panel.h"

#include "ui/widgets/chart_view.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QBuffer>
#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QImage>
#include <QMenu>
#include <QPainter>
#include <QSvgGenerator>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace scrit::ui::widgets {

ChartPanel::ChartPanel(QWidget* chart, Table table, QWidget* parent)
    : QFrame(parent), m_chart(chart), m_table(std::move(table)), m_title(new ElidedLabel(this)),
      m_button(new QToolButton(this)), m_note(new ElidedLabel(this)), m_menu(new QMenu(this)) {
    setObjectName(QStringLiteral("panel"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::kTwo, space::kOne, space::kOne, space::kOne);
    column->setSpacing(space::kHalf);
    auto* head = new QHBoxLayout;
    m_title->setFont(Theme::current().headingFont(1.0));
    head->addWidget(m_title, 1);
    m_button->setIcon(icon(QStringLiteral("export")));
    m_button->setIconSize({space::kIcon, space::kIcon});
    m_button->setAutoRaise(true);
    m_button->setPopupMode(QToolButton::InstantPopup);
    m_button->setMenu(m_menu);
    m_button->setFocusPolicy(Qt::TabFocus);
    m_button->setToolTip(tr("Write this chart to a file"));
    m_button->setAccessibleName(m_button->toolTip());
    head->addWidget(m_button);
    column->addLayout(head);
    m_chart->setParent(this);
    column->addWidget(m_chart, 1);
    m_note->setProperty("muted", true);
    m_note->setFont(Theme::current().smallFont());
    m_note->setMinimumHeight(m_note->fontMetrics().height());
    column->addWidget(m_note);
    const auto offer = [this](const QString& text, ChartFile format) {
        connect(m_menu->addAction(text), &QAction::triggered, this,
                [this, format] { Q_EMIT writeWanted(format); });
    };
    offer(tr("Write as SVG…"), ChartFile::Svg);
    offer(tr("Write as PNG…"), ChartFile::Png);
    offer(tr("Write as a table (CSV)…"), ChartFile::Csv);
    if (auto* view = qobject_cast<ChartView*>(m_chart)) {
        connect(view, &ChartView::pointNoted, this, &ChartPanel::setNote);
    }
}

void ChartPanel::setTitle(const QString& title, const QString& explanation) {
    m_titleText = title;
    m_title->setFullText(title);
    m_title->setToolTip(explanation.toHtmlEscaped());
}

void ChartPanel::setNote(const QString& note) {
    m_note->setFullText(note);
}

bool ChartPanel::hasFocusInside() const {
    const QWidget* focus = QApplication::focusWidget();
    return focus != nullptr && (focus == m_chart || isAncestorOf(focus));
}

void ChartPanel::focusChart() {
    if (m_chart->focusPolicy() != Qt::NoFocus) {
        m_chart->setFocus(Qt::OtherFocusReason);
        return;
    }
    for (QWidget* part : m_chart->findChildren<QWidget*>()) {
        if (part->focusPolicy() != Qt::NoFocus) {
            part->setFocus(Qt::OtherFocusReason);
            return;
        }
    }
}

void ChartPanel::contextMenuEvent(QContextMenuEvent* event) {
    m_menu->popup(event->globalPos());
}

int ChartPanel::headHeight() const {
    return QFontMetrics(Theme::current().headingFont(1.0)).height() + space::kTwo;
}

QSize ChartPanel::pictureSize() const {
    return m_chart->size() + QSize(2 * space::kOne, headHeight() + space::kOne);
}

void ChartPanel::paintPicture(QPainter& painter) {
    const Tokens& t = tokens();
    painter.fillRect(QRect(QPoint(), pictureSize()), t.surface);
    painter.setFont(Theme::current().headingFont(1.0));
    painter.setPen(t.text);
    painter.drawText(QRect(space::kOne, 0, m_chart->width(), headHeight()),
                     Qt::AlignLeft | Qt::AlignVCenter, m_titleText);
    painter.translate(space::kOne, headHeight());
    if (auto* view = qobject_cast<ChartView*>(m_chart)) {
        view->paintPicture(painter);
    } else {
        m_chart->render(&painter, {}, {}, QWidget::DrawChildren);
    }
}

QByteArray ChartPanel::svg() {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(pictureSize());
    generator.setViewBox(QRect(QPoint(), pictureSize()));
    generator.setTitle(m_titleText.toHtmlEscaped()); // it writes the title as it is
    QPainter painter(&generator);
    paintPicture(painter);
    painter.end();
    return bytes;
}

QByteArray ChartPanel::png() {
    constexpr int kFiner = 2;
    QImage image(pictureSize() * kFiner, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(kFiner);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    paintPicture(painter);
    painter.end();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

} // namespace scrit::ui::widgets
