// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/openai_fine_tuning.h"

#include "core/backend/model_settings.h"
#include "core/base/clock.h"
#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/train/job_state.h"
#include "core/train/openai_jobs.h"
#include "core/train/progress_teller.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

namespace scrit::train {
namespace {

using base::ErrorCode;
using base::fail;
using nlohmann::json;

constexpr std::string_view kFineTuningName = "openai-ft";

bool sleepInPieces(std::int64_t millis, const base::CancelToken& cancel) {
    const std::int64_t until = base::steadyMillis() + millis;
    for (;;) {
        const std::int64_t left = until - base::steadyMillis();
        if (cancel.isCancelled() || left <= 0) {
            return !cancel.isCancelled();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min<std::int64_t>(left, 50)));
    }
}

// What the server calls a stage, for people.
std::string stageOf(const std::string& status) {
    if (status == "validating_files") {
        return "check";
    }
    return status == "running" ? "train" : status;
}

// Takes what an event says: its message, and a loss where it has one.
void takeEvent(const json& event, Progress& progress) {
    const std::string message = base::makeVisibleUtf8(textAt(event, "message"));
    if (!message.empty()) {
        progress.lines.push_back(message);
    }
    const json data = event.is_object() ? event.value("data", json()) : json();
    const auto number = [&data](const char* key) -> std::optional<double> {
        const bool there = data.is_object() && data.contains(key) && data[key].is_number();
        return there ? std::optional(data[key].get<double>()) : std::nullopt;
    };
    std::optional<double> step = number("step");
    std::optional<double> steps = number("total_steps");
    std::optional<double> loss = number("train_loss");
    long long told = 0;
    long long all = 0;
    double value = 0;
    if (!loss && std::sscanf(message.c_str(), "Step %lld/%lld: training loss=%lf", &told, &all,
                             &value) == 3) {
        step = static_cast<double>(told);
        steps = static_cast<double>(all);
        loss = value;
    }
    const auto usable = [](const std::optional<double>& x) {
        return x && std::isfinite(*x) && *x >= 0 && *x < 1e15;
    };
    if (usable(step)) {
        progress.step = static_cast<std::int64_t>(*step);
    }
    if (usable(steps)) {
        progress.steps = static_cast<std::int64_t>(*steps);
    }
    if (loss && std::isfinite(*loss) && usable(step)) {
        progress.loss = *loss;
        progress.losses.push_back({progress.step, *loss});
    }
}

// One run of one job.
class Run {
public:
    Run(OpenAiJobs& server, const FineTuningSettings& settings, const Job& job, std::string modelId,
        json state, ProgressTeller& teller, const base::CancelToken& cancel)
        : m_server(server), m_settings(settings), m_job(job), m_modelId(std::move(modelId)),
          m_state(std::move(state)), m_teller(teller), m_cancel(cancel) {}

    // The id of the trained model.
    base::Expected<std::string> trained() {
        if (std::string done = textAt(m_state, "result"); !done.empty()) {
            return done;
        }
        base::Expected<void> ready = uploaded("train", "file_id");
        ready = ready ? uploaded("validation", "validation_file_id") : ready;
        ready = ready ? started() : ready;
        if (!ready) {
            return base::fail(ready.error());
        }
        return watched();
    }

private:
    base::Expected<void> save() const {
        return saveJobState(m_job.folder, kFineTuningName, m_state);
    }

    void stage(std::string name) {
        m_teller.now().stage = std::move(name);
        m_teller.tell(true);
    }

    base::Expected<void> uploaded(std::string_view split, const char* key) {
        if (!textAt(m_state, key).empty()) {
            return {};
        }
        const auto file = splitFile(m_job.data, split);
        if (!file) {
            return base::fail(file.error());
        }
        if (!*file) {
            return split == "train" ? base::fail(base::ErrorCode::NotFound,
                                                 "the training set is empty", "check the filter")
                                    : base::Expected<void>{};
        }
        stage("upload");
        const base::Expected<std::string> id = m_server.upload(**file);
        if (!id) {
            return base::fail(id.error());
        }
        m_state[key] = *id;
        return save();
    }

    [[nodiscard]] json body() const {
        json body{{"model", m_modelId}, {"training_file", textAt(m_state, "file_id")}};
        if (const std::string id = textAt(m_state, "validation_file_id"); !id.empty()) {
            body["validation_file"] = id;
        }
        const auto given = [&](const char* name) {
            const auto found = m_job.values.find(name);
            return found != m_job.values.end() ? found->second : std::string();
        };
        std::string suffix = given("suffix");
        for (const char c : suffix.empty() ? m_job.name : std::string()) {
            const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
            suffix += plain || c == '-' ? c : '-';
        }
        body["suffix"] = suffix.substr(0, 18); // what the oldest servers take
        json parameters = json::object();
        if (m_job.parameters.epochs) {
            parameters["n_epochs"] = *m_job.parameters.epochs;
        }
        if (m_job.parameters.batch) {
            parameters["batch_size"] = *m_job.parameters.batch;
        }
        if (const std::string text = given("learning_rate_multiplier"); !text.empty()) {
            parameters["learning_rate_multiplier"] = std::stod(text); // check() has tried it
        }
        if (!parameters.empty()) {
            body["hyperparameters"] = parameters;
        }
        if (m_job.parameters.seed) { // servers take 31 bits
            body["seed"] = *m_job.parameters.seed % 0x7FFFFFFFU;
        }
        return body;
    }

    base::Expected<void> started() {
        if (!textAt(m_state, "job_id").empty()) {
            return {};
        }
        stage("start");
        base::Expected<std::string> id = std::string();
        if (m_state.value("creating", false)) { // the last start ended between asking and knowing
            id = m_server.findJob(textAt(m_state, "file_id"));
        }
        m_state["creating"] = true;
        base::Expected<void> saved = id ? save() : base::fail(id.error());
        if (saved && id->empty()) {
            id = m_server.create(body());
            saved = id ? saved : base::fail(id.error());
        }
        if (!saved) {
            return saved;
        }
        m_state["job_id"] = *id;
        m_state["creating"] = false;
        return save();
    }

    // Forgets the job, so that the next start makes another; with `files` also what was uploaded.
    void forget(bool files) {
        m_state.erase("job_id");
        m_state.erase("last_event");
        if (files) {
            m_state.erase("file_id");
            m_state.erase("validation_file_id");
        }
        static_cast<void>(save());
    }

    base::Expected<std::string> stopped(const std::string& id) {
        const base::Expected<void> asked = m_server.cancelJob(id);
        if (!asked) { // it may still run and cost: it is kept, so that it is found again
            return base::fail(ErrorCode::Cancelled,
                              "the training was stopped here, but " + id +
                                  " could not be cancelled at the server: " + asked.error().message,
                              "resume it, or cancel it at the server");
        }
        forget(false);
        return base::fail(ErrorCode::Cancelled, "the training was stopped",
                          "resuming starts a new one on the uploaded file");
    }

    base::Expected<void> takeEvents(const std::string& id) {
        const auto events = m_server.events(id, textAt(m_state, "last_event"));
        if (!events) {
            return base::fail(events.error());
        }
        for (const json& event : *events) {
            takeEvent(event, m_teller.now());
        }
        if (!events->empty()) {
            m_state["last_event"] = textAt(events->back(), "id");
        }
        return {};
    }

    base::Expected<std::string> watched() {
        const std::string id = textAt(m_state, "job_id");
        m_teller.now().externalJob = id;
        std::int64_t wait = m_settings.firstPollMillis;
        std::string before;
        for (;;) {
            const base::Expected<json> job = m_server.job(id);
            base::Expected<void> events = job ? takeEvents(id) : base::fail(job.error());
            if (m_cancel.isCancelled()) {
                return stopped(id);
            }
            if (!events) {
                return base::fail(events.error().withContext("watching " + id));
            }
            const std::string status = textAt(*job, "status");
            stage(stageOf(status));
            if (status == "succeeded") {
                return succeeded(id, *job);
            }
            if (status == "failed" || status == "cancelled") {
                return failed(id, status, *job);
            }
            const std::string now = status + textAt(m_state, "last_event");
            wait = now == before ? std::min(wait + wait / 2, m_settings.mostPollMillis)
                                 : m_settings.firstPollMillis;
            before = now;
            if (!m_settings.sleep(wait, m_cancel)) {
                return stopped(id);
            }
        }
    }

    base::Expected<std::string> succeeded(const std::string& id, const json& job) {
        std::string model = textAt(job, "fine_tuned_model");
        if (model.empty()) {
            forget(true);
            return base::fail(ErrorCode::Server, "the training " + id + " ended without a model",
                              "ask the server's operator");
        }
        m_state["result"] = model;
        const base::Expected<void> saved = save();
        return saved ? base::Expected<std::string>(std::move(model)) : base::fail(saved.error());
    }

    base::Expected<std::string> failed(const std::string& id, const std::string& status,
                                       const json& job) {
        const json error = job.value("error", json());
        const std::string why = base::excerpt(textAt(error, "message"), 500);
        forget(status == "failed");
        if (status == "cancelled") {
            return base::fail(ErrorCode::Server,
                              "the training " + id + " was cancelled at the server",
                              "resuming starts a new one on the uploaded file");
        }
        return base::fail(ErrorCode::Server,
                          "the training " + id + " failed at the server" +
                              (why.empty() ? "" : ": " + why),
                          "resuming uploads the data again and starts a new one");
    }

    OpenAiJobs& m_server;
    const FineTuningSettings& m_settings;
    const Job& m_job;
    std::string m_modelId;
    json m_state;
    ProgressTeller& m_teller;
    const base::CancelToken& m_cancel;
};

class OpenAiFineTuning final : public Trainer {
public:
    OpenAiFineTuning(const Surroundings& surroundings, FineTuningSettings settings)
        : m_surroundings(surroundings), m_settings(std::move(settings)) {
        if (!m_settings.sleep) {
            m_settings.sleep = sleepInPieces;
        }
    }

    [[nodiscard]] std::string_view name() const override { return kFineTuningName; }
    [[nodiscard]] base::Expected<std::string> exportView(const Job&) const override {
        return std::string("openai-chat");
    }
    // The server chooses; rates are its own matter.
    [[nodiscard]] base::Expected<Parameters> defaults(const Job&) const override {
        return Parameters{};
    }

    [[nodiscard]] base::Expected<void> check(const Job& job) const override {
        if (base::Expected<void> good = checkParameters(job.parameters); !good) {
            return good;
        }
        const Parameters& p = job.parameters;
        if (p.learningRate || p.warmUp || p.maxLength || p.loraRank) {
            return fail(
                ErrorCode::Invalid, "fine-tuning at a server takes epochs, batch and seed alone",
                "leave the other hyper-parameters out; its rate is scaled by --trainer-value "
                "learning_rate_multiplier=X");
        }
        for (const auto& [key, value] : job.values) {
            if (key == "learning_rate_multiplier") {
                char* end = nullptr;
                const double factor = std::strtod(value.c_str(), &end);
                if (end == value.c_str() || *end != '\0' || !(factor > 0) ||
                    !std::isfinite(factor)) {
                    return fail(ErrorCode::Invalid,
                                "learning_rate_multiplier must be a number above 0",
                                "give for example 0.5");
                }
            } else if (key != "suffix") {
                const std::string near =
                    base::didYouMean(key, {"learning_rate_multiplier", "suffix"});
                return fail(ErrorCode::Invalid, "openai-ft has no value \"" + key + "\"",
                            near.empty() ? "it knows learning_rate_multiplier and suffix" : near);
            }
        }
        const auto ready = reach(job);
        return ready ? base::Expected<void>{} : base::fail(ready.error());
    }

    [[nodiscard]] base::Expected<Trained> run(const Job& job, const ProgressFunction& progress,
                                              const base::CancelToken& cancel) override {
        if (const base::Expected<void> good = check(job); !good) {
            return base::fail(good.error());
        }
        base::Expected<std::pair<backend::ModelSettings, std::string>> reached = reach(job);
        base::Expected<json> state = loadJobState(job.folder, kFineTuningName);
        if (!reached || !state) {
            return base::fail(!reached ? reached.error() : state.error());
        }
        if (!m_surroundings.http) {
            m_surroundings.http = std::make_shared<net::HttpClient>();
        }
        auto& [settings, key] = *reached;
        OpenAiJobs server(m_surroundings.http, settings, key, m_settings, cancel);
        ProgressTeller teller(progress);
        Run run(server, m_settings, job, settings.modelId, std::move(*state), teller, cancel);
        base::Expected<std::string> model = run.trained();
        if (!model) {
            return base::fail(model.error());
        }
        settings.modelId = std::move(*model);
        return Trained{"openai", backend::settingsJson(backend::ModelKind::OpenAi, settings)};
    }

private:
    // The base model's settings and key.
    [[nodiscard]] base::Expected<std::pair<backend::ModelSettings, std::string>>
    reach(const Job& job) const {
        const base::Expected<backend::ModelSettings> settings = backend::settingsOf(job.base);
        if (!settings) {
            return base::fail(settings.error());
        }
        if (job.base.kind != "openai") {
            return fail(ErrorCode::Invalid,
                        "model " + base::excerpt(job.base.name, 80) + " is of kind " +
                            job.base.kind + "; openai-ft trains models of kind openai",
                        "choose another trainer or base model");
        }
        base::Expected<std::string> key = m_surroundings.key(*settings);
        if (!key) {
            return base::fail(key.error());
        }
        return std::pair{*settings, std::move(*key)};
    }

    Surroundings m_surroundings;
    FineTuningSettings m_settings;
};

} // namespace

std::unique_ptr<Trainer> makeOpenAiFineTuning(const Surroundings& surroundings,
                                              FineTuningSettings settings) {
    return std::make_unique<OpenAiFineTuning>(surroundings, std::move(settings));
}

} // namespace scrit::train
