// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace scrit::base {
namespace {

struct Decoded {
    char32_t codePoint = 0;
    std::size_t length = 0; // 0: the byte at the position is not the start of a valid sequence
};

Decoded decode(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint8_t>(text[i]);
    };
    const std::uint8_t first = byte(at);
    if (first < 0x80) {
        return {first, 1};
    }
    std::size_t length = 0;
    char32_t value = 0;
    char32_t smallest = 0;
    if ((first & 0xE0U) == 0xC0U) {
        length = 2;
        value = first & 0x1FU;
        smallest = 0x80;
    } else if ((first & 0xF0U) == 0xE0U) {
        length = 3;
        value = first & 0x0FU;
        smallest = 0x800;
    } else if ((first & 0xF8U) == 0xF0U) {
        length = 4;
        value = first & 0x07U;
        smallest = 0x10000;
    } else {
        return {};
    }
    if (at + length > text.size()) {
        return {};
    }
    for (std::size_t i = 1; i < length; ++i) {
        const std::uint8_t next = byte(at + i);
        if ((next & 0xC0U) != 0x80U) {
            return {};
        }
        value = (value << 6U) | (next & 0x3FU);
    }
    if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return {};
    }
    return {value, length};
}

std::string hexEscape(std::uint8_t byte) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned>(byte));
    return buffer;
}

bool isBidiControl(char32_t c) {
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

} // namespace

bool isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

std::string_view trimmed(std::string_view text) {
    return slice(text, trimmed(text, Span{0, text.size()}));
}

Span trimmed(std::string_view text, Span span) {
    while (span.begin < span.end && isSpace(text[span.begin])) {
        ++span.begin;
    }
    while (span.end > span.begin && isSpace(text[span.end - 1])) {
        --span.end;
    }
    return span;
}

std::string lowerAscii(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool startsWithNoCase(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           lowerAscii(text.substr(0, prefix.size())) == lowerAscii(prefix);
}

bool isValidUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        std::uint64_t eight = 0; // nearly all text is ASCII
        if (i + sizeof eight <= text.size()) {
            std::memcpy(&eight, text.data() + i, sizeof eight);
            if ((eight & 0x8080808080808080U) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        const std::size_t length = decode(text, i).length;
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

std::string makeVisibleUtf8(std::string_view text) {
    if (text.find('\0') == std::string_view::npos && isValidUtf8(text)) {
        return std::string(text);
    }
    std::string out;
    out.reserve(text.size() + 16);
    for (std::size_t i = 0; i < text.size();) {
        const Decoded d = decode(text, i);
        if (d.length == 0) {
            out += hexEscape(static_cast<std::uint8_t>(text[i]));
            ++i;
        } else if (d.codePoint == 0) {
            out += "\xE2\x90\x80";
            ++i;
        } else {
            out.append(text, i, d.length);
            i += d.length;
        }
    }
    return out;
}

std::string escapeForTerminal(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const Decoded d = decode(text, i);
        if (d.length == 0) {
            out += hexEscape(static_cast<std::uint8_t>(text[i]));
            ++i;
            continue;
        }
        const bool control = (d.codePoint < 0x20 && d.codePoint != '\n' && d.codePoint != '\t') ||
                             (d.codePoint >= 0x7F && d.codePoint <= 0x9F);
        if (control) {
            out += hexEscape(static_cast<std::uint8_t>(d.codePoint));
        } else if (isBidiControl(d.codePoint)) {
            char buffer[16];
            std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(d.codePoint));
            out += buffer;
        } else {
            out.append(text, i, d.length);
        }
        i += d.length;
    }
    return out;
}

std::string excerpt(std::string_view text, std::size_t maxChars) {
    std::string out;
    std::size_t count = 0;
    bool pendingSpace = false;
    text = trimmed(text);
    for (std::size_t i = 0; i < text.size();) {
        if (isSpace(text[i])) {
            pendingSpace = true;
            ++i;
            continue;
        }
        if (count + (pendingSpace ? 1U : 0U) >= maxChars) {
            return out + "\xE2\x80\xA6";
        }
        if (pendingSpace) {
            out += ' ';
            ++count;
            pendingSpace = false;
        }
        const std::size_t length = std::max<std::size_t>(decode(text, i).length, 1);
        out.append(text, i, length);
        ++count;
        i += length;
    }
    return out;
}

void appendUtf8(std::string& out, char32_t c) {
    const auto put = [&out](char32_t byte) {
        out += static_cast<char>(static_cast<std::uint8_t>(byte));
    };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0U | (c >> 6U));
        put(0x80U | (c & 0x3FU));
    } else if (c < 0x10000) {
        put(0xE0U | (c >> 12U));
        put(0x80U | ((c >> 6U) & 0x3FU));
        put(0x80U | (c & 0x3FU));
    } else {
        put(0xF0U | (c >> 18U));
        put(0x80U | ((c >> 12U) & 0x3FU));
        put(0x80U | ((c >> 6U) & 0x3FU));
        put(0x80U | (c & 0x3FU));
    }
}

} // namespace scrit::base
