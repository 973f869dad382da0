// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Reads that are one statement, for the readers of this folder. `sql` is a literal (its address
// identifies the statement), `from` makes an object of a row, and `values` are bound in their
// order.
namespace scrit::store {

template<typename From>
using RowOf = std::decay_t<std::invoke_result_t<const From&, const Query&>>;

// All rows.
template<typename From, typename... Values>
base::Expected<std::vector<RowOf<From>>> allRows(Connection& connection, std::string_view doing,
                                                 const char* sql, const From& from,
                                                 const Values&... values) {
    return reading(connection, doing, [&]() -> base::Expected<std::vector<RowOf<From>>> {
        std::vector<RowOf<From>> rows;
        Query query(connection.statement(sql));
        (query.bind(values), ...);
        while (query.step()) {
            rows.push_back(from(query));
        }
        return rows;
    });
}

// The first row, or nothing.
template<typename From, typename... Values>
base::Expected<std::optional<RowOf<From>>> firstRow(Connection& connection, std::string_view doing,
                                                    const char* sql, const From& from,
                                                    const Values&... values) {
    return reading(connection, doing, [&]() -> base::Expected<std::optional<RowOf<From>>> {
        Query query(connection.statement(sql));
        (query.bind(values), ...);
        return query.step() ? std::optional<RowOf<From>>(from(query)) : std::nullopt;
    });
}

// The row of an id; NotFound when there is none.
template<typename From>
base::Expected<RowOf<From>> rowOfId(Connection& connection, std::string_view what, const char* sql,
                                    const From& from, std::int64_t id) {
    auto row = firstRow(connection, "cannot read the " + std::string(what), sql, from, id);
    if (!row) {
        return base::fail(std::move(row.error()));
    }
    if (!*row) {
        return base::fail(base::ErrorCode::NotFound, "there is no " + std::string(what) + " " +
                                                         std::to_string(id) + " in the workspace");
    }
    return std::move(**row);
}

inline std::int64_t firstInteger(const Query& row) {
    return row.integer(0);
}

} // namespace scrit::store
