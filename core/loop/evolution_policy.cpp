// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/evolution.h"
#include "core/loop/round_steps.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;
using base::fail;
using Json = nlohmann::ordered_json;

template<typename T>
void put(Json& json, const char* key, const std::optional<T>& value) {
    if (value) {
        json[key] = *value;
    }
}

template<typename T>
void take(const Json& json, const char* key, std::optional<T>& value) {
    if (const auto found = json.find(key); found != json.end() && !found->is_null()) {
        value = found->get<T>();
    }
}

template<typename T>
void take(const Json& json, const char* key, T& value) {
    value = json.value(key, value);
}

Json evaluationJson(const EvolutionEvaluation& evaluation) {
    Json suites = Json::array();
    for (const Suite suite : evaluation.suites) {
        suites.push_back(name(suite));
    }
    return {{"suites", suites},
            {"samples", evaluation.samples},
            {"temperature", evaluation.temperature},
            {"top_p", evaluation.topP},
            {"max_tokens", evaluation.maxTokens},
            {"prompt", evaluation.prompt}};
}

Json trainerJson(const EvolutionTrainer& trainer) {
    Json json{{"name", trainer.trainer}, {"template", trainer.commandTemplate}};
    put(json, "epochs", trainer.parameters.epochs);
    put(json, "batch", trainer.parameters.batch);
    put(json, "learning_rate", trainer.parameters.learningRate);
    put(json, "warm_up", trainer.parameters.warmUp);
    put(json, "max_length", trainer.parameters.maxLength);
    put(json, "lora_rank", trainer.parameters.loraRank);
    put(json, "seed", trainer.parameters.seed);
    json["values"] = trainer.values;
    return json;
}

Json policyObject(const EvolutionPolicy& policy) {
    return {{"from", name(policy.from)},
            {"data", name(policy.data)},
            {"examples", policy.examples},
            {"balance", policy.balance},
            {"order", curate::name(policy.order)},
            {"self_validation", policy.selfValidation},
            {"always_validate", policy.alwaysValidate},
            {"drop_duplicates", policy.dropDuplicates},
            {"keep_leaks", policy.keepLeaks},
            {"keep_copies", policy.keepCopies},
            {"decontaminate", policy.decontaminate},
            {"problems_per_round", policy.problemsPerRound}};
}

void readEvaluation(const Json& json, EvolutionEvaluation& evaluation) {
    if (json.contains("suites")) {
        evaluation.suites.clear();
        for (const Json& suite : json["suites"]) {
            if (const auto known = suiteNamed(suite.get<std::string>())) {
                evaluation.suites.push_back(*known);
            }
        }
    }
    take(json, "samples", evaluation.samples);
    take(json, "temperature", evaluation.temperature);
    take(json, "top_p", evaluation.topP);
    take(json, "max_tokens", evaluation.maxTokens);
    take(json, "prompt", evaluation.prompt);
}

void readTrainer(const Json& json, EvolutionTrainer& trainer) {
    take(json, "name", trainer.trainer);
    take(json, "template", trainer.commandTemplate);
    take(json, "epochs", trainer.parameters.epochs);
    take(json, "batch", trainer.parameters.batch);
    take(json, "learning_rate", trainer.parameters.learningRate);
    take(json, "warm_up", trainer.parameters.warmUp);
    take(json, "max_length", trainer.parameters.maxLength);
    take(json, "lora_rank", trainer.parameters.loraRank);
    take(json, "seed", trainer.parameters.seed);
    take(json, "values", trainer.values);
}

void readPolicy(const Json& json, EvolutionPolicy& policy) {
    policy.from = trainFromName(json.value("from", "")).value_or(policy.from);
    policy.data = dataUseFromName(json.value("data", "")).value_or(policy.data);
    take(json, "examples", policy.examples);
    take(json, "balance", policy.balance);
    policy.order = orderFromName(json.value("order", "")).value_or(policy.order);
    take(json, "self_validation", policy.selfValidation);
    take(json, "always_validate", policy.alwaysValidate);
    take(json, "drop_duplicates", policy.dropDuplicates);
    take(json, "keep_leaks", policy.keepLeaks);
    take(json, "keep_copies", policy.keepCopies);
    take(json, "decontaminate", policy.decontaminate);
    take(json, "problems_per_round", policy.problemsPerRound);
}

EvolutionRequest readRequest(const Json& json) {
    EvolutionRequest request;
    take(json, "rounds", request.rounds);
    take(json, "base", request.base);
    take(json, "students", request.students);
    take(json, "filter", request.filter);
    take(json, "limit", request.limit);
    take(json, "sets", request.sets);
    readEvaluation(json.value("evaluation", Json::object()), request.evaluation);
    readTrainer(json.value("trainer", Json::object()), request.trainer);
    readPolicy(json.value("policy", Json::object()), request.policy);
    take(json, "seed", request.seed);
    const Json caps = json.value("caps", Json::object());
    take(caps, "requests", request.caps.requests);
    take(caps, "tokens", request.caps.tokens);
    take(caps, "cost", request.caps.cost);
    request.folder = json.value("folder", "");
    take(json, "sweep", request.sweep);
    return request;
}

} // namespace

std::string_view name(TrainFrom from) {
    return from == TrainFrom::Last ? "last" : "base";
}

std::optional<TrainFrom> trainFromName(std::string_view text) {
    return text == "last"   ? std::optional(TrainFrom::Last)
           : text == "base" ? std::optional(TrainFrom::Base)
                            : std::nullopt;
}

std::string_view name(DataUse use) {
    return use == DataUse::Replace ? "replace" : "accumulate";
}

std::optional<DataUse> dataUseFromName(std::string_view text) {
    return text == "replace"      ? std::optional(DataUse::Replace)
           : text == "accumulate" ? std::optional(DataUse::Accumulate)
                                  : std::nullopt;
}

std::optional<curate::Order> orderFromName(std::string_view text) {
    for (const curate::Order order : {curate::Order::Stored, curate::Order::EasyFirst,
                                      curate::Order::HardFirst, curate::Order::Random}) {
        if (curate::name(order) == text) {
            return order;
        }
    }
    return std::nullopt;
}

std::string policyJson(const EvolutionRequest& request) {
    const Json json{{"rounds", request.rounds},
                    {"base", request.base},
                    {"students", request.students},
                    {"filter", request.filter},
                    {"limit", request.limit},
                    {"sets", request.sets},
                    {"evaluation", evaluationJson(request.evaluation)},
                    {"trainer", trainerJson(request.trainer)},
                    {"policy", policyObject(request.policy)},
                    {"seed", request.seed},
                    {"caps",
                     {{"requests", request.caps.requests},
                      {"tokens", request.caps.tokens},
                      {"cost", request.caps.cost}}},
                    {"folder", request.folder.string()},
                    {"sweep", request.sweep},
                    {"recipe", request.recipe.text},
                    {"recipe_folder", request.recipe.folder.string()}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Expected<EvolutionRequest> requestOfRound(const model::Round& round) {
    const std::string what =
        "the settings of round " + std::to_string(round.number) + " of " + round.series;
    try {
        const Json json = Json::parse(round.policy);
        EvolutionRequest request = readRequest(json);
        request.series = round.series;
        auto recipe = parseRecipe(json.value("recipe", ""));
        if (!recipe) {
            return fail(recipe.error().withContext(what));
        }
        request.recipe = std::move(*recipe);
        request.recipe.folder = json.value("recipe_folder", "");
        return request;
    } catch (const Json::exception&) {
        return fail(base::ErrorCode::Invalid, what + " cannot be read");
    }
}

std::optional<std::string> differingSetting(const std::string& stored, const std::string& wanted) {
    // What may change between two calls without the results meaning something else.
    static constexpr std::string_view kFree[] = {"rounds", "caps", "folder", "sweep",
                                                 "recipe_folder"};
    try {
        const Json before = Json::parse(stored);
        const Json after = Json::parse(wanted);
        for (const auto& [key, value] : after.items()) {
            const bool free = std::find(std::begin(kFree), std::end(kFree), key) != std::end(kFree);
            if (free || before.value(key, Json()) == value) {
                continue;
            }
            if (value.is_object()) {
                for (const auto& [part, inner] : value.items()) {
                    if (before[key].value(part, Json()) != inner) {
                        return key + "." + part;
                    }
                }
            }
            return key;
        }
    } catch (const Json::exception&) {
        return "all";
    }
    return std::nullopt;
}

std::string text(const EvolutionPolicy& policy) {
    std::string line = "from " + std::string(name(policy.from));
    line += ", " + std::string(name(policy.data)) + " data";
    line +=
        ", " +
        (policy.examples > 0 ? "at most " + std::to_string(policy.examples) : std::string("all")) +
        " examples";
    if (!policy.balance.empty()) {
        line += ", balance " + policy.balance;
    }
    line += ", " + std::string(curate::name(policy.order)) + " order";
    line += policy.selfValidation ? ", self-validated" : ", without self-validation";
    return line;
}

} // namespace scrit::loop
