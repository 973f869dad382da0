// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/run_request.h"
#include "core/store/reader.h"
#include "core/store/run_reader.h"

#include <cstdint>
#include <vector>

namespace scrit::loop {

// Problems whose rows are read in one statement: their texts are in memory together.
inline constexpr std::size_t kProblemsAtOnce = 512;

// The problems that a run would work on, in order of id: what its preview counts and what it plans.
// Invalid when the filter cannot be read or no problem matches.
[[nodiscard]] base::Expected<std::vector<std::int64_t>> problemsOfRun(store::RunReader& runs,
                                                                      const RunRequest& request);

// What a run that measures its critic begins with.
struct SubjectsOfSet {
    std::vector<std::int64_t> problems;  // that the critic solves itself; none unless it does
    std::vector<std::int64_t> solutions; // members: criticised without being selected
};
// NotFound (set); Invalid when it holds problems alone and the critic does not solve them.
[[nodiscard]] base::Expected<SubjectsOfSet> subjectsOfSet(store::Reader& reader,
                                                          const RunEvaluation& evaluation);

} // namespace scrit::loop
