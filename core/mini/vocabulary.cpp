// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/vocabulary.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace scrit::mini {
namespace {

constexpr std::array<std::string_view, token::kFirstError> kMarks{
    "[end]",     "[solve]",     "[direct]",  "[contrast]", "[inject]",   "[drill]",
    "[problem]", "[reference]", "[student]", "[critique]", "[solution]", "[buys]",
    "[sells]",   "[step]",      "[ok]",      "[bad]",      "[none]"};

// Which segment a token opens; −1: none.
int segmentOf(Token token) {
    switch (token) {
    case token::kSolve:
    case token::kDirect:
    case token::kContrast:
    case token::kInject:
    case token::kDrill:
        return 0;
    case token::kProblem:
    case token::kReference:
    case token::kStudent:
    case token::kCritique:
    case token::kSolution:
        return 1 + token - token::kProblem;
    default:
        return -1;
    }
}

std::uint8_t after(std::uint8_t value, int limit) {
    return static_cast<std::uint8_t>(std::min(value + 1, limit - 1));
}

const std::map<std::string, Token, std::less<>>& tokensByName() {
    static const std::map<std::string, Token, std::less<>> kTokens = [] {
        std::map<std::string, Token, std::less<>> tokens;
        for (int i = 0; i < vocabularySize(); ++i) {
            tokens.emplace(tokenName(static_cast<Token>(i)), static_cast<Token>(i));
        }
        return tokens;
    }();
    return kTokens;
}

} // namespace

std::optional<int> numberOf(Token token) {
    const int number = token - token::kNumber;
    return number >= 0 && number < token::kNumbers ? std::optional(number) : std::nullopt;
}

std::optional<int> itemOf(Token token) {
    const int item = token - token::kItem;
    return item >= 0 && item < kItems ? std::optional(item) : std::nullopt;
}

std::optional<int> firstErrorOf(Token token) {
    const int step = token - token::kFirstError;
    return step >= 0 && step < kMostSteps ? std::optional(step) : std::nullopt;
}

std::string tokenName(Token token) {
    if (token >= 0 && token < token::kFirstError) {
        return std::string(kMarks[static_cast<std::size_t>(token)]);
    }
    if (const std::optional<int> step = firstErrorOf(token)) {
        return "[e" + std::to_string(*step + 1) + "]";
    }
    if (const std::optional<int> number = numberOf(token)) {
        return std::to_string(*number);
    }
    if (const std::optional<int> item = itemOf(token)) {
        return std::string(items()[static_cast<std::size_t>(*item)].name);
    }
    return "[?]";
}

std::optional<Token> tokenFromName(std::string_view name) {
    const auto found = tokensByName().find(name);
    return found != tokensByName().end() ? std::optional(found->second) : std::nullopt;
}

Place PlaceTracker::push(Token token) {
    Place place = m_next;
    if (const int segment = segmentOf(token); segment >= 0) {
        place = {static_cast<std::uint8_t>(segment), 0, 0};
    } else if (token == token::kBuys || token == token::kSells || token == token::kStep) {
        place = {m_next.segment, after(m_next.step, kStepPlaces), 0};
    }
    m_next = {place.segment, place.step, after(place.offset, kOffsets)};
    return place;
}

} // namespace scrit::mini
