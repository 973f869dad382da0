// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPainterPath>
#include <QRectF>
#include <QString>
#include <QTransform>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::ui::render {

// The outline of a glyph. Every distinct outline is parsed once in the life of the process and
// shared.
struct GlyphPath {
    QPainterPath path; // non-zero winding
    std::string data;  // SVG path data
};

// One thing to draw. Coordinates are thousandths of an em, y points down, the origin is on the
// baseline at the formula's left edge; `transform` maps the operation's own coordinates there.
struct DrawOp {
    enum class Kind : std::uint8_t {
        Glyph,  // fill `path` of the list
        Rect,   // fill `rect`
        Stroke, // draw the outline of `path` with `strokeWidth`, dashed when `dashed`
        Text,   // `text` in the interface's font: a character that MathJax has no glyph for
    };
    Kind kind = Kind::Rect;
    bool dashed = false;
    std::int32_t clip = -1; // index into DisplayList::clips, -1: none
    QTransform transform;
    QRectF rect;
    double strokeWidth = 0;
    double textSize = 0; // thousandths of an em
    std::shared_ptr<const GlyphPath> path;
    QString text;
    QColor color; // invalid: the text colour
};

// A typeset formula, independent of size, colour and device. Immutable once made, so any thread may
// read it. Lengths are in em of the surrounding mathematics font.
struct DisplayList {
    double width = 0;
    double ascent = 0;
    double descent = 0;
    std::vector<DrawOp> ops;
    std::vector<QRectF> clips;

    // Memory held, without the shared glyph paths; what the memory cache counts.
    [[nodiscard]] std::size_t bytes() const;
};

// What became of a formula: either a list to draw or the reason why its source is shown.
struct MathResult {
    DisplayList list;
    QString error; // empty: typeset

    [[nodiscard]] bool ok() const { return error.isEmpty(); }
};
using MathResultPtr = std::shared_ptr<const MathResult>;

// Reads the SVG that MathJax writes (groups, paths, uses of rect, line, polygon, ellipse and text,
// nested svg elements with their clip). Only what MathJax emits is understood; nothing is loaded
// from anywhere. Bounded: an image with more than kMaxOps operations or kMaxDepth levels, or larger
// than kMaxEm, is refused. Returns nothing and sets `error` for text that is not such an image. Any
// thread.
inline constexpr std::size_t kMaxOps = 20000;
inline constexpr int kMaxDepth = 400;
inline constexpr double kMaxEm = 1000; // width or height
[[nodiscard]] std::optional<DisplayList> parseMathSvg(std::string_view svg, QString& error);

// The outline of SVG path data, from the shared table. An unknown command ends the outline. Any
// thread.
[[nodiscard]] std::shared_ptr<const GlyphPath> glyphPath(std::string_view svgPathData);

} // namespace scrit::ui::render
