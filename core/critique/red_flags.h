// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "core/model/flags.h"
#include "core/model/lineage.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace scrit::critique {

// What is known about the criticised solution; every part is optional. The caller keeps the memory.
struct FlagContext {
    std::string_view solution;
    std::span<const base::Span> steps;   // into `solution`
    std::optional<bool> solutionCorrect; // known from a label or from the gold answer
};

// The red flags of a critique (known failures of critics, SCRIT arXiv 2501.05727 and METHOD notes
// in README.md). `critiqueText` is the text that `parsed` was made from. A flag that needs
// something unknown (for example the solution's correctness) is not raised. Pure.
[[nodiscard]] model::Flags redFlags(const model::ParsedCritique& parsed,
                                    std::string_view critiqueText, const FlagContext& context = {});

// Mentions of a reference solution ("the reference solution", "as given above", "compared with the
// correct solution") outside `parsed.referenceAnalysis` and before `parsed.usedEnd`: spans into
// `critiqueText`, in order, disjoint. A critic at inference sees no reference, so a training target
// with such a mention leaks it.
[[nodiscard]] std::vector<base::Span> leakSpans(std::string_view critiqueText,
                                                const model::ParsedCritique& parsed);
// The same for a text that is all target (nothing is exempt).
[[nodiscard]] std::vector<base::Span> leakSpans(std::string_view text);

} // namespace scrit::critique
