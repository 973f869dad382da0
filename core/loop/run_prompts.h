// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/run_plan.h"
#include "core/loop/run_task.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// From a work item with its texts to the request that is sent. Pure functions, any thread.
namespace scrit::loop {

// Why an item ends without a request: skipped ("no-correction", "called-correct",
// "context-too-small") or failed ("prompt").
struct Refusal {
    model::ItemState state = model::ItemState::Skipped;
    std::string code;
    std::string message;
};

// What the validator is shown of a critique: the correction; for a critique that calls the solution
// correct what the recipe says, the solution, the correction or nothing. Fills task.judged,
// judgedSteps and judgedWhat.
[[nodiscard]] std::optional<Refusal> chooseJudged(ValidateCorrect whenCorrect,
                                                  const model::Critique& critique, Task& task);

// Renders the prompt of the task's stage and fills request, seed, size, hash and cache key. A
// prompt that is longer than the model's context (guessed at four bytes a token) is refused: a text
// is never cut. What only the prompt needed is let go.
[[nodiscard]] std::optional<Refusal> prepareRequest(const RunPlan& plan, const ModelFacts& model,
                                                    Task& task);

// The seed of one request. It hangs on contents, not on rows, so that another import or a resumed
// run gives the same one. 31 bits: some servers take no more.
[[nodiscard]] std::int64_t requestSeed(std::uint64_t runSeed, std::string_view stage,
                                       std::string_view subjectKey, int sample);
// 32 hex digits over everything that an answer depends on, and the sample.
[[nodiscard]] std::string cacheKey(std::string_view modelIdentity, std::string_view promptHash,
                                   std::string_view sampling, std::int64_t seed, int sample);

} // namespace scrit::loop
