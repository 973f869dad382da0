// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connection.h"
#include "core/store/filter.h"

#include <cstdint>
#include <limits>

// Private to core/store. Free text is a set that SQLite makes before it gives the first row, and a
// word may stand in most of a million texts. Looking at a few neighbouring ids alone keeps that set
// small. These throw SQLite::Exception.
namespace scrit::store {

struct IdRange {
    std::int64_t low = std::numeric_limits<std::int64_t>::min();
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
    [[nodiscard]] bool empty() const { return low > high; }
};

// The ids of `range` that a list can have.
[[nodiscard]] IdRange existingIds(Connection& connection, ListOf of, IdRange range);
// The first `width` ids of a range that is not empty, from its end when descending.
[[nodiscard]] IdRange windowOf(IdRange range, std::int64_t width, bool descending);
// The filter, which asks the full-text indexes only for what the rows in `window` need.
[[nodiscard]] FilterSql withTextsOf(Connection& connection, ListOf of, IdRange window,
                                    FilterSql filter);

} // namespace scrit::store
