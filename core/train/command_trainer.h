// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/trainer.h"

#include <memory>

namespace scrit::train {

// Trains by another program, as a command template says (command_template.h). The program runs as
// a child under a guard, so that it never outlives us; what it writes is kept in Job::log(). When
// it runs out of GPU memory and the template has a value micro_batch, it is started again with half
// of it, down to 1.
struct CommandTrainerSettings {
    std::int64_t graceMillis = 10'000; // between SIGTERM and SIGKILL on cancel
    std::int64_t progressMillis = 250;
};
[[nodiscard]] std::unique_ptr<Trainer> makeCommandTrainer(CommandTrainerSettings settings = {});

} // namespace scrit::train
