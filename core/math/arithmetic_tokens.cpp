// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/arithmetic_tokens.h"

#include "core/base/ascii.h"

#include <algorithm>
#include <array>
#include <utility>

namespace scrit::math {

namespace {

using base::isAlpha;
using base::isDigit;

constexpr std::size_t kNumberBytes = 40;

constexpr std::array kSpellings =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"×", "*"},
                                                                  {"⋅", "*"},
                                                                  {"·", "*"},
                                                                  {"∙", "*"},
                                                                  {"÷", "/"},
                                                                  {"−", "-"},
                                                                  {"–", "-"},
                                                                  {"＝", "="}});

class TokenReader {
public:
    TokenReader(std::string_view text, std::size_t offset) : m_text(text), m_offset(offset) {
        m_tokens.reserve(std::min<std::size_t>(text.size(), 128));
    }

    std::vector<StepToken> run() {
        while (m_pos < m_text.size()) {
            step();
        }
        return std::move(m_tokens);
    }

private:
    char at(std::size_t i) const { return i < m_text.size() ? m_text[i] : '\0'; }
    bool starts(std::string_view prefix) const { return m_text.substr(m_pos).starts_with(prefix); }

    StepToken& push(StepTokenKind kind, std::string text, std::size_t length) {
        StepToken token;
        token.kind = kind;
        token.text = std::move(text);
        token.span = {m_pos + m_offset, m_pos + length + m_offset};
        token.attached = !m_space;
        m_space = false;
        m_pos += length;
        m_tokens.push_back(std::move(token));
        return m_tokens.back();
    }

    void step() {
        const char c = m_text[m_pos];
        if (c == '\n') {
            push(StepTokenKind::Other, "\n", 1);
            m_space = true;
        } else if (base::isSpace(c)) {
            m_space = true;
            ++m_pos;
        } else if (isDigit(c) || (c == '.' && isDigit(at(m_pos + 1)))) {
            number();
        } else if (isAlpha(c)) {
            word();
        } else if (c == '\\') {
            command();
        } else if (starts("<<")) {
            note();
        } else if (static_cast<unsigned char>(c) > 0x7F) {
            foreign();
        } else {
            mark(c);
        }
    }

    void mark(char c) {
        if (c == '$') {
            ++m_pos; // a currency sign or the edge of a formula
        } else if (starts("**") && !isDigit(at(m_pos + 2))) {
            m_pos += 2; // emphasis
        } else if (std::string_view("+-*/^").find(c) != std::string_view::npos) {
            push(StepTokenKind::Operator, std::string(1, c), 1);
        } else if (c == '(' || c == '[' || c == '{') {
            push(StepTokenKind::Open, std::string(1, c), 1);
        } else if (c == ')' || c == ']' || c == '}') {
            push(StepTokenKind::Close, std::string(1, c), 1);
        } else if (c == '=') {
            const bool comparison = at(m_pos + 1) == '=' || at(m_pos + 1) == '>' ||
                                    (m_pos > 0 && std::string_view("<>!=~").find(
                                                      m_text[m_pos - 1]) != std::string_view::npos);
            push(comparison ? StepTokenKind::Other : StepTokenKind::Equals, "=", 1);
        } else if (c == '%') {
            push(StepTokenKind::Percent, "%", 1);
        } else {
            push(StepTokenKind::Other, std::string(1, c), 1);
        }
    }

    void note() {
        const std::size_t close = m_text.find(">>", m_pos);
        if (close == std::string_view::npos || close - m_pos > 400) {
            push(StepTokenKind::Other, "<", 2);
            return;
        }
        push(StepTokenKind::Note, std::string(m_text.substr(m_pos + 2, close - m_pos - 2)),
             close + 2 - m_pos);
        m_tokens.back().span = {m_tokens.back().span.begin + 2, m_tokens.back().span.end - 2};
    }

    void number() {
        std::size_t end = m_pos;
        std::string digits;
        while (isDigit(at(end))) {
            digits += m_text[end++];
        }
        const auto group = [&](std::size_t from) {
            return isDigit(at(from)) && isDigit(at(from + 1)) && isDigit(at(from + 2)) &&
                   !isDigit(at(from + 3));
        };
        while (!digits.empty() && (end - m_pos <= 3 || digits.size() > 3)) {
            const std::size_t gap = at(end) == ','                          ? 1
                                    : m_text.substr(end).starts_with("{,}") ? 3
                                                                            : 0;
            if (gap == 0 || !group(end + gap)) {
                break;
            }
            digits += m_text.substr(end + gap, 3);
            end += gap + 3;
        }
        std::string decimals;
        if (at(end) == '.' && isDigit(at(end + 1))) {
            ++end;
            while (isDigit(at(end))) {
                decimals += m_text[end++];
            }
        }
        if (end - m_pos > kNumberBytes || (at(end) == '.' && isDigit(at(end + 1)))) {
            push(StepTokenKind::Other, "#", end - m_pos); // a version, a date, too long a number
            return;
        }
        mpz_class scale;
        mpz_ui_pow_ui(scale.get_mpz_t(), 10, decimals.size());
        const int places = static_cast<int>(decimals.size());
        StepToken& token = push(StepTokenKind::Number,
                                digits + (decimals.empty() ? "" : "." + decimals), end - m_pos);
        token.value.emplace(mpz_class("0" + digits + decimals, 10), scale);
        token.value->canonicalize();
        token.decimals = places;
    }

    void word() {
        std::size_t end = m_pos;
        while (isAlpha(at(end)) || at(end) == '\'') {
            ++end;
        }
        const std::string_view run = m_text.substr(m_pos, end - m_pos);
        // "3 x 4", "3x4": a times sign between numbers
        const bool afterValue =
            !m_tokens.empty() && (m_tokens.back().kind == StepTokenKind::Number ||
                                  m_tokens.back().kind == StepTokenKind::Close ||
                                  m_tokens.back().kind == StepTokenKind::Word ||
                                  m_tokens.back().kind == StepTokenKind::Percent);
        std::size_t next = end;
        while (at(next) == ' ' || at(next) == '$' || at(next) == '(') {
            ++next;
        }
        if ((run == "x" || run == "X") && afterValue && (isDigit(at(next)) || at(next) == '.')) {
            push(StepTokenKind::Operator, "*", end - m_pos);
        } else {
            push(StepTokenKind::Word, base::lowerAscii(run), end - m_pos);
        }
    }

    void foreign() {
        for (const auto& [from, to] : kSpellings) {
            if (starts(from)) {
                push(to == "=" ? StepTokenKind::Equals : StepTokenKind::Operator, std::string(to),
                     from.size());
                return;
            }
        }
        for (const std::string_view sign : {"€", "£", "¥", "\u00a0", "\u202f"}) {
            if (starts(sign)) {
                m_pos += sign.size();
                return;
            }
        }
        std::size_t end = m_pos + 1;
        while (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) & 0xC0U) == 0x80U) {
            ++end;
        }
        push(StepTokenKind::Other, "?", end - m_pos);
    }

    void command() {
        std::size_t end = m_pos + 1;
        while (isAlpha(at(end))) {
            ++end;
        }
        const std::string_view name = m_text.substr(m_pos + 1, end - m_pos - 1);
        static constexpr std::array<std::string_view, 14> kSkipped = {
            "left",  "right", "quad", "qquad", "displaystyle", "big",  "Big",
            "boxed", "bigl",  "bigr", "Bigl",  "Bigr",         "fbox", "textstyle"};
        if (name.empty()) {
            const char next = at(m_pos + 1);
            if (next == '%') {
                push(StepTokenKind::Percent, "%", 2);
            } else if (next == '\\' || next == '\0' || next == '{' || next == '}') {
                push(StepTokenKind::Other, "\\", next == '\0' ? 1 : 2);
            } else { // \, \; \! \$ \( \) \[ \]
                m_space = true;
                m_pos += 2;
            }
        } else if (name == "times" || name == "cdot" || name == "div") {
            push(StepTokenKind::Operator, name == "div" ? "/" : "*", end - m_pos);
        } else if (name == "frac" || name == "dfrac" || name == "tfrac") {
            push(StepTokenKind::Fraction, "frac", end - m_pos);
        } else if (std::find(kSkipped.begin(), kSkipped.end(), name) != kSkipped.end()) {
            m_pos = end;
        } else if ((name == "text" || name == "mathrm" || name == "textbf" || name == "mbox") &&
                   at(end) == '{') {
            const std::size_t close = m_text.find('}', end);
            const std::string_view inside = close == std::string_view::npos
                                                ? std::string_view()
                                                : m_text.substr(end + 1, close - end - 1);
            const bool words = !inside.empty() &&
                               std::none_of(inside.begin(), inside.end(), isDigit) &&
                               inside.find_first_of("=+*^\\") == std::string_view::npos;
            if (words) {
                push(StepTokenKind::Word, base::lowerAscii(base::trimmed(inside)),
                     close + 1 - m_pos);
            } else {
                m_pos = end;
            }
        } else {
            push(StepTokenKind::Other, "\\" + std::string(name), end - m_pos);
        }
    }

    std::string_view m_text;
    std::size_t m_offset;
    std::size_t m_pos = 0;
    bool m_space = true;
    std::vector<StepToken> m_tokens;
};

// A decimal with so many digits, so many of them decimal places, was printed by a program, which
// calculates with about 16 of them: the last two may be noise.
constexpr std::size_t kMachineDigits = 12;
constexpr int kMachineDecimals = 6;

} // namespace

std::vector<StepToken> stepTokens(std::string_view text, std::size_t offset) {
    return TokenReader(text, offset).run();
}

bool isMachineDecimal(const StepToken& number) {
    if (number.decimals < kMachineDecimals) {
        return false;
    }
    const std::size_t first = number.text.find_first_not_of("0.");
    const std::size_t all = number.text.size() - (first == std::string::npos ? 0 : first);
    const std::size_t point = number.text.find('.');
    return first != std::string::npos && all - (point > first ? 1 : 0) >= kMachineDigits;
}

bool isPartWord(std::string_view word) {
    static constexpr std::string_view kParts[] = {
        "half",   "halves", "third",  "thirds", "quarter", "quarters", "fourth", "fourths", "fifth",
        "fifths", "sixth",  "sixths", "eighth", "eighths", "tenth",    "tenths", "percent"};
    return std::find(std::begin(kParts), std::end(kParts), word) != std::end(kParts);
}

bool joinsClauses(std::string_view word) {
    static constexpr std::string_view kJoins[] = {"and",   "or",    "so", "then", "but",
                                                  "which", "while", "is", "are",  "in",
                                                  "on",    "for",   "to", "that", "because"};
    return std::find(std::begin(kJoins), std::end(kJoins), word) != std::end(kJoins);
}

} // namespace scrit::math
