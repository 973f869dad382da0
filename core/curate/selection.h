// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// Which of the candidates go into a dataset. Pure functions on small values: the texts are not
// needed. Every choice is random by `rank`, which the caller makes of the seed and the candidate's
// content key, so that the same data and seed give the same choice in whatever order they came.
namespace scrit::curate {

struct Candidate {
    std::int64_t id = 0;      // unique
    std::uint64_t rank = 0;   // the smaller one is preferred
    std::int64_t group = 0;   // what pairs are made within: the solution
    std::uint32_t source = 0; // any numbers that tell sources and students apart
    std::uint32_t student = 0;
    std::int8_t conclusion = -1; // 0 correct, 1 incorrect, -1 not stated
    std::int8_t preferred = -1;  // 1 chosen side of a pair, 0 rejected side, -1 neither
    std::int8_t split = 0;       // the caller's own
    std::uint64_t order = 0;     // the caller's own
};

// Keeps at most so many candidates of each source (0: all). Returns how many were dropped; the
// order of what stays is kept.
std::uint64_t capPerSource(std::vector<Candidate>& candidates, std::uint64_t most);
std::uint64_t capPerStudent(std::vector<Candidate>& candidates, std::uint64_t most);

// How many critiques that call their solution correct stand against how many that call it
// incorrect.
struct Balance {
    std::uint32_t correct = 1;
    std::uint32_t incorrect = 1;
};
// "1:1", "2:1", "0:1"; Invalid for anything else.
[[nodiscard]] base::Expected<Balance> parseBalance(std::string_view text);
// Keeps as many as the ratio allows exactly; candidates without a conclusion go. Returns how many
// were dropped; the order of what stays is kept.
std::uint64_t balance(std::vector<Candidate>& candidates, Balance wanted);

// Keeps at most so many candidates altogether (0: all), with a ratio that was asked for kept exact.
// Returns how many were dropped; the order of what stays is kept.
std::uint64_t capAll(std::vector<Candidate>& candidates, std::uint64_t most,
                     std::optional<Balance> wanted);

struct Pair {
    std::int64_t chosen = 0; // ids
    std::int64_t rejected = 0;
    std::int8_t split = 0; // of the chosen one
    std::uint64_t order = 0;
};
// Pairs within each group: its preferred candidates in order of rank with its rejected ones in
// order of rank, first with first, second with second …, at most `mostPerGroup` (0: as many as
// there are). No candidate is in two pairs. In order of the chosen candidate's id.
[[nodiscard]] std::vector<Pair> makePairs(const std::vector<Candidate>& candidates,
                                          std::uint64_t mostPerGroup);

} // namespace scrit::curate
