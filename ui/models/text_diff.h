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

// The words of two passages that are not common to both, neighbours joined.
struct WordMarks {
    std::vector<base::Span> oldMarks; // into the old text
    std::vector<base::Span> newMarks;
    double common = 0;     // share of common words, 0 to 1
    std::size_t cells = 0; // work done: the size of the table of comparisons
};
// With more than `maxCells` comparisons to make, all words between the common ends are marked.
[[nodiscard]] WordMarks diffPassages(std::string_view oldText, base::Span oldPassage,
                                     std::string_view newText, base::Span newPassage,
                                     std::size_t maxCells = std::size_t{4} * 1000 * 1000);

// The steps of both texts in the order of the new one, a removed step before what took its place.
// Steps count as the same when they are equal up to white space; a removed and an added step that
// share at least a third of their words are one changed row.
[[nodiscard]] std::vector<DiffRow> diffSteps(std::string_view oldText,
                                             const std::vector<base::Span>& oldSteps,
                                             std::string_view newText,
                                             const std::vector<base::Span>& newSteps);

} // namespace scrit::ui::models
