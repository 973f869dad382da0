// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/trainer.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace scrit::train {

struct FineTuningSettings {
    std::int64_t firstPollMillis = 2000; // grows up to the next while nothing changes
    std::int64_t mostPollMillis = 60'000;
    std::int64_t giveUpMillis = 3'600'000; // of failing requests in a row; the job goes on there
    // Waits; false when it was cancelled meanwhile. Tests give their own.
    std::function<bool(std::int64_t millis, const base::CancelToken& cancel)> sleep;
};

// Trains at a server with OpenAI's protocol: POST /files, POST /fine_tuning/jobs, then polling the
// job and its events. The base model is of kind openai; the trained one is reached the same way
// under its own id. The key comes from the resolver, stays in memory and is taken out of everything
// the server sends back. A start that is killed goes on with the job it had made: the file's id
// tells it apart from others also when the answer to its creation was lost.
[[nodiscard]] std::unique_ptr<Trainer> makeOpenAiFineTuning(const Surroundings& surroundings,
                                                            FineTuningSettings settings = {});

} // namespace scrit::train
