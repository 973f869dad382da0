// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/mini/network.h"
#include "core/mini/sequence.h"
#include "core/mini/trainer_engine.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// From examples to batches. Pure functions, the same on every machine.
namespace scrit::mini {

// Invalid: no example, nothing to learn in one, a token or a length out of range.
[[nodiscard]] base::Expected<void> checkExamples(const NetworkShape& shape,
                                                 std::span<const Sequence> examples);

// The examples of each step of an epoch, as indices: shuffled anew for each epoch, those of about
// the same length together so that little is padding. Each example occurs once; the last steps may
// have fewer.
[[nodiscard]] std::vector<std::vector<std::size_t>>
epochBatches(std::span<const Sequence> examples, std::size_t batch, std::uint64_t seed, int epoch);

// `chosen` as one padded batch. Places beyond the shape's limits stay at the last one.
[[nodiscard]] TrainBatch makeBatch(const NetworkShape& shape, std::span<const Sequence> examples,
                                   std::span<const std::size_t> chosen);

// A Place within the limits of a shape.
[[nodiscard]] Place limited(Place place, const NetworkShape& shape);

} // namespace scrit::mini
