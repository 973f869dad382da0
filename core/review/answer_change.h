// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/review/rescorer.h"
#include "core/store/review_reader.h"
#include "core/store/writer.h"

#include <cstdint>
#include <span>
#include <vector>

// Private to core/review: what follows when the answer of a problem is repaired.
namespace scrit::review {

// The verdicts to store together with `added`, which may be about several subjects: those that the
// rescorer gives when they change what answer of the problem counts; none when they do not. Invalid
// without a rescorer.
[[nodiscard]] base::Expected<std::vector<model::Verdict>>
verdictsAfter(store::ReviewReader& reviews, std::int64_t problemId,
              std::span<const model::Annotation> added, const Rescorer& rescorer);

// Stores verdicts; how many were new.
[[nodiscard]] base::Expected<std::int64_t> addVerdicts(store::Writer& writer,
                                                       std::span<const model::Verdict> verdicts);

} // namespace scrit::review
