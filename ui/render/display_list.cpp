// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/display_list.h"

#include <array>
#include <charconv>
#include <cmath>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace scrit::ui::render {

std::size_t DisplayList::bytes() const {
    std::size_t total =
        sizeof(*this) + ops.capacity() * sizeof(DrawOp) + clips.capacity() * sizeof(QRectF);
    for (const DrawOp& op : ops) {
        total += static_cast<std::size_t>(op.text.capacity()) * sizeof(QChar);
    }
    return total;
}

namespace {

bool isSeparator(char c) {
    return c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r';
}

// Reads numbers from a list such as "10,-3.5 2e3-4"; after the last one ok() is false.
class NumberReader {
public:
    explicit NumberReader(std::string_view text) : m_rest(text) {}

    [[nodiscard]] bool ok() const { return m_ok; }
    double next() {
        skip();
        double value = 0;
        const auto [end, error] =
            std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), value);
        // Hostile sizes would only make the painter slow.
        if (error != std::errc() || !std::isfinite(value) || std::abs(value) > 1e7) {
            m_ok = false;
            return 0;
        }
        m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
        return value;
    }
    // The next letter, or 0 when a number or the end comes next.
    char letter() {
        skip();
        if (m_rest.empty() || (m_rest[0] | 0x20) < 'a' || (m_rest[0] | 0x20) > 'z') {
            return 0;
        }
        const char c = m_rest[0];
        m_rest.remove_prefix(1);
        return c;
    }
    [[nodiscard]] bool atEnd() {
        skip();
        return m_rest.empty();
    }

private:
    void skip() {
        while (!m_rest.empty() && isSeparator(m_rest[0])) {
            m_rest.remove_prefix(1);
        }
    }
    std::string_view m_rest;
    bool m_ok = true;
};

// SVG 1.1 section 8.3, the commands that fonts use: M L H V Q T C S Z and their relative forms.
QPainterPath parsePath(std::string_view data) {
    QPainterPath path;
    path.setFillRule(Qt::WindingFill);
    NumberReader in(data);
    char command = 0;
    QPointF current;
    QPointF control; // of the curve before, for T and S
    char before = 0;
    while (!in.atEnd()) {
        if (const char letter = in.letter()) {
            command = letter;
        }
        const bool relative = command >= 'a';
        const char upper = static_cast<char>(command & ~0x20);
        const QPointF base = relative ? current : QPointF();
        const auto point = [&] {
            const double x = in.next();
            const double y = in.next();
            return base + QPointF(x, y);
        };
        const bool smooth = (upper == 'T' && (before == 'Q' || before == 'T')) ||
                            (upper == 'S' && (before == 'C' || before == 'S'));
        const QPointF mirrored = smooth ? 2 * current - control : current;
        if (upper == 'Z') {
            path.closeSubpath();
            current = path.currentPosition();
        } else if (upper == 'M') {
            current = point();
            path.moveTo(current);
            command = relative ? 'l' : 'L';
        } else if (upper == 'L') {
            path.lineTo(current = point());
        } else if (upper == 'H') {
            path.lineTo(current = QPointF(base.x() + in.next(), current.y()));
        } else if (upper == 'V') {
            path.lineTo(current = QPointF(current.x(), base.y() + in.next()));
        } else if (upper == 'Q' || upper == 'T') {
            control = upper == 'Q' ? point() : mirrored;
            path.quadTo(control, current = point());
        } else if (upper == 'C' || upper == 'S') {
            const QPointF first = upper == 'C' ? point() : mirrored;
            control = point();
            path.cubicTo(first, control, current = point());
        } else {
            break;
        }
        before = upper;
        if (!in.ok()) {
            break;
        }
    }
    return path;
}

struct GlyphTable {
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<const GlyphPath>> paths;
};

} // namespace

std::shared_ptr<const GlyphPath> glyphPath(std::string_view data) {
    // MathJax's fonts have about 2,500 glyphs; outlines beyond the bound come from odd formulas.
    constexpr std::size_t kMaxShared = 8192;
    static GlyphTable table;
    std::string key(data);
    {
        const std::lock_guard lock(table.mutex);
        if (const auto found = table.paths.find(key); found != table.paths.end()) {
            return found->second;
        }
    }
    // Made outside: two threads may make the same one, and the first stays.
    auto path = std::make_shared<const GlyphPath>(GlyphPath{parsePath(data), key});
    const std::lock_guard lock(table.mutex);
    if (table.paths.size() < kMaxShared) {
        return table.paths.emplace(std::move(key), path).first->second;
    }
    return path;
}

namespace {

// What an element hands down to its children.
struct Inherited {
    QTransform transform;
    QColor fill; // invalid: the text colour
    QColor stroke;
    bool filled = true;
    double strokeWidth = 0;
    std::int32_t clip = -1;
};

struct Attribute {
    std::string_view name;
    std::string_view value;
};

// One start tag; attribute values are views into the text, entities not decoded.
struct Tag {
    std::string_view name;
    std::array<Attribute, 24> attributes;
    std::size_t count = 0;
    bool closing = false;
    bool empty = false;

    [[nodiscard]] std::string_view value(std::string_view attribute) const {
        for (std::size_t i = 0; i < count; ++i) {
            if (attributes[i].name == attribute) {
                return attributes[i].value;
            }
        }
        return {};
    }
    [[nodiscard]] double number(std::string_view attribute) const {
        const std::string_view text = value(attribute);
        return text.empty() ? 0 : NumberReader(text).next();
    }
};

QString decoded(std::string_view text) {
    QString out = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    out.replace(QLatin1String("&lt;"), QLatin1String("<"));
    out.replace(QLatin1String("&gt;"), QLatin1String(">"));
    out.replace(QLatin1String("&quot;"), QLatin1String("\""));
    out.replace(QLatin1String("&amp;"), QLatin1String("&"));
    return out;
}

// "translate(a,b) scale(c)" …: the operations apply from right to left, as QTransform's own do.
QTransform parseTransform(std::string_view text) {
    QTransform out;
    while (true) {
        const std::size_t open = text.find('(');
        const std::size_t close = text.find(')');
        if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
            return out;
        }
        std::string_view name = text.substr(0, open);
        while (!name.empty() && isSeparator(name[0])) {
            name.remove_prefix(1);
        }
        NumberReader in(text.substr(open + 1, close - open - 1));
        const double a = in.next();
        const bool single = in.atEnd();
        if (name == "translate") {
            out.translate(a, single ? 0 : in.next());
        } else if (name == "scale") {
            out.scale(a, single ? a : in.next());
        } else if (name == "rotate") {
            const double x = single ? 0 : in.next();
            const double y = single ? 0 : in.next();
            out.translate(x, y);
            out.rotate(a);
            out.translate(-x, -y);
        } else if (name == "skewX") {
            out.shear(std::tan(a * 3.14159265358979323846 / 180), 0);
        } else if (name == "matrix") {
            const double b = in.next();
            const double c = in.next();
            const double d = in.next();
            const double e = in.next();
            out = QTransform(a, b, c, d, e, in.next()) * out;
        }
        text.remove_prefix(close + 1);
    }
}

QColor parseColor(std::string_view text) {
    // Black means ink here (\rule, \color{black}), which a dark palette has in another colour.
    if (text == "currentColor" || text == "black") {
        return {};
    }
    const QString name = decoded(text);
    if (name.startsWith(QLatin1String("rgb("))) {
        NumberReader in(text.substr(4));
        const int r = static_cast<int>(in.next());
        const int g = static_cast<int>(in.next());
        const int b = static_cast<int>(in.next());
        return QColor(qBound(0, r, 255), qBound(0, g, 255), qBound(0, b, 255));
    }
    return QColor(name); // invalid for an unknown name: the text colour
}

class SvgReader {
public:
    explicit SvgReader(std::string_view text) : m_text(text) {}
    std::optional<DisplayList> read(QString& error);

private:
    bool nextTag(Tag& tag);
    bool open(const Tag& tag);
    void inherit(const Tag& tag, Inherited& state) const;
    bool enterSvg(const Tag& tag, Inherited& state);
    void draw(const Tag& tag, const Inherited& state);
    void addStroke(const Inherited& state, const std::string& data, const Tag& tag);
    DrawOp& add(DrawOp::Kind kind, const Inherited& state);

    std::string_view m_text;
    std::size_t m_at = 0;
    std::vector<Inherited> m_stack;
    DisplayList m_list;
    bool m_hasRoot = false;
};

bool SvgReader::nextTag(Tag& tag) {
    m_at = m_text.find('<', m_at);
    if (m_at == std::string_view::npos) {
        return false;
    }
    ++m_at;
    tag = Tag{};
    if (m_at < m_text.size() && m_text[m_at] == '/') {
        tag.closing = true;
        ++m_at;
    }
    const auto until = [&](std::string_view stops) {
        const std::size_t begin = m_at;
        m_at = std::min(m_text.find_first_of(stops, m_at), m_text.size());
        return m_text.substr(begin, m_at - begin);
    };
    tag.name = until(" \t\n/>");
    while (m_at < m_text.size()) {
        while (m_at < m_text.size() && isSeparator(m_text[m_at])) {
            ++m_at;
        }
        if (m_at >= m_text.size()) {
            return false;
        }
        if (m_text[m_at] == '>') {
            ++m_at;
            return true;
        }
        if (m_text[m_at] == '/') {
            tag.empty = true;
            ++m_at;
            continue;
        }
        const std::string_view name = until("=>/ ");
        if (m_at + 1 >= m_text.size() || m_text[m_at] != '=' || m_text[m_at + 1] != '"') {
            continue;
        }
        m_at += 2;
        const std::string_view value = until("\"");
        ++m_at;
        if (tag.count < tag.attributes.size()) {
            tag.attributes[tag.count++] = {name, value};
        }
    }
    return false;
}

void SvgReader::inherit(const Tag& tag, Inherited& state) const {
    if (const auto text = tag.value("transform"); !text.empty()) {
        state.transform = parseTransform(text) * state.transform;
    }
    if (const auto text = tag.value("fill"); !text.empty()) {
        state.filled = text != "none";
        if (state.filled) {
            state.fill = parseColor(text);
        }
    }
    if (const auto text = tag.value("stroke"); !text.empty() && text != "none") {
        state.stroke = parseColor(text);
    }
    if (const auto text = tag.value("stroke-width"); !text.empty()) {
        state.strokeWidth = NumberReader(text).next();
    }
}

bool SvgReader::enterSvg(const Tag& tag, Inherited& state) {
    NumberReader in(tag.value("viewBox"));
    const double x = in.next();
    const double y = in.next();
    const double width = in.next();
    const double height = in.next();
    if (!in.ok() || width < 0 || height < 0) {
        return false;
    }
    if (!m_hasRoot) {
        m_hasRoot = true;
        m_list.width = width / 1000;
        m_list.ascent = -y / 1000;
        m_list.descent = (height + y) / 1000;
        state.transform = QTransform::fromTranslate(-x, 0);
        return true;
    }
    const QRectF view(tag.number("x"), tag.number("y"), tag.number("width"), tag.number("height"));
    QRectF clip = state.transform.mapRect(view);
    if (state.clip >= 0) {
        clip &= m_list.clips[static_cast<std::size_t>(state.clip)];
    }
    state.clip = static_cast<std::int32_t>(m_list.clips.size());
    m_list.clips.push_back(clip);
    QTransform inner = QTransform::fromTranslate(-x, -y);
    if (width > 0 && height > 0) {
        inner *= QTransform::fromScale(view.width() / width, view.height() / height);
    }
    state.transform = inner * QTransform::fromTranslate(view.x(), view.y()) * state.transform;
    return true;
}

DrawOp& SvgReader::add(DrawOp::Kind kind, const Inherited& state) {
    DrawOp op;
    op.kind = kind;
    op.clip = state.clip;
    op.transform = state.transform;
    op.color = kind == DrawOp::Kind::Stroke ? state.stroke : state.fill;
    m_list.ops.push_back(std::move(op));
    return m_list.ops.back();
}

void SvgReader::addStroke(const Inherited& state, const std::string& data, const Tag& tag) {
    // The widths and dashes that MathJax's style sheet gives to lines and frames of tables.
    const bool table = !tag.value("data-line").empty() || !tag.value("data-frame").empty();
    const double width = state.strokeWidth > 0 ? state.strokeWidth : table ? 70 : 0;
    if (width <= 0) {
        return;
    }
    const std::string_view style = tag.value("class");
    DrawOp& op = add(DrawOp::Kind::Stroke, state);
    op.strokeWidth = width;
    op.dashed = style.find("dashed") != std::string_view::npos ||
                style.find("dotted") != std::string_view::npos ||
                !tag.value("stroke-dasharray").empty();
    op.path = glyphPath(data);
}

std::string pathOfPoints(std::string_view points, bool closed) {
    std::string data;
    NumberReader in(points);
    while (!in.atEnd() && in.ok()) {
        const double x = in.next();
        const double y = in.next();
        data += (data.empty() ? "M" : "L") + std::to_string(x) + " " + std::to_string(y);
    }
    return closed ? data + "Z" : data;
}

std::string pathOfEllipse(double cx, double cy, double rx, double ry) {
    constexpr double kArc = 0.5522847498; // cubic control distance of a quarter circle
    const auto curve = [&](double x1, double y1, double x2, double y2, double x, double y) {
        std::string out = "C";
        for (const double v :
             {cx + x1 * rx, cy + y1 * ry, cx + x2 * rx, cy + y2 * ry, cx + x * rx, cy + y * ry}) {
            out += std::to_string(v) + " ";
        }
        return out;
    };
    return "M" + std::to_string(cx + rx) + " " + std::to_string(cy) +
           curve(1, kArc, kArc, 1, 0, 1) + curve(-kArc, 1, -1, kArc, -1, 0) +
           curve(-1, -kArc, -kArc, -1, 0, -1) + curve(kArc, -1, 1, -kArc, 1, 0) + "Z";
}

void SvgReader::draw(const Tag& tag, const Inherited& state) {
    const auto n = [&](std::string_view attribute) {
        return std::to_string(tag.number(attribute));
    };
    if (tag.name == "path" || tag.name == "polygon" || tag.name == "ellipse" ||
        tag.name == "polyline" || tag.name == "circle") {
        std::string data(tag.value("d"));
        if (tag.name == "ellipse") {
            data = pathOfEllipse(tag.number("cx"), tag.number("cy"), tag.number("rx"),
                                 tag.number("ry"));
        } else if (tag.name == "circle") {
            data =
                pathOfEllipse(tag.number("cx"), tag.number("cy"), tag.number("r"), tag.number("r"));
        } else if (tag.name != "path") {
            data = pathOfPoints(tag.value("points"), tag.name == "polygon");
        }
        if (state.filled) {
            add(DrawOp::Kind::Glyph, state).path = glyphPath(data);
        }
        addStroke(state, data, tag);
    } else if (tag.name == "rect") {
        const QRectF rect(tag.number("x"), tag.number("y"), tag.number("width"),
                          tag.number("height"));
        if (state.filled && tag.value("data-frame").empty()) {
            add(DrawOp::Kind::Rect, state).rect = rect;
        } else {
            addStroke(state,
                      "M" + n("x") + " " + n("y") + "h" + n("width") + "v" + n("height") + "h" +
                          std::to_string(-tag.number("width")) + "Z",
                      tag);
        }
    } else if (tag.name == "line") {
        addStroke(state, "M" + n("x1") + " " + n("y1") + "L" + n("x2") + " " + n("y2"), tag);
    } else if (tag.name == "text") {
        const std::size_t end = std::min(m_text.find('<', m_at), m_text.size());
        DrawOp& op = add(DrawOp::Kind::Text, state);
        op.text = decoded(m_text.substr(m_at, end - m_at));
        op.textSize = tag.number("font-size");
    }
}

bool SvgReader::open(const Tag& tag) {
    Inherited state = m_stack.empty() ? Inherited{} : m_stack.back();
    if (tag.name == "svg") {
        if (!enterSvg(tag, state)) {
            return false;
        }
    } else {
        inherit(tag, state);
        draw(tag, state);
    }
    m_stack.push_back(state);
    return true;
}

std::optional<DisplayList> SvgReader::read(QString& error) {
    Tag tag;
    while (nextTag(tag)) {
        if (tag.closing) {
            if (!m_stack.empty()) {
                m_stack.pop_back();
            }
            continue;
        }
        if (!m_hasRoot && tag.name != "svg") {
            continue;
        }
        if (!open(tag)) {
            error = QStringLiteral("the typeset formula has no size");
            return std::nullopt;
        }
        if (m_list.ops.size() > kMaxOps || m_stack.size() > static_cast<std::size_t>(kMaxDepth)) {
            error = QStringLiteral("the formula is too large to draw");
            return std::nullopt;
        }
        if (tag.empty) {
            m_stack.pop_back();
        }
    }
    if (!m_hasRoot) {
        error = QStringLiteral("the typesetter gave no image");
        return std::nullopt;
    }
    if (m_list.width > kMaxEm || m_list.ascent > kMaxEm || m_list.descent > kMaxEm ||
        m_list.ascent + m_list.descent < 0) {
        error = QStringLiteral("the formula is too large to draw");
        return std::nullopt;
    }
    m_list.ops.shrink_to_fit();
    return std::move(m_list);
}

} // namespace

std::optional<DisplayList> parseMathSvg(std::string_view svg, QString& error) {
    return SvgReader(svg).read(error);
}

} // namespace scrit::ui::render
