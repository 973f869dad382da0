// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/svg_charts.h"

#include "core/report/html.h"

#include <algorithm>

namespace scrit::report {
namespace {

std::string attribute(std::string_view name, double value) {
    return " " + std::string(name) + "=\"" + coordinate(value) + "\"";
}

std::string line(std::string_view style, double x1, double y1, double x2, double y2) {
    return "<line class=\"" + std::string(style) + "\"" + attribute("x1", x1) +
           attribute("y1", y1) + attribute("x2", x2) + attribute("y2", y2) + "/>";
}

std::string rect(std::string_view style, double x, double y, double width, double height,
                 std::string_view tooltip = {}) {
    std::string out = "<rect class=\"" + std::string(style) + "\"" + attribute("x", x) +
                      attribute("y", y) + attribute("width", width) + attribute("height", height) +
                      " rx=\"1.5\"";
    return out + (tooltip.empty() ? "/>" : "><title>" + escaped(tooltip) + "</title></rect>");
}

std::string label(std::string_view style, double x, double y, std::string_view text) {
    return "<text class=\"" + std::string(style) + "\"" + attribute("x", x) + attribute("y", y) +
           ">" + escaped(text) + "</text>";
}

// A mark fills its cell from the left; a chart has its own size and shrinks with the page.
std::string open(double width, double height, std::string_view style, std::string_view what) {
    std::string out = "<svg class=\"" + std::string(style) + "\" viewBox=\"0 0 " +
                      coordinate(width) + " " + coordinate(height) +
                      "\" preserveAspectRatio=\"xMinYMid meet\" role=\"img\" aria-label=\"" +
                      escaped(what) + "\"";
    if (style == "chart") {
        out += attribute("width", width);
    }
    return out + ">";
}

std::string rateText(std::optional<double> value, eval::Interval interval) {
    return percent(value) + " (" + percent(interval.low) + " to " + percent(interval.high) + ")";
}

} // namespace

std::string intervalMark(std::optional<double> value, eval::Interval interval,
                         std::string_view what) {
    constexpr double kWidth = 200;
    constexpr double kMiddle = 9;
    const std::string words = std::string(what) + ": " + rateText(value, interval);
    std::string out = open(kWidth, 18, "mark", words);
    out += "<title>" + escaped(words) + "</title>";
    out += line("grid", 0, kMiddle, kWidth, kMiddle);
    for (const double at : {0.0, 0.5, 1.0}) {
        out += line("grid", std::clamp(at * kWidth, 0.5, kWidth - 0.5), 4,
                    std::clamp(at * kWidth, 0.5, kWidth - 0.5), 14);
    }
    if (value) {
        out += rect("interval", interval.low * kWidth, kMiddle - 3,
                    std::max((interval.high - interval.low) * kWidth, 1.0), 6);
        out += "<circle class=\"point\"" + attribute("cx", *value * kWidth) +
               attribute("cy", kMiddle) + " r=\"4\"/>";
    }
    return out + "</svg>";
}

std::string shareBar(double share, std::string_view what) {
    constexpr double kWidth = 200;
    const double bounded = std::clamp(share, 0.0, 1.0);
    return open(kWidth, 12, "mark", what) + rect("track", 0, 1, kWidth, 10) +
           rect("bar", 0, 1, bounded > 0 ? std::max(bounded * kWidth, 1.0) : 0, 10, what) +
           "</svg>";
}

std::string columnChart(const std::vector<Column>& columns, std::string_view what) {
    constexpr double kStep = 48;
    constexpr double kHeight = 150;
    constexpr double kTop = 22;
    constexpr double kBottom = 28;
    std::int64_t most = 1;
    for (const Column& column : columns) {
        most = std::max(most, column.value);
    }
    const double width = kStep * static_cast<double>(std::max<std::size_t>(columns.size(), 1));
    std::string out = open(width, kTop + kHeight + kBottom, "chart", what);
    out += line("axis", 0, kTop + kHeight, width, kTop + kHeight);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column& column = columns[i];
        const double x = kStep * static_cast<double>(i);
        const double height =
            kHeight * static_cast<double>(column.value) / static_cast<double>(most);
        out += rect(column.muted ? "bar muted" : "bar", x + 8, kTop + kHeight - height, kStep - 16,
                    height, column.label + ": " + grouped(column.value));
        out += label("value", x + kStep / 2, kTop + kHeight - height - 6, grouped(column.value));
        out += label("tick", x + kStep / 2, kTop + kHeight + 18, column.label);
    }
    return out + "</svg>";
}

std::string rateCurve(const std::vector<CurvePoint>& points, std::string_view what,
                      std::string_view axis) {
    constexpr double kNarrowest = 420;
    const double step =
        std::max(64.0, kNarrowest / static_cast<double>(std::max<std::size_t>(points.size(), 1)));
    constexpr double kLeft = 44;
    constexpr double kTop = 12;
    constexpr double kHeight = 170;
    const double width = kLeft + step * static_cast<double>(points.size());
    std::string out = open(width, kTop + kHeight + 52, "chart", what);
    const auto y = [](double share) {
        return kTop + kHeight * (1 - share);
    };
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        out += line(share == 0 ? "axis" : "grid", kLeft, y(share), width, y(share));
        out += label("tick end", kLeft - 8, y(share) + 4,
                     std::to_string(static_cast<int>(share * 100)) + "\u202f%");
    }
    std::string path;
    std::string marks;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const CurvePoint& point = points[i];
        const double x = kLeft + step * (static_cast<double>(i) + 0.5);
        out += label("tick", x, kTop + kHeight + 18, point.label);
        out += label("tick faint", x, kTop + kHeight + 32, "n " + grouped(point.n));
        if (point.n == 0) {
            continue;
        }
        const double value = static_cast<double>(point.successes) / static_cast<double>(point.n);
        const eval::Interval interval = eval::wilson(point.successes, point.n);
        path += (path.empty() ? "M" : "L") + coordinate(x) + " " + coordinate(y(value));
        marks += rect("interval", x - 3, y(interval.high), 6,
                      std::max((interval.high - interval.low) * kHeight, 1.0));
        marks +=
            "<circle class=\"point\"" + attribute("cx", x) + attribute("cy", y(value)) +
            " r=\"4\"><title>" +
            escaped(point.label + ": " + rateText(value, interval) + ", n " + grouped(point.n)) +
            "</title></circle>";
    }
    out += "<path class=\"curve\" d=\"" + path + "\"/>" + marks;
    out += label("tick", kLeft + (width - kLeft) / 2, kTop + kHeight + 48, axis);
    return out + "</svg>";
}

} // namespace scrit::report
