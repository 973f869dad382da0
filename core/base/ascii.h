// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Classes of single bytes, whatever the locale: ASCII only, so that no byte of a longer UTF-8
// character is in one.
namespace scrit::base {

[[nodiscard]] constexpr bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool isAlpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace scrit::base
