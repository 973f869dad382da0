// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/disagreements.h"

#include "core/store/writer.h"

#include <algorithm>
#include <string_view>

namespace scrit::loop {
namespace {

using base::Expected;

bool contains(const std::vector<std::string>& list, std::string_view value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

// Whether a verdict is about the final answer of its subject. A data set also labels steps; form
// and arithmetic are other questions.
bool judgesTheAnswer(const model::Verdict& verdict, bool people) {
    return verdict.verifier == model::verifier::kAnswerMatch ||
           (people && verdict.verifier == model::verifier::kHuman) ||
           verdict.verifier == model::verifier::kSelfValidation ||
           (verdict.verifier == model::verifier::kLabel && verdict.protocol == "label/answer");
}

bool wanted(const model::Verdict& verdict, const DisagreementOptions& options) {
    const bool verifier = options.verifiers.empty() ? judgesTheAnswer(verdict, options.people)
                                                    : contains(options.verifiers, verdict.verifier);
    return verifier && (options.protocols.empty() || contains(options.protocols, verdict.protocol));
}

bool sameJudge(const model::Verdict& a, const model::Verdict& b) {
    return a.verifier == b.verifier && a.protocol == b.protocol && a.source == b.source;
}

bool disagree(const model::Verdict& a, const model::Verdict& b, bool undecidedCounts) {
    const bool decided =
        a.outcome != model::Outcome::Undecided && b.outcome != model::Outcome::Undecided;
    return a.outcome != b.outcome && (decided || undecidedCounts);
}

} // namespace

std::vector<Disagreement> disagreementsIn(const std::vector<model::Verdict>& verdicts,
                                          model::SubjectKind subject, std::int64_t subjectId,
                                          const DisagreementOptions& options) {
    std::vector<const model::Verdict*> judges; // the newest verdict of each, newest first
    for (const model::Verdict& verdict : verdicts) {
        if (verdict.subject != subject || verdict.subjectId != subjectId ||
            !wanted(verdict, options)) {
            continue;
        }
        const bool superseded =
            std::any_of(judges.begin(), judges.end(),
                        [&](const model::Verdict* judge) { return sameJudge(*judge, verdict); });
        if (!superseded) {
            judges.push_back(&verdict);
        }
    }
    std::vector<Disagreement> out;
    for (std::size_t newer = 0; newer < judges.size(); ++newer) {
        for (std::size_t older = newer + 1; older < judges.size(); ++older) {
            if (disagree(*judges[older], *judges[newer], options.undecided)) {
                out.push_back({subject, subjectId, 0, *judges[older], *judges[newer]});
            }
        }
    }
    return out;
}

Expected<void> forEachDisagreement(
    store::Reader& reader, const DisagreementOptions& options,
    const std::function<Expected<bool>(const store::TraceRecord&, const Disagreement&)>& each,
    const base::CancelToken& cancel) {
    const bool solutions = options.of == store::ListOf::Solutions;
    if (!solutions && options.of != store::ListOf::Critiques) {
        return base::fail(base::ErrorCode::Invalid, "only solutions and critiques have an answer");
    }
    const store::ListQuery query{options.of, options.filter, store::SortKey::Id, false};
    return reader.forEachRecord(query, [&](store::TraceRecord&& record) -> Expected<bool> {
        if (cancel.isCancelled()) {
            return base::fail(base::ErrorCode::Cancelled, "interrupted");
        }
        const bool there = solutions ? record.solution.has_value() : record.critique.has_value();
        if (!there) {
            return true;
        }
        const model::SubjectKind kind =
            solutions ? model::SubjectKind::Solution : model::SubjectKind::Critique;
        const std::int64_t id = solutions ? record.solution->id : record.critique->id;
        for (Disagreement& found : disagreementsIn(record.verdicts, kind, id, options)) {
            found.problemId = record.problem.id;
            Expected<bool> more = each(record, found);
            if (!more || !*more) {
                return more;
            }
        }
        return true;
    });
}

Expected<void> decideAnswer(store::Workspace& workspace, model::SubjectKind subject,
                            std::int64_t subjectId, model::Outcome outcome,
                            const std::string& person) {
    if (subject == model::SubjectKind::Problem) {
        return base::fail(base::ErrorCode::Invalid, "only solutions and critiques have an answer");
    }
    if (person.empty()) {
        return base::fail(base::ErrorCode::Invalid, "whose decision is it?", "give a name");
    }
    model::Verdict verdict;
    verdict.subject = subject;
    verdict.subjectId = subjectId;
    verdict.verifier = model::verifier::kHuman;
    verdict.protocol = kHumanAnswerProtocol;
    verdict.outcome = outcome;
    verdict.source = person;
    return workspace.write([&](store::Writer& writer) -> Expected<void> {
        const Expected<store::Stored> stored = writer.addVerdict(verdict);
        return stored ? Expected<void>{} : base::fail(stored.error());
    });
}

} // namespace scrit::loop
