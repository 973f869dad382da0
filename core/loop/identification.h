// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/error_identification.h"
#include "core/loop/score_items.h"

#include <array>
#include <cstdint>
#include <optional>

// Private to core/loop: what suite ei takes from a judgement.
namespace scrit::loop {

inline constexpr std::array kIdentificationProtocols{eval::IdentificationProtocol::Strict,
                                                     eval::IdentificationProtocol::Scrit};

struct Identified {
    eval::IdentificationItem item; // the majority's step
    std::int64_t critiqueId = 0;   // the first that says so; 0: there is none
};
// Nothing when the first wrong step is not known, or the solution is none of the set's.
[[nodiscard]] std::optional<Identified> identified(Judgements::Items judgement);

} // namespace scrit::loop
