// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/limits.h"
#include "core/math/parser_state.h"

#include <algorithm>
#include <utility>

// Constructs with a notation of their own: big operators, integrals, limits, brackets, bars,
// matrices.
namespace scrit::math {

namespace {

NodePtr symbolNode(std::string name) {
    return makeNode(Kind::Symbol, {}, std::move(name));
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
    NodePtr body = product();
    return body ? makeNode(Kind::Sum, {variable, from, to, body}, name) : nullptr;
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
        NodePtr bound = exponent();
        if (!bound) {
            return nullptr;
        }
        (lower ? low : high) = bound;
    }
    const std::string outer = std::exchange(m_variable, std::string());
    ++m_integrals;
    NodePtr body = sum();
    --m_integrals;
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
    if (!target || !acceptSymbol("}")) {
        return nullptr;
    }
    NodePtr body = product();
    return body ? makeNode(Kind::Opaque, {body, variable, target}, "lim") : nullptr;
}

NodePtr Parser::decorated(const std::string& name) {
    NodePtr inner = argument();
    if (!inner) {
        return nullptr;
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
    const int bars = std::exchange(m_bars, 0);
    NodePtr inside = groups();
    m_bars = bars;
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
    const int bars = std::exchange(m_bars, 0);
    NodePtr inside = groups();
    m_bars = bars;
    if (inside && (acceptSymbol("|") || acceptSymbol(":"))) {
        // \{x | x > 3\}: the condition says it all
        NodePtr condition = groups();
        return condition && acceptSymbol("\\}") && condition->kind == Kind::Relation ? condition
                                                                                     : nullptr;
    }
    if (!inside || !acceptSymbol("\\}")) {
        return nullptr;
    }
    if (inside->kind == Kind::Ratio && inside->args.size() == 2 &&
        inside->args[1]->kind == Kind::Relation) {
        return inside->args[1];
    }
    const bool several = inside->kind == Kind::List || inside->kind == Kind::Groups;
    return makeNode(Kind::Set, several ? inside->args : std::vector<NodePtr>{inside});
}

NodePtr Parser::invisibleBraces() {
    ++m_pos;
    if (acceptSymbol("}")) {
        return makeNode(Kind::EmptySet);
    }
    const int bars = std::exchange(m_bars, 0);
    NodePtr inside = groups();
    m_bars = bars;
    return inside && acceptSymbol("}") ? inside : nullptr;
}

NodePtr Parser::bars() {
    if (isSymbol("||")) { // two single bars, so that ||x||y|| can be told apart
        m_tokens[m_pos].text = "|";
        m_tokens.insert(m_tokens.begin() + static_cast<std::ptrdiff_t>(m_pos), m_tokens[m_pos]);
        if (m_tokens.size() > 2 * limits::kTokens) {
            return nullptr;
        }
    }
    ++m_pos;
    ++m_bars;
    NodePtr inside = sum();
    --m_bars;
    if (inside && isSymbol("||")) {
        m_tokens[m_pos].text = "|";
        m_tokens.insert(m_tokens.begin() + static_cast<std::ptrdiff_t>(m_pos), m_tokens[m_pos]);
    }
    if (!inside || !acceptSymbol("|")) {
        return nullptr;
    }
    return makeNode(Kind::Function, {inside}, "abs");
}

NodePtr Parser::rounding(std::string_view name, std::string_view close) {
    NodePtr inside = sum();
    return inside && acceptCommand(close) ? makeNode(Kind::Function, {inside}, std::string(name))
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
