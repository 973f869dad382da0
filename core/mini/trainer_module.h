// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/mini/decoder.h"
#include "core/mini/network.h"
#include "core/mini/trainer_engine.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

// Finds and opens the module with LibTorch (scrit-torch.so). Any thread.
namespace scrit::mini {

// Where the module is looked for, in this order: $SCRIT_TORCH_MODULE alone where it is set, beside
// the program, in the folder where it is installed, in the build folder.
[[nodiscard]] std::vector<std::filesystem::path> torchModulePlaces();

// The module, opened once and never closed. Unavailable, with what to do: not built, not found,
// LibTorch missing on this machine, another version.
[[nodiscard]] base::Expected<const TorchModule*> torchModule();

// A decoder of LibTorch for "cuda" or "torch-cpu" (the same code on the processor).
[[nodiscard]] base::Expected<std::unique_ptr<Decoder>>
torchDecoder(const Network& network, const std::string& device, int slots, int capacity);

} // namespace scrit::mini
