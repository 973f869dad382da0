// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/slurm_script.h"

#include "core/base/suggest.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <functional>
#include <random>
#include <utility>

namespace scrit::backend {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostNodes = 1000;
constexpr int kMostCpus = 100'000;

// One setting under its name in JSON and in values; exactly one of the members is set.
struct Setting {
    const char* key;
    const char* option; // of sbatch; null: none, or not a plain one
    std::string SlurmSettings::*text = nullptr;
    int SlurmSettings::*count = nullptr;
    std::vector<std::string> SlurmSettings::*list = nullptr;
};

constexpr std::array kSettings{
    Setting{"nodes", nullptr, nullptr, &SlurmSettings::nodes, nullptr},
    Setting{"partition", "--partition", &SlurmSettings::partition, nullptr, nullptr},
    Setting{"account", "--account", &SlurmSettings::account, nullptr, nullptr},
    Setting{"gres", "--gres", &SlurmSettings::gres, nullptr, nullptr},
    Setting{"time", "--time", &SlurmSettings::timeLimit, nullptr, nullptr},
    Setting{"memory", "--mem", &SlurmSettings::memory, nullptr, nullptr},
    Setting{"cpus", "--cpus-per-task", nullptr, &SlurmSettings::cpus, nullptr},
    Setting{"lines", nullptr, nullptr, nullptr, &SlurmSettings::lines},
    Setting{"setup", nullptr, nullptr, nullptr, &SlurmSettings::setup},
    Setting{"folder", nullptr, &SlurmSettings::folder, nullptr, nullptr},
};

tl::unexpected<base::Error> invalid(std::string what, std::string advice = {}) {
    return base::fail(base::ErrorCode::Invalid, std::move(what), std::move(advice));
}

base::Expected<const Setting*> settingNamed(const std::string& key) {
    const auto* const found = std::find_if(kSettings.begin(), kSettings.end(),
                                           [&](const Setting& one) { return key == one.key; });
    if (found != kSettings.end()) {
        return found;
    }
    std::vector<std::string> keys;
    keys.reserve(std::size(kSettings));
    for (const Setting& setting : kSettings) {
        keys.emplace_back(setting.key);
    }
    return invalid("there is no setting \"" + base::excerpt(base::escapeForTerminal(key), 60) +
                       "\" for Slurm",
                   base::didYouMean(key, keys));
}

bool hasControl(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

// One line of a text each; empty ones are left out.
std::vector<std::string> linesOf(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const std::string_view line = base::trimmed(text.substr(0, end)); !line.empty()) {
            lines.emplace_back(line);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// What the program sets itself, and what would break how it watches the job.
base::Expected<void> checkLine(const std::string& line) {
    if (!line.starts_with('-') || hasControl(line)) {
        return invalid("\"" + base::excerpt(base::escapeForTerminal(line), 60) +
                           "\" is no option of sbatch",
                       "write it like --qos=high");
    }
    const std::string option = line.substr(0, line.find_first_of("= "));
    for (const std::string_view own :
         {"--array", "-a", "--job-name", "-J", "--output", "-o", "--error", "-e", "--chdir", "-D",
          "--parsable", "--wait", "-W", "--wrap", "--requeue", "--no-requeue", "--open-mode",
          "--test-only"}) {
        if (option == own) {
            return invalid("the option " + option + " of sbatch is set by the program",
                           "leave it out");
        }
    }
    return {};
}

bool take(const Setting& setting, const Json& value, SlurmSettings& settings) {
    if (setting.text != nullptr && value.is_string()) {
        settings.*setting.text = value.get<std::string>();
        return true;
    }
    if (setting.count != nullptr && value.is_number_integer() && value >= 0 && value <= kMostCpus) {
        settings.*setting.count = value.get<int>();
        return true;
    }
    if (setting.list == nullptr || !value.is_array() ||
        !std::ranges::all_of(value, [](const Json& element) { return element.is_string(); })) {
        return false;
    }
    for (const Json& element : value) {
        (settings.*setting.list).push_back(element.get<std::string>());
    }
    return true;
}

} // namespace

base::Expected<SlurmSettings> slurmSettingsFromJson(std::string_view json) {
    const Json object = Json::parse(json, nullptr, false);
    if (!object.is_object()) {
        return invalid("the settings for Slurm are no JSON object");
    }
    SlurmSettings settings;
    for (const auto& [key, value] : object.items()) {
        const base::Expected<const Setting*> setting = settingNamed(key);
        if (!setting) {
            return base::fail(setting.error());
        }
        if (!take(**setting, value, settings)) {
            return invalid("the setting \"" + key + "\" for Slurm has the wrong type");
        }
    }
    if (base::Expected<void> checked = checkSlurmSettings(settings); !checked) {
        return base::fail(std::move(checked.error()));
    }
    return settings;
}

std::string slurmSettingsJson(const SlurmSettings& settings) {
    Json object = Json::object();
    for (const Setting& setting : kSettings) {
        if (setting.text != nullptr && !(settings.*setting.text).empty()) {
            object[setting.key] = settings.*setting.text;
        } else if (setting.count != nullptr && settings.*setting.count != 0) {
            object[setting.key] = settings.*setting.count;
        } else if (setting.list != nullptr && !(settings.*setting.list).empty()) {
            object[setting.key] = settings.*setting.list;
        }
    }
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Expected<SlurmSettings>
slurmSettingsFromValues(const std::map<std::string, std::string>& values) {
    constexpr std::string_view kPrefix = "slurm.";
    SlurmSettings settings;
    for (const auto& [name, value] : values) {
        if (!name.starts_with(kPrefix)) {
            continue;
        }
        const base::Expected<const Setting*> setting = settingNamed(name.substr(kPrefix.size()));
        if (!setting) {
            return base::fail(setting.error());
        }
        if ((*setting)->text != nullptr) {
            settings.*(*setting)->text = std::string(base::trimmed(value));
        } else if ((*setting)->list != nullptr) {
            settings.*(*setting)->list = linesOf(value);
        } else {
            int count = 0;
            const std::string_view text = base::trimmed(value);
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), count);
            if (error != std::errc{} || end != text.data() + text.size()) {
                return invalid(name + " is no whole number");
            }
            settings.*(*setting)->count = count;
        }
    }
    if (base::Expected<void> checked = checkSlurmSettings(settings); !checked) {
        return base::fail(std::move(checked.error()));
    }
    return settings;
}

base::Expected<void> checkSlurmSettings(const SlurmSettings& settings) {
    for (const Setting& setting : kSettings) {
        if (setting.option != nullptr && setting.text != nullptr) {
            const std::string& text = settings.*setting.text;
            const bool isWord = std::none_of(text.begin(), text.end(), [](unsigned char c) {
                return c <= 0x20 || c == 0x7F || c == '\'' || c == '"' || c == '\\' || c == '#';
            });
            if (!isWord || text.starts_with('-')) {
                return invalid(std::string("the setting \"") + setting.key +
                                   "\" for Slurm is not one word",
                               std::string("write it as for sbatch ") + setting.option + "=…");
            }
        }
    }
    if (settings.nodes < 0 || settings.nodes > kMostNodes) {
        return invalid("the number of nodes is not from 1 to " + std::to_string(kMostNodes));
    }
    if (settings.cpus < 0 || settings.cpus > kMostCpus) {
        return invalid("the number of processors is not from 1 to " + std::to_string(kMostCpus));
    }
    for (const std::string& line : settings.lines) {
        if (base::Expected<void> checked = checkLine(line); !checked) {
            return checked;
        }
    }
    for (const std::string& line : settings.setup) {
        if (hasControl(line)) {
            return invalid("a line of \"setup\" for Slurm is not one line of text");
        }
    }
    if (!settings.folder.empty() &&
        (!settings.folder.starts_with('/') || !slurmPath(settings.folder))) {
        return invalid("the folder for Slurm is no absolute path that Slurm can take",
                       "name a folder that the nodes see under the same path");
    }
    return {};
}

std::string sbatchLines(const SlurmSettings& settings, int nodes) {
    std::string lines;
    if (nodes > 0) {
        lines += "#SBATCH --nodes=" + std::to_string(nodes) + "\n";
    }
    for (const Setting& setting : kSettings) {
        if (setting.option == nullptr) {
            continue;
        }
        const std::string value = setting.text != nullptr ? settings.*setting.text
                                  : settings.*setting.count > 0
                                      ? std::to_string(settings.*setting.count)
                                      : std::string();
        if (!value.empty()) {
            lines += std::string("#SBATCH ") + setting.option + "=" + value + "\n";
        }
    }
    for (const std::string& line : settings.lines) {
        lines += "#SBATCH " + line + "\n";
    }
    return lines;
}

std::string shellQuoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + "'";
}

std::string safeSlurmName(std::string_view text) {
    std::string name;
    for (const char letter : text.substr(0, 60)) {
        const bool isPlain = std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                             letter == '-' || letter == '_' || letter == '.';
        name += isPlain ? letter : '_';
    }
    return name.empty() || name.front() == '-' || name.front() == '.' ? "scrit" + name : name;
}

std::string uniqueSlurmName(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::random_device device;
    std::string name = safeSlurmName(text.substr(0, 40)) + "-";
    for (int i = 0; i < 16; ++i) {
        name += kDigits[device() % kDigits.size()];
    }
    return name;
}

base::Expected<std::string> slurmPath(const std::string& path) {
    if (hasControl(path) || path.find('\\') != std::string::npos) {
        return invalid("Slurm cannot write to " + base::escapeForTerminal(path),
                       "choose a folder without a backslash and without line breaks in its name");
    }
    std::string plain;
    for (const char c : path) {
        plain += c == '%' ? std::string("%%") : std::string(1, c);
    }
    return plain;
}

} // namespace scrit::backend
