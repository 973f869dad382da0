// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/target.h"

#include "core/critique/line_head.h"

#include <algorithm>

namespace scrit::critique {
namespace {

using base::Span;
using model::Conclusion;

constexpr std::string_view kStepsHeading = "## Critique of Student Solution Steps";
constexpr std::string_view kConclusionHeading = "## Conclusion of Critique";
constexpr std::string_view kCorrectionHeading = "## Correction of Student Solution";

std::size_t lineStart(std::string_view text, std::size_t at) {
    const std::size_t newline = text.substr(0, at).rfind('\n');
    return newline == std::string_view::npos ? 0 : newline + 1;
}

// A part begins with a heading line of these words (any level, any case, a colon behind).
bool hasHeading(std::string_view text, Span span, std::string_view label) {
    const LineHead head = readHead(text, lineAt(text, span.begin));
    return head.hashes > 0 && head.label == base::lowerAscii(label.substr(label.find(' ') + 1));
}

// The critique already is in the SCRIT form from some line on: a heading for the steps directly in
// front of the first one, "Critique of Step" headings, a headed conclusion and, where one is
// needed, a headed correction. Where the slice starts, or npos.
std::size_t targetStart(std::string_view text, const model::ParsedCritique& parsed) {
    constexpr std::size_t kNone = std::string_view::npos;
    const bool complete = parsed.conclusion && parsed.firstErrorStep && parsed.conclusionSpan &&
                          parsed.correction && !parsed.steps.empty();
    if (!complete || !hasHeading(text, *parsed.conclusionSpan, kConclusionHeading)) {
        return kNone;
    }
    for (const model::StepCritique& step : parsed.steps) {
        const LineHead head = readHead(text, lineAt(text, step.span.begin));
        const auto named = readStepHead(text, head.begin, lineAt(text, step.span.begin).end, head);
        if (!named || named->rank != StepRank::Critique) {
            return kNone;
        }
    }
    const std::size_t firstStep = parsed.steps.front().span.begin;
    const bool ordered = firstStep < parsed.conclusionSpan->begin &&
                         parsed.conclusionSpan->end <= parsed.correction->begin;
    const Span before = base::trimmed(text, {0, lineStart(text, firstStep)});
    const std::size_t heading = lineStart(text, before.end);
    const bool announced =
        !before.empty() && hasHeading(text, {heading, before.end}, kStepsHeading);
    const bool afterReference =
        !parsed.referenceAnalysis || parsed.referenceAnalysis->end <= heading;
    return ordered && announced && afterReference ? heading : kNone;
}

// The text of a step critique without its own heading.
std::string_view stepBody(std::string_view text, Span span) {
    const Span line = lineAt(text, span.begin);
    const LineHead head = readHead(text, line);
    const auto named = readStepHead(text, head.begin, line.end, head);
    const bool headed = named && named->rank != StepRank::Prose && named->body < span.end;
    return base::trimmed(base::slice(text, {headed ? named->body : span.begin, span.end}));
}

void append(std::string& out, std::string_view paragraph) {
    if (!out.empty()) {
        out += "\n\n";
    }
    out += paragraph;
}

// A critique of several steps at once has one entry per step with the same span and becomes one
// part; a quoted sentence that belongs to no known step has no number to stand under and is left
// out.
void appendSteps(std::string& out, std::string_view text,
                 const std::vector<model::StepCritique>& steps) {
    for (std::size_t i = 0; i < steps.size();) {
        std::size_t next = i + 1;
        while (next < steps.size() && steps[next].span == steps[i].span) {
            ++next;
        }
        if (steps[i].index >= 0) {
            if (out.empty()) {
                out = kStepsHeading;
            }
            std::string heading = "### Critique of Step " + std::to_string(steps[i].index + 1);
            if (next - i > 1) {
                heading.insert(heading.rfind(' '), "s");
                heading += "-" + std::to_string(steps[next - 1].index + 1);
            }
            append(out, heading + "\n" + std::string(stepBody(text, steps[i].span)));
        }
        i = next;
    }
}

std::string conclusionText(const model::ParsedCritique& parsed) {
    std::string out;
    if (parsed.conclusion) {
        out += *parsed.conclusion == Conclusion::Correct ? "The solution is Correct."
                                                         : "The solution is Incorrect.";
    }
    if (parsed.firstErrorStep) {
        const int written =
            *parsed.firstErrorStep == model::kNoError ? -1 : *parsed.firstErrorStep + 1;
        out += out.empty() ? "" : "\n";
        out += "The first error step number: " + std::to_string(written);
    }
    return out;
}

std::string correctionParagraph(const model::ParsedCritique& parsed, std::string_view correction) {
    if (parsed.conclusion == Conclusion::Correct) {
        return std::string(correction);
    }
    return "===CORRECTION_START===\n" + std::string(correction) + "\n===CORRECTION_END===";
}

} // namespace

std::string renderTarget(std::string_view text, const model::ParsedCritique& parsed,
                         std::string_view correctionText) {
    const std::size_t used = std::min(parsed.usedEnd, text.size());
    if (const std::size_t start = targetStart(text, parsed); start != std::string_view::npos) {
        return std::string(base::trimmed(base::slice(text, {std::min(start, used), used})));
    }
    std::string out;
    appendSteps(out, text, parsed.steps);
    if (const std::string conclusion = conclusionText(parsed); !conclusion.empty()) {
        append(out, std::string(kConclusionHeading) + "\n" + conclusion);
    }
    const std::string_view correction =
        parsed.correction ? base::slice(text, *parsed.correction) : base::trimmed(correctionText);
    if (!correction.empty()) {
        append(out,
               std::string(kCorrectionHeading) + "\n" + correctionParagraph(parsed, correction));
    }
    return out;
}

} // namespace scrit::critique
