// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_row.h"

#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

// A chart as values: what is drawn, what is told about each of its marks, what a click on one
// shows, and the same as a table. Pure.
namespace scrit::ui::models {

// A point of a line, a bar, or a part of a stacked bar.
struct ChartPoint {
    double x = 0; // where there are categories: the number of one, from 0
    double y = 0;
    std::optional<double> low; // its interval
    std::optional<double> high;
    qint64 n = -1;                  // how many it was counted or computed from; −1: not said
    QString label;                  // what it is: "round 2"
    QString toolTip;                // all that is known about it, in words
    std::optional<ListQuery> query; // its traces
    friend bool operator==(const ChartPoint&, const ChartPoint&) = default;
};

struct ChartSeries {
    QString name;
    QVector<ChartPoint> points;
    int ink = 0;        // number of its colour and of the shape of its marks
    bool joined = true; // lines: a line through its points
    bool marks = true;  // lines: a mark at each point
    bool strong = false;
    friend bool operator==(const ChartSeries&, const ChartSeries&) = default;
};

struct ChartValue {
    enum class Kind { Lines, Bars, Stack };
    enum class Unit { Percent, Count, Number }; // of y
    enum class Scale { Whole, Log, Value }; // of x: whole numbers, log₁₀, any; without categories
    Kind kind = Kind::Lines;
    Unit unit = Unit::Percent;
    Scale scale = Scale::Whole;
    QString title;
    QString explanation; // a sentence
    QString xTitle;
    QString yTitle;
    QStringList categories; // of Bars and Stack
    QVector<ChartSeries> series;
    std::optional<double> least; // of y: what its axis shows at least, for charts on one scale
    std::optional<double> most;
    std::optional<double> level; // a line across
    QString levelName;
    QString empty; // what to say while there is nothing to draw

    [[nodiscard]] bool isEmpty() const;
    friend bool operator==(const ChartValue&, const ChartValue&) = default;
};

// Two charts that stand side by side get one scale of y.
void shareScale(ChartValue& left, ChartValue& right);
// What categories have in common at their beginning, up to the end of a word: "contested " of
// "contested 0" and "contested 1". Empty for one category, or where nothing would be left of one.
[[nodiscard]] QString commonStart(const QStringList& categories);
// "58.3 %", "1,204", "0.42".
[[nodiscard]] QString chartFigure(ChartValue::Unit unit, double value);
// "series · label: value (low–high), n = …", what a reader of the screen hears about a point.
[[nodiscard]] QString chartPointText(const ChartValue& chart, int series, int point);
// A line each; the text alternative.
[[nodiscard]] QString chartText(const ChartValue& chart);
// The same as a table with a header row: series, label, x, y, low, high, n. Figures are plain
// (0.583, a point, no grouping), for programs.
[[nodiscard]] QVector<QStringList> chartTable(const ChartValue& chart);

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::ChartValue)
