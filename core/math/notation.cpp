// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/notation.h"

#include "core/base/ascii.h"
#include "core/base/text.h"
#include "core/math/spelling.h"
#include "core/math/vocabulary.h"

#include <algorithm>
#include <array>
#include <optional>

namespace scrit::math {

namespace {

using base::isAlpha;
using base::isDigit;

// Looks at characters beyond both ends of a text too.
class Place {
public:
    explicit Place(std::string_view text) : m_text(text) {}
    char at(std::size_t i) const { return i < m_text.size() ? m_text[i] : '\0'; }
    char before(std::size_t i) const { return i > 0 ? at(i - 1) : '\0'; }
    std::size_t pastDigits(std::size_t i) const {
        while (isDigit(at(i))) {
            ++i;
        }
        return i;
    }
    std::size_t pastSpaces(std::size_t i) const {
        while (at(i) == ' ') {
            ++i;
        }
        return i;
    }
    bool startsWith(std::size_t i, std::string_view part) const {
        return m_text.substr(std::min(i, m_text.size())).starts_with(part);
    }
    std::string_view part(std::size_t begin, std::size_t end) const {
        return m_text.substr(begin, end - begin);
    }

    // A whole number, bare (one digit) or in braces; `next` is put behind it.
    std::optional<std::string_view> wholeNumber(std::size_t i, std::size_t& next) const {
        const bool braced = at(i) == '{';
        const std::size_t begin = i + (braced ? 1 : 0);
        const std::size_t end = braced ? pastDigits(begin) : begin + (isDigit(at(begin)) ? 1 : 0);
        if (end == begin || end - begin > 4 || (braced && at(end) != '}')) {
            return std::nullopt;
        }
        next = end + (braced ? 1 : 0);
        return part(begin, end);
    }

private:
    std::string_view m_text;
};

std::string binomial(std::string_view upper, std::string_view lower) {
    return "\\binom{" + std::string(upper) + "}{" + std::string(lower) + "}";
}

struct Rewritten {
    std::size_t length = 0; // of the text that is replaced
    std::string text;
};
using MaybeRewritten = std::optional<Rewritten>;

// "0.(3)"; "0.1(6)" could be a product and is only taken for the whole text.
MaybeRewritten repeating(const Place& text, std::size_t at, std::size_t size) {
    const std::size_t places = text.pastDigits(at + 1);
    if (text.at(places) != '(') {
        return std::nullopt;
    }
    const std::size_t end = text.pastDigits(places + 1);
    const std::size_t first = text.at(0) == '-' ? 1 : 0;
    const bool whole = text.pastDigits(first) == at && end + 1 == size;
    const bool follows = isAlpha(text.at(end + 1)) || isDigit(text.at(end + 1)) ||
                         text.at(end + 1) == '^' || text.at(end + 1) == '(';
    if (end == places + 1 || text.at(end) != ')' || follows || (places > at + 1 && !whole)) {
        return std::nullopt;
    }
    return Rewritten{end + 1 - at, std::string(text.part(at, places)) + "\\overline{" +
                                       std::string(text.part(places + 1, end)) + "}"};
}

// " x 10^" behind a digit.
MaybeRewritten timesTen(const Place& text, std::size_t at) {
    if (!isDigit(text.before(at))) {
        return std::nullopt;
    }
    std::size_t next = text.pastSpaces(at);
    if (text.at(next) != 'x' && text.at(next) != 'X') {
        return std::nullopt;
    }
    next = text.pastSpaces(next + 1);
    return text.startsWith(next, "10^") ? MaybeRewritten(Rewritten{next - at, "\\times "})
                                        : std::nullopt;
}

// "6C2" that stands alone.
MaybeRewritten flatBinomial(const Place& text, std::size_t at) {
    const char before = text.before(at);
    const std::size_t end = text.pastDigits(at);
    const bool alone = !isAlpha(before) && !isDigit(before) && before != '_' && before != '.' &&
                       before != '^' && before != '{';
    if (!alone || text.at(end) != 'C' || end - at > 4) {
        return std::nullopt;
    }
    const std::size_t last = text.pastDigits(end + 1);
    const char after = text.at(last);
    const bool ends = !isAlpha(after) && after != '.' && after != '_' && after != '^';
    return last > end + 1 && last - end <= 5 && ends
               ? MaybeRewritten(
                     Rewritten{last - at, binomial(text.part(at, end), text.part(end + 1, last))})
               : std::nullopt;
}

// "{}_6C_2" and "^6C_2", from the mark on.
MaybeRewritten indexedBinomial(const Place& text, std::size_t at) {
    std::size_t next = at + (text.startsWith(at, "{}") ? 2 : 0);
    const char before = text.before(at);
    if ((text.at(next) != '_' && text.at(next) != '^') || isAlpha(before) || isDigit(before) ||
        before == ')' || before == '}' || before == ']') {
        return std::nullopt;
    }
    const std::optional<std::string_view> upper = text.wholeNumber(next + 1, next);
    if (!upper) {
        return std::nullopt;
    }
    next = text.pastSpaces(next);
    for (const std::string_view letter : {"C", "\\mathrm{C}", "\\text{C}", "\\mathrm C"}) {
        if (text.startsWith(next, letter)) {
            next += letter.size();
            const std::optional<std::string_view> lower =
                text.at(next) == '_' ? text.wholeNumber(next + 1, next) : std::nullopt;
            return lower ? MaybeRewritten(Rewritten{next - at, binomial(*upper, *lower)})
                         : std::nullopt;
        }
    }
    return std::nullopt;
}

// "C_6^2" and "C^2_6".
MaybeRewritten doublyIndexedBinomial(const Place& text, std::size_t at) {
    const char mark = text.at(at + 1);
    if (text.at(at) != 'C' || isAlpha(text.before(at)) || text.before(at) == '\\' ||
        (mark != '_' && mark != '^')) {
        return std::nullopt;
    }
    std::size_t next = at + 2;
    const std::optional<std::string_view> first = text.wholeNumber(next, next);
    if (!first || text.at(next) != (mark == '_' ? '^' : '_')) {
        return std::nullopt;
    }
    const std::optional<std::string_view> second = text.wholeNumber(next + 1, next);
    if (!second || isDigit(text.at(next))) {
        return std::nullopt;
    }
    return Rewritten{next - at,
                     mark == '_' ? binomial(*first, *second) : binomial(*second, *first)};
}

// "45^\circ 30' 15''" from its first digit.
MaybeRewritten minutesOfArc(const Place& text, std::size_t at) {
    if (isDigit(text.before(at)) || text.before(at) == '.') {
        return std::nullopt;
    }
    const std::size_t end = text.pastDigits(at);
    std::size_t next = text.pastSpaces(end);
    for (const std::string_view sign : {"^\\circ", "^{\\circ}"}) {
        if (!text.startsWith(next, sign)) {
            continue;
        }
        const std::size_t minutes = text.pastSpaces(next + sign.size());
        next = text.pastDigits(minutes);
        if (next == minutes || next - minutes > 2 || text.at(next) != '\'' ||
            text.at(next + 1) == '\'') {
            return std::nullopt;
        }
        std::string value = "(" + std::string(text.part(at, end)) + "+\\frac{" +
                            std::string(text.part(minutes, next)) + "}{60}";
        ++next;
        const std::size_t seconds = text.pastSpaces(next);
        const std::size_t last = text.pastDigits(seconds);
        if (last > seconds && text.startsWith(last, "''")) {
            value += "+\\frac{" + std::string(text.part(seconds, last)) + "}{3600}";
            next = last + 2;
        }
        return Rewritten{next - at, value + ")^\\circ "};
    }
    return std::nullopt;
}

// "120 min" with nothing but an end or a separator behind it.
MaybeRewritten minutes(const Place& text, std::size_t at) {
    const std::size_t begin = isDigit(text.before(at)) ? text.pastSpaces(at) : at;
    if (!isDigit(text.before(at)) || !text.startsWith(begin, "min")) {
        return std::nullopt;
    }
    const std::size_t end = begin + (text.at(begin + 3) == 's' ? 4 : 3);
    const char after = text.at(text.pastSpaces(end));
    const bool ends = after == '\0' || after == ',' || after == '/' || after == ';' ||
                      (after == '.' && text.at(end + 1) == '\0') ||
                      (isDigit(after) && text.at(end) == ' ');
    return ends ? MaybeRewritten(Rewritten{end - at, " \\text{ minutes}"}) : std::nullopt;
}

// "3 out of 5" at its first blank, "3^{rd}" at its mark, "3rd" at its first letter.
MaybeRewritten betweenNumbers(const Place& text, std::size_t at) {
    if (!isDigit(text.before(at))) {
        return std::nullopt;
    }
    if (text.startsWith(at, " out of ") && isDigit(text.at(at + 8))) {
        return Rewritten{8, "/"};
    }
    // 1st, 2nd, 3rd, 4th, 11th: other pairs of letters are variables.
    const char last = text.before(at);
    const bool teen = at > 1 && text.at(at - 2) == '1';
    const std::string_view place = teen || last == '0' || last > '3' ? "th"
                                   : last == '1'                     ? "st"
                                   : last == '2'                     ? "nd"
                                                                     : "rd";
    const bool raised = text.startsWith(at, "^{") && text.at(at + 4) == '}';
    if (text.startsWith(at + (raised ? 2 : 0), place)) {
        const std::size_t length = raised ? 5 : 2;
        const char after = text.at(at + length);
        if (raised || after == '\0' || after == ' ' || after == ',' || after == '}') {
            return Rewritten{length, ""};
        }
    }
    return std::nullopt;
}

// "sq. units": a stop would end the formula.
MaybeRewritten abbreviation(const Place& text, std::size_t at) {
    const bool word = !isAlpha(text.before(at)) && text.before(at) != '\\';
    return word && (text.startsWith(at, "sq. ") || text.startsWith(at, "cu. "))
               ? MaybeRewritten(Rewritten{3, text.at(at) == 's' ? "square" : "cubic"})
               : std::nullopt;
}

// Marks where a bracketed pair ends, so that a U between two pairs is a union.
class PairsInBrackets {
public:
    void see(char c) {
        if (c == '(' || c == '[') {
            m_comma = false;
        } else if (c == ',') {
            m_comma = true;
        }
    }
    bool unionAt(const Place& text, std::size_t at, std::size_t& next) const {
        if (text.at(at) != ')' && text.at(at) != ']') {
            return false;
        }
        const std::size_t letter = text.pastSpaces(at + 1);
        next = text.pastSpaces(letter + 1);
        return m_comma && text.at(letter) == 'U' && (text.at(next) == '(' || text.at(next) == '[');
    }

private:
    bool m_comma = false; // since the last opening bracket
};

std::string withReplacements(std::string_view in) {
    const Place text(in);
    PairsInBrackets pairs;
    std::string out;
    out.reserve(in.size());
    for (std::size_t i = 0; i < in.size();) {
        const char c = in[i];
        const bool starts = isDigit(c) && !isDigit(text.before(i));
        MaybeRewritten found;
        if (c == '.') {
            found = isDigit(text.before(i)) ? repeating(text, i, in.size()) : std::nullopt;
        } else if (starts) {
            found = flatBinomial(text, i);
            found = found ? found : minutesOfArc(text, i);
        } else if (c == '{' || c == '_' || c == '^') {
            found = indexedBinomial(text, i);
            found = found ? found : betweenNumbers(text, i);
        } else if (c == 'C' && (text.at(i + 1) == '_' || text.at(i + 1) == '^')) {
            found = doublyIndexedBinomial(text, i);
        } else if (isAlpha(c) || c == ' ') {
            found = timesTen(text, i);
            found = found ? found : minutes(text, i);
            found = found ? found : betweenNumbers(text, i);
            found = found ? found : abbreviation(text, i);
        }
        if (found) {
            out += found->text;
            i += found->length;
            continue;
        }
        pairs.see(c);
        std::size_t next = 0;
        out += c;
        if (pairs.unionAt(text, i, next)) {
            out += "\\cup ";
            i = next;
        } else {
            ++i;
        }
    }
    return out;
}

// "Area = 12": letters would be read as variables one by one.
std::string_view wordInFront(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals < 3 || equals > 60) {
        return {};
    }
    const std::string_view words = base::trimmed(text.substr(0, equals));
    std::size_t length = 0; // of the word that is being read
    std::size_t longest = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= words.size(); ++i) {
        if (i < words.size() && isAlpha(words[i])) {
            ++length;
            continue;
        }
        if (i < words.size() && words[i] != ' ') {
            return {};
        }
        const std::string_view word = words.substr(begin, i - begin);
        if (length == 1 || plainWord(word) || !longestFunctionPrefix(word).empty()) {
            return {};
        }
        longest = std::max(longest, length);
        length = 0;
        begin = i + 1;
    }
    const bool vowel = words.find_first_of("aeiouy") != std::string_view::npos;
    return longest >= 4 && vowel ? words : std::string_view();
}

// "a hyperbola": the article would be read as a variable.
std::string_view withoutArticle(std::string_view text) {
    for (const std::string_view article : {"a ", "an ", "the "}) {
        if (base::startsWithNoCase(text, article) && text.size() > article.size() + 3 &&
            text[article.size() + 1] >= 'a' && text.substr(article.size(), 3) != "or " &&
            text.substr(article.size(), 4) != "and " &&
            std::all_of(text.begin(), text.end(),
                        [](char c) { return isAlpha(c) || c == ' ' || c == '-'; })) {
            return text.substr(article.size());
        }
    }
    return text;
}

// "all real numbers except 2 and 3" as a set; empty for anything else.
std::string realsWithout(std::string_view text) {
    std::string_view rest = text;
    rest.remove_prefix(rest.starts_with("\\text{") ? 6 : 0);
    const bool braced = rest.size() != text.size();
    for (const std::string_view front : {"all real numbers except", "all reals except",
                                         "all real numbers but", "all real x except"}) {
        if (!base::startsWithNoCase(rest, front)) {
            continue;
        }
        rest = base::trimmed(rest.substr(front.size()));
        rest = base::trimmed(rest.substr(rest.starts_with("for ") ? 4 : 0));
        std::string members(rest);
        if (const std::size_t close = members.find('}'); braced && close != std::string::npos) {
            members.erase(close, 1);
        }
        for (const std::string_view name : {"x=", "x ="}) {
            members.erase(0, members.starts_with(name) ? name.size() : 0);
        }
        return "\\mathbb{R}\\setminus\\{" + members + "\\}";
    }
    return {};
}

// "12 (units)" without its brackets.
std::string withOpenUnit(std::string_view text) {
    const std::size_t open = text.rfind('(');
    if (!text.ends_with(')') || open == std::string_view::npos || open < 2 ||
        text[open - 1] != ' ' || !(isDigit(text[open - 2]) || text[open - 2] == '}')) {
        return std::string(text);
    }
    const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    const bool words = inside.size() >= 3 && std::all_of(inside.begin(), inside.end(), [](char c) {
                           return isAlpha(c) || c == ' ';
                       });
    return words ? std::string(text.substr(0, open)) + std::string(inside) : std::string(text);
}

bool hasAlignment(std::string_view text) {
    const bool lines = text.find("\\begin{align") != std::string_view::npos ||
                       text.find("\\begin{split}") != std::string_view::npos;
    return lines && text.find("matrix") == std::string_view::npos &&
           text.find("{array}") == std::string_view::npos &&
           text.find("{cases}") == std::string_view::npos;
}

std::string withoutAlignment(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            out += text[i++];
            out += text[i];
        } else if (text[i] != '&') {
            out += text[i];
        }
    }
    return out;
}

// "k\in\mathbb{Z}", "where k is an integer", "for any integer k": says nothing of the value.
bool namesWholeNumber(std::string_view text) {
    std::string key = base::lowerAscii(spellingKey(text));
    for (const std::string_view drop : {"\\mathbb{z}", "\\bbb{z}", "\\mathbbz", "\\z"}) {
        if (const std::size_t at = key.find(drop); at != std::string::npos) {
            key.replace(at, drop.size(), "Z");
        }
    }
    std::string plain;
    std::copy_if(key.begin(), key.end(), std::back_inserter(plain),
                 [](char c) { return c != ' ' && c != '(' && c != ')' && c != '.'; });
    std::string_view rest = plain;
    for (const std::string_view front :
         {"where", "for", "with", "some", "any", "all", "every", "each"}) {
        rest.remove_prefix(rest.starts_with(front) ? front.size() : 0);
    }
    if (rest.starts_with("integer")) { // "integer k", "integers k"
        rest.remove_prefix(rest.starts_with("integers") ? 8 : 7);
        return rest.size() <= 1 && (rest.empty() || isAlpha(rest.front()));
    }
    if (rest.empty() || !isAlpha(rest.front())) {
        return false;
    }
    rest.remove_prefix(1);
    static constexpr std::array<std::string_view, 9> kConditions = {
        "\\inZ",        "\\inz",     "inZ",       "inz",       "isaninteger",
        "isanyinteger", "aninteger", "aninteger", "anyinteger"};
    return std::find(kConditions.begin(), kConditions.end(), rest) != kConditions.end();
}

std::string_view withoutWholeNumberCondition(std::string_view text) {
    std::size_t cut = std::string_view::npos;
    for (const std::string_view mark : {",", "(", ";", " where ", " for ", "\\text{where",
                                        "\\text{ where", "\\text{for", "\\text{ for", "\\quad"}) {
        const std::size_t at = text.rfind(mark);
        if (at == std::string_view::npos || at == 0 || text.size() - at > 80) {
            continue;
        }
        const std::size_t begin =
            at + (isAlpha(mark.back()) || mark.back() == ' ' ? 0 : mark.size());
        if (namesWholeNumber(text.substr(begin))) {
            cut = std::min(cut, at);
        }
    }
    return cut == std::string_view::npos ? text : base::trimmed(text.substr(0, cut));
}

} // namespace

std::string inReadersNotation(std::string_view original) {
    const std::string folded = withoutUnicodeMath(original);
    std::string_view text = withoutArticle(base::trimmed(folded));
    const bool braced = text.ends_with(" only}");
    const bool only = braced || text.ends_with(" only");
    const std::string before =
        only ? std::string(text.substr(0, text.size() - (braced ? 6 : 5))) + (braced ? "}" : "")
             : std::string();
    text = only ? std::string_view(before) : text;
    text = withoutWholeNumberCondition(text);
    if (std::string reals = realsWithout(text); !reals.empty()) {
        return reals;
    }
    std::string out = hasAlignment(text) ? withoutAlignment(text) : withOpenUnit(text);
    if (const std::string_view words = wordInFront(out); !words.empty()) {
        const std::string label(words);
        out = "\\text{" + label + "}" + out.substr(out.find('='));
    }
    return withReplacements(out);
}

} // namespace scrit::math
