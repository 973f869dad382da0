// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/units.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <unordered_map>
#include <utility>

namespace scrit::math {

namespace {

struct Entry {
    std::string_view name;
    std::string_view dimension;
    int exponent;
    std::string_view factor; // to the base unit of the dimension, a fraction
};

// clang-format off
constexpr std::array kUnits = std::to_array<Entry>({
    {"m", "length", 1, "1"}, {"meter", "length", 1, "1"}, {"metre", "length", 1, "1"},
    {"mm", "length", 1, "1/1000"}, {"millimeter", "length", 1, "1/1000"},
    {"cm", "length", 1, "1/100"}, {"centimeter", "length", 1, "1/100"}, {"centimetre", "length", 1, "1/100"},
    {"dm", "length", 1, "1/10"}, {"km", "length", 1, "1000"}, {"kilometer", "length", 1, "1000"},
    {"kilometre", "length", 1, "1000"}, {"in", "length", 1, "127/5000"}, {"inch", "length", 1, "127/5000"},
    {"inches", "length", 1, "127/5000"}, {"ft", "length", 1, "381/1250"}, {"foot", "length", 1, "381/1250"},
    {"feet", "length", 1, "381/1250"}, {"yd", "length", 1, "1143/1250"}, {"yard", "length", 1, "1143/1250"},
    {"mi", "length", 1, "201168/125"}, {"mile", "length", 1, "201168/125"},
    {"g", "mass", 1, "1"}, {"gram", "mass", 1, "1"}, {"mg", "mass", 1, "1/1000"}, {"kg", "mass", 1, "1000"},
    {"kilogram", "mass", 1, "1000"}, {"kilo", "mass", 1, "1000"}, {"lb", "mass", 1, "45359237/100000"},
    {"pound", "mass", 1, "45359237/100000"}, {"oz", "mass", 1, "45359237/1600000"},
    {"ounce", "mass", 1, "45359237/1600000"},
    {"s", "time", 1, "1"}, {"sec", "time", 1, "1"}, {"second", "time", 1, "1"}, {"ms", "time", 1, "1/1000"},
    {"min", "time", 1, "60"}, {"minute", "time", 1, "60"}, {"h", "time", 1, "3600"}, {"hr", "time", 1, "3600"},
    {"hour", "time", 1, "3600"}, {"day", "time", 1, "86400"}, {"week", "time", 1, "604800"},
    {"month", "month", 1, "1"}, {"year", "month", 1, "12"}, {"yr", "month", 1, "12"},
    {"l", "length", 3, "1/1000"}, {"liter", "length", 3, "1/1000"}, {"litre", "length", 3, "1/1000"},
    {"ml", "length", 3, "1/1000000"}, {"milliliter", "length", 3, "1/1000000"},
    {"gallon", "gallon", 1, "1"}, {"quart", "gallon", 1, "1/4"}, {"pint", "gallon", 1, "1/8"},
    {"cup", "gallon", 1, "1/16"},
    {"dollar", "usd", 1, "1"}, {"usd", "usd", 1, "1"}, {"cent", "usd", 1, "1/100"},
    {"euro", "euro", 1, "1"}, {"eur", "euro", 1, "1"}, {"yen", "yen", 1, "1"}, {"yuan", "yuan", 1, "1"},
    {"rupee", "rupee", 1, "1"}, {"sterling", "sterling", 1, "1"},
    {"degree", "degree", 1, "1"}, {"deg", "degree", 1, "1"}, {"rad", "radian", 1, "1"},
    {"radian", "radian", 1, "1"}, {"hz", "time", -1, "1"}, {"hertz", "time", -1, "1"},
    {"n", "newton", 1, "1"}, {"newton", "newton", 1, "1"}, {"j", "joule", 1, "1"}, {"joule", "joule", 1, "1"},
    {"kj", "joule", 1, "1000"}, {"w", "watt", 1, "1"}, {"watt", "watt", 1, "1"}, {"kw", "watt", 1, "1000"},
    {"v", "volt", 1, "1"}, {"volt", "volt", 1, "1"}, {"a", "ampere", 1, "1"}, {"k", "kelvin", 1, "1"},
    {"kelvin", "kelvin", 1, "1"}, {"pa", "pascal", 1, "1"}, {"kpa", "pascal", 1, "1000"},
    {"mol", "mole", 1, "1"}, {"mole", "mole", 1, "1"},
    {"nanometer", "length", 1, "1/1000000000"}, {"micrometer", "length", 1, "1/1000000"},
    {"decimeter", "length", 1, "1/10"}, {"millimetre", "length", 1, "1/1000"}, {"nm", "length", 1, "1/1000000000"},
    {"tonne", "mass", 1, "1000000"}, {"milligram", "mass", 1, "1/1000"}, {"ton", "ton", 1, "1"},
    {"millisecond", "time", 1, "1/1000"}, {"fortnight", "time", 1, "1209600"},
    {"decade", "month", 1, "120"}, {"century", "month", 1, "1200"}, {"centuries", "month", 1, "1200"},
    {"khz", "time", -1, "1000"}, {"mhz", "time", -1, "1000000"}, {"ghz", "time", -1, "1000000000"},
    {"kilojoule", "joule", 1, "1000"}, {"kilowatt", "watt", 1, "1000"}, {"kilopascal", "pascal", 1, "1000"},
    {"ma", "ampere", 1, "1/1000"}, {"amp", "ampere", 1, "1"}, {"ampere", "ampere", 1, "1"},
    {"milliampere", "ampere", 1, "1/1000"}, {"mv", "volt", 1, "1/1000"}, {"kv", "volt", 1, "1000"},
    {"ohm", "ohm", 1, "1"}, {"atm", "atmosphere", 1, "1"}, {"ev", "electronvolt", 1, "1"},
    {"kcal", "calorie", 1, "1000"}, {"calorie", "calorie", 1, "1"},
    {"hectare", "length", 2, "10000"}, {"acre", "acre", 1, "1"},
    {"penny", "usd", 1, "1/100"}, {"pennies", "usd", 1, "1/100"}, {"peso", "peso", 1, "1"},
});

// Symbols of two letters that are also products of two variables: units only where upright.
constexpr std::array<std::string_view, 5> kUpright = {"nm", "ma", "mv", "kv", "ev"};
// clang-format on

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 0x7F;
}
bool isDigit(std::string_view word, char lowest) {
    return word.size() == 1 && word[0] >= lowest && word[0] <= '9';
}

bool needsUpright(std::string_view word) {
    return std::find(kUpright.begin(), kUpright.end(), word) != kUpright.end();
}

// A unit by its name in lower case, also with the s of a plural.
const Entry* findUnit(std::string_view word) {
    static const auto table = [] {
        std::unordered_map<std::string_view, const Entry*> out;
        for (const Entry& entry : kUnits) {
            out.emplace(entry.name, &entry);
        }
        return out;
    }();
    const auto exact = [](std::string_view w) {
        const auto it = table.find(w);
        return it == table.end() ? nullptr : it->second;
    };
    if (const Entry* entry = exact(word)) {
        return entry;
    }
    return word.size() > 3 && word.ends_with('s') ? exact(word.substr(0, word.size() - 1))
                                                  : nullptr;
}

std::vector<std::string> unitWords(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        if (isLetter(text[i])) {
            while (end < text.size() && isLetter(text[end])) {
                ++end;
            }
            std::string word = base::lowerAscii(text.substr(i, end - i));
            if (word == "mph" || word == "kph" || word == "kmph") {
                words.insert(words.end(), {word == "mph" ? "mile" : "km", "/", "hour"});
            } else {
                words.push_back(std::move(word));
            }
        } else if ((text[i] >= '0' && text[i] <= '9') || text[i] == '/' || text[i] == '^' ||
                   text[i] == '-') {
            words.emplace_back(1, text[i]);
        }
        i = end;
    }
    return words;
}

// The exponent that the words from `next` on give to the unit before them: "^ 2", "- 2", "cubed".
int exponentAt(const std::vector<std::string>& words, std::size_t next) {
    const auto word = [&](std::size_t i) {
        return i < words.size() ? std::string_view(words[i]) : std::string_view();
    };
    next += word(next) == "^" ? 1 : 0;
    const bool negative = word(next) == "-" && isDigit(word(next + 1), '0');
    next += negative ? 1 : 0;
    if (isDigit(word(next), '1')) {
        return (word(next)[0] - '0') * (negative ? -1 : 1);
    }
    return word(next) == "squared" ? 2 : word(next) == "cubed" ? 3 : 1;
}

// Reads the words of a unit one after the other.
class UnitReader {
public:
    explicit UnitReader(bool upright) : m_upright(upright) {}

    Unit read(const std::vector<std::string>& words) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (!modifies(words[i])) {
                name(words, i);
            }
        }
        m_unit.known = m_known && !m_unknown;
        if (!m_unit.known) {
            m_unit.factor = 1;
            return std::move(m_unit);
        }
        for (const auto& [dimension, exponent] : m_dimensions) {
            if (exponent != 0) {
                m_unit.dimensions.emplace_back(dimension, exponent);
            }
        }
        return std::move(m_unit);
    }

private:
    // Words that change the unit behind them, and those that say nothing of their own.
    bool modifies(std::string_view word) {
        if (word == "/" || word == "per") {
            m_sign = -1;
        } else if (word == "square" || word == "sq") {
            m_power = 2;
        } else if (word == "cubic" || word == "cu") {
            m_power = 3;
        } else if (word.size() == 1 && isLetter(word[0])) {
            // A single letter is a unit only where it stands upright.
            const bool unit = m_upright && findUnit(word) != nullptr;
            m_unknown = m_unknown || (!unit && static_cast<unsigned char>(word[0]) <= 0x7F);
            return !unit;
        } else {
            return word.size() == 1 || word == "squared" || word == "cubed" || word == "of" ||
                   word == "us";
        }
        return true;
    }

    void name(const std::vector<std::string>& words, std::size_t at) {
        const Entry* entry = findUnit(words[at]);
        if (entry == nullptr || (!m_upright && needsUpright(words[at]))) {
            m_unknown = true;
            return;
        }
        const int exponent = m_power * exponentAt(words, at + 1) * m_sign;
        Rational factor{std::string(entry->factor)};
        factor.canonicalize();
        for (int n = 0; n < std::min(std::abs(exponent), 9); ++n) {
            m_unit.factor *= exponent > 0 ? factor : Rational(1) / factor;
        }
        m_dimensions[std::string(entry->dimension)] += entry->exponent * exponent;
        m_known = true;
        m_power = 1;
        m_sign = 1;
    }

    bool m_upright;
    Unit m_unit;
    std::map<std::string, int> m_dimensions;
    bool m_known = false;
    bool m_unknown = false;
    int m_sign = 1;
    int m_power = 1;
};

} // namespace

Unit readUnit(std::string_view text, bool upright) {
    return UnitReader(upright).read(unitWords(text));
}

bool isKnownUnit(std::string_view text, bool upright) {
    if (std::all_of(text.begin(), text.end(), isLetter)) { // one word: no unit has to be built
        const std::string word = base::lowerAscii(text);
        return (text.size() > 1 || upright) && (upright || !needsUpright(word)) &&
               (findUnit(word) != nullptr || word == "mph" || word == "kph" || word == "kmph");
    }
    return readUnit(text, upright).known;
}

NumberSuffix numberSuffix(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, long>, 6> kFactors = {
        {{"hundred", 100},
         {"thousand", 1000},
         {"million", 1000000},
         {"billion", 1000000000},
         {"trillion", 1000000000000},
         {"dozen", 12}}};
    NumberSuffix out{1, std::string(text)};
    for (bool again = true; again;) {
        again = false;
        for (const auto& [name, factor] : kFactors) {
            const bool here = base::startsWithNoCase(out.rest, name) &&
                              (out.rest.size() == name.size() || out.rest[name.size()] == ' ');
            if (here) {
                out.factor *= factor;
                out.rest =
                    std::string(base::trimmed(std::string_view(out.rest).substr(name.size())));
                again = out.factor < Rational(1000000000);
                break;
            }
        }
    }
    return out;
}

bool shareUnitWord(std::string_view a, std::string_view b) {
    const auto stems = [](std::string_view text) {
        std::vector<std::string> out;
        for (std::string& word : unitWords(text)) {
            if (isLetter(word.front()) && word != "of" && word != "per") {
                if (word.size() > 3 && word.ends_with('s')) {
                    word.pop_back();
                }
                out.push_back(std::move(word));
            }
        }
        return out;
    };
    const std::vector<std::string> left = stems(a);
    const std::vector<std::string> right = stems(b);
    return left.empty() || right.empty() ||
           std::any_of(left.begin(), left.end(), [&](const std::string& word) {
               return std::find(right.begin(), right.end(), word) != right.end();
           });
}

char temperatureScale(std::string_view unit) {
    const std::string name = base::lowerAscii(unit);
    const bool degree = name.starts_with("deg");
    const auto is = [&](std::string_view word, std::string_view letter) {
        return name.ends_with(word) || (degree && name.ends_with(letter));
    };
    return is("celsius", " c") ? 'C' : is("fahrenheit", " f") ? 'F' : '\0';
}

bool sameDimension(const Unit& a, const Unit& b) {
    return a.known && b.known && a.dimensions == b.dimensions;
}

} // namespace scrit::math
