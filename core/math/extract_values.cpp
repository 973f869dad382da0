// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ascii.h"
#include "core/math/answer.h"
#include "core/math/calendar.h"
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

using base::isAlpha;
using base::isDigit;

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

// Where a remark behind a value begins: "12, since …", "1.5, not 2", "12 (not 13)". A condition
// such as "if n is even" belongs to the answer.
std::size_t remarkIn(std::string_view text) {
    static constexpr std::array<std::string_view, 14> kRemarks = {
        ", which",      ", since",      ", because", ", as ",     ", not ",
        ", so ",        ", i.e.",       " since ",   " because ", " (not ",
        " rather than", " instead of ", ", that is", ", and not "};
    std::size_t at = std::string_view::npos;
    for (const std::string_view remark : kRemarks) {
        at = std::min(at, text.substr(0, 400).find(remark));
    }
    return at;
}

// What chat templates leave behind an answer; all begin with '<' or '['.
constexpr std::array<std::string_view, 12> kResidue = {
    "<|im_start|>",  "<|im_end|>", "<|eot_id|>",    "<|endoftext|>",
    "<|end|>",       "<|user|>",   "<|assistant|>", "</s>",
    "<end_of_turn>", "[/INST]",    "[INST]",        "<|start_header_id|>"};

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

// A formula with its delimiters, and what stands between them.
struct Delimited {
    base::Span whole;
    base::Span inside;
};

// Walks over the formulas of a text. What has no end is not looked for twice: the time is linear.
class FormulaScanner {
public:
    FormulaScanner(std::string_view text, std::size_t from) : m_text(text), m_pos(from) {}

    std::optional<Delimited> next() {
        while (m_pos < m_text.size()) {
            std::optional<Delimited> found;
            if (m_text[m_pos] == '\\') {
                found = backslash();
            } else if (m_text[m_pos] == '$') {
                found = dollar();
            } else {
                ++m_pos;
            }
            if (found) {
                return found;
            }
        }
        return std::nullopt;
    }

private:
    std::optional<Delimited> backslash() {
        const std::string_view rest = m_text.substr(m_pos);
        if (rest.starts_with("\\(")) {
            return between("\\)", m_round, true);
        }
        if (rest.starts_with("\\[")) {
            return between("\\]", m_square, false);
        }
        m_pos += rest.starts_with("\\$") || rest.starts_with("\\\\") ? 2 : 1;
        return std::nullopt;
    }

    // A formula with delimiters of two bytes. `open` turns false when none can close any more.
    std::optional<Delimited> between(std::string_view close, bool& open, bool oneLine) {
        const std::size_t end = open ? m_text.find(close, m_pos + 2) : std::string_view::npos;
        open = end != std::string_view::npos;
        const std::size_t begin = m_pos;
        m_pos = open ? end + 2 : m_pos + 2;
        return open ? delimited({begin, end + 2}, 2, oneLine) : std::nullopt;
    }

    std::optional<Delimited> dollar() {
        if (m_text.substr(m_pos).starts_with("$$")) {
            return between("$$", m_display, false);
        }
        std::size_t close = m_pos + 1;
        while (close < m_text.size() && m_text[close] != '$' && m_text[close] != '\n') {
            close += m_text[close] == '\\' ? 2 : 1;
        }
        const std::size_t begin = m_pos;
        ++m_pos;
        if (close >= m_text.size() || m_text[close] != '$') {
            return std::nullopt;
        }
        // "$5 and $10" is money: what stands between must look like a formula.
        const std::string_view inside = m_text.substr(begin + 1, close - begin - 1);
        if (inside.find('\\') == std::string_view::npos && !readable(inside)) {
            return std::nullopt;
        }
        const std::optional<Delimited> found = delimited({begin, close + 1}, 1, true);
        m_pos = found ? close + 1 : m_pos;
        return found;
    }

    // Nothing for an empty formula, one over several lines or one beyond the limits.
    std::optional<Delimited> delimited(base::Span whole, std::size_t mark, bool oneLine) const {
        const base::Span all{whole.begin + mark, whole.end - mark};
        const base::Span inside = base::trimmed(m_text, all);
        const bool broken =
            oneLine && base::slice(m_text, all).find('\n') != std::string_view::npos;
        const bool good = !inside.empty() && !broken && inside.size() <= limits::kAnswerBytes;
        return good ? std::optional(Delimited{whole, inside}) : std::nullopt;
    }

    std::string_view m_text;
    std::size_t m_pos;
    bool m_round = true;
    bool m_square = true;
    bool m_display = true;
};

} // namespace

base::Span answerRegion(std::string_view text) {
    base::Span region{text.size() > limits::kTextBytes ? text.size() - limits::kTextBytes : 0,
                      text.size()};
    const std::size_t think = lastOf(text, "</think>");
    if (think != std::string_view::npos && think + 8 > region.begin) {
        region.begin = think + 8;
    }
    region = base::trimmed(text, region);
    const auto residueAt = [text](std::size_t at, std::string_view mark) {
        return text.substr(at).starts_with(mark);
    };
    const std::size_t first = region.begin;
    for (std::size_t i = first + 1; i < region.end; ++i) {
        if (text[i] != '<' && text[i] != '[') {
            continue;
        }
        const bool residue =
            std::any_of(kResidue.begin(), kResidue.end(), [&](std::string_view mark) {
                // A mark that opens the text does not end it, neither there nor later.
                return residueAt(i, mark) && !residueAt(first, mark);
            });
        if (residue) {
            region.end = i;
            break;
        }
    }
    return base::trimmed(text, region);
}

Prose proseOf(std::string_view text) {
    Prose out;
    std::array<bool, 128> closes{}; // by the last byte of a closing mark: whether one may follow
    closes.fill(true);
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        const std::string_view close = rest.starts_with("\\(")   ? "\\)"
                                       : rest.starts_with("\\[") ? "\\]"
                                       : rest.starts_with("$$")  ? "$$"
                                       : rest.starts_with('$')   ? "$"
                                                                 : "";
        if (!close.empty()) {
            bool& follows = closes[static_cast<unsigned char>(
                close.size() > 1 && close[0] == '$' ? '!' : close.back())];
            const std::size_t end =
                follows ? text.find(close, i + close.size()) : std::string_view::npos;
            follows = end != std::string_view::npos;
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
                               rest.starts_with("\\mbox{") || rest.starts_with("\\begin{") ||
                               rest.starts_with("\\end{");
            bool& follows = closes[static_cast<std::size_t>('}')];
            const std::size_t end = group && follows ? text.find('}', i) : std::string_view::npos;
            follows = follows && (!group || end != std::string_view::npos);
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
            const std::optional<std::string_view> plain = plainWord(word);
            const bool means = plain && *plain != "~" && *plain != ":"; // "about", "to"
            const bool common = word.size() < 2 || means || isKnownUnit(word, true);
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

bool boundsItsValue(std::string_view text) {
    static constexpr std::array<std::string_view, 10> kBounds = {
        "than",  "least", "most",      "over",    "under",
        "above", "below", "exceeding", "between", "except"};
    const std::size_t value = text.find_first_of("0123456789$\\");
    if (value == std::string_view::npos) {
        return false;
    }
    std::string_view front = base::trimmed(text.substr(0, value));
    while (front.ends_with('-') || front.ends_with('(')) {
        front = base::trimmed(front.substr(0, front.size() - 1));
    }
    const std::size_t begin = front.find_last_not_of("abcdefghijklmnopqrstuvwxyz");
    const std::string_view word = front.substr(begin == std::string_view::npos ? 0 : begin + 1);
    return std::find(kBounds.begin(), kBounds.end(), word) != kBounds.end();
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

std::optional<Found> lastFormula(std::string_view text) {
    const auto lastFrom = [text](std::size_t begin, std::size_t end) {
        FormulaScanner scanner(text.substr(0, end), begin);
        std::optional<Delimited> last;
        while (const std::optional<Delimited> next = scanner.next()) {
            last = next;
        }
        return last
                   ? std::optional(Found{last->whole, std::string(base::slice(text, last->inside))})
                   : std::nullopt;
    };
    for (const std::string_view overLines : {"$$", "\\(", "\\[", "\\\n"}) {
        if (text.find(overLines) != std::string_view::npos) {
            return lastFrom(0, text.size());
        }
    }
    // Single dollars stay on their line: the last lines are enough.
    for (std::size_t end = text.size(); end > 0;) {
        const std::size_t dollar = text.rfind('$', end - 1);
        if (dollar == std::string_view::npos) {
            break;
        }
        const std::size_t lineBreak = text.rfind('\n', dollar);
        const std::size_t begin = lineBreak == std::string_view::npos ? 0 : lineBreak + 1;
        if (std::optional<Found> found =
                lastFrom(begin, std::min(text.find('\n', dollar), text.size()))) {
            return found;
        }
        end = begin;
    }
    return std::nullopt;
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
    if (const std::size_t remark = remarkIn(sentence); remark != std::string_view::npos) {
        const std::string_view front = base::trimmed(sentence.substr(0, remark));
        const Prose told = proseOf(front);
        if (choiceLetter(front) || (told.value && told.wordsBefore == 0 && readable(front))) {
            sentence = front;
        }
    }
    const std::string_view word = sentence.substr(0, std::min(sentence.find(','), sentence.size()));
    for (const std::string_view reply : {"yes", "no", "true", "false"}) {
        if (word.size() == reply.size() && base::startsWithNoCase(word, reply)) {
            sentence = word; // "Yes, it is"
        }
    }
    const Prose prose = proseOf(sentence);
    const bool bare =
        prose.wordsBefore == 0 && prose.words <= 4 && prose.foreignBytes < 9 && readable(sentence);
    if (choiceLetter(sentence) || bare || readMoment(sentence)) {
        return Found{{begin, begin + sentence.size()}, std::string(sentence)};
    }
    if (sentence.size() <= 80 && boundsItsValue(sentence)) {
        return Found{{begin, begin + sentence.size()}, std::string(sentence)};
    }
    const std::optional<Found> inside = lastFormula(sentence);
    const std::optional<Found> number = lastNumber(sentence);
    const auto shifted = [&](Found found) {
        found.span.begin += begin;
        found.span.end += begin;
        return found;
    };
    if (inside && (!number || number->span.begin < inside->span.end)) {
        return shifted(*inside);
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

} // namespace scrit::math
