// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connection.h"
#include "core/store/review_rows.h"

#include <cstdint>
#include <optional>
#include <string>

// Private to core/store: rows of reviews that both the reader and the writer read. Functions here
// throw SQLite::Exception.
namespace scrit::store {

#define SCRIT_PLANS                                                                                \
    "SELECT id, uid, name, filter, strategy, settings, seed, blind, created_at, items, "           \
    "gold_items, done FROM review_plan "
#define SCRIT_ITEMS                                                                                \
    "SELECT i.position, i.subject_id, c.solution_id, c.problem_id, i.stratum, i.weight, i.gold "   \
    "FROM review_item i CROSS JOIN critique_row c ON c.id = i.subject_id "                         \
    "WHERE i.subject_kind = 2 AND i.plan_id = ? "

[[nodiscard]] ReviewPlanRow planFrom(const Query& row);
[[nodiscard]] ReviewItemRow itemFrom(const Query& row);
[[nodiscard]] std::optional<ReviewPlanRow> planByUid(Connection& connection,
                                                     const std::string& uid);
[[nodiscard]] std::optional<ReviewItemRow> reviewItem(Connection& connection, std::int64_t planId,
                                                      std::int64_t position);

} // namespace scrit::store
