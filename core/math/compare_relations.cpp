// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/compare.h"
#include "core/math/real_set.h"

#include <algorithm>
#include <cmath>

namespace scrit::math {

namespace {

bool isEquation(const Node& node) {
    return node.kind == Kind::Relation &&
           std::all_of(node.ops.begin(), node.ops.end(),
                       [](const std::string& op) { return op == "=" || op == "~"; });
}

bool isInequality(const Node& node) {
    return node.kind == Kind::Relation &&
           std::all_of(node.ops.begin(), node.ops.end(), [](const std::string& op) {
               return op.front() == '<' || op.front() == '>' || op == "!=";
           });
}

bool isMembership(const Node& node) {
    return node.kind == Kind::Relation && node.ops.size() == 1 && node.ops.front() == "in";
}

bool betweenScalars(const Node& relation) {
    return std::all_of(relation.args.begin(), relation.args.end(),
                       [](const NodePtr& arg) { return isScalar(*arg); });
}

// a > b > c as c < b < a.
NodePtr ascending(const NodePtr& node) {
    if (node->ops.front().front() != '>') {
        return node;
    }
    std::vector<NodePtr> members(node->args.rbegin(), node->args.rend());
    std::vector<std::string> ops;
    for (auto it = node->ops.rbegin(); it != node->ops.rend(); ++it) {
        ops.push_back(it->front() == '>'   ? "<" + it->substr(1)
                      : it->front() == '<' ? ">" + it->substr(1)
                                           : *it);
    }
    return makeRelation(std::move(members), std::move(ops));
}

} // namespace

// What a chain of equations gives as the answer: the last member of "x = … = 5", and behind it what
// it is said to be about. Empty when the left side is more than a name, as in "2x + z = 1".
std::vector<NodePtr> Comparer::statedValues(const Node& relation) {
    if (relation.ops.size() == 1 && relation.args[1]->kind == Kind::Symbol &&
        !isNameLike(*relation.args[0])) {
        return {relation.args[0]}; // 3 = x
    }
    const auto firstApprox = std::find(relation.ops.begin(), relation.ops.end(), "~");
    const auto exact = static_cast<std::size_t>(firstApprox - relation.ops.begin());
    std::vector<NodePtr> out;
    const NodePtr& value = relation.args[exact];
    bool named = false;
    for (std::size_t i = 0; i < exact; ++i) {
        named = named || isNameLike(*relation.args[i]);
    }
    const bool nonScalarName = exact > 0 && !isScalar(*relation.args[0]) && !isScalar(*value) &&
                               relation.args[0]->kind != Kind::List;
    if (exact > 0 && (named || nonScalarName)) {
        out.push_back(value);
    } else if (exact > 0 && isScalar(*relation.args[0]) && isScalar(*value) &&
               values(relation.args[0], value).equality == Equality::Equal) {
        out.push_back(value); // an identity such as 3 + 4 = 7
    } else if (exact == 0 && !isNameLike(*value)) {
        out.push_back(value); // 1/3 ~ 0.33: the exact side
    }
    if (exact < relation.ops.size() && (!out.empty() || isNameLike(*value))) {
        out.push_back(relation.args[exact + 1]);
    }
    return out;
}

Decision Comparer::relations(const NodePtr& gold, const NodePtr& pred) {
    if (gold->kind == Kind::Relation && pred->kind == Kind::Relation) {
        return twoRelations(gold, pred);
    }
    return gold->kind == Kind::Relation ? relationAgainstOther(gold, pred, true)
                                        : relationAgainstOther(pred, gold, false);
}

Decision Comparer::relationAgainstOther(const NodePtr& relation, const NodePtr& other,
                                        bool relationIsGold) {
    const auto ordered = [&](const NodePtr& side) {
        return relationIsGold ? compare(side, other) : compare(other, side);
    };
    if (isMembership(*relation) && isNameLike(*relation->args.front())) {
        const Decision out = ordered(relation->args[1]);
        return under(Rule::Interval, out);
    }
    if (isEquation(*relation)) {
        Decision out = decide(Equality::Different, Rule::Assignment);
        const std::vector<NodePtr> candidates = statedValues(*relation);
        if (candidates.empty()) {
            return out;
        }
        for (const NodePtr& candidate : candidates) {
            const Decision part = ordered(normalForm(candidate));
            if (part.equality == Equality::Equal) {
                return decide(Equality::Equal,
                              part.rule == Rule::Rounded ? Rule::Rounded : Rule::Assignment);
            }
            if (candidate == candidates.front()) {
                out.equality = part.equality;
            }
        }
        return out;
    }
    if (isScalar(*other)) {
        return decide(Equality::Different, Rule::KindMismatch);
    }
    if (!relationIsGold && !m_settings.setAgainstRelation) {
        return decide(Equality::Different, Rule::KindMismatch);
    }
    const std::optional<Decision> sets =
        relationIsGold ? realSets(relation, other) : realSets(other, relation);
    return sets ? *sets : decide(Equality::Undecided, Rule::Relation);
}

Decision Comparer::twoRelations(const NodePtr& gold, const NodePtr& pred) {
    if (isMembership(*gold) && isMembership(*pred)) {
        const bool names =
            canonicalText(*gold->args[0]) == canonicalText(*pred->args[0]) || !m_settings.strict;
        return names ? compare(gold->args[1], pred->args[1])
                     : decide(Equality::Undecided, Rule::Interval);
    }
    if (isEquation(*gold) && isEquation(*pred)) {
        if (gold->ops.size() == 1 && pred->ops.size() == 1 && betweenScalars(*gold) &&
            betweenScalars(*pred)) {
            const Decision multiple = proportional(*gold, *pred);
            if (multiple.equality == Equality::Equal) {
                return decide(Equality::Equal, Rule::Equation);
            }
        }
        const NodePtr& left = gold->args.front();
        const NodePtr& right = pred->args.front();
        const bool sameName = canonicalText(*left) == canonicalText(*right);
        const bool sameFunction =
            left->kind == Kind::Apply && right->kind == Kind::Apply && left->name == right->name;
        const std::vector<NodePtr> a = statedValues(*gold);
        std::vector<NodePtr> b = statedValues(*pred);
        const auto argument = [](const NodePtr& call) {
            const bool one = call->args.size() == 1 && call->args.front()->kind == Kind::Symbol;
            return one ? call->args.front()->name : std::string();
        };
        if (sameFunction && !sameName && !b.empty()) { // f(x) = 3x^2 and f(t) = 3t^2
            const std::string from = argument(right);
            const std::string to = argument(left);
            if (from.empty() || to.empty() || freeSymbols(*b.front()).contains(to) || a.empty() ||
                freeSymbols(*a.front()).contains(from)) {
                return decide(Equality::Undecided, Rule::Equation);
            }
            b.front() = renamed(b.front(), {{from, to}});
        }
        // y = 2x + 3 and f(x) = 2x + 3
        const auto ordinate = [](const Node& node) {
            return node.kind == Kind::Symbol && node.name == "y";
        };
        const bool graph = (ordinate(*left) && right->kind == Kind::Apply) ||
                           (ordinate(*right) && left->kind == Kind::Apply);
        if (!a.empty() && !b.empty() &&
            (sameName || graph || sameFunction || !isNameLike(*left) || !isNameLike(*right))) {
            const Decision out = compare(normalForm(a.front()), normalForm(b.front()));
            return under(Rule::Assignment, out);
        }
        return decide(Equality::Undecided, Rule::Equation);
    }
    const bool mixed = isInequality(*gold) != isInequality(*pred);
    if (mixed && (isInequality(*gold) ? isMembership(*pred) : isMembership(*gold))) {
        if (isMembership(*gold) && !m_settings.setAgainstRelation) {
            return decide(Equality::Different, Rule::KindMismatch);
        }
    }
    if (const std::optional<Decision> sets = realSets(gold, pred)) {
        return *sets;
    }
    if (isInequality(*gold) && isInequality(*pred)) {
        const NodePtr a = ascending(gold);
        const NodePtr b = ascending(pred);
        if (a->ops == b->ops) {
            const Decision members = inOrder(a->args, b->args, Rule::Relation);
            if (members.equality == Equality::Equal) {
                return members;
            }
            if (a->ops.size() == 1 && betweenScalars(*a) && betweenScalars(*b)) {
                return decide(proportional(*a, *b).equality == Equality::Equal
                                  ? Equality::Equal
                                  : Equality::Undecided,
                              Rule::Relation);
            }
            return members;
        }
        return decide(Equality::Undecided, Rule::Relation);
    }
    return decide(mixed ? Equality::Different : Equality::Undecided, Rule::KindMismatch);
}

// Whether left - right of one relation is a constant multiple of the other's; for inequalities the
// factor must be positive.
Decision Comparer::proportional(const Node& gold, const Node& pred) {
    const NodePtr a = difference(gold.args[0], gold.args[1]);
    const NodePtr b = difference(pred.args[0], pred.args[1]);
    const std::set<std::string> variables = freeSymbols(*a);
    if (variables.empty() || variables != freeSymbols(*b)) {
        return decide(Equality::Undecided, Rule::Equation);
    }
    std::optional<std::complex<double>> ratio;
    int agree = 0;
    for (const Sample& point : samplePoints(variables, probingSeed(*a, *b))) {
        const std::optional<NumericValue> x = numericValue(*a, point, m_budget);
        const std::optional<NumericValue> y = numericValue(*b, point, m_budget);
        if (!x || !y) {
            if (x.has_value() != y.has_value()) {
                return decide(Equality::Undecided, Rule::Equation);
            }
            continue;
        }
        if (std::abs(x->value) < 1e-6 * x->scale || std::abs(y->value) < 1e-6 * y->scale) {
            continue; // near a root the quotient says little
        }
        const std::complex<double> next = x->value / y->value;
        if (!ratio) {
            ratio = next;
        } else if (std::abs(next - *ratio) > 1e-8 * std::abs(*ratio)) {
            return decide(Equality::Undecided, Rule::Equation);
        }
        ++agree;
    }
    if (agree < 3 || m_budget.exhausted) {
        return decide(Equality::Undecided, Rule::Equation);
    }
    const bool equation = gold.ops.front() == "=" || gold.ops.front() == "!=";
    const bool allowed = equation || (std::abs(ratio->imag()) < 1e-9 && ratio->real() > 0);
    return decide(allowed ? Equality::Equal : Equality::Different, Rule::Equation);
}

std::optional<Decision> Comparer::realSets(const NodePtr& gold, const NodePtr& pred) {
    const std::optional<RealSet> a = realSetOf(*gold, m_budget);
    const std::optional<RealSet> b = realSetOf(*pred, m_budget);
    if (!a || !b) {
        return std::nullopt;
    }
    const bool unnamed = a->variable == "?" || b->variable == "?"; // "≥ 5"
    if (m_settings.strict && !a->variable.empty() && !b->variable.empty() && !unnamed &&
        a->variable != b->variable) {
        return decide(Equality::Different, Rule::Relation);
    }
    const bool relation = !a->variable.empty() && !b->variable.empty();
    return decide(sameRealSet(*a, *b) ? Equality::Equal : Equality::Different,
                  relation ? Rule::Relation : Rule::Interval);
}

} // namespace scrit::math
