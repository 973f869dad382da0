// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/verdict_words.h"

#include "core/critique/predicate.h"
#include "core/critique/words.h"

#include <algorithm>

namespace scrit::critique {
namespace {

using model::StepVerdict;

constexpr std::size_t kNone = std::string_view::npos;

bool hasMark(std::string_view body, std::initializer_list<std::string_view> marks) {
    return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
        return body.find(mark) != std::string_view::npos;
    });
}

// The number in the last \boxed{…} when it is 1 or -1 (DeepCritic's judgement).
StepVerdict boxedVerdict(std::string_view value) {
    constexpr std::string_view kBox = "boxed{";
    const std::size_t at = value.rfind(kBox);
    if (at == kNone) {
        return StepVerdict::Unstated;
    }
    const std::size_t close = value.find('}', at);
    if (close == kNone) {
        return StepVerdict::Unstated;
    }
    const std::string_view inside =
        base::trimmed(value.substr(at + kBox.size(), close - at - kBox.size()));
    if (inside == "1") {
        return StepVerdict::Correct;
    }
    return inside == "-1" ? StepVerdict::Incorrect : StepVerdict::Unstated;
}

StepVerdict toVerdict(Polarity polarity) {
    switch (polarity) {
    case Polarity::Positive:
        return StepVerdict::Correct;
    case Polarity::Negative:
        return StepVerdict::Incorrect;
    case Polarity::None:
        break;
    }
    return StepVerdict::Unstated;
}

// What the sentences of a step critique add up to.
struct Evidence {
    bool statedPositive = false; // "this step is correct"
    bool statedNegative = false;
    bool positive = false;       // "correctly computes", "the sum is right"
    bool negative = false;       // "the sum is wrong"
    bool strongNegative = false; // "incorrectly computes", "makes a mistake"
    bool hedge = false;
};

// A mention of a step: whether it is (only) another step, and the index behind it.
struct Mention {
    bool own = false;
    bool foreign = false;
    std::size_t after = 0;
};

Mention stepMention(const std::vector<Word>& words, std::size_t at,
                    const std::vector<int>& numbers) {
    Mention mention;
    mention.after = at + 1;
    bool numbered = false;
    while (mention.after < words.size()) {
        std::size_t digits = 0;
        const Word& word = words[mention.after];
        if (const auto number = readNumber(word.text, digits);
            number && digits == word.text.size()) {
            numbered = true;
            const bool ours = std::find(numbers.begin(), numbers.end(), *number) != numbers.end();
            mention.own = mention.own || ours;
            mention.foreign = mention.foreign || !ours;
        } else if (!numbered || !isAny(word, {"and", "step", "steps"})) {
            break;
        }
        ++mention.after;
    }
    if (!numbered) {
        mention.foreign =
            at > 0 &&
            isAny(words[at - 1],
                  {"previous",   "next",  "last",  "following", "prior",   "first",   "earlier",
                   "subsequent", "each",  "every", "all",       "other",   "another", "preceding",
                   "these",      "those", "later", "remaining", "correct", "second"});
        mention.own = !mention.foreign;
    }
    return mention;
}

// "Correct.", "Incorrect, because …", "is correct." at the very start of the text about a step.
Polarity headPolarity(const std::vector<Word>& words) {
    const Polarity first = adjectivePolarity(words[0]);
    if (first == Polarity::Negative) {
        return first;
    }
    if (first == Polarity::Positive) {
        const bool alone =
            words.size() == 1 || words[1].before != ' ' ||
            isAny(words[1], {"because", "as", "since", "and", "calculation", "application", "use",
                             "setup", "computation", "step", "steps", "reasoning", "approach"});
        return alone ? first : Polarity::None;
    }
    if (isAny(words[0], {"error", "errors", "mistake"}) || is(words[0], "no")) {
        return errorObject(words, 0, false); // "Error in setting up …", "No errors."
    }
    return isVerdictVerb(words[0]) ? predicateAt(words, 0) : Polarity::None;
}

void weighSentence(const std::vector<Word>& words, const std::vector<int>& numbers, Evidence& sum) {
    bool foreign = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!isAny(words[i], {"step", "steps"})) {
            continue;
        }
        const Mention mention = stepMention(words, i, numbers);
        foreign = foreign || (mention.foreign && !mention.own);
        if (mention.own) {
            const std::size_t verb = findVerdictVerb(words, mention.after, 4);
            const Polarity said = verb == kNone ? Polarity::None : predicateAt(words, verb);
            sum.statedPositive = sum.statedPositive || said == Polarity::Positive;
            sum.statedNegative = sum.statedNegative || said == Polarity::Negative;
        }
        i = mention.after - 1;
    }
    if (foreign) {
        return; // what is said here may be about the other step
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool denied = i > 0 && isAny(words[i - 1], {"no", "any", "without"});
        sum.hedge = sum.hedge || (isHedge(words[i]) && !denied);
        const Polarity adverb = adverbPolarity(words, i);
        sum.positive = sum.positive || adverb == Polarity::Positive;
        const bool here = i + 2 < words.size() && is(words[i], "where") &&
                          is(words[i + 1], "the") && isAny(words[i + 2], {"error", "mistake"});
        sum.strongNegative =
            sum.strongNegative || adverb == Polarity::Negative || here || isMistakeVerb(words[i]);
        if (isVerdictVerb(words[i])) {
            const Polarity said = predicateAt(words, i);
            sum.positive = sum.positive || said == Polarity::Positive;
            sum.negative = sum.negative || (said == Polarity::Negative && isBe(words[i]));
            sum.strongNegative =
                sum.strongNegative || (said == Polarity::Negative && !isBe(words[i]));
        }
    }
}

// The judged subject of a sentence about the whole solution and the index behind it, or kNone.
enum class Subject { None, Solution, FinalAnswer, AllSteps };

Subject subjectAt(const std::vector<Word>& words, std::size_t i) {
    const auto before = [&](std::size_t back, std::initializer_list<WordKey> lower) {
        return i >= back && isAny(words[i - back], lower);
    };
    if (before(1, {"correct", "corrected", "reference", "right", "sample", "proper", "accurate",
                   "alternative", "simpler", "better"})) {
        return Subject::None;
    }
    if (isAny(words[i], {"solution", "response"})) {
        return Subject::Solution;
    }
    if (is(words[i], "answer")) {
        const bool whole = before(1, {"generated"}) || (before(1, {"model", "model's"}));
        return whole ? Subject::Solution : Subject::FinalAnswer;
    }
    if (is(words[i], "steps") &&
        (before(1, {"all"}) || (before(1, {"the"}) && before(2, {"all"})))) {
        return Subject::AllSteps;
    }
    return Subject::None;
}

// "the formula in the solution is correct" judges the formula.
bool isObject(const std::vector<Word>& words, std::size_t subject) {
    const std::size_t reach = std::min<std::size_t>(subject, 3);
    for (std::size_t back = 1; back <= reach; ++back) {
        const Word& word = words[subject - back];
        if (isAny(word, {"in", "of", "from", "by", "with", "within", "throughout", "for", "to"})) {
            return true;
        }
        if (!isAny(word, {"the", "this", "a", "model", "model's", "student", "student's", "given",
                          "provided", "generated"})) {
            return false;
        }
    }
    return false;
}

// "There are no errors in the solution."
Polarity existential(const std::vector<Word>& words, std::size_t be) {
    if (be == 0 || !is(words[be - 1], "there")) {
        return Polarity::None;
    }
    const Polarity said = errorObject(words, be + 1, false);
    const std::size_t last = std::min(words.size(), be + 12);
    for (std::size_t i = be + 1; said != Polarity::None && i < last; ++i) {
        if (subjectAt(words, i) == Subject::Solution) {
            return said;
        }
    }
    return Polarity::None;
}

Polarity solutionPolarity(const std::vector<Word>& words, std::size_t& where) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        where = i;
        if (isAny(words[i], {"whether", "if", "unless", "assuming", "suppose"})) {
            return Polarity::None;
        }
        if (isAny(words[i], {"while", "although", "though", "whereas", "despite"})) {
            // a concession: what counts comes behind its comma
            do {
                ++i;
            } while (i < words.size() && words[i].before != ',');
            if (i >= words.size()) {
                return Polarity::None;
            }
        }
        if (isBe(words[i])) {
            if (const Polarity said = existential(words, i); said != Polarity::None) {
                return said;
            }
        }
        const Subject subject = subjectAt(words, i);
        if (subject == Subject::None || isObject(words, i)) {
            continue;
        }
        const std::size_t verb = findVerdictVerb(words, i + 1, 6);
        if (verb == kNone) {
            continue;
        }
        Polarity said = predicateAt(words, verb);
        if (subject == Subject::FinalAnswer && said == Polarity::Positive) {
            continue; // a right answer is not a right solution
        }
        const bool notAll = subject == Subject::AllSteps && ((i >= 2 && is(words[i - 2], "not")) ||
                                                             (i >= 3 && is(words[i - 3], "not")));
        if (notAll && said == Polarity::Positive) {
            said = Polarity::Negative;
        }
        if (said != Polarity::None) {
            return said;
        }
    }
    return Polarity::None;
}

bool concludes(const std::vector<Word>& words, std::size_t until) {
    for (std::size_t i = 0; i < std::min(until, words.size()); ++i) {
        if (isAny(words[i], {"therefore", "thus", "hence", "overall", "conclusion", "conclude",
                             "summary", "consequently", "ultimately", "judgement", "judgment"})) {
            return true;
        }
    }
    return false;
}

// "-1" also with the Unicode minus sign, and "- 1".
bool saysMinusOne(std::string_view value, std::size_t digit) {
    std::size_t p = digit;
    while (p > 0 && value[p - 1] == ' ') {
        --p;
    }
    const bool minus =
        (p > 0 && value[p - 1] == '-') || (p >= 3 && value.substr(p - 3, 3) == "\xE2\x88\x92");
    return minus && (p < 2 || !isDigit(value[p - 2]));
}

} // namespace

StepVerdict fieldVerdict(std::string_view value) {
    if (const StepVerdict boxed = boxedVerdict(value); boxed != StepVerdict::Unstated) {
        return boxed;
    }
    bool positive = false;
    bool negative = false;
    SentenceReader reader(value, {0, value.size()});
    if (!reader.next()) {
        return StepVerdict::Unstated;
    }
    const std::vector<Word>& words = reader.words();
    for (std::size_t i = 0; i < words.size() && i < 16; ++i) {
        Polarity said = adjectivePolarity(words[i]);
        if (said == Polarity::None && is(words[i], "true")) {
            said = Polarity::Positive;
        } else if (said == Polarity::None && is(words[i], "false")) {
            said = Polarity::Negative;
        }
        const bool denied = i > 0 && isAny(words[i - 1], {"not", "isn't"});
        const bool partly = i > 0 && isPartly(words[i - 1]);
        if (said == Polarity::Positive && partly) {
            return StepVerdict::Unstated;
        }
        positive = positive || said == (denied ? Polarity::Negative : Polarity::Positive);
        negative = negative || said == (denied ? Polarity::Positive : Polarity::Negative);
    }
    if (positive == negative) {
        const Polarity errors = positive ? Polarity::None : errorObject(words, 0, false);
        return toVerdict(errors);
    }
    return positive ? StepVerdict::Correct : StepVerdict::Incorrect;
}

StepVerdict wordedStepVerdict(std::string_view body, const std::vector<int>& numbers) {
    Evidence sum;
    SentenceReader reader(body, {0, body.size()});
    bool first = true;
    while (reader.next()) {
        if (first) {
            const Polarity head = headPolarity(reader.words());
            sum.statedPositive = head == Polarity::Positive;
            sum.statedNegative = head == Polarity::Negative;
            first = false;
        }
        if (!reader.isQuestion()) {
            weighSentence(reader.words(), numbers, sum);
        }
    }
    sum.statedPositive =
        sum.statedPositive || hasMark(body, {"\xE2\x9C\x93", "\xE2\x9C\x94", "\xE2\x9C\x85"});
    sum.statedNegative =
        sum.statedNegative || hasMark(body, {"\xE2\x9C\x97", "\xE2\x9C\x98", "\xE2\x9D\x8C"});
    if (sum.statedPositive != sum.statedNegative) {
        return sum.statedPositive ? StepVerdict::Correct : StepVerdict::Incorrect;
    }
    if (sum.statedPositive) {
        return StepVerdict::Unstated; // both are said
    }
    if (sum.strongNegative || (sum.negative && !sum.positive)) {
        return StepVerdict::Incorrect;
    }
    return sum.positive && !sum.negative && !sum.hedge ? StepVerdict::Correct
                                                       : StepVerdict::Unstated;
}

std::vector<SolutionSentence> solutionSentences(std::string_view text, base::Span within) {
    std::vector<SolutionSentence> found;
    SentenceReader reader(text, within);
    while (reader.next()) {
        std::size_t where = 0;
        const Polarity said =
            reader.isQuestion() ? Polarity::None : solutionPolarity(reader.words(), where);
        if (said != Polarity::None) {
            found.push_back({said == Polarity::Positive ? model::Conclusion::Correct
                                                        : model::Conclusion::Incorrect,
                             concludes(reader.words(), where), reader.span()});
        }
    }
    return found;
}

std::optional<FirstErrorStatement> firstErrorValue(std::string_view value) {
    SentenceReader reader(value, {0, value.size()});
    std::optional<FirstErrorStatement> number;
    bool afterStep = false;
    for (int sentences = 0; sentences < 3 && reader.next(); ++sentences) {
        const std::vector<Word>& words = reader.words();
        for (std::size_t i = 0; i < words.size(); ++i) {
            const bool noWord =
                isAny(words[i], {"none", "nil", "null", "na"}) ||
                (is(words[i], "n") && i + 1 < words.size() && is(words[i + 1], "a"));
            const bool noError =
                i + 1 < words.size() && is(words[i], "no") &&
                isAny(words[i + 1], {"error", "errors", "mistake", "incorrect", "step"});
            const bool bareNo = words.size() == 1 && is(words[i], "no");
            const bool notApplicable =
                is(words[i], "not") && i + 1 < words.size() && is(words[i + 1], "applicable");
            if (!number && (noWord || noError || bareNo || notApplicable)) {
                return FirstErrorStatement{true, 0, false};
            }
            std::size_t end = 0;
            const auto read = readNumber(words[i].text, end);
            if (!read || end != words[i].text.size()) {
                continue;
            }
            const std::size_t at = words[i].at;
            if (*read == 1 && saysMinusOne(value, at)) {
                return number ? number : FirstErrorStatement{true, 0, false};
            }
            const bool decimal = (at + end + 1 < value.size() && value[at + end] == '.' &&
                                  isDigit(value[at + end + 1])) ||
                                 (at > 1 && value[at - 1] == '.' && isDigit(value[at - 2]));
            const bool named = i > 0 && isAny(words[i - 1], {"step", "steps", "paragraph"});
            const bool negative =
                at > 0 && value[at - 1] == '-' && (at < 2 || !isDigit(value[at - 2]));
            if (decimal || negative || (number && !(named && !afterStep))) {
                continue;
            }
            const bool zeroBased = (i > 0 && is(words[i - 1], "paragraph")) ||
                                   (at >= 11 && matchesNoCase(value, at - 11, "<paragraph_"));
            number = FirstErrorStatement{false, *read, zeroBased};
            afterStep = named;
        }
        if (number) {
            break;
        }
    }
    return number;
}

std::vector<FirstErrorStatement> firstErrorSentences(std::string_view text, base::Span within) {
    std::vector<FirstErrorStatement> found;
    SentenceReader reader(text, within);
    while (reader.next()) {
        const std::vector<Word>& words = reader.words();
        for (std::size_t i = 0; i + 1 < words.size(); ++i) {
            if (isAny(words[i], {"whether", "if"})) {
                break;
            }
            if (!isAny(words[i], {"first", "earliest"})) {
                continue;
            }
            const std::size_t last = std::min(words.size(), i + 4);
            std::size_t error = i + 1;
            while (error < last && !isAny(words[error], {"error", "mistake", "incorrect", "wrong",
                                                         "erroneous", "flaw"})) {
                ++error;
            }
            if (error == last) {
                continue;
            }
            std::size_t step = error + 1;
            const std::size_t stop = std::min(words.size(), error + 12);
            while (step < stop && !isAny(words[step], {"step", "paragraph"})) {
                ++step;
            }
            std::size_t end = 0;
            while (step + 1 < stop) {
                if (const auto number = readNumber(words[step + 1].text, end);
                    number && end == words[step + 1].text.size()) {
                    const bool none = *number == 1 && saysMinusOne(text, words[step + 1].at);
                    const bool tag = words[step + 1].at >= 11 &&
                                     matchesNoCase(text, words[step + 1].at - 11, "<paragraph_");
                    found.push_back(none
                                        ? FirstErrorStatement{true, 0, false}
                                        : FirstErrorStatement{false, *number,
                                                              tag || is(words[step], "paragraph")});
                    break;
                }
                if (!isAny(words[step + 1], {"step", "is", "number", "index", "in", "at"})) {
                    break;
                }
                ++step;
            }
            break;
        }
    }
    return found;
}

} // namespace scrit::critique
