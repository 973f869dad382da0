// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

// Made-up problems, solutions and critiques with the shape of real ones (lengths, repeated words,
// shares of outcomes), the same for the same seed on every machine.
namespace scrit::bench {

class Synthetic {
public:
    explicit Synthetic(std::uint64_t seed);

    [[nodiscard]] model::Problem problem(std::int64_t number);
    // About 0.8 KB in `steps` steps.
    [[nodiscard]] model::Solution solution(const model::Problem& problem, std::int64_t number);
    // About 1.5 KB, with its parse.
    [[nodiscard]] model::Critique critique(const model::Solution& solution, std::int64_t number);
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return m_random() % bound; }

private:
    void appendSentence(std::string& text);

    std::mt19937_64 m_random;
    std::vector<std::string> m_sentences;
};

} // namespace scrit::bench
