// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "core/critique/critique_events.h"
#include "core/model/names.h"

#include <optional>
#include <string_view>
#include <vector>

// Second pass over a critique: events become parts with a begin and an end. Internal to
// core/critique.
namespace scrit::critique {

// A candidate for the critique of one or more steps.
struct StepPart {
    std::vector<int> numbers; // as written; empty for a quoted step
    bool zeroBased = false;
    base::Span span;
    std::size_t body = 0;            // where the text after the heading starts
    base::Span quote;                // the quoted sentence of a quoted step
    std::optional<base::Span> field; // value of its "Correctness" / "Judgement" field
    int run = 0; // texts may list the steps twice (first restated, then judged): one run each
};

struct CritiqueParts {
    std::vector<StepPart> steps;
    std::vector<StepPart> listItems; // "1. …" lines; critiques of steps only where the text says so
    bool stepsAnnounced = false;     // a heading said that steps are criticised from here
    std::optional<base::Span> reference;
    std::optional<base::Span> conclusion;     // with its heading
    std::optional<base::Span> conclusionBody; // of a conclusion section
    std::vector<base::Span> judgements;       // values of judgement fields
    std::vector<base::Span> firstErrors;      // values of first-error fields
    std::optional<base::Span> correction;
    bool correctionOpen = false; // ===CORRECTION_START=== was not closed
    bool endsInHeading = false;  // the last line is a heading with nothing behind it
    std::size_t usedEnd = 0;
};

[[nodiscard]] CritiqueParts walkCritique(std::string_view text);

} // namespace scrit::critique
