// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/extract_parts.h"
#include "core/math/limits.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace scrit::math {

namespace {

bool isAlnum(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// Reads the box whose command ends at `after`. `begin` is the place of its backslash.
std::optional<Found> boxAt(std::string_view text, std::size_t begin, std::size_t after) {
    std::size_t i = after;
    while (i < text.size() && base::isSpace(text[i])) {
        ++i;
    }
    if (i >= text.size()) {
        return std::nullopt;
    }
    if (text[i] != '{') { // \boxed 5
        std::size_t end = i;
        while (end < text.size() && !base::isSpace(text[end]) && text[end] != '$' &&
               text[end] != '\\') {
            ++end;
        }
        while (end > i && (text[end - 1] == '.' || text[end - 1] == ',')) {
            --end;
        }
        return end > i ? std::optional(Found{{begin, end}, std::string(text.substr(i, end - i))})
                       : std::nullopt;
    }
    int depth = 0;
    const std::size_t limit = std::min(text.size(), i + limits::kBoxBytes);
    std::size_t lineEnd = std::string_view::npos;
    for (std::size_t k = i; k < limit; ++k) {
        if (text[k] == '\\') {
            ++k;
        } else if (text[k] == '{') {
            ++depth;
        } else if (text[k] == '}' && --depth == 0) {
            const std::string_view inside = base::trimmed(text.substr(i + 1, k - i - 1));
            return inside.empty() ? std::nullopt
                                  : std::optional(Found{{begin, k + 1}, std::string(inside)});
        } else if ((text[k] == '\n' || text[k] == '$') && lineEnd == std::string_view::npos) {
            lineEnd = k;
        }
    }
    // Never closed: up to the end of the line or formula.
    const std::size_t end = std::min(lineEnd == std::string_view::npos ? limit : lineEnd, limit);
    const std::string_view inside = base::trimmed(text.substr(i + 1, end - i - 1));
    return inside.empty() ? std::nullopt : std::optional(Found{{begin, end}, std::string(inside)});
}

// \\text in a text whose \\boxed has two backslashes is \text.
std::string singleBackslashes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size() && text[i + 1] == '\\' &&
            std::isalpha(static_cast<unsigned char>(text[i + 2])) != 0) {
            continue;
        }
        out += text[i];
    }
    return out;
}

// Whether what stands between two boxes only joins them.
bool onlyJoins(std::string_view text) {
    static constexpr std::array<std::string_view, 15> kWords = {
        "and", "or", "text", "quad", "qquad",        "mathrm", "textbf", "mbox",
        "und", "et", "y",    "also", "respectively", "ou",     "o"};
    if (text.size() > 120) {
        return false;
    }
    for (std::size_t i = 0; i < text.size();) {
        if (!isAlnum(text[i])) {
            if (text[i] == '.' || static_cast<unsigned char>(text[i]) > 0x7F) {
                return false;
            }
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && isAlnum(text[end])) {
            ++end;
        }
        const std::string_view word = text.substr(i, end - i);
        if (std::find(kWords.begin(), kWords.end(), word) == kWords.end()) {
            // A name with its "=" in front of the next box: "y_2 = "
            std::size_t sign = end;
            while (sign < text.size() &&
                   (isAlnum(text[sign]) || text[sign] == '_' || text[sign] == '{' ||
                    text[sign] == '}' || text[sign] == ' ')) {
                ++sign;
            }
            if (word.size() > 2 || sign >= text.size() || text[sign] != '=') {
                return false;
            }
            end = sign;
        }
        i = end;
    }
    return true;
}

// A percent sign or word behind a box belongs to it.
std::size_t percentAfter(std::string_view text, std::size_t from) {
    std::size_t i = from;
    while (i < text.size() &&
           (text[i] == '$' || text[i] == ' ' || text.substr(i).starts_with("\\)") ||
            text.substr(i).starts_with("\\]"))) {
        i += text[i] == '\\' ? 2 : 1;
    }
    for (const std::string_view sign : {"\\%", "%", "percent", "pct"}) {
        if (text.substr(i).starts_with(sign)) {
            return i + sign.size();
        }
    }
    return 0;
}

} // namespace

std::optional<Found> lastBoxes(std::string_view text) {
    std::vector<Found> boxes; // from the last to the first
    std::size_t before = text.size();
    for (std::size_t tries = 0; tries < limits::kBoxes; ++tries) {
        const std::string_view head = text.substr(0, before);
        const std::size_t boxed = lastOf(head, "\\boxed");
        const std::size_t fbox = lastOf(head, "\\fbox");
        const bool useBoxed =
            boxed != std::string_view::npos && (fbox == std::string_view::npos || boxed > fbox);
        const std::size_t begin = useBoxed ? boxed : fbox;
        if (begin == std::string_view::npos) {
            break;
        }
        before = begin;
        std::optional<Found> box = boxAt(text, begin, begin + (useBoxed ? 6 : 5));
        if (!box) {
            continue;
        }
        if (begin > 0 && text[begin - 1] == '\\') {
            box->text = singleBackslashes(box->text);
        }
        if (!boxes.empty() &&
            (box->span.end > boxes.back().span.begin ||
             !onlyJoins(text.substr(box->span.end, boxes.back().span.begin - box->span.end)))) {
            if (box->span.end <= boxes.back().span.begin) {
                break;
            }
            continue; // the outer of two nested boxes
        }
        boxes.push_back(std::move(*box));
    }
    if (boxes.empty()) {
        return std::nullopt;
    }
    Found out{{boxes.back().span.begin, boxes.front().span.end}, {}};
    std::vector<std::string> seen;
    for (auto it = boxes.rbegin(); it != boxes.rend(); ++it) {
        if (std::find(seen.begin(), seen.end(), it->text) == seen.end()) {
            out.text += (seen.empty() ? "" : ", ") + it->text;
            seen.push_back(it->text);
        }
    }
    if (const std::size_t end = percentAfter(text, out.span.end);
        end != 0 && seen.size() == 1 && out.text.find('%') == std::string::npos) {
        out.text += "\\%";
        out.span.end = end;
    }
    return out;
}

std::optional<Found> lastHash(std::string_view text) {
    std::size_t at = lastOf(text, "####");
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t begin = at;
    at += 4;
    const std::size_t first = text.find_first_not_of(" \t\r\n#:", at);
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t end = std::min(text.find('\n', first), text.size());
    const std::string_view line = base::trimmed(text.substr(first, end - first));
    // "#### Step 3: …" is a Markdown heading.
    const bool heading = line.size() > 40 || line.starts_with("Step") || line.starts_with("step");
    return line.empty() || heading ? std::nullopt
                                   : std::optional(Found{{begin, end}, std::string(line)});
}

} // namespace scrit::math
