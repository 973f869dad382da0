// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/critique_segments.h"

#include <algorithm>
#include <utility>

namespace scrit::ui::models {

namespace {

// A first line that only names the part ("### Critique of Step 1", "**Step 2:**", "<paragraph_3>").
base::Span withoutHeading(std::string_view text, base::Span span) {
    const std::string_view part = base::slice(text, span);
    const std::size_t lineEnd = part.find('\n');
    constexpr std::size_t kLongestHeading = 80;
    if (lineEnd > kLongestHeading) { // npos, too
        return span;
    }
    const std::string_view line = base::trimmed(part.substr(0, lineEnd));
    const bool heading = line.substr(0, 1) == "#";
    const bool bold = line.size() > 4 && line.substr(0, 2) == "**" &&
                      line.find("**", 2) >= line.size() - 3 &&
                      line.find("**", 2) != std::string_view::npos;
    const bool tag = line.size() > 2 && line.front() == '<' && line.back() == '>';
    if (!heading && !bold && !tag) {
        return span;
    }
    return base::trimmed(text, {span.begin + lineEnd, span.end});
}

std::vector<CritiqueSegment> namedParts(const model::ParsedCritique& parsed) {
    std::vector<CritiqueSegment> parts;
    const auto add = [&parts](CritiqueSegment::Kind kind, base::Span span) -> CritiqueSegment& {
        CritiqueSegment segment;
        segment.kind = kind;
        segment.span = span;
        return parts.emplace_back(std::move(segment));
    };
    if (parsed.referenceAnalysis) {
        add(CritiqueSegment::Kind::ReferenceAnalysis, *parsed.referenceAnalysis);
    }
    for (const model::StepCritique& step : parsed.steps) {
        // "Steps 2 and 3" is one passage about two steps: one card.
        if (!parts.empty() && parts.back().kind == CritiqueSegment::Kind::Step &&
            parts.back().span == step.span) {
            parts.back().steps.push_back(step.index);
            continue;
        }
        CritiqueSegment& part = add(CritiqueSegment::Kind::Step, step.span);
        part.steps.push_back(step.index);
        part.verdict = step.verdict;
    }
    if (parsed.conclusionSpan) {
        add(CritiqueSegment::Kind::Conclusion, *parsed.conclusionSpan);
    }
    if (parsed.correction) {
        add(CritiqueSegment::Kind::Correction, *parsed.correction);
    }
    std::stable_sort(parts.begin(), parts.end(),
                     [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
    return parts;
}

// A gap that holds only a heading or correction markers would be an empty card with a title. "####
// 42" is no heading: it is how some data sets mark the final answer.
bool isOnlyMarker(std::string_view words) {
    constexpr std::string_view kAnswerMark = "#### ";
    if (words.starts_with(kAnswerMark) && words.size() > kAnswerMark.size() &&
        std::string_view("0123456789-$.\\").find(words[kAnswerMark.size()]) !=
            std::string_view::npos) {
        return false;
    }
    const bool oneLine = words.size() < 80 && words.find('\n') == std::string_view::npos;
    return (oneLine && (words.starts_with("===") || words.front() == '#')) ||
           (words.size() < 120 && words.front() == '#' && words.ends_with("==="));
}

} // namespace

std::vector<CritiqueSegment> segmentCritique(std::string_view text,
                                             const model::ParsedCritique& parsed) {
    std::vector<CritiqueSegment> segments;
    const std::size_t used =
        parsed.usedEnd == 0 ? text.size() : std::min(parsed.usedEnd, text.size());
    std::size_t position = 0;
    const auto addGap = [&](std::size_t end, CritiqueSegment::Kind kind) {
        if (end <= position) {
            return;
        }
        const base::Span span = base::trimmed(text, {position, end});
        if (!span.empty()) {
            CritiqueSegment gap;
            gap.kind = kind;
            gap.span = span;
            gap.body = span;
            segments.push_back(std::move(gap));
        }
        position = end;
    };
    for (CritiqueSegment& part : namedParts(parsed)) {
        const std::size_t begin = std::clamp(part.span.begin, position, used);
        const std::size_t end = std::clamp(part.span.end, begin, used);
        part.span = base::trimmed(text, {begin, end});
        if (part.span.empty()) {
            continue;
        }
        addGap(part.span.begin, CritiqueSegment::Kind::Other);
        part.body = withoutHeading(text, part.span);
        if (part.body.empty()) {
            part.body = part.span;
        }
        position = part.span.end;
        segments.push_back(std::move(part));
    }
    addGap(used, CritiqueSegment::Kind::Other);
    addGap(text.size(), CritiqueSegment::Kind::RunOn);
    std::vector<CritiqueSegment> kept;
    for (CritiqueSegment& segment : segments) {
        if (segment.kind != CritiqueSegment::Kind::Other ||
            !isOnlyMarker(base::slice(text, segment.span))) {
            kept.push_back(std::move(segment));
        }
    }
    return kept;
}

} // namespace scrit::ui::models
