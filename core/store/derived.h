// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <string>

// The derived rows (problem_row, solution_row, critique_row, tag_row) and the full-text indexes:
// what lists show and filters test. Each function is called by Writer right after it stored the
// object, in the same transaction, so that the derived rows always equal what the lineage tables
// say. They throw SQLite::Exception.
namespace scrit::store {

// New rows; terms are rows of `term`.
void deriveProblem(Connection& connection, std::int64_t id, const std::string& text,
                   std::int64_t source, std::int64_t split, std::int64_t subject,
                   std::int64_t level);
void deriveSolution(Connection& connection, std::int64_t id, std::int64_t problemId,
                    std::int64_t source, std::int64_t student);
// What a critique's current parse contributes.
struct ParseSummary {
    std::optional<int> conclusion;
    std::optional<int> firstErrorStep;
    std::uint32_t flags = 0;
};
struct CritiqueTerms {
    std::int64_t source = 0;
    std::int64_t critic = 0;
};
void deriveCritique(Connection& connection, std::int64_t id, const model::Critique& critique,
                    const CritiqueTerms& terms, const ParseSummary& parse);

// Changes of what is there: split, subject and level of a problem that were filled in; another
// parse of a critique; a verdict that is now the newest of its verifier; any new annotation of the
// subject.
void deriveProblemTerms(Connection& connection, std::int64_t problemId);
void deriveParse(Connection& connection, std::int64_t critiqueId, const ParseSummary& parse);
void deriveVerdict(Connection& connection, const model::Verdict& verdict);
void deriveAnnotations(Connection& connection, model::SubjectKind subject, std::int64_t subjectId);

// Puts the texts that this transaction added into the full-text indexes; called once, before the
// commit. (Not text by text: FTS5 writes out what it has collected whenever a statement needs a
// savepoint, and that made an import four times slower.)
void indexNewTexts(Connection& connection);

} // namespace scrit::store
