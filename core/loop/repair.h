// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/review/rescorer.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// A problem whose reference answer is wrong: the repair is an annotation, and what depends on the
// answer is scored again. Nothing is overwritten: the data set's answer stays where it was, records
// show the repaired one, and new answer_match verdicts stand above the old ones.
namespace scrit::loop {

// Scores all solutions of a problem and all critiques of these with the repaired answer, each under
// the settings of its newest answer_match verdict. Reads with a reader of its own; one thread at a
// time. Undecided, rule "no-gold", where no answer is known to be right.
[[nodiscard]] review::Rescorer answerRescorer(std::shared_ptr<store::Workspace> workspace);

struct Repaired {
    std::int64_t annotationId = 0;
    std::int64_t verdicts = 0; // added
};
// Stores the annotation and the verdicts in one transaction. An empty answer says: the reference
// answer is wrong, and the right one is not known. NotFound.
[[nodiscard]] base::Expected<Repaired>
repairAnswer(const std::shared_ptr<store::Workspace>& workspace, std::int64_t problemId,
             std::string_view annotator, std::string_view answer);
// Withdraws the annotator's repair in force and scores again with what then counts. NotFound when
// there is none.
[[nodiscard]] base::Expected<Repaired>
takeBackRepair(const std::shared_ptr<store::Workspace>& workspace, std::int64_t problemId,
               std::string_view annotator);

} // namespace scrit::loop
