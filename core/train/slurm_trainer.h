// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/slurm_client.h"
#include "core/train/trainer.h"

#include <cstdint>
#include <memory>

namespace scrit::train {

struct SlurmTrainerOptions {
    backend::SlurmClient::Options client;
    std::int64_t pollMillis =
        2000; // between two questions to Slurm; the log is read ten times as often
};

// The trainer "slurm": the commands of a command template (command_template.h) as one batch job.
// Job::values may hold what slurmSettingsFromValues() reads, as "slurm.partition", and the
// template's own values.
//
// The job belongs to Slurm, not to this process: when the process is killed the job goes on, and
// run() with the same folder watches it further; a job that has finished meanwhile is not submitted
// again. The batch script writes its exit code into the job's folder, so that the end is known even
// when Slurm has forgotten the job. Cancelling cancels the job and waits until it is gone.
//
// Errors of run() besides those of the interface: Server, with one line for each way in which Slurm
// ends jobs (FAILED, TIMEOUT, OUT_OF_MEMORY, NODE_FAIL, CANCELLED from elsewhere), and what sbatch
// said when it refused; Network when the controller does not answer for long.
[[nodiscard]] std::unique_ptr<Trainer> makeSlurmTrainer(SlurmTrainerOptions options = {});

} // namespace scrit::train
