// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/answer.h"
#include "core/math/extract_parts.h"
#include "core/math/limits.h"
#include "core/math/parser.h"
#include "core/math/spelling.h"
#include "core/math/units.h"
#include "core/math/vocabulary.h"

#include <algorithm>
#include <array>

namespace scrit::math {

namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isAlpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::size_t kTail = 16384; // announcements are looked for in this much of the end

// Announcements in lower case. The first group says "final".
constexpr std::array<std::string_view, 3> kFinal = {"final answer is",
                                                    "final answer:", "final answer"};
// clang-format off
constexpr std::array<std::string_view, 52> kAnnouncements = {
    "answer is", "answer:", "answers are", "answer would be", "answer was", "answer equals", "answer =",
    "the result is", "the solution is", "the solutions are", "correct option is", "correct choice is",
    "correct answer", "**answer**", "answer**:", "option is",
    "答案是", "答案为", "答案：", "答案:", "答案", "结果是", "结果为",
    "réponse est", "réponse :", "réponse:", "réponse finale", "réponse",
    "respuesta es", "respuesta:", "respuesta final", "respuesta",
    "antwort ist", "antwort:", "antwort lautet", "antwort",
    "ответ:", "ответ", "resposta é", "resposta:", "resposta", "risposta è", "risposta:", "risposta",
    "الجواب", "الإجابة", "उत्तर", "答えは", "答え", "정답", "답은", "đáp án"};
// clang-format on

// The last occurrence of any of the phrases: the position behind it.
template<std::size_t N>
std::optional<std::size_t> lastPhrase(std::string_view lower,
                                      const std::array<std::string_view, N>& phrases) {
    std::optional<std::size_t> best;
    for (const std::string_view phrase : phrases) {
        const std::size_t at = lower.rfind(phrase);
        if (at == std::string_view::npos) {
            continue;
        }
        const bool inside = at > 0 && isAlpha(phrase.front()) && isAlpha(lower[at - 1]);
        if (!inside && (!best || at + phrase.size() > *best)) {
            best = at + phrase.size();
        }
    }
    return best;
}

// "A: 18" at the start of a line.
std::optional<std::size_t> answerLine(std::string_view text) {
    std::size_t before = text.size();
    for (int tries = 0; tries < 8; ++tries) {
        const std::size_t at = text.substr(0, before).rfind("A:");
        if (at == std::string_view::npos) {
            return std::nullopt;
        }
        if (at == 0 || text[at - 1] == '\n') {
            return at + 2;
        }
        before = at;
    }
    return std::nullopt;
}

// The one number of a sentence that has a currency sign, where there are several numbers.
std::optional<Found> onlyAmount(std::string_view text) {
    std::optional<Found> out;
    for (std::string_view head = text; !head.empty();) {
        const std::optional<Found> number = lastNumber(head);
        if (!number) {
            break;
        }
        std::size_t after = number->span.end;
        after += after < text.size() && text[after] == ' ' ? 1 : 0;
        const std::string_view tail = text.substr(after);
        const std::string_view front = text.substr(0, number->span.begin);
        const bool money = tail.starts_with('$') || tail.starts_with("€") || front.ends_with('$') ||
                           front.ends_with("€") || front.ends_with("£");
        if (money && out) {
            return std::nullopt;
        }
        out = money ? number : out;
        head = head.substr(0, number->span.begin);
    }
    return out;
}

bool readable(std::string_view text) {
    const NodePtr tree = parseAnswer(undressed(text));
    return tree && tree->kind != Kind::Text;
}

// The number that starts at `at` (a digit): its end.
std::size_t numberEnd(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size()) {
        if (isDigit(text[end])) {
            ++end;
        } else if ((text[end] == ',' || text[end] == '.' || text[end] == '/') &&
                   end + 1 < text.size() && isDigit(text[end + 1]) && isDigit(text[end - 1])) {
            ++end;
        } else if (text.substr(end).starts_with("{,}") && end + 3 < text.size() &&
                   isDigit(text[end + 3])) {
            end += 3;
        } else {
            break;
        }
    }
    return end;
}

} // namespace

base::Span answerRegion(std::string_view text) {
    base::Span region{text.size() > limits::kTextBytes ? text.size() - limits::kTextBytes : 0,
                      text.size()};
    const std::size_t think = text.rfind("</think>");
    if (think != std::string_view::npos && think + 8 > region.begin) {
        region.begin = think + 8;
    }
    for (const std::string_view mark :
         {"<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|end|>", "<|user|>",
          "<|assistant|>", "</s>", "<end_of_turn>", "[/INST]", "[INST]", "<|start_header_id|>"}) {
        const std::size_t first = text.find_first_not_of(" \t\r\n", region.begin);
        const std::size_t at = first == std::string_view::npos ? first : text.find(mark, first);
        if (at != std::string_view::npos && at > first && at < region.end) {
            region.end = at;
        }
    }
    return base::trimmed(text, region);
}

std::optional<std::size_t> afterAnnouncement(std::string_view text, bool finalOnly) {
    const std::size_t skip = text.size() > kTail ? text.size() - kTail : 0;
    const std::string lower = base::lowerAscii(text.substr(skip));
    std::optional<std::size_t> best = lastPhrase(lower, kFinal);
    if (!finalOnly) {
        for (const std::optional<std::size_t> other :
             {lastPhrase(lower, kAnnouncements), answerLine(text.substr(skip))}) {
            if (other && (!best || *other > *best)) {
                best = other;
            }
        }
    }
    return best ? std::optional(*best + skip) : std::nullopt;
}

Prose proseOf(std::string_view text) {
    Prose out;
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        const std::string_view close = rest.starts_with("\\(")   ? "\\)"
                                       : rest.starts_with("\\[") ? "\\]"
                                       : rest.starts_with("$$")  ? "$$"
                                       : rest.starts_with('$')   ? "$"
                                                                 : "";
        if (!close.empty()) {
            const std::size_t end = text.find(close, i + close.size());
            const bool money = close == "$" && (end == std::string_view::npos ||
                                                !readable(text.substr(i + 1, end - i - 1)));
            if (end != std::string_view::npos && !money) {
                out.formula = true;
                out.value = true;
                i = end + close.size();
                continue;
            }
            i += close.size();
        } else if (text[i] == '\\') {
            const bool group = rest.starts_with("\\text{") || rest.starts_with("\\mathrm{") ||
                               rest.starts_with("\\mbox{");
            const std::size_t end = group ? text.find('}', i) : std::string_view::npos;
            ++i;
            while (i < text.size() && isAlpha(text[i])) {
                ++i;
            }
            i = end != std::string_view::npos ? end + 1 : i;
        } else if (isAlpha(text[i]) || static_cast<unsigned char>(text[i]) > 0x7F) {
            const std::size_t begin = i;
            while (i < text.size() &&
                   (isAlpha(text[i]) || static_cast<unsigned char>(text[i]) > 0x7F)) {
                ++i;
            }
            const std::string_view word = text.substr(begin, i - begin);
            const bool foreign = static_cast<unsigned char>(word.front()) > 0x7F;
            const bool common = word.size() < 2 || plainWord(word) || isKnownUnit(word, true);
            out.words += common ? 0 : 1;
            out.wordsBefore += common || out.value ? 0 : 1;
            out.foreignBytes += foreign && !out.value ? word.size() : 0;
        } else {
            out.label = out.label || (text[i] == ':' && out.wordsBefore > 0 && !out.value);
            out.value = out.value || isDigit(text[i]);
            ++i;
        }
    }
    return out;
}

std::size_t sentenceEnd(std::string_view text, std::size_t from) {
    bool dollars = false;
    int brackets = 0;
    for (std::size_t i = from; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        if (rest.starts_with("\\(") || rest.starts_with("\\[")) {
            ++brackets;
            ++i;
        } else if (rest.starts_with("\\)") || rest.starts_with("\\]")) {
            brackets -= brackets > 0 ? 1 : 0;
            ++i;
        } else if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '$') {
            dollars = !dollars;
        } else if (text[i] == '\n') {
            if (brackets == 0) {
                return i;
            }
        } else if (brackets == 0 && rest.starts_with("。")) {
            return i;
        } else if (text[i] == '.' && brackets == 0 &&
                   (i + 1 == text.size() || base::isSpace(text[i + 1]) || text[i + 1] == '*')) {
            // A dollar sign of an amount may leave `dollars` open; a blank behind the stop ends
            // anyway.
            return i;
        }
    }
    return text.size();
}

std::vector<Found> formulas(std::string_view text) {
    std::vector<Found> out;
    const auto add = [&](std::size_t begin, std::size_t open, std::size_t close, std::size_t end,
                         bool oneLine) {
        const std::string_view inside = base::trimmed(text.substr(open, close - open));
        const bool broken =
            oneLine && text.substr(open, close - open).find('\n') != std::string_view::npos;
        if (inside.empty() || broken || inside.size() > limits::kAnswerBytes) {
            return false;
        }
        out.push_back({{begin, end}, std::string(inside)});
        return true;
    };
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        const bool round = rest.starts_with("\\(");
        if (round || rest.starts_with("\\[")) {
            const std::size_t close = text.find(round ? "\\)" : "\\]", i + 2);
            if (close == std::string_view::npos) {
                i += 2;
                continue;
            }
            add(i, i + 2, close, close + 2, round);
            i = close + 2;
        } else if (rest.starts_with("$$")) {
            const std::size_t close = text.find("$$", i + 2);
            if (close == std::string_view::npos) {
                i += 2;
                continue;
            }
            add(i, i + 2, close, close + 2, false);
            i = close + 2;
        } else if (rest.starts_with("\\$") || rest.starts_with("\\\\")) {
            i += 2;
        } else if (text[i] == '$') {
            std::size_t close = i + 1;
            while (close < text.size() && text[close] != '$' && text[close] != '\n') {
                close += text[close] == '\\' ? 2 : 1;
            }
            const bool closed = close < text.size() && text[close] == '$';
            const std::string_view inside =
                closed ? text.substr(i + 1, close - i - 1) : std::string_view();
            // "$5 and $10" is money: what stands between must look like a formula.
            if (closed && (readable(inside) || inside.find('\\') != std::string_view::npos) &&
                add(i, i + 1, close, close + 1, true)) {
                i = close + 1;
            } else {
                ++i;
            }
        } else {
            ++i;
        }
        if (out.size() > 4096) {
            out.erase(out.begin(), out.begin() + 2048);
        }
    }
    return out;
}

std::optional<Found> lastNumber(std::string_view text) {
    for (std::size_t i = text.size(); i > 0; --i) {
        if (!isDigit(text[i - 1])) {
            continue;
        }
        // Back to the start of this number.
        std::size_t begin = i - 1;
        while (begin > 0 &&
               (isDigit(text[begin - 1]) ||
                ((text[begin - 1] == ',' || text[begin - 1] == '.' || text[begin - 1] == '/') &&
                 begin > 1 && isDigit(text[begin - 2])))) {
            --begin;
        }
        while (begin > 3 && text.substr(begin - 3, 3) == "{,}" && isDigit(text[begin - 4])) {
            begin -= 4;
            while (begin > 0 && isDigit(text[begin - 1])) {
                --begin;
            }
        }
        // A digit inside a word or behind ^ and _ is no answer: AZYUK2A, m^2, x_1.
        if (begin > 0 &&
            (isAlpha(text[begin - 1]) || text[begin - 1] == '_' || text[begin - 1] == '^')) {
            i = begin + 1;
            continue;
        }
        if (begin > 0 && text[begin - 1] == '.' && (begin == 1 || base::isSpace(text[begin - 2]))) {
            --begin;
        }
        const bool minus =
            begin > 0 && text[begin - 1] == '-' &&
            (begin == 1 || base::isSpace(text[begin - 2]) ||
             std::string_view("($=:,*").find(text[begin - 2]) != std::string_view::npos);
        const bool spaced =
            minus && begin > 1 && text[begin - 2] == ' ' && begin > 2 && isDigit(text[begin - 3]);
        begin -= minus && !spaced ? 1 : 0;
        std::size_t end =
            numberEnd(text, begin + (text[begin] == '-' || text[begin] == '.' ? 1 : 0));
        std::string value(text.substr(begin, end - begin));
        std::size_t sign = end;
        while (sign < text.size() && (text[sign] == ' ' || text[sign] == '\\')) {
            ++sign;
        }
        if (sign < text.size() && (text[sign] == '%' || text.substr(sign).starts_with("percent"))) {
            value += "%";
            end = sign + (text[sign] == '%' ? 1 : 7);
        }
        return Found{{begin, end}, std::move(value)};
    }
    return std::nullopt;
}

std::optional<Found> announcedValue(std::string_view text, std::size_t from) {
    static constexpr std::array<std::string_view, 18> kSkip = {
        "is", ":",  "：",  "**",       "*",      "=",  "est", "es", "ist",
        "是", "为", "are", "would be", "lautet", "هي", "هو",  "है",  "therefore"};
    std::size_t begin = from;
    for (bool again = true; again;) {
        again = false;
        while (begin < text.size() && base::isSpace(text[begin])) {
            ++begin;
        }
        for (const std::string_view skip : kSkip) {
            const std::string_view rest = text.substr(begin);
            const bool word = isAlpha(skip.front());
            if (rest.starts_with(skip) &&
                (!word || (rest.size() > skip.size() && !isAlpha(rest[skip.size()])))) {
                begin += skip.size();
                again = true;
            }
        }
    }
    if (begin >= text.size()) {
        return std::nullopt;
    }
    const std::size_t end = sentenceEnd(text, begin);
    std::string_view sentence = base::trimmed(text.substr(begin, end - begin));
    while (sentence.ends_with('*') || sentence.ends_with('.')) {
        sentence = base::trimmed(sentence.substr(0, sentence.size() - 1));
    }
    if (sentence.empty()) {
        return std::nullopt;
    }
    const Prose prose = proseOf(sentence);
    const bool bare =
        prose.wordsBefore == 0 && prose.words <= 4 && prose.foreignBytes < 9 && readable(sentence);
    if (choiceLetter(sentence) || bare) {
        return Found{{begin, begin + sentence.size()}, std::string(sentence)};
    }
    const std::vector<Found> inside = formulas(sentence);
    const std::optional<Found> number = lastNumber(sentence);
    const auto shifted = [&](Found found) {
        found.span.begin += begin;
        found.span.end += begin;
        return found;
    };
    if (!inside.empty() && (!number || number->span.begin < inside.back().span.end)) {
        return shifted(inside.back());
    }
    if (const std::optional<Found> money = onlyAmount(sentence)) {
        return shifted(*money);
    }
    if (number) {
        return shifted(*number);
    }
    const auto words = std::count(sentence.begin(), sentence.end(), ' ') + 1;
    return words <= 12
               ? std::optional(Found{{begin, begin + sentence.size()}, std::string(sentence)})
               : std::nullopt;
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
    for (std::size_t i = text.size(); i > 0; --i) {
        const std::size_t at = i - 1;
        if (!isChoice(at) || letterOrMore(at + 1) ||
            (at > 0 && (isAlpha(text[at - 1]) || isDigit(text[at - 1])))) {
            continue;
        }
        const bool bracketed =
            at > 0 && text[at - 1] == '(' && at + 1 < text.size() && text[at + 1] == ')';
        const bool word = at + 2 < text.size() && text[at + 1] == ' ' && text[at + 2] >= 'a' &&
                          text[at + 2] <= 'z';
        if (!bracketed && ((text[at] == 'A' && word) || text[at] == 'I')) {
            continue; // the article, the pronoun
        }
        return Found{{at, at + 1}, std::string(1, text[at])};
    }
    return std::nullopt;
}

} // namespace scrit::math
