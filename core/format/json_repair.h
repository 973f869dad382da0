// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

// JSON texts that the parsers refuse or would read with a loss. Pure; any thread; linear.
namespace scrit::format {

// A copy that is UTF-8 without NUL bytes, for text that JSON escapes are still to be read in: the
// backslash of a visible "\xNN" is escaped itself.
[[nodiscard]] std::string visibleJson(std::string_view text);

struct RepairedJson {
    std::string text;
    bool madeVisible = false; // something of a text was no character; numbers do not count
};

// A copy in which
//   - an integer beyond 64 bits and a number beyond a double are texts of the same characters, and
//   - the escape of half a character (\ud800 without its other half) is made visible: the text says
//     \ud800.
// Nothing where there is neither. What is not JSON stays so.
[[nodiscard]] std::optional<RepairedJson> repairedJson(std::string_view text);

// The number under a key of the outermost object exactly as it is written, the last one where the
// key is there more than once; nothing where it is no number. `text` is valid JSON.
[[nodiscard]] std::optional<std::string_view> writtenNumber(std::string_view text,
                                                            std::string_view key);

} // namespace scrit::format
