// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>
#include <string_view>

// What a job remembers between two starts: job.json in its folder, one object. Trainers keep what
// they need under their own keys. Private to core/train; one thread a folder.
namespace scrit::train {

// An empty object when there is none. Corrupt, Io; Invalid when the folder belongs to another
// trainer.
[[nodiscard]] base::Expected<nlohmann::json> loadJobState(const std::filesystem::path& folder,
                                                          std::string_view trainer);
// Makes the folder; replaces the file whole. Io, DiskFull, Permission.
[[nodiscard]] base::Expected<void> saveJobState(const std::filesystem::path& folder,
                                                std::string_view trainer, nlohmann::json state);
// Makes a folder and what lies above it.
[[nodiscard]] base::Expected<void> makeFolder(const std::filesystem::path& folder);

// The file of a data set's split (relative to the folder) as its manifest.json names it; nothing
// when it has no such split. NotFound, Corrupt.
[[nodiscard]] base::Expected<std::optional<std::filesystem::path>>
splitFile(const std::filesystem::path& dataFolder, std::string_view split);
// The absolute path of the file of the split "train". Invalid when there is none or no row in it.
[[nodiscard]] base::Expected<std::filesystem::path>
trainFile(const std::filesystem::path& dataFolder);

} // namespace scrit::train
