// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/phrases.h"

#include "core/base/ascii.h"
#include "core/base/text.h"
#include "core/math/spelling.h"
#include "core/math/units.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scrit::math {

namespace {

using base::isAlpha;
using base::isDigit;

constexpr std::size_t kLongestPhrase = 120; // bytes of a text that is looked at

using Values = std::unordered_map<std::string_view, int>;

const Values& smallNumbers() {
    static const Values kValues = {
        {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
        {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
        {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
        {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
        {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
        {"seventy", 70}, {"eighty", 80},  {"ninety", 90}};
    return kValues;
}

const Values& fractionWords() {
    static const Values kValues = {{"half", 2},   {"halves", 2}, {"third", 3},  {"quarter", 4},
                                   {"fourth", 4}, {"fifth", 5},  {"sixth", 6},  {"seventh", 7},
                                   {"eighth", 8}, {"ninth", 9},  {"tenth", 10}, {"hundredth", 100}};
    return kValues;
}

std::optional<int> lookUp(const Values& values, std::string_view word) {
    const auto it = values.find(word);
    return it == values.end() ? std::nullopt : std::optional(it->second);
}

int digitValue(char c) {
    return isDigit(c) ? c - '0' : c - 'A' + 10;
}

// The base a text names: "2", "two"; 0 when it names none.
int baseOf(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    int base = 0;
    if (text.size() <= 2 && std::all_of(text.begin(), text.end(), isDigit)) {
        base = std::stoi(std::string(text));
    } else {
        base = lookUp(smallNumbers(), base::lowerAscii(text)).value_or(0);
    }
    return base >= 2 && base <= 36 ? base : 0;
}

NodePtr baseNumeral(std::string_view written, int base) {
    std::string digits;
    bool point = false;
    bool figure = false;
    for (std::size_t i = 0; i < written.size(); ++i) {
        const char c = written[i] >= 'a' && written[i] <= 'z'
                           ? static_cast<char>(written[i] - 'a' + 'A')
                           : written[i];
        if (c == ' ' || (c == '-' && i == 0)) {
            digits += c == '-' ? "-" : "";
            continue;
        }
        if (c == '.' && !point && i > 0) {
            point = true;
            digits += c;
            continue;
        }
        if (!(isDigit(c) || isAlpha(c)) || digitValue(c) >= base) {
            return nullptr;
        }
        // Letters alone are a name such as a_{12}, but for hexadecimal digits in capitals.
        figure = figure || isDigit(c) || (base == 16 && c == written[i]);
        digits += c;
    }
    if (base == 0 || !figure || digits.empty() || digits.size() > 512) {
        return nullptr;
    }
    auto node = std::make_shared<Node>(*makeNode(Kind::BaseNumber, {}, std::move(digits)));
    node->value = base;
    return node;
}

// "101base2", "101(base2)", "101inbase2": the parts before and behind the word.
NodePtr spelledBase(std::string_view key) {
    const std::size_t at = key.rfind("base");
    if (at == std::string_view::npos || at == 0) {
        return nullptr;
    }
    std::string_view base = key.substr(at + 4);
    std::string_view digits = key.substr(0, at);
    if (digits.ends_with('(') && base.ends_with(')')) {
        digits.remove_suffix(1);
        base.remove_suffix(1);
    }
    digits = base::trimmed(digits);
    digits = digits.ends_with("in") ? base::trimmed(digits.substr(0, digits.size() - 2)) : digits;
    return baseNumeral(digits, baseOf(base::trimmed(base)));
}

std::vector<std::string> wordsOf(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && isAlpha(text[end])) {
            ++end;
        }
        if (end > i) {
            words.push_back(base::lowerAscii(text.substr(i, end - i)));
        } else if (text[i] == '-' || base::isSpace(text[i])) {
            end = i + 1;
        } else {
            return {};
        }
        i = end;
    }
    return words;
}

// What "hundred" and the larger groups multiply with; 0 for other words.
long largeNumber(std::string_view word) {
    return word == "hundred"    ? 100
           : word == "thousand" ? 1000
           : word == "million"  ? 1000000
           : word == "billion"  ? 1000000000
           : word == "trillion" ? 1000000000000
                                : 0;
}

// "apples", "people": what may be counted behind a number word.
bool isPlural(std::string_view word) {
    static constexpr std::array<std::string_view, 7> kIrregular = {
        "people", "men", "women", "children", "mice", "geese", "sheep"};
    const bool regular = word.size() >= 4 && word.ends_with('s') && !word.ends_with("ss") &&
                         !word.ends_with("us") && !word.ends_with("is");
    return regular || std::find(kIrregular.begin(), kIrregular.end(), word) != kIrregular.end();
}

// Reads words of a number from the front.
class NumberWords {
public:
    explicit NumberWords(const std::vector<std::string>& words) : m_words(words) {}

    std::optional<Rational> run() {
        const bool negative = word() == "minus" || word() == "negative";
        m_pos += negative ? 1 : 0;
        const std::optional<Rational> value = magnitude();
        return value && negative ? Rational(-*value) : value;
    }
    std::size_t used() const { return m_pos; }

private:
    std::string_view word(std::size_t ahead = 0) const {
        return m_pos + ahead < m_words.size() ? std::string_view(m_words[m_pos + ahead])
                                              : std::string_view();
    }
    std::optional<Rational> magnitude() {
        if (word() == "half" && (word(1) == "a" || word(1) == "of") && word(2) == "dozen") {
            m_pos += word(1) == "of" && word(2) == "a" ? 4 : 3;
            return Rational(6);
        }
        const std::string_view word0 = word();
        if ((word0 == "half" || word0 == "quarter") && m_pos + 1 == m_words.size()) {
            ++m_pos;
            return word0 == "half" ? Rational(1, 2) : Rational(1, 4);
        }
        if (std::optional<Rational> place = ordinal()) {
            return place;
        }
        if (word() == "a" && fraction(1)) { // "a half"
            m_pos += 2;
            return Rational(1, *lookUp(fractionWords(), m_words[m_pos - 1]));
        }
        std::optional<Rational> value = whole();
        if (!value) {
            return value;
        }
        if (fraction(0)) {
            value = *value / *fraction(0);
            ++m_pos;
        } else if (word() == "and" && word(1) == "a" && fraction(2)) {
            value = *value + Rational(1, *fraction(2));
            m_pos += 3;
        } else if (const std::optional<int> parts =
                       word() == "and" ? lookUp(smallNumbers(), word(1)) : std::nullopt;
                   parts && fraction(2)) { // "two and three quarters"
            value = *value + Rational(*parts, *fraction(2));
            m_pos += 3;
        } else if (word() == "point") {
            Rational place(1, 10);
            for (++m_pos; lookUp(smallNumbers(), word()).value_or(10) < 10; ++m_pos) {
                value = *value + place * *lookUp(smallNumbers(), word());
                place /= 10;
            }
        }
        return value;
    }

    // "third", "twenty-first": a place in an order, where nothing else is said.
    std::optional<Rational> ordinal() {
        static const Values kPlaces = {{"first", 1},       {"second", 2},       {"third", 3},
                                       {"fourth", 4},      {"fifth", 5},        {"sixth", 6},
                                       {"seventh", 7},     {"eighth", 8},       {"ninth", 9},
                                       {"tenth", 10},      {"eleventh", 11},    {"twelfth", 12},
                                       {"thirteenth", 13}, {"fourteenth", 14},  {"fifteenth", 15},
                                       {"sixteenth", 16},  {"seventeenth", 17}, {"eighteenth", 18},
                                       {"nineteenth", 19}, {"twentieth", 20},   {"thirtieth", 30}};
        const std::optional<int> tens = lookUp(smallNumbers(), word());
        const bool compound = tens && *tens >= 20;
        const std::optional<int> last = lookUp(kPlaces, word(compound ? 1 : 0));
        const std::size_t length = compound ? 2 : 1;
        // "twenty thirds" and "three fifths" are fractions; "twenty-third" is a place.
        if (!last || (compound && *last >= 10) || m_pos + length != m_words.size()) {
            return std::nullopt;
        }
        m_pos += length;
        return Rational((compound ? *tens : 0) + *last);
    }

    std::optional<int> fraction(std::size_t ahead) const {
        std::string_view name = word(ahead);
        const std::optional<int> exact = lookUp(fractionWords(), name);
        return exact || !name.ends_with('s')
                   ? exact
                   : lookUp(fractionWords(), name.substr(0, name.size() - 1));
    }

    // Ones, tens, hundreds and larger groups in the usual order.
    std::optional<Rational> whole() {
        mpz_class total = 0;
        mpz_class group = 0;
        bool any = false;
        int last = 1000; // what may follow gets smaller: "twenty one", not "one twenty"
        if (word() == "a" && (word(1) == "dozen" || largeNumber(word(1)) != 0)) { // "a hundred"
            ++m_pos;
            group = 1;
            any = true;
        }
        while (m_pos < m_words.size()) {
            if (const std::optional<int> small = lookUp(smallNumbers(), word())) {
                const bool fits = !any || (last >= 100 && *small < 100) ||
                                  (last >= 20 && last < 100 && *small > 0 && *small < 10);
                if (!fits) {
                    return std::nullopt;
                }
                group += *small;
                last = *small == 0 ? 0 : *small;
            } else if (word() == "hundred" && any && group > 0 && group < 100) {
                group *= 100;
                last = 100;
            } else if (largeNumber(word()) > 100 && any && group > 0) {
                total += group * largeNumber(word());
                group = 0;
                last = 1000;
            } else if ((word() == "dozen" || word() == "dozens") && any && total == 0) {
                group *= 12;
                ++m_pos;
                break;
            } else if (word() == "and" && any && last >= 100 && lookUp(smallNumbers(), word(1))) {
                ++m_pos;
                continue;
            } else {
                break;
            }
            any = true;
            ++m_pos;
        }
        return any ? std::optional(Rational(total + group)) : std::nullopt;
    }

    const std::vector<std::string>& m_words;
    std::size_t m_pos = 0;
};

} // namespace

NodePtr readBaseNumeral(std::string_view text) {
    if (text.size() > 4 * kLongestPhrase ||
        (text.find('_') == std::string_view::npos && text.find("base") == std::string_view::npos &&
         !text.starts_with('0'))) {
        return nullptr;
    }
    const std::string folded = spellingKey(text);
    const std::string_view key = folded;
    if (key.starts_with("0b") || key.starts_with("0x") || key.starts_with("0o")) {
        const std::string_view digits = key.substr(2);
        const bool plain = digits.size() > 1 && digits.find('.') == std::string_view::npos;
        return plain ? baseNumeral(digits, key[1] == 'b' ? 2 : key[1] == 'x' ? 16 : 8) : nullptr;
    }
    const std::size_t mark = key.find('_');
    if (mark == std::string_view::npos) {
        return spelledBase(key);
    }
    std::string_view digits = key.substr(0, mark);
    std::string_view base = key.substr(mark + 1);
    if (digits.starts_with('(') && digits.ends_with(')')) {
        digits = digits.substr(1, digits.size() - 2);
    }
    if (base.starts_with('{') && base.ends_with('}')) {
        base = base.substr(1, base.size() - 2);
    }
    if (base.starts_with('(') && base.ends_with(')')) {
        base = base.substr(1, base.size() - 2);
    }
    base = base.starts_with("base") ? base::trimmed(base.substr(4)) : base;
    return baseNumeral(digits, baseOf(base));
}

NodePtr readBaseNumerals(std::string_view text) {
    if (text.size() > 4 * kLongestPhrase ||
        (text.find("0x") == std::string_view::npos && text.find("0b") == std::string_view::npos &&
         text.find("0o") == std::string_view::npos)) {
        return nullptr;
    }
    std::vector<NodePtr> members;
    for (std::size_t begin = 0; begin <= text.size();) {
        std::size_t end = std::min(text.find(',', begin), text.size());
        std::size_t next = end + 1;
        if (const std::size_t word = text.find(" and ", begin); word < end) {
            end = word;
            next = word + 5;
        }
        const std::string_view part = base::trimmed(text.substr(begin, end - begin));
        NodePtr member = readBaseNumeral(part);
        if (!member) {
            return nullptr;
        }
        members.push_back(std::move(member));
        begin = next;
    }
    return members.size() < 2 ? nullptr : makeNode(Kind::List, std::move(members));
}

Rational baseNumeralValue(const Node& node) {
    mpz_class whole = 0;
    mpz_class scale = 1;
    bool point = false;
    for (const char c : node.name) {
        if (c == '.') {
            point = true;
        } else if (c != '-') {
            whole = whole * node.value.get_num() + digitValue(c);
            scale = point ? mpz_class(scale * node.value.get_num()) : scale;
        }
    }
    Rational out(node.name.starts_with('-') ? mpz_class(-whole) : whole, scale);
    out.canonicalize();
    return out;
}

NodePtr readNumberWords(std::string_view text) {
    if (text.size() > kLongestPhrase || text.empty() || isDigit(text.front())) {
        return nullptr;
    }
    std::string_view plain = base::trimmed(text);
    if (plain.starts_with("\\text{") && plain.ends_with('}')) {
        plain = base::trimmed(plain.substr(6, plain.size() - 7));
    }
    const std::vector<std::string> words = wordsOf(plain);
    if (words.empty() || words.size() > 16) {
        return nullptr;
    }
    NumberWords reader(words);
    const std::optional<Rational> value = reader.run();
    if (!value) {
        return nullptr;
    }
    if (reader.used() == words.size()) {
        return makeNumber(*value);
    }
    std::string rest;
    for (std::size_t i = reader.used(); i < words.size(); ++i) {
        rest += (rest.empty() ? "" : " ") + words[i];
    }
    if (rest == "percent" || rest == "per cent") {
        return makeNode(Kind::Percent, {makeNumber(*value)});
    }
    const Unit unit = readUnit(rest, false);
    const bool several = sgn(*value) == 0 || cmp(*value, 2) >= 0; // as English counts
    const bool counted = words.size() <= reader.used() + 3 && isPlural(words.back()) &&
                         value->get_den() == 1 && several;
    if (!unit.known && !counted) {
        return nullptr;
    }
    auto node = std::make_shared<Node>(*makeNode(Kind::Quantity, {makeNumber(*value)}, rest));
    node->unit = unit;
    return node;
}

namespace {

// "17 R 2", "17 remainder 2": two numbers that must both be right. Null for anything else.
NodePtr withRemainder(std::string_view text) {
    if (!isDigit(text.front()) || !isDigit(text.back())) {
        return nullptr;
    }
    const std::string key = spellingKey(text);
    const std::size_t first = key.find_first_not_of("0123456789");
    const std::size_t last = key.find_last_not_of("0123456789");
    if (first == std::string::npos || first == 0 || last < first) {
        return nullptr;
    }
    const std::string_view between =
        base::trimmed(std::string_view(key).substr(first, last + 1 - first));
    if (between != "R" && between != "r" && between != "rem" && between != "remainder" &&
        between != "with remainder" && between != "with a remainder of" &&
        between != "remainder of") {
        return nullptr;
    }
    return makeNode(Kind::Text, {}, key.substr(0, first) + " remainder " + key.substr(last + 1));
}

} // namespace

NodePtr readSetPhrase(std::string_view text) {
    enum class Phrase {
        Reals,
        Nothing,
        NothingReal,
        NoLimit,
        Diverges,
        Converges,
        Many,
        MinusInfinity
    };
    static const std::unordered_map<std::string_view, Phrase> kPhrases = {
        {"allrealnumbers", Phrase::Reals},
        {"allrealnumber", Phrase::Reals},
        {"allreals", Phrase::Reals},
        {"anyrealnumber", Phrase::Reals},
        {"everyrealnumber", Phrase::Reals},
        {"realnumbers", Phrase::Reals},
        {"setofallrealnumbers", Phrase::Reals},
        {"setofrealnumbers", Phrase::Reals},
        {"allrealx", Phrase::Reals},
        {"nosolution", Phrase::Nothing},
        {"nosolutions", Phrase::Nothing},
        {"norealsolution", Phrase::NothingReal},
        {"norealsolutions", Phrase::NothingReal},
        {"norealroots", Phrase::NothingReal},
        {"nosolutionexists", Phrase::Nothing},
        {"thereisnosolution", Phrase::Nothing},
        {"therearenosolutions", Phrase::Nothing},
        {"thereisnorealsolution", Phrase::NothingReal},
        {"therearenorealsolutions", Phrase::NothingReal},
        {"nullset", Phrase::Nothing},
        {"doesnotexist", Phrase::NoLimit},
        {"itdoesnotexist", Phrase::NoLimit},
        {"limitdoesnotexist", Phrase::NoLimit},
        {"dne", Phrase::NoLimit},
        {"diverges", Phrase::Diverges},
        {"divergent", Phrase::Diverges},
        {"itdiverges", Phrase::Diverges},
        {"doesnotconverge", Phrase::Diverges},
        {"seriesdiverges", Phrase::Diverges},
        {"integraldiverges", Phrase::Diverges},
        {"converges", Phrase::Converges},
        {"convergent", Phrase::Converges},
        {"seriesconverges", Phrase::Converges},
        {"infinite", Phrase::Many},
        {"infinitelymany", Phrase::Many},
        {"infinitelymanysolutions", Phrase::Many},
        {"infinitesolutions", Phrase::Many},
        {"thereareinfinitelymanysolutions", Phrase::Many},
        {"negativeinfinity", Phrase::MinusInfinity},
        {"minusinfinity", Phrase::MinusInfinity}};
    if (text.size() > kLongestPhrase || text.size() < 3) {
        return nullptr;
    }
    if (NodePtr quotient = withRemainder(text)) {
        return quotient;
    }
    const auto it = kPhrases.find(wordKey(text));
    if (it == kPhrases.end()) {
        return nullptr;
    }
    switch (it->second) {
    case Phrase::Reals:
        return makeNode(Kind::Reals, {}, "R");
    case Phrase::Nothing:
        return makeNode(Kind::EmptySet);
    case Phrase::NothingReal:
        return makeNode(Kind::Text, {}, "no real solution");
    case Phrase::NoLimit:
        return makeNode(Kind::Text, {}, "does not exist");
    case Phrase::Diverges:
        return makeNode(Kind::Text, {}, "diverges");
    case Phrase::Converges:
        return makeNode(Kind::Text, {}, "converges");
    case Phrase::Many:
        return makeNode(Kind::Infinity);
    case Phrase::MinusInfinity:
        return negated(makeNode(Kind::Infinity));
    }
    return nullptr;
}

} // namespace scrit::math
