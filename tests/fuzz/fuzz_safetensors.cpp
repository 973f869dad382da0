// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a checkpoint: reading ends, and what it gives adds up.
#include "core/mini/safetensors.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace scrit::mini;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = parseSafetensors({reinterpret_cast<const char*>(data), size});
    if (!file) {
        return 0;
    }
    std::size_t numbers = 0;
    for (const Tensor& tensor : file->tensors) {
        std::size_t count = 1;
        for (const std::size_t extent : tensor.shape) {
            count *= extent;
        }
        if (count != tensor.values.size() || file->find(tensor.name) == nullptr) {
            std::abort();
        }
        numbers += count;
    }
    if (numbers * sizeof(float) > size) {
        std::abort();
    }
    return 0;
}
