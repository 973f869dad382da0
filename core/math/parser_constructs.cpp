// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/limits.h"
#include "core/math/parser_state.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

// Constructs with a notation of their own: big operators, integrals, limits, brackets, bars,
// matrices.
namespace scrit::math {

namespace {

// A formula of numbers with the other sign of i.
NodePtr conjugate(const NodePtr& node) {
    if (node->kind == Kind::Constant && node->name == "i") {
        return negated(node);
    }
    auto copy = std::make_shared<Node>(*node);
    for (NodePtr& arg : copy->args) {
        arg = arg ? conjugate(arg) : arg;
    }
    return copy;
}

// \{x \in S | condition\}: the condition says it all where S is the reals or is not given.
NodePtr builtSet(const NodePtr& member, const NodePtr& condition) {
    const bool reals = member->kind == Kind::Relation && member->ops.size() == 1 &&
                       member->ops.front() == "in" && member->args[1]->kind == Kind::Reals &&
                       member->args[1]->name == "R";
    const bool name = member->kind == Kind::Symbol;
    return condition->kind == Kind::Relation && (reals || name) ? condition : nullptr;
}

// The same with a colon, which the reader takes for a ratio: x : x > 3 is (x : x) > 3. Nothing
// where there is no such colon, null where the set cannot be read.
std::optional<NodePtr> withColon(const Node& inside) {
    if (inside.kind != Kind::Relation) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < inside.args.size(); ++i) {
        const Node& part = *inside.args[i];
        if (part.kind != Kind::Ratio || part.args.size() != 2) {
            continue;
        }
        const auto at = static_cast<std::ptrdiff_t>(i);
        std::vector<NodePtr> front(inside.args.begin(), inside.args.begin() + at);
        front.push_back(part.args[0]);
        std::vector<NodePtr> back{part.args[1]};
        back.insert(back.end(), inside.args.begin() + at + 1, inside.args.end());
        if (back.size() < 2) {
            return nullptr;
        }
        const NodePtr member =
            front.size() == 1
                ? front.front()
                : makeRelation(std::move(front), {inside.ops.begin(), inside.ops.begin() + at});
        return builtSet(member,
                        makeRelation(std::move(back), {inside.ops.begin() + at, inside.ops.end()}));
    }
    return std::nullopt;
}

// The sum over all permutations; null for a matrix that is not square or larger than 4 x 4.
NodePtr expandedDeterminant(const std::vector<NodePtr>& members, std::size_t columns) {
    if (columns == 0 || columns > 4 || members.size() != columns * columns ||
        !std::all_of(members.begin(), members.end(),
                     [](const NodePtr& member) { return isScalar(*member); })) {
        return nullptr;
    }
    // Each member is written out (columns - 1)! times: nested determinants would grow without end.
    static constexpr std::array<std::size_t, 5> kTimes = {1, 1, 1, 2, 6};
    std::size_t size = 0;
    for (const NodePtr& member : members) {
        size += nodeCount(*member, limits::kNodes) * kTimes[columns];
    }
    if (size >= limits::kNodes) {
        return nullptr;
    }
    std::vector<std::size_t> order(columns);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<NodePtr> terms;
    do {
        bool odd = false;
        std::vector<NodePtr> factors;
        for (std::size_t r = 0; r < columns; ++r) {
            factors.push_back(members[r * columns + order[r]]);
            for (std::size_t s = r + 1; s < columns; ++s) {
                odd = odd != (order[r] > order[s]);
            }
        }
        const NodePtr term =
            columns == 1 ? factors.front() : makeNode(Kind::Multiply, std::move(factors));
        terms.push_back(odd ? negated(term) : term);
    } while (std::next_permutation(order.begin(), order.end()));
    return terms.size() == 1 ? terms.front() : makeNode(Kind::Add, std::move(terms));
}

} // namespace

NodePtr Parser::bigOperator(const std::string& name) {
    NodePtr variable;
    NodePtr from;
    NodePtr to;
    for (int i = 0; i < 2; ++i) {
        if (acceptSymbol("_")) {
            const bool braced = acceptSymbol("{");
            if (peek().kind != TokenKind::Letter) {
                return nullptr;
            }
            std::string letterName = peek().text;
            ++m_pos;
            variable = symbolNode(std::move(letterName));
            if (braced) {
                if (acceptSymbol("=")) {
                    from = sum();
                    if (!from) {
                        return nullptr;
                    }
                }
                if (!acceptSymbol("}")) {
                    return nullptr;
                }
            }
        } else if (acceptSymbol("^")) {
            m_boundsOnly = !isSymbol("{"); // in ^c_{a=b} the subscript belongs to the sum
            to = exponent();
            m_boundsOnly = false;
            if (!to) {
                return nullptr;
            }
        }
    }
    if (!variable) {
        return nullptr;
    }
    m_bound.push_back(variable->name); // i counts here and is not the imaginary unit
    NodePtr body = product();
    m_bound.pop_back();
    return body ? makeNode(Kind::Sum, {variable, from, to, body}, name) : nullptr;
}

// A bound of an integral: what stands in braces, or one token.
NodePtr Parser::bound() {
    if (isSymbol("-") || isSymbol("+")) {
        const bool minus = isSymbol("-");
        ++m_pos;
        NodePtr inner = bound();
        return inner && minus ? negated(inner) : inner;
    }
    const bool outer = std::exchange(m_boundsOnly, !isSymbol("{"));
    NodePtr node = primary();
    m_boundsOnly = outer;
    return node;
}

NodePtr Parser::integral() {
    NodePtr low;
    NodePtr high;
    for (int i = 0; i < 2; ++i) {
        const bool lower = isSymbol("_");
        if (!lower && !isSymbol("^")) {
            break;
        }
        if (isSymbol("{", 1) && isSymbol("}", 2)) {
            m_pos += 3;
            continue;
        }
        ++m_pos;
        NodePtr end = bound();
        if (!end) {
            return nullptr;
        }
        (lower ? low : high) = end;
    }
    const std::string outer = std::exchange(m_variable, std::string());
    ++m_integrals;
    NodePtr body = sum();
    --m_integrals;
    if (body && m_variable.empty()) { // "\int (x+a)" leaves out what it is over
        const std::set<std::string> names = freeSymbols(*body);
        m_variable = names.contains("x") ? "x" : names.size() == 1 ? *names.begin() : "";
    }
    NodePtr variable = symbolNode(m_variable.empty() ? "?" : m_variable);
    m_variable = outer;
    return body ? makeNode(Kind::Opaque, {body, variable, low, high}, "int") : nullptr;
}

NodePtr Parser::limit() {
    if (!acceptSymbol("_") || !acceptSymbol("{")) {
        return nullptr;
    }
    NodePtr variable = sum();
    if (!variable || !acceptSymbol("->")) {
        return nullptr;
    }
    NodePtr target = sum();
    if (!target) {
        return nullptr;
    }
    // x \to 3^{-}: the sign says from where, and was skipped as an exponent.
    const Token& last = m_tokens[m_pos - (m_tokens[m_pos - 1].text == "}" ? 2 : 1)];
    const bool sided = last.kind == TokenKind::Symbol && (last.text == "-" || last.text == "+");
    const std::string name = "lim" + (sided ? last.text : std::string());
    if (!acceptSymbol("}")) {
        return nullptr;
    }
    NodePtr body = product();
    return body ? makeNode(Kind::Opaque, {body, variable, target}, name) : nullptr;
}

NodePtr Parser::decorated(const std::string& name) {
    NodePtr inner = argument();
    if (!inner) {
        return nullptr;
    }
    // \overline{3+4i} is a conjugate.
    const auto isImaginary = [](const NodePtr& arg) {
        return arg->kind == Kind::Constant && arg->name == "i";
    };
    if (name == "bar" && inner->kind == Kind::Add && freeSymbols(*inner).empty() &&
        std::any_of(inner->args.begin(), inner->args.end(), [&](const NodePtr& arg) {
            const Node& part = arg->kind == Kind::Negate ? *arg->args.front() : *arg;
            return isImaginary(arg) || std::any_of(part.args.begin(), part.args.end(), isImaginary);
        })) {
        return conjugate(inner);
    }
    // Unit vectors keep their letter; \overline{AB} is the segment AB.
    const bool axis = name == "hat" &&
                      ((inner->kind == Kind::Constant && inner->name == "i") ||
                       (inner->kind == Kind::Symbol && (inner->name == "j" || inner->name == "k")));
    const bool segment =
        name == "bar" && inner->kind == Kind::Multiply &&
        std::all_of(inner->args.begin(), inner->args.end(), [](const NodePtr& arg) {
            return arg->kind == Kind::Symbol && arg->name[0] >= 'A' && arg->name[0] <= 'Z';
        });
    if (axis || segment) {
        return inner;
    }
    const std::string index = subscript();
    if (index == "?") {
        return nullptr;
    }
    return symbolNode(name + "{" + canonicalText(*inner) + "}" + index);
}

NodePtr Parser::bracketed() {
    const bool closedLow = isSymbol("[");
    const bool reversed = isSymbol("]"); // ]0, 1[
    ++m_pos;
    NodePtr inside = stacked(groups());
    if (!inside ||
        !(isSymbol(")") || isSymbol("]") || (isSymbol("[") && (reversed || closedLow)))) {
        return nullptr;
    }
    const bool closedHigh = isSymbol("]");
    ++m_pos;
    const bool pair = inside->kind == Kind::List && inside->args.size() == 2;
    if (pair && (closedLow || closedHigh || reversed)) {
        return makeInterval(inside->args[0], inside->args[1], closedLow, closedHigh);
    }
    if (inside->kind == Kind::List || inside->kind == Kind::Groups) {
        return closedLow == closedHigh && !reversed ? makeNode(Kind::Tuple, inside->args) : nullptr;
    }
    return closedLow == closedHigh && !reversed ? inside : nullptr;
}

NodePtr Parser::setBraces() {
    ++m_pos;
    if (acceptSymbol("\\}")) {
        return makeNode(Kind::EmptySet);
    }
    NodePtr inside = groups();
    if (inside && (isSymbol("|") || isSymbol(":"))) {
        ++m_pos;
        NodePtr condition = groups();
        return condition && acceptSymbol("\\}") ? builtSet(inside, condition) : nullptr;
    }
    if (!inside || !acceptSymbol("\\}")) {
        return nullptr;
    }
    if (const std::optional<NodePtr> built = withColon(*inside)) {
        return *built;
    }
    const bool several = inside->kind == Kind::List || inside->kind == Kind::Groups;
    return makeNode(Kind::Set, several ? inside->args : std::vector<NodePtr>{inside});
}

NodePtr Parser::invisibleBraces() {
    ++m_pos;
    if (acceptSymbol("}")) {
        return makeNode(Kind::EmptySet);
    }
    NodePtr inside = stacked(groups());
    return inside && acceptSymbol("}") ? inside : nullptr;
}

NodePtr Parser::bars() {
    ++m_pos;
    NodePtr inside = sum();
    if (!inside || !acceptSymbol("|>")) {
        return nullptr;
    }
    return makeNode(Kind::Function, {inside}, "abs");
}

NodePtr Parser::rounding(std::string_view name, std::string_view close) {
    NodePtr inside = sum();
    return inside && acceptCommand(close) ? makeNode(Kind::Function, {inside}, std::string(name))
                                          : nullptr;
}

NodePtr Parser::determinant() {
    const NodePtr inner = primary();
    return inner && inner->kind == Kind::Matrix ? expandedDeterminant(inner->args, inner->columns)
                                                : nullptr;
}

NodePtr Parser::matrix() {
    const std::string environment = peek().text;
    ++m_pos;
    std::vector<NodePtr> members;
    std::vector<NodePtr> rows;
    std::size_t columns = 0;
    std::size_t inRow = 0;
    const auto endRow = [&]() {
        columns = std::max(columns, inRow);
        const bool even = inRow == columns;
        inRow = 0;
        return even;
    };
    while (peek().kind != TokenKind::Finish) {
        if (acceptSymbol("\\\\")) {
            if (inRow > 0 && !endRow()) {
                return nullptr;
            }
            continue;
        }
        if (acceptSymbol("&")) {
            continue;
        }
        NodePtr member = list();
        if (!member || members.size() >= limits::kItems * 4) {
            return nullptr;
        }
        members.push_back(std::move(member));
        ++inRow;
        if (!isSymbol("&") && !isSymbol("\\\\") && peek().kind != TokenKind::Finish) {
            return nullptr;
        }
    }
    if (peek().text != environment || (inRow > 0 && !endRow()) || members.empty() ||
        members.size() % columns != 0) {
        return nullptr;
    }
    ++m_pos;
    if (environment == "vmatrix") {
        return expandedDeterminant(members, columns);
    }
    if (environment == "Vmatrix") {
        return nullptr;
    }
    if (environment.find("matrix") != std::string::npos || environment == "array") {
        return makeMatrix(std::move(members), columns);
    }
    const bool lines = environment == "aligned" || environment == "align" ||
                       environment == "align*" || environment == "gathered" ||
                       environment == "cases" || environment == "split";
    if (!lines || columns != 1) {
        return nullptr;
    }
    return members.size() == 1 ? members.front() : makeNode(Kind::List, std::move(members));
}

} // namespace scrit::math
