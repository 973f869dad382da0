// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/critique/prompt_template.h"
#include "core/loop/run_request.h"
#include "core/model/run.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a stored run does, stage by stage: the same in every process that works on it, because the
// request and the prompt templates are stored with it as they were when it was made.
namespace scrit::loop {

// Where the author of a solution with an injected bug is told from other students: "CRITIC+bug".
// Such solutions are never selected themselves.
inline constexpr std::string_view kInjectedSuffix = "+bug";

// Prompt templates by role: "student", "critic", "injector", "validator".
using PromptTexts = std::map<std::string, std::string, std::less<>>;

// What model::Run::settings holds, a JSON object: "critic", "validator", "students", "limit",
// "round", "caps", "fresh", "solve_only", "prompts", "cap_over_all", "evaluation" (with "set" and
// "own").
struct RunSettings {
    RunRequest request;
    PromptTexts prompts;
    // The cap per student and class can bind, so selection has to see all solutions at once.
    bool capOverAll = false;
};
[[nodiscard]] std::string settingsJson(const RunSettings& settings);
// Errors (Invalid): the recipe or the settings cannot be read.
[[nodiscard]] base::Expected<RunSettings> settingsOfRun(const model::Run& run);

enum class StageKind { Solve, Select, Inject, Critique, Validate };

struct StagePlan {
    StageKind kind = StageKind::Select;
    std::string name; // "solve/qwen", "select", …
    model::SubjectKind subject = model::SubjectKind::Problem;
    std::string model; // whom it asks, by name; empty: nobody
    RoleSettings role;
    std::optional<critique::PromptTemplate> prompt;
    std::string sampling; // JSON object; part of the cache key
};

struct RunPlan {
    std::int64_t runId = 0;
    RunSettings settings;
    std::uint64_t seed = 0;
    std::vector<StagePlan> stages;  // in the order in which an item passes them
    std::string validationProtocol; // "self-validation/1;1a2b3c4d;correct=solution"

    [[nodiscard]] const Recipe& recipe() const { return settings.request.recipe; }
    [[nodiscard]] const RunRequest& request() const { return settings.request; }
    // The position of a stage, −1 when the run has none such. With several students the first.
    [[nodiscard]] int indexOf(StageKind kind) const;
    [[nodiscard]] int indexOf(std::string_view stageName) const;
};

// Errors (Invalid) name the role: a template that cannot be read, a field that its role does not
// have, a field that it needs and lacks.
[[nodiscard]] base::Expected<RunPlan> makePlan(RunSettings settings, std::int64_t runId);

// The prompt templates that a recipe names: shipped ones, or files beside the recipe. NotFound.
[[nodiscard]] base::Expected<PromptTexts> loadPrompts(const Recipe& recipe);

} // namespace scrit::loop
