// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/training_settings.h"

#include <nlohmann/json.hpp>

namespace scrit::loop {
namespace {

using Json = nlohmann::ordered_json;

// One parameter by its key, for reading and writing alike.
template<typename Visit>
void forEachParameter(train::Parameters& parameters, const Visit& visit) {
    visit("epochs", parameters.epochs);
    visit("batch", parameters.batch);
    visit("learning_rate", parameters.learningRate);
    visit("warm_up", parameters.warmUp);
    visit("max_length", parameters.maxLength);
    visit("lora_rank", parameters.loraRank);
    visit("seed", parameters.seed);
}

} // namespace

std::string trainingSettingsJson(const TrainingSettings& settings) {
    Json parameters = Json::object();
    train::Parameters copy = settings.parameters;
    forEachParameter(copy, [&](const char* key, const auto& value) {
        if (value) {
            parameters[key] = *value;
        }
    });
    Json object{{"name", settings.name},
                {"data", settings.data.string()},
                {"rows", settings.rows},
                {"parameters", std::move(parameters)}};
    if (!settings.commandTemplate.empty()) {
        object["template"] = settings.commandTemplate;
    }
    if (!settings.values.empty()) {
        object["values"] = settings.values;
    }
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Expected<TrainingSettings> trainingSettingsFromJson(std::string_view json) {
    const Json object = Json::parse(json, nullptr, false);
    try {
        TrainingSettings settings;
        settings.name = object.at("name").get<std::string>();
        settings.data = object.at("data").get<std::string>();
        settings.rows = object.at("rows").get<std::int64_t>();
        settings.commandTemplate = object.value("template", "");
        settings.values = object.value("values", std::map<std::string, std::string>{});
        const Json& parameters = object.at("parameters");
        forEachParameter(settings.parameters, [&](const char* key, auto& value) {
            if (parameters.contains(key)) {
                using Value = typename std::remove_reference_t<decltype(value)>::value_type;
                value = parameters.at(key).get<Value>();
            }
        });
        return settings;
    } catch (const Json::exception&) {
        return base::fail(base::ErrorCode::Corrupt,
                          "the stored settings of the training cannot be read");
    }
}

} // namespace scrit::loop
