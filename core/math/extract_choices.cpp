// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ascii.h"
#include "core/math/extract_parts.h"

#include <algorithm>
#include <array>

namespace scrit::math {

namespace {

using base::isAlpha;
using base::isDigit;

constexpr std::size_t kChoiceTail = 16384; // assertions are looked for in this much of the end
constexpr std::size_t kAround = 40;        // bytes beside a letter that say what it is

// The text behind a letter without brackets and emphasis.
std::string_view behindLetter(std::string_view text, std::size_t at) {
    std::string_view rest = text.substr(at + 1, kAround);
    const std::size_t first = rest.find_first_not_of(")]*}$");
    return first == std::string_view::npos ? std::string_view() : rest.substr(first);
}

// The text in front of a letter without brackets, emphasis and the words "option" and "choice".
std::string beforeLetter(std::string_view text, std::size_t at) {
    const std::size_t begin = at > kAround ? at - kAround : 0;
    std::string front = base::lowerAscii(text.substr(begin, at - begin));
    for (bool again = true; again;) {
        again = false;
        while (!front.empty() &&
               std::string_view(" ([*$:{").find(front.back()) != std::string_view::npos) {
            front.pop_back();
        }
        for (const std::string_view word :
             {"option", "choice", "answer", "\\text", "\\textbf", "：", "选项"}) {
            if (front.ends_with(word) && front.size() > word.size()) {
                front.erase(front.size() - word.size());
                again = true;
            }
        }
    }
    return front;
}

// Whether what stands around a letter says that it is the answer.
bool asserted(std::string_view text, std::size_t at) {
    static constexpr std::array<std::string_view, 9> kBehind = {
        " is correct",    " is right", " is the correct", " is the right", " is the best",
        " is the answer", " is true",  "是正确",          "正确"};
    static constexpr std::array<std::string_view, 19> kFront = {
        "choose",    "pick",      "select",    "go with",    "going with",   " be",
        "answer is", "option is", "choice is", "correct is", "is option",    "is choice",
        "选",        "选择",      "答案是",    "答案为",     "is therefore", "answer must be",
        "chose"};
    const std::string_view behind = behindLetter(text, at);
    const std::string front = beforeLetter(text, at);
    const auto ends = [&](std::string_view word) {
        return front.ends_with(word);
    };
    if (ends(" not") || ends("n't") || ends("neither") || ends("nor") || ends("不是") ||
        ends("不选") || ends(" not be") || ends("if") || ends("than") || ends("whether")) {
        return false;
    }
    const bool concludes = ends("so") || ends("thus") || ends("so,") || ends("hence") ||
                           ends("therefore") || ends("therefore,") || ends("thus,");
    if (concludes && (behind.empty() || behind == ".")) {
        return true;
    }
    return std::any_of(kBehind.begin(), kBehind.end(),
                       [&](std::string_view word) { return behind.starts_with(word); }) ||
           std::any_of(kFront.begin(), kFront.end(), ends);
}

// A letter that stands alone; "A dog" and "I" are words.
bool standsFree(std::string_view text, std::size_t at, std::size_t choiceCount) {
    const auto part = [&](std::size_t i) {
        return i < text.size() && (isAlpha(text[i]) || isDigit(text[i]) || text[i] == '\'');
    };
    if (text[at] < 'A' || static_cast<std::size_t>(text[at] - 'A') >= choiceCount || part(at + 1) ||
        (at > 0 && (isAlpha(text[at - 1]) || isDigit(text[at - 1])))) {
        return false;
    }
    const bool bracketed =
        at > 0 && text[at - 1] == '(' && at + 1 < text.size() && text[at + 1] == ')';
    const bool word =
        at + 2 < text.size() && text[at + 1] == ' ' && text[at + 2] >= 'a' && text[at + 2] <= 'z';
    return bracketed || !((text[at] == 'A' && word) || text[at] == 'I');
}

} // namespace

std::optional<Found> assertedChoice(std::string_view text, std::size_t choiceCount) {
    const std::size_t stop = text.size() > kChoiceTail ? text.size() - kChoiceTail : 0;
    for (std::size_t i = text.size(); i > stop; --i) {
        const std::size_t at = i - 1;
        if (text[at] < 'A' || text[at] > 'Z') {
            continue;
        }
        const bool named =
            behindLetter(text, at).starts_with(" is ") && text[at] == 'A'; // no article
        if ((named || standsFree(text, at, choiceCount)) &&
            standsFree(text.substr(0, at + 1), at, choiceCount) && asserted(text, at)) {
            return Found{{at, at + 1}, std::string(1, text[at])};
        }
    }
    return std::nullopt;
}

std::optional<Found> freeChoice(std::string_view text, std::size_t choiceCount) {
    const auto isChoice = [&](std::size_t i) {
        return text[i] >= 'A' && static_cast<std::size_t>(text[i] - 'A') < choiceCount;
    };
    const auto letterOrMore = [&](std::size_t i) {
        return i < text.size() && (isAlpha(text[i]) || isDigit(text[i]) || text[i] == '\'');
    };
    // At the very start: "D. it can't be A or B", "B。不是 A", "(C) Cecile", "C Cecile".
    const std::size_t first = text.starts_with('(') ? 1 : 0;
    if (first < text.size() && isChoice(first) && !letterOrMore(first + 1)) {
        const bool article = text[first] == 'A' && first + 2 < text.size() &&
                             text[first + 1] == ' ' && text[first + 2] >= 'a' &&
                             text[first + 2] <= 'z';
        if (!article) {
            return Found{{first, first + 1}, std::string(1, text[first])};
        }
    }
    if (std::optional<Found> choice = assertedChoice(text, choiceCount)) {
        return choice;
    }
    for (std::size_t i = text.size(); i > 0; --i) {
        if (standsFree(text, i - 1, choiceCount)) {
            return Found{{i - 1, i}, std::string(1, text[i - 1])};
        }
    }
    return std::nullopt;
}

} // namespace scrit::math
