// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html.h"

#include "core/base/text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace scrit::report {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : base::escapeForTerminal(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string grouped(std::int64_t number) {
    const std::string digits = std::to_string(number);
    const std::size_t first = digits.front() == '-' ? 1 : 0;
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > first && (digits.size() - i) % 3 == 0) {
            out += "\u202f";
        }
        out += digits[i];
    }
    return out;
}

std::string percent(std::optional<double> share) {
    if (!share || !std::isfinite(*share)) {
        return "–";
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f\u202f%%", *share * 100);
    return text.data();
}

std::string coordinate(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", std::isfinite(value) ? value : 0.0);
    std::string out = text.data();
    while (out.ends_with('0')) {
        out.pop_back();
    }
    if (out.ends_with('.')) {
        out.pop_back();
    }
    return out == "-0" ? "0" : out;
}

} // namespace scrit::report
