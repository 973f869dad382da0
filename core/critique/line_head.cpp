// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/line_head.h"

#include <algorithm>
#include <array>

namespace scrit::critique {
namespace {

constexpr std::size_t kMaxHeadBytes = 200;
constexpr int kMaxLabelWords = 12;
constexpr int kMaxStepsPerHead = 64;
constexpr std::string_view kFullWidthColon = "\xEF\xBC\x9A";
constexpr std::string_view kEnDash = "\xE2\x80\x93";
constexpr std::string_view kBulletDot = "\xE2\x80\xA2";
constexpr std::string_view kApostrophe = "\xE2\x80\x99";

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}
bool isMarkup(char c) {
    return c == '*' || c == '_' || c == '`';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool startsAt(std::string_view text, std::size_t at, std::string_view part) {
    return text.substr(std::min(at, text.size()), part.size()) == part;
}

std::size_t skipBlanks(std::string_view text, std::size_t at, std::size_t end) {
    while (at < end && isBlank(text[at])) {
        ++at;
    }
    return at;
}

std::size_t skipNoise(std::string_view text, std::size_t at, std::size_t end) {
    while (at < end && (isBlank(text[at]) || isMarkup(text[at]))) {
        ++at;
    }
    return at;
}

// "3." or "3)" with a blank, markup or nothing behind it.
std::optional<int> readListNumber(std::string_view text, std::size_t& at, std::size_t end) {
    std::size_t p = at;
    int value = 0;
    while (p < end && isDigit(text[p]) && p - at < 4) {
        value = value * 10 + (text[p] - '0');
        ++p;
    }
    if (p == at || p >= end || (text[p] != '.' && text[p] != ')')) {
        return std::nullopt;
    }
    ++p;
    if (p < end && !isBlank(text[p]) && !isMarkup(text[p])) {
        return std::nullopt;
    }
    at = p;
    return value;
}

void readMarks(std::string_view text, std::size_t end, std::size_t& at, LineHead& head) {
    const std::size_t start = at;
    while (at < end && (isBlank(text[at]) || text[at] == '>')) {
        ++at;
    }
    head.indent = static_cast<int>(std::min<std::size_t>(at - start, kMaxHeadBytes));
    while (at < end && text[at] == '#') {
        ++at;
        ++head.hashes;
    }
    at = skipBlanks(text, at, end);
    if (at + 1 < end && (text[at] == '-' || text[at] == '*' || text[at] == '+') &&
        isBlank(text[at + 1])) {
        head.bullet = true;
        at = skipBlanks(text, at + 1, end);
    } else if (startsAt(text, at, kBulletDot)) {
        head.bullet = true;
        at = skipBlanks(text, std::min(end, at + kBulletDot.size()), end);
    }
    const std::size_t beforeBold = at;
    at = skipNoise(text, at, end);
    head.bold = text.substr(beforeBold, at - beforeBold).find("**") != std::string_view::npos ||
                text.substr(beforeBold, at - beforeBold).find("__") != std::string_view::npos;
    head.listNumber = readListNumber(text, at, end);
    if (head.listNumber) {
        const std::size_t afterNumber = at;
        at = skipNoise(text, at, end);
        head.bold = head.bold ||
                    text.substr(afterNumber, at - afterNumber).find('*') != std::string_view::npos;
    }
}

void addWord(std::string_view text, std::size_t& at, std::size_t end, std::string& label) {
    if (!label.empty()) {
        label += ' ';
    }
    while (at < end && (isAlpha(text[at]) || isDigit(text[at]))) {
        label += lower(text[at]);
        ++at;
    }
}

struct NumberWord {
    std::string_view word;
    int value;
};
constexpr std::array<NumberWord, 30> kNumberWords{{
    {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},      {"five", 5},
    {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},      {"ten", 10},
    {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15},
    {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20},
    {"first", 1},    {"second", 2},     {"third", 3},     {"fourth", 4},    {"fifth", 5},
    {"sixth", 6},    {"seventh", 7},    {"eighth", 8},    {"ninth", 9},     {"tenth", 10},
}};

constexpr std::array<std::string_view, 7> kCritiqueWords{
    "critique of ",   "critique for ", "critique on ",  "analysis of ",
    "evaluation of ", "review of ",    "assessment of "};
constexpr std::array<std::string_view, 8> kProseWords{
    "in ", "for ", "at ", "however, in ", "then, in ", "next, in ", "finally, in ", "but in "};

// <paragraph_2>, <step_2>: tags count from 0 as in ProcessBench (arXiv 2412.06559).
std::optional<StepHead> readTag(std::string_view text, std::size_t at, std::size_t end) {
    if (!matchesNoCase(text, at, "<paragraph_") && !matchesNoCase(text, at, "<step_")) {
        return std::nullopt;
    }
    at = text.find('_', at) + 1;
    const auto number = readNumber(text, at);
    if (!number || at >= end || text[at] != '>') {
        return std::nullopt;
    }
    return StepHead{{*number}, true, StepRank::Heading, at + 1};
}

// Behind the first number: "and 3", "& Step 3", "-4", "to 4", ", 3". False when nothing more
// follows.
bool readNextNumber(std::string_view text, std::size_t& at, std::size_t end, bool plural,
                    std::vector<int>& numbers) {
    const std::size_t tight = at;
    std::size_t p = skipNoise(text, at, end);
    bool range = false;
    if (matchesNoCase(text, p, "and ")) {
        p += 4;
    } else if (p < end && text[p] == '&') {
        ++p;
    } else if (matchesNoCase(text, p, "to ") || matchesNoCase(text, p, "through ")) {
        p = text.find(' ', p);
        range = true;
    } else if (p < end && (p == tight || plural) &&
               (text[p] == '-' || startsAt(text, p, kEnDash))) {
        p += text[p] == '-' ? 1 : kEnDash.size();
        range = true;
    } else if (plural && p < end && text[p] == ',') {
        ++p;
        const std::size_t word = skipBlanks(text, p, end);
        p = matchesNoCase(text, word, "and ") ? word + 4 : word;
    } else {
        return false;
    }
    p = skipNoise(text, std::min(p, end), end);
    if (matchesNoCase(text, p, "steps ")) {
        p += 6;
    } else if (matchesNoCase(text, p, "step ")) {
        p += 5;
    }
    if (p >= end || !isDigit(text[p])) {
        return false;
    }
    const auto number = readNumber(text, p);
    // An equation such as "Step 2 and 3 * 4 = 12" still reads as 2 and 3; a decimal does not.
    if (!number || *number <= numbers.back() ||
        (startsAt(text, p, ".") && isDigit(text[std::min(p + 1, text.size() - 1)]))) {
        return false;
    }
    if (range && *number - numbers.back() < kMaxStepsPerHead) {
        for (int k = numbers.back() + 1; k < *number; ++k) {
            numbers.push_back(k);
        }
    }
    numbers.push_back(*number);
    at = p;
    return numbers.size() < kMaxStepsPerHead;
}

} // namespace

std::size_t colonLength(std::string_view text, std::size_t at) {
    if (startsAt(text, at, ":")) {
        return 1;
    }
    return startsAt(text, at, kFullWidthColon) ? kFullWidthColon.size() : 0;
}

bool matchesNoCase(std::string_view text, std::size_t at, std::string_view wanted) {
    if (at > text.size() || text.size() - at < wanted.size()) {
        return false;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (lower(text[at + i]) != wanted[i]) {
            return false;
        }
    }
    return true;
}

base::Span lineAt(std::string_view text, std::size_t at) {
    std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) {
        end = text.size();
    }
    if (end > at && text[end - 1] == '\r') {
        --end;
    }
    return {at, end};
}

std::size_t nextLine(std::string_view text, base::Span line) {
    std::size_t at = line.end;
    if (at < text.size() && text[at] == '\r') {
        ++at;
    }
    return std::min(at + 1, text.size());
}

LineHead readHead(std::string_view text, base::Span line) {
    LineHead head;
    const std::size_t end = std::min(line.end, line.begin + kMaxHeadBytes);
    std::size_t at = line.begin;
    readMarks(text, end, at, head);
    head.begin = at;
    int words = 0;
    std::size_t afterWord = at;
    while (at < end) {
        const char c = text[at];
        if (isAlpha(c) || isDigit(c)) {
            if (++words > kMaxLabelWords) {
                break;
            }
            addWord(text, at, end, head.label);
            afterWord = at;
        } else if (const std::size_t colon = colonLength(text, at); colon > 0) {
            head.colon = true;
            at = skipNoise(text, std::min(end, at + colon), end);
            afterWord = at;
            break;
        } else if (startsAt(text, at, kApostrophe)) {
            at += kApostrophe.size();
        } else if (isBlank(c) || isMarkup(c) || c == '\'' || c == '#' ||
                   (c == '-' && at + 1 < end && isAlpha(text[at + 1]))) {
            ++at;
        } else {
            break;
        }
    }
    head.value = afterWord;
    head.whole = skipNoise(text, at, end) == line.end;
    return head;
}

std::optional<int> readNumber(std::string_view text, std::size_t& at) {
    std::size_t p = at;
    int value = 0;
    while (p < text.size() && isDigit(text[p])) {
        if (p - at >= 6) {
            return std::nullopt;
        }
        value = value * 10 + (text[p] - '0');
        ++p;
    }
    if (p > at) {
        for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
            if (matchesNoCase(text, p, suffix) && !(p + 2 < text.size() && isAlpha(text[p + 2]))) {
                p += 2;
                break;
            }
        }
        at = p;
        return value;
    }
    while (p < text.size() && p - at < 12 && isAlpha(text[p])) {
        ++p;
    }
    const std::string word = base::lowerAscii(text.substr(at, p - at));
    for (const NumberWord& known : kNumberWords) {
        if (known.word == word) {
            at = p;
            return known.value;
        }
    }
    return std::nullopt;
}

std::optional<StepHead> readStepHead(std::string_view text, std::size_t begin, std::size_t lineEnd,
                                     const LineHead& head) {
    if (auto tag = readTag(text, begin, lineEnd)) {
        return tag;
    }
    std::size_t at = begin;
    StepHead step;
    bool announced = false;
    for (const std::string_view words : kCritiqueWords) {
        if (matchesNoCase(text, at, words)) {
            at += words.size();
            announced = true;
            break;
        }
    }
    bool prose = false;
    for (const std::string_view words : kProseWords) {
        if (!announced && matchesNoCase(text, at, words)) {
            at += words.size();
            prose = true;
            break;
        }
    }
    if (matchesNoCase(text, at, "the ")) {
        at += 4;
    }
    at = skipNoise(text, at, lineEnd);
    const bool plural = matchesNoCase(text, at, "steps");
    if (matchesNoCase(text, at, "paragraph ")) {
        step.zeroBased = true;
        at += 9;
    } else if (matchesNoCase(text, at, "step")) {
        at += plural ? 5 : 4;
    } else {
        return std::nullopt;
    }
    const std::size_t afterWord = at;
    while (at < lineEnd && (isBlank(text[at]) || isMarkup(text[at]) || text[at] == '#')) {
        ++at;
    }
    if (at == afterWord && at < lineEnd && !isDigit(text[at])) {
        return std::nullopt; // "stepwise"
    }
    const auto first = readNumber(text, at);
    if (!first || at > lineEnd ||
        (at < lineEnd && isAlpha(text[at]) && at + 1 < lineEnd && isAlpha(text[at + 1]))) {
        return std::nullopt;
    }
    step.numbers.push_back(*first);
    while (readNextNumber(text, at, lineEnd, plural, step.numbers)) {
    }
    std::size_t p = skipNoise(text, at, lineEnd);
    const std::size_t colon = p < lineEnd ? colonLength(text, p) : 0;
    if (colon > 0) {
        p = skipNoise(text, std::min(lineEnd, p + colon), lineEnd);
    }
    const bool alone = p == lineEnd;
    const bool stop =
        colon > 0 || alone ||
        (p < lineEnd && (text[p] == '.' || text[p] == ')' || text[p] == '-' ||
                         startsAt(text, p, kEnDash) || startsAt(text, p, "\xE2\x80\x94")));
    step.body = colon > 0 || alone ? p : at;
    if (announced && (stop || head.hashes > 0)) {
        step.rank = StepRank::Critique;
    } else if (!prose && head.hashes > 0) {
        step.rank = StepRank::Heading;
    } else if (!prose && (stop || (head.bold && at < lineEnd && text[at] == '*'))) {
        step.rank = StepRank::Labelled;
    }
    return step;
}

} // namespace scrit::critique
