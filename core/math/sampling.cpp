// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/math/compare.h"

#include <array>
#include <cmath>
#include <random>

// Where formulas are probed.
namespace scrit::math {

std::uint64_t probingSeed(const Node& a, const Node& b) {
    return base::hash64(canonicalText(a)) ^ base::hash64(canonicalText(b)); // symmetric
}

std::set<std::string> wholeVariables(const Node& node) {
    std::set<std::string> out;
    const bool binomial = node.kind == Kind::Function &&
                          (node.name == "binom" || node.name == "gcd" || node.name == "lcm");
    const bool alternating = node.kind == Kind::Power && node.args[0]->kind == Kind::Negate;
    const bool negative =
        node.kind == Kind::Power && node.args[0]->kind == Kind::Number && node.args[0]->value < 0;
    for (std::size_t i = 0; i < node.args.size(); ++i) {
        if (!node.args[i]) {
            continue;
        }
        const bool bound = node.kind == Kind::Sum && (i == 1 || i == 2);
        const bool exponent = (alternating || negative) && i == 1;
        out.merge(binomial || bound || exponent ? freeSymbols(*node.args[i])
                                                : wholeVariables(*node.args[i]));
    }
    return out;
}

std::vector<Sample> samplePoints(const std::set<std::string>& variables, std::uint64_t seed,
                                 const std::set<std::string>& whole) {
    static constexpr std::array<std::pair<double, double>, 7> kDomains = {
        {{0.1, 0.9}, {1.1, 3.0}, {0.3, 2.0}, {-0.9, -0.1}, {-3.0, -1.1}, {2.5, 9.0}, {-2.0, 2.0}}};
    std::mt19937_64 generator(seed);
    std::vector<Sample> points;
    for (int round = 0; round < 2; ++round) {
        for (const auto& [low, high] : kDomains) {
            Sample point;
            for (const std::string& name : variables) {
                // No standard distribution: their results differ between libraries.
                const double unit = static_cast<double>(generator() >> 11U) * 0x1.0p-53;
                point.emplace(name, whole.contains(name) ? 1 + std::floor(unit * 12)
                                                         : low + (high - low) * unit);
            }
            points.push_back(std::move(point));
        }
    }
    return points;
}

} // namespace scrit::math
