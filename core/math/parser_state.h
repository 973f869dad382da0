// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/expression.h"
#include "core/math/lexer.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scrit::math {

[[nodiscard]] inline NodePtr symbolNode(std::string name) {
    return makeNode(Kind::Symbol, {}, std::move(name));
}

// The recursive-descent reader behind parseAnswer(). Every method returns null for "cannot be
// read"; the position is then undefined. Precedence, loosest first: groups (and, or, ;), lists (,),
// relation chains, set operators, ratios, sums, products (explicit and implicit), signs, postfixes,
// primaries. parser.cpp has the loose half, parser_primary.cpp the tight one.
class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}
    NodePtr whole();

private:
    // One level of nesting; ok() is false when the tree is too deep or too large.
    class Level {
    public:
        explicit Level(Parser& parser) : m_parser(parser) { ++m_parser.m_depth; }
        ~Level() { --m_parser.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        [[nodiscard]] bool ok() const;

    private:
        Parser& m_parser;
    };

    const Token& peek(std::size_t ahead = 0) const;
    bool isSymbol(std::string_view text, std::size_t ahead = 0) const;
    bool isCommand(std::string_view text, std::size_t ahead = 0) const;
    bool acceptSymbol(std::string_view text);
    bool acceptCommand(std::string_view text);

    NodePtr groups();
    NodePtr stacked(NodePtr upper);
    NodePtr list();
    NodePtr relation();
    NodePtr setExpression();
    NodePtr ratio();
    NodePtr sum();
    NodePtr product();
    NodePtr signedFactor();
    NodePtr factor();
    NodePtr postfix(NodePtr base);
    NodePtr primary();

    std::string relationOperator();
    bool startsFactor() const;
    bool multiply(NodePtr& left);
    NodePtr quantity(const NodePtr& value);
    NodePtr remainder(NodePtr value);
    bool startsSmallerUnit(const Node& value) const;
    NodePtr withSmallerUnit(const NodePtr& value);
    NodePtr degrees(const NodePtr& value);
    NodePtr mixedNumber(const Token& whole);

    NodePtr number();
    NodePtr letter();
    NodePtr call(const std::string& name);
    NodePtr command();
    NodePtr namedValue(std::string_view name);
    NodePtr grouped(std::string_view name);
    NodePtr fraction();
    NodePtr fractionArgument();
    NodePtr argument();
    NodePtr root();
    NodePtr function(const std::string& name);
    NodePtr severalArguments(const std::string& name);
    NodePtr functionArgument();
    NodePtr bigOperator(const std::string& name);
    NodePtr integral();
    NodePtr bound();
    NodePtr determinant();
    NodePtr limit();
    NodePtr derivative(const std::string& variable);
    NodePtr decorated(const std::string& name);
    NodePtr bracketed();
    NodePtr setBraces();
    NodePtr invisibleBraces();
    NodePtr bars();
    NodePtr rounding(std::string_view name, std::string_view close);
    NodePtr matrix();
    NodePtr exponent();
    std::string subscript();
    bool skipEmptyExponent();

    std::vector<Token> m_tokens;
    std::size_t m_pos = 0;
    int m_depth = 0;
    int m_integrals = 0;              // open integrals, in which "dx" is a differential
    bool m_boundsOnly = false;        // a subscript belongs to the operator, not to the letter
    std::string m_variable;           // the differential that was read
    std::vector<std::string> m_bound; // variables of the sums around this place
};

} // namespace scrit::math
