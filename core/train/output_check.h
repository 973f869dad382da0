// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>

// Private to core/train.
namespace scrit::train {

// That a safetensors file is as long as its header says: a file whose writing was cut short is not.
// Weights are not read. Corrupt, NotFound, Io.
[[nodiscard]] base::Expected<void> checkSafetensors(const std::filesystem::path& file);

} // namespace scrit::train
