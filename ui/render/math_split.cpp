// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/math_split.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

namespace scrit::ui::render {

using base::Span;

void MappedText::append(std::string_view bytes, std::size_t source) {
    if (bytes.empty()) {
        return;
    }
    if (m_runs.empty() || !m_runs.back().copied ||
        m_runs.back().source + (m_text.size() - m_runs.back().begin) != source) {
        m_runs.push_back({m_text.size(), source, true});
    }
    m_text += bytes;
}

void MappedText::insert(std::string_view bytes, std::size_t source) {
    if (bytes.empty()) {
        return;
    }
    m_runs.push_back({m_text.size(), source, false});
    m_text += bytes;
}

void MappedText::append(const MappedText& from, std::size_t begin, std::size_t end) {
    auto run = std::upper_bound(from.m_runs.begin(), from.m_runs.end(), begin,
                                [](std::size_t o, const Run& r) { return o < r.begin; });
    const std::string_view bytes = from.m_text;
    while (begin < end) {
        const std::size_t stop = run == from.m_runs.end() ? end : std::min(end, run->begin);
        const Run& current = *std::prev(run);
        if (current.copied) {
            append(bytes.substr(begin, stop - begin), current.source + (begin - current.begin));
        } else {
            insert(bytes.substr(begin, stop - begin), current.source);
        }
        begin = stop;
        if (run != from.m_runs.end()) {
            ++run;
        }
    }
}

std::size_t MappedText::sourceOf(std::size_t offset) const {
    const auto after =
        std::upper_bound(m_runs.begin(), m_runs.end(), offset,
                         [](std::size_t o, const Run& run) { return o < run.begin; });
    if (after == m_runs.begin()) {
        return 0;
    }
    const Run& run = *std::prev(after);
    return run.copied ? run.source + (offset - run.begin) : run.source;
}

namespace {

constexpr std::string_view kAsyBegin = "[asy]";
constexpr std::string_view kAsyEnd = "[/asy]";

std::size_t runLength(std::string_view text, std::size_t at, char c) {
    std::size_t end = at;
    while (end < text.size() && text[end] == c) {
        ++end;
    }
    return end - at;
}

// End of the line that holds `at`: the newline or the end of the text.
std::size_t lineEnd(std::string_view text, std::size_t at) {
    return std::min(text.find('\n', at), text.size());
}

// A fence at the beginning of the line at `line`: its character, length and the position behind it.
struct Fence {
    char mark = 0;
    std::size_t length = 0;
    std::size_t after = 0;
};

std::optional<Fence> fenceAt(std::string_view text, std::size_t line) {
    std::size_t at = line;
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '>')) {
        ++at;
    }
    if (at >= text.size() || (text[at] != '`' && text[at] != '~')) {
        return std::nullopt;
    }
    const std::size_t length = runLength(text, at, text[at]);
    if (length < 3) {
        return std::nullopt;
    }
    const std::size_t after = at + length;
    // An info string holds no backtick; otherwise this is a code span.
    if (text[at] == '`' &&
        text.substr(after, lineEnd(text, after) - after).find('`') != std::string_view::npos) {
        return std::nullopt;
    }
    return Fence{text[at], length, after};
}

// End of the fenced block whose opening fence is on the line at `line`.
std::size_t fencedBlockEnd(std::string_view text, const Fence& open) {
    std::size_t line = lineEnd(text, open.after);
    while (line < text.size()) {
        ++line;
        const std::size_t end = lineEnd(text, line);
        const auto fence = fenceAt(text.substr(0, end), line);
        if (fence && fence->mark == open.mark && fence->length >= open.length &&
            base::trimmed(text.substr(fence->after, end - fence->after)).empty()) {
            return end;
        }
        line = end;
    }
    return text.size();
}

// Does a blank line begin at the newline `at`?
bool isParagraphBreak(std::string_view text, std::size_t at) {
    std::size_t next = at + 1;
    while (next < text.size() && (text[next] == ' ' || text[next] == '\t' || text[next] == '\r')) {
        ++next;
    }
    return next >= text.size() || text[next] == '\n';
}

// Closing positions of backtick runs, so that many unclosed runs do not make the search quadratic.
class BacktickIndex {
public:
    explicit BacktickIndex(std::string_view text) {
        for (std::size_t at = text.find('`'); at != std::string_view::npos;
             at = text.find('`', at)) {
            const std::size_t length = runLength(text, at, '`');
            m_runs[length].push_back(at);
            at += length;
        }
    }
    // First run of exactly `length` backticks at or after `from`.
    [[nodiscard]] std::optional<std::size_t> find(std::size_t length, std::size_t from) const {
        const auto runs = m_runs.find(length);
        if (runs == m_runs.end()) {
            return std::nullopt;
        }
        const auto run = std::lower_bound(runs->second.begin(), runs->second.end(), from);
        return run == runs->second.end() ? std::nullopt : std::optional(*run);
    }

private:
    std::unordered_map<std::size_t, std::vector<std::size_t>> m_runs;
};

std::vector<std::size_t> paragraphBreaks(std::string_view text) {
    std::vector<std::size_t> breaks;
    for (std::size_t at = text.find('\n'); at != std::string_view::npos;
         at = text.find('\n', at + 1)) {
        if (isParagraphBreak(text, at)) {
            breaks.push_back(at);
        }
    }
    return breaks;
}

std::size_t paragraphEnd(const std::vector<std::size_t>& breaks, std::size_t from,
                         std::size_t size) {
    const auto next = std::lower_bound(breaks.begin(), breaks.end(), from);
    return next == breaks.end() ? size : *next;
}

} // namespace

std::vector<Span> codeSpans(std::string_view text) {
    std::vector<Span> spans;
    const BacktickIndex backticks(text);
    const std::vector<std::size_t> breaks = paragraphBreaks(text);
    bool lineStart = true;
    for (std::size_t at = 0; at < text.size();) {
        if (lineStart) {
            lineStart = false;
            if (const auto fence = fenceAt(text, at)) {
                const std::size_t end = fencedBlockEnd(text, *fence);
                spans.push_back({at, end});
                at = end;
                continue;
            }
        }
        const char c = text[at];
        if (c == '\\' && at + 1 < text.size() && text[at + 1] != '\n') {
            at += 2;
        } else if (c == '`') {
            const std::size_t length = runLength(text, at, '`');
            const auto close = backticks.find(length, at + length);
            if (close && *close < paragraphEnd(breaks, at, text.size())) {
                spans.push_back({at, *close + length});
                at = *close + length;
            } else {
                at += length;
            }
        } else if (c == '[' && text.substr(at, kAsyBegin.size()) == kAsyBegin) {
            const std::size_t close = text.find(kAsyEnd, at);
            const std::size_t end =
                close == std::string_view::npos ? text.size() : close + kAsyEnd.size();
            spans.push_back({at, end});
            at = end;
        } else {
            lineStart = c == '\n';
            ++at;
        }
    }
    return spans;
}

namespace {

constexpr std::size_t kMaxBoxBytes = 2048; // of a bare \boxed{}

constexpr std::array<std::string_view, 27> kEnvironments = {
    "align",    "align*",    "alignat",     "alignat*", "aligned",   "array",    "bmatrix",
    "Bmatrix",  "cases",     "displaymath", "eqnarray", "eqnarray*", "equation", "equation*",
    "flalign",  "flalign*",  "gather",      "gather*",  "gathered",  "math",     "matrix",
    "multline", "multline*", "pmatrix",     "split",    "vmatrix",   "Vmatrix"};

// Scans one text. All positions are offsets into it; a `limit` is the end of what may be looked at
// (the next code span, or the bound on a formula's length).
class Splitter {
public:
    explicit Splitter(std::string_view text)
        : m_text(text), m_breaks(paragraphBreaks(text)), m_code(codeSpans(text)) {}

    SplitText run();

private:
    struct Found {
        Formula formula;
        std::size_t end = 0;
    };

    [[nodiscard]] std::optional<Found> formulaAt(std::size_t at, std::size_t codeBegin);
    [[nodiscard]] std::optional<Found> delimited(std::size_t at, std::size_t limit, bool display);
    [[nodiscard]] std::optional<Found> dollars(std::size_t at, std::size_t limit);
    [[nodiscard]] std::optional<Found> doubleDollars(std::size_t at, std::size_t limit);
    [[nodiscard]] std::optional<Found> environment(std::size_t at, std::size_t limit);
    [[nodiscard]] std::optional<Found> boxed(std::size_t at, std::size_t limit) const;
    [[nodiscard]] std::optional<std::size_t> find(std::string_view needle, std::string_view opener,
                                                  std::size_t from, std::size_t limit);
    [[nodiscard]] Found make(std::size_t begin, std::size_t bodyBegin, std::size_t bodyEnd,
                             std::size_t end, bool display) const;

    std::string_view m_text;
    std::vector<std::size_t> m_breaks;
    std::vector<Span> m_code;
    // "No such delimiter between here and the end": keeps many unclosed openers linear.
    std::unordered_map<std::string_view, std::size_t> m_absentFrom;
};

Splitter::Found Splitter::make(std::size_t begin, std::size_t bodyBegin, std::size_t bodyEnd,
                               std::size_t end, bool display) const {
    const auto body = base::trimmed(m_text.substr(bodyBegin, bodyEnd - bodyBegin));
    return {{std::string(body), display, {begin, end}}, end};
}

// Position of `needle` that is not behind a backslash escape, in [from, limit) and before the next
// `opener`: what opens twice was not an opener, and the search stays linear.
std::optional<std::size_t> Splitter::find(std::string_view needle, std::string_view opener,
                                          std::size_t from, std::size_t limit) {
    const auto absent = m_absentFrom.find(needle);
    if (absent != m_absentFrom.end() && from >= absent->second) {
        return std::nullopt;
    }
    if (m_text.find(needle, from) == std::string_view::npos) {
        m_absentFrom[needle] = from;
        return std::nullopt;
    }
    for (std::size_t at = from; at + needle.size() <= limit;) {
        if (m_text.compare(at, needle.size(), needle) == 0) {
            return at;
        }
        if (!opener.empty() && m_text.compare(at, opener.size(), opener) == 0) {
            return std::nullopt;
        }
        at += m_text[at] == '\\' ? 2 : 1;
    }
    return std::nullopt;
}

std::optional<Splitter::Found> Splitter::delimited(std::size_t at, std::size_t limit,
                                                   bool display) {
    if (!display) {
        limit = std::min(limit, paragraphEnd(m_breaks, at, m_text.size()));
    }
    const auto close = find(display ? "\\]" : "\\)", display ? "\\[" : "\\(", at + 2, limit);
    if (!close) {
        return std::nullopt;
    }
    return make(at, at + 2, *close, *close + 2, display);
}

std::optional<Splitter::Found> Splitter::doubleDollars(std::size_t at, std::size_t limit) {
    const auto close = find("$$", {}, at + 2, limit);
    if (!close || base::trimmed(m_text.substr(at + 2, *close - at - 2)).empty()) {
        return std::nullopt;
    }
    return make(at, at + 2, *close, *close + 2, true);
}

std::optional<Splitter::Found> Splitter::dollars(std::size_t at, std::size_t limit) {
    limit = std::min(limit, paragraphEnd(m_breaks, at, m_text.size()));
    if (at + 1 >= limit || base::isSpace(m_text[at + 1]) || m_text[at + 1] == '$') {
        return std::nullopt;
    }
    int depth = 0;
    for (std::size_t i = at + 1; i < limit; ++i) {
        const char c = m_text[i];
        if (c == '\\') {
            ++i;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}') {
            --depth;
        } else if (c == '$' && depth <= 0) {
            const bool digitAfter =
                i + 1 < m_text.size() && m_text[i + 1] >= '0' && m_text[i + 1] <= '9';
            if (base::isSpace(m_text[i - 1]) || digitAfter) {
                return std::nullopt;
            }
            return make(at, at + 1, i, i + 1, false);
        }
    }
    return std::nullopt;
}

std::optional<Splitter::Found> Splitter::environment(std::size_t at, std::size_t limit) {
    constexpr std::string_view kBegin = "\\begin{";
    const std::size_t nameBegin = at + kBegin.size();
    const std::size_t nameEnd = m_text.substr(0, limit).find('}', nameBegin);
    if (nameEnd == std::string_view::npos || nameEnd - nameBegin > 16) {
        return std::nullopt;
    }
    const std::string_view name = m_text.substr(nameBegin, nameEnd - nameBegin);
    const auto* known = std::find(kEnvironments.begin(), kEnvironments.end(), name);
    if (known == kEnvironments.end()) {
        return std::nullopt;
    }
    int depth = 1;
    for (std::size_t i = nameEnd + 1; i < limit; ++i) {
        if (m_text[i] != '\\') {
            continue;
        }
        const std::string_view rest = m_text.substr(i, limit - i);
        const bool begins = rest.substr(0, kBegin.size()) == kBegin;
        const std::size_t skip = begins ? kBegin.size() : std::string_view("\\end{").size();
        if ((begins || rest.substr(0, skip) == "\\end{") &&
            rest.substr(skip, name.size()) == name && rest.size() > skip + name.size() &&
            rest[skip + name.size()] == '}') {
            depth += begins ? 1 : -1;
            const std::size_t end = i + skip + name.size() + 1;
            if (depth == 0) {
                const bool wrapper = name == "math" || name == "displaymath";
                return wrapper ? make(at, nameEnd + 1, i, end, name == "displaymath")
                               : make(at, at, end, end, true);
            }
            i = end - 1;
        } else {
            ++i; // an escaped character, the row separator among them
        }
    }
    return std::nullopt;
}

std::optional<Splitter::Found> Splitter::boxed(std::size_t at, std::size_t limit) const {
    const std::size_t open = m_text.find('{', at);
    limit = std::min({limit, at + kMaxBoxBytes, paragraphEnd(m_breaks, at, m_text.size())});
    int depth = 0;
    for (std::size_t i = open; i < limit; ++i) {
        const char c = m_text[i];
        if (c == '\\') {
            ++i;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && --depth == 0) {
            Found found = make(at, at, i + 1, i + 1, false);
            const std::string_view body = m_text.substr(open + 1, i - open - 1);
            // Words in a box are text, not a product of variables.
            if (body.find(' ') != std::string_view::npos &&
                body.find_first_of("\\^_$&#%{}") == std::string_view::npos &&
                body.find_first_of("=+*/<>") == std::string_view::npos) {
                found.formula.tex = "\\boxed{\\text{" + std::string(body) + "}}";
            }
            return found;
        }
    }
    return std::nullopt;
}

std::optional<Splitter::Found> Splitter::formulaAt(std::size_t at, std::size_t codeBegin) {
    const std::size_t limit = std::min(codeBegin, at + kMaxFormulaBytes);
    const std::string_view rest = m_text.substr(at, codeBegin - at);
    if (rest.substr(0, 2) == "\\(") {
        return delimited(at, limit, false);
    }
    if (rest.substr(0, 2) == "\\[") {
        return delimited(at, limit, true);
    }
    if (rest.substr(0, 2) == "$$") {
        return doubleDollars(at, limit);
    }
    if (rest[0] == '$') {
        return dollars(at, limit);
    }
    if (rest.substr(0, 7) == "\\begin{") {
        return environment(at, limit);
    }
    if (rest.substr(0, 7) == "\\boxed{") {
        return boxed(at, limit);
    }
    return std::nullopt;
}

SplitText Splitter::run() {
    SplitText out;
    std::size_t copied = 0;
    const auto flush = [&](std::size_t end) {
        out.text.append(m_text.substr(copied, end - copied), copied);
        copied = end;
    };
    auto code = m_code.begin();
    for (std::size_t at = 0; at < m_text.size();) {
        while (code != m_code.end() && code->begin < at) {
            ++code;
        }
        const std::size_t codeBegin = code == m_code.end() ? m_text.size() : code->begin;
        if (at == codeBegin) {
            at = code->end;
            continue;
        }
        if (m_text[at] != '\\' && m_text[at] != '$') {
            ++at;
            continue;
        }
        std::optional<Found> found;
        if (out.formulas.size() < kMaxFormulas) {
            found = formulaAt(at, codeBegin);
        }
        if (found && !found->formula.tex.empty()) {
            flush(at);
            std::string placeholder;
            base::appendUtf8(placeholder,
                             kFirstPlaceholder + static_cast<char32_t>(out.formulas.size()));
            out.text.insert(placeholder, at);
            out.formulas.push_back(std::move(found->formula));
            at = found->end;
            copied = at;
        } else if (m_text[at] == '\\' && at + 1 < m_text.size()) {
            // An escaped character opens nothing; a command's letters may be stepped over one by
            // one.
            at += 2;
        } else {
            at += std::max<std::size_t>(1, runLength(m_text, at, '$'));
        }
    }
    flush(m_text.size());
    return out;
}

} // namespace

SplitText splitMath(std::string_view markdown) {
    // U+F0000 … U+FFFFF are F3 B0 80 80 … F3 BF BF BF.
    constexpr std::string_view kNeutral = "\xF4\x8F\xBF\xBD";
    if (markdown.find('\xF3') == std::string_view::npos) {
        return Splitter(markdown).run();
    }
    std::string text(markdown);
    for (std::size_t at = text.find('\xF3'); at != std::string::npos && at + 3 < text.size();
         at = text.find('\xF3', at + 1)) {
        if (static_cast<unsigned char>(text[at + 1]) >= 0xB0) {
            text.replace(at, kNeutral.size(), kNeutral);
        }
    }
    return Splitter(text).run();
}

} // namespace scrit::ui::render
