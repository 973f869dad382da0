// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/store/annotation_rules.h"
#include "core/store/annotations.h"
#include "core/store/connection.h"
#include "core/store/qualifiers.h"
#include "core/store/reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// One pass over a covering index: the 2×2 table and its margins.
constexpr const char* kOutcomeCounts =
    "SELECT validated, answer, count(*) FROM critique_row GROUP BY validated, answer";
constexpr const char* kCorrectCounts =
    "SELECT correct, count(*) FROM solution_row GROUP BY correct";
constexpr const char* kParsed =
    "SELECT count(*) FROM critique_row WHERE conclusion IS NOT NULL AND first_error IS NOT NULL";
// A problem of two data sets counts in both.
constexpr const char* kSources =
    "SELECT t.text, sum(g.n) AS n FROM (SELECT source_term, count(*) AS n FROM problem_row "
    "GROUP BY source_term UNION ALL SELECT source_term, count(*) FROM problem_source "
    "GROUP BY source_term) g JOIN term t ON t.id = g.source_term GROUP BY t.id "
    "ORDER BY n DESC, t.text";
constexpr const char* kItemsByState = "SELECT state, count(*) FROM work_item GROUP BY state";
constexpr const char* kErrors =
    "SELECT ifnull(error_code, 'unknown'), count(*) FROM work_item WHERE state = 'failed' "
    "GROUP BY 1 ORDER BY 2 DESC, 1";
constexpr const char* kChangedSubjects =
    "SELECT DISTINCT subject_kind, subject_id FROM annotation "
    "WHERE supersedes IS NOT NULL OR kind IN ('undo', 'withdrawn')";
// An import that was repeated to its end since then is no longer unfinished.
constexpr const char* kUnfinished =
    "SELECT count(*) FROM import_batch b WHERE b.state <> 'done' AND NOT EXISTS (SELECT 1 FROM "
    "import_batch l WHERE l.path = b.path AND l.id > b.id AND l.state = 'done')";

void readOutcomes(Connection& connection, Status& status) {
    Query query(connection.statement(kOutcomeCounts));
    while (query.step()) {
        const int validated = query.maybeSmall(0).value_or(-1);
        const int answer = query.maybeSmall(1).value_or(-1);
        const std::int64_t n = query.integer(2);
        status.critiques += n;
        status.selfValidated += validated == 0 ? n : 0;
        status.answerMatched += answer == 0 ? n : 0;
        status.validatedMatch += validated == 0 && answer == 0 ? n : 0;
        status.validatedMismatch += validated == 0 && answer == 1 ? n : 0;
        status.rejectedMatch += validated == 1 && answer == 0 ? n : 0;
        status.rejectedMismatch += validated == 1 && answer == 1 ? n : 0;
    }
}

void readSolutions(Connection& connection, Status& status) {
    Query query(connection.statement(kCorrectCounts));
    while (query.step()) {
        const std::int64_t n = query.integer(1);
        status.solutions += n;
        if (!query.isNull(0)) {
            (query.integer(0) != 0 ? status.solutionsCorrect : status.solutionsIncorrect) += n;
        }
    }
}

void readItems(Connection& connection, Status& status) {
    Query query(connection.statement(kItemsByState));
    while (query.step()) {
        const std::string state = query.text(0);
        for (const auto& [name, field] : {std::pair{"planned", &Status::itemsPlanned},
                                          {"running", &Status::itemsRunning},
                                          {"done", &Status::itemsDone},
                                          {"failed", &Status::itemsFailed},
                                          {"skipped", &Status::itemsSkipped}}) {
            if (state == name) {
                status.*field = query.integer(1);
            }
        }
    }
    status.wouldBeLost = status.itemsRunning;
}

std::vector<std::pair<std::string, std::int64_t>> named(Connection& connection, const char* sql) {
    std::vector<std::pair<std::string, std::int64_t>> list;
    Query query(connection.statement(sql));
    while (query.step()) {
        list.emplace_back(query.text(0), query.integer(1));
    }
    return list;
}

// Where the values of an open qualifier are counted: rows (text, count), not yet grouped.
const char* valuesSql(std::string_view qualifier) {
    static constexpr std::array<std::pair<std::string_view, const char*>, 12> kCounts = {{
        {"source", "SELECT t.text, g.n FROM (SELECT source_term AS v, count(*) AS n FROM "
                   "problem_row GROUP BY 1 UNION ALL SELECT source_term, count(*) FROM "
                   "problem_source GROUP BY 1 UNION ALL SELECT source_term, count(*) FROM "
                   "solution_row GROUP BY 1 UNION ALL SELECT source_term, count(*) FROM "
                   "critique_row GROUP BY 1) g JOIN term t ON t.id = g.v"},
        {"split", "SELECT t.text, g.n FROM (SELECT split_term AS v, count(*) AS n FROM "
                  "problem_row GROUP BY 1) g JOIN term t ON t.id = g.v"},
        {"subject", "SELECT t.text, g.n FROM (SELECT subject_term AS v, count(*) AS n FROM "
                    "problem_row GROUP BY 1) g JOIN term t ON t.id = g.v"},
        {"level", "SELECT t.text, g.n FROM (SELECT level_term AS v, count(*) AS n FROM "
                  "problem_row GROUP BY 1) g JOIN term t ON t.id = g.v"},
        {"student", "SELECT t.text, g.n FROM (SELECT student_term AS v, count(*) AS n FROM "
                    "solution_row GROUP BY 1) g JOIN term t ON t.id = g.v"},
        {"critic", "SELECT t.text, g.n FROM (SELECT critic_term AS v, count(*) AS n FROM "
                   "critique_row GROUP BY 1) g JOIN term t ON t.id = g.v"},
        {"stage", "SELECT t.text, g.n FROM (SELECT stage_term AS v, count(*) AS n FROM "
                  "work_item GROUP BY 1) g JOIN term t ON t.id = g.v"},
        {"error", "SELECT error_code AS text, count(*) AS n FROM work_item "
                  "WHERE error_code IS NOT NULL GROUP BY 1"},
        {"tag", "SELECT tag AS text, count(*) AS n FROM tag_row GROUP BY 1"},
        {"annotator", "SELECT p.name AS text, count(*) AS n FROM annotation a "
                      "JOIN annotator p ON p.id = a.annotator_id GROUP BY 1"},
        {"plan", "SELECT name AS text, items AS n FROM review_plan"},
        {"set", "SELECT name AS text, size AS n FROM frozen_set"},
    }};
    for (const auto& [name, sql] : kCounts) {
        if (name == qualifier) {
            return sql;
        }
    }
    return nullptr;
}

// Annotations count unless they were taken back or replaced, and what takes back says nothing
// itself. Few subjects have such ones; only there the rules have to be asked.
std::int64_t annotationsThatStand(Connection& connection) {
    std::int64_t count = connection.integer("SELECT count(*) FROM annotation");
    std::vector<std::pair<int, std::int64_t>> subjects;
    {
        Query changed(connection.statement(kChangedSubjects));
        while (changed.step()) {
            subjects.emplace_back(changed.small(0), changed.integer(1));
        }
    }
    for (const auto& [kind, id] : subjects) {
        const auto all = annotationsOf(connection, static_cast<model::SubjectKind>(kind), id);
        const std::vector<bool> stand = annotationsInForce(all);
        count -= std::count(stand.begin(), stand.end(), false);
    }
    return count;
}

} // namespace

Expected<Status> Reader::status() {
    Connection& connection = *m_connection;
    return reading(connection, "cannot count", [&]() -> Expected<Status> {
        Status status;
        status.problems = connection.integer("SELECT count(*) FROM problem_row");
        status.pairs = connection.integer("SELECT count(*) FROM pair");
        status.annotations = annotationsThatStand(connection);
        status.critiquesParsed = connection.integer(kParsed);
        status.unfinishedImports = connection.integer(kUnfinished);
        readSolutions(connection, status);
        readOutcomes(connection, status);
        readItems(connection, status);
        status.errors = named(connection, kErrors);
        status.sources = named(connection, kSources);
        return status;
    });
}

Expected<std::vector<std::string>> Reader::values(std::string_view qualifier,
                                                  std::string_view prefix, int limit) {
    const Qualifier* known = findQualifier(qualifier);
    if (known == nullptr) {
        return fail(ErrorCode::Invalid, "unknown qualifier '" + std::string(qualifier) + "'");
    }
    std::vector<std::string> found;
    const char* source = valuesSql(qualifier);
    if (source == nullptr) {
        for (const std::string& value : known->info.values) {
            if (base::startsWithNoCase(value, prefix) &&
                found.size() < static_cast<std::size_t>(std::max(limit, 0))) {
                found.push_back(value);
            }
        }
        return found;
    }
    return reading(*m_connection, "cannot list values",
                   [&]() -> Expected<std::vector<std::string>> {
                       found.clear();
                       const std::string start(prefix);
                       SQLite::Statement query(
                           m_connection->database(),
                           "SELECT text FROM (" + std::string(source) +
                               ") WHERE text <> '' AND lower(substr(text, 1, length(?1))) = "
                               "lower(?1) GROUP BY text ORDER BY sum(n) DESC, text LIMIT ?2");
                       query.bindNoCopy(1, start);
                       query.bind(2, limit);
                       while (query.executeStep()) {
                           found.push_back(query.getColumn(0).getString());
                       }
                       return found;
                   });
}

Expected<std::vector<StoredExport>> Reader::exports(int limit) {
    return reading(
        *m_connection, "cannot list exports", [&]() -> Expected<std::vector<StoredExport>> {
            std::vector<StoredExport> found;
            SQLite::Statement query(m_connection->database(),
                                    "SELECT id, folder, view, filter, manifest, created_at "
                                    "FROM dataset_export ORDER BY id DESC LIMIT ?1");
            query.bind(1, limit);
            while (query.executeStep()) {
                StoredExport one;
                one.id = query.getColumn(0).getInt64();
                one.folder = query.getColumn(1).getString();
                one.view = query.getColumn(2).getString();
                one.filter = query.getColumn(3).getString();
                one.manifest = query.getColumn(4).getString();
                one.createdAt = query.getColumn(5).getInt64();
                found.push_back(std::move(one));
            }
            return found;
        });
}

} // namespace scrit::store
