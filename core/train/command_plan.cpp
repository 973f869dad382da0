// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/model_settings.h"
#include "core/base/atomic_file.h"
#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/train/command_template.h"
#include "core/train/job_state.h"
#include "core/train/template_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace scrit::train {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using Values = std::map<std::string, std::string>;

// With a point, without which YAML 1.1 takes 5e-06 for a text.
std::string real(double value) {
    std::string text = nlohmann::json(value).dump();
    const std::size_t power = text.find('e');
    if (power != std::string::npos && text.find('.') == std::string::npos) {
        text.insert(power, ".0");
    }
    return text;
}

base::Expected<std::string> weightsOf(const model::Model& base) {
    const std::string context = "model " + base::excerpt(base.name, 80);
    const base::Expected<backend::ModelSettings> settings = backend::settingsOf(base);
    if (!settings) {
        return base::fail(settings.error());
    }
    const auto kind = backend::modelKindFromName(base.kind);
    if (kind != backend::ModelKind::Vllm && kind != backend::ModelKind::OpenAi) {
        return fail(ErrorCode::Invalid,
                    context + " is of kind " + base.kind +
                        ", which names no weights that another program can train",
                    "name a folder or a hub id with --trainer-value model=…");
    }
    const auto& arguments = settings->extraArguments;
    const bool isAdapter = std::any_of(arguments.begin(), arguments.end(), [](const auto& word) {
        return word.starts_with("--lora-modules");
    });
    if (isAdapter) {
        return fail(ErrorCode::Invalid,
                    context + " is an adapter over " + settings->modelId +
                        ": training its weights would lose the adapter",
                    "merge the two, and name the folder with --trainer-value model=…");
    }
    return settings->modelId;
}

base::Expected<int> countValue(const Values& values, const std::string& name) {
    const std::string& text = values.at(name);
    int count = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || stop != text.data() + text.size() || count < 1 || count > 100'000) {
        return fail(ErrorCode::Invalid,
                    name + " must be a whole number from 1 on, not \"" + base::excerpt(text, 40) +
                        "\"",
                    "give for example --trainer-value " + name + "=1");
    }
    return count;
}

base::Expected<void> addAccumulation(Values& values, int batch) {
    int together = 1;
    for (const char* name : {"micro_batch", "gpus"}) {
        if (values.contains(name)) {
            const base::Expected<int> count = countValue(values, name);
            if (!count) {
                return base::fail(count.error());
            }
            together *= *count;
        }
    }
    if (batch % together != 0) {
        return fail(ErrorCode::Invalid,
                    "a batch of " + std::to_string(batch) + " cannot be made of " +
                        std::to_string(together) + " sequences at a time",
                    "choose --batch as a multiple of micro_batch × gpus");
    }
    values["accumulation"] = std::to_string(batch / together);
    return {};
}

// The newest checkpoint that is whole.
std::optional<fs::path> newestCheckpoint(const CommandTemplate& form, const fs::path& output) {
    const std::size_t star = form.checkpoints.find('*');
    if (star == std::string::npos) {
        return std::nullopt;
    }
    const fs::path pattern = output / form.checkpoints.substr(0, star);
    const std::string prefix = pattern.filename().string();
    std::optional<fs::path> newest;
    long long newestNumber = -1;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(pattern.parent_path(), error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix) || !entry.is_directory(error)) {
            continue;
        }
        long long number = -1;
        const char* end = name.data() + name.size();
        const auto [stop, bad] = std::from_chars(name.data() + prefix.size(), end, number);
        const bool whole =
            form.checkpointMark.empty() || fs::is_regular_file(entry.path() / form.checkpointMark);
        if (bad == std::errc() && stop == end && number > newestNumber && whole) {
            newestNumber = number;
            newest = entry.path();
        }
    }
    return newest;
}

base::Expected<Values> valuesFor(const CommandTemplate& form, const Job& job) {
    Values values = form.values;
    for (const auto& [name, value] : job.values) {
        if (name.find('.') != std::string::npos) {
            continue; // of another part, such as slurm.partition
        }
        if (!form.values.contains(name) && name != "model") {
            std::vector<std::string> known{"model"};
            for (const auto& [own, usual] : form.values) {
                known.push_back(own);
            }
            return fail(ErrorCode::Invalid,
                        "the template " + form.name + " has no value \"" + name + "\"",
                        base::didYouMean(name, known));
        }
        values[name] = value;
    }
    if (!job.values.contains("model")) {
        base::Expected<std::string> weights = weightsOf(job.base);
        if (!weights) {
            return base::fail(weights.error());
        }
        values["model"] = *weights;
    }
    const Parameters p = merged(job.parameters, form.parameters);
    if (const base::Expected<void> good = checkParameters(p); !good) {
        return base::fail(good.error());
    }
    std::error_code error;
    values["name"] = job.name;
    values["job"] = fs::absolute(job.folder, error).string();
    values["output"] = fs::absolute(job.output(), error).string();
    values["data"] = fs::absolute(job.data, error).string();
    values["train_file"] = (fs::absolute(job.data, error) / "train.jsonl").string();
    values["epochs"] = std::to_string(p.epochs.value_or(1));
    values["batch"] = std::to_string(p.batch.value_or(1));
    values["learning_rate"] = real(p.learningRate.value_or(5e-6));
    values["warm_up"] = real(p.warmUp.value_or(0));
    values["max_length"] = std::to_string(p.maxLength.value_or(8192));
    values["lora_rank"] = std::to_string(p.loraRank.value_or(0));
    values["seed"] = std::to_string(p.seed.value_or(0));
    const base::Expected<void> divided = addAccumulation(values, p.batch.value_or(1));
    return divided ? base::Expected<Values>(std::move(values)) : base::fail(divided.error());
}

base::Expected<std::vector<std::string>> fillInAll(const std::vector<std::string>& texts,
                                                   const Values& values) {
    std::vector<std::string> filled;
    for (const std::string& text : texts) {
        base::Expected<std::string> one = fillIn(text, values);
        if (!one) {
            return base::fail(one.error());
        }
        filled.push_back(std::move(*one));
    }
    return filled;
}

base::Expected<CommandPlan::Step> planStep(const TemplateCommand& command, const Values& values,
                                           bool resumes) {
    CommandPlan::Step step;
    step.stage = command.stage;
    base::Expected<std::string> program = fillIn(command.program, values);
    std::vector<std::string> words = command.arguments;
    if (resumes) {
        words.insert(words.end(), command.resumeArguments.begin(), command.resumeArguments.end());
    }
    base::Expected<std::vector<std::string>> arguments = fillInAll(words, values);
    if (!program || !arguments) {
        return base::fail(!program ? program.error() : arguments.error());
    }
    step.command.program = std::move(*program);
    step.command.arguments = std::move(*arguments);
    return step;
}

// Texts in JSON filled in, at any depth.
base::Expected<void> fillInJson(nlohmann::json& value, const Values& values) {
    if (value.is_string()) {
        base::Expected<std::string> text = fillIn(value.get<std::string>(), values);
        if (!text) {
            return base::fail(text.error());
        }
        value = *text;
    } else if (value.is_structured()) {
        for (nlohmann::json& element : value) {
            if (base::Expected<void> done = fillInJson(element, values); !done) {
                return done;
            }
        }
    }
    return {};
}

} // namespace

base::Expected<CommandPlan> planCommand(const CommandTemplate& form, const Job& job) {
    base::Expected<Values> values = valuesFor(form, job);
    if (!values) {
        return base::fail(values.error());
    }
    CommandPlan plan;
    const std::optional<fs::path> checkpoint = newestCheckpoint(form, values->at("output"));
    if (checkpoint) {
        plan.resumes = true;
        (*values)["checkpoint"] = checkpoint->string();
    }
    base::Expected<std::string> folder = fillIn(form.workingFolder, *values);
    if (!folder) {
        return base::fail(folder.error());
    }
    std::vector<std::pair<std::string, std::string>> environment;
    for (const auto& [name, text] : form.environment) {
        base::Expected<std::string> value = fillIn(text, *values);
        if (!value) {
            return base::fail(value.error());
        }
        environment.emplace_back(name, std::move(*value));
    }
    for (const TemplateCommand& command : form.commands) {
        base::Expected<CommandPlan::Step> step = planStep(command, *values, plan.resumes);
        if (!step) {
            return base::fail(step.error());
        }
        step->command.environment = environment;
        step->command.workingFolder = folder->empty() ? values->at("job") : *folder;
        plan.steps.push_back(std::move(*step));
    }
    for (const TemplateFile& file : form.files) {
        const base::Expected<std::string> path = fillIn(file.path, *values);
        base::Expected<std::string> text =
            fillIn(plan.resumes ? file.text + file.resume : file.text, *values);
        if (!path || !text) {
            return base::fail(!path ? path.error() : text.error());
        }
        plan.files.emplace_back(fs::path(values->at("job")) / *path, std::move(*text));
    }
    return plan;
}

base::Expected<void> writePlanFiles(const CommandPlan& plan) {
    for (const auto& [path, text] : plan.files) {
        if (base::Expected<void> made = makeFolder(path.parent_path()); !made) {
            return made;
        }
        base::Expected<base::AtomicFile> file = base::AtomicFile::create(path);
        if (!file) {
            return base::fail(file.error());
        }
        base::Expected<void> written = file->write(text);
        written = written ? file->commit() : written;
        if (!written) {
            return written;
        }
    }
    return {};
}

base::Expected<Trained> trainedModel(const CommandTemplate& form, const Job& job) {
    if (const base::Expected<void> whole = checkOutput(form, job); !whole) {
        return base::fail(whole.error());
    }
    const base::Expected<Values> values = valuesFor(form, job);
    if (!values) {
        return base::fail(values.error());
    }
    nlohmann::json settings = nlohmann::json::parse(
        form.resultSettings.empty() ? "{}" : form.resultSettings, nullptr, false);
    if (const base::Expected<void> filled = fillInJson(settings, *values); !filled) {
        return base::fail(filled.error());
    }
    const auto kind = backend::modelKindFromName(form.resultKind);
    if (!kind) {
        return fail(ErrorCode::Invalid, "\"" + form.resultKind + "\" is no kind of model",
                    "repair the template");
    }
    const base::Expected<backend::ModelSettings> read =
        backend::settingsFromJson(*kind, settings.dump());
    if (!read) {
        return base::fail(read.error().withContext("template " + form.name + ", result"));
    }
    if (const base::Expected<void> files = backend::checkModelFiles(*kind, *read); !files) {
        return base::fail(files.error());
    }
    return Trained{form.resultKind, backend::settingsJson(*kind, *read)};
}

} // namespace scrit::train
