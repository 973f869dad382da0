// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_plan.h"

#include "core/base/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using Json = nlohmann::ordered_json;

constexpr const char* kStudent = "student";
constexpr const char* kCritic = "critic";
constexpr const char* kInjector = "injector";
constexpr const char* kValidator = "validator";

// What a template of one role may and must ask for.
struct RoleFields {
    std::vector<std::string_view> needed;
    std::vector<std::string_view> allowed;
};

RoleFields fieldsOf(std::string_view role, const Recipe& recipe) {
    if (role == kStudent) {
        return {{"problem"}, {"problem"}};
    }
    if (role == kCritic && recipe.mode == model::CritiqueMode::Contrastive) {
        return {{"problem", "reference", "solution"}, {"problem", "reference", "solution"}};
    }
    return {{"problem", "solution"}, {"problem", "solution"}};
}

std::string joined(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) {
        text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text;
}

Expected<critique::PromptTemplate> readTemplate(std::string_view role, const std::string& text,
                                                const Recipe& recipe) {
    const std::string what = "the prompt of the " + std::string(role);
    Expected<critique::PromptTemplate> prompt = critique::PromptTemplate::parse(text);
    if (!prompt) {
        base::Error error = prompt.error().withContext(what);
        error.code = ErrorCode::Invalid;
        return fail(std::move(error));
    }
    const RoleFields fields = fieldsOf(role, recipe);
    const std::vector<std::string> used = prompt->fields();
    for (const std::string& field : used) {
        if (std::find(fields.allowed.begin(), fields.allowed.end(), field) ==
            fields.allowed.end()) {
            return fail(ErrorCode::Invalid, what + " asks for {{" + field + "}}",
                        "it may use " + joined(fields.allowed));
        }
    }
    for (const std::string_view field : fields.needed) {
        if (std::find(used.begin(), used.end(), field) == used.end()) {
            return fail(ErrorCode::Invalid, what + " lacks {{" + std::string(field) + "}}",
                        "without it the model would not see what it is asked about");
        }
    }
    return prompt;
}

std::string samplingJson(const RoleSettings& role) {
    return Json{
        {"temperature", role.temperature}, {"top_p", role.topP}, {"max_tokens", role.maxTokens}}
        .dump();
}

// Identifies a template by what it makes of its own fields.
std::string templateId(const critique::PromptTemplate& prompt) {
    critique::PromptFields values;
    for (const std::string& field : prompt.fields()) {
        values.emplace(field, "{{" + field + "}}");
    }
    const auto rendered = prompt.render(values);
    return rendered ? rendered->hash.substr(0, 8) : std::string();
}

// Adds a stage; one that asks a model has a template.
Expected<void> addStage(RunPlan& plan, StagePlan stage, const char* role) {
    if (role != nullptr) {
        const auto text = plan.settings.prompts.find(role);
        if (text == plan.settings.prompts.end()) {
            return fail(ErrorCode::Invalid, "the run has no prompt for the " + std::string(role));
        }
        auto prompt = readTemplate(role, text->second, plan.recipe());
        if (!prompt) {
            return fail(std::move(prompt.error()));
        }
        stage.prompt = std::move(*prompt);
        stage.sampling = samplingJson(stage.role);
    }
    plan.stages.push_back(std::move(stage));
    return {};
}

Expected<void> addStages(RunPlan& plan) {
    const Recipe recipe = plan.recipe();
    const RunRequest& request = plan.request();
    std::vector<std::string> students = request.students;
    if (request.evaluation) {
        students.clear();
        if (request.evaluation->own) {
            students.push_back(request.critic);
        }
    }
    for (const std::string& student : students) {
        const std::string name = std::string(model::stage::kSolve) + "/" + student;
        if (auto added = addStage(plan,
                                  {StageKind::Solve,
                                   name,
                                   model::SubjectKind::Problem,
                                   student,
                                   recipe.student,
                                   std::nullopt,
                                   {}},
                                  kStudent);
            !added) {
            return added;
        }
    }
    if (request.solveOnly) {
        return {};
    }
    const auto add = [&](StageKind kind, std::string_view name, model::SubjectKind subject,
                         const std::string& model, const RoleSettings& settings, const char* role) {
        return addStage(plan, {kind, std::string(name), subject, model, settings, std::nullopt, {}},
                        role);
    };
    Expected<void> added;
    if (!request.evaluation) {
        added = add(StageKind::Select, model::stage::kSelect, model::SubjectKind::Problem, "", {},
                    nullptr);
    }
    if (added && recipe.mode == model::CritiqueMode::BugInjection) {
        added = add(StageKind::Inject, model::stage::kInject, model::SubjectKind::Solution,
                    request.critic, recipe.injector, kInjector);
    }
    if (added) {
        added = add(StageKind::Critique, model::stage::kCritique, model::SubjectKind::Solution,
                    request.critic, recipe.critic, kCritic);
    }
    if (added && recipe.validate) {
        const std::string& model = request.validator.empty() ? request.critic : request.validator;
        added = add(StageKind::Validate, model::stage::kValidate, model::SubjectKind::Critique,
                    model, recipe.validator, kValidator);
    }
    return added;
}

Expected<std::string> loadPrompt(const Recipe& recipe, const std::string& prompt) {
    std::filesystem::path path = prompt;
    if (prompt.find('/') == std::string::npos && !path.has_extension()) {
        const auto folder = base::resourceFolder();
        if (!folder) {
            return fail(folder.error());
        }
        path = *folder / "prompts" / (prompt + ".txt");
    } else if (path.is_relative()) {
        path = recipe.folder / path;
    }
    return base::readFile(path, std::uintmax_t{1} << 20U);
}

RunCaps capsFrom(const Json& json) {
    RunCaps caps;
    caps.requests = json.value("requests", caps.requests);
    caps.tokens = json.value("tokens", caps.tokens);
    caps.cost = json.value("cost", caps.cost);
    return caps;
}

} // namespace

std::string settingsJson(const RunSettings& settings) {
    const RunRequest& request = settings.request;
    Json json{{"critic", request.critic},
              {"validator", request.validator},
              {"students", request.students},
              {"limit", request.limit},
              {"round", request.round},
              {"caps",
               {{"requests", request.caps.requests},
                {"tokens", request.caps.tokens},
                {"cost", request.caps.cost}}},
              {"fresh", request.fresh},
              {"solve_only", request.solveOnly},
              {"cap_over_all", settings.capOverAll},
              {"prompts", settings.prompts}};
    if (request.evaluation) {
        json["evaluation"] = {{"set", request.evaluation->set}, {"own", request.evaluation->own}};
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Expected<RunSettings> settingsOfRun(const model::Run& run) {
    const std::string what = "run " + std::to_string(run.id);
    Expected<Recipe> recipe = parseRecipe(run.recipeText);
    if (!recipe) {
        return fail(recipe.error().withContext("the recipe of " + what));
    }
    RunSettings settings;
    RunRequest& request = settings.request;
    request.recipe = std::move(*recipe);
    request.filter = run.filter;
    request.roundId = run.roundId;
    request.seed = run.seed;
    try {
        const Json json = Json::parse(run.settings);
        request.critic = json.value("critic", "");
        request.validator = json.value("validator", "");
        request.students = json.value("students", request.students);
        request.limit = json.value("limit", request.limit);
        request.round = json.value("round", request.round);
        request.caps = capsFrom(json.value("caps", Json::object()));
        request.fresh = json.value("fresh", false);
        request.solveOnly = json.value("solve_only", false);
        settings.capOverAll = json.value("cap_over_all", false);
        settings.prompts = json.value("prompts", settings.prompts);
        if (const auto evaluation = json.find("evaluation"); evaluation != json.end()) {
            request.evaluation = {evaluation->value("set", ""), evaluation->value("own", false)};
        }
    } catch (const Json::exception&) {
        return fail(ErrorCode::Invalid, "the settings of " + what + " cannot be read");
    }
    return settings;
}

int RunPlan::indexOf(StageKind kind) const {
    const auto found = std::find_if(stages.begin(), stages.end(),
                                    [&](const StagePlan& stage) { return stage.kind == kind; });
    return found == stages.end() ? -1 : static_cast<int>(found - stages.begin());
}

int RunPlan::indexOf(std::string_view stageName) const {
    const auto found = std::find_if(stages.begin(), stages.end(), [&](const StagePlan& stage) {
        return stage.name == stageName;
    });
    return found == stages.end() ? -1 : static_cast<int>(found - stages.begin());
}

Expected<RunPlan> makePlan(RunSettings settings, std::int64_t runId) {
    if (const Recipe& recipe = settings.request.recipe;
        settings.request.evaluation &&
        (recipe.mode != model::CritiqueMode::Direct || recipe.validate)) {
        return fail(ErrorCode::Invalid, "the recipe " + recipe.name + " cannot evaluate",
                    "an evaluation wants direct critiques without validation");
    }
    RunPlan plan;
    plan.runId = runId;
    plan.settings = std::move(settings);
    plan.seed = plan.request().seed.value_or(plan.recipe().seed);
    if (auto added = addStages(plan); !added) {
        return fail(std::move(added.error()));
    }
    if (const int validate = plan.indexOf(StageKind::Validate); validate >= 0) {
        const StagePlan& stage = plan.stages[static_cast<std::size_t>(validate)];
        plan.validationProtocol = "self-validation/1;" + templateId(*stage.prompt) +
                                  ";correct=" + std::string(name(plan.recipe().validateCorrect));
    }
    return plan;
}

Expected<PromptTexts> loadPrompts(const Recipe& recipe) {
    PromptTexts texts;
    const std::array<std::pair<const char*, const RoleSettings*>, 4> roles{
        {{kStudent, &recipe.student},
         {kCritic, &recipe.critic},
         {kInjector, &recipe.injector},
         {kValidator, &recipe.validator}}};
    for (const auto& [role, settings] : roles) {
        if (settings->prompt.empty()) {
            continue;
        }
        auto text = loadPrompt(recipe, settings->prompt);
        if (!text) {
            return fail(text.error().withContext("the prompt of the " + std::string(role)));
        }
        texts.emplace(role, std::move(*text));
    }
    return texts;
}

} // namespace scrit::loop
