// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"

#include <string_view>
#include <vector>

namespace scrit::ui::models {

// One card of the critique column: a part of the critique's text.
struct CritiqueSegment {
    enum class Kind { ReferenceAnalysis, Step, Conclusion, Correction, Other, RunOn };
    Kind kind = Kind::Other;
    base::Span span; // into the critique's text
    base::Span body; // the same without a heading line that the card's own heading repeats
    std::vector<int>
        steps; // Step: the solution steps it talks about, 0-based, as the parser read them
    model::StepVerdict verdict = model::StepVerdict::Unstated;
};

// Cuts a critique into its parts, in order and without overlap; text between the parts that is more
// than white space is a segment of kind Other, so nothing that the model wrote is left out. Pure.
[[nodiscard]] std::vector<CritiqueSegment> segmentCritique(std::string_view text,
                                                           const model::ParsedCritique& parsed);

} // namespace scrit::ui::models
