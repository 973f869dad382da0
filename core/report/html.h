// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Text and numbers for a page. Pure.
namespace scrit::report {

// Untrusted text as HTML, in elements and in quoted attributes: markup is escaped, and control
// characters, marks of the direction of writing and bytes that are not UTF-8 become visible text.
[[nodiscard]] std::string escaped(std::string_view text);

// "1,234,567", with thin spaces that do not break.
[[nodiscard]] std::string grouped(std::int64_t number);
// "51.4 %"; "–" for nothing.
[[nodiscard]] std::string percent(std::optional<double> share);
// A number for an SVG attribute: at most two decimals.
[[nodiscard]] std::string coordinate(double value);

} // namespace scrit::report
