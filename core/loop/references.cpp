// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/references.h"

#include "core/base/text.h"
#include "core/loop/run_problems.h"
#include "core/loop/run_results.h"
#include "core/loop/selection.h"
#include "core/loop/verify.h"
#include "core/store/writer.h"

#include <algorithm>
#include <string>
#include <vector>

namespace scrit::loop {
namespace {

using base::Expected;
using base::fail;

Expected<void> storeReference(store::Writer& writer, const model::Problem& problem) {
    const model::Solution solution =
        solutionOf(problem, std::string(kReferenceAuthor), problem.referenceSolution);
    const auto stored = writer.addSolution(solution);
    if (!stored) {
        return fail(stored.error());
    }
    auto verdict = answerMatchOfSolution(problem, solution, {});
    if (!verdict) {
        return {};
    }
    verdict->subjectId = stored->id;
    const auto added = writer.addVerdict(*verdict);
    return added ? Expected<void>{} : fail(added.error());
}

} // namespace

Expected<void> storeReferences(store::Workspace& workspace, store::RunReader& runs,
                               std::span<const std::int64_t> problems) {
    for (std::size_t at = 0; at < problems.size(); at += kProblemsAtOnce) {
        const auto rows =
            runs.problems(problems.subspan(at, std::min(kProblemsAtOnce, problems.size() - at)));
        if (!rows) {
            return fail(rows.error());
        }
        const auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
            for (const model::Problem& problem : *rows) {
                if (base::trimmed(problem.referenceSolution).empty()) {
                    continue;
                }
                if (auto stored = storeReference(writer, problem); !stored) {
                    return stored;
                }
            }
            return {};
        });
        if (!written) {
            return fail(written.error());
        }
    }
    return {};
}

} // namespace scrit::loop
