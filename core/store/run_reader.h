// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/lineage.h"
#include "core/model/run.h"
#include "core/store/reader.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scrit::store {

// How many items of one stage are in one state.
struct StageCount {
    std::string stage;
    model::ItemState state = model::ItemState::Planned;
    std::int64_t count = 0;
};

// Failed (or skipped) items that share a cause.
struct ErrorGroup {
    std::string stage;
    model::ItemState state = model::ItemState::Failed;
    std::string code;
    std::string example; // the newest message
    std::int64_t exampleItem = 0;
    std::int64_t count = 0;
};

// What a run has cost so far.
struct RunUsage {
    std::int64_t completions = 0; // paid for by this run; answers from the cache not counted
    std::int64_t promptTokens = 0;
    std::int64_t completionTokens = 0;
    double cost = 0;
};

// A student solution as selection sees it; `correct` is absent when that is not known.
struct SelectableSolution {
    std::int64_t solutionId = 0;
    std::int64_t problemId = 0;
    std::string key;
    std::string student;
    std::optional<bool> correct;
};

// The reading side of runs: constructed on a Reader, used by the same thread, as long as it lives.
// Everything that takes ids answers for many in one pass: no query per row.
class RunReader {
public:
    explicit RunReader(Reader& reader);

    [[nodiscard]] base::Expected<std::vector<model::Model>> models(bool withRetired = false);
    // By name. NotFound lists the names there are, and says so when the model was retired.
    [[nodiscard]] base::Expected<model::Model> model(std::string_view name);
    [[nodiscard]] base::Expected<std::vector<model::Run>> runs();     // newest first
    [[nodiscard]] base::Expected<model::Run> run(std::int64_t runId); // NotFound
    // The newest run that is not done or failed; for `scrit resume` without a number.
    [[nodiscard]] base::Expected<std::optional<model::Run>> lastOpenRun();

    [[nodiscard]] base::Expected<std::vector<StageCount>> stageCounts(std::int64_t runId);
    [[nodiscard]] base::Expected<std::vector<ErrorGroup>> errorGroups(std::int64_t runId);
    [[nodiscard]] base::Expected<RunUsage> usage(std::int64_t runId);
    // Planned and running items, in order of id; the callback ends the walk by returning false.
    [[nodiscard]] base::Expected<void>
    forEachOpenItem(std::int64_t runId, const std::function<bool(const model::WorkItem&)>& item);

    // Problems that match a filter (list of problems), in order of id, at most `limit` (0: all).
    [[nodiscard]] base::Expected<std::vector<std::int64_t>> problemIds(const std::string& filter,
                                                                       std::int64_t limit);
    // Whole objects in the order of `ids`; an id that is not there is an Internal error.
    [[nodiscard]] base::Expected<std::vector<model::Problem>>
    problems(std::span<const std::int64_t> ids);
    [[nodiscard]] base::Expected<std::vector<model::Solution>>
    solutions(std::span<const std::int64_t> ids);
    [[nodiscard]] base::Expected<std::vector<model::Critique>>
    critiques(std::span<const std::int64_t> ids);
    // All solutions of the problems, in order of id.
    [[nodiscard]] base::Expected<std::vector<SelectableSolution>>
    solutionsOf(std::span<const std::int64_t> problemIds);
    // The reference of each pair of a run, by solution.
    [[nodiscard]] base::Expected<std::unordered_map<std::int64_t, std::int64_t>>
    references(std::int64_t runId, std::span<const std::int64_t> solutionIds);

    // Completions that are there for cache keys (32 hex digits), by key.
    [[nodiscard]] base::Expected<std::unordered_map<std::string, model::Completion>>
    completions(std::span<const std::string> cacheKeys);
    // A completion by its id, for a transcript; NotFound.
    [[nodiscard]] base::Expected<model::Completion> completion(std::int64_t id);
    // The text of a rendered prompt; empty when it was not kept.
    [[nodiscard]] base::Expected<std::string> prompt(std::string_view hash);

private:
    Reader& m_reader;
};

} // namespace scrit::store
