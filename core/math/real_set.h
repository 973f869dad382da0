// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/evaluate.h"
#include "core/math/expression.h"

#include <optional>
#include <string>
#include <vector>

namespace scrit::math {

// A set of reals as sorted, disjoint pieces. A piece with low == high is a point.
struct RealPiece {
    double low = 0;
    double high = 0;
    bool closedLow = false;
    bool closedHigh = false;
};

struct RealSet {
    std::vector<RealPiece> pieces;
    std::string variable; // of an inequality, empty for intervals
};

// The set that a tree stands for: intervals, pairs (a, b) as open intervals, unions, intersections,
// complements, finite sets, \mathbb{R}, the empty set, inequalities and chains that are linear in
// one variable, and "x in S". Nothing where an end point has no real value.
[[nodiscard]] std::optional<RealSet> realSetOf(const Node& node, Budget& budget);

// Equal up to rounding error of the end points.
[[nodiscard]] bool sameRealSet(const RealSet& a, const RealSet& b);

} // namespace scrit::math
