// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/critique_comparison.h"

#include <algorithm>
#include <utility>

namespace scrit::ui::models {

namespace {

// What makes two segments partners: the kind and, of step critiques, the step.
std::pair<CritiqueSegment::Kind, int> keyOf(const CritiqueSegment& segment) {
    const bool step = segment.kind == CritiqueSegment::Kind::Step && !segment.steps.empty();
    return {segment.kind, step ? segment.steps.front() : 0};
}

// For each right segment the left one it meets, each at most once, the n-th of a key the n-th.
std::vector<std::optional<std::size_t>> partners(const std::vector<CritiqueSegment>& left,
                                                 const std::vector<CritiqueSegment>& right) {
    std::vector<bool> taken(left.size(), false);
    std::vector<std::optional<std::size_t>> out(right.size());
    for (std::size_t r = 0; r < right.size(); ++r) {
        for (std::size_t l = 0; l < left.size(); ++l) {
            if (!taken[l] && keyOf(left[l]) == keyOf(right[r])) {
                taken[l] = true;
                out[r] = l;
                break;
            }
        }
    }
    return out;
}

} // namespace

std::vector<ComparedPart> compareCritiques(std::string_view leftText,
                                           const std::vector<CritiqueSegment>& left,
                                           std::string_view rightText,
                                           const std::vector<CritiqueSegment>& right) {
    const auto partnerOf = partners(left, right);
    std::vector<std::optional<std::size_t>> rightOf(left.size());
    for (std::size_t r = 0; r < right.size(); ++r) {
        if (partnerOf[r]) {
            rightOf[*partnerOf[r]] = r;
        }
    }
    std::vector<ComparedPart> parts;
    std::size_t nextRight = 0; // segments of the right one before this are placed
    const auto placeAlone = [&](std::size_t end) {
        for (; nextRight < end; ++nextRight) {
            if (!partnerOf[nextRight]) {
                ComparedPart part;
                part.right = nextRight;
                parts.push_back(std::move(part));
            }
        }
    };
    std::size_t cells = std::size_t{16} * 1000 * 1000;
    for (std::size_t l = 0; l < left.size(); ++l) {
        ComparedPart part;
        part.left = l;
        if (rightOf[l]) {
            placeAlone(*rightOf[l]);
            part.right = rightOf[l];
            WordMarks marks =
                diffPassages(leftText, left[l].body, rightText, right[*rightOf[l]].body,
                             std::min(cells, std::size_t{4} * 1000 * 1000));
            cells -= std::min(cells, marks.cells);
            part.same = marks.oldMarks.empty() && marks.newMarks.empty();
            part.leftMarks = std::move(marks.oldMarks);
            part.rightMarks = std::move(marks.newMarks);
        }
        parts.push_back(std::move(part));
    }
    placeAlone(right.size());
    return parts;
}

} // namespace scrit::ui::models
