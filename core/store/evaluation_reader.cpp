// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/evaluation_reader.h"

#include "core/base/suggest.h"
#include "core/store/codec.h"
#include "core/store/connection.h"
#include "core/store/frozen_hash.h"
#include "core/store/qualifiers.h"
#include "core/store/query_rows.h"
#include "core/store/row_reader.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using Ids = std::vector<std::int64_t>;

#define SCRIT_SETS                                                                                 \
    "SELECT id, name, hash, subject_kind, filter, settings, size, problems, created_at "           \
    "FROM frozen_set "
constexpr const char* kSets = SCRIT_SETS "ORDER BY id DESC";
constexpr const char* kSet = SCRIT_SETS "WHERE name = ?";
constexpr const char* kMembers = "SELECT subject_id FROM frozen_set_member "
                                 "WHERE set_id = ? AND subject_kind = ? ORDER BY subject_id";
constexpr const char* kSetProblems =
    "SELECT problem_id FROM frozen_problem WHERE set_id = ? ORDER BY problem_id";
constexpr const char* kAllProblems =
    "SELECT DISTINCT problem_id FROM frozen_problem ORDER BY problem_id";
constexpr const char* kMemberKeys =
    "SELECT CASE m.subject_kind WHEN 0 THEN (SELECT p.key FROM problem p WHERE p.id = "
    "m.subject_id) "
    "ELSE (SELECT s.key FROM solution s WHERE s.id = m.subject_id) END "
    "FROM frozen_set_member m WHERE m.set_id = ?";
constexpr const char* kOverlapOf =
    "SELECT s.name, f.problem_id FROM json_each(?) j CROSS JOIN frozen_problem f "
    "ON f.problem_id = j.value JOIN frozen_set s ON s.id = f.set_id "
    "GROUP BY s.name, f.problem_id ORDER BY s.name, f.problem_id";
constexpr const char* kOverlapOfExport =
    "SELECT DISTINCT s.name, f.problem_id FROM export_member e "
    "JOIN critique_row r ON r.id = e.subject_id JOIN frozen_problem f ON f.problem_id = "
    "r.problem_id "
    "JOIN frozen_set s ON s.id = f.set_id WHERE e.export_id = ? AND e.subject_kind = 2 "
    "ORDER BY s.name, f.problem_id";
constexpr const char* kExported =
    "SELECT count(*) FROM frozen_problem f WHERE f.set_id = ? AND EXISTS "
    "(SELECT 1 FROM critique_row r JOIN export_member e ON e.subject_kind = 2 "
    "AND e.subject_id = r.id WHERE r.problem_id = f.problem_id)";

#define SCRIT_EVALUATIONS                                                                          \
    "SELECT e.id, e.suite, e.critic_term, e.model_id, e.round_id, e.run_id, e.set_id, s.name, "    \
    "e.settings, e.state, e.error, e.created_at, e.finished_at "                                   \
    "FROM evaluation e LEFT JOIN frozen_set s ON s.id = e.set_id "
constexpr const char* kEvaluations = SCRIT_EVALUATIONS "ORDER BY e.id DESC";
constexpr const char* kEvaluation = SCRIT_EVALUATIONS "WHERE e.id = ?";
constexpr const char* kEvaluationOfRun = SCRIT_EVALUATIONS "WHERE e.run_id = ?";
constexpr const char* kEvaluationsOfRound = SCRIT_EVALUATIONS "WHERE e.round_id = ? ORDER BY e.id";
constexpr const char* kEvaluationItems =
    "SELECT i.solution_id, s.problem_id, i.sample, i.critique_id, i.outcome "
    "FROM evaluation_item i LEFT JOIN solution_row s ON s.id = i.solution_id "
    "WHERE i.evaluation_id = ? ORDER BY i.solution_id, i.sample";
constexpr const char* kScores = "SELECT protocol, dataset, metric, n, value, low, high, details "
                                "FROM evaluation_score WHERE evaluation_id = ? ORDER BY id";

constexpr const char* kOfRound =
    "SELECT e.id FROM round here JOIN round r ON r.series = here.series "
    "AND r.number = iif(?, 0, here.number - 1) JOIN evaluation e ON e.round_id = r.id "
    "WHERE here.id = ? AND here.number > 0 AND e.set_id IS ? AND e.state = 'done' "
    "ORDER BY e.id DESC LIMIT 1";
constexpr const char* kOfParent =
    "SELECT e.id FROM model m JOIN evaluation e ON e.model_id = m.parent_id "
    "WHERE m.id = ? AND e.set_id IS ? AND e.state = 'done' ORDER BY e.id DESC LIMIT 1";
// The depth ends a chain of parents that a damaged file may have closed to a ring.
constexpr const char* kOfFirstModel =
    "WITH RECURSIVE line (id, depth) AS (SELECT ?1, 0 UNION SELECT m.parent_id, line.depth + 1 "
    "FROM line JOIN model m ON m.id = line.id WHERE m.parent_id IS NOT NULL AND line.depth < 1000) "
    "SELECT e.id FROM evaluation e WHERE e.model_id = "
    "(SELECT id FROM line WHERE depth > 0 ORDER BY depth DESC LIMIT 1) "
    "AND e.set_id IS ?2 AND e.state = 'done' ORDER BY e.id DESC LIMIT 1";

constexpr const char* kItemsOfRun =
    "SELECT w.subject_id, s.problem_id, w.sample, c.id, s.source_term, s.label_step, s.correct, "
    "c.first_error, c.answer, "
    "EXISTS (SELECT 1 FROM frozen_set_member m WHERE m.set_id = ?2 AND m.subject_kind = 1 "
    "AND m.subject_id = w.subject_id) "
    "FROM work_item w JOIN solution_row s ON s.id = w.subject_id "
    "LEFT JOIN critique_row c ON w.result_kind = 'critique' AND c.id = w.result_id "
    "WHERE w.run_id = ?1 AND w.stage_term = (SELECT id FROM term WHERE text = 'critique') "
    "AND w.subject_kind = 1 ORDER BY w.subject_id, w.sample";
constexpr const char* kSolvedByRun =
    "SELECT result_id FROM work_item WHERE run_id = ? AND subject_kind = 0 "
    "AND result_kind = 'solution' ORDER BY result_id";

model::FrozenSet setFrom(const Query& row) {
    model::FrozenSet set;
    set.id = row.integer(0);
    set.name = row.text(1);
    set.hash = unpackKey(row.text(2));
    set.members = row.integer(3) == 0 ? model::SubjectKind::Problem : model::SubjectKind::Solution;
    set.filter = row.text(4);
    set.settings = row.text(5);
    set.size = row.integer(6);
    set.problems = row.integer(7);
    set.createdAt = row.integer(8);
    return set;
}

model::Evaluation evaluationFrom(Connection& connection, const Query& row) {
    model::Evaluation evaluation;
    evaluation.id = row.integer(0);
    evaluation.suites = row.text(1);
    evaluation.critic = connection.termText(row.integer(2));
    evaluation.modelId = row.maybe(3);
    evaluation.roundId = row.maybe(4);
    evaluation.runId = row.maybe(5);
    evaluation.setId = row.maybe(6);
    evaluation.set = row.text(7);
    evaluation.settings = row.text(8);
    evaluation.state = model::jobStateFromName(row.text(9)).value_or(model::JobState::Failed);
    evaluation.error = row.text(10);
    evaluation.createdAt = row.integer(11);
    evaluation.finishedAt = row.maybe(12).value_or(0);
    return evaluation;
}

Ids idsOf(Query&& query) {
    Ids ids;
    while (query.step()) {
        ids.push_back(query.integer(0));
    }
    return ids;
}

std::vector<FrozenOverlap> overlapsOf(Query& query) {
    std::vector<FrozenOverlap> found;
    while (query.step()) {
        std::string set = query.text(0);
        if (found.empty() || found.back().set != set) {
            found.push_back({std::move(set), {}});
        }
        found.back().problems.push_back(query.integer(1));
    }
    return found;
}

template<typename T>
std::optional<T> maybeJson(const nlohmann::json& object, const char* key) {
    const auto value = object.find(key);
    return value == object.end() || value->is_null() ? std::nullopt
                                                     : std::optional(value->get<T>());
}

// What EvaluationWriter::addResults wrote. Throws for anything else, which guarded() reports.
void outcomeFrom(const std::string& text, model::EvaluationItem& item) {
    const nlohmann::json json = nlohmann::json::parse(text);
    item.dataset = json.value("dataset", "");
    item.goldStep = maybeJson<int>(json, "gold");
    item.solutionCorrect = maybeJson<bool>(json, "correct");
    item.saidStep = maybeJson<int>(json, "said");
    item.answerRight = maybeJson<bool>(json, "right");
    item.own = json.value("own", false);
    item.given = json.value("given", true);
}

Expected<model::Evaluation> noEvaluation(std::int64_t id) {
    return fail(ErrorCode::NotFound,
                "there is no evaluation " + std::to_string(id) + " in the workspace",
                "scrit evaluate --list shows those there are");
}

} // namespace

EvaluationReader::EvaluationReader(Reader& reader) : m_reader(reader) {}

Expected<std::vector<model::FrozenSet>> EvaluationReader::sets() {
    return allRows(m_reader.connection(), "cannot read frozen sets", kSets, setFrom);
}

Expected<model::FrozenSet> EvaluationReader::set(const std::string& name) {
    Connection& connection = m_reader.connection();
    const auto found = firstRow(connection, "cannot read a frozen set", kSet, setFrom, name);
    if (!found) {
        return fail(found.error());
    }
    if (*found) {
        return **found;
    }
    const auto all = sets();
    std::string names;
    for (const model::FrozenSet& one : all.value_or(std::vector<model::FrozenSet>{})) {
        names += (names.empty() ? "there are " : ", ") + one.name;
    }
    return fail(ErrorCode::NotFound, "there is no frozen set \"" + name + "\"",
                names.empty() ? "make one with scrit evaluate --freeze" : names);
}

Expected<Ids> EvaluationReader::solutions(std::int64_t setId) {
    return allRows(m_reader.connection(), "cannot read a frozen set", kMembers, firstInteger, setId,
                   1);
}

Expected<Ids> EvaluationReader::problems(std::int64_t setId) {
    return allRows(m_reader.connection(), "cannot read a frozen set", kSetProblems, firstInteger,
                   setId);
}

Expected<Ids> EvaluationReader::allProblems() {
    return allRows(m_reader.connection(), "cannot read the frozen sets", kAllProblems,
                   firstInteger);
}

Expected<void> EvaluationReader::checkSet(const model::FrozenSet& set) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot check a frozen set", [&]() -> Expected<void> {
        std::vector<std::string> keys;
        Query query(connection.statement(kMemberKeys));
        query.bind(set.id);
        while (query.step()) {
            keys.push_back(unpackKey(query.text(0)));
        }
        if (frozenHash(set.members, std::move(keys)) != set.hash) {
            return fail(ErrorCode::Corrupt,
                        "the members of the frozen set \"" + set.name +
                            "\" are not those that were frozen",
                        "the file was changed by other means: go back to a copy of it");
        }
        return {};
    });
}

Expected<std::vector<FreezeCandidate>> EvaluationReader::candidates(model::SubjectKind members,
                                                                    const std::string& filter) {
    const bool problems = members == model::SubjectKind::Problem;
    const auto compiled = compileFilter(filter, problems ? ListOf::Problems : ListOf::Solutions);
    if (!compiled) {
        return fail(compiled.error());
    }
    const std::string sql =
        problems
            ? "SELECT r.id, p.key, NULL, 0 FROM problem_row r JOIN problem p ON p.id = r.id WHERE "
            : "SELECT r.id, s.key, r.correct, r.student_term FROM solution_row r JOIN solution s "
              "ON s.id = r.id WHERE ";
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read what is to be frozen",
                   [&]() -> Expected<std::vector<FreezeCandidate>> {
                       SQLite::Statement rows(connection.database(),
                                              sql + compiled->where + " ORDER BY r.id");
                       bindParameters(rows, *compiled);
                       std::vector<FreezeCandidate> found;
                       while (rows.executeStep()) {
                           FreezeCandidate& one = found.emplace_back();
                           one.id = rows.getColumn(0).getInt64();
                           one.key = unpackKey(rows.getColumn(1).getString());
                           if (!rows.isColumnNull(2)) {
                               one.correct = rows.getColumn(2).getInt() != 0;
                           }
                           one.author = connection.termText(rows.getColumn(3).getInt64());
                       }
                       return found;
                   });
}

Expected<std::vector<FrozenOverlap>> EvaluationReader::overlap(ListOf of,
                                                               const std::string& filter) {
    const auto compiled = compileFilter(filter, of);
    if (!compiled) {
        return fail(compiled.error());
    }
    const std::string problem = of == ListOf::Problems ? "r.id" : "r.problem_id";
    const std::string sql = "SELECT s.name, f.problem_id FROM (SELECT DISTINCT " + problem +
                            " AS id FROM " + std::string(rowTable(of)) + " r WHERE " +
                            compiled->where +
                            ") x JOIN frozen_problem f ON f.problem_id = x.id "
                            "JOIN frozen_set s ON s.id = f.set_id ORDER BY s.name, f.problem_id";
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot compare with the frozen sets",
                   [&]() -> Expected<std::vector<FrozenOverlap>> {
                       SQLite::Statement rows(connection.database(), sql);
                       bindParameters(rows, *compiled);
                       Query query(rows);
                       return overlapsOf(query);
                   });
}

Expected<std::vector<FrozenOverlap>>
EvaluationReader::overlap(std::span<const std::int64_t> problemIds) {
    const std::string list = idsToJson(problemIds);
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot compare with the frozen sets",
                   [&]() -> Expected<std::vector<FrozenOverlap>> {
                       Query query(connection.statement(kOverlapOf));
                       query.bind(list);
                       return overlapsOf(query);
                   });
}

Expected<std::vector<FrozenOverlap>> EvaluationReader::overlapOfExport(std::int64_t exportId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot compare with the frozen sets",
                   [&]() -> Expected<std::vector<FrozenOverlap>> {
                       Query query(connection.statement(kOverlapOfExport));
                       query.bind(exportId);
                       return overlapsOf(query);
                   });
}

Expected<std::int64_t> EvaluationReader::problemsExported(std::int64_t setId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot compare with the exports", [&]() -> Expected<std::int64_t> {
        Query query(connection.statement(kExported));
        query.bind(setId).step();
        return query.integer(0);
    });
}

Expected<std::vector<model::Evaluation>> EvaluationReader::evaluations() {
    Connection& connection = m_reader.connection();
    return allRows(connection, "cannot read evaluations", kEvaluations,
                   [&](const Query& row) { return evaluationFrom(connection, row); });
}

Expected<model::Evaluation> EvaluationReader::evaluation(std::int64_t evaluationId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read an evaluation", [&]() -> Expected<model::Evaluation> {
        Query query(connection.statement(kEvaluation));
        return query.bind(evaluationId).step() ? evaluationFrom(connection, query)
                                               : noEvaluation(evaluationId);
    });
}

Expected<std::optional<model::Evaluation>> EvaluationReader::evaluationOfRun(std::int64_t runId) {
    Connection& connection = m_reader.connection();
    return firstRow(
        connection, "cannot read an evaluation", kEvaluationOfRun,
        [&](const Query& row) { return evaluationFrom(connection, row); }, runId);
}

Expected<std::vector<model::Evaluation>>
EvaluationReader::evaluationsOfRound(std::int64_t roundId) {
    Connection& connection = m_reader.connection();
    return allRows(
        connection, "cannot read evaluations", kEvaluationsOfRound,
        [&](const Query& row) { return evaluationFrom(connection, row); }, roundId);
}

Expected<std::vector<model::EvaluationItem>> EvaluationReader::items(std::int64_t evaluationId) {
    return allRows(
        m_reader.connection(), "cannot read the items of an evaluation", kEvaluationItems,
        [](const Query& row) {
            model::EvaluationItem item;
            item.solutionId = row.integer(0);
            item.problemId = row.maybe(1).value_or(0);
            item.sample = row.small(2);
            item.critiqueId = row.maybe(3);
            outcomeFrom(row.text(4), item);
            return item;
        },
        evaluationId);
}

Expected<std::vector<model::EvaluationScore>> EvaluationReader::scores(std::int64_t evaluationId) {
    const auto real = [](const Query& row, int column) {
        return row.isNull(column) ? std::nullopt : std::optional(row.real(column));
    };
    return allRows(
        m_reader.connection(), "cannot read the scores of an evaluation", kScores,
        [&](const Query& row) {
            return model::EvaluationScore{row.text(0),  row.text(1),  row.text(2),  row.integer(3),
                                          real(row, 4), real(row, 5), real(row, 6), row.text(7)};
        },
        evaluationId);
}

Expected<Baselines> EvaluationReader::baselines(const model::Evaluation& evaluation) {
    Connection& connection = m_reader.connection();
    const auto one = [&](const char* sql, const auto&... values) -> std::optional<std::int64_t> {
        Query query(connection.statement(sql));
        (query.bind(values), ...);
        return query.step() ? std::optional(query.integer(0)) : std::nullopt;
    };
    return reading(connection, "cannot read evaluations", [&]() -> Expected<Baselines> {
        Baselines found;
        if (evaluation.roundId) {
            found.base = one(kOfRound, true, *evaluation.roundId, evaluation.setId);
            found.previous = one(kOfRound, false, *evaluation.roundId, evaluation.setId);
        }
        if (evaluation.modelId && !found.base) {
            found.base = one(kOfFirstModel, *evaluation.modelId, evaluation.setId);
        }
        if (evaluation.modelId && !found.previous) {
            found.previous = one(kOfParent, *evaluation.modelId, evaluation.setId);
        }
        return found;
    });
}

Expected<std::vector<model::EvaluationItem>>
EvaluationReader::itemsOfRun(std::int64_t runId, std::optional<std::int64_t> setId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read what an evaluation found",
                   [&]() -> Expected<std::vector<model::EvaluationItem>> {
                       Query solved(connection.statement(kSolvedByRun));
                       solved.bind(runId);
                       const Ids own = idsOf(std::move(solved));
                       std::vector<model::EvaluationItem> found;
                       Query query(connection.statement(kItemsOfRun));
                       query.bind(runId).bind(setId.value_or(0));
                       while (query.step()) {
                           model::EvaluationItem& item = found.emplace_back();
                           item.solutionId = query.integer(0);
                           item.problemId = query.integer(1);
                           item.sample = query.small(2);
                           item.critiqueId = query.maybe(3);
                           item.dataset = connection.termText(query.integer(4));
                           item.goldStep = query.maybeSmall(5);
                           if (const auto correct = query.maybe(6)) {
                               item.solutionCorrect = *correct != 0;
                           }
                           item.saidStep = query.maybeSmall(7);
                           const auto answer = enumValue<model::Outcome>(query.maybeSmall(8), 3);
                           if (answer && *answer != model::Outcome::Undecided) {
                               item.answerRight = *answer == model::Outcome::Yes;
                           }
                           item.given = query.integer(9) != 0;
                           item.own = std::binary_search(own.begin(), own.end(), item.solutionId);
                       }
                       return found;
                   });
}

} // namespace scrit::store
