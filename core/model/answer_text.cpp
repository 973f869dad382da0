// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/answer_text.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace scrit::model {
namespace {

// TeX commands that change only how an answer looks.
constexpr std::array<std::string_view, 8> kLooks{"\\left", "\\right", "\\!", "\\,",
                                                 "\\;",    "\\:",     "\\ ", "\\displaystyle"};

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

std::string bareAnswer(std::string_view answer) {
    std::string bare;
    for (std::size_t i = 0; i < answer.size();) {
        const auto* look = std::find_if(kLooks.begin(), kLooks.end(), [&](std::string_view known) {
            const std::size_t end = i + known.size();
            const bool ends =
                !isLetter(known.back()) || end >= answer.size() || !isLetter(answer[end]);
            return answer.substr(i).starts_with(known) && ends;
        });
        if (look != kLooks.end()) {
            i += look->size();
            continue;
        }
        if (answer.substr(i).starts_with("\\dfrac") || answer.substr(i).starts_with("\\tfrac")) {
            bare += "\\frac";
            i += 6;
            continue;
        }
        if (!base::isSpace(answer[i]) && answer[i] != '$') {
            bare += answer[i];
        }
        ++i;
    }
    while (bare.ends_with('.')) {
        bare.pop_back();
    }
    return base::lowerAscii(bare);
}

} // namespace scrit::model
