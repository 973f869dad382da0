// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/world.h"
#include "core/model/lineage.h"

#include <cstdint>
#include <string_view>
#include <vector>

// Problems of the miniature's world as rows of a workspace. Pure functions, any thread.
namespace scrit::mini {

inline constexpr std::string_view kSource = "miniature";
inline constexpr std::string_view kReferenceAuthor = "reference";

struct ProblemItem {
    model::Problem problem;    // with its key, reference solution and answer; level "contested 2"
    model::Solution reference; // the same as a solution by "reference"; problemId is left 0
    Problem meaning;
};

[[nodiscard]] ProblemItem problemItem(const Problem& problem);
// `count` different problems; the same seed gives the same ones, and a larger count only appends.
[[nodiscard]] std::vector<ProblemItem> makeProblems(std::uint64_t seed, std::size_t count,
                                                    Split split);

} // namespace scrit::mini
