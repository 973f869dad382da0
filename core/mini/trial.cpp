// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/trial.h"

#include "core/mini/language.h"
#include "core/mini/vocabulary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

namespace scrit::mini {
namespace {

constexpr int kBatch = 256;
constexpr int kMostBatches = 40;

struct Pair {
    Problem problem;
    std::vector<Token> student;
    int firstWrong = -1;
};

bool isWhole(const Problem& problem, std::span<const Token> solution) {
    return solution.size() == 2 * problem.trades.size() + 1 && solution.back() == token::kEnd &&
           pricesOf(solution).size() == problem.trades.size();
}

double share(int part, int whole) {
    return whole > 0 ? static_cast<double>(part) / whole : 0;
}

SampleRequest sampleRequest(const Request& request, double temperature, std::uint64_t seed) {
    SampleRequest sample;
    sample.prompt = promptTokens(request);
    sample.temperature = temperature;
    sample.seed = seed;
    sample.maxTokens = kMostAnswerTokens;
    return sample;
}

// Fills the pairs and what is known about students.
base::Expected<std::vector<Pair>> makePairs(const Sampler& sampler, const TrialSettings& settings,
                                            TrialScores& scores) {
    Random random(settings.seed);
    std::array<std::vector<Pair>, 2> found; // right, wrong
    const auto half = static_cast<std::size_t>(settings.pairs / 2);
    int solved = 0;
    int malformed = 0;
    int contested = 0;
    for (int batch = 0; found[0].size() < half || found[1].size() < half; ++batch) {
        if (batch == kMostBatches) {
            return base::fail(base::ErrorCode::Limit,
                              "the model solves too few or too many problems for the trial: " +
                                  std::to_string(solved) + " of " +
                                  std::to_string(scores.solutions));
        }
        std::vector<Problem> problems;
        std::vector<SampleRequest> requests;
        for (int i = 0; i < kBatch; ++i) {
            problems.push_back(nextProblem(random, Split::Test));
            requests.push_back(
                sampleRequest({Task::Solve, problems.back(), {}, {}}, 1, random.next()));
        }
        const base::Expected<std::vector<SampleResult>> results = sampler(requests);
        if (!results) {
            return base::fail(results.error());
        }
        for (std::size_t i = 0; i < problems.size(); ++i) {
            ++scores.solutions;
            const std::vector<Token>& solution = (*results)[i].tokens;
            if (!isWhole(problems[i], solution)) {
                ++malformed;
                continue;
            }
            const int wrong = firstWrongPrice(problems[i], pricesOf(solution));
            solved += wrong < 0 ? 1 : 0;
            if (wrong >= 0) {
                const int item = problems[i].trades[static_cast<std::size_t>(wrong)].item;
                const bool isContested =
                    items()[static_cast<std::size_t>(item)].kind == ItemKind::Contested;
                contested += isContested ? 1 : 0;
            }
            std::vector<Pair>& kind = found[wrong < 0 ? 0 : 1];
            if (kind.size() < half) {
                kind.push_back({problems[i], solution, wrong});
            }
        }
    }
    scores.solved = share(solved, scores.solutions);
    scores.malformed = share(malformed, scores.solutions);
    scores.atContested = share(contested, scores.solutions - solved - malformed);
    found[0].insert(found[0].end(), found[1].begin(), found[1].end());
    return std::move(found[0]);
}

struct Verdict {
    std::optional<int> firstError; // −1: none
    std::optional<int> answer;     // the final answer after the critique
};

Verdict verdictOf(const Pair& pair, std::span<const Token> critique) {
    Verdict verdict;
    const auto at = std::find_if(critique.begin(), critique.end(), [](Token token) {
        return token == token::kNone || firstErrorOf(token);
    });
    if (at == critique.end()) {
        return verdict;
    }
    const std::span<const Token> rest(at + 1, critique.end());
    verdict.firstError = firstErrorOf(*at).value_or(-1);
    if (*at == token::kNone) {
        verdict.answer = rest.size() == 1 && rest[0] == token::kEnd
                             ? std::optional(coinsAfter(pair.problem, pricesOf(pair.student)))
                             : std::nullopt;
    } else if (!rest.empty() && rest[0] == token::kSolution &&
               isWhole(pair.problem, rest.subspan(1))) {
        verdict.answer = coinsAfter(pair.problem, pricesOf(rest.subspan(1)));
    }
    return verdict;
}

base::Expected<CriticScores> scoreCritic(const Sampler& sampler, const std::vector<Pair>& pairs,
                                         Task task, const TrialSettings& settings) {
    std::vector<SampleRequest> requests;
    for (const Pair& pair : pairs) {
        Request request{task, pair.problem, {}, pair.student};
        if (task == Task::Contrastive) {
            request.reference = solutionOf(truePrices(pair.problem));
        }
        requests.push_back(
            sampleRequest(request, settings.temperature, settings.seed + requests.size()));
    }
    const base::Expected<std::vector<SampleResult>> results = sampler(requests);
    if (!results) {
        return base::fail(results.error());
    }
    std::array<int, 2> hits{};    // right, wrong
    std::array<int, 2> answers{}; // right, wrong
    std::array<int, 2> counts{};  // right, wrong
    int wellFormed = 0;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const Verdict verdict = verdictOf(pairs[i], (*results)[i].tokens);
        const std::size_t kind = pairs[i].firstWrong < 0 ? 0 : 1;
        const int truth = coinsAfter(pairs[i].problem, truePrices(pairs[i].problem));
        ++counts[kind];
        hits[kind] += verdict.firstError == pairs[i].firstWrong ? 1 : 0;
        answers[kind] += verdict.answer == truth ? 1 : 0;
        wellFormed += verdict.answer ? 1 : 0;
    }
    CriticScores scores;
    scores.onRight = share(hits[0], counts[0]);
    scores.onWrong = share(hits[1], counts[1]);
    const double sum = scores.onRight + scores.onWrong;
    scores.f1 = sum > 0 ? 2 * scores.onRight * scores.onWrong / sum : 0;
    scores.answers = share(answers[0] + answers[1], counts[0] + counts[1]);
    scores.answersOnWrong = share(answers[1], counts[1]);
    scores.wellFormed = share(wellFormed, counts[0] + counts[1]);
    return scores;
}

std::string criticText(const char* name, const CriticScores& scores) {
    std::array<char, 256> line{};
    std::snprintf(line.data(), line.size(),
                  "%s: F1 %.1f (wrong %.1f, right %.1f), answers %.1f (of wrong %.1f), well formed "
                  "%.1f",
                  name, 100 * scores.f1, 100 * scores.onWrong, 100 * scores.onRight,
                  100 * scores.answers, 100 * scores.answersOnWrong, 100 * scores.wellFormed);
    return line.data();
}

} // namespace

base::Expected<TrialScores> measureTrial(const Sampler& sampler, const TrialSettings& settings) {
    TrialScores scores;
    const base::Expected<std::vector<Pair>> pairs = makePairs(sampler, settings, scores);
    if (!pairs) {
        return base::fail(pairs.error());
    }
    scores.pairs = static_cast<int>(pairs->size());
    for (const auto& [task, into] : {std::pair(Task::Direct, &scores.direct),
                                     std::pair(Task::Contrastive, &scores.contrastive)}) {
        const base::Expected<CriticScores> critic = scoreCritic(sampler, *pairs, task, settings);
        if (!critic) {
            return base::fail(critic.error());
        }
        *into = *critic;
    }
    return scores;
}

std::string describe(const TrialScores& scores) {
    std::array<char, 256> line{};
    std::snprintf(line.data(), line.size(),
                  "students: %.1f %% right, %.1f %% malformed (n %d), first errors at contested "
                  "%.1f %%; %d pairs; ",
                  100 * scores.solved, 100 * scores.malformed, scores.solutions,
                  100 * scores.atContested, scores.pairs);
    return line.data() + criticText("direct", scores.direct) + "; " +
           criticText("contrastive", scores.contrastive);
}

} // namespace scrit::mini
