// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/parser.h"

#include "core/math/bars.h"
#include "core/math/limits.h"
#include "core/math/parser_state.h"
#include "core/math/units.h"
#include "core/math/vocabulary.h"

#include <array>
#include <utility>

namespace scrit::math {

namespace {

// What ">= 5" is about.
constexpr std::string_view kUnnamed = "?";

// A length and a smaller one as one value in the larger unit; null when they do not fit together.
NodePtr addedQuantities(const Node& large, const Node& small) {
    if (!sameDimension(large.unit, small.unit) || small.unit.factor >= large.unit.factor) {
        return nullptr;
    }
    const NodePtr share = makeNumber(small.unit.factor / large.unit.factor);
    const NodePtr value =
        makeNode(Kind::Add, {large.args[0], makeNode(Kind::Multiply, {small.args[0], share})});
    auto node = std::make_shared<Node>(*makeNode(Kind::Quantity, {value}, large.name));
    node->unit = large.unit;
    return node;
}

} // namespace

bool Parser::Level::ok() const {
    return m_parser.m_depth <= limits::kDepth * 12;
}

const Token& Parser::peek(std::size_t ahead) const {
    return m_tokens[std::min(m_pos + ahead, m_tokens.size() - 1)];
}
bool Parser::isSymbol(std::string_view text, std::size_t ahead) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::Symbol && token.text == text;
}
bool Parser::isCommand(std::string_view text, std::size_t ahead) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::Command && token.text == text;
}
bool Parser::acceptSymbol(std::string_view text) {
    const bool yes = isSymbol(text);
    m_pos += yes ? 1 : 0;
    return yes;
}
bool Parser::acceptCommand(std::string_view text) {
    const bool yes = isCommand(text);
    m_pos += yes ? 1 : 0;
    return yes;
}

NodePtr Parser::whole() {
    NodePtr node = stacked(groups());
    const bool good = node && peek().kind == TokenKind::End && node->depth <= limits::kTreeDepth;
    return good ? node : nullptr;
}

NodePtr Parser::groups() {
    std::vector<NodePtr> parts;
    bool either = false;
    while (true) {
        NodePtr part = list();
        if (!part || parts.size() >= limits::kItems) {
            return nullptr;
        }
        parts.push_back(std::move(part));
        bool separated = false;
        for (bool more = true; more;) {
            const bool other = acceptCommand("or");
            more = other || acceptCommand("and") || acceptSymbol(";");
            either = either || other;
            separated = separated || more;
        }
        if (!separated || peek().kind == TokenKind::End) {
            break;
        }
    }
    if (parts.size() == 2 && parts[0]->kind == Kind::Quantity &&
        parts[1]->kind == Kind::Quantity) { // "2 hours and 30 minutes"
        if (NodePtr sum = addedQuantities(*parts[0], *parts[1])) {
            return sum;
        }
    }
    return parts.size() == 1
               ? parts.front()
               : makeNode(Kind::Groups, std::move(parts), either ? std::string(kEither) : "");
}

// {10 \choose 3} and {a \over b}: what stands before is the upper part.
NodePtr Parser::stacked(NodePtr upper) {
    const bool choose = isCommand("choose");
    if (!upper || !(choose || isCommand("over"))) {
        return upper;
    }
    ++m_pos;
    NodePtr lower = groups();
    if (!lower || !isScalar(*upper) || !isScalar(*lower)) {
        return nullptr;
    }
    return choose ? makeNode(Kind::Function, {upper, lower}, "binom")
                  : makeNode(Kind::Divide, {upper, lower});
}

NodePtr Parser::list() {
    std::vector<NodePtr> members;
    bool either = false;
    while (true) {
        NodePtr member = relation();
        if (!member || members.size() >= limits::kItems) {
            return nullptr;
        }
        members.push_back(std::move(member));
        if (!acceptSymbol(",")) {
            break;
        }
        // "19, 46, and 82" is one list.
        if (!acceptCommand("and")) {
            either = acceptCommand("or") || either;
        }
    }
    if (members.size() == 2 && members[0]->kind == Kind::Quantity &&
        members[1]->kind == Kind::Quantity) { // "2 hours, 30 minutes"
        if (NodePtr total = addedQuantities(*members[0], *members[1])) {
            return total;
        }
    }
    return members.size() == 1
               ? members.front()
               : makeNode(Kind::List, std::move(members), either ? std::string(kEither) : "");
}

std::string Parser::relationOperator() {
    static constexpr std::array<std::string_view, 7> kOperators = {
        "=", "!=", "<", "<=", ">", ">=", "~"};
    for (const std::string_view op : kOperators) {
        if (acceptSymbol(op)) {
            return std::string(op);
        }
    }
    return acceptCommand("in") ? "in" : acceptCommand("equiv") ? "=" : std::string();
}

NodePtr Parser::relation() {
    if (!acceptSymbol("=")) { // "= 5" continues a computation
        acceptSymbol("~");
    }
    std::vector<NodePtr> members;
    std::vector<std::string> ops;
    if (isSymbol("<") || isSymbol("<=") || isSymbol(">") || isSymbol(">=")) {
        // ">= 5" leaves out what is at least five
        members.push_back(makeNode(Kind::Symbol, {}, std::string(kUnnamed)));
        ops.push_back(relationOperator());
    }
    while (true) {
        NodePtr member = remainder(setExpression());
        if (!member || members.size() >= limits::kItems) {
            return nullptr;
        }
        members.push_back(std::move(member));
        std::string op = relationOperator();
        if (op.empty()) {
            break;
        }
        ops.push_back(std::move(op));
    }
    return ops.empty() ? members.front() : makeRelation(std::move(members), std::move(ops));
}

// 3 \pmod 7 and 3 (mod 7): a class of remainders.
NodePtr Parser::remainder(NodePtr value) {
    const bool bracket = isSymbol("(") && isCommand("mod", 1);
    if (!value || !(bracket || isCommand("pmod"))) {
        return value;
    }
    m_pos += bracket ? 2 : 1;
    NodePtr modulus = bracket ? sum() : argument();
    if (!modulus || (bracket && !acceptSymbol(")"))) {
        return nullptr;
    }
    return isScalar(*value) && isScalar(*modulus) ? makeNode(Kind::Opaque, {value, modulus}, "pmod")
                                                  : nullptr;
}

NodePtr Parser::setExpression() {
    NodePtr left = ratio();
    while (left) {
        const Kind kind = isCommand("cup")       ? Kind::Union
                          : isCommand("cap")     ? Kind::Intersect
                          : isCommand("without") ? Kind::Without
                                                 : Kind::Text;
        if (kind == Kind::Text) {
            break;
        }
        ++m_pos;
        NodePtr right = ratio();
        if (!right) {
            return nullptr;
        }
        if (left->kind == kind && kind != Kind::Without) {
            std::vector<NodePtr> parts = left->args;
            parts.push_back(std::move(right));
            if (parts.size() > limits::kItems) {
                return nullptr;
            }
            left = makeNode(kind, std::move(parts));
        } else {
            left = makeNode(kind, {left, right});
        }
    }
    return left;
}

NodePtr Parser::ratio() {
    NodePtr first = sum();
    if (!first || !isSymbol(":")) {
        return first;
    }
    std::vector<NodePtr> parts{std::move(first)};
    while (acceptSymbol(":")) {
        NodePtr part = sum();
        if (!part || parts.size() >= limits::kItems) {
            return nullptr;
        }
        parts.push_back(std::move(part));
    }
    return makeNode(Kind::Ratio, std::move(parts));
}

NodePtr Parser::sum() {
    const Level level(*this);
    if (!level.ok()) {
        return nullptr;
    }
    std::vector<NodePtr> terms;
    if (isCommand("pm") || isCommand("mp")) {
        std::string sign = isCommand("pm") ? "+-" : "-+";
        ++m_pos;
        NodePtr right = product();
        if (!right) {
            return nullptr;
        }
        terms.push_back(makeNode(Kind::PlusMinus, {nullptr, right}, std::move(sign)));
    } else {
        NodePtr first = product();
        if (!first) {
            return nullptr;
        }
        terms.push_back(std::move(first));
    }
    while (terms.size() < limits::kNodes) {
        if (m_integrals > 0 && !m_variable.empty()) {
            break;
        }
        const bool minus = isSymbol("-");
        if (minus || isSymbol("+")) {
            ++m_pos;
            if (isSymbol("...")) {
                return nullptr;
            }
            NodePtr term = product();
            if (!term) {
                return nullptr;
            }
            terms.push_back(minus ? negated(term) : std::move(term));
        } else if (isCommand("pm") || isCommand("mp")) {
            std::string sign = isCommand("pm") ? "+-" : "-+";
            ++m_pos;
            NodePtr right = product();
            if (!right) {
                return nullptr;
            }
            NodePtr left =
                terms.size() == 1 ? terms.front() : makeNode(Kind::Add, std::move(terms));
            terms = {makeNode(Kind::PlusMinus, {left, right}, std::move(sign))};
        } else {
            break;
        }
    }
    return terms.size() == 1 ? terms.front() : makeNode(Kind::Add, std::move(terms));
}

bool Parser::startsFactor() const {
    const Token& token = peek();
    switch (token.kind) {
    case TokenKind::Number:
    case TokenKind::Letter:
    case TokenKind::Begin:
        return true;
    case TokenKind::Symbol:
        if (token.text == "[") { // the end of ]0, 1[
            const Token& next = peek(1);
            return next.kind != TokenKind::End && !isCommand("cup", 1) && !isCommand("cap", 1) &&
                   !isCommand("and", 1) && !isCommand("or", 1) && next.text != "," &&
                   next.text != ")" && next.text != "}" && next.text != ";";
        }
        return token.text == "{" || token.text == "|<" ||
               (token.text == "(" && !isCommand("mod", 1));
    case TokenKind::Command: {
        static constexpr std::array<std::string_view, 18> kStarts = {
            "frac",  "sqrt", "binom", "sum", "prod",  "int", "lim",   "oo",    "lfloor",
            "lceil", "pi",   "bar",   "hat", "tilde", "dot", "boxed", "plain", "theta"};
        return isFunction(token.text) ||
               std::find(kStarts.begin(), kStarts.end(), token.text) != kStarts.end() ||
               token.text == "gcd" || token.text == "lcm" || token.text == "max" ||
               token.text == "min" || token.text == "exp";
    }
    default:
        return false;
    }
}

// One implicit factor after `left`; false when there is none. `left` becomes null on an error.
bool Parser::multiply(NodePtr& left) {
    if (peek().kind == TokenKind::Number && m_pos > 0 &&
        m_tokens[m_pos - 1].kind == TokenKind::Number) {
        left = nullptr; // "1 3" is no product
        return true;
    }
    NodePtr right = factor();
    if (!right) {
        left = nullptr;
    } else if (left->kind == Kind::Multiply) {
        std::vector<NodePtr> factors = left->args;
        factors.push_back(std::move(right));
        left = factors.size() > 64 ? makeNode(Kind::Multiply, {left, factors.back()})
                                   : makeNode(Kind::Multiply, std::move(factors));
    } else {
        left = makeNode(Kind::Multiply, {left, right});
    }
    return true;
}

NodePtr Parser::product() {
    NodePtr left = signedFactor();
    std::size_t count = 0;
    while (left && ++count < limits::kNodes) {
        if (isSymbol("*") || isSymbol("/")) {
            const bool division = isSymbol("/");
            ++m_pos;
            NodePtr right = signedFactor();
            if (!right) {
                return nullptr;
            }
            left = makeNode(division ? Kind::Divide : Kind::Multiply, {left, right});
        } else if (acceptCommand("mod")) {
            NodePtr right = signedFactor();
            left = right ? makeNode(Kind::Function, {left, right}, "mod") : nullptr;
        } else if (peek().kind == TokenKind::Words) {
            left = quantity(left);
        } else if (startsSmallerUnit(*left)) {
            left = withSmallerUnit(left);
        } else if (startsFactor()) {
            if (!multiply(left)) {
                break;
            }
        } else {
            break;
        }
    }
    // The tree of a long left-leaning product is as deep as it is long.
    return count > static_cast<std::size_t>(limits::kDepth) * 4 ? nullptr : left;
}

NodePtr Parser::signedFactor() {
    const Level level(*this);
    if (!level.ok()) {
        return nullptr;
    }
    bool negative = false;
    while (isSymbol("-") || isSymbol("+")) {
        negative = negative != isSymbol("-");
        ++m_pos;
    }
    NodePtr node = factor();
    return node && negative ? negated(node) : node;
}

NodePtr Parser::factor() {
    const Level level(*this);
    if (!level.ok()) {
        return nullptr;
    }
    if (peek().kind == TokenKind::Words && peek(1).kind == TokenKind::Number &&
        isKnownUnit(peek().text, false)) {
        // "€5", "USD 5": a currency in front
        const Token unit = peek();
        ++m_pos;
        NodePtr value = postfix(primary());
        if (!value) {
            return nullptr;
        }
        auto node = std::make_shared<Node>(*makeNode(Kind::Quantity, {value}, unit.text));
        node->unit = readUnit(unit.text, unit.upright);
        return node;
    }
    NodePtr node = primary();
    return node ? postfix(std::move(node)) : nullptr;
}

// "2 hours 30 minutes": a number and a smaller unit of the same kind follow.
bool Parser::startsSmallerUnit(const Node& value) const {
    const bool letter = peek(1).kind == TokenKind::Letter;
    if (value.kind != Kind::Quantity || !value.unit.known || peek().kind != TokenKind::Number ||
        !(letter || peek(1).kind == TokenKind::Words)) {
        return false;
    }
    const Unit next = readUnit(peek(1).text, letter || peek(1).upright);
    return sameDimension(value.unit, next) && next.factor < value.unit.factor;
}

NodePtr Parser::withSmallerUnit(const NodePtr& value) {
    m_tokens[m_pos + 1].kind = TokenKind::Words; // "1 kg 500 g"
    m_tokens[m_pos + 1].upright = true;
    const NodePtr part = number();
    const NodePtr next = part && peek().kind == TokenKind::Words ? quantity(part) : nullptr;
    return next ? addedQuantities(*value, *next) : nullptr;
}

NodePtr Parser::quantity(const NodePtr& value) {
    std::string text = peek().text;
    const bool upright = peek().upright;
    bool letters = false;
    ++m_pos;
    while (true) {
        if (isSymbol("^") && (peek(1).kind == TokenKind::Number)) {
            text += "^" + peek(1).text;
            m_pos += 2;
        } else if (isSymbol("^") && isSymbol("{", 1) && peek(2).kind == TokenKind::Number &&
                   isSymbol("}", 3)) {
            text += "^" + peek(2).text;
            m_pos += 4;
        } else if (isSymbol("^") && isSymbol("{", 1) && isSymbol("-", 2) &&
                   peek(3).kind == TokenKind::Number && isSymbol("}", 4)) {
            text += "^-" + peek(3).text;
            m_pos += 5;
        } else if ((isSymbol("/") || isSymbol("*") || isSymbol("-")) &&
                   peek(1).kind == TokenKind::Words) {
            text += (isSymbol("/") ? "/" : " ") + peek(1).text;
            m_pos += 2;
        } else if ((isSymbol("/") || isSymbol("*") || isSymbol("-")) && isSymbol("{", 1) &&
                   peek(2).kind == TokenKind::Words && isSymbol("}", 3)) {
            text += (isSymbol("/") ? "/" : " ") + peek(2).text;
            m_pos += 4;
        } else if (isSymbol("/") && peek(1).kind == TokenKind::Letter &&
                   isKnownUnit(peek(1).text, true) && isKnownUnit(text, upright)) {
            text += "/" + peek(1).text; // "km/h"
            m_pos += 2;
            letters = true;
        } else if (peek().kind == TokenKind::Words) {
            text += " " + peek().text;
            ++m_pos;
        } else {
            break;
        }
    }
    if (value->kind == Kind::Quantity) {
        return nullptr;
    }
    // "3.5 million dollars": the words of the number belong to it and not to the unit.
    const NumberSuffix suffix = numberSuffix(text);
    NodePtr whole =
        suffix.factor == 1 ? value : makeNode(Kind::Multiply, {value, makeNumber(suffix.factor)});
    if (suffix.factor != 1 && suffix.rest.empty()) {
        return whole;
    }
    text = suffix.rest;
    auto node = std::make_shared<Node>(*makeNode(Kind::Quantity, {whole}, text));
    node->unit = readUnit(text, upright || letters);
    return node;
}

NodePtr parseAnswer(std::string_view text, CommaReading commas) {
    std::optional<std::vector<Token>> tokens = tokenize(text, commas);
    if (!tokens || tokens->size() < 2) {
        return nullptr;
    }
    pairBars(*tokens);
    // Deep brackets cost stack before they cost anything else: count them first.
    int depth = 0;
    for (const Token& token : *tokens) {
        if (token.kind == TokenKind::Symbol &&
            (token.text == "(" || token.text == "{" || token.text == "[" || token.text == "\\{" ||
             token.text == "^")) {
            depth += token.text == "^" ? 0 : 1;
        } else if (token.kind == TokenKind::Symbol && (token.text == ")" || token.text == "}" ||
                                                       token.text == "]" || token.text == "\\}")) {
            depth -= depth > 0 ? 1 : 0;
        }
        if (depth > limits::kDepth) {
            return nullptr;
        }
    }
    return Parser(std::move(*tokens)).whole();
}

} // namespace scrit::math
