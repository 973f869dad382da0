// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/target.h"

#include "core/critique/line_head.h"

#include <algorithm>
#include <utility>
#include <vector>

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

// What is said about one step, or about several steps at once: step i (0-based) up to `last`.
struct TargetPart {
    int first = 0;
    int last = 0;
    std::vector<Span> spans;
};

struct TargetParts {
    std::vector<TargetPart> parts; // in the order of the steps
    TargetEdits edits;
};

// The prompt asks for one critique a step, in order, up to the first error: parts of one step come
// together, and what goes on behind the first error is left out. Entries with one span are a
// critique of several steps at once; a quoted sentence that belongs to no known step has no number
// to stand under and is left out.
TargetParts partsOf(const model::ParsedCritique& parsed) {
    const std::vector<model::StepCritique>& steps = parsed.steps;
    const bool stops = parsed.firstErrorStep && *parsed.firstErrorStep != model::kNoError;
    TargetParts out;
    std::vector<TargetPart> all;
    for (std::size_t i = 0; i < steps.size();) {
        std::size_t next = i + 1;
        while (next < steps.size() && steps[next].span == steps[i].span) {
            ++next;
        }
        TargetPart part{steps[i].index, steps[next - 1].index, {steps[i].span}};
        i = next;
        if (part.first < 0) {
            continue;
        }
        if (stops && part.first > *parsed.firstErrorStep) {
            ++out.edits.leftOut;
            continue;
        }
        all.push_back(std::move(part));
    }
    const auto key = [](const TargetPart& part) {
        return std::pair(part.first, part.last);
    };
    const auto before = [&](const TargetPart& a, const TargetPart& b) {
        return key(a) < key(b);
    };
    out.edits.reordered = !std::is_sorted(all.begin(), all.end(), before);
    std::stable_sort(all.begin(), all.end(), before);
    for (TargetPart& part : all) {
        if (out.parts.empty() || key(out.parts.back()) != key(part)) {
            out.parts.push_back(std::move(part));
        } else {
            out.parts.back().spans.push_back(part.spans.front());
            ++out.edits.joined;
        }
    }
    return out;
}

// The critique already is in the SCRIT form from some line on: a heading for the steps directly in
// front of the first one, "Critique of Step" headings, one for each step and none behind the first
// error, a headed conclusion and, where one is needed, a headed correction. Where the slice starts,
// or npos.
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
    if (const TargetEdits edits = partsOf(parsed).edits;
        edits.joined > 0 || edits.leftOut > 0 || edits.reordered) {
        return kNone;
    }
    // What stands between the steps was not read as one: a second listing of them, say.
    std::size_t end = parsed.steps.front().span.end;
    const auto follows = [&](Span next) {
        const bool blank = base::trimmed(text, {std::min(end, next.begin), next.begin}).empty();
        end = next.end;
        return blank;
    };
    const bool whole = std::all_of(parsed.steps.begin(), parsed.steps.end(),
                                   [&](const auto& step) { return follows(step.span); }) &&
                       follows(*parsed.conclusionSpan);
    if (!whole) {
        return kNone;
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

void appendSteps(std::string& out, std::string_view text, const std::vector<TargetPart>& parts) {
    for (const TargetPart& part : parts) {
        if (out.empty()) {
            out = kStepsHeading;
        }
        std::string paragraph = "### Critique of Step " + std::to_string(part.first + 1);
        if (part.last != part.first) {
            paragraph.insert(paragraph.rfind(' '), "s");
            paragraph += "-" + std::to_string(part.last + 1);
        }
        for (const Span span : part.spans) {
            const std::string_view body = stepBody(text, span);
            paragraph.append(span == part.spans.front() ? "\n" : "\n\n").append(body);
        }
        append(out, paragraph);
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

TargetEdits targetEdits(const model::ParsedCritique& parsed) {
    return partsOf(parsed).edits;
}

std::string renderTarget(std::string_view text, const model::ParsedCritique& parsed,
                         std::string_view correctionText) {
    const std::size_t used = std::min(parsed.usedEnd, text.size());
    if (const std::size_t start = targetStart(text, parsed); start != std::string_view::npos) {
        return std::string(base::trimmed(base::slice(text, {std::min(start, used), used})));
    }
    std::string out;
    appendSteps(out, text, partsOf(parsed).parts);
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
