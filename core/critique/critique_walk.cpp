// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/critique_walk.h"

#include "core/critique/verdict_words.h"

#include <algorithm>

namespace scrit::critique {
namespace {

enum class Zone { Start, Steps, Reference, Conclusion, Correction, Marked };

int hashesAt(std::string_view text, std::size_t at) {
    constexpr std::size_t kMaxIndent = 100;
    const std::size_t last = at + kMaxIndent;
    while (at < text.size() && at < last && (text[at] == ' ' || text[at] == '>')) {
        ++at;
    }
    int count = 0;
    while (at < text.size() && text[at] == '#') {
        ++at;
        ++count;
    }
    return count;
}

class Walker {
public:
    explicit Walker(std::string_view text) : m_text(text), m_cut(text.size()) {}

    CritiqueParts run() {
        const std::vector<Event> events = scanEvents(m_text);
        for (const Event& event : events) {
            const bool heading = hashesAt(m_text, event.begin) > 0;
            m_headedConclusion =
                m_headedConclusion || (heading && event.kind == EventKind::ConclusionSection);
            m_critiqueHeadings = m_critiqueHeadings || (event.kind == EventKind::Step &&
                                                        event.step.rank == StepRank::Critique);
        }
        for (const Event& event : events) {
            take(event);
            if (m_done) {
                break;
            }
        }
        m_cut = base::trimmed(m_text, {0, m_cut}).end;
        closeAll(m_cut);
        m_parts.usedEnd = m_cut;
        m_parts.correctionOpen = m_zone == Zone::Marked;
        m_parts.endsInHeading = endsInHeading();
        return std::move(m_parts);
    }

private:
    [[nodiscard]] bool concluded() const {
        return !m_parts.judgements.empty() || !m_parts.firstErrors.empty() ||
               m_parts.conclusion.has_value() || m_conclusionBegin.has_value();
    }

    void cut(std::size_t at) {
        m_cut = at;
        m_done = true;
    }

    void take(const Event& event) {
        switch (event.kind) {
        case EventKind::RunOn:
            takeRunOn(event);
            break;
        case EventKind::StepsSection:
            takeStepsSection(event);
            break;
        case EventKind::ReferenceSection:
            takeReference(event);
            break;
        case EventKind::ConclusionSection:
        case EventKind::JudgementField:
            takeConclusion(event);
            break;
        case EventKind::FirstErrorField:
            takeFirstError(event);
            break;
        case EventKind::ErrorAnalysis:
            takeErrorAnalysis(event);
            break;
        case EventKind::CorrectionSection:
            takeCorrectionSection(event);
            break;
        case EventKind::CorrectionStart:
        case EventKind::CorrectionEnd:
            takeMarker(event);
            break;
        case EventKind::Step:
            takeStep(event);
            break;
        case EventKind::QuotedStep:
            takeQuotedStep(event);
            break;
        case EventKind::StepField:
            takeStepField(event);
            break;
        case EventKind::ListItem:
            takeListItem(event);
            break;
        case EventKind::OtherHeading:
            takeHeading(event);
            break;
        }
    }

    void takeRunOn(const Event& event) {
        constexpr std::size_t kPreamble = 40; // "<|im_start|>assistant" and the like may come first
        switch (event.sign) {
        case RunOnSign::Template:
            if (base::trimmed(m_text, {0, event.begin}).size() > kPreamble || concluded() ||
                !m_parts.steps.empty()) {
                cut(event.begin);
            }
            break;
        case RunOnSign::NewTask:
            if (m_zone != Zone::Marked && concluded()) {
                cut(event.begin);
            }
            break;
        case RunOnSign::Residue:
            if (m_zone == Zone::Conclusion && m_errorAnalysis) {
                cut(event.begin);
            }
            break;
        case RunOnSign::None:
            break;
        }
    }

    void takeStepsSection(const Event& event) {
        if (m_zone == Zone::Marked) {
            return;
        }
        if (concluded() && (!m_parts.steps.empty() || m_errorAnalysis || m_corrected)) {
            cut(event.begin); // the critique starts again
            return;
        }
        closeAll(event.begin);
        m_zone = Zone::Steps;
        m_parts.stepsAnnounced = true;
        newRun();
    }

    void takeReference(const Event& event) {
        if (m_zone == Zone::Marked) {
            return;
        }
        if (concluded()) {
            cut(event.begin);
        } else if (m_parts.steps.empty() && !m_parts.reference) {
            closeAll(event.begin);
            m_zone = Zone::Reference;
            m_referenceBegin = event.begin;
        }
    }

    void takeConclusion(const Event& event) {
        const bool section = event.kind == EventKind::ConclusionSection;
        const bool heading = hashesAt(m_text, event.begin) > 0;
        if (m_zone == Zone::Marked || (section && m_headedConclusion && !heading) ||
            (m_zone == Zone::Correction && !heading && !concluded())) {
            return;
        }
        if (m_corrected && concluded()) {
            cut(event.begin);
            return;
        }
        if (!section && m_errorAnalysis) {
            cut(event.begin); // a second round of the same fields
            return;
        }
        if (m_zone == Zone::Correction && concluded()) {
            cut(event.begin);
            return;
        }
        if (m_zone == Zone::Reference && !heading && section) {
            return;
        }
        openConclusion(event.begin);
        if (section) {
            m_bodyBegin = m_bodyBegin ? m_bodyBegin : std::optional<std::size_t>(event.value);
        } else {
            m_parts.judgements.push_back(valueOf(event));
        }
    }

    void takeFirstError(const Event& event) {
        if (m_zone == Zone::Marked || m_zone == Zone::Correction) {
            return;
        }
        if (m_errorAnalysis) {
            cut(event.begin);
            return;
        }
        openConclusion(event.begin);
        m_parts.firstErrors.push_back(valueOf(event));
    }

    void takeErrorAnalysis(const Event& event) {
        if (m_zone == Zone::Marked || m_zone == Zone::Correction || m_zone == Zone::Reference) {
            return;
        }
        if (m_errorAnalysis) {
            cut(event.begin);
            return;
        }
        openConclusion(event.begin);
        m_errorAnalysis = true;
    }

    void takeCorrectionSection(const Event& event) {
        const bool heading = hashesAt(m_text, event.begin) > 0;
        const bool nested = m_zone == Zone::Correction || m_zone == Zone::Marked;
        // "Correction: the sum is 36" inside a step critique is a remark, not the section.
        if (nested || (!heading && !concluded()) || (m_zone == Zone::Reference && !heading)) {
            return;
        }
        if (m_corrected) {
            cut(event.begin);
            return;
        }
        closeAll(event.begin);
        m_zone = Zone::Correction;
        m_correctionBegin = event.value;
    }

    void takeMarker(const Event& event) {
        if (event.kind == EventKind::CorrectionStart) {
            if (m_zone == Zone::Marked) {
                return;
            }
            if (m_corrected) {
                cut(event.begin);
                return;
            }
            closeAll(event.begin);
            m_parts.correction.reset(); // an introduction before the marker is not the correction
            m_zone = Zone::Marked;
            m_correctionBegin = event.value;
            return;
        }
        if (m_zone != Zone::Marked && m_zone != Zone::Correction) {
            return;
        }
        closeAll(event.begin);
        m_zone = Zone::Start;
        m_corrected = true;
        if (concluded()) {
            cut(event.value);
        }
    }

    void takeStep(const Event& event) {
        const StepHead& step = event.step;
        const bool restart = step.rank != StepRank::Prose && step.numbers.front() <= 1;
        switch (m_zone) {
        case Zone::Marked:
            return;
        case Zone::Correction:
            if (step.rank == StepRank::Critique && concluded()) {
                cut(event.begin);
            }
            return;
        case Zone::Reference:
            if (step.rank != StepRank::Critique) {
                return;
            }
            break;
        case Zone::Conclusion:
            if (!m_parts.steps.empty()) {
                if (m_errorAnalysis && restart) {
                    cut(event.begin);
                }
                return;
            }
            if (m_errorAnalysis || step.rank == StepRank::Prose) {
                return;
            }
            break; // the verdict came first, the steps follow
        case Zone::Start:
        case Zone::Steps:
            break;
        }
        if (m_critiqueHeadings && step.rank != StepRank::Critique) {
            return; // quoted inside a step critique
        }
        const bool back = m_runNumber && step.numbers.front() <= *m_runNumber;
        if (step.rank == StepRank::Prose && back) {
            return; // a sentence that looks back at an earlier step
        }
        closeAll(event.begin);
        if (back && restart) {
            newRun();
        }
        m_zone = Zone::Steps;
        StepPart part;
        part.numbers = step.numbers;
        part.zeroBased = step.zeroBased;
        part.span = {event.begin, event.begin};
        part.body = event.value;
        part.run = m_run;
        m_runNumber = step.numbers.back();
        m_parts.steps.push_back(std::move(part));
        m_stepOpen = true;
    }

    void takeQuotedStep(const Event& event) {
        // Under "Critique of Step k" the quotation is a part of that step's text.
        if (m_zone == Zone::Marked || m_zone == Zone::Correction || m_critiqueHeadings) {
            return;
        }
        if (concluded()) {
            cut(event.begin);
            return;
        }
        closeAll(event.begin);
        m_zone = Zone::Steps;
        StepPart part;
        part.span = {event.begin, event.begin};
        part.body = event.value;
        part.quote = {event.value, event.value};
        part.run = m_run;
        m_parts.steps.push_back(std::move(part));
        m_stepOpen = true;
        m_quoteOpen = true;
    }

    void takeStepField(const Event& event) {
        if (m_zone == Zone::Marked || m_zone == Zone::Correction || m_zone == Zone::Reference) {
            return;
        }
        const base::Span value = valueOf(event);
        if (!m_stepOpen) {
            takeConclusion(event);
            return;
        }
        StepPart& open = m_parts.steps.back();
        const std::size_t count = m_parts.steps.size();
        const StepPart* previous = count > 1 ? &m_parts.steps[count - 2] : nullptr;
        // "Verdict: wrong" behind steps that have no verdict lines of their own is the conclusion.
        const bool overall =
            open.numbers.empty()
                ? false
                : (previous != nullptr && previous->run == open.run && !previous->field) ||
                      !solutionSentences(m_text, value).empty();
        if (overall) {
            takeConclusion(event);
            return;
        }
        if (m_quoteOpen) {
            open.quote = base::trimmed(m_text, {open.quote.begin, event.begin});
            m_quoteOpen = false;
        }
        if (!open.field) {
            open.field = value;
        }
    }

    void takeListItem(const Event& event) {
        if (m_zone != Zone::Steps && m_zone != Zone::Start) {
            return;
        }
        if (m_itemOpen && event.indent > m_itemIndent) {
            return;
        }
        closeItem(event.begin);
        StepPart part;
        part.numbers = {event.number};
        part.span = {event.begin, event.begin};
        part.body = event.value;
        m_parts.listItems.push_back(std::move(part));
        m_itemOpen = true;
        m_itemIndent = event.indent;
    }

    void takeHeading(const Event& event) {
        if (m_zone == Zone::Conclusion && m_errorAnalysis) {
            cut(event.begin);
            return;
        }
        if (m_zone != Zone::Steps) {
            return;
        }
        closeItem(event.begin);
        if (m_stepOpen) {
            const int own = hashesAt(m_text, m_parts.steps.back().span.begin);
            if (own == 0 || hashesAt(m_text, event.begin) <= own) {
                closeStep(event.begin);
            }
        }
    }

    void newRun() {
        ++m_run;
        m_runNumber.reset();
    }

    void openConclusion(std::size_t at) {
        if (m_zone != Zone::Conclusion) {
            closeAll(at);
            m_zone = Zone::Conclusion;
        }
        if (!m_conclusionBegin && !m_parts.conclusion) {
            m_conclusionBegin = at;
        }
    }

    // The rest of the line, or the next line with text when the field stands alone.
    [[nodiscard]] base::Span valueOf(const Event& event) const {
        base::Span value = base::trimmed(m_text, {event.value, event.lineEnd});
        std::size_t at = event.lineEnd;
        for (int skipped = 0; value.empty() && skipped < 3 && at < m_text.size(); ++skipped) {
            const base::Span line = lineAt(m_text, nextLine(m_text, {at, at}));
            if (!readHead(m_text, line).colon) {
                value = base::trimmed(m_text, line);
            }
            at = line.end;
        }
        return value;
    }

    void closeStep(std::size_t at) {
        if (m_stepOpen) {
            StepPart& step = m_parts.steps.back();
            step.span = base::trimmed(m_text, {step.span.begin, at});
            step.body = std::min(step.body, step.span.end);
            if (m_quoteOpen) {
                step.quote = base::trimmed(m_text, {step.body, step.span.end});
            }
        }
        m_stepOpen = false;
        m_quoteOpen = false;
    }

    void closeItem(std::size_t at) {
        if (m_itemOpen) {
            StepPart& item = m_parts.listItems.back();
            item.span = base::trimmed(m_text, {item.span.begin, at});
            item.body = std::min(item.body, item.span.end);
        }
        m_itemOpen = false;
    }

    void closeAll(std::size_t at) {
        closeStep(at);
        closeItem(at);
        if (m_referenceBegin) {
            m_parts.reference = base::trimmed(m_text, {*m_referenceBegin, at});
            m_referenceBegin.reset();
        }
        if (m_conclusionBegin) {
            m_parts.conclusion = base::trimmed(m_text, {*m_conclusionBegin, at});
            m_conclusionBegin.reset();
            if (m_bodyBegin) {
                m_parts.conclusionBody = base::trimmed(m_text, {std::min(*m_bodyBegin, at), at});
            }
        }
        if (m_correctionBegin) {
            const base::Span span = base::trimmed(m_text, {std::min(*m_correctionBegin, at), at});
            if (!span.empty()) {
                m_parts.correction = span;
            }
            m_correctionBegin.reset();
        }
    }

    [[nodiscard]] bool endsInHeading() const {
        const std::size_t newline = m_text.substr(0, m_cut).rfind('\n');
        const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
        return begin > 0 && hashesAt(m_text, begin) > 0;
    }

    std::string_view m_text;
    std::size_t m_cut;
    bool m_done = false;
    CritiqueParts m_parts;
    Zone m_zone = Zone::Start;
    bool m_headedConclusion = false;
    bool m_critiqueHeadings = false;
    bool m_errorAnalysis = false;
    bool m_corrected = false; // a correction was closed
    bool m_stepOpen = false;
    bool m_quoteOpen = false;
    bool m_itemOpen = false;
    int m_itemIndent = 0;
    int m_run = 0;
    std::optional<int> m_runNumber; // last step number of this run
    std::optional<std::size_t> m_referenceBegin;
    std::optional<std::size_t> m_conclusionBegin;
    std::optional<std::size_t> m_bodyBegin;
    std::optional<std::size_t> m_correctionBegin;
};

} // namespace

CritiqueParts walkCritique(std::string_view text) {
    return Walker(text).run();
}

} // namespace scrit::critique
