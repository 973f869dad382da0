// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connection.h"
#include "core/store/reader.h"

#include <cstdint>
#include <optional>
#include <vector>

// Single rows and records by id, shared by the functions of Reader. They throw SQLite::Exception
// and run inside reading() or streaming().
namespace scrit::store {

// One row of a list; nothing when there is none of that id.
[[nodiscard]] std::optional<TraceRow> rowById(Connection& connection, ListOf of, std::int64_t id);

// Which parts of a record cost extra queries.
struct RecordParts {
    bool siblings = true;
    bool prompt = true;
};
// One record; NotFound when there is none.
[[nodiscard]] base::Expected<TraceRecord> recordById(Connection& connection, ListOf of,
                                                     std::int64_t id, RecordParts parts);

} // namespace scrit::store
