// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/loop/export_driver.h"
#include "core/loop/progress.h"
#include "core/model/round.h"
#include "core/store/workspace.h"
#include "core/train/trainer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

// Critiques of a workspace → a data set → a trained model in the workspace.
namespace scrit::loop {

struct TrainingRequest {
    std::string trainer;          // see train::trainerNames()
    std::int64_t baseModelId = 0; // what is trained further
    std::string name;             // of the new model
    std::optional<std::int64_t> roundId;
    std::string commandTemplate; // command, slurm
    train::Parameters parameters;
    std::map<std::string, std::string> values; // see train::Job::values
    // The data: an export of this workspace that is there already …
    std::filesystem::path data;
    // … or, where that is empty, what to export. View, folder and replace are set here.
    ExportJobOptions dataset;
    // Of the job: state, log, data, output. Empty: WORKSPACE.trainings/NAME beside the workspace.
    std::filesystem::path folder;
};

// Checks the request (also Trainer::check()), writes or checks the data set, and stores the
// training as planned; gives its id. Nothing is stored when it fails. The training set is the
// export's split "train". Errors: Exists (the model's name is taken), Invalid (the training set is
// empty, or a problem of it is in a frozen evaluation set, with the names of set and problem; an
// option), NotFound (base model; a folder that is no export of this workspace), Corrupt (files that
// are not those of the manifest), those of exportDataset() and of Trainer::check().
[[nodiscard]] base::Expected<std::int64_t> createTraining(store::Workspace& workspace,
                                                          const TrainingRequest& request,
                                                          const train::MakeTrainer& makeTrainer,
                                                          const ProgressFunction& progress = {},
                                                          const base::CancelToken& cancel = {});

// What is told while a training runs: the row's state with what the trainer says.
struct TrainingProgress {
    std::int64_t trainingId = 0;
    train::Progress now;
    double seconds = 0; // since runTraining() began
};
using TrainingProgressFunction = std::function<void(const TrainingProgress&)>;

struct TrainingResult {
    std::int64_t trainingId = 0;
    std::int64_t modelId = 0; // the new model; its parent and its training are stored with it
    std::string modelName;
    std::string kind;
};

// Runs a planned training, or goes on with one that was stopped, failed or killed; one that is done
// gives its result again. Blocks; losses and the external job are stored as the trainer tells them
// (within a quarter of a second), so that the curve of a resumed training joins at its checkpoint,
// and the model is stored with its lineage in the transaction that ends the training, once its
// output has been checked. On an error the training is Stopped (Cancelled) or Failed with the
// error, and can be run again. Errors: NotFound (training, data), those of Trainer::run() and of
// the workspace.
[[nodiscard]] base::Expected<TrainingResult>
runTraining(const std::shared_ptr<store::Workspace>& workspace, std::int64_t trainingId,
            const train::MakeTrainer& makeTrainer, const TrainingProgressFunction& progress = {},
            const base::CancelToken& cancel = {});

} // namespace scrit::loop
