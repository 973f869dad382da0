// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_problems.h"

namespace scrit::loop {

base::Expected<std::vector<std::int64_t>> problemsOfRun(store::RunReader& runs,
                                                        const RunRequest& request) {
    if (!request.problems.empty()) {
        return request.problems;
    }
    auto problems = runs.problemIds(request.filter, request.limit);
    if (problems && problems->empty()) {
        return base::fail(base::ErrorCode::Invalid, "no problem matches",
                          request.filter.empty() ? "import problems first" : "change the filter");
    }
    return problems;
}

} // namespace scrit::loop
