// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/text_pieces.h"

#include "ui/render/math_split.h"

#include <algorithm>
#include <vector>

namespace scrit::ui::render {

namespace {

bool insideCode(const std::vector<base::Span>& code, std::size_t at) {
    const auto next = std::upper_bound(code.begin(), code.end(), at,
                                       [](std::size_t a, base::Span s) { return a < s.begin; });
    return next != code.begin() && at < std::prev(next)->end;
}

} // namespace

std::size_t pieceEnd(std::string_view text, std::size_t from, std::size_t bytes) {
    constexpr std::size_t kFarthest = 4;
    if (text.size() - from <= bytes + bytes / 2) {
        return text.size();
    }
    const std::string_view window = text.substr(from, bytes * kFarthest);
    const std::vector<base::Span> code = codeSpans(window);
    // Behind the last blank line of the piece, or the first one that follows.
    std::size_t blank = window.rfind("\n\n", bytes);
    while (blank != std::string_view::npos && blank > bytes / 2 && insideCode(code, blank + 1)) {
        blank = window.rfind("\n\n", blank - 1);
    }
    if (blank != std::string_view::npos && blank > bytes / 2) {
        return from + blank + 2;
    }
    blank = window.find("\n\n", bytes);
    while (blank != std::string_view::npos && insideCode(code, blank + 1)) {
        blank = window.find("\n\n", blank + 1);
    }
    if (blank != std::string_view::npos) {
        return from + blank + 2;
    }
    for (const char separator : {'\n', ' '}) {
        const std::size_t found = window.rfind(separator, bytes);
        if (found != std::string_view::npos && found > bytes / 2) {
            return from + found + 1;
        }
    }
    std::size_t cut = bytes;
    while (cut > 1 && (static_cast<unsigned char>(window[cut]) & 0xC0U) == 0x80U) {
        --cut; // not inside a character
    }
    return from + cut;
}

} // namespace scrit::ui::render
