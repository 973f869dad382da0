// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What a training target gives away of the reference solution, which a critic at inference does not
// see: mentions of it (leakSpans, red_flags.h) and long spans copied out of it.
namespace scrit::critique {

// What counts as copied: as many words in a row as here, of which so many are words of a language
// (formulas of two right solutions are alike without anything being copied).
struct CopyRule {
    int words = 12;
    int proseWords = 6;
};

// The grams of a reference solution that neither the problem nor the candidate solution contains:
// made once, asked for many targets. A value; const functions may be called from any thread.
class CopyDetector {
public:
    explicit CopyDetector(CopyRule rule = {}) : m_rule(rule) {}
    // Forgets what it knew; an empty reference has nothing to copy. Linear in the texts.
    void setTexts(std::string_view reference, std::string_view problem, std::string_view candidate);
    // The longest copied spans of a text, in order, disjoint. Linear in the text.
    [[nodiscard]] std::vector<base::Span> copiedSpans(std::string_view text) const;

private:
    CopyRule m_rule;
    std::vector<std::uint64_t> m_grams; // sorted
};

// Spans of a text that is all target, for marking them.
struct TargetLeaks {
    std::vector<base::Span> mentions;
    std::vector<base::Span> copies;
    [[nodiscard]] bool empty() const { return mentions.empty() && copies.empty(); }
};
[[nodiscard]] TargetLeaks targetLeaks(std::string_view target, std::string_view reference,
                                      std::string_view problem, std::string_view candidate);

} // namespace scrit::critique
