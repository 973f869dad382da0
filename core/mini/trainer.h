// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/mini/network.h"
#include "core/mini/trainer_engine.h"

#include <functional>
#include <memory>
#include <span>

namespace scrit::mini {

// train() with an engine of the caller's, which holds a copy of `start`: the order of the examples,
// the learning rate, checkpoints, stopping, and what happens when memory runs out.
[[nodiscard]] base::Expected<std::shared_ptr<const Network>>
trainWith(TrainEngine& engine, const Network& start, std::span<const Sequence> examples,
          const TrainSettings& settings, const std::function<void(const TrainProgress&)>& progress,
          const base::CancelToken& cancel);

} // namespace scrit::mini
