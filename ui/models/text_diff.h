// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <optional>
#include <string_view>
#include <vector>

// How a corrected solution differs from the candidate: steps first, then the words of steps that
// were rewritten. Pure functions, any thread. Bounded: at most about 4 million comparisons per
// level, beyond which a range counts as rewritten as a whole.
namespace scrit::ui::models {

// One line of the diff. Spans are into the two texts; marks are the words that differ, inside the
// span.
struct DiffRow {
    enum class Kind { Same, Removed, Added, Changed };
    Kind kind = Kind::Same;
    std::optional<std::size_t> oldIndex; // index of the old step
    std::optional<std::size_t> newIndex;
    base::Span oldSpan; // empty for Added
    base::Span newSpan; // empty for Removed
    std::vector<base::Span> oldMarks;
    std::vector<base::Span> newMarks;
};

// Words of a text: runs without white space, except that a formula ($…$, \(…\), \[…\]) is one word,
// so that a mark never cuts a formula.
[[nodiscard]] std::vector<base::Span> diffWords(std::string_view text, base::Span within);

// The steps of both texts in the order of the new one, a removed step before what took its place.
// Steps count as the same when they are equal up to white space; a removed and an added step that
// share at least a third of their words are one changed row.
[[nodiscard]] std::vector<DiffRow> diffSteps(std::string_view oldText,
                                             const std::vector<base::Span>& oldSteps,
                                             std::string_view newText,
                                             const std::vector<base::Span>& newSteps);

} // namespace scrit::ui::models
