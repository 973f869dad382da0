// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/slurm_script.h"
#include "core/train/command_template.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

// The batch script of a training and the small files that it leaves in the job's folder. Private
// to core/train.
namespace scrit::train {

// bash: the plan's commands from number `first` on, one after the other. It writes slurm.stage (the
// number of the command that runs) and, at its end, slurm.exit. SIGTERM goes to the command, which
// may still save something; the script waits for it.
[[nodiscard]] std::string trainingScript(const CommandPlan& plan, std::size_t first,
                                         const std::filesystem::path& folder,
                                         const backend::SlurmSettings& settings);

struct ScriptEnd {
    std::string job; // the id at Slurm
    int code = 0;
};
// What slurm.exit says; nothing when it is not there or cannot be read.
[[nodiscard]] std::optional<ScriptEnd> readScriptEnd(const std::filesystem::path& folder);
// The id of the job whose script has begun to run in this folder.
[[nodiscard]] std::optional<std::string> readScriptStart(const std::filesystem::path& folder);
// The number in slurm.stage.
[[nodiscard]] std::optional<std::size_t> readStage(const std::filesystem::path& folder);
// Takes these files away, for a new start.
void clearScriptFiles(const std::filesystem::path& folder);

} // namespace scrit::train
