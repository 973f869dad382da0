// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace scrit::curate {

// Shares of the problems that go to "validation" and "test"; the rest is "train". Both in [0, 1],
// together at most 1.
struct SplitShares {
    double validation = 0;
    double test = 0;
};

// "train", "validation" or "test" by a hash of the problem alone, so that everything about one
// problem is on one side, on every machine. A larger share only moves problems out of "train" or
// from "validation" to "test".
[[nodiscard]] std::string_view splitOfProblem(std::string_view problemKey, SplitShares shares,
                                              std::uint64_t seed);

} // namespace scrit::curate
