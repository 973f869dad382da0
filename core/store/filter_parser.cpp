// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/filter_parser.h"

#include "core/base/text.h"

#include <algorithm>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

struct Token {
    enum class Kind { Open, Close, Or, Minus, Term, End, Unclosed };
    Kind kind = Kind::End;
    std::size_t begin = 0;
    std::size_t end = 0;
    FilterTerm term;
};

// (Letters of other alphabets, too: no name has them, but a name was meant.)
bool isNameChar(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool endsWord(char c) {
    return base::isSpace(c) || c == '(' || c == ')';
}

// Other languages' operators, which would be searched for as words.
bool isForeignOperator(const FilterTerm& term) {
    return term.name.empty() && !term.quoted && (term.value == "AND" || term.value == "NOT");
}

class Lexer {
public:
    explicit Lexer(std::string_view text) : m_text(text) {}

    Token next() {
        while (m_at < m_text.size() && base::isSpace(m_text[m_at])) {
            ++m_at;
        }
        Token token;
        token.begin = m_at;
        if (m_at == m_text.size()) {
            token.end = m_at;
            return token;
        }
        const char c = m_text[m_at];
        if (c == '(' || c == ')') {
            token.kind = c == '(' ? Token::Kind::Open : Token::Kind::Close;
            token.end = ++m_at;
            return token;
        }
        if (c == '-' && m_at + 1 < m_text.size() && !base::isSpace(m_text[m_at + 1])) {
            token.kind = Token::Kind::Minus;
            token.end = ++m_at;
            return token;
        }
        readTerm(token);
        return token;
    }

private:
    void readTerm(Token& token) {
        token.kind = Token::Kind::Term;
        FilterTerm& term = token.term;
        term.begin = m_at;
        std::size_t colon = m_at;
        while (colon < m_text.size() && isNameChar(m_text[colon])) {
            ++colon;
        }
        if (colon > m_at && colon < m_text.size() && m_text[colon] == ':') {
            term.name = base::lowerAscii(m_text.substr(m_at, colon - m_at));
            m_at = colon + 1;
        }
        term.valueBegin = m_at;
        if (m_at < m_text.size() && m_text[m_at] == '"') {
            readQuoted(token);
        } else {
            while (m_at < m_text.size() && !endsWord(m_text[m_at])) {
                ++m_at;
            }
            term.value = m_text.substr(term.valueBegin, m_at - term.valueBegin);
            if (term.name.empty() && term.value == "OR") {
                token.kind = Token::Kind::Or;
            }
        }
        term.end = token.end = m_at;
    }

    // Only \" is an escape: texts about mathematics are full of backslashes.
    void readQuoted(Token& token) {
        token.term.quoted = true;
        ++m_at;
        while (m_at < m_text.size() && m_text[m_at] != '"') {
            if (m_text[m_at] == '\\' && m_at + 1 < m_text.size() && m_text[m_at + 1] == '"') {
                ++m_at;
            }
            token.term.value += m_text[m_at++];
        }
        if (m_at == m_text.size()) {
            token.kind = Token::Kind::Unclosed;
        } else {
            ++m_at;
        }
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text), m_lexer(text) { advance(); }

    Expected<FilterNode> parse() {
        FilterNode everything;
        if (m_token.kind == Token::Kind::End) {
            return everything;
        }
        Expected<FilterNode> node = parseOr(0);
        if (node && m_token.kind == Token::Kind::Close) {
            return error(m_token.begin, "this ')' closes nothing", "remove it");
        }
        return node;
    }

private:
    void advance() { m_token = m_lexer.next(); }

    [[nodiscard]] tl::unexpected<base::Error> error(std::size_t at, std::string_view what,
                                                    std::string advice = {}) const {
        return fail(filterError(m_text, at, what, std::move(advice)));
    }

    [[nodiscard]] tl::unexpected<base::Error> foreignOperator(const FilterTerm& term) const {
        const bool isNot = term.value == "NOT";
        return error(term.begin, term.value + " is no operator here",
                     std::string(isNot ? "write -term for not" : "a blank means and") +
                         "; put quotes around it to search for the word");
    }

    Expected<FilterNode> parseOr(int depth) {
        FilterNode node;
        node.kind = FilterNode::Kind::Or;
        for (;;) {
            Expected<FilterNode> side = parseAnd(depth);
            if (!side) {
                return side;
            }
            node.children.push_back(std::move(*side));
            if (m_token.kind != Token::Kind::Or) {
                break;
            }
            advance();
        }
        return node.children.size() == 1 ? std::move(node.children.front()) : std::move(node);
    }

    Expected<FilterNode> parseAnd(int depth) {
        FilterNode node;
        while (m_token.kind != Token::Kind::End && m_token.kind != Token::Kind::Close &&
               m_token.kind != Token::Kind::Or) {
            Expected<FilterNode> part = parseUnary(depth);
            if (!part) {
                return part;
            }
            node.children.push_back(std::move(*part));
        }
        if (node.children.empty()) {
            return m_token.kind == Token::Kind::Or
                       ? error(m_token.begin, "nothing stands before this OR",
                               "put quotes around it to search for the word")
                       : error(m_token.begin, "something is missing here",
                               "add a term such as source:gsm8k");
        }
        return node.children.size() == 1 ? std::move(node.children.front()) : std::move(node);
    }

    Expected<FilterNode> parseUnary(int depth) {
        if (depth > kMaxFilterDepth) {
            return error(m_token.begin, "too many nested groups", "use fewer parentheses");
        }
        const Token token = std::move(m_token);
        advance();
        FilterNode node;
        switch (token.kind) {
        case Token::Kind::Minus: {
            if (m_token.kind == Token::Kind::End || m_token.kind == Token::Kind::Close ||
                m_token.kind == Token::Kind::Or) {
                return error(token.begin, "nothing follows this '-'");
            }
            Expected<FilterNode> inner = parseUnary(depth + 1);
            if (!inner) {
                return inner;
            }
            node.kind = FilterNode::Kind::Not;
            node.children.push_back(std::move(*inner));
            return node;
        }
        case Token::Kind::Open: {
            Expected<FilterNode> inner = parseOr(depth + 1);
            if (!inner) {
                return inner;
            }
            if (m_token.kind != Token::Kind::Close) {
                return error(token.begin, "this '(' is not closed", "add ')'");
            }
            advance();
            return inner;
        }
        case Token::Kind::Unclosed:
            return error(token.term.valueBegin, "this quotation mark is not closed",
                         "add another \"");
        default:
            if (isForeignOperator(token.term)) {
                return foreignOperator(token.term);
            }
            if (++m_terms > kMaxFilterTerms) {
                return error(token.begin, "too many terms",
                             "at most " + std::to_string(kMaxFilterTerms));
            }
            node.kind = FilterNode::Kind::Term;
            node.term = token.term;
            return node;
        }
    }

    std::string_view m_text;
    Lexer m_lexer;
    Token m_token;
    int m_terms = 0;
};

} // namespace

base::Error filterError(std::string_view filter, std::size_t offset, std::string_view what,
                        std::string advice) {
    const std::string_view before = filter.substr(0, offset);
    const auto column = 1 + std::count_if(before.begin(), before.end(), [](char c) {
                            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
                        });
    return {ErrorCode::Invalid, "column " + std::to_string(column) + ": " + std::string(what),
            std::move(advice), false};
}

Expected<FilterNode> parseFilter(std::string_view filter) {
    if (filter.size() > kMaxFilterBytes) {
        return fail(filterError(filter.substr(0, kMaxFilterBytes), kMaxFilterBytes,
                                "the filter is too long",
                                "at most " + std::to_string(kMaxFilterBytes) + " bytes"));
    }
    return Parser(filter).parse();
}

std::vector<FilterToken> tokenizeFilter(std::string_view filter) {
    using Kind = FilterToken::Kind;
    std::vector<FilterToken> tokens;
    Lexer lexer(filter.substr(0, kMaxFilterBytes));
    for (Token token = lexer.next(); token.kind != Token::Kind::End; token = lexer.next()) {
        const FilterTerm& term = token.term;
        switch (token.kind) {
        case Token::Kind::Term: {
            if (term.name.empty()) {
                tokens.push_back(
                    {isForeignOperator(term) ? Kind::Error : Kind::FreeText, term.begin, term.end});
                break;
            }
            const auto& all = qualifiers();
            const bool known = std::any_of(all.begin(), all.end(), [&](const QualifierInfo& info) {
                return info.name == term.name;
            });
            tokens.push_back({known ? Kind::Qualifier : Kind::Error, term.begin, term.valueBegin});
            if (term.end > term.valueBegin) {
                tokens.push_back({Kind::Value, term.valueBegin, term.end});
            }
            break;
        }
        case Token::Kind::Unclosed:
            tokens.push_back({Kind::Error, token.begin, token.end});
            break;
        default:
            tokens.push_back({Kind::Operator, token.begin, token.end});
            break;
        }
    }
    return tokens;
}

} // namespace scrit::store
