// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/equivalence.h"
#include "core/math/evaluate.h"
#include "core/math/expression.h"

#include <optional>
#include <vector>

namespace scrit::math {

struct Decision {
    Equality equality = Equality::Undecided;
    Rule rule = Rule::KindMismatch;
};

[[nodiscard]] inline Decision decide(Equality equality, Rule rule) {
    return {equality, rule};
}
[[nodiscard]] inline Decision decide(bool equal, Rule rule) {
    return {equal ? Equality::Equal : Equality::Different, rule};
}

// A decision about a part as one about the whole. That the gold answer's precision decided stays
// visible, because the verdict is then no symmetric one.
[[nodiscard]] inline Decision under(Rule rule, const Decision& part) {
    return {part.equality, part.rule == Rule::Rounded ? Rule::Rounded : rule};
}

// Compares two trees under one budget. Lives for one comparison on one thread. The work is split by
// meaning: compare.cpp (dispatch, lists, tuples, matrices), compare_values.cpp (scalars),
// compare_names.cpp (letters that somebody chose), compare_relations.cpp (equations, inequalities,
// sets of reals).
class Comparer {
public:
    Comparer(const EquivalenceSettings& settings, Budget& budget)
        : m_settings(settings), m_budget(budget) {}

    // Both trees must be normalised (normalForm).
    Decision compare(const NodePtr& gold, const NodePtr& pred);

private:
    Decision dispatch(const NodePtr& gold, const NodePtr& pred);
    Decision inOrder(const std::vector<NodePtr>& gold, const std::vector<NodePtr>& pred, Rule rule);
    Decision anyOrder(const std::vector<NodePtr>& gold, const std::vector<NodePtr>& pred,
                      Rule rule);
    std::optional<Decision> byName(const Node& gold, const Node& pred);
    Decision asSets(const Node& gold, const Node& pred);
    Decision collections(const NodePtr& gold, const NodePtr& pred);
    Decision ratios(const Node& gold, const Node& pred);
    Decision numerals(const Node& gold, const Node& pred);
    std::optional<Decision> relationWithMembers(const NodePtr& gold, const NodePtr& pred);
    std::vector<NodePtr> withoutRepeats(const std::vector<NodePtr>& members);

    Decision scalars(const NodePtr& gold, const NodePtr& pred);
    Decision quantities(const NodePtr& gold, const NodePtr& pred);
    Decision remainders(const NodePtr& gold, const NodePtr& pred);
    Decision percents(const NodePtr& gold, const NodePtr& pred);
    Decision values(const NodePtr& gold, const NodePtr& pred);
    Decision partByPart(const Node& gold, const Node& pred);
    Decision constants(const NodePtr& gold, const NodePtr& pred);
    Decision probe(const NodePtr& gold, const NodePtr& pred);
    std::optional<Decision> upToConstant(const NodePtr& gold, const NodePtr& pred);
    std::optional<Decision> otherCountingLetter(const NodePtr& gold, const NodePtr& pred);
    std::optional<Decision> renamedVariables(const NodePtr& gold, const NodePtr& pred);
    bool roundsTo(const Node& gold, const Node& pred, const Rational& goldValue,
                  const Rational& predValue) const;

    Decision relations(const NodePtr& gold, const NodePtr& pred);
    Decision relationAgainstOther(const NodePtr& relation, const NodePtr& other,
                                  bool relationIsGold);
    Decision twoRelations(const NodePtr& gold, const NodePtr& pred);
    Decision proportional(const Node& gold, const Node& pred);
    std::optional<Decision> realSets(const NodePtr& gold, const NodePtr& pred);
    std::vector<NodePtr> statedValues(const Node& relation);

    const EquivalenceSettings& m_settings;
    Budget& m_budget;
    int m_depth = 0;
};

// Whether the left side of "… = 5" only names what is found, so that the right side is the answer:
// x, f(2), |AB|, AB/CD, (p, q), y'.
[[nodiscard]] bool isNameLike(const Node& node);

// "3\mathbf{i} - 2\mathbf{j}" as the tuple of its parts beside a vector of two or three members;
// null for anything else.
[[nodiscard]] NodePtr alongAxes(const NodePtr& node, const Node& vector, Budget& budget);

// A copy in which the variables of sums and products have names that nobody chose, for comparing.
[[nodiscard]] NodePtr withBoundNames(const NodePtr& node);

// A tree in the form that Comparer wants: groups and nested lists flattened, \pm written out as two
// members, sums and products of matrices carried out.
[[nodiscard]] NodePtr normalForm(const NodePtr& node);

// Deterministic sample points for the variables, spread over several real domains. `seed` comes
// from the inputs. Variables in `whole` get whole numbers from 1 on.
[[nodiscard]] std::vector<Sample> samplePoints(const std::set<std::string>& variables,
                                               std::uint64_t seed,
                                               const std::set<std::string>& whole = {});

// Variables that a tree is only defined for, or only meant for, as whole numbers: in bounds of sums
// and binomials, and in exponents of negative numbers.
[[nodiscard]] std::set<std::string> wholeVariables(const Node& node);
[[nodiscard]] std::uint64_t probingSeed(const Node& a, const Node& b);

} // namespace scrit::math
