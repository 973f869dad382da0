// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/review/judgement.h"
#include "core/review/plan.h"
#include "core/store/review_rows.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

// Private to core/review: rows of the workspace as values of reviews. Pure functions.
namespace scrit::review {

[[nodiscard]] MachineOpinion opinionOf(const store::CritiqueFacts& facts);

// What a judgement says of the critique as a whole: what it states, else what follows from it.
[[nodiscard]] std::optional<Validity> validityOf(const Judgement& judgement,
                                                 const MachineOpinion& machine);

// The word of one stratum for a critique; Difficulty is not among the facts: `answers` is.
[[nodiscard]] std::string stratumWord(Stratum stratum, const store::CritiqueFacts& facts,
                                      int answers);
// The qualifier that finds the critiques of a stratum word; empty where there is none.
[[nodiscard]] std::string stratumFilter(Stratum stratum, const std::string& word);

[[nodiscard]] Plan planOf(const store::ReviewPlanRow& row);

// Whether a judgement gives the known answer; absent where the two cannot be compared.
[[nodiscard]] std::optional<bool> givesGold(const GoldAnswer& known, const Judgement& judgement,
                                            const MachineOpinion& machine);
// The same as store::ReviewMark::gold, for the gold text of an item.
[[nodiscard]] std::optional<int> goldMark(const std::string& gold,
                                          const std::optional<Judgement>& judgement,
                                          const MachineOpinion& machine);

// The annotations as they will be once `added`, which may supersede them by id, is stored.
[[nodiscard]] std::vector<model::Annotation> afterAdding(std::vector<model::Annotation> annotations,
                                                         std::span<const model::Annotation> added);
// Those of one subject, in force, of one annotator.
[[nodiscard]] std::vector<model::Annotation>
standingOf(std::span<const model::Annotation> annotations, const std::string& annotator);

// Invalid for a name that cannot be a reviewer's.
[[nodiscard]] base::Expected<void> checkAnnotator(std::string_view name);

} // namespace scrit::review
