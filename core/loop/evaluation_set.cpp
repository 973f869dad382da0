// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/evaluation_set.h"

#include "core/base/hash.h"
#include "core/curate/selection.h"
#include "core/loop/selection.h"
#include "core/store/evaluation_reader.h"
#include "core/store/evaluation_writer.h"
#include "core/store/run_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using Candidates = std::vector<store::FreezeCandidate>;

constexpr std::size_t kRowsAtOnce = 512;

// Random by content, so that the same solutions in another workspace give the same set.
void shuffle(Candidates& candidates, std::uint64_t seed) {
    const std::uint64_t own = base::hash64("frozen set", seed);
    std::sort(candidates.begin(), candidates.end(), [own](const auto& a, const auto& b) {
        return std::pair(base::hash64(a.key, own), a.id) <
               std::pair(base::hash64(b.key, own), b.id);
    });
}

Expected<Candidates> balanced(Candidates&& all, const FreezeRequest& request) {
    if (request.members == model::SubjectKind::Problem) {
        return fail(ErrorCode::Invalid, "problems cannot be balanced",
                    "freeze solutions, or leave the balance out");
    }
    const auto ratio = curate::parseBalance(request.balance);
    if (!ratio) {
        return fail(ratio.error());
    }
    Candidates correct;
    Candidates incorrect;
    for (store::FreezeCandidate& one : all) {
        if (one.correct) {
            (*one.correct ? correct : incorrect).push_back(std::move(one));
        }
    }
    std::uint64_t times = UINT64_MAX;
    if (ratio->correct > 0) {
        times = std::min<std::uint64_t>(times, correct.size() / ratio->correct);
    }
    if (ratio->incorrect > 0) {
        times = std::min<std::uint64_t>(times, incorrect.size() / ratio->incorrect);
    }
    if (request.limit > 0) {
        times = std::min<std::uint64_t>(times, static_cast<std::uint64_t>(request.limit) /
                                                   (ratio->correct + ratio->incorrect));
    }
    if (times == 0) {
        return fail(ErrorCode::NotFound,
                    "a balance of " + request.balance + " leaves nothing of " +
                        std::to_string(correct.size()) + " correct and " +
                        std::to_string(incorrect.size()) + " incorrect solutions",
                    "change the filter, the balance or the limit");
    }
    correct.resize(times * ratio->correct);
    incorrect.resize(times * ratio->incorrect);
    std::move(incorrect.begin(), incorrect.end(), std::back_inserter(correct));
    return correct;
}

Expected<std::vector<std::int64_t>> draw(store::EvaluationReader& sets,
                                         const FreezeRequest& request) {
    auto candidates = sets.candidates(request.members, request.filter);
    if (!candidates) {
        return fail(std::move(candidates.error()));
    }
    std::erase_if(*candidates,
                  [](const store::FreezeCandidate& one) { return one.author == kReferenceAuthor; });
    if (candidates->empty()) {
        return fail(ErrorCode::NotFound,
                    "no " + std::string(model::name(request.members)) + " matches",
                    request.filter.empty() ? "import some first" : "change the filter");
    }
    shuffle(*candidates, request.seed);
    if (!request.balance.empty()) {
        candidates = balanced(std::move(*candidates), request);
        if (!candidates) {
            return fail(std::move(candidates.error()));
        }
    } else if (request.limit > 0) {
        candidates->resize(std::min(candidates->size(), static_cast<std::size_t>(request.limit)));
    }
    std::vector<std::int64_t> ids;
    for (const store::FreezeCandidate& one : *candidates) {
        ids.push_back(one.id);
    }
    return ids;
}

// The problems that members are or belong to, ascending.
Expected<std::vector<std::int64_t>> problemsOf(store::RunReader& runs, model::SubjectKind kind,
                                               std::vector<std::int64_t> members) {
    std::vector<std::int64_t> problems;
    if (kind == model::SubjectKind::Problem) {
        problems = std::move(members);
        members.clear();
    }
    for (std::size_t at = 0; at < members.size(); at += kRowsAtOnce) {
        const auto rows = runs.solutions(
            std::span(members).subspan(at, std::min(kRowsAtOnce, members.size() - at)));
        if (!rows) {
            return fail(rows.error());
        }
        for (const model::Solution& row : *rows) {
            problems.push_back(row.problemId);
        }
    }
    std::sort(problems.begin(), problems.end());
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
    return problems;
}

} // namespace

Expected<FreezePreview> previewFreeze(store::Workspace& workspace, const FreezeRequest& request) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::EvaluationReader sets(**reader);
    const auto members = draw(sets, request);
    if (!members) {
        return fail(members.error());
    }
    FreezePreview preview;
    preview.members = static_cast<std::int64_t>(members->size());
    store::RunReader runs(**reader);
    const auto problems = problemsOf(runs, request.members, *members);
    const auto free = problems ? runs.problemIds("-evaluation:yes", 0) : fail(problems.error());
    if (!free) {
        return fail(free.error());
    }
    preview.problems = static_cast<std::int64_t>(problems->size());
    preview.problemsLeft = std::count_if(free->begin(), free->end(), [&](std::int64_t id) {
        return !std::binary_search(problems->begin(), problems->end(), id);
    });
    return preview;
}

Expected<FrozenResult> freezeSet(store::Workspace& workspace, const FreezeRequest& request) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::EvaluationReader sets(**reader);
    const auto members = draw(sets, request);
    if (!members) {
        return fail(members.error());
    }
    model::FrozenSet set;
    set.name = request.name;
    set.members = request.members;
    set.filter = request.filter;
    set.settings = nlohmann::ordered_json{{"limit", request.limit},
                                          {"seed", request.seed},
                                          {"balance", request.balance}}
                       .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    FrozenResult result;
    const auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
        const auto stored = store::EvaluationWriter(writer).addSet(set, *members);
        if (!stored) {
            return fail(stored.error());
        }
        result.added = stored->added;
        return {};
    });
    if (!written) {
        return fail(written.error());
    }
    auto frozen = sets.set(request.name);
    if (!frozen) {
        return fail(std::move(frozen.error()));
    }
    const auto exported = sets.problemsExported(frozen->id);
    if (!exported) {
        return fail(exported.error());
    }
    result.set = std::move(*frozen);
    result.problemsExported = *exported;
    return result;
}

Expected<void> refuseFrozen(store::Workspace& workspace, store::ListOf of,
                            const std::string& filter) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto overlaps = store::EvaluationReader(**reader).overlap(of, filter);
    if (!overlaps) {
        return fail(overlaps.error());
    }
    std::string what;
    for (const store::FrozenOverlap& overlap : *overlaps) {
        what += (what.empty() ? "" : ", ") + std::to_string(overlap.problems.size()) + " in \"" +
                overlap.set + "\"";
    }
    if (what.empty()) {
        return {};
    }
    return fail(ErrorCode::Invalid,
                "problems of frozen evaluation sets must not be trained on: " + what,
                "leave them out with evaluation:no");
}

} // namespace scrit::loop
