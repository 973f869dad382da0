// SPDX-License-Identifier: GPL-3.0-or-later
// Letters that somebody chose: constants of integration, whole numbers that count solutions, names
// that may be exchanged where the settings say so.
#include "core/math/compare.h"

#include <algorithm>
#include <cmath>

namespace scrit::math {

namespace {

// The additive constant of an antiderivative and what is left without it.
std::optional<NodePtr> withoutConstant(const Node& node) {
    if (node.kind != Kind::Add || node.args.size() < 2) {
        return std::nullopt;
    }
    std::vector<NodePtr> rest;
    std::string constant;
    for (const NodePtr& arg : node.args) {
        if (arg->kind == Kind::Symbol && (arg->name == "C" || arg->name == "K") &&
            constant.empty()) {
            constant = arg->name;
        } else {
            rest.push_back(arg);
        }
    }
    if (constant.empty()) {
        return std::nullopt;
    }
    NodePtr out = rest.size() == 1 ? rest.front() : makeNode(Kind::Add, std::move(rest));
    return freeSymbols(*out).contains(constant) ? std::nullopt : std::optional(out);
}

bool hasPi(const Node& node) {
    return (node.kind == Kind::Constant && node.name == "pi") ||
           (node.kind == Kind::Quantity && node.name.starts_with("degree")) ||
           std::any_of(node.args.begin(), node.args.end(),
                       [](const NodePtr& arg) { return arg && hasPi(*arg); });
}

// The only variable of a tree where it is a letter for whole numbers and the tree is a linear
// function of it, "\frac{\pi}{4} + k\pi"; empty otherwise.
std::string countingLetter(const Node& node, Budget& budget) {
    static constexpr std::string_view kLetters = "knmljNKM";
    const std::set<std::string> names = freeSymbols(node);
    if (names.size() != 1 || names.begin()->size() != 1 ||
        kLetters.find(names.begin()->front()) == std::string_view::npos || !hasPi(node)) {
        return {};
    }
    const std::string& name = *names.begin();
    const auto at = [&](double value) {
        return numericValue(node, {{name, value}}, budget);
    };
    const std::optional<NumericValue> zero = at(0);
    const std::optional<NumericValue> one = at(1);
    const std::optional<NumericValue> seven = at(7);
    if (!zero || !one || !seven) {
        return {};
    }
    const std::complex<double> slope = one->value - zero->value;
    const double bend = std::abs(seven->value - zero->value - 7.0 * slope);
    return std::abs(slope) > 1e-9 && bend <= 1e-9 * std::abs(seven->value) ? name : std::string();
}

} // namespace

std::optional<Decision> Comparer::upToConstant(const NodePtr& gold, const NodePtr& pred) {
    const std::optional<NodePtr> a = withoutConstant(*gold);
    const std::optional<NodePtr> b = withoutConstant(*pred);
    if (!a || !b) {
        return std::nullopt;
    }
    std::set<std::string> variables = freeSymbols(**a);
    variables.merge(freeSymbols(**b));
    std::optional<double> first;
    int agree = 0;
    for (const Sample& point : samplePoints(variables, probingSeed(*gold, *pred))) {
        const std::optional<NumericValue> x = numericValue(**a, point, m_budget);
        const std::optional<NumericValue> y = numericValue(**b, point, m_budget);
        if (!x || !y || std::abs(x->value.imag()) > 1e-12 * x->scale ||
            std::abs(y->value.imag()) > 1e-12 * y->scale) {
            continue;
        }
        const double gap = x->value.real() - y->value.real();
        if (!first) {
            first = gap;
        } else if (std::abs(gap - *first) > 1e-9 * std::max({x->scale, y->scale, 1.0})) {
            return std::nullopt;
        }
        ++agree;
    }
    return agree >= 4 && !m_budget.exhausted ? std::optional(decide(true, Rule::UpToConstant))
                                             : std::nullopt;
}

// f(x) against f(y) where names do not matter: variables renamed in order of their names.
std::optional<Decision> Comparer::renamedVariables(const NodePtr& gold, const NodePtr& pred) {
    std::set<std::string> a;
    std::set<std::string> b;
    const auto collect = [](const auto& self, const Node& node,
                            std::set<std::string>& out) -> void {
        if (node.kind == Kind::Symbol) {
            out.insert(node.name);
        }
        for (const NodePtr& arg : node.args) {
            if (arg) {
                self(self, *arg, out);
            }
        }
    };
    collect(collect, *gold, a);
    collect(collect, *pred, b);
    if (a.size() != b.size() || a == b || a.empty() || a.size() > 8) {
        return std::nullopt;
    }
    std::vector<std::pair<std::string, std::string>> renames;
    for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j) {
        renames.emplace_back(*j, *i);
    }
    const NodePtr other = renamed(pred, renames);
    if (canonicalText(*gold) == canonicalText(*other)) {
        return decide(true, Rule::Exact);
    }
    const Decision out = probe(gold, other);
    return out.equality == Equality::Equal ? std::optional(out) : std::nullopt;
}

// "2k\pi" against "2n\pi": which letter counts the solutions does not matter.
std::optional<Decision> Comparer::otherCountingLetter(const NodePtr& gold, const NodePtr& pred) {
    const std::string a = countingLetter(*gold, m_budget);
    const std::string b = a.empty() ? std::string() : countingLetter(*pred, m_budget);
    if (b.empty() || a == b) {
        return std::nullopt;
    }
    return values(gold, renamed(pred, {{b, a}}));
}

namespace {

// The axes i, j and k replaced by numbers.
NodePtr withAxes(const NodePtr& node, int i, int j, int k) {
    const bool imaginary = node->kind == Kind::Constant && node->name == "i";
    if (imaginary || (node->kind == Kind::Symbol && (node->name == "j" || node->name == "k"))) {
        return makeNumber(imaginary ? i : node->name == "j" ? j : k);
    }
    auto copy = std::make_shared<Node>(*node);
    for (NodePtr& arg : copy->args) {
        arg = arg ? withAxes(arg, i, j, k) : arg;
    }
    return copy;
}

bool hasFirstAxis(const Node& node) {
    return (node.kind == Kind::Constant && node.name == "i") ||
           std::any_of(node.args.begin(), node.args.end(),
                       [](const NodePtr& arg) { return arg && hasFirstAxis(*arg); });
}

NodePtr boundNames(const NodePtr& node, int depth) {
    auto copy = std::make_shared<Node>(*node);
    if (node->kind == Kind::Sum && node->args.front()) {
        const std::string name = "#" + std::to_string(depth);
        copy = std::make_shared<Node>(*renamed(node, {{node->args.front()->name, name}}));
    }
    for (NodePtr& arg : copy->args) {
        arg = arg ? boundNames(arg, depth + 1) : arg;
    }
    return copy;
}

} // namespace

NodePtr alongAxes(const NodePtr& node, const Node& vector, Budget& budget) {
    const bool column = vector.kind == Kind::Matrix &&
                        (vector.columns == 1 || vector.columns == vector.args.size());
    const std::size_t size = vector.args.size();
    if ((vector.kind != Kind::Tuple && !column) || size < 2 || size > 3) {
        return nullptr;
    }
    const std::set<std::string> names = freeSymbols(*node);
    const int axes = (hasFirstAxis(*node) ? 1 : 0) + (names.contains("j") ? 1 : 0) +
                     (names.contains("k") ? 1 : 0);
    if (axes < 2 || (size == 2 && names.contains("k"))) {
        return nullptr;
    }
    const std::optional<Rational> origin = exactValue(*withAxes(node, 0, 0, 0), budget);
    if (!origin || *origin != 0) {
        return nullptr;
    }
    std::vector<NodePtr> parts{withAxes(node, 1, 0, 0), withAxes(node, 0, 1, 0)};
    if (size == 3) {
        parts.push_back(withAxes(node, 0, 0, 1));
    }
    return column ? makeMatrix(std::move(parts), vector.columns)
                  : makeNode(Kind::Tuple, std::move(parts));
}

NodePtr withBoundNames(const NodePtr& node) {
    return boundNames(node, 0);
}

} // namespace scrit::math
