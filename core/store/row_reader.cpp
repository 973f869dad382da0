// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/row_reader.h"

#include "core/store/codec.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace scrit::store {
namespace {

// Rows of the ids in a JSON list, in its order: CROSS JOIN keeps SQLite from choosing another one.
constexpr const char* kProblemRows =
    "SELECT r.id, r.source_term, r.split_term, r.subject_term, r.level_term, r.label, r.excerpt, "
    "(SELECT count(*) FROM critique_row c WHERE c.problem_id = r.id) "
    "FROM json_each(?) j CROSS JOIN problem_row r ON r.id = j.value";
constexpr const char* kSolutionRows =
    "SELECT r.id, r.source_term, r.split_term, r.subject_term, r.level_term, r.label, p.excerpt, "
    "(SELECT count(*) FROM critique_row c WHERE c.solution_id = r.id), "
    "r.problem_id, r.student_term, r.correct, r.label_step, r.answer "
    "FROM json_each(?) j CROSS JOIN solution_row r ON r.id = j.value "
    "CROSS JOIN problem_row p ON p.id = r.problem_id";
constexpr const char* kCritiqueRows =
    "SELECT r.id, r.source_term, r.split_term, r.subject_term, r.level_term, r.label, p.excerpt, "
    "0, r.problem_id, r.student_term, r.correct, r.label_step, r.answer, "
    "r.solution_id, r.mode, r.critic_term, r.round, r.conclusion, r.first_error, r.validated, "
    "r.flags, r.tokens "
    "FROM json_each(?) j CROSS JOIN critique_row r ON r.id = j.value "
    "CROSS JOIN problem_row p ON p.id = r.problem_id";
constexpr const char* kItemRows =
    "SELECT w.id, w.subject_kind, w.subject_id, w.stage_term, w.state, w.run_id, w.sample, "
    "w.attempts, w.error_code, w.error "
    "FROM json_each(?) j CROSS JOIN work_item w ON w.id = j.value";

std::string labelName(std::optional<int> label) {
    static constexpr std::array<std::string_view, 3> kNames = {"agree", "disagree", "unsure"};
    return label && *label >= 0 && *label < 3
               ? std::string(kNames[static_cast<std::size_t>(*label)])
               : std::string();
}

void readCritiqueColumns(Connection& connection, const Query& query, TraceRow& row) {
    row.solutionId = query.integer(13);
    row.critiqueId = row.id;
    row.mode =
        enumValue<model::CritiqueMode>(query.small(14), 4).value_or(model::CritiqueMode::Recorded);
    row.critic = connection.termText(query.integer(15));
    row.round = query.small(16);
    row.conclusion = enumValue<model::Conclusion>(query.maybeSmall(17), 2);
    row.firstErrorStep = query.maybeSmall(18);
    row.validated = enumValue<model::Outcome>(query.maybeSmall(19), 3);
    row.flags = model::Flags(static_cast<std::uint32_t>(query.integer(20)));
    row.tokens = query.integer(21);
}

// A row of problems, solutions or critiques.
TraceRow lineageRow(Connection& connection, ListOf of, const Query& query) {
    TraceRow row;
    row.id = query.integer(0);
    row.problemId = row.id;
    row.source = connection.termText(query.integer(1));
    row.split = connection.termText(query.integer(2));
    row.subject = connection.termText(query.integer(3));
    row.level = connection.termText(query.integer(4));
    row.annotationLabel = labelName(query.maybeSmall(5));
    row.excerpt = query.text(6);
    row.critiqueCount = query.small(7);
    if (of == ListOf::Problems) {
        return row;
    }
    row.problemId = query.integer(8);
    row.solutionId = row.id;
    row.student = connection.termText(query.integer(9));
    if (!query.isNull(10)) {
        row.solutionCorrect = query.integer(10) != 0;
    }
    row.labelStep = query.maybeSmall(11);
    row.answerMatch = enumValue<model::Outcome>(query.maybeSmall(12), 3);
    if (of == ListOf::Critiques) {
        readCritiqueColumns(connection, query, row);
    }
    return row;
}

// What an item is about: the list that has it, and its id there.
using Subject = std::pair<ListOf, std::int64_t>;

// The rows of items without what they are about, and that.
std::vector<std::pair<Subject, TraceRow>> bareItemRows(Connection& connection,
                                                       const std::string& ids) {
    std::vector<std::pair<Subject, TraceRow>> items;
    Query query(connection.statement(kItemRows));
    query.bind(ids);
    while (query.step()) {
        const int kind = query.small(1);
        auto& [subject, row] = items.emplace_back();
        subject = {kind == 0   ? ListOf::Problems
                   : kind == 1 ? ListOf::Solutions
                               : ListOf::Critiques,
                   query.integer(2)};
        row.id = query.integer(0);
        row.stage = connection.termText(query.integer(3));
        row.state = query.text(4);
        row.runId = query.integer(5);
        row.sample = query.small(6);
        row.attempts = query.small(7);
        row.errorCode = query.text(8);
        row.error = query.text(9);
    }
    return items;
}

std::vector<TraceRow> itemRows(Connection& connection, const std::string& ids) {
    auto items = bareItemRows(connection, ids);
    std::map<Subject, TraceRow> subjects;
    for (const ListOf of : {ListOf::Problems, ListOf::Solutions, ListOf::Critiques}) {
        std::vector<std::int64_t> wanted;
        for (const auto& [subject, row] : items) {
            if (subject.first == of) {
                wanted.push_back(subject.second);
            }
        }
        for (TraceRow& row : rowsByIds(connection, of, wanted)) {
            const Subject subject(of, row.id);
            subjects.try_emplace(subject, std::move(row));
        }
    }
    std::vector<TraceRow> rows;
    rows.reserve(items.size());
    for (auto& [subject, item] : items) {
        const auto found = subjects.find(subject);
        TraceRow& row = rows.emplace_back(found == subjects.end() ? TraceRow{} : found->second);
        row.id = item.id;
        row.runId = item.runId;
        row.stage = std::move(item.stage);
        row.state = std::move(item.state);
        row.sample = item.sample;
        row.attempts = item.attempts;
        row.errorCode = std::move(item.errorCode);
        row.error = std::move(item.error);
    }
    return rows;
}

} // namespace

void bindParameters(SQLite::Statement& statement, const FilterSql& filter, std::size_t first,
                    std::size_t count) {
    int index = 1;
    for (const auto& parameter :
         std::span(filter.parameters)
             .subspan(first, std::min(count, filter.parameters.size() - first))) {
        std::visit(
            [&](const auto& value) {
                if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
                    statement.bindNoCopy(index, value);
                } else {
                    statement.bind(index, value);
                }
            },
            parameter);
        ++index;
    }
}

std::vector<TraceRow> rowsByIds(Connection& connection, ListOf of,
                                std::span<const std::int64_t> ids) {
    if (ids.empty()) {
        return {};
    }
    const std::string list = idsToJson(ids);
    if (of == ListOf::Items) {
        return itemRows(connection, list);
    }
    std::vector<TraceRow> rows;
    rows.reserve(ids.size());
    Query query(connection.statement(of == ListOf::Problems    ? kProblemRows
                                     : of == ListOf::Solutions ? kSolutionRows
                                                               : kCritiqueRows));
    query.bind(list);
    while (query.step()) {
        rows.push_back(lineageRow(connection, of, query));
    }
    return rows;
}

} // namespace scrit::store
