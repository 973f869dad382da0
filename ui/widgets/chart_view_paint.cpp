// SPDX-License-Identifier: GPL-3.0-or-later
// What ChartView paints over Qt Charts: intervals, marks, a level across, and the legend.
#include "ui/widgets/chart_view.h"
#include "ui/widgets/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <QScopedValueRollback>
#include <QtCharts/QChart>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace scrit::ui::widgets {

using models::ChartPoint;
using models::ChartSeries;
using models::ChartValue;

namespace {

constexpr double kPointRadius = 4;
constexpr int kSample = 22; // the line before a name in the legend

QPainterPath polygon(int corners, double radius, double turn) {
    QPainterPath path;
    for (int i = 0; i < corners; ++i) {
        const double angle = turn + 2 * std::numbers::pi * i / corners;
        const QPointF corner(radius * std::sin(angle), -radius * std::cos(angle));
        i == 0 ? path.moveTo(corner) : path.lineTo(corner);
    }
    path.closeSubpath();
    return path;
}

// Dot, diamond, square, triangle, triangle on its head, pentagon.
QPainterPath shapeOf(int ink) {
    constexpr double kEighth = std::numbers::pi / 4;
    switch (ink % 6) {
    case 1:
        return polygon(4, kPointRadius * 1.35, 0);
    case 2:
        return polygon(4, kPointRadius * 1.3, kEighth);
    case 3:
        return polygon(3, kPointRadius * 1.45, 0);
    case 4:
        return polygon(3, kPointRadius * 1.45, std::numbers::pi);
    case 5:
        return polygon(5, kPointRadius * 1.3, 0);
    default:
        break;
    }
    QPainterPath dot;
    dot.addEllipse(QPointF(), kPointRadius, kPointRadius);
    return dot;
}

} // namespace

QVector<ChartView::LegendEntry> ChartView::legendEntries() const {
    QVector<LegendEntry> entries;
    // What a single line is, the title says; a bar's colour is a class.
    if (m_value.isEmpty() ||
        (m_value.kind == ChartValue::Kind::Lines && m_value.series.size() < 2)) {
        return entries;
    }
    const QFontMetrics metrics(Theme::current().smallFont());
    const double right = std::max(120, width() - space::kOne);
    double x = space::kOne;
    double y = 2;
    for (int i = 0; i < m_value.series.size(); ++i) {
        const double wanted = kSample + 6 + metrics.horizontalAdvance(m_value.series[i].name);
        const double box = std::min(wanted, right - space::kOne);
        if (x + box > right && x > space::kOne) {
            x = space::kOne;
            y += metrics.height() + 2;
        }
        entries.push_back({i, QRectF(x, y, box, metrics.height() + 2)});
        x += box + space::kTwo;
    }
    return entries;
}

void ChartView::paintMark(QPainter& painter, const QPointF& at, int series, bool chosen) const {
    const Tokens& t = tokens();
    const ChartSeries& row = m_value.series[series];
    const QColor& ink = t.ink(row.ink);
    painter.save();
    painter.translate(at);
    painter.setPen(QPen(ink, 1.6));
    painter.setBrush(row.strong || chosen ? ink : t.surface);
    painter.drawPath(shapeOf(row.ink));
    painter.restore();
}

void ChartView::paintLegend(QPainter& painter) const {
    const Tokens& t = tokens();
    painter.setFont(Theme::current().smallFont());
    const QFontMetrics metrics(painter.font());
    for (const LegendEntry& entry : legendEntries()) {
        const ChartSeries& row = m_value.series[entry.series];
        const double y = entry.box.center().y();
        const QColor& ink = t.ink(row.ink);
        if (m_value.kind == ChartValue::Kind::Lines) {
            if (row.joined) {
                painter.setPen(QPen(ink, row.strong ? 2.2 : 1.5));
                painter.drawLine(QPointF(entry.box.left(), y),
                                 QPointF(entry.box.left() + kSample, y));
            }
            if (row.marks) {
                paintMark(painter, {entry.box.left() + kSample / 2.0, y}, entry.series, false);
            }
        } else {
            painter.fillRect(QRectF(entry.box.left() + kSample - 14, y - 5, 11, 11), ink);
        }
        painter.setPen(row.strong ? t.text : t.muted);
        const QRectF words = entry.box.adjusted(kSample + 5, 0, 2, 0);
        painter.drawText(
            words, Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(row.name, Qt::ElideMiddle, static_cast<int>(words.width()) + 1));
    }
}

void ChartView::paintLevel(QPainter& painter) const {
    if (!m_value.level || m_drawn.isEmpty()) {
        return;
    }
    const Tokens& t = tokens();
    const QRectF plot = chart()->plotArea();
    const double y =
        chart()->mapToPosition(QPointF(0, *m_value.level * factor()), m_drawn.first()).y();
    painter.setPen(QPen(t.muted, 1, Qt::DashLine));
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.setFont(Theme::current().smallFont());
    const QString words = QStringLiteral("%1 %2").arg(
        m_value.levelName, models::chartFigure(m_value.unit, *m_value.level));
    painter.drawText(QRectF(plot.left() + space::kHalf, y - painter.fontMetrics().height() - 1,
                            plot.width(), painter.fontMetrics().height()),
                     Qt::AlignLeft | Qt::AlignVCenter, words);
}

void ChartView::paintMarks(QPainter& painter) const {
    const Tokens& t = tokens();
    constexpr double kCap = 4;
    // The strong series comes last and lies over the others.
    QVector<int> order;
    for (int i = 0; i < m_value.series.size(); ++i) {
        m_value.series[i].strong ? order.append(i) : order.prepend(i);
    }
    for (const int series : std::as_const(order)) {
        const ChartSeries& row = m_value.series[series];
        for (int point = 0; point < row.points.size(); ++point) {
            const bool chosen =
                !m_picture && ((series == m_hoveredSeries && point == m_hoveredPoint) ||
                               (series == m_series && point == m_point && hasFocus()));
            const ChartPoint& one = row.points[point];
            if (!row.marks && !chosen) {
                continue;
            }
            const Mark mark = markOf(series, point);
            const bool bar = !mark.bar.isNull();
            if (one.low && one.high && m_value.kind != ChartValue::Kind::Stack) {
                painter.setPen(QPen(bar ? t.text : t.ink(row.ink), bar ? 1.2 : 1.4));
                painter.drawLine(mark.low, mark.high);
                for (const QPointF& end : {mark.low, mark.high}) {
                    painter.drawLine(end - QPointF(kCap, 0), end + QPointF(kCap, 0));
                }
            }
            if (!bar) {
                paintMark(painter, mark.at, series, chosen);
            }
            if (chosen) {
                painter.setPen(QPen(t.text, 1.6));
                painter.setBrush(Qt::NoBrush);
                if (bar) {
                    painter.drawRect(mark.bar.adjusted(-1, -1, 1, 1));
                } else {
                    painter.drawEllipse(mark.at, kPointRadius * 2.1, kPointRadius * 2.1);
                }
            }
        }
    }
}

void ChartView::drawForeground(QPainter* painter, const QRectF& rect) {
    QChartView::drawForeground(painter, rect);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (m_value.isEmpty()) {
        painter->setFont(font());
        painter->setPen(tokens().muted);
        painter->drawText(
            QRectF(QPointF(), QSizeF(size())).adjusted(space::kTwo, 0, -space::kTwo, 0),
            Qt::AlignCenter | Qt::TextWordWrap, m_value.empty);
    } else {
        paintLegend(*painter);
        paintLevel(*painter);
        paintMarks(*painter);
    }
    if (hasFocus() && !m_picture) {
        painter->setPen(QPen(tokens().accent, 1));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(QPointF(), QSizeF(size())).adjusted(0.5, 0.5, -0.5, -0.5),
                                 4, 4);
    }
    painter->restore();
}

void ChartView::paintPicture(QPainter& painter) {
    const QScopedValueRollback<bool> picture(m_picture, true);
    render(&painter, QRectF(QPointF(), QSizeF(size())), rect());
}

} // namespace scrit::ui::widgets
