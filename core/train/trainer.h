// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/open_model.h"
#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/model/run.h"
#include "core/net/http_client.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A data set and a base model become a trained model: one interface for training in this process,
// by another program, through Slurm and at a server.
namespace scrit::train {

// How to train. What is absent is chosen by the trainer (Trainer::defaults()), and what its
// defaults leave open by the program or the server.
struct Parameters {
    std::optional<int> epochs;
    std::optional<int> batch; // sequences of one step, over all devices
    std::optional<double> learningRate;
    std::optional<double> warmUp; // share of the steps
    std::optional<int> maxLength; // of one example, in tokens
    std::optional<int> loraRank;  // 0: all weights are trained
    std::optional<std::uint64_t> seed;
    friend bool operator==(const Parameters&, const Parameters&) = default;
};
// SCRIT (arXiv 2501.05727, section 4.1): batch 256, 5e-6, 1 epoch, warm-up 0.03.
[[nodiscard]] Parameters paperParameters();
// `given`, with what it lacks taken from `defaults`.
[[nodiscard]] Parameters merged(const Parameters& given, const Parameters& defaults);
// Invalid for values that cannot be meant: no epoch, a rate that is not positive …
[[nodiscard]] base::Expected<void> checkParameters(const Parameters& parameters);

// One training. Value type; the same job names the same folder, whose state run() goes on from.
struct Job {
    model::Model base;            // what is trained further
    std::string name;             // of the model that is to be made
    std::filesystem::path data;   // a finished data set in the view exportView() names
    std::filesystem::path folder; // of this job: state, log, output; made when it is not there
    Parameters parameters;        // complete them with merged(…, defaults(job))
    std::string commandTemplate;  // command, slurm: see command_template.h
    // More for the trainer: values of the template's placeholders; "slurm.NAME" for Slurm;
    // "device", "threads" for the builtin one; "learning_rate_multiplier" … for openai-ft.
    std::map<std::string, std::string> values;

    // Where the finished weights are, and what the program wrote.
    [[nodiscard]] std::filesystem::path output() const { return folder / "output"; }
    [[nodiscard]] std::filesystem::path log() const { return folder / "training.log"; }
};

struct LossPoint {
    std::int64_t step = 0; // from 1
    double loss = 0;       // finite
    friend bool operator==(const LossPoint&, const LossPoint&) = default;
};

// Where a training stands. 0 = not known.
struct Progress {
    std::string stage; // "prepare", "upload", "queued", "train", "merge", "save": for people
    std::int64_t step = 0;
    std::int64_t steps = 0;
    double epoch = 0;
    std::optional<double> loss;    // the newest
    std::vector<LossPoint> losses; // new since the last call. A step that was told before means
                                   // that training went back to a checkpoint: later points are void
    std::vector<std::string> lines; // of the log, new since the last call; untrusted text
    std::string externalJob;        // id at Slurm or at the server, once there is one
};
// Called on run()'s thread, some times a second at most, once more at the end however that comes,
// and before a checkpoint of the builtin trainer: who keeps losses before it returns has all of
// them up to the step that a killed training goes on from.
using ProgressFunction = std::function<void(const Progress&)>;

// What a finished training made: how the model is reached, see core/backend/model_settings.h.
// Everything it names is whole and was checked.
struct Trained {
    std::string kind;
    std::string settings; // JSON object; never a secret
};

// One way to train. One thread at a time uses an instance.
class Trainer {
public:
    Trainer() = default;
    Trainer(const Trainer&) = delete;
    Trainer& operator=(const Trainer&) = delete;
    virtual ~Trainer() = default;

    [[nodiscard]] virtual std::string_view name() const = 0; // as in model::Training::trainer
    // The view that Job::data must have been exported in. Of the job only commandTemplate counts.
    // Invalid, NotFound (the template).
    [[nodiscard]] virtual base::Expected<std::string> exportView(const Job& job) const = 0;
    // What it uses where nothing was asked for. Of the job only commandTemplate counts.
    [[nodiscard]] virtual base::Expected<Parameters> defaults(const Job& job) const = 0;
    // Whether this job could be started, before data is written and anything is paid: program,
    // library, key, base model, parameters, values. Data and folder need not be there yet and
    // nothing is contacted. Errors: Invalid, NotFound, Unavailable, Auth.
    [[nodiscard]] virtual base::Expected<void> check(const Job& job) const = 0;
    // Trains, blocking. Starts, or goes on where the job in Job::folder was stopped, killed or
    // failed; a job that had finished gives its result again. Errors: those of check(), Cancelled
    // (the program is stopped; what can be resumed stays), Parse (a row of the data), Server (the
    // program or the server failed, with its last words; it ended without output), Invalid (the
    // loss is not a number), Corrupt (the output is damaged), DiskFull, Io, Network.
    [[nodiscard]] virtual base::Expected<Trained>
    run(const Job& job, const ProgressFunction& progress, const base::CancelToken& cancel) = 0;
};

// What trainers need of their surroundings.
struct Surroundings {
    std::shared_ptr<net::HttpClient> http; // openai-ft; made when it is needed and not there
    backend::KeyResolver key = backend::keyFromEnvironment;
};

// "builtin", "command", "slurm", "openai-ft": in the order in which they are offered.
[[nodiscard]] const std::vector<std::string_view>& trainerNames();
// The trainer of that name; Invalid with the nearest name for an unknown one.
[[nodiscard]] base::Expected<std::unique_ptr<Trainer>> makeTrainer(std::string_view name,
                                                                   const Surroundings& = {});
// makeTrainer() with its surroundings, for drivers; tests give their own.
using MakeTrainer = std::function<base::Expected<std::unique_ptr<Trainer>>(std::string_view name)>;

} // namespace scrit::train
