// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/json_repair.h"

#include "core/base/ascii.h"
#include "core/base/text.h"

#include <charconv>
#include <cstdint>

namespace scrit::format {
namespace {

using base::isDigit;

constexpr std::string_view kVisibleNul = "\xE2\x90\x80";
constexpr std::size_t kEscape = 6; // \uXXXX

// The end of the string whose opening quote stands at `at`: behind its closing quote.
std::size_t stringEnd(std::string_view text, std::size_t at) {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            return i + 1;
        }
    }
    return text.size();
}

// The end of the number that stands at `at`; `at` itself where there is none in JSON's grammar.
std::size_t numberEnd(std::string_view text, std::size_t at) {
    const auto digits = [&](std::size_t from) {
        while (from < text.size() && isDigit(text[from])) {
            ++from;
        }
        return from;
    };
    const std::size_t first = at + (at < text.size() && text[at] == '-' ? 1 : 0);
    std::size_t end = digits(first);
    if (end == first || (text[first] == '0' && end > first + 1)) {
        return at;
    }
    if (end < text.size() && text[end] == '.') {
        const std::size_t from = end + 1;
        end = digits(from);
        if (end == from) {
            return at;
        }
    }
    if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
        const std::size_t sign = end + 1;
        const bool hasSign = sign < text.size() && (text[sign] == '+' || text[sign] == '-');
        const std::size_t from = sign + (hasSign ? 1 : 0);
        end = digits(from);
        if (end == from) {
            return at;
        }
    }
    return end;
}

bool fits(std::string_view number) {
    const char* end = number.data() + number.size();
    if (number.find_first_of(".eE") == std::string_view::npos) {
        std::int64_t whole = 0;
        std::uint64_t natural = 0;
        return std::from_chars(number.data(), end, whole).ec == std::errc{} ||
               std::from_chars(number.data(), end, natural).ec == std::errc{};
    }
    double real = 0;
    return std::from_chars(number.data(), end, real).ec == std::errc{};
}

// The code unit of an escape \uXXXX at `at`.
std::optional<unsigned> escapedUnit(std::string_view text, std::size_t at) {
    if (text.size() < at + kEscape || text[at] != '\\' || text[at + 1] != 'u') {
        return std::nullopt;
    }
    unsigned unit = 0;
    const char* begin = text.data() + at + 2;
    const auto [end, error] = std::from_chars(begin, begin + 4, unit, 16);
    return error == std::errc{} && end == begin + 4 ? std::optional(unit) : std::nullopt;
}

bool isHigh(unsigned unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool isLow(unsigned unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

// Copies a string with its quotes, halves of characters made visible. True when there was one.
bool copyString(std::string_view string, std::string& out) {
    bool changed = false;
    for (std::size_t i = 0; i < string.size();) {
        if (string[i] != '\\') {
            out += string[i++];
            continue;
        }
        const std::optional<unsigned> unit = escapedUnit(string, i);
        std::size_t length = unit ? kEscape : 2;
        if (unit && isHigh(*unit)) {
            const std::optional<unsigned> next = escapedUnit(string, i + kEscape);
            if (next && isLow(*next)) {
                length = 2 * kEscape;
            } else {
                out += '\\';
                changed = true;
            }
        } else if (unit && isLow(*unit)) {
            out += '\\';
            changed = true;
        }
        out += string.substr(i, length);
        i += length;
    }
    return changed;
}

// Most texts have neither: no run of so many digits, no exponent behind a digit, no \ud….
bool mayNeedRepair(std::string_view text) {
    constexpr std::size_t kLongNumber = 19;
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isDigit(c)) {
            if (++digits >= kLongNumber) {
                return true;
            }
            continue;
        }
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        const char third = i + 2 < text.size() ? text[i + 2] : '\0';
        if ((digits > 0 && (c == 'e' || c == 'E')) ||
            (c == '\\' && next == 'u' && (third == 'd' || third == 'D'))) {
            return true;
        }
        digits = 0;
    }
    return false;
}

} // namespace

std::string visibleJson(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 16);
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1U : lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U;
        const std::string_view unit = text.substr(i, length);
        if (lead == 0) {
            out += kVisibleNul;
            ++i;
        } else if (unit.size() == length && base::isValidUtf8(unit)) {
            out += unit;
            i += length;
        } else {
            out += '\\';
            out += base::makeVisibleUtf8(text.substr(i, 1));
            ++i;
        }
    }
    return out;
}

std::optional<RepairedJson> repairedJson(std::string_view text) {
    if (!mayNeedRepair(text)) {
        return std::nullopt;
    }
    RepairedJson repaired;
    repaired.text.reserve(text.size() + 16);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '"') {
            const std::size_t end = stringEnd(text, i);
            const bool changed = copyString(text.substr(i, end - i), repaired.text);
            repaired.madeVisible = repaired.madeVisible || changed;
            i = end;
            continue;
        }
        const std::size_t end = isDigit(text[i]) || text[i] == '-' ? numberEnd(text, i) : i;
        const std::string_view number = text.substr(i, end - i);
        if (number.empty()) {
            repaired.text += text[i++];
            continue;
        }
        const bool kept = fits(number);
        quoted = quoted || !kept;
        repaired.text.append(kept ? "" : "\"").append(number).append(kept ? "" : "\"");
        i = end;
    }
    return quoted || repaired.madeVisible ? std::optional(std::move(repaired)) : std::nullopt;
}

std::optional<std::string_view> writtenNumber(std::string_view text, std::string_view key) {
    std::optional<std::string_view> found;
    int depth = 0;
    bool isKey = false; // of the outermost object: what stands behind its { or its commas
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '"') {
            const std::size_t end = stringEnd(text, i);
            const bool asked = isKey && depth == 1 && text.substr(i + 1, end - i - 2) == key;
            isKey = false;
            i = end;
            if (asked) {
                while (i < text.size() && (base::isSpace(text[i]) || text[i] == ':')) {
                    ++i;
                }
                const std::size_t stop = numberEnd(text, i);
                found = stop > i ? std::optional(text.substr(i, stop - i)) : std::nullopt;
            }
            continue;
        }
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        isKey = isKey || (depth == 1 && (c == '{' || c == ','));
        ++i;
    }
    return found;
}

} // namespace scrit::format
