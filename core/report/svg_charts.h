// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/intervals.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Charts as inline SVG: no script, no font, no file; colours are the page's CSS variables, so that
// they follow its light and dark theme. Every mark has a tooltip, every chart a text alternative.
// All texts are escaped here. Pure.
namespace scrit::report {

// A value between 0 and 1 with its interval on a line from 0 to 100 %: one cell of a table.
[[nodiscard]] std::string intervalMark(std::optional<double> value, eval::Interval interval,
                                       std::string_view what);
// A bar of that share of the whole width: one cell of a table.
[[nodiscard]] std::string shareBar(double share, std::string_view what);

struct Column {
    std::string label; // below it
    std::int64_t value = 0;
    bool muted = false; // another kind of column than the others
};
// A histogram with its counts above the columns.
[[nodiscard]] std::string columnChart(const std::vector<Column>& columns, std::string_view what);

// Points with intervals from left to right, joined by a line.
struct CurvePoint {
    std::string label;
    std::int64_t successes = 0;
    std::int64_t n = 0;
};
[[nodiscard]] std::string rateCurve(const std::vector<CurvePoint>& points, std::string_view what,
                                    std::string_view axis);

} // namespace scrit::report
