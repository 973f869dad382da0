// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/source_map.h"

#include <QStringView>

#include <algorithm>

namespace scrit::ui::render {

namespace {

constexpr qsizetype kWindow = 4096; // how far a gap is bridged
constexpr qsizetype kAgree = 6;     // characters that must agree behind it

bool isMarkup(QChar c) {
    return c.isSpace() || c.isSurrogate() || // our own marks for line breaks
           QStringView(u"\\*_#>-+=~`|[]()!<:").contains(c);
}

// Characters of the document that stand for structure: paragraph and line ends, table cells.
bool isStructure(QChar c) {
    return c == QChar::ParagraphSeparator || c == QChar::LineSeparator || c == QChar(0xfdd0) ||
           c == QChar(0xfdd1) || c == QChar::Null;
}

class Matcher {
public:
    Matcher(QStringView text, QStringView raw)
        : m_text(text), m_raw(raw), m_steps(text.size() * 32) {}

    // Where raw[at] is in the text, at or behind the present place; -1 when it is not there.
    qsizetype find(qsizetype at) {
        const QChar c = m_raw[at];
        qsizetype i = m_next;
        while (i < m_text.size() && m_text[i] != c && isMarkup(m_text[i])) {
            ++i;
        }
        if (i < m_text.size() && m_text[i] == c) {
            return i;
        }
        if (i < m_text.size() && m_text[i] == u'&' && entityEnd(i) > 0) {
            return i;
        }
        const qsizetype stop = std::min(m_text.size(), m_next + kWindow);
        for (; i < stop && m_steps > 0; ++i, --m_steps) {
            if (m_text[i] == c && agrees(i, at)) {
                return i;
            }
        }
        return -1;
    }
    // The end of what stands at `i` for the character c.
    [[nodiscard]] qsizetype endOf(qsizetype i, QChar c) const {
        return m_text[i] != c && m_text[i] == u'&' ? entityEnd(i) : i + 1;
    }
    void moveTo(qsizetype next) { m_next = next; }
    [[nodiscard]] qsizetype next() const { return m_next; }

private:
    [[nodiscard]] qsizetype entityEnd(qsizetype i) const {
        const qsizetype end = m_text.indexOf(u';', i);
        return end > 0 && end - i <= 12 ? end + 1 : 0;
    }
    bool agrees(qsizetype i, qsizetype at) {
        for (qsizetype k = 1; k < kAgree; ++k, --m_steps) {
            if (at + k >= m_raw.size() || isStructure(m_raw[at + k]) ||
                m_raw[at + k] == QChar::ObjectReplacementCharacter) {
                return true;
            }
            if (i + k >= m_text.size() || m_text[i + k] != m_raw[at + k]) {
                return k > 3; // emphasis may begin here
            }
        }
        return true;
    }

    QStringView m_text;
    QStringView m_raw;
    qsizetype m_next = 0;
    qsizetype m_steps; // bound on searching, so that odd text costs no more than a few passes
};

} // namespace

SourceMap::SourceMap(const MarkdownSource& source, const QString& raw,
                     const std::function<int(int)>& formulaAt) {
    const std::string& bytes = source.text.text();
    const QString text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    // Byte offset of each UTF-16 unit, and where each formula's placeholder is.
    std::vector<std::uint32_t> offsets(static_cast<std::size_t>(text.size()) + 1);
    std::vector<qsizetype> placeholders(source.formulas.size(), -1);
    std::uint32_t offset = 0;
    for (qsizetype i = 0; i < text.size(); ++i) {
        offsets[static_cast<std::size_t>(i)] = offset;
        const char16_t unit = text[i].unicode();
        if (QChar::isHighSurrogate(unit) && i + 1 < text.size()) {
            const char32_t point = QChar::surrogateToUcs4(text[i], text[i + 1]);
            if (point >= kFirstPlaceholder && point - kFirstPlaceholder < placeholders.size()) {
                placeholders[point - kFirstPlaceholder] = i;
            }
            offsets[static_cast<std::size_t>(++i)] = offset;
            offset += 4;
        } else {
            offset += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
        }
    }
    offsets.back() = offset;

    const auto original = [&](qsizetype i) {
        return static_cast<std::uint32_t>(
            source.text.sourceOf(offsets[static_cast<std::size_t>(i)]));
    };
    m_places.reserve(static_cast<std::size_t>(raw.size()));
    Matcher matcher(text, raw);
    std::uint32_t last = 0;
    for (qsizetype at = 0; at < raw.size(); ++at) {
        const QChar c = raw[at];
        if (c == QChar::ObjectReplacementCharacter) {
            const int index = formulaAt(static_cast<int>(at));
            if (index >= 0 && static_cast<std::size_t>(index) < placeholders.size()) {
                const auto& span = source.formulas[static_cast<std::size_t>(index)].source;
                m_places.push_back(
                    {static_cast<std::uint32_t>(span.begin), static_cast<std::uint32_t>(span.end)});
                last = m_places.back().end;
                matcher.moveTo(placeholders[static_cast<std::size_t>(index)] + 2);
                continue;
            }
        }
        const qsizetype found = isStructure(c) ? -1 : matcher.find(at);
        if (found < 0) {
            m_places.push_back({last, last});
            continue;
        }
        const qsizetype end = matcher.endOf(found, c);
        m_places.push_back({original(found), original(end - 1) + 1});
        // The bytes of a character outside ASCII, whose last one the map does not see.
        m_places.back().end = std::max(
            m_places.back().end, m_places.back().begin + offsets[static_cast<std::size_t>(end)] -
                                     offsets[static_cast<std::size_t>(found)]);
        last = m_places.back().end;
        matcher.moveTo(end);
    }
}

std::pair<int, int> SourceMap::positionsOf(base::Span source) const {
    const auto first = std::partition_point(m_places.begin(), m_places.end(),
                                            [&](const Place& p) { return p.end <= source.begin; });
    const auto end = std::partition_point(first, m_places.end(),
                                          [&](const Place& p) { return p.begin < source.end; });
    if (first >= end) {
        return {0, 0};
    }
    // Structure behind the passage belongs to what follows.
    auto last = end;
    while (last > first && std::prev(last)->begin == std::prev(last)->end) {
        --last;
    }
    return {static_cast<int>(first - m_places.begin()), static_cast<int>(last - m_places.begin())};
}

base::Span SourceMap::sourceOf(int begin, int end) const {
    const auto size = static_cast<int>(m_places.size());
    begin = std::clamp(begin, 0, size);
    end = std::clamp(end, begin, size);
    if (m_places.empty()) {
        return {};
    }
    if (begin == end) {
        const std::size_t at =
            begin < size ? m_places[static_cast<std::size_t>(begin)].begin : m_places.back().end;
        return {at, at};
    }
    return {m_places[static_cast<std::size_t>(begin)].begin,
            m_places[static_cast<std::size_t>(end) - 1].end};
}

} // namespace scrit::ui::render
