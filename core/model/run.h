// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/names.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a run is made of: the models it asks, its work items and the completions it paid for. Plain
// data. Ids are rows of one workspace, 0 = not stored yet. Times are unix milliseconds.
namespace scrit::model {

enum class RunState { Planned, Running, Paused, Stopped, Done, Failed };
enum class ItemState { Planned, Running, Done, Failed, Skipped };
[[nodiscard]] std::string_view
name(RunState state); // planned, running, paused, stopped, done, failed
[[nodiscard]] std::string_view name(ItemState state); // planned, running, done, failed, skipped
[[nodiscard]] std::optional<RunState> runStateFromName(std::string_view text);
[[nodiscard]] std::optional<ItemState> itemStateFromName(std::string_view text);

// The stages of SCRIT's loop (arXiv 2501.05727, section 3), in the order in which an item passes
// them. With several students each has a stage of its own, "solve/NAME".
namespace stage {
inline constexpr std::string_view kSolve = "solve";   // a student solves a problem
inline constexpr std::string_view kSelect = "select"; // a problem's solutions are filtered, paired
inline constexpr std::string_view kInject = "inject"; // a bug is put into a correct solution
inline constexpr std::string_view kCritique = "critique"; // the critic judges a solution
inline constexpr std::string_view kValidate = "validate"; // the critic's correction is judged
} // namespace stage

// A language model that a workspace knows: a backend with its settings, or a trained one.
struct Model {
    std::int64_t id = 0;
    std::string name;     // unique in the workspace
    std::string kind;     // openai, llama-server, vllm, recorded, builtin
    std::string settings; // JSON object, see core/backend/model_settings.h; never a secret
    std::optional<std::int64_t> parentId;
    std::int64_t createdAt = 0;
    bool retired = false; // no longer offered; its completions stay
};

struct Run {
    std::int64_t id = 0;
    std::string recipe;     // its name
    std::string recipeText; // the recipe as it was
    std::string settings;   // JSON object: models by role, limit, caps; see core/loop/run_request.h
    std::string filter;     // which problems
    std::uint64_t seed = 0;
    std::optional<std::int64_t> roundId;
    RunState state = RunState::Planned;
    std::string error; // why it is Failed or Stopped by a cap; else empty
    double cost = 0;   // US dollars
    std::int64_t createdAt = 0;
    std::int64_t startedAt = 0;  // 0: not yet
    std::int64_t finishedAt = 0; // 0: not yet
};

// A unit of work that is done once: unique by (run, stage, subject, sample).
struct WorkItem {
    std::int64_t id = 0;
    std::int64_t runId = 0;
    std::string stage;
    SubjectKind subject = SubjectKind::Problem;
    std::int64_t subjectId = 0;
    int sample = 0; // counts from 0
    ItemState state = ItemState::Planned;
    int attempts = 0;
    std::string errorCode; // of a failed or skipped item: groups errors by cause
    std::string error;     // for people
    std::int64_t nextTryAt = 0;
    std::string resultKind; // "solution", "critique", "verdict", "pairs", or empty
    std::int64_t resultId = 0;
};

// What a model answered to one request, kept so that it is never paid twice.
struct Completion {
    std::int64_t id = 0;
    std::string cacheKey; // 32 hex digits; see loop's completion cache
    std::int64_t modelId = 0;
    std::int64_t runId = 0;
    std::string promptHash; // of the rendered prompt
    std::string sampling;   // JSON object
    std::optional<std::int64_t> seed;
    int sample = 0;
    std::string finishReason; // stop, length, filtered, other
    std::int64_t promptTokens = 0;
    std::int64_t completionTokens = 0;
    double latencySeconds = 0; // at the server
    double queueSeconds = 0;   // in our own queue before that
    double cost = 0;           // US dollars
    std::int64_t createdAt = 0;
    std::string text;
    std::string reasoning; // of servers that deliver it apart; empty elsewhere
    std::string logprobs;  // JSON, empty when not asked for
};

} // namespace scrit::model
