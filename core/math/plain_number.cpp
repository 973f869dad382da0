// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/plain_number.h"

#include "core/base/ascii.h"
#include "core/base/text.h"

#include <algorithm>

namespace scrit::math {

namespace {

using base::isDigit;

constexpr std::size_t kLongestNumber = 64;

// The digits of a whole number, thousands separators taken out; empty when it is none.
std::string wholeDigits(std::string_view text) {
    if (text.empty() || !isDigit(text.front())) {
        return {};
    }
    if (text.find(',') == std::string_view::npos) {
        return std::all_of(text.begin(), text.end(), isDigit) ? std::string(text) : std::string();
    }
    std::string digits;
    const std::size_t first = text.find(',');
    if (first > 3 || text.front() == '0' || (text.size() - first) % 4 != 0) {
        return {};
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool comma = i >= first && (i - first) % 4 == 0;
        if (comma ? text[i] != ',' : !isDigit(text[i])) {
            return {};
        }
        if (!comma) {
            digits += text[i];
        }
    }
    return digits;
}

std::optional<Rational> whole(std::string_view text) {
    const std::string digits = wholeDigits(text);
    return digits.empty() ? std::nullopt : std::optional(Rational(mpz_class(digits, 10)));
}

} // namespace

std::optional<PlainNumber> plainNumber(std::string_view text) {
    text = base::trimmed(text);
    if (text.empty() || text.size() > kLongestNumber) {
        return std::nullopt;
    }
    bool negative = false;
    if (text.front() == '-' || text.front() == '+') {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (text.starts_with("\\$")) {
        text.remove_prefix(2);
    } else if (text.starts_with('$')) {
        text.remove_prefix(1);
    }
    PlainNumber out;
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        const std::optional<Rational> a = whole(text.substr(0, slash));
        const std::optional<Rational> b = whole(text.substr(slash + 1));
        if (!a || !b || *b == 0) {
            return std::nullopt;
        }
        out.value = *a / *b;
    } else if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
        const std::string_view places = text.substr(point + 1);
        const std::string digits = point == 0 ? "0" : wholeDigits(text.substr(0, point));
        if (digits.empty() || places.empty() ||
            !std::all_of(places.begin(), places.end(), isDigit)) {
            return std::nullopt;
        }
        mpz_class scale;
        mpz_ui_pow_ui(scale.get_mpz_t(), 10, places.size());
        out.value = Rational(mpz_class(digits + std::string(places), 10), scale);
        out.value.canonicalize();
        out.decimals = static_cast<int>(places.size());
    } else {
        const std::optional<Rational> value = whole(text);
        if (!value) {
            return std::nullopt;
        }
        out.value = *value;
    }
    if (negative) {
        out.value = -out.value;
    }
    return out;
}

} // namespace scrit::math
