// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/red_flags.h"

#include "core/critique/critique_parser.h"
#include "core/critique/words.h"

#include <algorithm>
#include <array>
#include <string>

namespace scrit::critique {
namespace {

using namespace std::string_view_literals;

using base::Span;
using model::Conclusion;
using model::Flag;
using model::StepVerdict;

// A phrase of up to five lower-case words.
struct Phrase {
    static constexpr std::size_t kMaxWords = 5;
    consteval Phrase(std::string_view words) {
        for (std::size_t p = 0; p < words.size(); ++count) {
            const std::size_t blank = std::min(words.find(' ', p), words.size());
            keys[count] = WordKey(words.substr(p, blank - p)).value;
            p = blank + 1;
        }
    }
    std::array<std::uint64_t, kMaxWords> keys{};
    std::size_t count = 0;
};

// Phrases that only somebody who saw a reference solution writes.
constexpr Phrase kTheReference("the reference");
constexpr std::array<Phrase, 28> kLeakPhrases{
    "reference solution"sv,
    "the reference solution"sv,
    "the reference answer"sv,
    "reference answer"sv,
    "reference analysis"sv,
    "ground truth solution"sv,
    "ground truth answer"sv,
    "ground truth"sv,
    "gold solution"sv,
    "gold answer"sv,
    "standard solution provided"sv,
    "provided correct solution"sv,
    "given correct solution"sv,
    "correct solution provided"sv,
    "correct solution given"sv,
    "correct solution above"sv,
    "compared with the correct solution"sv,
    "compared to the correct solution"sv,
    "compare with the correct solution"sv,
    "comparing with the correct solution"sv,
    "comparing to the correct solution"sv,
    "according to the correct solution"sv,
    "matches the correct solution"sv,
    "as in the correct solution"sv,
    // A solution above the student's is the reference.
    "solution given above"sv,
    "solution provided above"sv,
    "as given above"sv,
    "as provided above"sv,
};

// One bit for each word that begins a phrase: few words of a text pass, and only they are compared.
constexpr std::uint64_t bitOf(std::uint64_t key) {
    return 1ULL << (key & 63U);
}
constexpr std::uint64_t kFirstWords = [] {
    std::uint64_t bits = bitOf(kTheReference.keys[0]);
    for (const Phrase& phrase : kLeakPhrases) {
        bits |= bitOf(phrase.keys[0]);
    }
    return bits;
}();

// The number of words when the phrase stands at index `at`, its words directly behind each other.
std::size_t matchPhrase(const std::vector<Word>& words, std::size_t at, const Phrase& phrase) {
    if (words[at].key != phrase.keys[0] || words.size() - at < phrase.count) {
        return 0;
    }
    for (std::size_t i = 1; i < phrase.count; ++i) {
        if (words[at + i].key != phrase.keys[i]) {
            return 0;
        }
    }
    return phrase.count;
}

// "the reference frame" or "cross-reference" is physics and grammar, not a leak.
bool isOtherReference(const std::vector<Word>& words, std::size_t last) {
    return last + 1 < words.size() &&
           isAny(words[last + 1], {"frame", "frames", "point", "points", "angle", "angles", "line",
                                   "lines", "to", "plane", "axis", "system", "level", "value",
                                   "direction", "material", "electrode"});
}

void findLeaks(std::string_view text, Span within, std::vector<Span>& found) {
    SentenceReader reader(text, within);
    while (reader.next()) {
        const std::vector<Word>& words = reader.words();
        for (std::size_t i = 0; i < words.size(); ++i) {
            if ((kFirstWords & bitOf(words[i].key)) == 0) {
                continue;
            }
            std::size_t longest = 0;
            for (const Phrase& phrase : kLeakPhrases) {
                longest = std::max(longest, matchPhrase(words, i, phrase));
            }
            if (longest == 0) {
                const std::size_t count = matchPhrase(words, i, kTheReference);
                longest = count > 0 && isOtherReference(words, i + count - 1) ? 0 : count;
            }
            if (longest == 0) {
                continue;
            }
            const std::size_t start = words[i].at;
            const Word& last = words[i + longest - 1];
            found.push_back({start, last.at + last.text.size()});
            i += longest - 1;
        }
    }
}

// White space runs and Markdown do not make two steps different.
std::string normalized(std::string_view text) {
    std::string out(text.size(), '\0');
    std::size_t size = 0;
    for (const char c : text) {
        if (c != '*' && c != '#' && c != '`' && !base::isSpace(c)) {
            out[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    out.resize(size);
    return out;
}

// The correction must keep the steps before the first error as they are: each of them has to occur
// in the correction (normalized), in order.
bool editsEarlierSteps(const model::ParsedCritique& parsed, const std::string& correction,
                       const FlagContext& context) {
    const auto kept = static_cast<std::size_t>(*parsed.firstErrorStep);
    std::size_t at = 0;
    for (std::size_t i = 0; i < std::min(kept, context.steps.size()); ++i) {
        const std::string step = normalized(base::slice(context.solution, context.steps[i]));
        const std::size_t found = correction.find(step, at);
        if (found == std::string::npos) {
            return true;
        }
        at = found + step.size();
    }
    return false;
}

// A correction that repeats the solution word for word although the critique found an error does
// not follow from the critique.
bool isUnrelated(const std::string& correction, const FlagContext& context) {
    const std::string solution = normalized(context.solution);
    return !solution.empty() && correction.find(solution) != std::string::npos;
}

void stepFlags(const model::ParsedCritique& parsed, const FlagContext& context,
               model::Flags& flags) {
    const auto isWrong = [](const model::StepCritique& step) {
        return step.verdict == StepVerdict::Incorrect;
    };
    // A step that the solution does not have is named, and in no list.
    const bool namesOther = std::find(parsed.problems.begin(), parsed.problems.end(),
                                      problem::kStepOutOfRange) != parsed.problems.end();
    const bool approved =
        !parsed.steps.empty() && !namesOther &&
        std::all_of(parsed.steps.begin(), parsed.steps.end(), [](const model::StepCritique& step) {
            return step.verdict == StepVerdict::Correct;
        });
    const bool saysCorrect = parsed.conclusion == Conclusion::Correct;
    const bool saysIncorrect = parsed.conclusion == Conclusion::Incorrect;
    if (context.solutionCorrect == false && (saysCorrect || (approved && !saysIncorrect))) {
        const bool objects = std::any_of(parsed.steps.begin(), parsed.steps.end(), isWrong);
        if (!objects) {
            flags.add(Flag::RubberStamp);
        }
    }
    const bool namesStep = parsed.firstErrorStep && *parsed.firstErrorStep != model::kNoError;
    if (approved && saysIncorrect && !namesStep) {
        flags.add(Flag::AllStepsFine);
    }
    if (parsed.firstErrorStep && parsed.conclusion && namesStep == saysCorrect) {
        flags.add(Flag::VerdictStepMismatch);
    }
    // The first error is the stated one, else the first step called wrong.
    int firstError = namesStep ? *parsed.firstErrorStep : model::kNoError;
    for (const model::StepCritique& step : parsed.steps) {
        if (firstError == model::kNoError && isWrong(step)) {
            firstError = step.index;
        }
    }
    const bool goesOn =
        std::any_of(parsed.steps.begin(), parsed.steps.end(), [&](const model::StepCritique& step) {
            return firstError >= 0 && step.index > firstError;
        });
    if (goesOn) {
        flags.add(Flag::StepsAfterError);
    }
}

} // namespace

model::Flags redFlags(const model::ParsedCritique& parsed, std::string_view critiqueText,
                      const FlagContext& context) {
    model::Flags flags;
    stepFlags(parsed, context, flags);
    const bool namesStep = parsed.firstErrorStep && *parsed.firstErrorStep != model::kNoError;
    const bool keepsSteps = namesStep && !context.steps.empty();
    const bool saysIncorrect = parsed.conclusion == Conclusion::Incorrect;
    if (parsed.correction && !context.solution.empty() && (keepsSteps || saysIncorrect)) {
        const std::string correction = normalized(base::slice(critiqueText, *parsed.correction));
        if (keepsSteps && editsEarlierSteps(parsed, correction, context)) {
            flags.add(Flag::CorrectionEdits);
        }
        if (saysIncorrect && isUnrelated(correction, context)) {
            flags.add(Flag::CorrectionUnrelated);
        }
    }
    if (!leakSpans(critiqueText, parsed).empty()) {
        flags.add(Flag::Leak);
    }
    const std::size_t used = std::min(parsed.usedEnd, critiqueText.size());
    if (!base::trimmed(critiqueText.substr(used)).empty()) {
        flags.add(Flag::RunOn);
    }
    if (!parsed.conclusion && !parsed.firstErrorStep) {
        flags.add(Flag::Unreadable);
    }
    return flags;
}

std::vector<Span> leakSpans(std::string_view critiqueText, const model::ParsedCritique& parsed) {
    std::vector<Span> found;
    const std::size_t used = std::min(parsed.usedEnd, critiqueText.size());
    Span rest{0, used};
    if (parsed.referenceAnalysis && parsed.referenceAnalysis->end <= used) {
        findLeaks(critiqueText, {0, parsed.referenceAnalysis->begin}, found);
        rest.begin = parsed.referenceAnalysis->end;
    }
    findLeaks(critiqueText, rest, found);
    return found;
}

std::vector<Span> leakSpans(std::string_view text) {
    std::vector<Span> found;
    findLeaks(text, {0, text.size()}, found);
    return found;
}

} // namespace scrit::critique
