// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/chart_view.h"

#include "ui/models/words.h"
#include "ui/widgets/theme.h"

#include <QGraphicsLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <QtCharts/QBarCategoryAxis>
#include <QtCharts/QBarSeries>
#include <QtCharts/QBarSet>
#include <QtCharts/QChart>
#include <QtCharts/QLineSeries>
#include <QtCharts/QStackedBarSeries>
#include <QtCharts/QValueAxis>

#include <algorithm>
#include <cmath>
#include <limits>

namespace scrit::ui::widgets {

using models::ChartPoint;
using models::ChartSeries;
using models::ChartValue;

namespace {

constexpr double kBarWidth = 0.7; // of the distance of two categories

} // namespace

ChartView::ChartView(QWidget* parent) : QChartView(new QChart, parent) {
    setFrameShape(QFrame::NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setViewportUpdateMode(QGraphicsView::FullViewportUpdate);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    chart()->legend()->hide();
    chart()->setBackgroundRoundness(0);
    chart()->setBackgroundVisible(false);
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    connect(&Theme::current(), &Theme::changed, this, &ChartView::rebuild);
    rebuild();
}

void ChartView::setValue(const ChartValue& value) {
    if (value == m_value) {
        return;
    }
    m_value = value;
    m_hoveredSeries = -1;
    m_hoveredPoint = -1;
    if (!isMark(m_series, m_point)) {
        m_series = -1;
        m_point = -1;
    }
    setAccessibleName(m_value.title);
    setAccessibleDescription(models::chartText(m_value));
    rebuild();
}

bool ChartView::isMark(int series, int point) const {
    return series >= 0 && series < m_value.series.size() && point >= 0 &&
           point < m_value.series[series].points.size();
}

double ChartView::factor() const {
    return m_value.unit == ChartValue::Unit::Percent ? 100 : 1;
}

// Series that are measured at the same places stand a little apart, so that their intervals can be
// told from one another.
double ChartView::xOf(int series, const ChartPoint& point) const {
    if (m_value.scale == ChartValue::Scale::Log) {
        return std::log10(std::max(point.x, 1.0));
    }
    constexpr double kApart = 0.05;
    const auto others = static_cast<double>(m_value.series.size() - 1);
    return m_value.scale == ChartValue::Scale::Whole ? point.x + (series - others / 2) * kApart
                                                     : point.x;
}

void ChartView::rebuild() {
    m_ticks = ticks();
    m_names = categoryNames();
    chart()->removeAllSeries();
    const auto axes = chart()->axes();
    for (QAbstractAxis* axis : axes) {
        chart()->removeAxis(axis);
        delete axis;
    }
    m_drawn.clear();
    setBackgroundBrush(tokens().surface);
    if (!m_value.isEmpty()) {
        if (m_value.kind == ChartValue::Kind::Lines) {
            addLines();
        } else {
            addBars();
        }
    }
    setMargins();
    viewport()->update();
}

void ChartView::addLines() {
    double left = std::numeric_limits<double>::max();
    double right = std::numeric_limits<double>::lowest();
    double bottom = left;
    double top = right;
    if (m_value.level) {
        bottom = top = *m_value.level * factor();
    }
    if (m_value.least && m_value.most) {
        bottom = std::min(bottom, *m_value.least * factor());
        top = std::max(top, *m_value.most * factor());
    }
    for (int i = 0; i < m_value.series.size(); ++i) {
        const ChartSeries& series = m_value.series[i];
        auto* line = new QLineSeries;
        QVector<QPointF> points;
        for (const ChartPoint& point : series.points) {
            points << QPointF(xOf(i, point), point.y * factor());
            left = std::min(left, points.last().x());
            right = std::max(right, points.last().x());
            bottom = std::min(bottom, point.low.value_or(point.y) * factor());
            top = std::max(top, point.high.value_or(point.y) * factor());
        }
        line->replace(points);
        QColor ink = tokens().ink(series.ink);
        constexpr double kStrong = 2.2;
        constexpr double kPlain = 1.5;
        QPen pen(series.joined ? ink : QColor(Qt::transparent), series.strong ? kStrong : kPlain);
        line->setPen(pen);
        chart()->addSeries(line);
        m_drawn << line;
    }
    addAxes(left, right, bottom, top);
}

void ChartView::addBars() {
    QAbstractBarSeries* bars = nullptr;
    if (m_value.kind == ChartValue::Kind::Stack) {
        bars = new QStackedBarSeries;
    } else {
        bars = new QBarSeries;
    }
    bars->setBarWidth(kBarWidth);
    const auto categories = static_cast<int>(m_value.categories.size());
    QVector<double> heights(categories, 0);
    double top = m_value.most.value_or(0) * factor();
    for (const ChartSeries& series : std::as_const(m_value.series)) {
        auto* set = new QBarSet(series.name);
        QVector<double> values(categories, 0);
        for (const ChartPoint& point : series.points) {
            const int at = static_cast<int>(point.x);
            values[at] = point.y * factor();
            heights[at] = (m_value.kind == ChartValue::Kind::Stack ? heights[at] : 0) + values[at];
            top = std::max({top, heights[at], point.high.value_or(0) * factor()});
        }
        for (const double value : values) {
            set->append(value);
        }
        set->setBrush(tokens().ink(series.ink));
        set->setPen(QPen(tokens().surface, 1));
        bars->append(set);
    }
    chart()->addSeries(bars);
    m_drawn << bars;
    addAxes(0, categories - 1, 0, top);
}

void ChartView::setMargins() {
    double legend = 0;
    for (const LegendEntry& entry : legendEntries()) {
        legend = std::max(legend, entry.box.bottom());
    }
    chart()->setMargins(
        {space::kHalf, static_cast<int>(legend) + space::kHalf, space::kTwo, space::kHalf});
}

ChartView::Mark ChartView::barOf(int series, int point) const {
    const ChartPoint& one = m_value.series[series].points[point];
    const bool stacked = m_value.kind == ChartValue::Kind::Stack;
    const auto sets = static_cast<double>(stacked ? 1 : m_value.series.size());
    const double width = kBarWidth / sets;
    const double left = one.x - kBarWidth / 2 + (stacked ? 0 : series * width);
    double below = 0;
    if (stacked) {
        for (int other = 0; other < series; ++other) {
            for (const ChartPoint& under : m_value.series[other].points) {
                below += under.x == one.x ? under.y : 0;
            }
        }
    }
    QAbstractSeries* drawn = m_drawn.first();
    const auto at = [&](double x, double y) {
        return chart()->mapToPosition(QPointF(x, y * factor()), drawn);
    };
    Mark mark{series, point, at(left + width / 2, below + one.y), {}, {}, {}};
    mark.bar = QRectF(at(left, below + one.y), at(left + width, below)).normalized();
    mark.low = at(left + width / 2, one.low.value_or(one.y));
    mark.high = at(left + width / 2, one.high.value_or(one.y));
    return mark;
}

ChartView::Mark ChartView::markOf(int series, int point) const {
    if (m_value.kind != ChartValue::Kind::Lines) {
        return barOf(series, point);
    }
    const ChartPoint& one = m_value.series[series].points[point];
    const auto at = [&](double y) {
        return chart()->mapToPosition(QPointF(xOf(series, one), y * factor()), m_drawn[series]);
    };
    return {series, point, at(one.y), at(one.low.value_or(one.y)), at(one.high.value_or(one.y)),
            {}};
}

QPointF ChartView::markPosition(int series, int point) const {
    if (!isMark(series, point)) {
        return {};
    }
    const Mark mark = markOf(series, point);
    return mark.bar.isNull() ? mark.at : mark.bar.center();
}

ChartView::Mark ChartView::markAt(const QPointF& position) const {
    constexpr double kReach = 14;
    constexpr double kReachOfLines = 40; // a curve without marks is taken where it is nearest
    Mark found;
    double nearest = std::numeric_limits<double>::max();
    for (int series = 0; series < m_value.series.size(); ++series) {
        const ChartSeries& row = m_value.series[series];
        for (int point = 0; point < row.points.size(); ++point) {
            const Mark mark = markOf(series, point);
            if (!mark.bar.isNull()) {
                // Small bars are hard to meet: all above one counts, but for the bars beside it.
                QRectF reach = mark.bar;
                reach.setTop(m_value.kind == ChartValue::Kind::Stack ? reach.top()
                                                                     : chart()->plotArea().top());
                if (reach.adjusted(0, -1, 0, 1).contains(position)) {
                    return mark;
                }
                continue;
            }
            const QPointF away = position - mark.at;
            const double distance = std::hypot(away.x(), away.y());
            if (distance < nearest && distance <= (row.marks ? kReach : kReachOfLines)) {
                nearest = distance;
                found = mark;
            }
        }
    }
    return found;
}

void ChartView::resizeEvent(QResizeEvent* event) {
    QChartView::resizeEvent(event);
    if (ticks() != m_ticks || categoryNames() != m_names) {
        rebuild();
    }
    setMargins();
}

void ChartView::setCurrent(int series, int point) {
    m_series = series;
    m_point = point;
    note();
    viewport()->update();
}

void ChartView::note() {
    const bool hovered = isMark(m_hoveredSeries, m_hoveredPoint);
    const int series = hovered ? m_hoveredSeries : m_series;
    const int point = hovered ? m_hoveredPoint : m_point;
    const bool shown = isMark(series, point) && (hovered || hasFocus());
    Q_EMIT pointNoted(shown ? models::chartPointText(m_value, series, point) : QString());
}

void ChartView::movePoint(int direction) {
    if (!isMark(m_series, m_point)) {
        for (int series = 0; series < m_value.series.size(); ++series) {
            if (!m_value.series[series].points.isEmpty()) {
                setCurrent(series, 0);
                return;
            }
        }
        return;
    }
    const int last = static_cast<int>(m_value.series[m_series].points.size()) - 1;
    setCurrent(m_series, std::clamp(m_point + direction, 0, last));
}

// To the next series that has a mark, at the same place on the axis or near it.
void ChartView::moveSeries(int direction) {
    if (!isMark(m_series, m_point)) {
        movePoint(0);
        return;
    }
    const double x = m_value.series[m_series].points[m_point].x;
    for (int series = m_series + direction; series >= 0 && series < m_value.series.size();
         series += direction) {
        const auto& points = m_value.series[series].points;
        if (points.isEmpty()) {
            continue;
        }
        const auto best = std::min_element(points.begin(), points.end(),
                                           [x](const ChartPoint& a, const ChartPoint& b) {
                                               return std::abs(a.x - x) < std::abs(b.x - x);
                                           });
        setCurrent(series, static_cast<int>(best - points.begin()));
        return;
    }
}

void ChartView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Right:
        movePoint(1);
        break;
    case Qt::Key_Left:
        movePoint(-1);
        break;
    case Qt::Key_Down:
        moveSeries(1);
        break;
    case Qt::Key_Up:
        moveSeries(-1);
        break;
    case Qt::Key_Home:
        movePoint(-std::numeric_limits<int>::max() / 2);
        break;
    case Qt::Key_End:
        movePoint(std::numeric_limits<int>::max() / 2);
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        choose(m_series, m_point);
        break;
    default:
        // The view's own would scroll.
        QWidget::keyPressEvent(event); // NOLINT(bugprone-parent-virtual-call)
    }
}

void ChartView::choose(int series, int point) {
    if (isMark(series, point) && m_value.series[series].points[point].query) {
        Q_EMIT pointChosen(*m_value.series[series].points[point].query);
    }
}

void ChartView::mousePressEvent(QMouseEvent* event) {
    const Mark mark = markAt(event->position());
    if (mark.series >= 0 && event->button() == Qt::LeftButton) {
        setCurrent(mark.series, mark.point);
        choose(mark.series, mark.point);
        return;
    }
    event->ignore();
}

void ChartView::mouseMoveEvent(QMouseEvent* event) {
    const Mark mark = markAt(event->position());
    if (mark.series == m_hoveredSeries && mark.point == m_hoveredPoint) {
        return;
    }
    m_hoveredSeries = mark.series;
    m_hoveredPoint = mark.point;
    const bool leads = mark.series >= 0 && m_value.series[mark.series].points[mark.point].query;
    viewport()->setCursor(leads ? Qt::PointingHandCursor : Qt::ArrowCursor);
    note();
    viewport()->update();
}

void ChartView::wheelEvent(QWheelEvent* event) {
    event->ignore();
}

void ChartView::leaveEvent(QEvent* event) {
    QChartView::leaveEvent(event);
    m_hoveredSeries = -1;
    m_hoveredPoint = -1;
    note();
    viewport()->update();
}

void ChartView::focusInEvent(QFocusEvent* event) {
    QChartView::focusInEvent(event);
    if (event->reason() != Qt::MouseFocusReason && !isMark(m_series, m_point)) {
        movePoint(0);
    }
    note();
    viewport()->update();
}

void ChartView::focusOutEvent(QFocusEvent* event) {
    QChartView::focusOutEvent(event);
    note();
    viewport()->update();
}

bool ChartView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const Mark mark = markAt(help->pos());
        if (mark.series < 0) {
            QToolTip::hideText();
        } else {
            const QString& tip = m_value.series[mark.series].points[mark.point].toolTip;
            // Below the plot: over it, it would lie on the marks beside this one.
            const QPoint below(help->pos().x(), static_cast<int>(chart()->plotArea().bottom()));
            QToolTip::showText(
                viewport()->mapToGlobal(below),
                QStringLiteral("<p style='white-space:pre-wrap'>%1</p>").arg(tip.toHtmlEscaped()),
                this);
        }
        return true;
    }
    return QChartView::viewportEvent(event);
}

} // namespace scrit::ui::widgets
