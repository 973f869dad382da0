// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/units.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

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
});
// clang-format on

using Dimensions = std::map<std::string, int>;

const Entry* findUnit(std::string_view word) {
    const auto exact = [](std::string_view w) {
        const auto* it =
            std::find_if(kUnits.begin(), kUnits.end(), [&](const Entry& e) { return e.name == w; });
        return it == kUnits.end() ? nullptr : it;
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
        const auto letter = [&](std::size_t at) {
            return at < text.size() &&
                   ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z') ||
                    static_cast<unsigned char>(text[at]) > 0x7F);
        };
        std::size_t end = i + 1;
        if (letter(i)) {
            while (letter(end)) {
                ++end;
            }
            words.push_back(base::lowerAscii(text.substr(i, end - i)));
        } else if (text[i] >= '0' && text[i] <= '9') {
            words.emplace_back(1, text[i]);
        } else if (text[i] == '/' || text[i] == '^' || text[i] == '-') {
            words.emplace_back(1, text[i]);
        }
        i = end;
    }
    return words;
}

} // namespace

Unit readUnit(std::string_view text, bool upright) {
    Unit unit;
    Dimensions dimensions;
    bool known = false;
    bool unknown = false;
    int sign = 1;
    int power = 1;
    const std::vector<std::string> words = unitWords(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "/" || word == "per") {
            sign = -1;
        } else if (word == "square" || word == "sq") {
            power = 2;
        } else if (word == "cubic" || word == "cu") {
            power = 3;
        } else if (word == "squared" || word == "cubed" || word == "^" || word == "-" ||
                   word == "of" || word == "us" || word.size() == 1) {
            const bool letter = word.size() == 1 && word[0] >= 'a' && word[0] <= 'z';
            if (letter && upright && findUnit(word) != nullptr) {
                // fall through to the unit below
            } else if (letter) {
                unknown = true;
                continue;
            } else {
                continue;
            }
        }
        const Entry* entry = findUnit(word);
        if (entry == nullptr) {
            unknown = unknown || (word != "/" && word != "per" && word != "square" &&
                                  word != "sq" && word != "cubic" && word != "cu");
            continue;
        }
        int exponent = power;
        std::size_t next = i + 1;
        if (next < words.size() && words[next] == "^") {
            ++next;
        }
        int exponentSign = 1;
        if (next < words.size() && words[next] == "-" && next + 1 < words.size() &&
            words[next + 1].size() == 1 && words[next + 1][0] >= '0' && words[next + 1][0] <= '9') {
            exponentSign = -1;
            ++next;
        }
        if (next < words.size() && words[next].size() == 1 && words[next][0] >= '1' &&
            words[next][0] <= '9') {
            exponent *= (words[next][0] - '0') * exponentSign;
        } else if (next < words.size() && words[next] == "squared") {
            exponent *= 2;
        } else if (next < words.size() && words[next] == "cubed") {
            exponent *= 3;
        }
        exponent *= sign;
        Rational factor{std::string(entry->factor)};
        factor.canonicalize();
        for (int n = 0; n < std::min(std::abs(exponent), 9); ++n) {
            unit.factor *= exponent > 0 ? factor : Rational(1) / factor;
        }
        dimensions[std::string(entry->dimension)] += entry->exponent * exponent;
        known = true;
        power = 1;
        sign = 1;
    }
    unit.known = known && !unknown;
    if (!unit.known) {
        unit.factor = 1;
        return unit;
    }
    for (const auto& [name, exponent] : dimensions) {
        if (exponent != 0) {
            unit.dimensions.emplace_back(name, exponent);
        }
    }
    return unit;
}

bool isKnownUnit(std::string_view text, bool upright) {
    return readUnit(text, upright).known;
}

bool sameDimension(const Unit& a, const Unit& b) {
    return a.known && b.known && a.dimensions == b.dimensions;
}

} // namespace scrit::math
