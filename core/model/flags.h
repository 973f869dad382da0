// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// Red flags: known failures of critiques (SCRIT, arXiv 2501.05727, and what reading traces has
// shown). A flag marks a critique for the reader's eye; it is evidence, not a verdict.
namespace scrit::model {

enum class Flag : std::uint32_t {
    RubberStamp = 1U << 0U,         // every step approved on a solution known to be wrong
    AllStepsFine = 1U << 1U,        // every step approved, then the final answer called wrong
    VerdictStepMismatch = 1U << 2U, // "incorrect" with step -1, or "correct" with a step k
    StepsAfterError = 1U << 3U,     // goes on critiquing after the first error it found
    CorrectionEdits = 1U << 4U,     // the correction changes steps before the first error
    CorrectionUnrelated = 1U << 5U, // the correction does not follow from the critique
    Leak = 1U << 6U,                // the text mentions the reference solution
    RunOn = 1U << 7U,               // other text follows the end of the critique
    Unreadable = 1U << 8U,          // neither a conclusion nor a first error step could be read
};

// A set of flags, stored as a bit mask; the bits above are part of the file format.
class Flags {
public:
    constexpr Flags() = default;
    constexpr explicit Flags(std::uint32_t bits) : m_bits(bits) {}
    constexpr void add(Flag flag) { m_bits |= static_cast<std::uint32_t>(flag); }
    [[nodiscard]] constexpr bool has(Flag flag) const {
        return (m_bits & static_cast<std::uint32_t>(flag)) != 0;
    }
    [[nodiscard]] constexpr std::uint32_t bits() const { return m_bits; }
    [[nodiscard]] constexpr bool empty() const { return m_bits == 0; }
    friend constexpr bool operator==(const Flags&, const Flags&) = default;

private:
    std::uint32_t m_bits = 0;
};

// "rubber-stamp", "all-steps-fine", "verdict-step-mismatch", "steps-after-error",
// "correction-edits", "correction-unrelated", "leak", "run-on", "unreadable".
[[nodiscard]] std::string_view name(Flag flag);
// One sentence for a tooltip.
[[nodiscard]] std::string_view explanation(Flag flag);
[[nodiscard]] std::optional<Flag> flagFromName(std::string_view text);
// All flags in bit order.
[[nodiscard]] const std::vector<Flag>& allFlags();
// The flags of a set in bit order.
[[nodiscard]] std::vector<Flag> flagsIn(Flags flags);

} // namespace scrit::model
