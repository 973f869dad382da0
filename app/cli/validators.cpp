// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/validators.h"

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace scrit::cli {
namespace {

template<typename Number>
std::optional<Number> wholeTextAs(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

std::string shortest(double value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

template<typename Number>
CLI::Validator within(Number least, Number most, const std::string& kind) {
    return CLI::Validator(
        [least, most, kind](const std::string& text) -> std::string {
            const std::optional<Number> value = wholeTextAs<Number>(text);
            // The last comparison is false for what is no number at all ("nan").
            if (value && *value >= least && *value <= most) {
                return {};
            }
            return "\"" + text + "\" is not " + kind;
        },
        "");
}

} // namespace

CLI::Validator wholeFrom(std::int64_t least) {
    return within(least, std::numeric_limits<std::int64_t>::max(),
                  "a whole number from " + std::to_string(least) + " on");
}

CLI::Validator wholeWithin(std::int64_t least, std::int64_t most) {
    return within(least, most,
                  "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

CLI::Validator numberFrom(double least) {
    return within(least, std::numeric_limits<double>::max(),
                  "a number from " + shortest(least) + " on");
}

CLI::Validator numberWithin(double least, double most) {
    return within(least, most, "a number from " + shortest(least) + " to " + shortest(most));
}

} // namespace scrit::cli
