// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_record.h"

#include <QMetaType>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

// Two critiques of one solution, part by part. Pure functions, any thread.
namespace scrit::ui::models {

// A part that both critiques have, or only one of them.
struct ComparedPart {
    std::optional<std::size_t> left; // index of a segment
    std::optional<std::size_t> right;
    bool same = false;                  // the same words in both
    std::vector<base::Span> leftMarks;  // words that differ, into the left text
    std::vector<base::Span> rightMarks; // and into the right one
};

// The parts in the order of the left critique, what only the right one has where it stands there.
// Step critiques meet when they are about the same step (the first one, of a passage about
// several), other parts when they are of the same kind. Bounded: about 16 million comparisons of
// words in all, beyond which a part counts as rewritten as a whole.
[[nodiscard]] std::vector<ComparedPart> compareCritiques(std::string_view leftText,
                                                         const std::vector<CritiqueSegment>& left,
                                                         std::string_view rightText,
                                                         const std::vector<CritiqueSegment>& right);

// A comparison as the reading screen shows it. Immutable once made.
struct CritiqueComparison {
    TraceRecordPtr left; // the record on screen
    TraceRecordPtr right;
    std::vector<ComparedPart> parts;
};
using CritiqueComparisonPtr = std::shared_ptr<const CritiqueComparison>;

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::CritiqueComparisonPtr)
