// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/corpus.h"

#include "core/mini/language.h"
#include "core/mini/vocabulary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace scrit::mini {
namespace {

const Item& itemOfTrade(const Trade& trade) {
    return items()[static_cast<std::size_t>(trade.item)];
}

int anyPrice(Random& random) {
    return random.between(kLeastPrice, kMostPrice);
}

// The prices of an author who draws his beliefs. Items of a problem differ, so each is drawn once.
std::vector<int> believedPrices(Random& random, const Problem& problem) {
    std::vector<int> prices;
    for (const Trade& trade : problem.trades) {
        const Item& item = itemOfTrade(trade);
        prices.push_back(random.chance(item.belief) ? item.misconception : item.price);
    }
    return prices;
}

void appendStep(std::vector<Token>& tokens, int price) {
    tokens.push_back(token::kStep);
    tokens.push_back(numberToken(price));
}

// The critique of a critic who holds `own` for the prices.
std::vector<Token> critiqueOf(const std::vector<int>& own, const std::vector<int>& student) {
    std::vector<Token> tokens;
    for (std::size_t i = 0; i < own.size(); ++i) {
        appendStep(tokens, own[i]);
        if (own[i] == student[i]) {
            tokens.push_back(token::kOk);
            continue;
        }
        tokens.push_back(token::kBad);
        tokens.push_back(firstErrorToken(static_cast<int>(i)));
        tokens.push_back(token::kSolution);
        const std::vector<Token> correction = solutionOf(own);
        tokens.insert(tokens.end(), correction.begin(), correction.end());
        return tokens;
    }
    tokens.push_back(token::kNone);
    tokens.push_back(token::kEnd);
    return tokens;
}

Sequence learn(const Request& request, const std::vector<Token>& answer) {
    Sequence sequence;
    sequence.tokens = promptTokens(request);
    sequence.learnedBegin = sequence.tokens.size();
    sequence.tokens.insert(sequence.tokens.end(), answer.begin(), answer.end());
    return sequence;
}

Sequence solveDocument(Random& random) {
    Request request{Task::Solve, nextProblem(random, Split::Train), {}, {}};
    return learn(request, solutionOf(believedPrices(random, request.problem)));
}

Sequence directDocument(Random& random, double slip) {
    Request request{Task::Direct, nextProblem(random, Split::Train), {}, {}};
    std::vector<int> student = believedPrices(random, request.problem);
    for (int& price : student) {
        price = random.chance(slip) ? otherPrice(random, price) : price;
    }
    request.student = solutionOf(student);
    return learn(request, critiqueOf(believedPrices(random, request.problem), student));
}

// Known and made-up items at prices that hold in one document.
struct Priced {
    Problem problem;
    std::vector<int> prices;
};

Priced pricedDocument(Random& random) {
    static const std::vector<int> kPool = [] {
        std::vector<int> pool;
        for (int i = 0; i < kItems; ++i) {
            if (items()[static_cast<std::size_t>(i)].kind != ItemKind::Contested) {
                pool.push_back(i);
            }
        }
        return pool;
    }();
    while (true) {
        Priced priced;
        std::vector<int> pool = kPool;
        priced.problem.start = random.between(kLeastStart, kMostStart);
        const int steps = random.between(kLeastSteps, kMostSteps);
        for (int i = 0; i < steps; ++i) {
            const std::size_t at = random.below(pool.size());
            const Item& item = items()[static_cast<std::size_t>(pool[at])];
            priced.problem.trades.push_back({random.chance(0.4), pool[at]});
            const bool ownPrice = item.kind == ItemKind::MadeUp || random.chance(0.5);
            priced.prices.push_back(ownPrice ? anyPrice(random) : item.price);
            pool[at] = pool.back();
            pool.pop_back();
        }
        if (splitOf(priced.problem) == Split::Train) {
            return priced;
        }
    }
}

// Half of the students are right; the others err in a third of their steps and at least in one,
// partly with the price that an item has elsewhere.
std::vector<int> studentOf(Random& random, const Priced& priced) {
    std::vector<int> student = priced.prices;
    if (random.chance(0.5)) {
        return student;
    }
    const std::size_t sure = random.below(student.size());
    for (std::size_t i = 0; i < student.size(); ++i) {
        if (i != sure && !random.chance(0.33)) {
            continue;
        }
        const Item& item = itemOfTrade(priced.problem.trades[i]);
        const bool usual =
            item.kind == ItemKind::Known && item.price != student[i] && random.chance(0.5);
        student[i] = usual ? item.price : otherPrice(random, student[i]);
    }
    return student;
}

Sequence contrastiveDocument(Random& random, const CorpusSettings& settings) {
    const Priced priced = pricedDocument(random);
    const std::vector<int> student = studentOf(random, priced);
    std::vector<int> own = priced.prices;
    if (random.chance(settings.careless)) {
        for (std::size_t i = 0; i < own.size(); ++i) {
            if (random.chance(settings.misread)) {
                const bool follows = student[i] != own[i] && random.chance(0.5);
                own[i] = follows ? student[i] : otherPrice(random, own[i]);
            }
        }
    }
    return learn(
        {Task::Contrastive, priced.problem, solutionOf(priced.prices), solutionOf(student)},
        critiqueOf(own, student));
}

Sequence injectDocument(Random& random) {
    const Priced priced = pricedDocument(random);
    std::vector<int> changed = priced.prices;
    const std::size_t at = random.below(changed.size());
    changed[at] = otherPrice(random, changed[at]);
    std::vector<Token> answer{firstErrorToken(static_cast<int>(at)), token::kSolution};
    const std::vector<Token> solution = solutionOf(changed);
    answer.insert(answer.end(), solution.begin(), solution.end());
    return learn({Task::Inject, priced.problem, solutionOf(priced.prices), {}}, answer);
}

// Copying and comparing alone, at every step and about nothing: without it comparison is not
// learned in the time that there is.
Sequence drillDocument(Random& random) {
    const int steps = random.between(kLeastSteps, kMostSteps);
    std::vector<Token> reference{token::kDrill, token::kReference};
    std::vector<Token> student{token::kStudent};
    std::vector<Token> answer;
    for (int i = 0; i < steps; ++i) {
        const int price = anyPrice(random);
        const int other = random.chance(0.5) ? price : otherPrice(random, price);
        appendStep(reference, price);
        appendStep(student, other);
        appendStep(answer, price);
        answer.push_back(price == other ? token::kOk : token::kBad);
    }
    answer.push_back(token::kEnd);
    Sequence sequence;
    sequence.tokens = std::move(reference);
    sequence.tokens.insert(sequence.tokens.end(), student.begin(), student.end());
    sequence.tokens.push_back(token::kCritique);
    sequence.learnedBegin = sequence.tokens.size();
    sequence.tokens.insert(sequence.tokens.end(), answer.begin(), answer.end());
    return sequence;
}

} // namespace

BaseCorpus::BaseCorpus(const CorpusSettings& settings, std::uint64_t seed)
    : m_settings(settings), m_random(seed) {}

Sequence BaseCorpus::next() {
    const CorpusSettings& s = m_settings;
    double at = m_random.unit() * (s.solve + s.direct + s.contrastive + s.inject + s.drill);
    if (at < s.solve) {
        return solveDocument(m_random);
    }
    at -= s.solve;
    if (at < s.direct) {
        return directDocument(m_random, s.slip);
    }
    at -= s.direct;
    if (at < s.contrastive) {
        return contrastiveDocument(m_random, s);
    }
    at -= s.contrastive;
    return at < s.inject ? injectDocument(m_random) : drillDocument(m_random);
}

std::string describe(const CorpusSettings& settings) {
    std::array<char, 256> line{};
    std::snprintf(
        line.data(), line.size(),
        "solve %g direct %g contrastive %g inject %g drill %g careless %g misread %g slip "
        "%g",
        settings.solve, settings.direct, settings.contrastive, settings.inject, settings.drill,
        settings.careless, settings.misread, settings.slip);
    return line.data();
}

} // namespace scrit::mini
