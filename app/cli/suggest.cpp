// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/suggest.h"

#include "core/base/text.h"

#include <algorithm>
#include <cstddef>

namespace scrit::cli {
namespace {

// Edit distance with swaps of neighbours (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> cells((a.size() + 1) * width);
    const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& {
        return cells[i * width + j];
    };
    for (std::size_t i = 0; i <= a.size(); ++i) {
        at(i, 0) = i;
    }
    for (std::size_t j = 0; j <= b.size(); ++j) {
        at(0, j) = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
            }
        }
    }
    return at(a.size(), b.size());
}

} // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t kLongest = 64;
    if (word.empty() || word.size() > kLongest) {
        return {};
    }
    const std::string typed = base::lowerAscii(word);
    std::string best;
    std::size_t bestDistance = std::max<std::size_t>(1, typed.size() / 3) + 1;
    std::string prefixed;
    std::size_t prefixes = 0;
    for (const std::string& candidate : candidates) {
        const std::string name = base::lowerAscii(candidate);
        if (name.size() > typed.size() && name.compare(0, typed.size(), typed) == 0) {
            prefixed = candidate;
            ++prefixes;
        }
        const std::size_t far = distance(typed, name);
        if (far < bestDistance) {
            bestDistance = far;
            best = candidate;
        }
    }
    return best.empty() && prefixes == 1 ? prefixed : best;
}

} // namespace scrit::cli
