// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/builtin_trainer.h"

#include "core/backend/builtin_backend.h"
#include "core/backend/model_settings.h"
#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/mini/language.h"
#include "core/mini/network.h"
#include "core/train/chat_rows.h"
#include "core/train/job_state.h"
#include "core/train/progress_teller.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <system_error>

namespace scrit::train {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using nlohmann::json;

constexpr std::string_view kBuiltinName = "builtin";
constexpr const char* kWeights = "model.safetensors";

// How to train, out of the job's parameters and values.
base::Expected<mini::TrainSettings> settingsOf(const Job& job, const Parameters& parameters) {
    if (parameters.loraRank.value_or(0) != 0 || parameters.maxLength) {
        return fail(ErrorCode::Invalid,
                    "the builtin trainer takes no --lora-rank and no --max-length",
                    "leave them out: all of its weights are trained, on whole examples");
    }
    mini::TrainSettings settings;
    settings.learningRate = parameters.learningRate.value_or(settings.learningRate);
    settings.epochs = parameters.epochs.value_or(settings.epochs);
    settings.batch = parameters.batch.value_or(settings.batch);
    settings.seed = parameters.seed.value_or(0);
    for (const auto& [name, value] : job.values) {
        if (name == "device") {
            if (value != "auto" && value != "cpu" && value != "cuda") {
                return fail(ErrorCode::Invalid,
                            "there is no device \"" + base::excerpt(value, 40) + "\"",
                            "it is auto, cpu or cuda");
            }
            settings.device = value;
        } else if (name == "threads") {
            const char* end = value.data() + value.size();
            const auto [stop, error] = std::from_chars(value.data(), end, settings.threads);
            if (error != std::errc() || stop != end || settings.threads < 1 ||
                settings.threads > 1024) {
                return fail(ErrorCode::Invalid, "threads must be a whole number from 1 on",
                            "1 is usual");
            }
        } else if (name.find('.') == std::string::npos) {
            const std::string near = base::didYouMean(name, {"device", "threads"});
            return fail(ErrorCode::Invalid, "the builtin trainer has no value \"" + name + "\"",
                        near.empty() ? "it knows device and threads" : near);
        }
    }
    return settings;
}

// The steps of the whole training that warm up.
int warmUpSteps(const Parameters& parameters, const mini::TrainSettings& settings,
                std::size_t examples) {
    const auto batch = static_cast<std::size_t>(settings.batch);
    const std::size_t steps =
        (examples + batch - 1) / batch * static_cast<std::size_t>(settings.epochs);
    return static_cast<int>(parameters.warmUp.value_or(0) * static_cast<double>(steps));
}

class BuiltinTrainer final : public Trainer {
public:
    [[nodiscard]] std::string_view name() const override { return kBuiltinName; }
    [[nodiscard]] base::Expected<std::string> exportView(const Job&) const override {
        return std::string("openai-chat");
    }
    [[nodiscard]] base::Expected<Parameters> defaults(const Job&) const override {
        const mini::TrainSettings usual;
        Parameters parameters;
        parameters.epochs = usual.epochs;
        parameters.batch = usual.batch;
        parameters.learningRate = usual.learningRate;
        parameters.warmUp = 0;
        parameters.seed = 0;
        return parameters;
    }

    [[nodiscard]] base::Expected<void> check(const Job& job) const override {
        if (job.base.kind != "builtin") {
            return fail(ErrorCode::Invalid,
                        "model " + base::excerpt(job.base.name, 80) + " is of kind " +
                            job.base.kind + "; the builtin trainer trains the builtin model",
                        "choose another trainer or base model");
        }
        if (base::Expected<void> good = checkParameters(job.parameters); !good) {
            return good;
        }
        if (const auto settings = settingsOf(job, job.parameters); !settings) {
            return base::fail(settings.error());
        }
        const base::Expected<backend::ModelSettings> start = backend::settingsOf(job.base);
        if (!start) {
            return base::fail(start.error());
        }
        if (const auto file = backend::checkModelFiles(backend::ModelKind::Builtin, *start);
            !file) {
            return base::fail(
                file.error().withContext("model " + base::excerpt(job.base.name, 80)));
        }
        return mini::canTrain();
    }

    [[nodiscard]] base::Expected<Trained> run(const Job& job, const ProgressFunction& progress,
                                              const base::CancelToken& cancel) override {
        base::Expected<void> ready = check(job);
        ready = ready ? makeFolder(job.output()) : ready;
        const base::Expected<json> state = loadJobState(job.folder, kBuiltinName);
        if (!ready || !state) {
            return base::fail(!ready ? ready.error() : state.error());
        }
        const fs::path weights = fs::absolute(job.output() / kWeights);
        if (state->value("finished", false)) {
            return trained(job, weights);
        }
        ProgressTeller teller(progress);
        teller.now().stage = "prepare";
        teller.tell(true);
        const base::Expected<std::vector<mini::Sequence>> examples = read(job, cancel);
        if (!examples) {
            return base::fail(examples.error());
        }
        const auto network = learn(job, *examples, teller, cancel);
        if (!network) {
            return base::fail(network.error());
        }
        teller.now().stage = "save";
        teller.tell(true);
        if (const base::Expected<void> saved = (*network)->save(weights); !saved) {
            return base::fail(saved.error());
        }
        base::Expected<Trained> result = trained(job, weights);
        const base::Expected<void> noted =
            result ? saveJobState(job.folder, kBuiltinName, json{{"finished", true}})
                   : base::fail(result.error());
        if (!noted) {
            return base::fail(noted.error());
        }
        std::error_code ignored;
        fs::remove(checkpointOf(job), ignored); // nobody goes on from it any more
        return result;
    }

private:
    static fs::path checkpointOf(const Job& job) { return job.folder / "checkpoint.safetensors"; }

    static base::Expected<std::vector<mini::Sequence>> read(const Job& job,
                                                            const base::CancelToken& cancel) {
        const base::Expected<fs::path> file = trainFile(job.data);
        if (!file) {
            return base::fail(file.error());
        }
        std::vector<mini::Sequence> examples;
        const base::Expected<void> all =
            forEachChatRow(*file, [&](const ChatRow& row) -> base::Expected<void> {
                if (cancel.isCancelled()) {
                    return base::fail(ErrorCode::Cancelled, "the training was stopped");
                }
                base::Expected<mini::Sequence> example =
                    mini::trainingSequence(row.user, row.assistant);
                if (!example) {
                    base::Error error = example.error();
                    error.advice = "the builtin model learns rows of its own world alone: take "
                                   "the others out with --filter";
                    return base::fail(std::move(error));
                }
                examples.push_back(std::move(*example));
                return {};
            });
        if (!all) {
            return base::fail(all.error());
        }
        return examples;
    }

    static base::Expected<std::shared_ptr<const mini::Network>>
    learn(const Job& job, const std::vector<mini::Sequence>& examples, ProgressTeller& teller,
          const base::CancelToken& cancel) {
        const base::Expected<backend::ModelSettings> start = backend::settingsOf(job.base);
        base::Expected<mini::TrainSettings> settings = settingsOf(job, job.parameters);
        if (!start || !settings) {
            return base::fail(!start ? start.error() : settings.error());
        }
        const auto network = backend::loadBuiltin(start->checkpoint);
        if (!network) {
            return base::fail(network.error());
        }
        settings->checkpoint = checkpointOf(job);
        settings->warmupSteps = warmUpSteps(job.parameters, *settings, examples.size());
        const double perEpoch = static_cast<double>(examples.size()) / settings->batch;
        int batch = settings->batch;
        const auto told = [&](const mini::TrainProgress& progress) {
            Progress& now = teller.now();
            now.stage = "train";
            now.step = progress.step;
            now.steps = progress.steps;
            now.epoch = perEpoch > 0 ? static_cast<double>(progress.step) / perEpoch : 0;
            now.loss = progress.loss;
            now.losses.push_back({progress.step, progress.loss});
            if (progress.batch > 0 && progress.batch < batch) {
                batch = progress.batch;
                now.lines.push_back("memory ran out: examples are computed " +
                                    std::to_string(batch) + " at a time");
            }
            teller.tell(false);
        };
        // Its losses are kept before the checkpoint that a killed training goes on from.
        settings->beforeCheckpoint = [&teller] {
            teller.tellTheRest();
        };
        auto learned = mini::train(**network, examples, *settings, told, cancel);
        teller.tell(true);
        return learned;
    }

    // The model, once its file can be read back.
    static base::Expected<Trained> trained(const Job& job, const fs::path& weights) {
        base::Expected<backend::ModelSettings> settings = backend::settingsOf(job.base);
        const auto network = backend::loadBuiltin(weights.string());
        if (!settings || !network) {
            return base::fail(!settings ? settings.error() : network.error());
        }
        settings->checkpoint = weights.string();
        return Trained{"builtin", backend::settingsJson(backend::ModelKind::Builtin, *settings)};
    }
};

} // namespace

std::unique_ptr<Trainer> makeBuiltinTrainer() {
    return std::make_unique<BuiltinTrainer>();
}

} // namespace scrit::train
