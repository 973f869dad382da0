// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connection.h"
#include "core/store/filter.h"
#include "core/store/reader.h"

#include <cstdint>
#include <optional>

// Single rows of lists by id, shared by the functions of Reader. They throw SQLite::Exception and
// run inside reading() or streaming().
namespace scrit::store {

// One row of a list; nothing when there is none of that id.
[[nodiscard]] std::optional<TraceRow> rowById(Connection& connection, ListOf of, std::int64_t id);

// Binds the parameters of a filter to the first ones of a statement; the filter outlives its use.
void bindParameters(SQLite::Statement& statement, const FilterSql& filter);

// A closed vocabulary's value; nothing for a number that a damaged file may hold.
template<typename Enum>
std::optional<Enum> enumValue(std::optional<int> value, int count) {
    return value && *value >= 0 && *value < count ? std::optional(static_cast<Enum>(*value))
                                                  : std::nullopt;
}

} // namespace scrit::store
