// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/critique_events.h"

#include "core/critique/fences.h"

#include <algorithm>
#include <array>
#include <optional>

namespace scrit::critique {
namespace {

struct LabelRow {
    std::string_view label;
    EventKind kind;
};

constexpr std::array<LabelRow, 59> kLabels{{
    {"reference analysis", EventKind::ReferenceSection},
    {"reference solution analysis", EventKind::ReferenceSection},
    {"analysis of reference solution", EventKind::ReferenceSection},
    {"analysis of the reference solution", EventKind::ReferenceSection},
    {"analysis of reference", EventKind::ReferenceSection},
    {"critique of student solution steps", EventKind::StepsSection},
    {"critique of the student solution steps", EventKind::StepsSection},
    {"critique of student s solution steps", EventKind::StepsSection},
    {"critique of the student s solution steps", EventKind::StepsSection},
    {"critique of student solution", EventKind::StepsSection},
    {"critique of the student solution", EventKind::StepsSection},
    {"critique of the student s solution", EventKind::StepsSection},
    {"critique of solution steps", EventKind::StepsSection},
    {"critique of steps", EventKind::StepsSection},
    {"step critiques", EventKind::StepsSection},
    {"step by step evaluation", EventKind::StepsSection},
    {"step by step critique", EventKind::StepsSection},
    {"step by step analysis", EventKind::StepsSection},
    {"step by step review", EventKind::StepsSection},
    {"step wise critique", EventKind::StepsSection},
    {"stepwise critique", EventKind::StepsSection},
    {"step wise evaluation", EventKind::StepsSection},
    {"conclusion of critique", EventKind::ConclusionSection},
    {"conclusion of the critique", EventKind::ConclusionSection},
    {"conclusion", EventKind::ConclusionSection},
    {"conclusions", EventKind::ConclusionSection},
    {"final conclusion", EventKind::ConclusionSection},
    {"overall conclusion", EventKind::ConclusionSection},
    {"overall assessment", EventKind::ConclusionSection},
    {"final assessment", EventKind::ConclusionSection},
    {"final judgement", EventKind::JudgementField},
    {"final judgment", EventKind::JudgementField},
    {"final verdict", EventKind::JudgementField},
    {"overall judgement", EventKind::JudgementField},
    {"overall judgment", EventKind::JudgementField},
    {"overall verdict", EventKind::JudgementField},
    {"correctness of the final answer", EventKind::JudgementField},
    {"correctness of final answer", EventKind::JudgementField},
    {"correctness of the solution", EventKind::JudgementField},
    {"solution correctness", EventKind::JudgementField},
    {"error analysis", EventKind::ErrorAnalysis},
    {"correction of student solution", EventKind::CorrectionSection},
    {"correction of the student solution", EventKind::CorrectionSection},
    {"correction of student s solution", EventKind::CorrectionSection},
    {"correction of the student s solution", EventKind::CorrectionSection},
    {"correction of solution", EventKind::CorrectionSection},
    {"correction of the solution", EventKind::CorrectionSection},
    {"correction", EventKind::CorrectionSection},
    {"corrected solution", EventKind::CorrectionSection},
    {"corrected student solution", EventKind::CorrectionSection},
    {"step sentence", EventKind::QuotedStep},
    {"correctness of the step", EventKind::StepField},
    {"correctness of this step", EventKind::StepField},
    {"correctness of step", EventKind::StepField},
    {"correctness", EventKind::StepField},
    {"step correctness", EventKind::StepField},
    {"judgement", EventKind::StepField},
    {"judgment", EventKind::StepField},
    {"verdict", EventKind::StepField},
}};

std::optional<EventKind> labelKind(std::string_view label) {
    for (const LabelRow& row : kLabels) {
        if (row.label == label) {
            return row.kind;
        }
    }
    return std::nullopt;
}

// "First Error Step", "the first incorrect step number", "first error step number is -1" …
bool isFirstErrorLabel(std::string_view label) {
    constexpr std::string_view kThe = "the ";
    if (label.substr(0, kThe.size()) == kThe) {
        label.remove_prefix(kThe.size());
    }
    for (const std::string_view start :
         {"first error step", "first incorrect step", "first wrong step", "first erroneous step",
          "first step with an error", "first error location", "index of the first error",
          "first error paragraph", "first error"}) {
        if (label.substr(0, start.size()) != start) {
            continue;
        }
        const std::string_view rest = label.substr(start.size());
        for (const std::string_view tail : {"", " number", " index", " no", " step", " is",
                                            " number is", " id", " step number"}) {
            if (rest == tail) {
                return true;
            }
        }
    }
    return false;
}

// ===CORRECTION_START=== and looser forms; position of the first '=' and the byte behind the last
// one.
struct Marker {
    EventKind kind;
    std::size_t begin;
    std::size_t end;
};

std::optional<Marker> correctionMarker(std::string_view text, std::size_t from,
                                       std::size_t lineEnd) {
    for (std::size_t at = from; at + 2 < lineEnd;) {
        at = text.substr(0, lineEnd).find("==", at);
        if (at == std::string_view::npos) {
            return std::nullopt;
        }
        const std::size_t begin = at;
        while (at < lineEnd && (text[at] == '=' || text[at] == ' ' || text[at] == '*')) {
            ++at;
        }
        if (!matchesNoCase(text, at, "correction")) {
            continue;
        }
        std::size_t word = at + 10;
        while (word < lineEnd && (text[word] == '_' || text[word] == ' ' || text[word] == '-')) {
            ++word;
        }
        const bool start = matchesNoCase(text, word, "start");
        if (!start && !matchesNoCase(text, word, "end")) {
            continue;
        }
        std::size_t end = word + (start ? 5 : 3);
        while (end < lineEnd && (text[end] == ' ' || text[end] == '=' || text[end] == '*')) {
            ++end;
        }
        std::size_t open = begin;
        while (open > from && text[open - 1] == '*') {
            --open;
        }
        return Marker{start ? EventKind::CorrectionStart : EventKind::CorrectionEnd, open,
                      std::min(end, lineEnd)};
    }
    return std::nullopt;
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : m_text(text), m_fences(text) {}

    std::vector<Event> run() {
        for (std::size_t at = 0; at < m_text.size();) {
            const base::Span line = lineAt(m_text, at);
            scanLine(line);
            at = nextLine(m_text, line);
        }
        return std::move(m_events);
    }

private:
    void scanLine(base::Span line) {
        if (line.empty()) {
            return;
        }
        const bool code = m_fences.isCode(line.begin);
        const LineHead head = readHead(m_text, line);
        const RunOnMark mark = runOnMark(m_text, line, head);
        if (mark.sign != RunOnSign::None && !code) {
            Event event = at(EventKind::RunOn, mark.at, mark.at, line.end);
            event.sign = mark.sign;
            if (const base::Span before{line.begin, mark.at};
                mark.sign == RunOnSign::Template && !before.empty()) {
                scanHead(before, readHead(m_text, before)); // the token may end a meaningful line
            }
            m_events.push_back(event);
            if (mark.sign == RunOnSign::Template) {
                return;
            }
        }
        for (auto marker = correctionMarker(m_text, line.begin, line.end); marker;
             marker = correctionMarker(m_text, marker->end, line.end)) {
            m_events.push_back(at(marker->kind, marker->begin, marker->end, line.end));
        }
        if (!code) {
            scanHead(line, head);
        }
    }

    void scanHead(base::Span line, LineHead head) {
        base::Span rest = line;
        // "Evaluation: Step 1 is right" has a section and a step; each round eats one label.
        for (int round = 0; round < 3; ++round) {
            const std::size_t begin = round == 0 ? line.begin : rest.begin;
            const auto kind = sectionKind(head);
            if (!kind) {
                break;
            }
            m_events.push_back(at(*kind, begin, head.value, line.end));
            m_announced =
                *kind == EventKind::StepsSection || (m_announced && *kind == EventKind::StepField);
            m_lastNumber = *kind == EventKind::StepsSection ? 0 : m_lastNumber;
            if (*kind != EventKind::StepsSection || head.value >= line.end) {
                return;
            }
            rest = {head.value, line.end};
            head = readHead(m_text, rest);
        }
        if (auto step = readStepHead(m_text, head.begin, line.end, head)) {
            const std::size_t body = step->body;
            pushStep(std::move(*step), rest.begin, line.end);
            pushInlineSteps(body, line.end, head.bold);
        } else if (head.listNumber) {
            Event item = at(EventKind::ListItem, rest.begin, head.begin, line.end);
            item.number = *head.listNumber;
            item.indent = head.indent;
            m_events.push_back(item);
        } else if (head.hashes > 0) {
            m_events.push_back(at(EventKind::OtherHeading, line.begin, head.value, line.end));
        } else if (m_announced) {
            pushInlineSteps(head.begin, line.end, head.bold);
        }
    }

    [[nodiscard]] static std::optional<EventKind> sectionKind(const LineHead& head) {
        if (isFirstErrorLabel(head.label) && (head.headingLike() || head.hashes > 0 ||
                                              head.label.find(" number") != std::string::npos)) {
            return EventKind::FirstErrorField;
        }
        const auto kind = labelKind(head.label);
        // "correctness" and the like are fields: they need a colon. "Conclusion" may stand alone.
        const bool field = kind == EventKind::StepField || kind == EventKind::QuotedStep ||
                           kind == EventKind::JudgementField || kind == EventKind::ErrorAnalysis;
        if (kind && (head.colon || (head.whole && (!field || head.hashes > 0 || head.bold)))) {
            return kind;
        }
        // "**Correctness of Step 3**: …"
        constexpr std::string_view kOfStep = "correctness of step ";
        if (head.colon && head.label.substr(0, kOfStep.size()) == kOfStep) {
            return EventKind::StepField;
        }
        return std::nullopt;
    }

    void pushStep(StepHead step, std::size_t begin, std::size_t lineEnd) {
        Event event = at(EventKind::Step, begin, step.body, lineEnd);
        m_lastNumber = step.numbers.back();
        event.step = std::move(step);
        m_events.push_back(std::move(event));
    }

    // "Step 1 is right. In step 2 the student errs." on one line: a sentence about the next number
    // starts a step; where steps were announced, a sentence about any later number does.
    void pushInlineSteps(std::size_t at, std::size_t lineEnd, bool bold) {
        const std::string_view line = m_text.substr(0, lineEnd);
        while (at < lineEnd) {
            at = line.find("tep", at);
            if (at == std::string_view::npos) {
                return;
            }
            const std::size_t begin = sentenceStart(at > 0 ? at - 1 : 0);
            LineHead plain;
            plain.bold = bold;
            auto step = begin < at ? readStepHead(m_text, begin, lineEnd, plain) : std::nullopt;
            const int number = step ? step->numbers.front() : 0;
            if (step && (number == m_lastNumber + 1 || (m_announced && number > m_lastNumber))) {
                const std::size_t body = step->body;
                pushStep(std::move(*step), begin, lineEnd);
                at = body;
            } else {
                at += 3;
            }
        }
    }

    // Where the sentence starts whose first words are "Step" at `at`, "In step", "However, in the
    // step" …; `at` + 1 when the word stands inside a sentence.
    [[nodiscard]] std::size_t sentenceStart(std::size_t at) const {
        constexpr std::size_t kLongestLead = 24;
        std::size_t words = at;
        const std::size_t stop = at > kLongestLead ? at - kLongestLead : 0;
        while (words > stop) {
            const char before = m_text[words - 1];
            if (before == '.' || before == ';' || before == '!' || before == '\n') {
                while (words < at && (m_text[words] == ' ' || m_text[words] == '*')) {
                    ++words;
                }
                return words > 0 && (m_text[words - 1] == ' ' || m_text[words - 1] == '*') ? words
                                                                                           : at + 1;
            }
            --words;
        }
        return at + 1;
    }

    [[nodiscard]] static Event at(EventKind kind, std::size_t begin, std::size_t value,
                                  std::size_t lineEnd) {
        Event event;
        event.kind = kind;
        event.begin = begin;
        event.value = std::min(value, lineEnd);
        event.lineEnd = lineEnd;
        return event;
    }

    std::string_view m_text;
    CodeFences m_fences;
    std::vector<Event> m_events;
    int m_lastNumber = 0;
    bool m_announced = false; // a heading said that steps are criticised from here
};

} // namespace

std::vector<Event> scanEvents(std::string_view text) {
    return Scanner(text).run();
}

} // namespace scrit::critique
