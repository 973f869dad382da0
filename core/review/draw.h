// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/review/plan.h"
#include "core/store/review_rows.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

// Private to core/review: which critiques a plan gets.
namespace scrit::review {

struct Draw {
    PlanPreview preview;
    std::vector<store::ReviewItemRow> items; // in the order of the plan
};
[[nodiscard]] base::Expected<Draw> drawItems(store::Reader& reader, const PlanRequest& request);

// How many of each stratum are taken, never more than there are. Proportional: the method of
// Webster and Sainte-Laguë, and one of each first when `size` allows it. Equal: the same share of
// each, what a small one cannot give goes to the others. `size` 0: all.
[[nodiscard]] std::map<std::string, std::int64_t>
proportionalShares(const std::map<std::string, std::int64_t>& available, std::int64_t size);
[[nodiscard]] std::map<std::string, std::int64_t>
equalShares(const std::map<std::string, std::int64_t>& available, std::int64_t size);

} // namespace scrit::review
