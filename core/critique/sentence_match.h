// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scrit::critique {

// Finds the solution step that a critic quotes. Critics quote loosely (calculator notes dropped,
// words left out, TeX delimiters changed), so sentences and steps are compared by their runs of
// three words. Built once per critique; find() moves forward through the solution where several
// steps fit equally.
class SentenceMatcher {
public:
    SentenceMatcher(std::string_view solution, std::span<const base::Span> steps);
    // The 0-based step that shares at least half of the sentence's word runs; -1 for none.
    [[nodiscard]] int find(std::string_view sentence);

private:
    std::unordered_map<std::uint64_t, std::vector<int>>
        m_steps; // hash of a word run → steps with it
    int m_last = 0;
};

} // namespace scrit::critique
