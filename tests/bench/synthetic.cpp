// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/synthetic.h"

#include "core/base/hash.h"

#include <array>
#include <string_view>

namespace scrit::bench {
namespace {

constexpr std::size_t kWords = 6000;
constexpr std::size_t kSentences = 4000;
constexpr std::array<std::string_view, 10> kSources = {
    "gsm8k", "math", "college_math", "olympiad", "omni-math",
    "arc",   "mmlu", "orca-math",    "amc",      "aops-forum"};
constexpr std::array<std::string_view, 7> kStudents = {
    "mini-1b", "mini-3b", "alpha-7b", "alpha-14b", "delta-32b", "delta-72b", "omega-236b"};
constexpr std::array<std::string_view, 4> kCritics = {"critic-base", "critic-round-1",
                                                      "critic-round-2", "critic-round-3"};
constexpr std::array<std::string_view, 5> kLevels = {"1", "2", "3", "4", "5"};
constexpr std::array<std::string_view, 6> kSubjects = {"algebra",  "geometry", "counting",
                                                       "calculus", "numbers",  "words"};

std::string makeWord(std::mt19937_64& random) {
    static constexpr std::string_view kConsonants = "bcdfglmnprstv";
    static constexpr std::string_view kVowels = "aeiou";
    std::string word;
    const auto syllables = 1 + random() % 4;
    for (std::uint64_t i = 0; i < syllables; ++i) {
        word += kConsonants[random() % kConsonants.size()];
        word += kVowels[random() % kVowels.size()];
    }
    return word;
}

} // namespace

Synthetic::Synthetic(std::uint64_t seed) : m_random(seed) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < kWords; ++i) {
        words.push_back(makeWord(m_random));
    }
    // Few words are frequent and many are rare, as in any language.
    const auto frequent = [&]() -> const std::string& {
        const auto range = std::uint64_t{1} << (3 + m_random() % 10);
        return words[(m_random() % range) % kWords];
    };
    for (std::size_t i = 0; i < kSentences; ++i) {
        std::string sentence;
        const auto length = 7 + m_random() % 9;
        for (std::uint64_t j = 0; j < length; ++j) {
            sentence += frequent() + (j + 1 < length ? " " : "");
        }
        sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
        m_sentences.push_back(std::move(sentence));
    }
}

void Synthetic::appendSentence(std::string& text) {
    text += m_sentences[below(m_sentences.size())];
    if (below(3) == 0) {
        text += " $" + std::to_string(below(1000)) + " \\times " + std::to_string(below(100)) + "$";
    }
    text += ". ";
}

model::Problem Synthetic::problem(std::int64_t number) {
    model::Problem problem;
    problem.source = kSources[below(below(2) == 0 ? 3 : kSources.size())];
    problem.split = below(10) == 0 ? "test" : "train";
    problem.level = kLevels[below(kLevels.size())];
    problem.subject = kSubjects[below(kSubjects.size())];
    problem.externalId = "p" + std::to_string(number);
    problem.text = "Problem " + std::to_string(number) + ". ";
    for (int i = 0; i < 4; ++i) {
        appendSentence(problem.text);
    }
    problem.referenceAnswer = std::to_string(below(1000));
    problem.key = base::contentHash({"problem", problem.text, ""});
    return problem;
}

model::Solution Synthetic::solution(const model::Problem& problem, std::int64_t number) {
    model::Solution solution;
    solution.problemId = problem.id;
    solution.author = kStudents[below(kStudents.size())];
    solution.externalId = "s" + std::to_string(number);
    const auto steps = 3 + below(5);
    for (std::uint64_t i = 0; i < steps; ++i) {
        const std::size_t begin = solution.text.size();
        solution.text += "Step " + std::to_string(i + 1) + ": ";
        appendSentence(solution.text);
        appendSentence(solution.text);
        solution.steps.push_back({begin, solution.text.size()});
        solution.text += "\n\n";
    }
    solution.finalAnswer = std::to_string(below(1000));
    solution.text += "The answer is \\boxed{" + solution.finalAnswer + "}.";
    solution.key = base::contentHash({"solution", problem.key, solution.author, solution.text});
    return solution;
}

model::Critique Synthetic::critique(const model::Solution& solution, std::int64_t number) {
    model::Critique critique;
    critique.solutionId = solution.id;
    critique.mode = static_cast<model::CritiqueMode>(below(3));
    critique.critic = kCritics[below(kCritics.size())];
    critique.round = static_cast<int>(below(4));
    critique.externalId = "c" + std::to_string(number);
    std::string& text = critique.text;
    text = "## Critique of Student Solution Steps\n";
    const int wrong =
        below(2) == 0 ? model::kNoError : static_cast<int>(below(solution.steps.size()));
    model::ParsedCritique& parsed = critique.parsed;
    parsed.parser = "scrit/1";
    for (int i = 0; i < static_cast<int>(solution.steps.size()); ++i) {
        const std::size_t begin = text.size();
        text += "### Critique of Step " + std::to_string(i + 1) + "\n";
        appendSentence(text);
        appendSentence(text);
        parsed.steps.push_back(
            {i,
             i == wrong ? model::StepVerdict::Incorrect : model::StepVerdict::Correct,
             {begin, text.size()}});
        text += '\n';
        if (i == wrong) {
            break;
        }
    }
    const std::size_t conclusion = text.size();
    text += "## Conclusion of Critique\nThe solution is ";
    text += wrong == model::kNoError ? "Correct" : "Incorrect";
    text +=
        ".\nThe first error step number: " + std::to_string(wrong < 0 ? wrong : wrong + 1) + "\n";
    parsed.conclusionSpan = base::Span{conclusion, text.size()};
    const std::size_t correction = text.size();
    text += "## Correction of Student Solution\n";
    while (text.size() < 1150 + below(700)) {
        appendSentence(text);
    }
    parsed.correctionAnswer = std::to_string(below(1000));
    text += "Therefore, the final answer is \\boxed{" + parsed.correctionAnswer + "}.";
    parsed.correction = base::Span{correction, text.size()};
    parsed.usedEnd = text.size();
    if (below(25) != 0) {
        parsed.conclusion =
            wrong == model::kNoError ? model::Conclusion::Correct : model::Conclusion::Incorrect;
        parsed.firstErrorStep = wrong;
    } else {
        parsed.problems.emplace_back("no-conclusion");
        parsed.flags.add(model::Flag::Unreadable);
    }
    if (below(50) == 0) {
        parsed.flags.add(model::Flag::Leak);
    }
    critique.key =
        base::contentHash({"critique", solution.key, critique.critic, model::name(critique.mode),
                           std::to_string(critique.round), text});
    return critique;
}

} // namespace scrit::bench
