// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "core/loop/training.h"
#include "core/model/round.h"

#include <map>
#include <string>
#include <vector>

// What `scrit train` prints.
namespace scrit::cli {

// "train  step 12/400  epoch 0.03  loss 1.234  0:42". Pure; not yet safe for a terminal.
[[nodiscard]] std::string trainingLine(const loop::TrainingProgress& progress);
// {"training", "stage", "step", "steps", "epoch", "loss", "external_job", "seconds"}
[[nodiscard]] Json trainingProgressJson(const loop::TrainingProgress& progress);
// A stored training with its settings and losses; `models` are names by id.
[[nodiscard]] Json trainingJson(const model::Training& training,
                                const std::map<std::int64_t, std::string>& models);
void printTrainings(const std::vector<model::Training>& trainings,
                    const std::map<std::int64_t, std::string>& models);

} // namespace scrit::cli
