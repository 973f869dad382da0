// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/ascii.h"
#include "core/math/answer.h"
#include "core/math/extract_parts.h"
#include "core/math/limits.h"
#include "core/math/parser.h"
#include "core/math/spelling.h"

#include <algorithm>
#include <utility>

namespace scrit::math {

namespace {

using base::isAlpha;

struct Candidate {
    Found found;
    AnswerKind kind;
};

std::optional<Answer> finished(const Candidate& candidate, std::size_t offset) {
    Answer answer;
    answer.text = undressed(candidate.found.text);
    answer.span = {candidate.found.span.begin + offset, candidate.found.span.end + offset};
    answer.kind = candidate.kind;
    answer.rule = std::string(name(candidate.kind));
    return answer.text.empty() ? std::nullopt : std::optional(std::move(answer));
}

// Marks that somebody sets on purpose: the last one in the text wins.
std::optional<Candidate> strongMark(std::string_view text, const ExtractOptions& options) {
    std::optional<Candidate> best;
    const auto offer = [&](std::optional<Found> found, AnswerKind kind) {
        if (found && !undressed(found->text).empty() &&
            (!best || found->span.begin > best->found.span.begin)) {
            best = Candidate{std::move(*found), kind};
        }
    };
    offer(lastBoxes(text), AnswerKind::Boxed);
    offer(lastHash(text), AnswerKind::Hash);
    if (const std::optional<std::size_t> from = afterAnnouncement(text, true)) {
        // A box in the announced sentence is that sentence's answer.
        const bool boxInside =
            best && best->kind == AnswerKind::Boxed && best->found.span.begin >= *from;
        std::optional<Found> value = boxInside ? std::nullopt : announcedValue(text, *from);
        const bool number =
            value && value->text.find_first_of("0123456789$\\") != std::string::npos;
        if (value && (number || !best) && (options.numbers || options.formulas)) {
            offer(std::move(value), AnswerKind::AnswerIs);
        }
    }
    return best;
}

// The number with what makes it a part of something: "3:2", "3:30 PM".
Found withColon(std::string_view text, Found number) {
    const auto digit = [&](std::size_t i) {
        return i < text.size() && text[i] >= '0' && text[i] <= '9';
    };
    std::size_t begin = number.span.begin;
    while (begin > 1 && text[begin - 1] == ':' && digit(begin - 2)) {
        begin -= 2;
        while (begin > 0 && digit(begin - 1)) {
            --begin;
        }
    }
    std::size_t end = number.span.end;
    if (begin != number.span.begin) {
        const std::size_t word = text.find_first_not_of(" \\", end);
        for (const std::string_view half : {"a.m.", "p.m.", "am", "pm"}) {
            const std::string_view rest =
                word == std::string_view::npos ? std::string_view() : text.substr(word);
            if (base::startsWithNoCase(rest, half) &&
                (rest.size() == half.size() || !isAlpha(rest[half.size()]))) {
                end = word + half.size();
                break;
            }
        }
    }
    return {{begin, end},
            begin == number.span.begin ? std::move(number.text)
                                       : std::string(text.substr(begin, end - begin))};
}

std::optional<Candidate> lastResort(std::string_view text, const ExtractOptions& options) {
    const std::optional<Found> formula = options.formulas ? lastFormula(text) : std::nullopt;
    const std::optional<Found> number = options.numbers ? lastNumber(text) : std::nullopt;
    if (!formula && options.formulas && text.find('\\') != std::string_view::npos) {
        // Bare LaTeX: what follows the last equals sign, where that is a formula.
        const std::size_t equals = text.rfind('=');
        const std::string_view tail =
            equals == std::string_view::npos ? "" : base::trimmed(text.substr(equals + 1));
        const NodePtr tree = parseAnswer(undressed(tail));
        if (tree && tree->kind != Kind::Text && tail.size() < 400) {
            return Candidate{{base::trimmed(text, {equals + 1, text.size()}), std::string(tail)},
                             AnswerKind::LastFormula};
        }
    }
    if (formula && (!number || number->span.begin < formula->span.end)) {
        // A bare name behind the last number is no answer.
        const bool before = number && number->span.end <= formula->span.begin;
        const NodePtr tree = before ? parseAnswer(formula->text) : nullptr;
        if (!tree || tree->kind != Kind::Symbol) {
            return Candidate{*formula, AnswerKind::LastFormula};
        }
    }
    return number ? std::optional(Candidate{withColon(text, *number), AnswerKind::LastNumber})
                  : std::nullopt;
}

std::optional<Candidate> onlyChoice(std::string_view text, const ExtractOptions& options) {
    const auto letterOf = [&](const Found& found) -> std::optional<Found> {
        if (const std::optional<char> letter = choiceLetter(found.text, options.choiceCount)) {
            return Found{found.span, std::string(1, *letter)};
        }
        return std::nullopt;
    };
    if (const std::optional<Found> box = lastBoxes(text)) {
        if (const std::optional<Found> letter = letterOf(*box)) {
            return Candidate{*letter, AnswerKind::Choice};
        }
    }
    if (const std::optional<std::size_t> from = afterAnnouncement(text, false)) {
        const std::size_t begin = text.find_first_not_of(" \t\r\n:*$", *from);
        if (begin != std::string_view::npos) {
            const std::size_t end = sentenceEnd(text, begin);
            const std::string_view sentence = text.substr(begin, end - begin);
            std::optional<Found> letter = letterOf({{begin, end}, std::string(sentence)});
            if (!letter) {
                letter = freeChoice(sentence, options.choiceCount);
                if (letter) {
                    letter->span = {letter->span.begin + begin, letter->span.end + begin};
                }
            }
            if (letter) {
                return Candidate{*letter, AnswerKind::Choice};
            }
        }
    }
    const std::optional<Found> letter = freeChoice(text, options.choiceCount);
    return letter ? std::optional(Candidate{*letter, AnswerKind::Choice}) : std::nullopt;
}

// "The probability is \frac{1}{2}.": the value that a single sentence ends with.
std::optional<Found> endOfSentence(std::string_view text) {
    const std::string_view body = base::trimmed(text);
    if (body.size() > 300 || body.empty() || !isAlpha(body.front()) ||
        body.find('\n') != std::string_view::npos) {
        return std::nullopt;
    }
    std::size_t begin = 0;
    for (const std::string_view verb : {" is ", " are ", " equals ", " was ", " is: "}) {
        const std::size_t at = body.rfind(verb);
        begin = at == std::string_view::npos ? begin : std::max(begin, at + verb.size());
    }
    std::string_view value = body.substr(begin);
    value = base::trimmed(
        value.ends_with('.') && !value.ends_with("..") ? value.substr(0, value.size() - 1) : value);
    if (begin == 0 || value.empty() || proseOf(body.substr(0, begin)).words == 0) {
        return std::nullopt;
    }
    const Prose prose = proseOf(value);
    const NodePtr tree = prose.value && prose.words == 0 ? parseAnswer(undressed(value)) : nullptr;
    if (!tree || tree->kind == Kind::Text) {
        return std::nullopt;
    }
    const auto offset = static_cast<std::size_t>(value.data() - text.data());
    return Found{{offset, offset + value.size()}, std::string(value)};
}

// "(4,2).Theareais\sqrt{5}": a sentence that says what is asked for, in data without blanks.
bool announcesWithoutBlanks(std::string_view text) {
    if (text.find(' ') != std::string_view::npos) {
        return false;
    }
    for (std::size_t stop = text.find('.'); stop != std::string_view::npos;
         stop = text.find('.', stop + 1)) {
        std::size_t end = stop + 1;
        while (end < text.size() && isAlpha(text[end])) {
            ++end;
        }
        const std::string_view run = text.substr(stop + 1, end - stop - 1);
        const bool sentence = run.size() >= 6 && run.front() >= 'A' && run.front() <= 'Z' &&
                              (run.ends_with("is") || run.ends_with("are"));
        if (sentence && end < text.size()) {
            return true;
        }
    }
    return false;
}

} // namespace

std::string_view name(AnswerKind kind) {
    switch (kind) {
    case AnswerKind::Boxed:
        return "boxed";
    case AnswerKind::Hash:
        return "hash";
    case AnswerKind::AnswerIs:
        return "answer-is";
    case AnswerKind::Choice:
        return "choice";
    case AnswerKind::LastFormula:
        return "last-formula";
    case AnswerKind::LastNumber:
        break;
    }
    return "last-number";
}

std::optional<char> choiceLetter(std::string_view answer, std::size_t choiceCount) {
    if (answer.size() > 400) {
        return std::nullopt;
    }
    const std::string plain = undressed(answer);
    std::string_view text = plain;
    for (const std::string_view command :
         {"\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{", "\\text {"}) {
        const std::size_t close = text.find('}');
        if (text.starts_with(command) && close != std::string_view::npos) {
            const std::string_view inside =
                base::trimmed(text.substr(command.size(), close - command.size()));
            if (close + 1 == text.size() || inside.size() <= 3) {
                const std::string_view rest = text.substr(close + 1);
                const std::optional<char> letter = choiceLetter(inside, choiceCount);
                return rest.empty() || letter ? letter : std::nullopt;
            }
        }
    }
    for (const std::string_view word : {"option ", "choice ", "answer "}) {
        if (base::startsWithNoCase(text, word) && text.size() <= word.size() + 4) {
            const std::string_view rest = base::trimmed(text.substr(word.size()));
            return rest.size() < 4 ? choiceLetter(rest, choiceCount) : std::nullopt;
        }
    }
    const bool open = text.starts_with('(') || text.starts_with('[');
    text.remove_prefix(open ? 1 : 0);
    if (text.empty()) {
        return std::nullopt;
    }
    const bool lower = text.front() >= 'a' && text.front() <= 'z';
    const char letter = lower ? static_cast<char>(text.front() - 'a' + 'A') : text.front();
    if (letter < 'A' || static_cast<std::size_t>(letter - 'A') >= choiceCount) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const bool close = text.starts_with(')') || text.starts_with(']');
    if (open && !close) {
        return std::nullopt;
    }
    text.remove_prefix(close ? 1 : 0);
    const bool stop = text.starts_with('.') || text.starts_with(':');
    const bool ideographic = text.starts_with("。") || text.starts_with("：");
    text.remove_prefix(stop ? 1 : ideographic ? 3 : 0);
    if (base::trimmed(text).empty()) {
        return lower && !close ? std::nullopt : std::optional(letter);
    }
    // "(D) Alina", "D. Alina": the option's text may follow its letter.
    const bool marked = close || stop || ideographic;
    if (!marked || lower || (!base::isSpace(text.front()) && !ideographic)) {
        return std::nullopt;
    }
    const char next = base::trimmed(text).front();
    if (base::startsWithNoCase(base::trimmed(text), "and ") ||
        base::startsWithNoCase(base::trimmed(text), "or ")) {
        return std::nullopt; // "(A) and (C)"
    }
    const bool words = isAlpha(next) || (next >= '0' && next <= '9') || next == '$' ||
                       next == '\\' || ideographic || static_cast<unsigned char>(next) > 0x7F;
    return words ? std::optional(letter) : std::nullopt;
}

bool isWholeText(std::string_view text) {
    const std::string_view body = base::trimmed(text);
    if (body.find("\\boxed") != std::string_view::npos ||
        body.find("\\fbox") != std::string_view::npos ||
        body.find("####") != std::string_view::npos || body.find("<|") != std::string_view::npos) {
        return true;
    }
    if (afterAnnouncement(body, false)) {
        return true;
    }
    if (body.size() > limits::kAnswerBytes) {
        // Too long for an answer. A matrix or a number of that length is no text all the same: the
        // last number in it would be compared instead.
        return proseOf(body.substr(0, limits::kAnswerBytes)).words >= 12;
    }
    const std::string bare = undressed(body);
    if (announcesWithoutBlanks(bare) || endOfSentence(bare)) {
        return true;
    }
    const Prose prose = proseOf(bare);
    if (prose.formula) {
        return prose.words >= 1;
    }
    if (!prose.value) {
        return prose.words >= 12;
    }
    const bool lines =
        bare.find('\n') != std::string::npos && bare.find("\\begin") == std::string::npos;
    if (boundsItsValue(bare)) {
        return prose.words >= 12 || lines;
    }
    // "He runs 64 miles per week."
    const bool sentence = prose.wordsBefore >= 2 && bare.front() >= 'A' && bare.front() <= 'Z' &&
                          base::trimmed(body).back() == '.';
    return sentence || prose.words >= (lines ? 2 : 5) || prose.wordsBefore >= 4 || prose.label ||
           prose.foreignBytes >= 9;
}

std::optional<Answer> extractAnswer(std::string_view wholeText, const ExtractOptions& options) {
    const base::Span region = answerRegion(wholeText);
    const std::string_view text = base::slice(wholeText, region);
    if (text.empty()) {
        return std::nullopt;
    }
    if (options.choices == ChoiceMode::Only) {
        const std::optional<Candidate> choice = onlyChoice(text, options);
        return choice ? finished(*choice, region.begin) : std::nullopt;
    }
    if (const std::optional<Candidate> strong = strongMark(text, options)) {
        return finished(*strong, region.begin);
    }
    if (const std::optional<std::size_t> from = afterAnnouncement(text, false)) {
        if (std::optional<Found> value = announcedValue(text, *from)) {
            const bool choice = choiceLetter(value->text, options.choiceCount).has_value();
            const bool formula = value->text.find('$') != std::string::npos ||
                                 value->text.find('\\') != std::string::npos;
            if (choice || options.numbers || (options.formulas && formula)) {
                return finished(
                    {std::move(*value), choice ? AnswerKind::Choice : AnswerKind::AnswerIs},
                    region.begin);
            }
        }
    }
    if (!options.lastResort) {
        return std::nullopt;
    }
    std::optional<Candidate> last;
    if (std::optional<Found> value =
            options.numbers && options.formulas ? endOfSentence(text) : std::nullopt) {
        last = Candidate{std::move(*value), AnswerKind::AnswerIs};
    } else {
        last = lastResort(text, options);
    }
    if (!last) {
        if (std::optional<Found> letter = assertedChoice(text, options.choiceCount)) {
            last = Candidate{std::move(*letter), AnswerKind::Choice};
        }
    }
    return last ? finished(*last, region.begin) : std::nullopt;
}

} // namespace scrit::math
