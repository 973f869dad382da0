// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/tokens.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace scrit::curate {
namespace {

constexpr std::size_t kPiece = 6; // letters

enum class Kind : std::uint8_t { Letter, Digit, Blank, Line, Mark, Lead, Trail };

Kind kindOf(unsigned char byte) {
    if (byte >= 0x80) {
        return byte >= 0xC0 ? Kind::Lead : Kind::Trail;
    }
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) {
        return Kind::Letter;
    }
    if (byte >= '0' && byte <= '9') {
        return Kind::Digit;
    }
    if (byte == '\n' || byte == '\r') {
        return Kind::Line;
    }
    return byte == ' ' || byte == '\t' ? Kind::Blank : Kind::Mark;
}

} // namespace

std::size_t approximateTokens(std::string_view text) {
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < text.size();) {
        const Kind kind = kindOf(static_cast<unsigned char>(text[i]));
        std::size_t end = i + 1;
        switch (kind) {
        case Kind::Letter:
        case Kind::Line:
            while (end < text.size() && kindOf(static_cast<unsigned char>(text[end])) == kind) {
                ++end;
            }
            tokens += kind == Kind::Line ? 1 : (end - i + kPiece - 1) / kPiece;
            break;
        case Kind::Mark:
            while (end < text.size() && text[end] == text[i]) {
                ++end;
            }
            ++tokens;
            break;
        case Kind::Digit:
        case Kind::Lead:
            ++tokens;
            break;
        case Kind::Blank: // belongs to the word behind it
        case Kind::Trail:
            break;
        }
        i = end;
    }
    return tokens;
}

} // namespace scrit::curate
