// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/limits.h"
#include "core/math/parser_state.h"
#include "core/math/units.h"
#include "core/math/vocabulary.h"

#include <algorithm>
#include <utility>

namespace scrit::math {

namespace {

NodePtr constant(std::string name) {
    return makeNode(Kind::Constant, {}, std::move(name));
}

bool isInteger(const Token& token) {
    return token.kind == TokenKind::Number && token.decimals < 0 && token.value->get_den() == 1 &&
           !token.text.empty();
}

NodePtr numberNode(const Token& token) {
    auto node = std::make_shared<Node>();
    node->kind = Kind::Number;
    node->value = *token.value;
    node->decimals = token.decimals;
    node->digits = token.digits;
    return node;
}

} // namespace

NodePtr Parser::degrees(const NodePtr& value) {
    if (value->kind == Kind::Quantity) {
        return nullptr;
    }
    std::string text = "degree";
    if (peek().kind == TokenKind::Letter && (peek().text == "C" || peek().text == "F") &&
        peek(1).kind == TokenKind::End) {
        text += " " + peek().text;
        ++m_pos;
    } else if (peek().kind == TokenKind::Words &&
               temperatureScale("degree " + peek().text) != '\0') { // "degrees Celsius"
        text += " " + peek().text;
        ++m_pos;
    }
    auto node = std::make_shared<Node>(*makeNode(Kind::Quantity, {value}, text));
    node->unit = readUnit("degree", true);
    return node;
}

// x^{}, x^{-}, x^+ and the like (one-sided limits), 5^{\text{th}}: nothing that counts.
bool Parser::skipEmptyExponent() {
    if ((isSymbol("-", 1) || isSymbol("+", 1)) && isSymbol("}", 2)) {
        m_pos += 2;
        return true;
    }
    if (!isSymbol("{", 1)) {
        return false;
    }
    if (isSymbol("}", 2)) {
        m_pos += 3;
        return true;
    }
    const bool sign = isSymbol("-", 2) || isSymbol("+", 2);
    if ((sign || peek(2).kind == TokenKind::Words) && isSymbol("}", 3)) {
        m_pos += 4;
        return true;
    }
    return false;
}

NodePtr Parser::postfix(NodePtr base) {
    int count = 0;
    while (base && ++count < limits::kDepth) {
        if (acceptSymbol("!")) {
            base = makeNode(Kind::Factorial, {base});
        } else if (acceptSymbol("%")) {
            base = makeNode(Kind::Percent, {base});
        } else if (isCommand("deg")) {
            ++m_pos;
            base = degrees(base);
        } else if (isSymbol("^") && isCommand("deg", 1)) {
            m_pos += 2;
            base = degrees(base);
        } else if (isSymbol("^") && isSymbol("{", 1) && isCommand("deg", 2) && isSymbol("}", 3)) {
            m_pos += 4;
            base = degrees(base);
        } else if (isSymbol("^") && skipEmptyExponent()) {
            continue;
        } else if (acceptSymbol("^")) {
            NodePtr power = exponent();
            base = power ? makeNode(Kind::Power, {base, power}) : nullptr;
        } else {
            return base;
        }
    }
    return base;
}

NodePtr Parser::exponent() {
    const Level level(*this);
    if (!level.ok()) {
        return nullptr;
    }
    if (isSymbol("-") || isSymbol("+")) {
        const bool minus = isSymbol("-");
        ++m_pos;
        NodePtr inner = exponent();
        return inner && minus ? negated(inner) : inner;
    }
    NodePtr node = primary();
    if (node && acceptSymbol("^")) { // 2^3^4 is 2^(3^4)
        NodePtr upper = exponent();
        node = upper ? makeNode(Kind::Power, {node, upper}) : nullptr;
    }
    return node;
}

NodePtr Parser::primary() {
    const Level level(*this);
    if (!level.ok()) {
        return nullptr;
    }
    const Token& token = peek();
    switch (token.kind) {
    case TokenKind::Number:
        return number();
    case TokenKind::Letter:
        return letter();
    case TokenKind::Command:
        return command();
    case TokenKind::Begin:
        return matrix();
    case TokenKind::Words: {
        if (token.text.empty()) {
            return nullptr;
        }
        NodePtr node = makeNode(Kind::Text, {}, token.text);
        ++m_pos;
        return node;
    }
    case TokenKind::Symbol:
        if (token.text == "(" || token.text == "[" || token.text == "]") {
            return bracketed();
        }
        if (token.text == "\\{") {
            return setBraces();
        }
        if (token.text == "{") {
            return invisibleBraces();
        }
        return token.text == "|<" ? bars() : nullptr;
    default:
        return nullptr;
    }
}

// 1\frac{1}{2} and 1 1/2 are one and a half, when the fraction is a proper one of whole numbers.
NodePtr Parser::mixedNumber(const Token& whole) {
    if (!isInteger(whole)) {
        return nullptr;
    }
    Rational part;
    std::size_t length = 0;
    if (isCommand("frac") && isSymbol("{", 1) && isInteger(peek(2)) && isSymbol("}", 3) &&
        isSymbol("{", 4) && isInteger(peek(5)) && isSymbol("}", 6) && *peek(5).value > 0) {
        part = *peek(2).value / *peek(5).value;
        length = 7;
    } else if (isInteger(peek()) && peek().spaceBefore && isSymbol("/", 1) && isInteger(peek(2)) &&
               *peek(2).value > 0) {
        part = *peek().value / *peek(2).value;
        length = 3;
    } else if (isCommand("frac") && isInteger(peek(1)) && peek(1).text.size() == 2 &&
               peek(1).text[1] != '0') {
        part = Rational(peek(1).text[0] - '0', peek(1).text[1] - '0');
        part.canonicalize();
        length = 2;
    }
    if (length == 0 || part >= 1 || part <= 0) {
        return nullptr;
    }
    m_pos += length;
    return makeNumber(*whole.value + part);
}

NodePtr Parser::number() {
    const Token token = peek();
    ++m_pos;
    if (NodePtr mixed = mixedNumber(token)) {
        return mixed;
    }
    if (isSymbol("_")) {
        const bool braced = isSymbol("{", 1) && isInteger(peek(2)) && isSymbol("}", 3);
        const Token& base = peek(braced ? 2 : 1);
        const bool valid = isInteger(token) && isInteger(base) && *base.value >= 2 &&
                           *base.value <= 36 &&
                           std::all_of(token.text.begin(), token.text.end(),
                                       [&](char c) { return *base.value > c - '0'; });
        if (!valid) {
            return numberNode(token); // a bound of a sum, or nothing that can be read
        }
        auto node = std::make_shared<Node>(*makeNode(Kind::BaseNumber, {}, token.text));
        node->value = *base.value;
        m_pos += braced ? 4 : 2;
        return node;
    }
    return numberNode(token);
}

std::string Parser::subscript() {
    if (m_boundsOnly || !acceptSymbol("_")) {
        return {};
    }
    if (peek().kind == TokenKind::Number || peek().kind == TokenKind::Letter ||
        peek().kind == TokenKind::Words || peek().kind == TokenKind::Command) {
        std::string text = peek().text;
        ++m_pos;
        return "_" + text;
    }
    std::string text = "_";
    if (!acceptSymbol("{")) {
        return "?";
    }
    int depth = 1;
    while (peek().kind != TokenKind::End) {
        depth += isSymbol("{") ? 1 : isSymbol("}") ? -1 : 0;
        if (depth == 0) {
            ++m_pos;
            return text;
        }
        text += peek().text;
        ++m_pos;
    }
    return "?";
}

NodePtr Parser::letter() {
    std::string name = peek().text;
    ++m_pos;
    if (name == "d" && m_integrals > 0 && peek().kind == TokenKind::Letter) {
        m_variable = peek().text;
        ++m_pos;
        return makeNumber(1);
    }
    const std::string index = subscript();
    if (index == "?") {
        return nullptr;
    }
    name += index;
    while (isSymbol("'")) {
        name += "'";
        ++m_pos;
    }
    if (isSymbol("^") && isSymbol("'", 1)) {
        name += "'";
        m_pos += 2;
    }
    if (NodePtr node = call(name)) {
        return node;
    }
    const bool bound = std::find(m_bound.begin(), m_bound.end(), name) != m_bound.end();
    if ((name == "e" || name == "i") && !bound) {
        return constant(std::move(name));
    }
    return symbolNode(std::move(name));
}

// f(x), f^{-1}(x), C(10, 3); null, with the position unchanged, where the name is a factor.
NodePtr Parser::call(const std::string& name) {
    static constexpr std::string_view kUsualFunctions = "fghFGHPQRTW";
    const bool usual =
        kUsualFunctions.find(name.front()) != std::string_view::npos || name.back() == '\'';
    const bool inverse = usual && isSymbol("^") && isSymbol("{", 1) && isSymbol("-", 2) &&
                         peek(3).kind == TokenKind::Number && *peek(3).value == 1 &&
                         isSymbol("}", 4) && isSymbol("(", 5);
    const bool choose = name == "C" && isSymbol("(") && isInteger(peek(1)) && isSymbol(",", 2) &&
                        isInteger(peek(3)) && isSymbol(")", 4);
    const bool applies = isSymbol("(") && !peek().spaceBefore &&
                         (usual || (peek(1).kind == TokenKind::Letter && isSymbol(")", 2)));
    if ((!applies && !inverse && !choose) || name == "e" || name == "i") {
        return nullptr;
    }
    const std::size_t start = m_pos;
    m_pos += inverse ? 6 : 1;
    NodePtr argument = list();
    if (!argument || !acceptSymbol(")")) {
        m_pos = start;
        return nullptr;
    }
    std::vector<NodePtr> arguments =
        argument->kind == Kind::List ? argument->args : std::vector<NodePtr>{argument};
    return choose ? makeNode(Kind::Function, std::move(arguments), "binom")
                  : makeNode(Kind::Apply, std::move(arguments), name + (inverse ? "^-1" : ""));
}

NodePtr Parser::command() {
    const std::string name = peek().text;
    ++m_pos;
    if (NodePtr node = namedValue(name)) {
        return node;
    }
    if (name == "sum" || name == "prod") {
        return bigOperator(name);
    }
    if (name == "int") {
        return integral();
    }
    if (name == "lim") {
        return limit();
    }
    if (name == "bar" || name == "hat" || name == "tilde" || name == "dot") {
        return decorated(name);
    }
    if (name == "gcd" || name == "lcm" || name == "max" || name == "min") {
        return severalArguments(name);
    }
    if (name == "det") {
        return determinant();
    }
    return isFunction(name) ? function(name) : grouped(name);
}

// A command that stands for a value or a set of its own; null for others.
NodePtr Parser::namedValue(std::string_view name) {
    if (name == "pi") {
        return constant("pi");
    }
    if (name == "theta") {
        return symbolNode("theta");
    }
    if (name == "oo") {
        return makeNode(Kind::Infinity);
    }
    if (name == "emptyset") {
        return makeNode(Kind::EmptySet);
    }
    if (name == "set" && isSymbol("{") && peek(1).kind == TokenKind::Letter && isSymbol("}", 2)) {
        NodePtr node = makeNode(Kind::Reals, {}, peek(1).text);
        m_pos += 3;
        return node;
    }
    return nullptr;
}

// A command that arranges or brackets its arguments.
NodePtr Parser::grouped(std::string_view name) {
    if (name == "frac") {
        return fraction();
    }
    if (name == "sqrt") {
        return root();
    }
    if (name == "binom") {
        NodePtr upper = fractionArgument();
        NodePtr lower = upper ? fractionArgument() : nullptr;
        return lower ? makeNode(Kind::Function, {upper, lower}, "binom") : nullptr;
    }
    if (name == "lfloor") {
        return rounding("floor", "rfloor");
    }
    if (name == "lceil") {
        return rounding("ceil", "rceil");
    }
    return name == "plain" || name == "boxed" ? argument() : nullptr;
}

// An argument in braces, or the one token LaTeX would take; a number is taken whole.
NodePtr Parser::argument() {
    if (isSymbol("{") || isSymbol("(") || peek().kind == TokenKind::Number ||
        peek().kind == TokenKind::Letter || peek().kind == TokenKind::Command) {
        return primary();
    }
    return nullptr;
}

// \frac12 is one half: an unbraced number gives its first digit.
NodePtr Parser::fractionArgument() {
    if (isInteger(peek()) && peek().text.size() > 1) {
        Token& token = m_tokens[m_pos];
        const Rational digit = token.text.front() - '0';
        token.text.erase(0, 1);
        token.value = Rational(mpz_class(token.text, 10));
        return makeNumber(digit);
    }
    if (isInteger(peek())) {
        NodePtr node = numberNode(peek());
        ++m_pos;
        return node;
    }
    return argument();
}

NodePtr Parser::fraction() {
    // \frac{d}{dx} f
    const std::size_t upper = isSymbol("{") ? 1 : 0;
    if (upper == 1 && peek(1).kind == TokenKind::Letter && peek(1).text == "d" &&
        isSymbol("}", 2) && isSymbol("{", 3) && peek(4).kind == TokenKind::Letter &&
        peek(4).text == "d" && peek(5).kind == TokenKind::Letter && isSymbol("}", 6)) {
        const std::string variable = peek(5).text;
        m_pos += 7;
        return derivative(variable);
    }
    NodePtr numerator = fractionArgument();
    NodePtr denominator = numerator ? fractionArgument() : nullptr;
    if (denominator && (numerator->kind == Kind::EmptySet || denominator->kind == Kind::EmptySet)) {
        return nullptr; // \frac{}{2}
    }
    return denominator ? makeNode(Kind::Divide, {numerator, denominator}) : nullptr;
}

NodePtr Parser::derivative(const std::string& variable) {
    if (!startsFactor()) {
        return nullptr;
    }
    NodePtr body = product();
    return body ? makeNode(Kind::Opaque, {body, symbolNode(variable)}, "diff") : nullptr;
}

NodePtr Parser::root() {
    NodePtr index = makeNumber(2);
    if (isSymbol("[")) {
        ++m_pos;
        index = sum();
        if (!index || !acceptSymbol("]")) {
            return nullptr;
        }
    }
    NodePtr radicand = argument();
    return radicand && radicand->kind != Kind::EmptySet ? makeNode(Kind::Root, {radicand, index})
                                                        : nullptr;
}

NodePtr Parser::function(const std::string& name) {
    NodePtr power;
    NodePtr base;
    for (int i = 0; i < 2; ++i) {
        if (isSymbol("_") && (name == "log" || name == "lg")) {
            ++m_pos;
            base = argument();
            if (!base) {
                return nullptr;
            }
        } else if (acceptSymbol("^")) {
            power = exponent();
            if (!power) {
                return nullptr;
            }
        }
    }
    NodePtr argument = functionArgument();
    if (!argument || !isScalar(*argument)) {
        return nullptr;
    }
    std::string actual = name;
    const bool inverse = power && power->kind == Kind::Number && power->value == -1;
    if (inverse && name != "ln" && name != "log" && name != "exp") {
        actual = "a" + name;
        power = nullptr;
        if (!isFunction(actual)) {
            return nullptr;
        }
    }
    NodePtr node;
    if (actual == "exp") {
        node = makeNode(Kind::Power, {constant("e"), argument});
    } else if (actual == "log" || actual == "lg") {
        node = makeNode(Kind::Function, {argument, base ? base : makeNumber(10)}, "log");
    } else if (actual == "cbrt") {
        node = makeNode(Kind::Root, {argument, makeNumber(3)});
    } else if (actual == "cis") {
        NodePtr turned =
            makeNode(Kind::Multiply, {constant("i"), makeNode(Kind::Function, {argument}, "sin")});
        node = makeNode(Kind::Add, {makeNode(Kind::Function, {argument}, "cos"), turned});
    } else {
        node = makeNode(Kind::Function, {argument}, actual);
    }
    return power ? makeNode(Kind::Power, {node, power}) : node;
}

NodePtr Parser::severalArguments(const std::string& name) {
    const bool braces = isSymbol("\\{");
    if (!braces && !isSymbol("(")) {
        return nullptr;
    }
    ++m_pos;
    NodePtr inside = list();
    if (!inside || !acceptSymbol(braces ? "\\}" : ")")) {
        return nullptr;
    }
    std::vector<NodePtr> arguments =
        inside->kind == Kind::List ? inside->args : std::vector<NodePtr>{inside};
    if (!std::all_of(arguments.begin(), arguments.end(),
                     [](const NodePtr& a) { return isScalar(*a); })) {
        return nullptr;
    }
    return makeNode(Kind::Function, std::move(arguments), name);
}

// \sin(x) takes the brackets only; \sin 2x y takes the product up to the next function or operator.
NodePtr Parser::functionArgument() {
    const Level level(*this);
    if (!level.ok()) {
        return nullptr;
    }
    if (isSymbol("(") || isSymbol("[") || isSymbol("|<")) {
        return primary();
    }
    if (acceptSymbol("-")) {
        NodePtr inner = functionArgument();
        return inner ? negated(inner) : nullptr;
    }
    if (peek().kind == TokenKind::Command && isFunction(peek().text)) {
        return factor();
    }
    std::vector<NodePtr> factors;
    while (factors.size() < 32 && startsFactor() && !isSymbol("(") && !isSymbol("[") &&
           !isSymbol("|<") && !(peek().kind == TokenKind::Command && isFunction(peek().text)) &&
           !isCommand("sum") && !isCommand("int") && !isCommand("lim")) {
        NodePtr next = factor();
        if (!next) {
            return nullptr;
        }
        factors.push_back(std::move(next));
    }
    if (factors.empty()) {
        return nullptr;
    }
    return factors.size() == 1 ? factors.front() : makeNode(Kind::Multiply, std::move(factors));
}

} // namespace scrit::math
