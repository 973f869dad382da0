// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/compare.h"
#include "core/math/limits.h"

#include <algorithm>
#include <utility>

namespace scrit::math {

namespace {

bool containsKind(const Node& node, Kind kind) {
    return node.kind == kind ||
           std::any_of(node.args.begin(), node.args.end(),
                       [&](const NodePtr& arg) { return arg && containsKind(*arg, kind); });
}

// The tree with every \pm decided one way.
NodePtr decided(const NodePtr& node, bool upper) {
    if (!node) {
        return node;
    }
    if (node->kind == Kind::PlusMinus) {
        const bool plus = (node->name == "+-") == upper;
        NodePtr right = decided(node->args[1], upper);
        right = plus ? right : negated(right);
        return node->args[0] ? makeNode(Kind::Add, {decided(node->args[0], upper), right}) : right;
    }
    auto copy = std::make_shared<Node>(*node);
    for (NodePtr& arg : copy->args) {
        arg = decided(arg, upper);
    }
    return copy;
}

bool isAssignmentList(const NodePtr& node) {
    return node->kind == Kind::List && node->args.size() >= 2 &&
           std::all_of(node->args.begin(), node->args.end(),
                       [](const NodePtr& arg) { return arg->kind == Kind::Relation; });
}

void appendFlat(std::vector<NodePtr>& out, const NodePtr& node) {
    if (node->kind == Kind::List || node->kind == Kind::Groups) {
        for (const NodePtr& arg : node->args) {
            appendFlat(out, arg);
        }
    } else {
        out.push_back(node);
    }
}

NodePtr matrixSum(const Node& a, const Node& b) {
    if (a.columns != b.columns || a.args.size() != b.args.size()) {
        return nullptr;
    }
    std::vector<NodePtr> members;
    for (std::size_t i = 0; i < a.args.size(); ++i) {
        members.push_back(makeNode(Kind::Add, {a.args[i], b.args[i]}));
    }
    return makeMatrix(std::move(members), a.columns);
}

NodePtr matrixProduct(const Node& a, const Node& b) {
    const std::size_t rows = a.args.size() / a.columns;
    const std::size_t inner = b.args.size() / b.columns;
    if (a.columns != inner || rows * b.columns * inner > 512) {
        return nullptr;
    }
    std::vector<NodePtr> members;
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < b.columns; ++c) {
            std::vector<NodePtr> terms;
            for (std::size_t k = 0; k < inner; ++k) {
                terms.push_back(makeNode(Kind::Multiply,
                                         {a.args[r * a.columns + k], b.args[k * b.columns + c]}));
            }
            members.push_back(makeNode(Kind::Add, std::move(terms)));
        }
    }
    return makeMatrix(std::move(members), b.columns);
}

NodePtr scaled(const Node& matrix, const NodePtr& factor) {
    std::vector<NodePtr> members;
    for (const NodePtr& arg : matrix.args) {
        members.push_back(makeNode(Kind::Multiply, {factor, arg}));
    }
    return makeMatrix(std::move(members), matrix.columns);
}

// Sums, products, multiples and quotients of matrices carried out; the node itself where that
// fails.
NodePtr matrixArithmetic(const NodePtr& node) {
    const bool sum = node->kind == Kind::Add;
    if (node->kind == Kind::Negate && node->args[0]->kind == Kind::Matrix) {
        return scaled(*node->args[0], makeNumber(-1));
    }
    if (node->kind == Kind::Divide && node->args[0]->kind == Kind::Matrix &&
        isScalar(*node->args[1])) {
        return scaled(*node->args[0], makeNode(Kind::Divide, {makeNumber(1), node->args[1]}));
    }
    if (!sum && node->kind != Kind::Multiply) {
        return node;
    }
    NodePtr out = node->args.front();
    for (std::size_t i = 1; out && i < node->args.size(); ++i) {
        const NodePtr& next = node->args[i];
        const bool left = out->kind == Kind::Matrix;
        const bool right = next->kind == Kind::Matrix;
        if (left && right) {
            out = sum ? matrixSum(*out, *next) : matrixProduct(*out, *next);
        } else if (!sum && left != right && isScalar(left ? *next : *out)) {
            out = left ? scaled(*out, next) : scaled(*next, out);
        } else if (!sum && !left && !right) {
            out = makeNode(Kind::Multiply, {out, next});
        } else {
            return node;
        }
        if (out && nodeCount(*out, limits::kNodes) >= limits::kNodes) {
            return node; // members of products share their parts: the tree doubles each time
        }
    }
    return out ? out : node;
}

NodePtr reducedMatrices(const NodePtr& node) {
    if (!node || !containsKind(*node, Kind::Matrix)) {
        return node;
    }
    auto copy = std::make_shared<Node>(*node);
    for (NodePtr& arg : copy->args) {
        arg = reducedMatrices(arg);
    }
    return matrixArithmetic(copy);
}

NodePtr flattened(const NodePtr& node) {
    switch (node->kind) {
    case Kind::Groups:
        if (std::all_of(node->args.begin(), node->args.end(), isAssignmentList)) {
            return node;
        }
        [[fallthrough]];
    case Kind::List: {
        std::vector<NodePtr> members;
        for (const NodePtr& arg : node->args) {
            appendFlat(members, normalForm(arg));
        }
        return members.size() == 1 ? members.front()
                                   : makeNode(Kind::List, std::move(members), node->name);
    }
    case Kind::Set:
    case Kind::Tuple: {
        auto copy = std::make_shared<Node>(*node);
        if (node->kind == Kind::Set) {
            copy->args.clear();
            for (const NodePtr& arg : node->args) {
                appendFlat(copy->args, normalForm(arg));
            }
        } else {
            for (NodePtr& arg : copy->args) {
                arg = normalForm(arg);
            }
        }
        return copy;
    }
    default:
        return node;
    }
}

} // namespace

NodePtr normalForm(const NodePtr& node) {
    const bool collection = node->kind == Kind::List || node->kind == Kind::Groups ||
                            node->kind == Kind::Set || node->kind == Kind::Tuple;
    if (collection) {
        return flattened(node);
    }
    if (containsKind(*node, Kind::PlusMinus)) {
        return makeNode(Kind::List, {reducedMatrices(decided(node, true)),
                                     reducedMatrices(decided(node, false))});
    }
    return reducedMatrices(node);
}

bool isNameLike(const Node& node) {
    const auto all = [&]() {
        return std::all_of(node.args.begin(), node.args.end(),
                           [](const NodePtr& arg) { return arg && isNameLike(*arg); });
    };
    switch (node.kind) {
    case Kind::Symbol:
    case Kind::Apply:
    case Kind::Text:
        return true;
    case Kind::Opaque:
        return node.name != "pmod";
    case Kind::Function:
        return (node.name == "abs" || node.name == "gcd" || node.name == "lcm" ||
                node.name == "max" || node.name == "min") &&
               !freeSymbols(node).empty() && (node.name != "abs" || all());
    case Kind::Multiply:
        return node.args.size() <= 4 && all();
    case Kind::Quantity: // "\angle ABC": letters behind a name are read as its unit
        return !node.unit.known && node.args[0]->kind == Kind::Symbol;
    case Kind::Divide:
    case Kind::Ratio:
    case Kind::Tuple:
    case Kind::List:
        return all();
    case Kind::Power:
        return node.args[0]->kind == Kind::Matrix ||
               (isNameLike(*node.args[0]) && node.args[1]->kind == Kind::Negate &&
                node.args[0]->kind == Kind::Symbol);
    case Kind::Matrix:
        return std::all_of(node.args.begin(), node.args.end(),
                           [](const NodePtr& arg) { return arg->kind == Kind::Symbol; });
    default:
        return false;
    }
}

} // namespace scrit::math
