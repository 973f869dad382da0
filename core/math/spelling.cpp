// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/spelling.h"

#include "core/base/ascii.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace scrit::math {

namespace {

using base::isAlpha;
using base::isDigit;

using Pair = std::pair<std::string_view, std::string_view>;

// clang-format off
constexpr std::array kUnicode = std::to_array<Pair>({
    {"−", "-"}, {"–", "-"}, {"—", "-"}, {"‐", "-"}, {"‑", "-"}, {"×", "\\times "}, {"·", "\\cdot "},
    {"⋅", "\\cdot "}, {"∙", "\\cdot "}, {"÷", "/"}, {"∕", "/"}, {"⁄", "/"}, {"∗", "*"}, {"±", "\\pm "},
    {"∓", "\\mp "}, {"≤", "\\le "}, {"≥", "\\ge "}, {"⩽", "\\le "}, {"⩾", "\\ge "}, {"≠", "\\ne "},
    {"≈", "\\approx "}, {"≃", "\\approx "}, {"∞", "\\infty "}, {"√", "\\sqrt "}, {"∛", "\\sqrt[3]"},
    {"π", "\\pi "}, {"α", "\\alpha "}, {"β", "\\beta "}, {"γ", "\\gamma "}, {"δ", "\\delta "},
    {"ε", "\\epsilon "}, {"θ", "\\theta "}, {"λ", "\\lambda "}, {"μ", "\\mu "}, {"µ", "\\mu "},
    {"ρ", "\\rho "}, {"σ", "\\sigma "}, {"τ", "\\tau "}, {"φ", "\\phi "}, {"ϕ", "\\phi "},
    {"ψ", "\\psi "}, {"ω", "\\omega "}, {"Ω", "\\Omega "}, {"Δ", "\\Delta "}, {"∪", "\\cup "},
    {"∩", "\\cap "}, {"∈", "\\in "}, {"∅", "\\emptyset "}, {"ℝ", "\\mathbb{R}"}, {"ℤ", "\\mathbb{Z}"},
    {"ℕ", "\\mathbb{N}"}, {"∧", "\\land "}, {"∨", "\\lor "}, {"→", "\\to "}, {"⌊", "\\lfloor "},
    {"⌋", "\\rfloor "}, {"⌈", "\\lceil "}, {"⌉", "\\rceil "}, {"°", "^\\circ "}, {"º", "^\\circ "},
    {"⁰", "^{0}"}, {"¹", "^{1}"}, {"²", "^{2}"}, {"³", "^{3}"}, {"⁴", "^{4}"}, {"⁵", "^{5}"},
    {"⁶", "^{6}"}, {"⁷", "^{7}"}, {"⁸", "^{8}"}, {"⁹", "^{9}"}, {"₀", "_{0}"}, {"₁", "_{1}"},
    {"₂", "_{2}"}, {"₃", "_{3}"}, {"₄", "_{4}"}, {"₅", "_{5}"}, {"₆", "_{6}"}, {"₇", "_{7}"},
    {"₈", "_{8}"}, {"₉", "_{9}"}, {"½", "\\frac{1}{2}"}, {"⅓", "\\frac{1}{3}"}, {"⅔", "\\frac{2}{3}"},
    {"¼", "\\frac{1}{4}"}, {"¾", "\\frac{3}{4}"}, {"⅕", "\\frac{1}{5}"}, {"⅛", "\\frac{1}{8}"},
    {"…", "..."}, {"⋯", "..."}, {"′", "'"}, {"’", "'"}, {"“", "\""}, {"”", "\""}, {"％", "%"},
    {"（", "("}, {"）", ")"}, {"，", ","}, {"、", ","}, {"：", ":"}, {"；", ";"}, {"＝", "="}, {"＋", "+"},
    {"－", "-"}, {"。", ". "}, {"！", "!"}, {"＜", "<"}, {"＞", ">"}, {"［", "["}, {"］", "]"},
    {"｛", "{"}, {"｝", "}"}, {"／", "/"}, {"＄", "$"}, {"⟨", "\\langle "}, {"⟩", "\\rangle "},
    {"٫", "."}, {"٬", ","}, {"٪", "%"}, {"،", ","},
    {"\u00a0", " "}, {"\u202f", " "}, {"\u2009", " "}, {"\u2007", " "}, {"\u3000", " "},
    {"\u200b", ""}, {"\u200e", ""}, {"\u200f", ""}, {"\u2060", ""}, {"\ufeff", ""},
});

// First code points of blocks of ten decimal digits: Arabic, Persian, Devanagari, Bengali, full-width.
constexpr std::array<char32_t, 5> kDigitBlocks = {0x0660, 0x06F0, 0x0966, 0x09E6, 0xFF10};

// Commands that only size, space or place what they stand at.
constexpr std::array<std::string_view, 35> kIdle = {
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr",
    "Biggl", "Biggr", "middle", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "quad",
    "qquad", "space", "thinspace", "enspace", "hfill", "hline", "strut", "smallskip", "medskip",
    "normalsize", "large", "Large", "noindent", "nonumber"};
constexpr std::array<std::string_view, 16> kTextCommands = {
    "text", "mbox", "textbf", "textrm", "textit", "textsf", "texttt", "textup", "textnormal", "mathrm",
    "hbox", "mathbf", "mathit", "mathsf", "operatorname", "boldsymbol"};
// clang-format on

template<std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view w) {
    return std::find(list.begin(), list.end(), w) != list.end();
}

// Length of the UTF-8 sequence that starts with this byte.
std::size_t sequenceLength(char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 0x80 ? 1 : u >= 0xF0 ? 4 : u >= 0xE0 ? 3 : u >= 0xC0 ? 2 : 1;
}

char32_t decode(std::string_view sequence) {
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned char>(sequence[i]);
    };
    switch (sequence.size()) {
    case 2:
        return static_cast<char32_t>(((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU));
    case 3:
        return static_cast<char32_t>(((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) |
                                     (byte(2) & 0x3FU));
    default:
        return 0;
    }
}

void appendFolded(std::string& out, std::string_view sequence) {
    for (const auto& [from, to] : kUnicode) {
        if (sequence == from) {
            out += to;
            return;
        }
    }
    const char32_t code = decode(sequence);
    for (const char32_t zero : kDigitBlocks) {
        if (code >= zero && code < zero + 10) {
            out += static_cast<char>('0' + static_cast<int>(code - zero));
            return;
        }
    }
    out += sequence;
}

// The name of the command whose backslash is at `at`; empty for \, and the like.
std::string_view commandAt(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && isAlpha(text[end])) {
        ++end;
    }
    return text.substr(at + 1, end - at - 1);
}

// Position after the brace that closes the one at `open`; npos when it is never closed.
std::size_t afterBrace(std::string_view text, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '{') {
            ++depth;
        } else if (text[i] == '}' && --depth == 0) {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

bool strip(std::string_view& text, std::string_view open, std::string_view close) {
    if (text.size() <= open.size() + close.size() || text.substr(0, open.size()) != open ||
        text.substr(text.size() - close.size()) != close) {
        return false;
    }
    const std::string_view inner =
        text.substr(open.size(), text.size() - open.size() - close.size());
    if (inner.find(open) != std::string_view::npos || inner.find(close) != std::string_view::npos) {
        return false;
    }
    text = base::trimmed(inner);
    return true;
}

// \boxed{…} around the whole text.
bool stripBox(std::string_view& text) {
    for (const std::string_view box : {"\\boxed", "\\fbox"}) {
        if (text.substr(0, box.size()) != box) {
            continue;
        }
        const std::size_t open = text.find('{', box.size());
        if (open != std::string_view::npos &&
            base::trimmed(text.substr(box.size(), open - box.size())).empty() &&
            afterBrace(text, open) == text.size()) {
            text = base::trimmed(text.substr(open + 1, text.size() - open - 2));
            return true;
        }
    }
    return false;
}

} // namespace

std::string withoutUnicodeMath(std::string_view text) {
    if (std::none_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > 0x7F; })) {
        return std::string(text);
    }
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = std::min(sequenceLength(text[i]), text.size() - i);
        if (length == 1) {
            out += text[i];
        } else {
            appendFolded(out, text.substr(i, length));
        }
        i += length;
    }
    return out;
}

namespace {

// Text that went through one quoting too many: every command has two backslashes.
bool hasDoubledCommands(std::string_view text) {
    bool any = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            continue;
        }
        const bool pair = i + 1 < text.size() && text[i + 1] == '\\';
        const std::size_t after = i + (pair ? 2 : 1);
        const bool letter = after < text.size() && isAlpha(text[after]);
        if (!pair && letter) {
            return false;
        }
        any = any || (pair && letter);
        i += pair ? 1 : 0;
    }
    return any;
}

// One pass over an undressed text that leaves out what does not change its meaning.
class KeyWriter {
public:
    explicit KeyWriter(std::string text) : m_text(std::move(text)), m_in(m_text) {}

    std::string run() {
        while (m_pos < m_in.size()) {
            const char c = m_in[m_pos];
            if (base::isSpace(c) || c == '~') {
                m_space = true;
                ++m_pos;
            } else if (c == '$') {
                ++m_pos;
            } else if (c == '\\') {
                backslash();
            } else if (bracedScript()) {
                put(std::string(1, c) + m_in[m_pos + 2]);
                m_pos += 4;
            } else {
                put(m_in.substr(m_pos, 1));
                ++m_pos;
            }
        }
        return std::move(m_out);
    }

private:
    // A blank stays only where two words or two numbers would become one.
    void put(std::string_view part) {
        const bool words = !m_out.empty() && !part.empty() &&
                           ((isDigit(m_out.back()) && isDigit(part.front())) ||
                            (isAlpha(m_out.back()) && isAlpha(part.front())));
        if (m_space && words) {
            m_out += ' ';
        }
        m_space = false;
        m_out += part;
    }

    void backslash() {
        const std::string_view command = commandAt(m_in, m_pos);
        m_pos += 1 + command.size();
        if (command.empty()) {
            escaped(m_pos < m_in.size() ? m_in[m_pos] : ' ');
            ++m_pos;
        } else if (contains(kIdle, command)) {
            m_space = true;
        } else if (contains(kTextCommands, command) && m_pos < m_in.size() && m_in[m_pos] == '{' &&
                   m_unclosed < 16) {
            const std::size_t end = afterBrace(m_in, m_pos);
            m_unclosed += end == std::string_view::npos ? 1 : 0; // looking on costs the whole text
            if (end != std::string_view::npos) {
                put(base::trimmed(m_in.substr(m_pos + 1, end - m_pos - 2)));
                m_pos = end;
            }
        } else {
            const bool fraction = command == "dfrac" || command == "tfrac" || command == "cfrac";
            const bool dots = command == "ldots" || command == "cdots" || command == "dots";
            put(dots ? "..." : "\\" + std::string(fraction ? "frac" : command));
        }
    }

    void escaped(char next) {
        if (next == ',' || next == ';' || next == ' ' || next == ':' || next == '!') {
            m_space = m_space || next != '!';
        } else if (next != '$') {
            put("\\" + std::string(1, next));
        }
    }

    // "^{2}" and "_{n}" are "^2" and "_n", but for "^{2}3".
    bool bracedScript() const {
        const std::string_view rest = m_in.substr(m_pos);
        return (rest[0] == '^' || rest[0] == '_') && rest.size() > 3 && rest[1] == '{' &&
               rest[3] == '}' && (isDigit(rest[2]) || isAlpha(rest[2])) &&
               (rest.size() == 4 || !isDigit(rest[4]));
    }

    std::string m_text;
    std::string_view m_in;
    std::size_t m_pos = 0;
    bool m_space = false;
    int m_unclosed = 0;
    std::string m_out;
};

} // namespace

std::string undressed(std::string_view text) {
    if (hasDoubledCommands(text)) {
        std::string single;
        for (std::size_t i = 0; i < text.size(); ++i) {
            single += text[i];
            i += text[i] == '\\' && i + 2 < text.size() && text[i + 1] == '\\' &&
                         isAlpha(text[i + 2])
                     ? 1
                     : 0;
        }
        return undressed(single);
    }
    std::string_view rest = base::trimmed(text);
    for (bool again = true; again && !rest.empty();) {
        again = strip(rest, "$$", "$$") || strip(rest, "$", "$") || strip(rest, "\\(", "\\)") ||
                strip(rest, "\\[", "\\]") || strip(rest, "**", "**") || strip(rest, "`", "`") ||
                stripBox(rest);
        if (!again && rest.size() > 1 &&
            (rest.back() == '.' || rest.back() == ',' || rest.back() == ';') &&
            !rest.ends_with("..")) {
            rest = base::trimmed(rest.substr(0, rest.size() - 1));
            if (rest.ends_with('\\')) { // the full stop was the end of a command such as "\;"
                rest = base::trimmed(rest.substr(0, rest.size() - 1));
            }
            again = true;
        }
    }
    return std::string(rest);
}

std::string spellingKey(std::string_view text) {
    return KeyWriter(withoutUnicodeMath(undressed(text))).run();
}

std::string wordKey(std::string_view text) {
    const std::string folded = withoutUnicodeMath(undressed(text));
    const std::string_view in = folded;
    std::string out;
    bool letters = false;
    for (std::size_t i = 0; i < in.size();) {
        if (in[i] == '\\') {
            const std::string_view command = commandAt(in, i);
            i += std::max<std::size_t>(2, 1 + command.size());
            if (!command.empty() && !contains(kTextCommands, command) &&
                !contains(kIdle, command)) {
                out += command;
                letters = true;
            }
            continue;
        }
        const auto u = static_cast<unsigned char>(in[i]);
        if (isAlpha(in[i]) || u > 0x7F) {
            std::size_t end = i;
            while (end < in.size() &&
                   (isAlpha(in[end]) || static_cast<unsigned char>(in[end]) > 0x7F)) {
                ++end;
            }
            const std::string word = base::lowerAscii(in.substr(i, end - i));
            // "a circle", but not "a b" nor the option "A Peter"
            const bool article = word == "a" && out.empty() && end + 2 < in.size() &&
                                 in[end] == ' ' && in[end + 1] >= 'a' && in[end + 1] <= 'z' &&
                                 isAlpha(in[end + 2]);
            if (word != "the" && word != "an" && !article) {
                out += word;
            }
            letters = true;
            i = end;
        } else {
            if (isDigit(in[i])) {
                out += in[i];
            } else if (in[i] == '-' || in[i] == '+' || in[i] == '/' || in[i] == '^' ||
                       in[i] == '=' || in[i] == '<' || in[i] == '>') {
                out += in[i];
            }
            ++i;
        }
    }
    return letters ? out : std::string();
}

std::string substanceKey(std::string_view text) {
    const bool first =
        !text.empty() && ((text.front() >= 'A' && text.front() <= 'Z') || text.front() == '$' ||
                          text.starts_with("\\text") || text.starts_with("\\mathrm"));
    if (text.size() > 80 || !first || text.find_first_of("0123456789") == std::string_view::npos) {
        return {};
    }
    std::string out;
    for (const char c : spellingKey(text)) {
        if (c != '_' && c != '{' && c != '}') {
            out += c;
        }
    }
    bool number = false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const bool capital = out[i] >= 'A' && out[i] <= 'Z';
        const bool second =
            out[i] >= 'a' && out[i] <= 'z' && i > 0 && out[i - 1] >= 'A' && out[i - 1] <= 'Z';
        const bool digit = isDigit(out[i]) && i > 0;
        number = number || digit;
        if (!capital && !second && !digit) {
            return {};
        }
    }
    return number ? out : std::string();
}

bool isListOfLetters(std::string_view text) {
    bool joined = false;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && (isAlpha(text[end]) || isDigit(text[end]))) {
            ++end;
        }
        const std::string_view word = text.substr(i, end - i);
        const bool joins = word == "and" || word == "or";
        const bool number = std::all_of(word.begin(), word.end(), isDigit) ||
                            word.find_first_not_of("IVX") == std::string_view::npos;
        if (word.empty() ? !(text[i] == ' ' || text[i] == ',')
                         : !joins && word.size() > 1 && !number) {
            return false;
        }
        joined = joined || joins;
        i = std::max(end, i + 1);
    }
    return joined;
}

std::string_view repeatedPart(std::string_view decimals) {
    for (std::size_t length = 1; length <= 12 && 2 * length <= decimals.size(); ++length) {
        const std::string_view part = decimals.substr(decimals.size() - length);
        std::size_t times = 1;
        while ((times + 1) * length <= decimals.size() &&
               decimals.substr(decimals.size() - (times + 1) * length, length) == part) {
            ++times;
        }
        if (times >= (length == 1 ? 3U : 2U) && part != "0") {
            return part;
        }
    }
    return {};
}

} // namespace scrit::math
