// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/real_set.h"

#include "core/math/compare.h"
#include "core/math/limits.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scrit::math {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Pieces = std::vector<RealPiece>;

bool near(double a, double b) {
    if (std::isinf(a) || std::isinf(b)) {
        return a == b;
    }
    return std::abs(a - b) <= 1e-9 * std::max({std::abs(a), std::abs(b), 1e-9});
}

// Sorted, and touching pieces merged.
Pieces merged(Pieces pieces) {
    std::sort(pieces.begin(), pieces.end(), [](const RealPiece& a, const RealPiece& b) {
        return a.low != b.low ? a.low < b.low : a.closedLow && !b.closedLow;
    });
    Pieces out;
    for (const RealPiece& piece : pieces) {
        if (out.empty()) {
            out.push_back(piece);
            continue;
        }
        RealPiece& last = out.back();
        const bool touches = piece.low < last.high ||
                             (near(piece.low, last.high) && (piece.closedLow || last.closedHigh));
        if (!touches) {
            out.push_back(piece);
        } else if (near(piece.high, last.high)) {
            last.closedHigh = last.closedHigh || piece.closedHigh;
        } else if (piece.high > last.high) {
            last.high = piece.high;
            last.closedHigh = piece.closedHigh;
        }
    }
    return out;
}

Pieces complement(const Pieces& pieces) {
    Pieces out;
    double low = -kInfinity;
    bool closedLow = false;
    for (const RealPiece& piece : pieces) {
        if (low < piece.low || (near(low, piece.low) && closedLow && !piece.closedLow)) {
            out.push_back({low, piece.low, closedLow, !piece.closedLow});
        }
        low = piece.high;
        closedLow = !piece.closedHigh;
    }
    if (low < kInfinity) {
        out.push_back({low, kInfinity, closedLow, false});
    }
    return out;
}

Pieces intersection(const Pieces& a, const Pieces& b) {
    Pieces both = complement(a);
    const Pieces other = complement(b);
    both.insert(both.end(), other.begin(), other.end());
    return complement(merged(std::move(both)));
}

std::optional<double> realValue(const Node& node, const Sample& at, Budget& budget) {
    if (node.kind == Kind::Infinity) {
        return kInfinity;
    }
    if (node.kind == Kind::Negate && node.args.front()->kind == Kind::Infinity) {
        return -kInfinity;
    }
    if (!isScalar(node)) {
        return std::nullopt;
    }
    const std::optional<NumericValue> value = numericValue(node, at, budget);
    const bool real =
        value && std::abs(value->value.imag()) <= 1e-12 * std::max(value->scale, 1e-300);
    return real ? std::optional(value->value.real()) : std::nullopt;
}

std::optional<Pieces> between(const Node& node, bool closedLow, bool closedHigh, Budget& budget) {
    const std::optional<double> low = realValue(*node.args[0], {}, budget);
    const std::optional<double> high = realValue(*node.args[1], {}, budget);
    if (!low || !high || *low > *high) {
        return std::nullopt;
    }
    const bool point = near(*low, *high);
    if (point && !(closedLow && closedHigh)) {
        return Pieces{};
    }
    return Pieces{
        {*low, *high, closedLow && std::isfinite(*low), closedHigh && std::isfinite(*high)}};
}

// The solution of one comparison that is linear in its one variable.
std::optional<RealSet> comparison(const Node& left, const std::string& op, const Node& right,
                                  Budget& budget) {
    std::set<std::string> variables = freeSymbols(left);
    variables.merge(freeSymbols(right));
    if (variables.size() != 1) {
        return std::nullopt;
    }
    const std::string& variable = *variables.begin();
    const auto gap = [&](double x) -> std::optional<double> {
        const std::optional<double> l = realValue(left, {{variable, x}}, budget);
        const std::optional<double> r = realValue(right, {{variable, x}}, budget);
        return l && r && std::isfinite(*l - *r) ? std::optional(*l - *r) : std::nullopt;
    };
    // "x < oo" and the like have no finite gap.
    const auto infinite = [&](const Node& node) {
        return realValue(node, {}, budget);
    };
    const std::optional<double> leftEnd = infinite(left);
    const std::optional<double> rightEnd = infinite(right);
    if ((leftEnd && std::isinf(*leftEnd)) || (rightEnd && std::isinf(*rightEnd))) {
        return RealSet{{{-kInfinity, kInfinity, false, false}}, variable};
    }
    const std::optional<double> y0 = gap(0.0);
    const std::optional<double> y1 = gap(1.0);
    const std::optional<double> y2 = gap(-2.75);
    if (!y0 || !y1 || !y2) {
        return std::nullopt;
    }
    const double slope = *y1 - *y0;
    const double expected = *y0 - 2.75 * slope;
    if (std::abs(slope) < 1e-12 ||
        std::abs(expected - *y2) > 1e-9 * (std::abs(*y2) + std::abs(slope) + std::abs(*y0))) {
        return std::nullopt;
    }
    const double root = -*y0 / slope;
    const bool below = (op.front() == '<') == (slope > 0);
    const bool closed = op.size() == 2;
    RealSet out;
    out.variable = variable;
    if (op == "=") {
        out.pieces = {{root, root, true, true}};
    } else if (op == "!=") {
        out.pieces = {{-kInfinity, root, false, false}, {root, kInfinity, false, false}};
    } else if (op.front() == '<' || op.front() == '>') {
        out.pieces = below ? Pieces{{-kInfinity, root, false, closed}}
                           : Pieces{{root, kInfinity, closed, false}};
    } else {
        return std::nullopt;
    }
    return out;
}

// |L| < c as -c < L < c, |L| > c as its complement; other comparisons as they are.
std::optional<RealSet> withAbsolute(const NodePtr& left, const std::string& op,
                                    const NodePtr& right, Budget& budget) {
    const auto absolute = [](const Node& node) {
        return node.kind == Kind::Function && node.name == "abs";
    };
    if (absolute(*right) && !absolute(*left) && (op.front() == '<' || op.front() == '>')) {
        return withAbsolute(right, (op.front() == '<' ? ">" : "<") + op.substr(1), left, budget);
    }
    const bool order = op.front() == '<' || op.front() == '>';
    if (!order || !absolute(*left) || !freeSymbols(*right).empty()) {
        return comparison(*left, op, *right, budget);
    }
    const NodePtr& inner = left->args.front();
    const std::string other = (op.front() == '<' ? ">" : "<") + op.substr(1);
    const std::optional<double> size = realValue(*right, {}, budget);
    std::optional<RealSet> low = comparison(*inner, op, *right, budget);
    const std::optional<RealSet> high = comparison(*inner, other, *negated(right), budget);
    if (!size || *size < 0 || !low || !high) {
        return std::nullopt;
    }
    if (op.front() == '<') {
        low->pieces = intersection(low->pieces, high->pieces);
    } else {
        low->pieces.insert(low->pieces.end(), high->pieces.begin(), high->pieces.end());
        low->pieces = merged(std::move(low->pieces));
    }
    return low;
}

std::optional<RealSet> ofRelation(const Node& node, Budget& budget) {
    if (node.ops.size() == 1 && node.ops.front() == "in") {
        std::optional<RealSet> set = realSetOf(*node.args[1], budget);
        if (!set || !isNameLike(*node.args[0])) {
            return std::nullopt;
        }
        set->variable = canonicalText(*node.args[0]);
        return set;
    }
    RealSet out;
    out.pieces = {{-kInfinity, kInfinity, false, false}};
    const char direction = node.ops.front().front();
    for (std::size_t i = 0; i < node.ops.size(); ++i) {
        if (node.ops[i] == "in" || node.ops[i] == "~" || node.ops[i].front() != direction ||
            (node.ops[i] == "=" && node.ops.size() > 1)) {
            return std::nullopt;
        }
        const std::optional<RealSet> part =
            withAbsolute(node.args[i], node.ops[i], node.args[i + 1], budget);
        if (!part || (!out.variable.empty() && out.variable != part->variable)) {
            return std::nullopt;
        }
        out.variable = part->variable;
        out.pieces = intersection(out.pieces, part->pieces);
    }
    return out;
}

std::optional<RealSet> ofParts(const Node& node, Budget& budget) {
    std::optional<RealSet> out;
    for (const NodePtr& arg : node.args) {
        std::optional<RealSet> part = realSetOf(*arg, budget);
        if (!part) {
            return std::nullopt;
        }
        if (!out) {
            out = std::move(part);
        } else if (out->variable != part->variable) {
            return std::nullopt;
        } else if (node.kind == Kind::Union) {
            out->pieces.insert(out->pieces.end(), part->pieces.begin(), part->pieces.end());
            out->pieces = merged(std::move(out->pieces));
        } else {
            out->pieces =
                intersection(out->pieces, node.kind == Kind::Intersect ? part->pieces
                                                                       : complement(part->pieces));
        }
    }
    return out;
}

} // namespace

std::optional<RealSet> realSetOf(const Node& node, Budget& budget) {
    RealSet out;
    switch (node.kind) {
    case Kind::EmptySet:
        return out;
    case Kind::Reals:
        if (node.name != "R") {
            return std::nullopt;
        }
        out.pieces = {{-kInfinity, kInfinity, false, false}};
        return out;
    case Kind::Interval:
    case Kind::Tuple: {
        if (node.args.size() != 2) {
            return std::nullopt;
        }
        const bool tuple = node.kind == Kind::Tuple;
        std::optional<Pieces> pieces =
            between(node, !tuple && node.closedLow, !tuple && node.closedHigh, budget);
        if (!pieces) {
            return std::nullopt;
        }
        out.pieces = std::move(*pieces);
        return out;
    }
    case Kind::Set: {
        for (const NodePtr& arg : node.args) {
            const std::optional<double> point = realValue(*arg, {}, budget);
            if (!point || !std::isfinite(*point)) {
                return std::nullopt;
            }
            out.pieces.push_back({*point, *point, true, true});
        }
        out.pieces = merged(std::move(out.pieces));
        return out;
    }
    case Kind::List: // "x < 1 or x > 3"
    case Kind::Union: {
        Node parts = node;
        const bool holes = std::all_of(node.args.begin(), node.args.end(), [](const NodePtr& arg) {
            return arg->kind == Kind::Relation && arg->ops.front() == "!=";
        });
        parts.kind = holes ? Kind::Intersect : Kind::Union; // "x != -2, x != 3" leaves out both
        // "x = -1 or x >= 2" joins a point; "x = -1, x >= 2" does not say what it means.
        const bool either = node.kind == Kind::List && node.name == kEither;
        const auto unequal = [](const NodePtr& arg) {
            return arg->kind == Kind::Relation && arg->ops.front() != "=";
        };
        const bool inequalities =
            std::all_of(node.args.begin(), node.args.end(),
                        [&](const NodePtr& arg) {
                            return unequal(arg) || (either && arg->kind == Kind::Relation);
                        }) &&
            std::any_of(node.args.begin(), node.args.end(), unequal);
        if (node.kind != Kind::Union && !inequalities) {
            return std::nullopt;
        }
        std::optional<RealSet> set = ofParts(parts, budget);
        const bool all = set && complement(set->pieces).empty();
        if (all && node.kind == Kind::List && node.name != kEither) {
            parts.kind = Kind::Intersect; // "x > 2 and x < 3" bounds x from both sides
            set = ofParts(parts, budget);
        }
        return set;
    }
    case Kind::Intersect:
    case Kind::Without:
        return ofParts(node, budget);
    case Kind::Relation:
        return ofRelation(node, budget);
    default:
        return std::nullopt;
    }
}

bool sameRealSet(const RealSet& a, const RealSet& b) {
    return std::equal(a.pieces.begin(), a.pieces.end(), b.pieces.begin(), b.pieces.end(),
                      [](const RealPiece& x, const RealPiece& y) {
                          return near(x.low, y.low) && near(x.high, y.high) &&
                                 x.closedLow == y.closedLow && x.closedHigh == y.closedHigh;
                      });
}

} // namespace scrit::math
