// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/chart_value.h"

#include "ui/models/figures.h"
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

void shareScale(ChartValue& left, ChartValue& right) {
    std::optional<double> least;
    std::optional<double> most;
    for (const ChartValue* chart : {&left, &right}) {
        for (const ChartSeries& series : chart->series) {
            for (const ChartPoint& point : series.points) {
                const double low = point.low.value_or(point.y);
                const double high = point.high.value_or(point.y);
                least = std::min(least.value_or(low), low);
                most = std::max(most.value_or(high), high);
            }
        }
    }
    for (ChartValue* chart : {&left, &right}) {
        chart->least = least;
        chart->most = most;
    }
}

QString commonStart(const QStringList& categories) {
    if (categories.size() < 2) {
        return {};
    }
    QString start = categories.first();
    for (const QString& one : categories) {
        const auto differs = std::mismatch(start.begin(), start.end(), one.begin(), one.end());
        start.truncate(differs.first - start.begin());
    }
    while (!start.isEmpty() && start.back().isLetterOrNumber()) {
        start.chop(1);
    }
    const bool isAll =
        std::any_of(categories.begin(), categories.end(),
                    [&start](const QString& one) { return one.size() <= start.size(); });
    return isAll ? QString() : start;
}

QString chartFigure(ChartValue::Unit unit, double value) {
    switch (unit) {
    case ChartValue::Unit::Percent:
        return hundredths(value) + QStringLiteral(" %");
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
