// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/markdown_source.h"

#include "core/base/ascii.h"

#include <algorithm>
#include <optional>

namespace scrit::ui::render {

using base::Span;

namespace {

using base::isDigit;

bool isLetterLike(char c) {
    const char lower = static_cast<char>(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// "12. text" at the beginning of a line.
struct Ordinal {
    std::size_t indent = 0;
    std::size_t number = 0;
    std::size_t delimiter = 0; // offset in the line of "." or ")"
    std::size_t content = 0;   // offset in the line of the text
};

std::optional<Ordinal> ordinalOf(std::string_view line) {
    Ordinal out;
    out.indent = std::min(line.find_first_not_of(" \t"), line.size());
    std::size_t at = out.indent;
    while (at < line.size() && isDigit(line[at]) && at - out.indent < 9) {
        out.number = out.number * 10 + static_cast<std::size_t>(line[at++] - '0');
    }
    if (at == out.indent || at >= line.size() || (line[at] != '.' && line[at] != ')')) {
        return std::nullopt;
    }
    out.delimiter = at++;
    if (at < line.size() && line[at] != ' ' && line[at] != '\t') {
        return std::nullopt;
    }
    out.content = std::min(line.find_first_not_of(" \t", at), line.size());
    return out;
}

// Knows which ordered items the parser would number as they are written: lists that count 1, 2, 3 …
// without a gap. Only top-level and one nested list at a time are followed; others are escaped,
// which shows the same number without a hanging indent.
class ListTracker {
public:
    // True when the item on this line keeps its number as a list item.
    bool continues(const Ordinal& item, char delimiter, bool afterBlank) {
        while (!m_levels.empty() && item.indent < m_levels.back().indent) {
            m_levels.pop_back();
        }
        if (!m_levels.empty()) {
            Level& level = m_levels.back();
            if (item.indent < level.content) {
                if (item.number == level.number + 1 && delimiter == level.delimiter) {
                    level.number = item.number;
                    level.content = item.content;
                    return true;
                }
                m_levels.pop_back();
                return false;
            }
        }
        // Escaped text above it in the same paragraph would take a nested list in as text.
        if (item.number != 1 || (item.indent > 0 && m_levels.empty() && !afterBlank)) {
            return false;
        }
        m_levels.push_back({item.indent, item.content, item.number, delimiter});
        return true;
    }
    // Any other line that is not blank.
    void text(std::size_t indent, bool afterBlank, bool block) {
        while (!m_levels.empty() && indent < m_levels.back().content && (afterBlank || block)) {
            m_levels.pop_back();
        }
    }

private:
    struct Level {
        std::size_t indent;
        std::size_t content;
        std::size_t number;
        char delimiter;
    };
    std::vector<Level> m_levels;
};

bool isTableLine(std::string_view line) {
    return line.find('|') != std::string_view::npos;
}

// "#### 42" as GSM8K ends its solutions: a final answer, not a heading of the fourth level. The
// line says a number, or it is short, ends the text and has a figure or a formula in it.
bool isAnswerLine(std::string_view line, bool last) {
    constexpr std::string_view kMark = "####";
    const auto text = base::trimmed(line);
    if (!text.starts_with(kMark) || text.size() == kMark.size() || text[kMark.size()] == '#') {
        return false;
    }
    const auto answer = base::trimmed(text.substr(kMark.size()));
    constexpr std::string_view kNumeric = "0123456789+-.,/%$ ";
    const bool figure = std::any_of(answer.begin(), answer.end(), isDigit);
    if (figure && answer.find_first_not_of(kNumeric) == std::string_view::npos) {
        return true;
    }
    // Formulas are placeholders by now, which begin with this byte.
    const bool formula = answer.find('\xF3') != std::string_view::npos ||
                         answer.find('\\') != std::string_view::npos;
    constexpr std::size_t kLongest = 60;
    return last && answer.size() <= kLongest && !answer.ends_with(':') &&
           !base::startsWithNoCase(answer, "step") && (figure || formula || answer.size() <= 3);
}

// A line that is a block of its own: heading, quotation, bullet, table row, rule.
bool isBlockLine(std::string_view line) {
    const auto text = base::trimmed(line);
    if (text.empty()) {
        return false;
    }
    const bool bullet = text.size() > 1 && (text[0] == '-' || text[0] == '*') && text[1] == ' ';
    return text[0] == '#' || text[0] == '>' || bullet || text.substr(0, 3) == "---" ||
           text.substr(0, 3) == "***" || text.substr(0, 3) == "===" || text.substr(0, 3) == "```" ||
           text.substr(0, 3) == "~~~";
}

// Of these the parser makes one line whatever follows.
bool isOneLineBlock(std::string_view line) {
    const auto text = base::trimmed(line);
    return !text.empty() && isBlockLine(line) && text[0] != '>' &&
           !(text.size() > 1 && text[1] == ' ' && text[0] != '#');
}

class Preparer {
public:
    explicit Preparer(const SplitText& split)
        : m_split(split), m_text(split.text.text()), m_code(codeSpans(m_text)) {}

    MappedText run();

private:
    void line(std::size_t begin, std::size_t end);
    void lineBody(std::size_t begin, std::size_t end);
    [[nodiscard]] bool breaksAfter(std::string_view line, std::size_t end) const;
    void copy(std::size_t begin, std::size_t end) { m_out.append(m_split.text, begin, end); }
    void insert(std::string_view bytes, std::size_t at) {
        m_out.insert(bytes, m_split.text.sourceOf(at));
    }
    void codeBlock(Span span);
    void answerLine(std::size_t begin, std::size_t end);
    // Whether the line [begin, end) is a final answer behind "####".
    [[nodiscard]] bool isAnswer(std::size_t begin, std::size_t end) const {
        return isAnswerLine(m_text.substr(begin, end - begin),
                            base::trimmed(m_text.substr(end)).empty());
    }
    [[nodiscard]] bool needsEscape(std::size_t at) const;

    const SplitText& m_split;
    std::string_view m_text;
    std::vector<Span> m_code;
    std::vector<Span>::const_iterator m_nextCode;
    MappedText m_out;
    ListTracker m_lists;
    bool m_afterBlank = true;
};

// An asterisk between operands is a product, not emphasis.
bool Preparer::needsEscape(std::size_t at) const {
    if (m_text[at] != '*' || at == 0 || at + 1 >= m_text.size()) {
        return false;
    }
    const char before = m_text[at - 1];
    const char after = m_text[at + 1];
    const bool left = isDigit(before) || before == ')';
    const bool right = isDigit(after) || after == '(';
    return (left && (right || isLetterLike(after))) || (right && isLetterLike(before));
}

void Preparer::lineBody(std::size_t begin, std::size_t end) {
    std::size_t copied = begin;
    for (std::size_t at = begin; at < end; ++at) {
        if (m_nextCode != m_code.end() && at == m_nextCode->begin) {
            at = std::min(end, m_nextCode->end) - 1;
            if (m_nextCode->end <= end) {
                ++m_nextCode;
            }
        } else if (needsEscape(at)) {
            copy(copied, at);
            insert("\\", at);
            copied = at;
        }
    }
    copy(copied, end);
}

void Preparer::line(std::size_t begin, std::size_t end) {
    const std::string_view line = m_text.substr(begin, end - begin);
    if (base::trimmed(line).empty()) {
        m_afterBlank = true;
        copy(begin, end);
        return;
    }
    if (isAnswer(begin, end)) {
        answerLine(begin, end);
        return;
    }
    const std::size_t indent = line.find_first_not_of(" \t");
    std::size_t from = begin;
    if (const auto ordinal = ordinalOf(line)) {
        if (!m_lists.continues(*ordinal, line[ordinal->delimiter], m_afterBlank)) {
            copy(begin, begin + ordinal->delimiter);
            insert("\\", begin + ordinal->delimiter);
            from = begin + ordinal->delimiter;
        }
    } else {
        m_lists.text(indent, m_afterBlank, isBlockLine(line));
        if (line[indent] == '+' && indent + 1 < line.size() && line[indent + 1] == ' ') {
            copy(begin, begin + indent);
            insert("\\", begin + indent);
            from = begin + indent;
        }
    }
    m_afterBlank = false;
    const bool breaks = breaksAfter(line, end);
    // The writer's own mark for a line break has done its work.
    const bool marked = breaks && line.back() == '\\' && !line.ends_with("\\\\");
    lineBody(from, marked ? end - 1 : end);
    if (breaks) {
        std::string mark;
        base::appendUtf8(mark, kLineBreak);
        insert(mark, end);
    }
}

// Does the line that ends at `end` stay a line of its own? Not before and behind blocks, which the
// parser keeps apart anyway.
bool Preparer::breaksAfter(std::string_view line, std::size_t end) const {
    const std::size_t next = end + 1;
    if (next >= m_text.size()) {
        return false;
    }
    const std::size_t nextEnd = std::min(m_text.find('\n', next), m_text.size());
    const std::string_view following = m_text.substr(next, nextEnd - next);
    const bool block = isBlockLine(following) && !isAnswer(next, nextEnd);
    return !base::trimmed(following).empty() && !isOneLineBlock(line) && !block &&
           !isTableLine(line) && !isTableLine(following);
}

// The mark stays as it is written, the answer behind it stands out.
void Preparer::answerLine(std::size_t begin, std::size_t end) {
    const std::size_t mark = m_text.find('#', begin);
    const std::size_t answer = m_text.find_first_not_of("# \t", mark);
    std::size_t stop = end;
    while (stop > answer && base::isSpace(m_text[stop - 1])) {
        --stop;
    }
    m_lists.text(0, true, true);
    m_afterBlank = false;
    insert("\\", mark);
    copy(mark, answer);
    // Emphasis ends only behind a letter, a figure or a sign that is no punctuation.
    const char last = m_text[stop - 1];
    const bool strong = isDigit(last) || isLetterLike(last);
    const bool opens = isDigit(m_text[answer]) || isLetterLike(m_text[answer]);
    if (strong && opens) {
        insert("**", answer);
    }
    lineBody(answer, stop);
    if (strong && opens) {
        insert("**", stop);
    }
    if (breaksAfter("text", end)) {
        std::string lineBreak;
        base::appendUtf8(lineBreak, kLineBreak);
        insert(lineBreak, end);
    }
}

// A block that must reach the parser byte for byte; [asy] becomes a fence.
void Preparer::codeBlock(Span span) {
    const bool asy = m_text.substr(span.begin, 5) == "[asy]";
    if (!asy) {
        copy(span.begin, span.end);
        return;
    }
    if (span.begin > 0 && m_text[span.begin - 1] != '\n') {
        insert("\n", span.begin);
    }
    insert("````asy\n", span.begin);
    constexpr std::string_view kEnd = "[/asy]";
    Span inner{span.begin + 5, span.end};
    if (base::slice(m_text, inner).ends_with(kEnd)) {
        inner.end -= kEnd.size();
    }
    const auto body = base::trimmed(m_text, inner);
    copy(body.begin, body.end);
    insert("\n````\n", span.end);
}

MappedText Preparer::run() {
    m_nextCode = m_code.begin();
    for (std::size_t at = 0; at < m_text.size();) {
        while (m_nextCode != m_code.end() && m_nextCode->begin < at) {
            ++m_nextCode;
        }
        std::size_t end = std::min(m_text.find('\n', at), m_text.size());
        // Block code that begins on this line and code spans that cross its end.
        if (m_nextCode != m_code.end() && m_nextCode->begin < end) {
            const auto head = m_text.substr(m_nextCode->begin, 5);
            const bool block =
                head == "[asy]" || (m_nextCode->begin == at && m_nextCode->end >= end);
            if (block) {
                if (m_nextCode->begin > at) {
                    lineBody(at, m_nextCode->begin);
                }
                const Span span = *m_nextCode++;
                codeBlock(span);
                at = span.end;
                m_lists.text(0, true, true);
                m_afterBlank = true;
                continue;
            }
            for (auto code = m_nextCode; code != m_code.end() && code->begin < end; ++code) {
                if (code->end > end) {
                    end = std::min(m_text.find('\n', code->end), m_text.size());
                }
            }
        }
        line(at, end);
        if (end < m_text.size()) {
            copy(end, end + 1);
        }
        at = end + 1;
    }
    return std::move(m_out);
}

} // namespace

MarkdownSource prepareMarkdown(std::string_view markdown) {
    SplitText split = splitMath(markdown);
    MappedText text = Preparer(split).run();
    return {std::move(text), std::move(split.formulas)};
}

} // namespace scrit::ui::render
