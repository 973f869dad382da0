// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/lexer.h"

#include "core/base/ascii.h"
#include "core/base/text.h"
#include "core/math/limits.h"
#include "core/math/spelling.h"
#include "core/math/units.h"
#include "core/math/vocabulary.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace scrit::math {

namespace {

using base::isAlpha;
using base::isDigit;

// Plain words that stand for an operator.
bool isPlainSymbol(std::string_view text) {
    return text == "=" || text == "%" || text == ";" || text == "~" || text == ":";
}

// One pass over a text without mathematical Unicode.
class Lexer {
public:
    Lexer(std::string_view text, CommaReading commas) : m_text(text), m_commas(commas) {
        m_tokens.reserve(std::min<std::size_t>(text.size() + 1, 256));
        m_lettersOnly =
            std::all_of(text.begin(), text.end(), [](char c) { return isAlpha(c) || c == ' '; });
    }

    std::optional<std::vector<Token>> run() {
        while (m_pos < m_text.size()) {
            if (m_tokens.size() > limits::kTokens || m_failed) {
                return std::nullopt;
            }
            step();
        }
        if (m_failed) {
            return std::nullopt;
        }
        push(TokenKind::End, "");
        return std::move(m_tokens);
    }

private:
    char at(std::size_t i) const { return i < m_text.size() ? m_text[i] : '\0'; }
    bool startsWith(std::string_view prefix, std::size_t from) const {
        return m_text.substr(std::min(from, m_text.size())).starts_with(prefix);
    }

    Token& push(TokenKind kind, std::string text) {
        Token token;
        token.kind = kind;
        token.text = std::move(text);
        token.spaceBefore = m_space;
        m_space = false;
        m_tokens.push_back(std::move(token));
        return m_tokens.back();
    }
    void symbol(std::string_view text, std::size_t length) {
        push(TokenKind::Symbol, std::string(text));
        m_pos += length;
    }
    bool previousIsValue() const {
        if (m_tokens.empty()) {
            return false;
        }
        const Token& last = m_tokens.back();
        return last.kind == TokenKind::Number || last.kind == TokenKind::Letter ||
               (last.kind == TokenKind::Command && last.text == "pi") ||
               last.kind == TokenKind::Words ||
               (last.kind == TokenKind::Symbol &&
                (last.text == "}" || last.text == ")" || last.text == "%" || last.text == "]"));
    }

    void step() {
        const char c = m_text[m_pos];
        if (base::isSpace(c) || c == '~') {
            m_space = true;
            ++m_pos;
        } else if (isDigit(c) || (c == '.' && isDigit(at(m_pos + 1)))) {
            number();
        } else if (isAlpha(c)) {
            letters();
        } else if (c == '\\') {
            backslash();
        } else if (static_cast<unsigned char>(c) > 0x7F) {
            foreign();
        } else if (c == '$') {
            ++m_pos;
        } else {
            punctuation();
        }
    }

    // Words in another script, and currency signs.
    void foreign() {
        for (const auto& [sign, word] : {std::pair<std::string_view, std::string_view>{"€", "euro"},
                                         {"£", "sterling"},
                                         {"¥", "yen"},
                                         {"₹", "rupee"},
                                         {"¢", "cent"}}) {
            if (startsWith(sign, m_pos)) {
                words(word, false);
                m_pos += sign.size();
                return;
            }
        }
        std::size_t end = m_pos;
        while (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) > 0x7F)) {
            ++end;
        }
        words(m_text.substr(m_pos, end - m_pos), false);
        m_pos = end;
    }

    // Neighbouring words become one token.
    void words(std::string_view text, bool upright) {
        if (!m_tokens.empty() && m_tokens.back().kind == TokenKind::Words) {
            m_tokens.back().text += ' ';
            m_tokens.back().text += text;
            m_tokens.back().upright = m_tokens.back().upright || upright;
            m_space = false;
            return;
        }
        push(TokenKind::Words, std::string(text)).upright = upright;
    }

    void punctuation() {
        static constexpr std::string_view kLong[] = {"<=", ">=", "!=", "==", "**",
                                                     "||", "->", "=>", "..."};
        for (const std::string_view op : kLong) {
            if (!startsWith(op, m_pos)) {
                continue;
            }
            // "5!=120" is 5! = 120; "a != b" is an inequality.
            if (op == "!=" && previousIsValue() && m_tokens.back().kind == TokenKind::Number &&
                !m_space) {
                break;
            }
            symbol(op == "==" ? "=" : op == "**" ? "^" : op, op.size());
            return;
        }
        const char c = m_text[m_pos];
        if (c == '(' || c == '[') {
            ++m_depth;
        } else if ((c == ')' || c == ']') && m_depth > 0) {
            --m_depth;
        }
        if (std::string_view("+-*/^_()[]{},;:|!%&<>=~'").find(c) != std::string_view::npos) {
            symbol(std::string_view(&m_text[m_pos], 1), 1);
        } else if (c == '"' || c == '`') {
            ++m_pos;
        } else {
            symbol("?", 1); // no grammar knows it
        }
    }

    // A separator between groups of three digits at `from`: its length, 0 when there is none.
    std::size_t groupSeparator(std::size_t from) const {
        const auto pastSpaces = [&](std::size_t i) {
            while (at(i) == ' ') {
                ++i;
            }
            return i;
        };
        // "14{,}916", also with blanks around its parts
        if (const std::size_t open = pastSpaces(from); at(open) == '{') {
            const std::size_t comma = pastSpaces(open + 1);
            const std::size_t close = pastSpaces(comma + 1);
            return at(comma) == ',' && at(close) == '}' ? close + 1 - from : 0;
        }
        if (startsWith(",\\!", from)) {
            std::size_t end = from + 3;
            while (at(end) == ' ') {
                ++end;
            }
            return end - from;
        }
        if (startsWith("\\,", from) || startsWith("\\ ", from)) {
            return 2;
        }
        if (at(from) == ' ' || at(from) == '~') {
            return 1;
        }
        return at(from) == ',' && m_commas == CommaReading::Thousands && m_depth == 0 ? 1 : 0;
    }
    bool threeDigits(std::size_t from) const {
        return isDigit(at(from)) && isDigit(at(from + 1)) && isDigit(at(from + 2)) &&
               !isDigit(at(from + 3));
    }

    std::string integerDigits() {
        std::string digits;
        while (isDigit(at(m_pos))) {
            digits += m_text[m_pos++];
        }
        if (digits.empty() || digits.size() > 3 || digits.front() == '0') {
            return digits;
        }
        const std::size_t first = groupSeparator(m_pos);
        const std::string_view kind = m_text.substr(m_pos, first);
        for (std::size_t gap = first; gap != 0 && threeDigits(m_pos + gap);) {
            digits += m_text.substr(m_pos + gap, 3);
            m_pos += gap + 3;
            gap = groupSeparator(m_pos);
            if (gap != 0 && m_text[m_pos] != kind.front()) { // one kind of separator in one number
                gap = 0;
            }
        }
        return digits;
    }

    // The repeating part after the decimal point, \overline{3} or \dot{3}; its digits.
    std::string repeatingDigits() {
        std::string digits;
        while (true) {
            const std::size_t skip = startsWith("\\overline{", m_pos) ? 10
                                     : startsWith("\\dot{", m_pos)    ? 5
                                     : startsWith("\\bar{", m_pos)    ? 5
                                                                      : 0;
            if (skip == 0) {
                return digits;
            }
            std::size_t end = m_pos + skip;
            while (isDigit(at(end))) {
                ++end;
            }
            if (end == m_pos + skip || at(end) != '}') {
                return digits;
            }
            digits += m_text.substr(m_pos + skip, end - m_pos - skip);
            m_pos = end + 1;
        }
    }

    // The length of an ellipsis at this place.
    std::size_t ellipsis() const {
        for (const std::string_view dots : {"...", "\\ldots", "\\dots", "\\cdots"}) {
            if (startsWith(dots, m_pos)) {
                return dots.size();
            }
        }
        return 0;
    }

    void number() {
        std::string digits = integerDigits();
        if (digits == "0" && at(m_pos) == 'x' && std::isxdigit(at(m_pos + 1)) != 0) {
            m_failed = true; // 0x10 among others: no product of zero
            return;
        }
        const bool afterSubscript = !m_tokens.empty() && m_tokens.back().text == "_";
        std::string decimals;
        std::string repeating;
        bool point = false;
        const bool comma =
            m_commas == CommaReading::Decimal && at(m_pos) == ',' && isDigit(at(m_pos + 1));
        if ((at(m_pos) == '.' && !startsWith("..", m_pos) && !afterSubscript) || comma) {
            point = isDigit(at(m_pos + 1)) || startsWith("\\overline{", m_pos + 1) ||
                    startsWith("\\dot{", m_pos + 1) || startsWith("\\bar{", m_pos + 1);
            ++m_pos;
            while (point && isDigit(at(m_pos))) {
                decimals += m_text[m_pos++];
            }
            repeating = point ? repeatingDigits() : std::string();
            if (repeating.empty() && ellipsis() != 0) { // 0.333...
                repeating = std::string(repeatedPart(decimals));
                m_pos += ellipsis();
            }
        }
        std::string exponent;
        if (at(m_pos) == 'E' || at(m_pos) == 'e') {
            std::size_t end = m_pos + 1;
            const bool sign = at(end) == '-' || at(end) == '+';
            end += sign ? 1 : 0;
            const std::size_t first = end;
            while (isDigit(at(end))) {
                ++end;
            }
            const bool ends = !isAlpha(at(end)) && at(end) != '^'; // "1e3", not "2e3x"
            if (end > first && end - first <= 4 && (sign || at(m_pos) == 'E' || point || ends)) {
                exponent = std::string(m_text.substr(m_pos + 1, end - m_pos - 1));
                m_pos = end;
            }
        }
        if (digits.size() + decimals.size() + repeating.size() > limits::kDigits) {
            m_failed = true;
            return;
        }
        emitNumber(digits, decimals, repeating, exponent);
    }

    void emitNumber(const std::string& digits, const std::string& decimals,
                    const std::string& repeating, const std::string& exponent) {
        const auto power = [](std::size_t n) {
            mpz_class out;
            mpz_ui_pow_ui(out.get_mpz_t(), 10, n);
            return out;
        };
        Rational value{mpz_class("0" + digits + decimals, 10), power(decimals.size())};
        if (!repeating.empty()) {
            value += Rational{mpz_class(repeating, 10),
                              power(decimals.size()) * (power(repeating.size()) - 1)};
        }
        value.canonicalize();
        int shift = 0;
        if (!exponent.empty()) {
            shift = std::stoi(exponent);
            if (shift > 4000 || shift < -4000) {
                m_failed = true;
                return;
            }
            const Rational scale{power(static_cast<std::size_t>(std::abs(shift)))};
            value = shift >= 0 ? Rational(value * scale) : Rational(value / scale);
        }
        Token& token = push(TokenKind::Number, digits);
        token.value = std::move(value);
        if (!decimals.empty() && repeating.empty()) {
            token.decimals = static_cast<int>(decimals.size()) - shift;
            const std::string all = digits + decimals;
            const std::size_t first = all.find_first_not_of('0');
            token.digits = first == std::string::npos ? 1 : static_cast<int>(all.size() - first);
        }
    }

    // Plain letters: a function, a unit, a word, or variables side by side.
    void letters() {
        std::size_t end = m_pos;
        while (isAlpha(at(end))) {
            ++end;
        }
        const std::string_view run = m_text.substr(m_pos, end - m_pos);
        const bool afterNumber = previousIsValue();
        // "1 to 2" is a ratio; other words "to" are words.
        const bool between = run != "to" || (afterNumber && m_space && isDigit(at(end + 1)));
        if (const auto plain = between ? plainWord(run) : std::nullopt) {
            const bool inches = *plain == "in" && afterNumber &&
                                (at(end) == '\0' || m_tokens.back().kind == TokenKind::Number);
            if (inches) {
                words(run, false);
            } else if (isPlainSymbol(*plain)) {
                symbol(*plain, 0);
            } else {
                push(TokenKind::Command, std::string(*plain));
            }
            m_pos = end;
            return;
        }
        const bool attached = afterNumber && run.size() >= 2 && isKnownUnit(run, false);
        const bool noun = m_space && afterNumber && run.size() >= 3 &&
                          longestFunctionPrefix(run).size() != run.size() && !isIntegrand(run);
        const bool alone = m_lettersOnly && run.size() >= 3;
        const bool continued = !m_tokens.empty() && m_tokens.back().kind == TokenKind::Words;
        if (attached || noun || continued || alone) {
            words(run, false);
            m_pos = end;
            return;
        }
        if (splitJoiner(run) || splitFunction(run)) {
            return;
        }
        if (run.size() >= 5) {
            words(run, false);
            m_pos = end;
            return;
        }
        for (const char c : run) {
            push(TokenKind::Letter, std::string(1, c));
        }
        m_pos = end;
    }

    // "xdx" behind the bound of an integral.
    bool isIntegrand(std::string_view run) const {
        return run.size() <= 4 && run[run.size() - 2] == 'd' &&
               std::any_of(m_tokens.begin(), m_tokens.end(), [](const Token& token) {
                   return token.kind == TokenKind::Command && token.text == "int";
               });
    }

    // "1orW(x) = -1": the spaces around the word are gone.
    bool splitJoiner(std::string_view run) {
        const std::string_view word = run.starts_with("and")  ? "and"
                                      : run.starts_with("or") ? "or"
                                                              : "";
        if (word.empty() || run.size() - word.size() > 2 || !previousIsValue() || m_space) {
            return false;
        }
        push(TokenKind::Command, std::string(word));
        m_pos += word.size();
        return true;
    }

    // "cosx", "sqrt3", "xlny": the function inside a short run of letters.
    bool splitFunction(std::string_view run) {
        for (std::size_t skip = 0; skip < run.size() && skip <= 2; ++skip) {
            const std::string_view name = longestFunctionPrefix(run.substr(skip));
            if (name.empty() || run.size() - skip - name.size() > 2) {
                continue;
            }
            for (const char c : run.substr(0, skip)) {
                push(TokenKind::Letter, std::string(1, c));
            }
            push(TokenKind::Command, std::string(plainWord(name).value_or(name)));
            m_pos += skip + name.size();
            return true;
        }
        return false;
    }

    void backslash() {
        const char next = at(m_pos + 1);
        if (!isAlpha(next)) {
            escaped(next);
            return;
        }
        std::size_t end = m_pos + 1;
        while (isAlpha(at(end))) {
            ++end;
        }
        const std::string_view name = m_text.substr(m_pos + 1, end - m_pos - 1);
        if (name == "begin" || name == "end") {
            environment(name == "begin", end);
        } else if (const auto command = commandMeaning(name)) {
            m_pos = end;
            apply(*command);
        } else if (const std::string_view prefix = longestCommandPrefix(name); !prefix.empty()) {
            // Some data sets delete spaces: \lnx is \ln x.
            m_pos += 1 + prefix.size();
            apply(*commandMeaning(prefix));
        } else {
            push(TokenKind::Letter, "\\" + std::string(name));
            m_pos = end;
        }
    }

    void escaped(char next) {
        switch (next) {
        case '{':
            ++m_depth;
            symbol("\\{", 2);
            break;
        case '}':
            m_depth -= m_depth > 0 ? 1 : 0;
            symbol("\\}", 2);
            break;
        case '\\':
            symbol("\\\\", 2);
            break;
        case '|':
            symbol("||", 2);
            break;
        case '%':
            symbol("%", 2);
            break;
        case '\0':
            symbol("?", 1);
            break;
        default: // \, \; \! \: \$ \( \) and the like only space or delimit
            m_space = true;
            m_pos += 2;
            break;
        }
    }

    void environment(bool begin, std::size_t after) {
        const std::size_t close = m_text.find('}', after);
        if (at(after) != '{' || close == std::string_view::npos || close - after > 20) {
            m_failed = true;
            return;
        }
        push(begin ? TokenKind::Begin : TokenKind::Finish,
             std::string(m_text.substr(after + 1, close - after - 1)));
        m_pos = close + 1;
        if (begin && m_tokens.back().text == "array" && at(m_pos) == '{') {
            const std::size_t columns = m_text.find('}', m_pos);
            m_pos = columns == std::string_view::npos ? m_text.size() : columns + 1;
        }
    }

    void apply(const Meaning& meaning) {
        switch (meaning.what) {
        case Meaning::What::Nothing:
            m_space = true;
            break;
        case Meaning::What::Symbol:
            symbol(meaning.text, 0);
            break;
        case Meaning::What::Letter:
            push(TokenKind::Letter, std::string(meaning.text));
            break;
        case Meaning::What::Command:
            push(TokenKind::Command, std::string(meaning.text));
            break;
        case Meaning::What::Text:
            textGroup(meaning.text);
            break;
        }
    }

    // \text{…}, \mathrm{…}, \operatorname{…}: words, a unit, a function, or upright letters.
    void textGroup(std::string_view command) {
        while (at(m_pos) == ' ') {
            ++m_pos;
        }
        if (at(m_pos) != '{') {
            return; // "\rm x" only changes the font
        }
        std::size_t end = m_pos + 1;
        int depth = 1;
        while (end < m_text.size() && depth > 0) {
            depth += m_text[end] == '{' ? 1 : m_text[end] == '}' ? -1 : 0;
            ++end;
        }
        if (depth != 0) {
            m_failed = true;
            return;
        }
        const std::string_view inside = base::trimmed(m_text.substr(m_pos + 1, end - m_pos - 2));
        const bool font = command == "mathrm" || command == "mathbf" || command == "operatorname";
        const bool simple = std::all_of(inside.begin(), inside.end(), isAlpha);
        if (const auto plain = plainWord(inside); plain && simple && *plain != "in") {
            m_pos = end;
            if (isPlainSymbol(*plain)) {
                symbol(*plain, 0);
            } else {
                push(TokenKind::Command, std::string(*plain));
            }
            return;
        }
        if (std::none_of(inside.begin(), inside.end(), [](char c) {
                return isAlpha(c) || isDigit(c) || c == '\\' ||
                       static_cast<unsigned char>(c) > 0x7F;
            })) {
            if (inside.find(',') != std::string_view::npos) {
                symbol(",", 0);
            } else {
                words("", true); // a data set has emptied a unit
            }
            m_pos = end;
            return;
        }
        if (!simple && isListOfLetters(inside)) {
            ++m_pos;
            symbol("{", 0);
            return;
        }
        const bool unit = !inside.empty() && inside != "e" && inside != "i" &&
                          isKnownUnit(inside, true) && command != "mathbf" && previousIsValue();
        if (!unit && (!simple || (font && inside.size() <= 2))) {
            if (font || inside.find_first_of("0123456789\\^_$") != std::string_view::npos) {
                ++m_pos; // read the content as a formula: the braces group it
                symbol("{", 0);
                return;
            }
        }
        if (inside.size() == 1 && simple && !unit) {
            push(TokenKind::Letter, std::string(inside));
        } else {
            words(inside, true);
        }
        m_pos = end;
    }

    std::string_view m_text;
    CommaReading m_commas;
    std::size_t m_pos = 0;
    int m_depth = 0;
    bool m_space = false;
    bool m_failed = false;
    bool m_lettersOnly = false;
    std::vector<Token> m_tokens;
};

} // namespace

std::optional<std::vector<Token>> tokenize(std::string_view text, CommaReading commas) {
    if (text.size() > limits::kAnswerBytes || !base::isValidUtf8(text)) {
        return std::nullopt;
    }
    const std::string folded = withoutUnicodeMath(text);
    if (folded.size() > 4 * limits::kAnswerBytes) {
        return std::nullopt;
    }
    return Lexer(folded, commas).run();
}

} // namespace scrit::math
