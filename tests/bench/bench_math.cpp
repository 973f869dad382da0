// SPDX-License-Identifier: GPL-3.0-or-later
// Checks per second of core/math on one core: plain numbers, and the pairs of JSON Lines files
// given as arguments (fields gold and pred). Prints one line each; judges nothing.
#include "core/math/equivalence.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

void measure(const char* what, const Pairs& pairs) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> micros;
    const auto begin = Clock::now();
    double seconds = 0;
    std::size_t equal = 0;
    while (seconds < 1.0 && !pairs.empty()) {
        for (const auto& [gold, pred] : pairs) {
            const auto start = Clock::now();
            equal += scrit::math::checkAnswers(gold, pred).verdict.equality ==
                             scrit::math::Equality::Equal
                         ? 1
                         : 0;
            micros.push_back(
                std::chrono::duration<double, std::micro>(Clock::now() - start).count());
        }
        seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    if (micros.empty()) {
        return;
    }
    std::sort(micros.begin(), micros.end());
    std::printf("%-40s %9zu checks  %10.0f checks/s  median %8.1f us  p99 %9.1f us  max %9.1f us  "
                "(%zu equal)\n",
                what, micros.size(), static_cast<double>(micros.size()) / seconds,
                micros[micros.size() / 2], micros[micros.size() * 99 / 100], micros.back(), equal);
}

} // namespace

int main(int argc, char** argv) { // NOLINT(bugprone-exception-escape): then it ends, and says why
    Pairs numbers;
    for (int i = 0; i < 5000; ++i) {
        numbers.emplace_back(std::to_string(i * 37),
                             std::to_string(i % 2 == 0 ? i * 37 : i * 37 + 1));
        numbers.emplace_back(std::to_string(i) + ".50", std::to_string(i) + ".5");
    }
    measure("plain numbers", numbers);
    for (int i = 1; i < argc; ++i) {
        Pairs pairs;
        Pairs symbolic;
        std::ifstream in(argv[i]);
        for (std::string line; std::getline(in, line);) {
            const nlohmann::json row = nlohmann::json::parse(line, nullptr, false);
            if (!row.is_object() || !row.contains("gold") || !row.contains("pred") ||
                !row["gold"].is_string() || !row["pred"].is_string()) {
                continue;
            }
            pairs.emplace_back(row["gold"], row["pred"]);
            const scrit::math::Rule rule =
                scrit::math::checkAnswers(pairs.back().first, pairs.back().second).verdict.rule;
            if (rule >= scrit::math::Rule::Exact && rule <= scrit::math::Rule::Matrix) {
                symbolic.push_back(pairs.back());
            }
        }
        const std::string file = std::string(argv[i]).substr(std::string(argv[i]).rfind('/') + 1);
        measure(file.c_str(), pairs);
        measure((file + ", read as formulas").c_str(), symbolic);
    }
    return 0;
}
