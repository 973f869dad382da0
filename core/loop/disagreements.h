// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/model/lineage.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// The answer bench: what two judges of the same final answer see differently. A judge is a verifier
// under one protocol (answer_match with other settings, a data set's label, a person, the critic's
// own validation); of each judge the newest verdict counts.
namespace scrit::loop {

struct Disagreement {
    model::SubjectKind subject = model::SubjectKind::Solution;
    std::int64_t subjectId = 0;
    std::int64_t problemId = 0;
    model::Verdict older; // of the judge whose newest verdict is older
    model::Verdict newer;
};

struct DisagreementOptions {
    store::ListOf of = store::ListOf::Solutions; // or Critiques
    std::vector<std::string> verifiers; // only these; empty: all that judge the final answer
    bool people = true;                 // with no verifiers named: people's words count as well
    std::vector<std::string> protocols; // only these; empty: all
    std::string filter;                 // of the list; empty: all
    bool undecided = false;             // undecided against yes or no is a disagreement as well
};

// All pairs of judges that disagree about one subject. `verdicts` are newest first, as in
// store::TraceRecord; those about other subjects are passed over. Pure, any thread.
[[nodiscard]] std::vector<Disagreement> disagreementsIn(const std::vector<model::Verdict>& verdicts,
                                                        model::SubjectKind subject,
                                                        std::int64_t subjectId,
                                                        const DisagreementOptions& options);

// Streams them in order of id, in constant memory; returning false ends the stream. Errors: Invalid
// (filter, a list of anything else), Cancelled, those of the workspace and of the callback.
[[nodiscard]] base::Expected<void> forEachDisagreement(
    store::Reader& reader, const DisagreementOptions& options,
    const std::function<base::Expected<bool>(const store::TraceRecord&, const Disagreement&)>& each,
    const base::CancelToken& cancel = {});

// What a person says about a final answer; `Undecided` takes back what the same person said. Such a
// verdict (verifier `human`) counts more than machines' wherever the answer of a solution counts;
// nothing is overwritten.
inline constexpr std::string_view kHumanAnswerProtocol = "human-answer/1";
// Errors: NotFound (subject), Invalid (a subject without an answer, no name), those of the
// workspace.
[[nodiscard]] base::Expected<void> decideAnswer(store::Workspace& workspace,
                                                model::SubjectKind subject, std::int64_t subjectId,
                                                model::Outcome outcome, const std::string& person);

} // namespace scrit::loop
