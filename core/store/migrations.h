// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace scrit::store {

class Connection;

// "SCRT", in the header of every workspace.
inline constexpr std::int64_t kApplicationId = 0x53435254;

// One step of the schema: the file sql/NNNN_name.sql. Version N is reached after step N.
struct Migration {
    int version = 0;
    std::string_view name;
    std::string_view sql;
};

// All steps in order, built in from the sql files.
[[nodiscard]] const std::vector<Migration>& migrations();
// The version this program writes.
[[nodiscard]] int latestSchemaVersion();

// Brings a database to the latest version, each step in one transaction together with its version
// number. Throws SQLite::Exception.
void migrate(Connection& connection);

// Copies the whole database to "NAME.scrit.vN.bak" (under a temporary name until it is whole).
[[nodiscard]] base::Expected<std::filesystem::path>
backUp(Connection& connection, const std::filesystem::path& path, int version);

} // namespace scrit::store
