// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

// Orders by how hard a problem is: by the number of different final answers that its candidates
// gave (SCRIT, arXiv 2501.05727, figure on self-validation by unique answers), as
// store::Reader::uniqueAnswers() counts them. One answer: everybody agrees; as many as there are
// candidates: nobody does.
namespace scrit::curate {

enum class Order {
    Stored,    // by the critiques' ids
    EasyFirst, // few different answers first, random within
    HardFirst, // many different answers first, random within
    Random
};
[[nodiscard]] std::string_view name(Order order); // stored, easy-first, hard-first, random

// Where a row goes: sorting by it gives the order. `random` is a hash of the seed and the row's
// content key. Stored gives the same number for all (sort stably).
[[nodiscard]] std::uint64_t orderKey(Order order, int uniqueAnswers, std::uint64_t random);

} // namespace scrit::curate
