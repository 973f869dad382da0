// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string>
#include <string_view>

// Untrusted text on its way to labels, cells and views. Pure functions, any thread.
namespace scrit::ui::models {

// UTF-8 with nothing hidden: bytes that are not UTF-8 become "\xNN", control characters other than
// tab and line feed and the bidirectional formatting characters become visible escapes ("\u202e").
// Offsets into the result are not offsets into `utf8` where something was escaped.
[[nodiscard]] QString visibleText(std::string_view utf8);

// True when visibleText() would change something, that is, when offsets move.
[[nodiscard]] bool hasHiddenCharacters(std::string_view utf8);

// The text of a label that may hold words from a file: visible, on one line, at most `maxChars`.
[[nodiscard]] QString labelText(std::string_view utf8, std::size_t maxChars = 400);

// UTF-8 bytes of a text typed or pasted by the user.
[[nodiscard]] std::string utf8(const QString& text);

} // namespace scrit::ui::models
