// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace scrit::base {

// The folder with prompts, recipes and samples: $SCRIT_RESOURCES, else beside the program
// (../share/scrit-studio), else the installed place, else the source tree it was built from.
[[nodiscard]] Expected<std::filesystem::path> resourceFolder();

// The whole file, at most maxBytes (an Error of code Limit beyond).
[[nodiscard]] Expected<std::string> readFile(const std::filesystem::path& path,
                                             std::uintmax_t maxBytes = std::uintmax_t{64} << 20U);

} // namespace scrit::base
