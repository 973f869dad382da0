// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/predicate.h"

#include <algorithm>
#include <array>

namespace scrit::critique {
namespace {

Polarity flipped(Polarity polarity) {
    switch (polarity) {
    case Polarity::Positive:
        return Polarity::Negative;
    case Polarity::Negative:
        return Polarity::Positive;
    case Polarity::None:
        break;
    }
    return Polarity::None;
}

bool isNot(const Word& word) {
    return isAny(word, {"not", "isn't", "aren't", "wasn't", "doesn't", "don't", "didn't", "never",
                        "cannot", "neither", "nor"});
}

bool isDo(const Word& word) {
    return isAny(word, {"does", "do", "did", "doesn't", "don't", "didn't"});
}

bool isHave(const Word& word) {
    return isAny(word, {"contains", "contain", "contained", "has", "have", "had", "makes", "make",
                        "made", "includes", "include", "commits", "introduces"});
}

bool isFiller(const Word& word) {
    return isAny(word, {"also",         "indeed",     "mathematically",
                        "logically",    "therefore",  "thus",
                        "still",        "both",       "all",
                        "entirely",     "completely", "fully",
                        "absolutely",   "again",      "actually",
                        "clearly",      "overall",    "factually",
                        "now",          "then",       "a",
                        "an",           "considered", "deemed",
                        "to",           "be",         "found",
                        "quite",        "perfectly",  "hence",
                        "consequently", "already",    "numerically",
                        "in",           "fact"});
}

} // namespace

Polarity adjectivePolarity(const Word& word) {
    if (isAny(word, {"correct", "right", "accurate", "valid", "sound", "errorless"})) {
        return Polarity::Positive;
    }
    if (isAny(word, {"incorrect", "wrong", "invalid", "inaccurate", "erroneous", "flawed", "faulty",
                     "mistaken", "unsound"})) {
        return Polarity::Negative;
    }
    return Polarity::None;
}

Polarity adverbPolarity(const std::vector<Word>& words, std::size_t at) {
    if (isAny(words[at], {"incorrectly", "wrongly", "mistakenly", "erroneously", "inaccurately"})) {
        return Polarity::Negative;
    }
    if (isAny(words[at], {"correctly", "accurately", "rightly"})) {
        const bool denied = at > 0 && (isNot(words[at - 1]) ||
                                       (at > 1 && isNot(words[at - 2]) && isFiller(words[at - 1])));
        return denied ? Polarity::Negative : Polarity::Positive;
    }
    return Polarity::None;
}

bool isBe(const Word& word) {
    return isAny(word, {"is", "are", "was", "were", "seems", "seem", "appears", "looks", "remains",
                        "isn't", "aren't", "wasn't"});
}

bool isVerdictVerb(const Word& word) {
    return isBe(word) || isHave(word) || isDo(word);
}

bool isMistakeVerb(const Word& word) {
    constexpr std::size_t kMinLength = 7;
    if (word.text.size() < kMinLength) {
        return false;
    }
    constexpr std::array kStems{"miscalc", "misinterp", "misunder", "misappl", "misread"};
    return std::ranges::any_of(
        kStems, [&](std::string_view stem) { return matchesNoCase(word.text, 0, stem); });
}

bool isPartly(const Word& word) {
    return isAny(word, {"partially", "partly", "mostly", "almost", "nearly", "generally", "largely",
                        "somewhat", "technically", "mainly", "half"});
}

bool isHedge(const Word& word) {
    return isAny(word, {"should",   "however", "but",         "fails",     "fail",       "failed",
                        "instead",  "except",  "unnecessary", "redundant", "irrelevant", "unclear",
                        "although", "though",  "error",       "errors",    "mistake",    "mistakes",
                        "missing",  "omits",   "ignores"});
}

Polarity errorObject(const std::vector<Word>& words, std::size_t at, bool denied) {
    constexpr std::size_t kReach = 7;
    const std::size_t end = std::min(words.size(), at + kReach);
    for (std::size_t i = at; i < end; ++i) {
        const Word& word = words[i];
        if (isAny(word, {"no", "zero", "not", "without"})) {
            denied = true;
        } else if (isAny(word, {"error", "errors", "mistake", "mistakes", "flaw", "flaws",
                                "inaccuracy", "inaccuracies"})) {
            return denied ? Polarity::Positive : Polarity::Negative;
        } else if (
            !isAny(word,
                   {"a",           "an",           "any",         "some",        "several",
                    "minor",       "major",        "small",       "critical",    "multiple",
                    "one",         "two",          "three",       "few",         "clear",
                    "significant", "mathematical", "logical",     "calculation", "computational",
                    "arithmetic",  "factual",      "the",         "serious",     "conceptual",
                    "obvious",     "following",    "contain",     "have",        "make",
                    "include",     "other",        "fundamental", "slight",      "apparent",
                    "or",          "many",         "visible",     "key"})) {
            return Polarity::None;
        }
    }
    return Polarity::None;
}

Polarity predicateAt(const std::vector<Word>& words, std::size_t verb) {
    const Word& word = words[verb];
    bool denied = isNot(word) || (verb > 0 && isNot(words[verb - 1]));
    if (isDo(word) || isHave(word)) {
        return errorObject(words, verb + 1, denied);
    }
    constexpr std::size_t kReach = 7;
    const std::size_t end = std::min(words.size(), verb + 1 + kReach);
    bool partly = false;
    for (std::size_t i = verb + 1; i < end; ++i) {
        if (isNot(words[i])) {
            denied = !denied;
        } else if (isPartly(words[i])) {
            partly = true;
        } else if (const Polarity said = adjectivePolarity(words[i]); said != Polarity::None) {
            if (partly && (said == Polarity::Positive)) {
                return Polarity::None;
            }
            return denied ? flipped(said) : said;
        } else if (is(words[i], "free") && i + 2 < words.size() &&
                   isAny(words[i + 1], {"of", "from"})) {
            return errorObject(words, i + 2, true);
        } else if (is(words[i], "error") && i + 1 < words.size() && is(words[i + 1], "free")) {
            return denied ? Polarity::Negative : Polarity::Positive;
        } else if (!isFiller(words[i])) {
            return Polarity::None;
        }
    }
    return Polarity::None;
}

std::size_t findVerdictVerb(const std::vector<Word>& words, std::size_t from, std::size_t reach) {
    const std::size_t end = std::min(words.size(), from + reach);
    for (std::size_t i = from; i < end; ++i) {
        if (isVerdictVerb(words[i])) {
            return i;
        }
        if (isAny(words[i], {"that", "which", "where", "when", "because", "since", "but", "so"})) {
            break;
        }
    }
    return std::string_view::npos;
}

} // namespace scrit::critique
