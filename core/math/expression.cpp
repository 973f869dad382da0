// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/expression.h"

#include <algorithm>
#include <utility>

namespace scrit::math {

namespace {

std::string joined(std::vector<std::string> parts, std::string_view separator, bool sorted) {
    if (sorted) {
        std::sort(parts.begin(), parts.end());
    }
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i != 0) {
            out += separator;
        }
        out += parts[i];
    }
    return out;
}

std::vector<std::string> printed(const std::vector<NodePtr>& nodes) {
    std::vector<std::string> out;
    out.reserve(nodes.size());
    for (const NodePtr& node : nodes) {
        out.push_back(node ? canonicalText(*node) : std::string());
    }
    return out;
}

std::string wrapped(std::string_view open, const std::vector<NodePtr>& nodes,
                    std::string_view separator, std::string_view close, bool sorted) {
    return std::string(open) + joined(printed(nodes), separator, sorted) + std::string(close);
}

std::string relationText(const Node& node) {
    const std::vector<std::string> members = printed(node.args);
    std::string out = members.empty() ? std::string() : members.front();
    for (std::size_t i = 1; i < members.size(); ++i) {
        out += ' ' + node.ops[i - 1] + ' ' + members[i];
    }
    return out;
}

std::string intervalText(const Node& node) {
    return (node.closedLow ? "[" : "(") + joined(printed(node.args), ", ", false) +
           (node.closedHigh ? "]" : ")");
}

std::string scalarText(const Node& node) {
    switch (node.kind) {
    case Kind::Number:
        return node.value.get_str();
    case Kind::Infinity:
        return "oo";
    case Kind::Add:
        return wrapped("(", node.args, " + ", ")", true);
    case Kind::Multiply:
        return wrapped("(", node.args, "*", ")", true);
    case Kind::Divide:
        return wrapped("(", node.args, "/", ")", false);
    case Kind::Power:
        return wrapped("(", node.args, "^", ")", false);
    case Kind::Negate:
        return "-" + canonicalText(*node.args.front());
    case Kind::Factorial:
        return canonicalText(*node.args.front()) + "!";
    case Kind::Percent:
        return canonicalText(*node.args.front()) + "%";
    case Kind::Quantity:
        return canonicalText(*node.args.front()) + " " + node.name;
    case Kind::Root:
        return wrapped("root(", node.args, ", ", ")", false);
    case Kind::PlusMinus:
        return wrapped("(", node.args, node.name == "-+" ? " -+ " : " +- ", ")", false);
    default:
        return node.args.empty() ? node.name
                                 : wrapped(node.name + "(", node.args, ", ", ")", false);
    }
}

} // namespace

namespace {

// Fills in what follows from the arguments.
NodePtr finished(std::shared_ptr<Node> node) {
    for (const NodePtr& arg : node->args) {
        node->depth = std::max(node->depth, arg ? arg->depth + 1 : 1);
    }
    return node;
}

} // namespace

NodePtr makeNode(Kind kind, std::vector<NodePtr> args, std::string name) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->args = std::move(args);
    node->name = std::move(name);
    return finished(std::move(node));
}

NodePtr makeNumber(const Rational& value) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::Number;
    node->value = value;
    return finished(std::move(node));
}

NodePtr makeRelation(std::vector<NodePtr> members, std::vector<std::string> ops) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::Relation;
    node->args = std::move(members);
    node->ops = std::move(ops);
    return finished(std::move(node));
}

NodePtr makeInterval(NodePtr low, NodePtr high, bool closedLow, bool closedHigh) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::Interval;
    node->args = {std::move(low), std::move(high)};
    node->closedLow = closedLow;
    node->closedHigh = closedHigh;
    return finished(std::move(node));
}

NodePtr makeMatrix(std::vector<NodePtr> members, std::size_t columns) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::Matrix;
    node->args = std::move(members);
    node->columns = columns;
    return finished(std::move(node));
}

NodePtr negated(const NodePtr& node) {
    if (node->kind == Kind::Number) {
        auto copy = std::make_shared<Node>(*node);
        copy->value = -copy->value;
        return copy;
    }
    if (node->kind == Kind::Percent) { // -28% is (-28)%
        return makeNode(Kind::Percent, {negated(node->args.front())});
    }
    return makeNode(Kind::Negate, {node});
}

NodePtr difference(const NodePtr& a, const NodePtr& b) {
    return makeNode(Kind::Add, {a, negated(b)});
}

std::size_t nodeCount(const Node& node, std::size_t most) {
    std::size_t count = 1;
    for (const NodePtr& arg : node.args) {
        if (count >= most) {
            break;
        }
        count += arg ? nodeCount(*arg, most - count) : 0;
    }
    return std::min(count, most);
}

std::string canonicalText(const Node& node) {
    switch (node.kind) {
    case Kind::Tuple:
        return wrapped("(", node.args, ", ", ")", false);
    case Kind::Interval:
        return intervalText(node);
    case Kind::Set:
        return wrapped("{", node.args, ", ", "}", true);
    case Kind::List:
        return wrapped("", node.args, node.name == kEither ? " or " : ", ", "", true);
    case Kind::Groups:
        return wrapped("", node.args, "; ", "", true);
    case Kind::Union:
        return wrapped("", node.args, " U ", "", true);
    case Kind::Intersect:
        return wrapped("", node.args, " & ", "", true);
    case Kind::Without:
        return wrapped("", node.args, " \\ ", "", false);
    case Kind::EmptySet:
        return "{}";
    case Kind::Relation:
        return relationText(node);
    case Kind::Ratio:
        return wrapped("", node.args, " : ", "", false);
    case Kind::Matrix:
        return wrapped("matrix" + std::to_string(node.columns) + "[", node.args, ", ", "]", false);
    case Kind::BaseNumber:
        return node.name + "_" + node.value.get_str();
    default:
        return scalarText(node);
    }
}

std::set<std::string> freeSymbols(const Node& node) {
    std::set<std::string> out;
    if (node.kind == Kind::Symbol) {
        out.insert(node.name);
    }
    if (node.kind == Kind::Apply) {
        // An unknown function of something is a quantity of its own.
        out.insert(canonicalText(node));
        return out;
    }
    for (const NodePtr& arg : node.args) {
        if (arg) {
            out.merge(freeSymbols(*arg));
        }
    }
    if (node.kind == Kind::Sum && node.args.front()) {
        out.erase(node.args.front()->name);
    }
    return out;
}

NodePtr renamed(const NodePtr& node,
                const std::vector<std::pair<std::string, std::string>>& rename) {
    if (!node) {
        return node;
    }
    auto copy = std::make_shared<Node>(*node);
    if (node->kind == Kind::Symbol) {
        for (const auto& [from, to] : rename) {
            if (node->name == from) {
                copy->name = to;
                break;
            }
        }
    }
    for (NodePtr& arg : copy->args) {
        arg = renamed(arg, rename);
    }
    return copy;
}

bool isScalar(const Node& node) {
    switch (node.kind) {
    case Kind::Text:
    case Kind::Tuple:
    case Kind::Interval:
    case Kind::Set:
    case Kind::List:
    case Kind::Groups:
    case Kind::Union:
    case Kind::Intersect:
    case Kind::Without:
    case Kind::EmptySet:
    case Kind::Reals:
    case Kind::Relation:
    case Kind::Matrix:
    case Kind::Ratio:
    case Kind::BaseNumber:
        return false;
    default:
        break;
    }
    return std::all_of(node.args.begin(), node.args.end(),
                       [](const NodePtr& arg) { return !arg || isScalar(*arg); });
}

} // namespace scrit::math
