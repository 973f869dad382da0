// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/review/judgement.h"
#include "core/review/plan.h"
#include "core/review/rescorer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Disagreements between reviewers and their decision.
namespace scrit::review {

// A critique whose judgements in force contradict each other.
struct Dispute {
    std::int64_t critiqueId = 0;
    std::int64_t problemId = 0;
    std::vector<std::string> about;    // "validity", "first-error", "correction"
    std::vector<Judgement> judgements; // by annotator
    std::optional<Judgement> decision; // the newest adjudicated one
};

struct DisputeQuery {
    std::optional<std::int64_t> planId; // absent: the whole workspace
    bool withDecided = false;
    std::int64_t after = 0; // critiques after this one, in order of id
    int limit = 0;          // 0: all
};
[[nodiscard]] base::Expected<std::vector<Dispute>> disputes(store::Reader& reader,
                                                            const DisputeQuery& query);

struct Adjudicated {
    std::int64_t critiqueId = 0;
    Judgement judgement; // as it is kept
    std::int64_t rescored = 0;
};
// Stores a decision: one more judgement, under adjudicatorName(person). It wins in audits and in
// lists, and replaces an earlier decision of the same person. Durable when it returns. Invalid (see
// checkJudgement), NotFound.
[[nodiscard]] base::Expected<Adjudicated>
adjudicate(store::Workspace& workspace, std::int64_t critiqueId, std::string_view person,
           const Judgement& judgement, const Rescorer& rescorer = {});
// Takes back the person's decision in force; false when there is none.
[[nodiscard]] base::Expected<bool> takeBackDecision(store::Workspace& workspace,
                                                    std::int64_t critiqueId,
                                                    std::string_view person,
                                                    const Rescorer& rescorer = {});

} // namespace scrit::review
