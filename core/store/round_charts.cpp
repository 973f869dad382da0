// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/round_charts.h"

#include "core/store/connection.h"
#include "core/store/qualifiers.h"
#include "core/store/row_reader.h"

#include <utility>

namespace scrit::store {
namespace {

using base::Expected;

// An evaluation of the round asks in a run of its own, whose critiques are not material.
constexpr const char* kRoundRuns =
    "SELECT id FROM run WHERE round_id = ? AND id NOT IN "
    "(SELECT run_id FROM evaluation WHERE run_id IS NOT NULL) ORDER BY id";
constexpr const char* kPairs =
    "SELECT count(*) FROM pair WHERE run_id IN (SELECT id FROM run WHERE round_id = ?1 AND id NOT "
    "IN (SELECT run_id FROM evaluation WHERE run_id IS NOT NULL))";
constexpr const char* kExport = "SELECT export_id FROM training WHERE round_id = ? AND export_id "
                                "IS NOT NULL ORDER BY id DESC LIMIT 1";
constexpr const char* kComposition =
    "SELECT r.correct, count(*) FROM export_member m JOIN critique_row r ON r.id = m.subject_id "
    "WHERE m.export_id = ? AND m.subject_kind = 2 GROUP BY r.correct";
constexpr const char* kExportedOfRounds =
    "SELECT count(*) FROM export_member WHERE export_id = ? AND subject_kind = 2";

// The number of different answers is counted once for each problem of the round.
std::string cellsSql() {
    return "WITH made AS MATERIALIZED (SELECT DISTINCT w.result_id AS id FROM run x JOIN work_item "
           "w ON w.run_id = x.id WHERE x.round_id = ?1 AND w.result_kind = 'critique' AND x.id NOT "
           "IN (SELECT run_id FROM evaluation WHERE run_id IS NOT NULL)), "
           "seen AS MATERIALIZED (SELECT p.problem_id, " +
           uniqueAnswersSql("p.problem_id") +
           " AS n FROM (SELECT DISTINCT r.problem_id FROM made JOIN critique_row r ON r.id = "
           "made.id) p) "
           "SELECT r.source_term, seen.n, r.correct, r.mode, r.conclusion, r.first_error, "
           "r.validated, r.answer, m.subject_id IS NOT NULL, r.level_term, count(*) FROM made "
           "JOIN critique_row r ON r.id = made.id JOIN seen ON seen.problem_id = r.problem_id "
           "LEFT JOIN export_member m ON m.export_id = ?2 AND m.subject_kind = 2 AND m.subject_id "
           "= r.id GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10";
}

RoundCell cellFrom(Connection& connection, const Query& row) {
    RoundCell cell;
    cell.source = connection.termText(row.integer(0));
    cell.uniqueAnswers = row.small(1);
    if (const auto correct = row.maybeSmall(2)) {
        cell.correct = *correct != 0;
    }
    cell.mode =
        enumValue<model::CritiqueMode>(row.small(3), 4).value_or(model::CritiqueMode::Recorded);
    cell.conclusion = enumValue<model::Conclusion>(row.maybeSmall(4), 2);
    cell.firstErrorStep = row.maybeSmall(5);
    cell.validated = enumValue<model::Outcome>(row.maybeSmall(6), 3);
    cell.answer = enumValue<model::Outcome>(row.maybeSmall(7), 3);
    cell.kept = row.integer(8) != 0;
    cell.level = connection.termText(row.maybe(9).value_or(0));
    cell.count = row.integer(10);
    return cell;
}

std::int64_t counted(Connection& connection, const char* sql, std::int64_t id) {
    Query query(connection.statement(sql));
    return query.bind(id).step() ? query.integer(0) : 0;
}

void readExport(Connection& connection, std::int64_t roundId, RoundCounts& counts) {
    {
        Query query(connection.statement(kExport));
        if (query.bind(roundId).step()) {
            counts.exportId = query.integer(0);
        }
    }
    if (!counts.exportId) {
        return;
    }
    Query query(connection.statement(kComposition));
    query.bind(*counts.exportId);
    while (query.step()) {
        const std::optional<int> correct = query.maybeSmall(0);
        (!correct        ? counts.trainedUnknown
         : *correct != 0 ? counts.trainedCorrect
                         : counts.trainedIncorrect) += query.integer(1);
    }
}

} // namespace

RoundCharts::RoundCharts(Reader& reader) : m_reader(reader) {}

Expected<RoundCounts> RoundCharts::counts(std::int64_t roundId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot count what a round made", [&]() -> Expected<RoundCounts> {
        RoundCounts counts;
        {
            Query runs(connection.statement(kRoundRuns));
            runs.bind(roundId);
            while (runs.step()) {
                counts.runs.push_back(runs.integer(0));
            }
        }
        counts.pairs = counted(connection, kPairs, roundId);
        readExport(connection, roundId, counts);
        SQLite::Statement statement(connection.database(), cellsSql());
        Query query(statement);
        query.bind(roundId).bind(counts.exportId);
        while (query.step()) {
            counts.cells.push_back(cellFrom(connection, query));
        }
        return counts;
    });
}

Expected<std::int64_t> RoundCharts::exported(std::int64_t exportId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot count an export", [&]() -> Expected<std::int64_t> {
        return counted(connection, kExportedOfRounds, exportId);
    });
}

} // namespace scrit::store
