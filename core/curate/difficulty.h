// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// How hard a problem is, told by its solutions: the number of different final answers that its
// students gave (SCRIT, arXiv 2501.05727, figure on self-validation by unique answers). One answer:
// everybody agrees; as many as there are students: nobody does.
namespace scrit::curate {

// Counts different answers. Answers are compared as text without spaces, TeX's spacing and sizing
// commands, and enclosing dollars: equal values in other spellings count as different. About 24
// bytes an answer. Used by one thread.
class AnswerCounter {
public:
    // An empty answer (none was found) counts as an answer of its own.
    void add(std::int64_t problemId, std::string_view answer);
    // Call once after the last add().
    void finish();
    // Different answers of a problem; 0 when nothing was added for it.
    [[nodiscard]] int uniqueAnswers(std::int64_t problemId) const;

private:
    struct Entry {
        std::int64_t problem;
        std::uint64_t answer;
    };
    std::vector<Entry> m_entries;
    std::unordered_map<std::int64_t, int> m_counts;
};

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
