// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/language.h"
#include "core/mini/random.h"
#include "core/mini/vocabulary.h"

#include <string>
#include <vector>

// Requests and answers of the miniature for tests.
namespace scrit::mini {

inline std::string names(const std::vector<Token>& tokens) {
    std::string text;
    for (const Token token : tokens) {
        text += (text.empty() ? "" : " ") + tokenName(token);
    }
    return text;
}

inline std::vector<int> anyPrices(Random& random, const Problem& problem) {
    std::vector<int> prices = truePrices(problem);
    for (int& price : prices) {
        price = random.chance(0.3) ? random.between(kLeastPrice, kMostPrice) : price;
    }
    return prices;
}

inline Request anyRequest(Random& random, Task task) {
    Request request;
    request.task = task;
    request.problem = nextProblem(random, random.chance(0.5) ? Split::Train : Split::Test);
    if (task == Task::Contrastive || task == Task::Inject) {
        request.reference = solutionOf(truePrices(request.problem));
    }
    if (task == Task::Direct || task == Task::Contrastive) {
        request.student = solutionOf(anyPrices(random, request.problem));
    }
    return request;
}

// A critique as a model could write it: right in form, but with any marks, any verdict, any prices.
inline std::vector<Token> anyCritique(Random& random, const Request& request) {
    std::vector<Token> tokens;
    const std::size_t steps = random.below(request.problem.trades.size() + 1);
    for (std::size_t i = 0; i < steps; ++i) {
        tokens.insert(tokens.end(), {token::kStep, numberToken(random.between(0, 12)),
                                     random.chance(0.7) ? token::kOk : token::kBad});
    }
    if (random.chance(0.4)) {
        tokens.insert(tokens.end(), {token::kNone, token::kEnd});
        return tokens;
    }
    const int last = static_cast<int>(request.problem.trades.size()) - 1;
    tokens.insert(tokens.end(), {firstErrorToken(random.between(0, last)), token::kSolution});
    const std::vector<Token> solution = solutionOf(anyPrices(random, request.problem));
    tokens.insert(tokens.end(), solution.begin(), solution.end());
    return tokens;
}

// The same with whatever else a model could write: cut, or with tokens where they do not belong.
inline std::vector<Token> anyTokens(Random& random, std::vector<Token> tokens) {
    if (random.chance(0.3)) {
        tokens.resize(random.below(tokens.size() + 1));
    }
    const std::size_t wrong = random.below(4);
    for (std::size_t i = 0; i < wrong && !tokens.empty(); ++i) {
        tokens[random.below(tokens.size())] =
            static_cast<Token>(random.below(static_cast<std::size_t>(vocabularySize())));
    }
    return tokens;
}

} // namespace scrit::mini
