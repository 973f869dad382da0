// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/bars.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace scrit::math {

namespace {

constexpr std::size_t kBars = 64; // of one stretch; more are not paired

template<std::size_t N>
bool isOneOf(const std::array<std::string_view, N>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool isBar(const Token& token) {
    return token.kind == TokenKind::Symbol && token.text == "|";
}

bool opens(const Token& token) {
    static constexpr std::array<std::string_view, 4> kOpen = {"(", "[", "{", "\\{"};
    static constexpr std::array<std::string_view, 2> kOpenCommands = {"lfloor", "lceil"};
    return token.kind == TokenKind::Begin ||
           (token.kind == TokenKind::Symbol && isOneOf(kOpen, token.text)) ||
           (token.kind == TokenKind::Command && isOneOf(kOpenCommands, token.text));
}

bool closes(const Token& token) {
    static constexpr std::array<std::string_view, 4> kClose = {")", "]", "}", "\\}"};
    static constexpr std::array<std::string_view, 2> kCloseCommands = {"rfloor", "rceil"};
    return token.kind == TokenKind::Finish ||
           (token.kind == TokenKind::Symbol && isOneOf(kClose, token.text)) ||
           (token.kind == TokenKind::Command && isOneOf(kCloseCommands, token.text));
}

// No absolute value reaches over these.
bool separates(const Token& token) {
    static constexpr std::array<std::string_view, 14> kSymbols = {
        ",", ";", "=", "!=", "<", "<=", ">", ">=", "~", ":", "->", "=>", "&", "\\\\"};
    static constexpr std::array<std::string_view, 8> kCommands = {
        "and", "or", "cup", "cap", "in", "notin", "without", "equiv"};
    return token.kind == TokenKind::End ||
           (token.kind == TokenKind::Symbol && isOneOf(kSymbols, token.text)) ||
           (token.kind == TokenKind::Command && isOneOf(kCommands, token.text));
}

bool endsValue(const Token& token) {
    static constexpr std::array<std::string_view, 3> kPostfix = {"!", "%", "'"};
    static constexpr std::array<std::string_view, 5> kValues = {"pi", "oo", "theta", "emptyset",
                                                                "deg"};
    return token.kind == TokenKind::Number || token.kind == TokenKind::Letter ||
           token.kind == TokenKind::Words || closes(token) ||
           (token.kind == TokenKind::Symbol && isOneOf(kPostfix, token.text)) ||
           (token.kind == TokenKind::Command && isOneOf(kValues, token.text));
}

bool startsValue(const Token& token) {
    return token.kind == TokenKind::Number || token.kind == TokenKind::Letter ||
           token.kind == TokenKind::Words || opens(token) ||
           (token.kind == TokenKind::Command && !separates(token) && !closes(token)) ||
           (token.kind == TokenKind::Symbol && (token.text == "-" || token.text == "+"));
}

// The bars of one stretch at one level of brackets, decided from left to right.
class Stretch {
public:
    Stretch(const std::vector<Token>& tokens, std::vector<std::size_t> bars)
        : m_tokens(tokens), m_bars(std::move(bars)), m_opening(m_bars.size(), false) {}

    bool solve() { return m_bars.size() <= kBars && decide(0, 0); }
    const std::vector<std::size_t>& bars() const { return m_bars; }
    bool opening(std::size_t i) const { return m_opening[i]; }

private:
    bool follows(std::size_t i) const { return i > 0 && m_bars[i - 1] + 1 == m_bars[i]; }

    bool afterValue(std::size_t i) const {
        return follows(i) ? !m_opening[i - 1] : m_bars[i] > 0 && endsValue(m_tokens[m_bars[i] - 1]);
    }

    bool mayOpen(std::size_t i) const {
        if (i + 1 < m_bars.size() && m_bars[i] + 1 == m_bars[i + 1]) {
            return true; // the next bar has to open as well: it looks back itself
        }
        return m_bars[i] + 1 < m_tokens.size() && startsValue(m_tokens[m_bars[i] + 1]);
    }

    bool decide(std::size_t i, int depth) {
        if (i == m_bars.size()) {
            return depth == 0;
        }
        const bool after = afterValue(i);
        const auto state = std::tuple(i, depth, follows(i) && m_opening[i - 1]);
        if (m_dead.contains(state)) {
            return false;
        }
        if (after && depth > 0) {
            m_opening[i] = false;
            if (decide(i + 1, depth - 1)) {
                return true;
            }
        }
        m_opening[i] = true;
        if (mayOpen(i) && decide(i + 1, depth + 1)) {
            return true;
        }
        m_dead.insert(state);
        return false;
    }

    const std::vector<Token>& m_tokens;
    std::vector<std::size_t> m_bars;
    std::vector<bool> m_opening;
    std::set<std::tuple<std::size_t, int, bool>> m_dead;
};

void settle(std::vector<Token>& tokens, std::vector<std::size_t> bars) {
    if (bars.empty()) {
        return;
    }
    Stretch all(tokens, bars);
    if (all.solve()) {
        for (std::size_t i = 0; i < bars.size(); ++i) {
            tokens[bars[i]].text = all.opening(i) ? "|<" : "|>";
        }
        return;
    }
    // \{x | |x| < 3\}: the first bar says "such that".
    bars.erase(bars.begin());
    Stretch rest(tokens, bars);
    if (!bars.empty() && rest.solve()) {
        for (std::size_t i = 0; i < bars.size(); ++i) {
            tokens[bars[i]].text = rest.opening(i) ? "|<" : "|>";
        }
    }
}

} // namespace

void pairBars(std::vector<Token>& tokens) {
    const auto doubled = [](const Token& token) {
        return token.kind == TokenKind::Symbol && token.text == "||";
    };
    if (std::none_of(tokens.begin(), tokens.end(),
                     [&](const Token& token) { return isBar(token) || doubled(token); })) {
        return;
    }
    std::vector<Token> split;
    split.reserve(tokens.size() + 8);
    for (Token& token : tokens) {
        const bool two = doubled(token);
        if (two) {
            token.text = "|";
            split.push_back(token);
            token.spaceBefore = false;
        }
        split.push_back(std::move(token));
    }
    tokens = std::move(split);
    std::vector<std::vector<std::size_t>> levels(1);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (isBar(tokens[i])) {
            levels.back().push_back(i);
        } else if (opens(tokens[i])) {
            levels.emplace_back();
        } else if (closes(tokens[i]) || separates(tokens[i])) {
            settle(tokens, std::exchange(levels.back(), {}));
            if (closes(tokens[i]) && levels.size() > 1) {
                levels.pop_back();
            }
        }
    }
    while (!levels.empty()) {
        settle(tokens, std::move(levels.back()));
        levels.pop_back();
    }
}

} // namespace scrit::math
