// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace scrit::critique {

// The training target (e, l, t) of a critique in the SCRIT text form: step critiques, conclusion,
// correction, as the direct critic's prompt asks for it: one critique for each step, in order, and
// none behind the first error (steps that a critique goes on with are left out, parts of one step
// stand under one heading). The reference analysis and run-on text are dropped. A critique that
// already is in that form is returned as an exact slice of `text`; from another form the parts are
// exact slices under the SCRIT headings, with the first error step written 1-based. A part that was
// not found is
// left out, never invented: callers that need a complete target check `parsed` first.
// `correctionText` is used when the correction was delivered outside the critique. Pure.
[[nodiscard]] std::string renderTarget(std::string_view text, const model::ParsedCritique& parsed,
                                       std::string_view correctionText = {});

// How the step critiques of a target differ from those that were read.
struct TargetEdits {
    std::size_t joined = 0;  // parts that stand under the heading of an earlier part of their step
    std::size_t leftOut = 0; // parts about steps behind the first error
    bool reordered = false;  // the steps were not in order
};
[[nodiscard]] TargetEdits targetEdits(const model::ParsedCritique& parsed);

} // namespace scrit::critique
