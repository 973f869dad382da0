// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/lineage.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::review {

// The verdicts to add when the answer of a problem changes: `answer` is the right one from now on,
// empty when none is known, and absent when the data set's own counts again. Review itself compares
// no answers; loop::answerRescorer() makes one. Called on the thread that stores the annotation;
// both are committed together.
using Rescorer = std::function<base::Expected<std::vector<model::Verdict>>(
    std::int64_t problemId, const std::optional<std::string>& answer)>;

struct AnswerChange {
    std::int64_t annotationId = 0;
    std::int64_t verdicts = 0; // added
};
// Stores that the reference answer of a problem is wrong (`answer` is right, or "" for not known),
// or takes back what the annotator has said about it (absent). NotFound, Invalid.
[[nodiscard]] base::Expected<AnswerChange>
changeAnswer(store::Workspace& workspace, std::int64_t problemId, std::string_view annotator,
             const std::optional<std::string>& answer, const Rescorer& rescorer);

} // namespace scrit::review
