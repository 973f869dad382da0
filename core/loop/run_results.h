// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/chat.h"
#include "core/loop/run_plan.h"
#include "core/loop/run_task.h"

#include <memory>
#include <string>
#include <string_view>

// From an answer (or an error) to what is stored and what follows from it. Pure functions apart
// from time stamps; any thread.
namespace scrit::loop {

// What an answer becomes: a student's solution with its answer match, a solution with an injected
// bug, a parsed critique with flags and answer match, or a self-validation; and the items that
// become possible. An answer of the cache has completion.id set. Never fails: what cannot be used
// ends the item as skipped with its reason, and the answer is stored all the same.
[[nodiscard]] Outcome evaluate(const RunPlan& plan, Task&& task, model::Completion&& completion);

// A text as a solution of this problem, with its steps, its final answer and its key.
[[nodiscard]] model::Solution solutionOf(const model::Problem& problem, std::string author,
                                         std::string text);

// An answer as the row that is stored.
[[nodiscard]] model::Completion completionOf(const RunPlan& plan, const Task& task,
                                             backend::ChatResult&& result);

// The text without a closed thinking part in front of it, and with bytes that are not UTF-8 made
// visible.
[[nodiscard]] std::string readableText(std::string_view text);

// The changed solution inside an injector's answer; empty when there is none. `changedStep` counts
// from 0; absent when the answer does not say.
struct InjectedSolution {
    std::string text;
    std::optional<int> changedStep;
};
[[nodiscard]] InjectedSolution parseInjection(std::string_view answer);

// A name for an error that groups items by cause: "http-429", "network", "bad-answer", ….
[[nodiscard]] std::string errorCodeOf(const backend::ChatError& error);

} // namespace scrit::loop
