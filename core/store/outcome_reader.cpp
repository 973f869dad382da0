// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/outcome_reader.h"

#include "core/store/connection.h"
#include "core/store/row_reader.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace scrit::store {
namespace {

using base::Expected;

constexpr const char* kOutcomes =
    "SELECT r.id, r.solution_id, r.problem_id, r.source_term, r.critic_term, r.round, r.correct, "
    "r.label_step, r.first_error, r.answer FROM critique_row r WHERE ";

std::optional<int> maybeInt(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getInt());
}

} // namespace

Expected<void> OutcomeReader::forEach(std::string_view filter,
                                      const std::function<bool(const CritiqueOutcome&)>& outcome) {
    const auto compiled = compileFilter(filter, ListOf::Critiques);
    if (!compiled) {
        return base::fail(compiled.error());
    }
    Connection& connection = m_reader.connection();
    return streaming(connection, "cannot evaluate", [&]() -> Expected<void> {
        SQLite::Statement rows(connection.database(),
                               kOutcomes + compiled->where + " ORDER BY r.solution_id, r.id");
        bindParameters(rows, *compiled);
        while (rows.executeStep()) {
            CritiqueOutcome found;
            found.critiqueId = rows.getColumn(0).getInt64();
            found.solutionId = rows.getColumn(1).getInt64();
            found.problemId = rows.getColumn(2).getInt64();
            found.source = connection.termText(rows.getColumn(3).getInt64());
            found.critic = connection.termText(rows.getColumn(4).getInt64());
            found.round = rows.getColumn(5).getInt();
            if (const auto correct = maybeInt(rows.getColumn(6))) {
                found.solutionCorrect = *correct != 0;
            }
            found.labelStep = maybeInt(rows.getColumn(7));
            found.firstErrorStep = maybeInt(rows.getColumn(8));
            found.answer = enumValue<model::Outcome>(maybeInt(rows.getColumn(9)), 3);
            if (!outcome(found)) {
                break;
            }
        }
        return {};
    });
}

} // namespace scrit::store
