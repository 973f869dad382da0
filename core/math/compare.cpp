// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/compare.h"

#include "core/math/limits.h"
#include "core/math/phrases.h"
#include "core/math/spelling.h"

#include <algorithm>
#include <map>

namespace scrit::math {

namespace {

bool isCollection(const Node& node) {
    return node.kind == Kind::List || node.kind == Kind::Set;
}

bool isRealSet(const Node& node) {
    return node.kind == Kind::Interval || node.kind == Kind::Union ||
           node.kind == Kind::Intersect || node.kind == Kind::Without ||
           node.kind == Kind::EmptySet || node.kind == Kind::Reals;
}

bool isColumnOrRow(const Node& node) {
    return node.kind == Kind::Matrix && (node.columns == 1 || node.columns == node.args.size());
}

// [[1, 2], [3, 4]] as a matrix of two rows; null for anything else. A pair in square brackets was
// read as a closed interval.
NodePtr rowsAsMatrix(const Node& node) {
    const auto members = [](const Node& row) {
        const bool pair = row.kind == Kind::Interval && row.closedLow && row.closedHigh;
        return pair || row.kind == Kind::Tuple ? row.args : std::vector<NodePtr>();
    };
    std::vector<NodePtr> all;
    std::size_t columns = 0;
    for (const NodePtr& row : members(node)) {
        const std::vector<NodePtr> cells = members(*row);
        if (cells.empty() || (columns != 0 && cells.size() != columns)) {
            return nullptr;
        }
        columns = cells.size();
        all.insert(all.end(), cells.begin(), cells.end());
    }
    return all.empty() ? nullptr : makeMatrix(std::move(all), columns);
}

// "x = 1, y = 2 or x = 3, y = 4" as (1, 2), (3, 4); null where the names or their order change.
NodePtr solutionsAsTuples(const Node& groups) {
    std::vector<NodePtr> tuples;
    std::string first;
    for (const NodePtr& group : groups.args) {
        std::string names;
        std::vector<NodePtr> values;
        for (const NodePtr& part : group->args) {
            if (part->kind != Kind::Relation || part->ops.size() != 1 || part->ops[0] != "=" ||
                part->args[0]->kind != Kind::Symbol) {
                return nullptr;
            }
            names += part->args[0]->name + " ";
            values.push_back(part->args[1]);
        }
        first = tuples.empty() ? names : first;
        if (names != first || values.size() < 2) {
            return nullptr;
        }
        tuples.push_back(makeNode(Kind::Tuple, std::move(values)));
    }
    return makeNode(Kind::List, std::move(tuples));
}

} // namespace

Decision Comparer::compare(const NodePtr& gold, const NodePtr& pred) {
    if (!m_budget.take(8) || m_depth > 12) {
        return decide(Equality::Undecided, Rule::Limit);
    }
    ++m_depth;
    Decision out = dispatch(gold, pred);
    --m_depth;
    return m_budget.exhausted && out.equality != Equality::Equal
               ? decide(Equality::Undecided, Rule::Limit)
               : out;
}

Decision Comparer::dispatch(const NodePtr& gold, const NodePtr& pred) {
    if (isScalar(*gold) && isScalar(*pred)) {
        return scalars(gold, pred);
    }
    if (canonicalText(*gold) == canonicalText(*pred)) {
        return decide(Equality::Equal, Rule::Exact);
    }
    if (const std::optional<Decision> out = relationWithMembers(gold, pred)) {
        return *out;
    }
    if ((gold->kind == Kind::Matrix) != (pred->kind == Kind::Matrix)) {
        const NodePtr a = gold->kind == Kind::Matrix ? gold : rowsAsMatrix(*gold);
        const NodePtr b = pred->kind == Kind::Matrix ? pred : rowsAsMatrix(*pred);
        if (a && b) {
            return compare(a, b);
        }
    }
    const bool realSet = isRealSet(*gold) || isRealSet(*pred);
    const bool relation = gold->kind == Kind::Relation || pred->kind == Kind::Relation;
    if (relation && !isCollection(*gold) && !isCollection(*pred)) {
        return relations(gold, pred);
    }
    if (realSet) {
        if (const std::optional<Decision> out = realSets(gold, pred)) {
            return *out;
        }
        if (gold->kind == pred->kind && gold->kind == Kind::Interval) {
            const bool ends =
                gold->closedLow == pred->closedLow && gold->closedHigh == pred->closedHigh;
            return ends ? inOrder(gold->args, pred->args, Rule::Interval)
                        : decide(Equality::Different, Rule::Interval);
        }
        if (gold->kind == pred->kind && gold->args.size() == pred->args.size() &&
            !gold->args.empty()) {
            const Decision out = anyOrder(gold->args, pred->args, Rule::Interval);
            return out.equality == Equality::Equal ? out
                                                   : decide(Equality::Undecided, Rule::Interval);
        }
        const bool other = isScalar(*gold) || isScalar(*pred);
        return decide(other ? Equality::Different : Equality::Undecided, Rule::KindMismatch);
    }
    const auto bounds = [](const Node& node) {
        return node.kind == Kind::List &&
               std::all_of(node.args.begin(), node.args.end(),
                           [](const NodePtr& arg) { return arg->kind == Kind::Relation; }) &&
               std::any_of(node.args.begin(), node.args.end(),
                           [](const NodePtr& arg) { return arg->ops.front() != "="; });
    };
    if ((bounds(*gold) && pred->kind != Kind::Set) || (bounds(*pred) && gold->kind != Kind::Set)) {
        // "x > 2 and x < 3" against a chain or an interval
        if (const std::optional<Decision> out = realSets(gold, pred)) {
            return *out;
        }
    }
    if (const NodePtr a = isScalar(*gold) ? alongAxes(gold, *pred, m_budget) : nullptr) {
        return compare(a, pred);
    }
    if (const NodePtr b = isScalar(*pred) ? alongAxes(pred, *gold, m_budget) : nullptr) {
        return compare(gold, b);
    }
    return collections(gold, pred);
}

// (x, y) = (2, 3) against x = 2, y = 3 or against 2, 3; x \in \{1, 2\} against 1, 2.
std::optional<Decision> Comparer::relationWithMembers(const NodePtr& gold, const NodePtr& pred) {
    const bool relationIsGold = gold->kind == Kind::Relation;
    const NodePtr& relation = relationIsGold ? gold : pred;
    const NodePtr& members = relationIsGold ? pred : gold;
    if (relation->kind != Kind::Relation || !isCollection(*members) || relation->ops.size() != 1) {
        return std::nullopt;
    }
    const NodePtr& left = relation->args[0];
    const NodePtr& right = relation->args[1];
    const auto ordered = [&](const NodePtr& side) {
        return relationIsGold ? compare(side, members) : compare(members, side);
    };
    if (relation->ops[0] == "in" && isNameLike(*left) && right->kind == Kind::Set) {
        return ordered(right);
    }
    const bool tuples = relation->ops[0] == "=" && left->kind == Kind::Tuple &&
                        right->kind == Kind::Tuple && left->args.size() == right->args.size() &&
                        isNameLike(*left);
    if (!tuples || members->kind != Kind::List) {
        return std::nullopt;
    }
    if (members->args.front()->kind != Kind::Relation) {
        return ordered(right);
    }
    std::vector<NodePtr> parts;
    for (std::size_t i = 0; i < left->args.size(); ++i) {
        parts.push_back(makeRelation({left->args[i], right->args[i]}, {"="}));
    }
    return ordered(makeNode(Kind::List, std::move(parts)));
}

Decision Comparer::collections(const NodePtr& gold, const NodePtr& pred) {
    if (gold->kind == Kind::Groups && pred->kind == Kind::Groups) {
        return anyOrder(gold->args, pred->args, Rule::Set);
    }
    if (gold->kind == Kind::Groups || pred->kind == Kind::Groups) {
        const NodePtr groups = solutionsAsTuples(gold->kind == Kind::Groups ? *gold : *pred);
        const NodePtr& other = gold->kind == Kind::Groups ? pred : gold;
        if (!groups || !isCollection(*other)) {
            return decide(Equality::Undecided, Rule::Set);
        }
        return gold->kind == Kind::Groups ? asSets(*groups, *pred) : asSets(*gold, *groups);
    }
    if (isCollection(*gold) && isCollection(*pred)) {
        return asSets(*gold, *pred);
    }
    if (gold->kind == Kind::Tuple && pred->kind == Kind::Tuple) {
        return inOrder(gold->args, pred->args, Rule::Tuple);
    }
    // (1, 3) against 1, 3: the same order is asked for. \{1, 3\} is a set and no tuple.
    if ((gold->kind == Kind::Tuple && pred->kind == Kind::List) ||
        (gold->kind == Kind::List && pred->kind == Kind::Tuple)) {
        return inOrder(gold->args, pred->args, Rule::Tuple);
    }
    if (gold->kind == Kind::Matrix && pred->kind == Kind::Matrix) {
        const bool shape = gold->columns == pred->columns && gold->args.size() == pred->args.size();
        return shape ? inOrder(gold->args, pred->args, Rule::Matrix)
                     : decide(Equality::Different, Rule::Matrix);
    }
    if ((isColumnOrRow(*gold) && pred->kind == Kind::Tuple) ||
        (gold->kind == Kind::Tuple && isColumnOrRow(*pred))) {
        return inOrder(gold->args, pred->args, Rule::Tuple);
    }
    if (gold->kind == Kind::Ratio || pred->kind == Kind::Ratio) {
        return ratios(*gold, *pred);
    }
    if (gold->kind == Kind::BaseNumber || pred->kind == Kind::BaseNumber) {
        return numerals(*gold, *pred);
    }
    if (gold->kind == Kind::Text && pred->kind == Kind::Text) {
        return decide(wordKey(gold->name) == wordKey(pred->name) ? Equality::Equal
                                                                 : Equality::Different,
                      Rule::Text);
    }
    // One value against a collection of one.
    if (isCollection(*gold) && gold->args.size() == 1) {
        return compare(gold->args.front(), pred);
    }
    if (isCollection(*pred) && pred->args.size() == 1) {
        return compare(gold, pred->args.front());
    }
    return decide(Equality::Different, Rule::KindMismatch);
}

Decision Comparer::inOrder(const std::vector<NodePtr>& gold, const std::vector<NodePtr>& pred,
                           Rule rule) {
    if (gold.size() != pred.size()) {
        return decide(Equality::Different, rule);
    }
    Decision out = decide(Equality::Equal, rule);
    for (std::size_t i = 0; i < gold.size(); ++i) {
        const Decision part = compare(gold[i], pred[i]);
        if (part.equality == Equality::Different) {
            return under(rule, part);
        }
        out = out.equality == Equality::Equal && part.equality == Equality::Equal
                  ? under(out.rule, part)
                  : out;
        if (part.equality == Equality::Undecided) {
            out = decide(Equality::Undecided, part.rule == Rule::Limit ? Rule::Limit : rule);
        }
    }
    return out;
}

// Integrals, limits and derivatives are not worked out: the same parts make them equal, other parts
// leave it open. Neither a constant inside an integral nor a rounded bound may be dropped.
Decision Comparer::partByPart(const Node& gold, const Node& pred) {
    Decision out = decide(Equality::Undecided, Rule::Symbolic);
    if (gold.name != pred.name || gold.args.size() != pred.args.size()) {
        return out;
    }
    for (std::size_t i = 0; i < gold.args.size(); ++i) {
        const NodePtr& a = gold.args[i];
        const NodePtr& b = pred.args[i];
        if (!a && !b) {
            continue;
        }
        const Decision part = a && b ? values(a, b) : out;
        if (part.equality != Equality::Equal || part.rule == Rule::Rounded ||
            part.rule == Rule::UpToConstant) {
            return out;
        }
    }
    return decide(Equality::Equal, Rule::Symbolic);
}

Decision Comparer::anyOrder(const std::vector<NodePtr>& gold, const std::vector<NodePtr>& pred,
                            Rule rule) {
    if (gold.size() != pred.size()) {
        return decide(Equality::Different, rule);
    }
    std::vector<bool> used(pred.size(), false);
    bool undecided = false;
    bool rounded = false;   // a pair that was found is equal by rounding only
    bool precision = false; // the precision of a decimal decided somewhere
    for (const NodePtr& member : gold) {
        bool found = false;
        bool open = false;
        for (std::size_t i = 0; i < pred.size() && !found; ++i) {
            if (used[i]) {
                continue;
            }
            const Decision part = compare(member, pred[i]);
            found = part.equality == Equality::Equal;
            precision = precision || part.rule == Rule::Rounded;
            rounded = rounded || (found && part.rule == Rule::Rounded);
            used[i] = found;
            open = open || part.equality == Equality::Undecided;
        }
        if (!found && !open) {
            return decide(m_budget.exhausted ? Equality::Undecided : Equality::Different,
                          m_budget.exhausted ? Rule::Limit
                          : precision        ? Rule::Rounded
                                             : rule);
        }
        undecided = undecided || !found;
    }
    return decide(undecided ? Equality::Undecided : Equality::Equal,
                  rounded && !undecided ? Rule::Rounded : rule);
}

std::vector<NodePtr> Comparer::withoutRepeats(const std::vector<NodePtr>& members) {
    std::vector<NodePtr> out;
    std::set<std::string> seen;
    for (const NodePtr& member : members) {
        if (!seen.insert(canonicalText(*member)).second) {
            continue;
        }
        const bool repeat =
            members.size() <= 16 && std::any_of(out.begin(), out.end(), [&](const NodePtr& other) {
                return compare(other, member).equality == Equality::Equal;
            });
        if (!repeat) {
            out.push_back(member);
        }
    }
    return out;
}

// "k = 45, n = 2" on both sides: each name is compared with its like.
std::optional<Decision> Comparer::byName(const Node& gold, const Node& pred) {
    const auto named = [](const Node& node) {
        std::map<std::string, NodePtr> out;
        for (const NodePtr& arg : node.args) {
            const bool assignment = arg->kind == Kind::Relation && arg->ops.front() == "=" &&
                                    isNameLike(*arg->args.front());
            if (!assignment || !out.emplace(canonicalText(*arg->args.front()), arg).second) {
                return std::map<std::string, NodePtr>();
            }
        }
        return out;
    };
    const std::map<std::string, NodePtr> a = named(gold);
    const std::map<std::string, NodePtr> b = named(pred);
    const bool sameNames =
        std::equal(a.begin(), a.end(), b.begin(), b.end(),
                   [](const auto& x, const auto& y) { return x.first == y.first; });
    if (a.empty() || !sameNames) {
        return std::nullopt;
    }
    std::vector<NodePtr> left;
    std::vector<NodePtr> right;
    for (const auto& [name, relation] : a) {
        left.push_back(relation);
        right.push_back(b.at(name));
    }
    return inOrder(left, right, Rule::Assignment);
}

Decision Comparer::asSets(const Node& gold, const Node& pred) {
    const auto allAssignments = [](const Node& node) {
        return std::all_of(node.args.begin(), node.args.end(), [](const NodePtr& arg) {
            return arg->kind == Kind::Relation && isNameLike(*arg->args.front());
        });
    };
    const auto noRelation = [](const Node& node) {
        return std::none_of(node.args.begin(), node.args.end(),
                            [](const NodePtr& arg) { return arg->kind == Kind::Relation; });
    };
    if (const std::optional<Decision> out = byName(gold, pred)) {
        return *out;
    }
    // "AB = 4, CD = 5" against "4, 5": different names fix the order, one name repeated does not.
    for (const bool goldNamed : {true, false}) {
        const Node& named = goldNamed ? gold : pred;
        const Node& bare = goldNamed ? pred : gold;
        if (!allAssignments(named) || !noRelation(bare) || named.args.size() < 2) {
            continue;
        }
        std::set<std::string> names;
        for (const NodePtr& arg : named.args) {
            names.insert(canonicalText(*arg->args.front()));
        }
        if (names.size() > 1) {
            return inOrder(gold.args, pred.args, Rule::Assignment);
        }
    }
    // Repeats do not count in sets, nor among tuples, which list solutions; "1, 1, 2" keeps them.
    const auto noScalar = [](const Node& node) {
        return std::none_of(node.args.begin(), node.args.end(),
                            [](const NodePtr& arg) { return isScalar(*arg); });
    };
    const bool set =
        gold.kind == Kind::Set || pred.kind == Kind::Set || (noScalar(gold) && noScalar(pred));
    return set ? anyOrder(withoutRepeats(gold.args), withoutRepeats(pred.args), Rule::Set)
               : anyOrder(gold.args, pred.args, Rule::Set);
}

// Numerals with a base by their values. A number that does not say its base may be meant in either:
// 101_2 against 101 and against 5 stays open, against anything else it is different.
Decision Comparer::numerals(const Node& gold, const Node& pred) {
    if (gold.kind == Kind::BaseNumber && pred.kind == Kind::BaseNumber) {
        return decide(baseNumeralValue(gold) == baseNumeralValue(pred) ? Equality::Equal
                                                                       : Equality::Different,
                      Rule::Base);
    }
    const Node& numeral = gold.kind == Kind::BaseNumber ? gold : pred;
    const Node& other = gold.kind == Kind::BaseNumber ? pred : gold;
    const std::optional<Rational> plain =
        isScalar(other) ? exactValue(other, m_budget) : std::nullopt;
    if (!plain) {
        return decide(Equality::Undecided, Rule::Base);
    }
    if (numeral.value == 10) {
        return decide(baseNumeralValue(numeral) == *plain ? Equality::Equal : Equality::Different,
                      Rule::Base);
    }
    Node decimal = numeral;
    decimal.value = 10;
    const bool digits = std::all_of(numeral.name.begin(), numeral.name.end(), [](char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
    const bool open =
        baseNumeralValue(numeral) == *plain || (digits && baseNumeralValue(decimal) == *plain);
    return decide(open ? Equality::Undecided : Equality::Different, Rule::Base);
}

Decision Comparer::ratios(const Node& gold, const Node& pred) {
    const auto parts = [](const Node& node) {
        if (node.kind == Kind::Ratio) {
            return node.args;
        }
        return node.kind == Kind::Divide ? node.args : std::vector<NodePtr>{};
    };
    const std::vector<NodePtr> a = parts(gold);
    const std::vector<NodePtr> b = parts(pred);
    if (a.empty() || b.empty()) {
        const bool single = (isScalar(gold) && b.size() == 2) || (isScalar(pred) && a.size() == 2);
        if (!single) {
            return decide(Equality::Different, Rule::KindMismatch);
        }
        const std::vector<NodePtr>& pair = a.empty() ? b : a;
        if (!isScalar(*pair[0]) || !isScalar(*pair[1])) {
            return decide(Equality::Undecided, Rule::Ratio);
        }
        const NodePtr quotient = makeNode(Kind::Divide, pair);
        const NodePtr other = std::make_shared<Node>(a.empty() ? gold : pred);
        const Decision out = a.empty() ? values(other, quotient) : values(quotient, other);
        return under(Rule::Ratio, out);
    }
    if (a.size() != b.size()) {
        return decide(Equality::Different, Rule::Ratio);
    }
    for (std::size_t i = 1; i < a.size(); ++i) {
        const Decision part =
            compare(makeNode(Kind::Multiply, {a[0], b[i]}), makeNode(Kind::Multiply, {a[i], b[0]}));
        if (part.equality != Equality::Equal) {
            return under(Rule::Ratio, part);
        }
    }
    return decide(Equality::Equal, Rule::Ratio);
}

} // namespace scrit::math
