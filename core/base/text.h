// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text here is UTF-8 in std::string; positions are byte offsets, ranges are half-open.
// Everything in this header is pure and may be called from any thread.
namespace scrit::base {

// A half-open range [begin, end) of byte offsets into some text.
struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
    [[nodiscard]] bool empty() const { return begin == end; }
    friend bool operator==(const Span&, const Span&) = default;
};

[[nodiscard]] inline std::string_view slice(std::string_view text, Span span) {
    return text.substr(span.begin, span.end - span.begin);
}

// White space as in ASCII " \t\r\n\f\v".
[[nodiscard]] bool isSpace(char c);
[[nodiscard]] std::string_view trimmed(std::string_view text);
// The span of `text` inside `span` without white space at both ends.
[[nodiscard]] Span trimmed(std::string_view text, Span span);
// ASCII lower case; other bytes are kept.
[[nodiscard]] std::string lowerAscii(std::string_view text);
[[nodiscard]] bool startsWithNoCase(std::string_view text, std::string_view prefix);

// True when every byte belongs to a well-formed UTF-8 sequence (no surrogates, no overlong forms).
[[nodiscard]] bool isValidUtf8(std::string_view text);
// A copy in which nothing is lost silently: each byte that is not UTF-8 becomes the visible text
// "\xNN" and a NUL byte becomes U+2400; valid text is returned unchanged.
[[nodiscard]] std::string makeVisibleUtf8(std::string_view text);

// Untrusted text made safe for a terminal: C0 and C1 controls except \n and \t, and the
// bidirectional formatting characters, become visible escapes such as "\x1b" or "\u202e". Invalid
// bytes as above.
[[nodiscard]] std::string escapeForTerminal(std::string_view text);

// At most `maxChars` code points of the text on one line (white space runs become one space), with
// "…" where something was left out.
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t maxChars);

// Appends one code point as UTF-8.
void appendUtf8(std::string& out, char32_t codePoint);

} // namespace scrit::base
