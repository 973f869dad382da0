// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What this machine can give to a model.
namespace scrit::backend {

struct Gpu {
    int index = 0; // as nvidia-smi counts
    std::string name;
    std::uint64_t totalBytes = 0;
    std::uint64_t freeBytes = 0;
};

// What nvidia-smi answers to --query-gpu=index,name,memory.total,memory.free
// --format=csv,noheader,nounits: one line a GPU, MiB. Parse when a line is something else; a GPU
// that does not say how much memory it has is an error too, named.
[[nodiscard]] base::Expected<std::vector<Gpu>> parseGpus(std::string_view csv);
// Asks nvidia-smi. No such program, or no device: an empty list. Honours CUDA_VISIBLE_DEVICES where
// it names GPUs by number. Blocks for at most `millis` (Limit).
[[nodiscard]] base::Expected<std::vector<Gpu>> queryGpus(int millis = 5000);
// Those that CUDA_VISIBLE_DEVICES (null: not set) leaves; entries that are not numbers keep all.
[[nodiscard]] std::vector<Gpu> visibleGpus(std::vector<Gpu> gpus, const char* visibleDevices);

struct Machine {
    std::vector<Gpu> gpus;
    std::string gpuError;         // why the GPUs could not be read; empty: they could
    std::uint64_t freeMemory = 0; // bytes of RAM that programs may still take; 0: not known
    int processors = 0;
};
[[nodiscard]] Machine thisMachine();

// "78.2 GiB", "436 KiB"
[[nodiscard]] std::string bytesText(std::uint64_t bytes);

} // namespace scrit::backend
