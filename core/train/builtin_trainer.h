// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/trainer.h"

#include <memory>

namespace scrit::train {

// Trains the builtin miniature in this process (core/mini): 2 epochs, batch 16, 6e-4 unless asked
// otherwise. Rows are read whole into memory, 2 bytes a token. Values: "device" (auto, cpu, cuda),
// "threads".
[[nodiscard]] std::unique_ptr<Trainer> makeBuiltinTrainer();

} // namespace scrit::train
