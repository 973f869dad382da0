// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/evaluation.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <string>

// Evaluation sets: drawn once, frozen by the hash of what is in them, and kept out of training.
namespace scrit::loop {

struct FreezeRequest {
    std::string name;
    model::SubjectKind members = model::SubjectKind::Solution; // or Problem
    std::string filter;                                        // of a list of these
    std::int64_t limit = 0;                                    // members; 0: all
    std::uint64_t seed = 0;                                    // of the random choice
    std::string balance; // "1:1" of correct to incorrect solutions; empty: as they come
};

struct FrozenResult {
    model::FrozenSet set;
    bool added = false; // false: the same set was there already
    // Problems of the set that were written into data sets before: what was trained on those cannot
    // be measured with this set. Nothing is refused because of them.
    std::int64_t problemsExported = 0;
};

// What freezing would take, before anything is stored.
struct FreezePreview {
    std::int64_t members = 0;
    std::int64_t problems = 0;     // that they are or belong to
    std::int64_t problemsLeft = 0; // of the workspace, in no set then: what can be trained on
};
// Errors are those of freezeSet(); whether the name is free is not looked at.
[[nodiscard]] base::Expected<FreezePreview> previewFreeze(store::Workspace& workspace,
                                                          const FreezeRequest& request);

// Draws and freezes a set. The same solutions and seed give the same members. Reference solutions
// are no members; with `balance` neither are solutions of which it is not known whether they are
// correct. Errors: Invalid (filter, balance, name, nothing left, balance of problems), Exists (see
// store::EvaluationWriter::addSet).
[[nodiscard]] base::Expected<FrozenResult> freezeSet(store::Workspace& workspace,
                                                     const FreezeRequest& request);

// Invalid, naming the sets and how many problems, when problems of a selection belong to a frozen
// set; the advice says how to leave them out (-evaluation:yes). To be asked before training.
[[nodiscard]] base::Expected<void> refuseFrozen(store::Workspace& workspace, store::ListOf of,
                                                const std::string& filter);

} // namespace scrit::loop
