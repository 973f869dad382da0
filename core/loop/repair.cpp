// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/repair.h"

#include "core/base/clock.h"
#include "core/format/critique_importer.h"
#include "core/loop/verify.h"
#include "core/store/reader.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace scrit::loop {
namespace {

using base::Expected;
using base::fail;
using model::SubjectKind;

constexpr std::string_view kProtocol = "answer-match/";

// The newest answer_match verdict of a subject; records have the newest verdicts first.
const model::Verdict* newestMatch(const store::TraceRecord& record, SubjectKind kind,
                                  std::int64_t id) {
    const auto found =
        std::find_if(record.verdicts.begin(), record.verdicts.end(), [&](const auto& verdict) {
            return verdict.subject == kind && verdict.subjectId == id &&
                   verdict.verifier == model::verifier::kAnswerMatch &&
                   verdict.protocol.starts_with(kProtocol);
        });
    return found == record.verdicts.end() ? nullptr : &*found;
}

// The verdict of one solution or critique with a gold answer; nothing where there is nothing to
// compare and nothing was ever said.
std::optional<model::Verdict> scored(store::TraceRecord& record, const std::string& gold,
                                     store::ListOf of) {
    const bool critique = of == store::ListOf::Critiques;
    const SubjectKind kind = critique ? SubjectKind::Critique : SubjectKind::Solution;
    const std::int64_t id = critique ? record.critique->id : record.solution->id;
    const model::Verdict* before = newestMatch(record, kind, id);
    record.problem.referenceAnswer = gold;
    if (gold.empty()) {
        if (before == nullptr) {
            return std::nullopt;
        }
        model::Verdict verdict;
        verdict.subject = kind;
        verdict.subjectId = id;
        verdict.verifier = model::verifier::kAnswerMatch;
        verdict.protocol = before->protocol;
        verdict.rule = "no-gold";
        verdict.evidence = R"({"gold":null})";
        verdict.createdAt = base::unixMillis();
        return verdict;
    }
    // A protocol that this version no longer has is answered by the standard one.
    const math::EquivalenceSettings settings =
        math::settingsOfProtocol(before == nullptr ? std::string_view() : before->protocol)
            .value_or(math::EquivalenceSettings{});
    return critique
               ? answerMatchOfCritique(record.problem, *record.solution, *record.critique, settings)
               : answerMatchOfSolution(record.problem, *record.solution, settings);
}

Expected<std::vector<model::Verdict>> rescore(store::Reader& reader, std::int64_t problemId,
                                              const std::optional<std::string>& answer) {
    std::vector<model::Verdict> verdicts;
    for (const store::ListOf of : {store::ListOf::Solutions, store::ListOf::Critiques}) {
        const store::ListQuery query{of, "problem:" + std::to_string(problemId), store::SortKey::Id,
                                     false};
        auto read = reader.forEachRecord(query, [&](store::TraceRecord&& record) -> Expected<bool> {
            const std::string gold =
                answer ? *answer : record.statedAnswer.value_or(record.problem.referenceAnswer);
            if (auto verdict = scored(record, gold, of)) {
                verdicts.push_back(std::move(*verdict));
            }
            return true;
        });
        if (!read) {
            return fail(std::move(read.error()));
        }
    }
    return verdicts;
}

Expected<Repaired> changed(const std::shared_ptr<store::Workspace>& workspace,
                           std::int64_t problemId, std::string_view annotator,
                           const std::optional<std::string>& answer) {
    const auto change =
        review::changeAnswer(*workspace, problemId, annotator, answer, answerRescorer(workspace));
    return change ? Expected<Repaired>(Repaired{change->annotationId, change->verdicts})
                  : fail(change.error());
}

} // namespace

review::Rescorer answerRescorer(std::shared_ptr<store::Workspace> workspace) {
    return [workspace = std::move(workspace), reader = std::shared_ptr<store::Reader>()](
               std::int64_t problemId, const std::optional<std::string>& answer) mutable
           -> Expected<std::vector<model::Verdict>> {
        if (!reader) {
            auto opened = workspace->reader();
            if (!opened) {
                return fail(std::move(opened.error()));
            }
            reader = std::move(*opened);
        }
        return rescore(*reader, problemId, answer);
    };
}

Expected<Repaired> repairAnswer(const std::shared_ptr<store::Workspace>& workspace,
                                std::int64_t problemId, std::string_view annotator,
                                std::string_view answer) {
    return changed(workspace, problemId, annotator, std::string(answer));
}

Expected<Repaired> takeBackRepair(const std::shared_ptr<store::Workspace>& workspace,
                                  std::int64_t problemId, std::string_view annotator) {
    return changed(workspace, problemId, annotator, std::nullopt);
}

} // namespace scrit::loop
