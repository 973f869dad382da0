// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"

#include <string>
#include <string_view>

namespace scrit::critique {

// The training target (e, l, t) of a critique in the SCRIT text form: step critiques, conclusion,
// correction. The reference analysis and run-on text are dropped. A critique that already is in
// that form is returned as an exact slice of `text`; from another form the parts are exact slices
// under the SCRIT headings, with the first error step written 1-based. A part that was not found is
// left out, never invented: callers that need a complete target check `parsed` first.
// `correctionText` is used when the correction was delivered outside the critique. Pure.
[[nodiscard]] std::string renderTarget(std::string_view text, const model::ParsedCritique& parsed,
                                       std::string_view correctionText = {});

} // namespace scrit::critique
