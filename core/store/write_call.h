// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/store/connection.h"
#include "core/store/errors.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

// Private to core/store: what every function that stores something begins and ends with.
namespace scrit::store {

// Runs one call of a writer. An error that may leave an object half stored makes the transaction
// impossible to commit; NotFound, Invalid and Exists come before anything was stored.
template<typename Work>
auto writing(Connection& connection, std::string_view doing, Work&& work) -> decltype(work()) {
    if (connection.failure()) {
        return base::fail(*connection.failure());
    }
    auto result = guarded(connection.pathText(), doing, std::forward<Work>(work));
    if (!result) {
        const base::ErrorCode code = result.error().code;
        if (code != base::ErrorCode::NotFound && code != base::ErrorCode::Invalid &&
            code != base::ErrorCode::Exists) {
            connection.setFailure(result.error());
        }
    }
    return result;
}

// The same for a call that stores many rows: any error leaves it half done.
template<typename Work>
auto writingMany(Connection& connection, std::string_view doing, Work&& work) -> decltype(work()) {
    auto result = writing(connection, doing, std::forward<Work>(work));
    if (!result) {
        connection.setFailure(result.error());
    }
    return result;
}

// The time given, or now.
inline std::int64_t stamp(std::int64_t given) {
    return given != 0 ? given : base::unixMillis();
}

// What is stored as NULL when it is 0.
inline std::optional<std::int64_t> unlessZero(std::int64_t value) {
    return value != 0 ? std::optional(value) : std::nullopt;
}

inline std::int64_t lastId(Connection& connection) {
    return connection.database().getLastInsertRowid();
}

} // namespace scrit::store
