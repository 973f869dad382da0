// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/chart_value.h"

#include "ui/models/words.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace scrit::ui::models {

namespace {

QString plainNumber(double value) {
    constexpr int kDigits = 10;
    return QString::number(value, 'g', kDigits);
}

QString plainNumber(const std::optional<double>& value) {
    return value ? plainNumber(*value) : QString();
}

} // namespace

bool ChartValue::isEmpty() const {
    return std::all_of(series.begin(), series.end(),
                       [](const ChartSeries& one) { return one.points.isEmpty(); });
}

QString chartFigure(ChartValue::Unit unit, double value) {
    switch (unit) {
    case ChartValue::Unit::Percent:
        return QLocale().toString(value * 100, 'f', 1) + QStringLiteral(" %");
    case ChartValue::Unit::Count:
        return grouped(std::llround(value));
    case ChartValue::Unit::Number:
        break;
    }
    constexpr int kDigits = 4;
    return QLocale().toString(value, 'g', kDigits);
}

QString chartPointText(const ChartValue& chart, int series, int point) {
    const ChartSeries& row = chart.series[series];
    const ChartPoint& one = row.points[point];
    QString text = row.name.isEmpty() ? QString() : row.name + QStringLiteral(" · ");
    text += one.label + QStringLiteral(": ") + chartFigure(chart.unit, one.y);
    if (one.low && one.high) {
        text += QStringLiteral(" (%1–%2)")
                    .arg(chartFigure(chart.unit, *one.low), chartFigure(chart.unit, *one.high));
    }
    if (one.n >= 0) {
        text += QStringLiteral(", n = ") + grouped(one.n);
    }
    return text;
}

QString chartText(const ChartValue& chart) {
    if (chart.isEmpty()) {
        return chart.empty;
    }
    QStringList lines;
    for (int series = 0; series < chart.series.size(); ++series) {
        for (int point = 0; point < chart.series[series].points.size(); ++point) {
            lines << chartPointText(chart, series, point);
        }
    }
    return lines.join(QLatin1Char('\n'));
}

QVector<QStringList> chartTable(const ChartValue& chart) {
    const bool categories = chart.kind != ChartValue::Kind::Lines;
    QVector<QStringList> rows;
    rows << QStringList{QStringLiteral("series"),
                        QStringLiteral("label"),
                        categories ? QStringLiteral("category") : chart.xTitle,
                        chart.yTitle.isEmpty() ? QStringLiteral("value") : chart.yTitle,
                        QStringLiteral("low"),
                        QStringLiteral("high"),
                        QStringLiteral("n")};
    for (const ChartSeries& series : chart.series) {
        for (const ChartPoint& point : series.points) {
            rows << QStringList{series.name,
                                point.label,
                                categories ? chart.categories.value(static_cast<int>(point.x))
                                           : plainNumber(point.x),
                                plainNumber(point.y),
                                plainNumber(point.low),
                                plainNumber(point.high),
                                point.n < 0 ? QString() : QString::number(point.n)};
        }
    }
    return rows;
}

} // namespace scrit::ui::models
