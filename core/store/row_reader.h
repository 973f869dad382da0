// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connection.h"
#include "core/store/filter.h"
#include "core/store/reader.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// Rows of lists by id, shared by the functions of Reader. They throw SQLite::Exception and run
// inside reading() or streaming().
namespace scrit::store {

// The rows of `ids` in their order, read by one statement (items: by one for each kind of what they
// are about, too); ids that are not there are left out.
[[nodiscard]] std::vector<TraceRow> rowsByIds(Connection& connection, ListOf of,
                                              std::span<const std::int64_t> ids);

// Binds the parameters of a filter, or `count` of them from `first` on, to the first ones of a
// statement; the filter outlives its use.
void bindParameters(SQLite::Statement& statement, const FilterSql& filter, std::size_t first = 0,
                    std::size_t count = static_cast<std::size_t>(-1));

// A closed vocabulary's value; nothing for a number that a damaged file may hold.
template<typename Enum>
std::optional<Enum> enumValue(std::optional<int> value, int count) {
    return value && *value >= 0 && *value < count ? std::optional(static_cast<Enum>(*value))
                                                  : std::nullopt;
}

} // namespace scrit::store
