// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/critique_parser.h"

#include "core/critique/critique_walk.h"
#include "core/critique/sentence_match.h"
#include "core/critique/verdict_words.h"
#include "core/math/answer.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace scrit::critique {
namespace {

using base::Span;
using model::Conclusion;
using model::StepVerdict;

constexpr std::array<std::string_view, 15> kProblemOrder{problem::kEmpty,
                                                         problem::kInvalidText,
                                                         problem::kNoSteps,
                                                         problem::kStepsOutOfOrder,
                                                         problem::kStepOutOfRange,
                                                         problem::kStepNotMatched,
                                                         problem::kNoConclusion,
                                                         problem::kConflictingConclusions,
                                                         problem::kNoFirstErrorStep,
                                                         problem::kSeveralFirstErrorSteps,
                                                         problem::kConclusionContradictsStep,
                                                         problem::kNoCorrection,
                                                         problem::kCorrectionNotClosed,
                                                         problem::kNoCorrectionAnswer,
                                                         problem::kTruncated};

Span clipped(Span span, std::size_t end) {
    return {std::min(span.begin, end), std::min(span.end, end)};
}

// The text outside some spans (ascending), as spans.
std::vector<Span> without(Span whole, std::initializer_list<std::optional<Span>> holes) {
    std::vector<Span> rest;
    std::size_t at = whole.begin;
    for (const std::optional<Span>& hole : holes) {
        if (hole && hole->begin >= at && hole->end <= whole.end) {
            rest.push_back({at, hole->begin});
            at = hole->end;
        }
    }
    rest.push_back({at, whole.end});
    return rest;
}

class Reader {
public:
    Reader(std::string_view text, const ParseContext& context)
        : m_text(text), m_context(context), m_parts(walkCritique(text)) {}

    model::ParsedCritique read() {
        m_result.parser = kParserProtocol;
        m_result.usedEnd = m_parts.usedEnd;
        m_result.referenceAnalysis = clip(m_parts.reference);
        readSteps();
        readCorrection();
        readConclusion();
        readFirstError();
        nameProblems();
        return std::move(m_result);
    }

private:
    void add(std::string_view name) {
        if (std::find(m_problems.begin(), m_problems.end(), name) == m_problems.end()) {
            m_problems.push_back(name);
        }
    }

    [[nodiscard]] std::optional<Span> clip(const std::optional<Span>& span) const {
        if (!span) {
            return std::nullopt;
        }
        const Span inside = clipped(*span, m_parts.usedEnd);
        return inside.empty() ? std::nullopt : std::optional<Span>(inside);
    }

    [[nodiscard]] std::string_view value(Span span) const {
        return base::slice(m_text, clipped(span, m_parts.usedEnd));
    }

    [[nodiscard]] StepVerdict verdictOf(const StepPart& part) const {
        if (part.field) {
            return fieldVerdict(value(*part.field));
        }
        const Span body{part.body, part.span.end};
        return wordedStepVerdict(value(body), part.numbers);
    }

    // Texts list the steps twice when they first restate the solution: the run that judges most
    // wins, the later one on a tie.
    void chooseRun() {
        std::vector<std::size_t> stated;
        for (const StepPart& part : m_parts.steps) {
            const auto run = static_cast<std::size_t>(part.run);
            stated.resize(std::max(stated.size(), run + 1), 0);
            m_verdicts.push_back(verdictOf(part));
            // 2n + 1 for a run with n verdicts: an empty run never wins over one that has steps
            stated[run] =
                (stated[run] | 1U) + (m_verdicts.back() != StepVerdict::Unstated ? 2U : 0U);
        }
        std::size_t best = 0;
        for (std::size_t run = 0; run < stated.size(); ++run) {
            if (stated[run] >= stated[best]) {
                best = run;
            }
        }
        m_run = static_cast<int>(best);
    }

    // "1. …" lines are step critiques under a heading that says so, or when they go through the
    // steps of a known solution one by one and judge most of them.
    void useListItems() {
        std::vector<StepPart>& items = m_parts.listItems;
        bool consecutive = !items.empty();
        std::size_t stated = 0;
        for (std::size_t i = 0; i < items.size(); ++i) {
            consecutive = consecutive && items[i].numbers.front() == static_cast<int>(i) + 1;
            stated += verdictOf(items[i]) != StepVerdict::Unstated ? 1U : 0U;
        }
        const bool fits = !m_context.steps.empty() && items.size() <= m_context.steps.size() &&
                          stated * 2 > items.size();
        if (consecutive && (m_parts.stepsAnnounced || fits)) {
            m_parts.steps = std::move(items);
        }
    }

    [[nodiscard]] bool inRange(int index) const {
        return index >= 0 &&
               (m_context.steps.empty() ||
                index < static_cast<int>(std::min<std::size_t>(m_context.steps.size(), 1U << 30U)));
    }

    void readSteps() {
        if (m_parts.steps.empty()) {
            useListItems();
        }
        chooseRun();
        std::optional<SentenceMatcher> matcher; // only where steps are quoted, not numbered
        bool first = true;
        int ordinal = 0;
        int last = -1;
        for (std::size_t i = 0; i < m_parts.steps.size(); ++i) {
            const StepPart& part = m_parts.steps[i];
            if (part.run != m_run) {
                continue;
            }
            if (first) {
                m_zeroBased =
                    part.zeroBased || (!part.numbers.empty() && part.numbers.front() == 0);
                first = false;
            }
            if (part.numbers.empty()) {
                if (!matcher && !m_context.steps.empty()) {
                    matcher.emplace(m_context.solution, m_context.steps);
                }
                const int index =
                    matcher ? matcher->find(base::slice(m_text, part.quote)) : ordinal;
                if (index == kUnmatchedStep) {
                    add(problem::kStepNotMatched);
                }
                m_quoted = true;
                push(part, index, m_verdicts[i]);
                ++ordinal;
                continue;
            }
            for (const int number : part.numbers) {
                const int index = m_zeroBased || part.zeroBased ? number : number - 1;
                if (!inRange(index)) {
                    add(problem::kStepOutOfRange);
                    continue;
                }
                if (index <= last) {
                    add(problem::kStepsOutOfOrder);
                }
                last = index;
                push(part, index, m_verdicts[i]);
            }
        }
        if (m_result.steps.empty()) {
            add(problem::kNoSteps);
        }
    }

    void push(const StepPart& part, int index, StepVerdict verdict) {
        model::StepCritique step;
        step.index = index;
        step.verdict = verdict;
        step.span = clipped(part.span, m_parts.usedEnd);
        m_result.steps.push_back(step);
        m_hasField.push_back(part.field.has_value());
    }

    void readCorrection() {
        m_result.correction = clip(m_parts.correction);
        if (!m_result.correction) {
            return;
        }
        math::ExtractOptions options;
        options.lastResort = false; // the last number of a text is a guess
        if (const auto answer =
                math::extractAnswer(base::slice(m_text, *m_result.correction), options)) {
            m_result.correctionAnswer = answer->text;
        }
    }

    // One value for a list of judgements; both values are a conflict.
    void conclude(const std::vector<Conclusion>& said) {
        if (said.empty()) {
            return;
        }
        const bool same = std::all_of(said.begin(), said.end(),
                                      [&](Conclusion other) { return other == said.front(); });
        if (same) {
            m_result.conclusion = said.front();
        } else {
            add(problem::kConflictingConclusions);
        }
        m_concluded = true;
    }

    void readConclusion() {
        m_result.conclusionSpan = clip(m_parts.conclusion);
        std::vector<Conclusion> said;
        for (const Span field : m_parts.judgements) {
            const StepVerdict verdict = fieldVerdict(value(field));
            if (verdict != StepVerdict::Unstated) {
                said.push_back(verdict == StepVerdict::Correct ? Conclusion::Correct
                                                               : Conclusion::Incorrect);
            }
        }
        conclude(said);
        if (!m_concluded) {
            concludeFromSection();
        }
        if (!m_concluded) {
            concludeFromProse();
        }
    }

    void concludeFromSection() {
        const std::optional<Span> body = clip(m_parts.conclusionBody);
        if (!body) {
            return;
        }
        std::vector<Conclusion> said;
        for (const SolutionSentence& sentence : solutionSentences(m_text, *body)) {
            said.push_back(sentence.conclusion);
        }
        if (said.empty()) {
            // "Incorrect" alone, or "Correct." in front of other lines
            constexpr std::size_t kShort = 30;
            const std::string_view line =
                base::trimmed(base::slice(m_text, clipped(lineAt(m_text, body->begin), body->end)));
            const StepVerdict verdict =
                line.size() <= kShort ? fieldVerdict(line) : StepVerdict::Unstated;
            if (verdict != StepVerdict::Unstated) {
                said.push_back(verdict == StepVerdict::Correct ? Conclusion::Correct
                                                               : Conclusion::Incorrect);
            }
        }
        conclude(said);
    }

    // Sentences about the whole solution anywhere; those that draw a conclusion count more.
    void concludeFromProse() {
        std::vector<SolutionSentence> sentences;
        for (const Span part :
             without({0, m_parts.usedEnd}, {m_result.referenceAnalysis, m_result.correction})) {
            for (const SolutionSentence& sentence : solutionSentences(m_text, part)) {
                sentences.push_back(sentence);
            }
        }
        const bool concluding =
            std::any_of(sentences.begin(), sentences.end(),
                        [](const SolutionSentence& sentence) { return sentence.concluding; });
        std::vector<Conclusion> said;
        for (const SolutionSentence& sentence : sentences) {
            if (sentence.concluding == concluding) {
                said.push_back(sentence.conclusion);
                if (!m_parts.conclusion) {
                    m_result.conclusionSpan = sentence.span;
                }
            }
        }
        conclude(said);
        if (!m_result.conclusion && !m_parts.conclusion) {
            m_result.conclusionSpan.reset();
        }
    }

    void readFirstError() {
        std::vector<FirstErrorStatement> said;
        for (const Span field : m_parts.firstErrors) {
            if (const auto statement = firstErrorValue(value(field))) {
                said.push_back(*statement);
            }
        }
        if (said.empty() && m_parts.firstErrors.empty()) {
            const std::optional<Span> conclusion = clip(m_parts.conclusion);
            said = firstErrorSentences(m_text, conclusion ? *conclusion : Span{0, 0});
            if (said.empty()) {
                for (const Span part : without({0, m_parts.usedEnd},
                                               {m_result.referenceAnalysis, m_result.correction})) {
                    const auto more = firstErrorSentences(m_text, part);
                    said.insert(said.end(), more.begin(), more.end());
                }
            }
            if (said.empty() && m_zeroBased) {
                readBoxedParagraph(said);
            }
        }
        if (said.empty()) {
            if (m_parts.firstErrors.empty()) {
                deriveFirstError();
            }
            return;
        }
        for (const FirstErrorStatement& statement : said) {
            if (!(statement == said.back())) {
                add(problem::kSeveralFirstErrorSteps);
            }
        }
        const FirstErrorStatement& last = said.back();
        if (last.none) {
            m_result.firstErrorStep = model::kNoError;
            return;
        }
        const int index = last.zeroBased || m_zeroBased ? last.number : last.number - 1;
        if (inRange(index)) {
            m_result.firstErrorStep = index;
        } else {
            add(problem::kStepOutOfRange);
        }
    }

    // ProcessBench asks for the index of the first wrong paragraph in \boxed{}.
    void readBoxedParagraph(std::vector<FirstErrorStatement>& said) const {
        constexpr std::string_view kBox = "\\boxed{";
        const std::string_view used = m_text.substr(0, m_parts.usedEnd);
        const std::size_t at = used.rfind(kBox);
        const std::size_t close = at == std::string_view::npos ? at : used.find('}', at);
        if (close == std::string_view::npos) {
            return;
        }
        const std::string_view inside =
            base::trimmed(used.substr(at + kBox.size(), close - at - kBox.size()));
        std::size_t end = 0;
        if (inside == "-1") {
            said.push_back({true, 0, false});
        } else if (const auto number = readNumber(inside, end); number && end == inside.size()) {
            said.push_back({false, *number, true});
        }
    }

    // Where the steps carry verdict fields, the first "wrong" is a statement, not a guess: no step
    // before it may lack one. Numbered critiques must start at the first step; quoted ones go
    // through the solution by construction.
    void deriveFirstError() {
        for (std::size_t i = 0; i < m_result.steps.size(); ++i) {
            const model::StepCritique& step = m_result.steps[i];
            const bool gap = !m_quoted && step.index != static_cast<int>(i);
            if (!m_hasField[i] || gap || step.verdict == StepVerdict::Unstated) {
                return;
            }
            if (step.verdict == StepVerdict::Incorrect) {
                if (step.index != kUnmatchedStep) {
                    m_result.firstErrorStep = step.index;
                }
                return;
            }
        }
        if (!m_result.steps.empty() && m_result.conclusion == Conclusion::Correct) {
            m_result.firstErrorStep = model::kNoError;
        }
    }

    [[nodiscard]] bool breaksOff() const {
        if (m_parts.correctionOpen || m_parts.endsInHeading) {
            return true;
        }
        if (m_parts.conclusion || m_concluded || m_result.steps.empty()) {
            return false;
        }
        const char last = m_text[m_parts.usedEnd - 1];
        return isAlpha(last) || isDigit(last) || last == ',' || last == '=' || last == '(' ||
               last == '\\' || last == '{' || last == '-' || last == '+';
    }

    void nameProblems() {
        if (m_parts.usedEnd == 0) {
            add(problem::kEmpty);
        }
        if (m_text.find('\0') != std::string_view::npos || !base::isValidUtf8(m_text)) {
            add(problem::kInvalidText);
        }
        if (!m_result.conclusion) {
            add(problem::kNoConclusion);
        }
        if (!m_result.firstErrorStep) {
            add(problem::kNoFirstErrorStep);
        }
        if (m_result.conclusion && m_result.firstErrorStep &&
            (*m_result.conclusion == Conclusion::Correct) !=
                (*m_result.firstErrorStep == model::kNoError)) {
            add(problem::kConclusionContradictsStep);
        }
        if (!m_result.correction && m_result.conclusion != Conclusion::Correct) {
            add(problem::kNoCorrection);
        }
        if (m_result.correction && m_parts.correctionOpen) {
            add(problem::kCorrectionNotClosed);
        }
        if (m_result.correction && m_result.correctionAnswer.empty()) {
            add(problem::kNoCorrectionAnswer);
        }
        if (breaksOff()) {
            add(problem::kTruncated);
        }
        for (const std::string_view name : kProblemOrder) {
            if (std::find(m_problems.begin(), m_problems.end(), name) != m_problems.end()) {
                m_result.problems.emplace_back(name);
            }
        }
    }

    std::string_view m_text;
    const ParseContext& m_context;
    CritiqueParts m_parts;
    model::ParsedCritique m_result;
    std::vector<std::string_view> m_problems;
    std::vector<StepVerdict> m_verdicts; // of m_parts.steps
    int m_run = 0;
    bool m_zeroBased = false;
    bool m_quoted = false;
    std::vector<bool> m_hasField; // of m_result.steps
    bool m_concluded = false;     // some conclusion was stated, even if a conflicting one
};

} // namespace

model::ParsedCritique parseCritique(std::string_view text, const ParseContext& context) {
    return Reader(text, context).read();
}

} // namespace scrit::critique
