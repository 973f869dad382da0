// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/train/trainer.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace scrit::loop {

// What model::Training::settings holds: a JSON object with name, template, data, rows, parameters
// and values. Never a secret.
struct TrainingSettings {
    std::string name; // of the model that is to be made
    std::string commandTemplate;
    std::filesystem::path data;
    std::int64_t rows = 0; // of the training set
    train::Parameters parameters;
    std::map<std::string, std::string> values;
};
[[nodiscard]] std::string trainingSettingsJson(const TrainingSettings& settings);
// Corrupt for anything else.
[[nodiscard]] base::Expected<TrainingSettings> trainingSettingsFromJson(std::string_view json);

} // namespace scrit::loop
