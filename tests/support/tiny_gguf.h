// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>

namespace scrit::testing {

// Writes the smallest model file that a real llama-server loads: a llama of two layers, 64 wide,
// with random weights and a byte-level vocabulary. It speaks gibberish, but through the real
// server, sampler and chat template. About 440 KB; the same bytes every time.
[[nodiscard]] base::Expected<void> writeTinyGguf(const std::filesystem::path& path);

// A LoRA adapter for that model: rank 4, on the queries of both layers, random.
[[nodiscard]] base::Expected<void> writeTinyLora(const std::filesystem::path& path);

} // namespace scrit::testing
