// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/critique/critique_parser.h"
#include "core/critique/step_splitter.h"

#include <QByteArray>

#include <string>
#include <string_view>

// A parsed critique as one line of text, so that tests read as text in, text out.
namespace scrit::critique {

// "0:correct 1:incorrect | incorrect | 1 | [no-correction]"; "-" for what is absent, "?" for
// unmatched.
inline std::string summary(const model::ParsedCritique& parsed) {
    std::string out;
    for (const model::StepCritique& step : parsed.steps) {
        out += step.index == kUnmatchedStep ? "?" : std::to_string(step.index);
        out += ':';
        out += model::name(step.verdict);
        out += ' ';
    }
    out += "| ";
    out += parsed.conclusion ? std::string(model::name(*parsed.conclusion)) : "-";
    out += " | ";
    out += parsed.firstErrorStep ? std::to_string(*parsed.firstErrorStep) : "-";
    out += " | [";
    for (const std::string& name : parsed.problems) {
        out += (out.back() == '[' ? "" : ",") + name;
    }
    return out + "]";
}

// Empty when every span lies in the text, is not empty, and the parts are in order and disjoint;
// otherwise what is wrong.
inline std::string spanFault(const model::ParsedCritique& parsed, std::string_view text) {
    if (parsed.usedEnd > text.size()) {
        return "usedEnd beyond the text";
    }
    const auto bad = [&](const base::Span& span) {
        return span.begin >= span.end || span.end > parsed.usedEnd;
    };
    for (std::size_t i = 0; i < parsed.steps.size(); ++i) {
        const base::Span span = parsed.steps[i].span;
        if (bad(span)) {
            return "bad span of step entry " + std::to_string(i);
        }
        const bool shared = i > 0 && span == parsed.steps[i - 1].span;
        if (i > 0 && !shared && span.begin < parsed.steps[i - 1].span.end) {
            return "step entries " + std::to_string(i - 1) + " and " + std::to_string(i) +
                   " overlap";
        }
        if (parsed.steps[i].index < kUnmatchedStep) {
            return "bad step index";
        }
    }
    for (const auto& part : {parsed.referenceAnalysis, parsed.conclusionSpan, parsed.correction}) {
        if (part && bad(*part)) {
            return "bad span of a section";
        }
    }
    if (parsed.conclusion.has_value() && !parsed.conclusionSpan) {
        return "a conclusion without its place";
    }
    return {};
}

// Empty when the steps are trimmed, ordered, disjoint, not empty and nothing but white space (and
// paragraph tags) is outside.
inline std::string stepFault(const std::vector<base::Span>& steps, std::string_view text) {
    std::size_t at = 0;
    std::string outside;
    for (const base::Span& step : steps) {
        if (step.begin >= step.end || step.end > text.size() || step.begin < at) {
            return "steps empty, out of range or out of order";
        }
        if (!(base::trimmed(text, step) == step)) {
            return "a step is not trimmed";
        }
        outside += text.substr(at, step.begin - at);
        at = step.end;
    }
    outside += text.substr(at);
    for (std::size_t open = outside.find('<'); open != std::string::npos;
         open = outside.find('<')) {
        const std::size_t close = outside.find('>', open);
        if (close == std::string::npos || outside.find("paragraph_", open) > close) {
            break;
        }
        outside.erase(open, close + 1 - open);
    }
    return base::trimmed(outside).empty() ? std::string() : "text outside the steps: " + outside;
}

} // namespace scrit::critique

namespace scrit {

inline std::string_view viewOf(const QByteArray& bytes) {
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

inline QByteArray bytesOf(std::string_view text) {
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace scrit
