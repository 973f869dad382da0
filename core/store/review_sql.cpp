// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/review_sql.h"

namespace scrit::store {
namespace {

constexpr const char* kPlanByUid = SCRIT_PLANS "WHERE uid = ?";
constexpr const char* kItem = SCRIT_ITEMS "AND i.position = ?";

} // namespace

ReviewPlanRow planFrom(const Query& row) {
    ReviewPlanRow plan;
    plan.id = row.integer(0);
    plan.uid = row.text(1);
    plan.name = row.text(2);
    plan.filter = row.text(3);
    plan.strategy = row.text(4);
    plan.settings = row.text(5);
    plan.seed = static_cast<std::uint64_t>(row.integer(6));
    plan.blind = row.integer(7) != 0;
    plan.createdAt = row.integer(8);
    plan.items = row.integer(9);
    plan.goldItems = row.integer(10);
    plan.done = row.integer(11);
    return plan;
}

ReviewItemRow itemFrom(const Query& row) {
    ReviewItemRow item;
    item.position = row.integer(0);
    item.critiqueId = row.integer(1);
    item.solutionId = row.integer(2);
    item.problemId = row.integer(3);
    item.stratum = row.text(4);
    item.weight = row.real(5);
    item.gold = row.text(6);
    return item;
}

std::optional<ReviewPlanRow> planByUid(Connection& connection, const std::string& uid) {
    Query query(connection.statement(kPlanByUid));
    return query.bind(uid).step() ? std::optional(planFrom(query)) : std::nullopt;
}

std::optional<ReviewItemRow> reviewItem(Connection& connection, std::int64_t planId,
                                        std::int64_t position) {
    Query query(connection.statement(kItem));
    query.bind(planId).bind(position);
    return query.step() ? std::optional(itemFrom(query)) : std::nullopt;
}

} // namespace scrit::store
