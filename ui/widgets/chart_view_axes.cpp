// SPDX-License-Identifier: GPL-3.0-or-later
// The axes of ChartView: distances of ticks, and the names of categories as they fit.
#include "ui/widgets/chart_view.h"
#include "ui/widgets/theme.h"

#include <QtCharts/QBarCategoryAxis>
#include <QtCharts/QCategoryAxis>
#include <QtCharts/QChart>
#include <QtCharts/QValueAxis>

#include <algorithm>
#include <cmath>

namespace scrit::ui::widgets {

using models::ChartPoint;
using models::ChartSeries;
using models::ChartValue;

namespace {

// A distance of ticks that people count in: 1, 2 or 5 times a power of ten.
double niceStep(double span, int ticks) {
    const double rough = std::max(span, 1e-9) / std::max(1, ticks);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double lead = rough / power;
    constexpr double kSlack = 1e-9;
    return power * (lead <= 1 + kSlack ? 1 : lead <= 2 + kSlack ? 2 : lead <= 5 + kSlack ? 5 : 10);
}

int decimalsOf(double step) {
    return std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
}

// "10", "2K", "170K", "1.2M"
QString shortCount(double value) {
    constexpr double kThousand = 1000;
    constexpr double kMillion = 1e6;
    if (value >= kMillion) {
        return QString::number(value / kMillion, 'g', 3) + QLatin1Char('M');
    }
    return value >= kThousand ? QString::number(value / kThousand, 'g', 3) + QLatin1Char('K')
                              : QString::number(value, 'g', 3);
}

} // namespace

int ChartView::ticks() const {
    constexpr int kDistance = 32; // pixels of the whole chart for one
    return std::clamp(height() / kDistance, 2, 5);
}

ChartView::Names ChartView::categoryNames() const {
    if (m_value.kind == ChartValue::Kind::Lines || m_value.categories.isEmpty()) {
        return Names::Whole;
    }
    constexpr int kBeside = 76; // left and right of the plot
    constexpr int kApart = 6;
    const QFontMetrics metrics(Theme::current().smallFont());
    const int room = (width() - kBeside) / static_cast<int>(m_value.categories.size()) - kApart;
    const QString start = models::commonStart(m_value.categories);
    int whole = 0;
    int rest = 0;
    for (const QString& one : m_value.categories) {
        whole = std::max(whole, metrics.horizontalAdvance(one));
        rest = std::max(rest, metrics.horizontalAdvance(one.mid(start.size())));
    }
    return whole <= room                      ? Names::Whole
           : rest <= room && !start.isEmpty() ? Names::Shortened
                                              : Names::Turned;
}

QStringList ChartView::shownCategories() const {
    const QString start = models::commonStart(m_value.categories);
    if (m_names == Names::Whole || start.isEmpty()) {
        return m_value.categories;
    }
    QStringList names;
    for (const QString& one : m_value.categories) {
        names << one.mid(start.size());
    }
    return names;
}

QStringList ChartView::axisLabels() const {
    const auto axes = chart()->axes(Qt::Horizontal);
    const auto* axis =
        axes.isEmpty() ? nullptr : qobject_cast<const QBarCategoryAxis*>(axes.first());
    return axis == nullptr ? QStringList() : const_cast<QBarCategoryAxis*>(axis)->categories();
}

// What was taken off the names of the categories stands here.
QString ChartView::xTitle() const {
    const QString start = models::commonStart(m_value.categories).trimmed();
    if (m_names == Names::Whole || start.isEmpty()) {
        return m_value.xTitle;
    }
    return m_value.xTitle.isEmpty() ? start + QStringLiteral(" …")
                                    : QStringLiteral("%1: %2 …").arg(m_value.xTitle, start);
}

void ChartView::dressAxis(QAbstractAxis& axis, const QString& title) const {
    const Tokens& t = tokens();
    axis.setLabelsFont(Theme::current().smallFont());
    axis.setLabelsColor(t.muted);
    axis.setTitleFont(Theme::current().smallFont());
    axis.setTitleBrush(t.muted);
    axis.setTitleText(title.toHtmlEscaped());
    axis.setLinePen(QPen(t.borderStrong, 1));
    axis.setGridLinePen(QPen(t.border, 1));
}

QAbstractAxis* ChartView::makeXAxis(double left, double right) const {
    constexpr int kTicks = 8;
    if (m_value.kind != ChartValue::Kind::Lines) {
        auto* axis = new QBarCategoryAxis;
        axis->append(shownCategories());
        if (m_names == Names::Turned) {
            constexpr int kTurn = -35;
            axis->setLabelsAngle(kTurn);
        }
        return axis;
    }
    if (m_value.scale == ChartValue::Scale::Log) {
        auto* axis = new QCategoryAxis;
        const auto from = static_cast<int>(std::floor(left - 0.05));
        const auto to = static_cast<int>(std::ceil(right + 0.05));
        axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
        const bool wide = to - from > 3;
        for (int power = from; power <= to; ++power) {
            for (const double lead : {1.0, 2.0, 5.0}) {
                const double at = power + std::log10(lead);
                if (at <= to + 1e-9 && (lead == 1.0 || !wide)) {
                    axis->append(shortCount(std::pow(10.0, power) * lead), at);
                }
            }
        }
        axis->setRange(from, to);
        return axis;
    }
    auto* axis = new QValueAxis;
    double step = niceStep(right - left, kTicks - 2);
    if (isWhole()) {
        step = std::max(1.0, step);
    }
    if (m_value.scale == ChartValue::Scale::Whole) {
        step = std::max(1.0, niceStep(right - left, kTicks));
        axis->setTickType(QValueAxis::TicksDynamic);
        axis->setTickAnchor(0);
        axis->setTickInterval(step);
        axis->setRange(left - 0.4, right + 0.4);
    } else {
        axis->setTickType(QValueAxis::TicksDynamic);
        axis->setTickAnchor(0);
        axis->setTickInterval(step);
        axis->setRange(std::floor(left / step) * step,
                       std::max(right, std::floor(left / step) * step + step));
    }
    axis->setLabelFormat(QStringLiteral("%.%1f").arg(decimalsOf(step)));
    return axis;
}

// Steps of a training are whole: there is none at 2.5.
bool ChartView::isWhole() const {
    return std::all_of(m_value.series.begin(), m_value.series.end(), [](const ChartSeries& series) {
        return std::all_of(series.points.begin(), series.points.end(),
                           [](const ChartPoint& point) { return point.x == std::round(point.x); });
    });
}

QValueAxis* ChartView::makeYAxis(double bottom, double top) const {
    const bool bars = m_value.kind != ChartValue::Kind::Lines;
    const double least = m_value.unit == ChartValue::Unit::Percent ? 4 : 1e-3;
    const double span = std::max(top - bottom, least);
    const double step = niceStep(span, m_ticks);
    double from = bars ? 0 : std::floor((bottom - span * 0.04) / step) * step;
    double to = std::ceil((top + span * 0.04) / step) * step;
    if (bottom >= 0) {
        from = std::max(0.0, from);
    }
    if (m_value.unit == ChartValue::Unit::Percent) {
        to = std::min(to, 100.0);
    }
    auto* axis = new QValueAxis;
    axis->setRange(from, std::max(to, from + step));
    axis->setTickType(QValueAxis::TicksDynamic);
    axis->setTickAnchor(from);
    axis->setTickInterval(step);
    axis->setLabelFormat(QStringLiteral("%.%1f").arg(decimalsOf(step)));
    return axis;
}

void ChartView::addAxes(double left, double right, double bottom, double top) {
    QAbstractAxis* x = makeXAxis(left, right);
    QValueAxis* y = makeYAxis(bottom, top);
    dressAxis(*x, xTitle());
    dressAxis(*y, m_value.unit == ChartValue::Unit::Percent ? m_value.yTitle + QStringLiteral(", %")
                                                            : m_value.yTitle);
    x->setGridLineVisible(m_value.kind == ChartValue::Kind::Lines);
    chart()->addAxis(x, Qt::AlignBottom);
    chart()->addAxis(y, Qt::AlignLeft);
    for (QAbstractSeries* series : std::as_const(m_drawn)) {
        series->attachAxis(x);
        series->attachAxis(y);
    }
}

} // namespace scrit::ui::widgets
