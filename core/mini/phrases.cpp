// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/phrases.h"

#include "core/base/text.h"
#include "core/mini/vocabulary.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace scrit::mini {
namespace {

int signedPrice(const Trade& trade, int price) {
    return trade.sells ? price : -price;
}

// "Step 1: She buys a hat for"
std::string stepStart(const Problem& problem, std::size_t step) {
    const Trade& trade = problem.trades[step];
    const Person& person = people()[static_cast<std::size_t>(problem.person)];
    return "Step " + std::to_string(step + 1) + ": " + std::string(person.pronoun) +
           (trade.sells ? " sells " : " buys ") +
           withArticle(items()[static_cast<std::size_t>(trade.item)].name) + " for ";
}

std::string stepSentence(const Problem& problem, std::size_t step, int before, int price) {
    const Trade& trade = problem.trades[step];
    return stepStart(problem, step) + coins(price) + ": " + std::to_string(before) +
           (trade.sells ? " + " : " - ") + std::to_string(price) + " = " +
           std::to_string(before + signedPrice(trade, price)) + '.';
}

std::string finalSentence(int total) {
    return "Therefore, the final answer is \\boxed{" + std::to_string(total) + "}.";
}

} // namespace

std::string normalised(std::string_view text) {
    std::string plain;
    for (const char c : base::trimmed(text)) {
        if (!base::isSpace(c)) {
            plain += c;
        } else if (plain.back() != ' ') {
            plain += ' ';
        }
    }
    return plain;
}

bool TextReader::take(std::string_view phrase) {
    const std::string plain = normalised(phrase);
    if (!m_rest.starts_with(plain)) {
        return false;
    }
    const auto isWord = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0;
    };
    if (plain.size() < m_rest.size() && isWord(plain.back()) && isWord(m_rest[plain.size()])) {
        return false; // it goes on: "-10" is no "-1"
    }
    skip(plain.size());
    return true;
}

std::optional<int> TextReader::number() {
    int value = 0;
    const char* const begin = m_rest.data();
    const auto [end, error] =
        std::from_chars(begin, begin + std::min<std::size_t>(m_rest.size(), 4), value);
    if (error != std::errc{} || value < 0) {
        return std::nullopt;
    }
    skip(static_cast<std::size_t>(end - begin));
    return value;
}

std::string_view TextReader::word() const {
    return m_rest.substr(0, std::min(m_rest.find_first_of(" ,."), m_rest.size()));
}

void TextReader::skip(std::size_t bytes) {
    m_rest.remove_prefix(std::min(bytes, m_rest.size()));
    if (m_rest.starts_with(' ')) {
        m_rest.remove_prefix(1);
    }
}

std::string coins(int count) {
    return std::to_string(count) + (count == 1 ? " coin" : " coins");
}

std::string costs(const Trade& trade) {
    std::string text = withArticle(items()[static_cast<std::size_t>(trade.item)].name) + " costs";
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    return text;
}

SolutionParts solutionParts(const Problem& problem, std::span<const Token> solution) {
    SolutionParts parts;
    int total = problem.start;
    std::size_t at = 0;
    for (std::size_t step = 0; step < problem.trades.size() && at + 1 < solution.size(); ++step) {
        const std::optional<int> price = numberOf(solution[at + 1]);
        if (solution[at] != token::kStep || !price) {
            break;
        }
        parts.text += step == 0 ? "" : "\n\n";
        parts.text += stepSentence(problem, step, total, *price);
        total += signedPrice(problem.trades[step], *price);
        at += 2;
    }
    if (at + 1 == solution.size() && solution[at] == token::kEnd) {
        // On the line behind the last step: the final answer is no step of its own.
        parts.text += parts.text.empty() ? "" : "\n";
        parts.text += finalSentence(total);
        parts.complete = true;
    } else if (at < solution.size()) {
        parts.text += parts.text.empty() ? "" : "\n\n";
        parts.text += tailText(solution.subspan(at));
    }
    return parts;
}

void readSolution(const Problem& problem, TextReader& reader, std::vector<Token>& tokens) {
    int total = problem.start;
    for (std::size_t step = 0; step < problem.trades.size(); ++step) {
        TextReader ahead = reader;
        const int price = ahead.take(stepStart(problem, step)) ? ahead.number().value_or(-1) : -1;
        if (price < 0 || price >= token::kNumbers ||
            !reader.take(stepSentence(problem, step, total, price))) {
            break;
        }
        tokens.push_back(token::kStep);
        tokens.push_back(numberToken(price));
        total += signedPrice(problem.trades[step], price);
    }
    if (reader.take(finalSentence(total))) {
        tokens.push_back(token::kEnd);
    }
}

std::string tailText(std::span<const Token> tokens) {
    std::string text;
    for (const Token token : tokens) {
        text += text.empty() ? "" : " ";
        text += tokenName(token);
    }
    return text;
}

bool readTail(TextReader& reader, std::vector<Token>& tokens) {
    while (!reader.rest().empty()) {
        const std::string_view name = reader.word();
        const std::optional<Token> token = tokenFromName(name);
        if (!token) {
            return false;
        }
        tokens.push_back(*token);
        reader.skip(name.size());
    }
    return true;
}

} // namespace scrit::mini
