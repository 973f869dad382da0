// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/mini/network.h"
#include "core/mini/sequence.h"
#include "core/mini/trainer_engine.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>

// A stopped training on disk: a safetensors file of a kind of its own, which Network::load()
// refuses. Any thread.
namespace scrit::mini {

// What a training is told by: start, examples and the settings that decide the result. A state of
// another training is never gone on with.
[[nodiscard]] std::string trainingKey(const Network& start, std::span<const Sequence> examples,
                                      const TrainSettings& settings);

// Whole or not at all. DiskFull, Io, Permission.
[[nodiscard]] base::Expected<void> saveState(const std::filesystem::path& file,
                                             const std::string& key, const TrainState& state);
// Nothing where there is no file. Corrupt; Invalid: the state of another training; Io.
[[nodiscard]] base::Expected<std::optional<TrainState>>
loadState(const std::filesystem::path& file, const std::string& key, std::size_t weights);

} // namespace scrit::mini
