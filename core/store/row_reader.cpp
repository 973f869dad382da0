// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/row_reader.h"

#include <array>
#include <string>
#include <utility>

namespace scrit::store {
namespace {

constexpr const char* kProblemRow =
    "SELECT r.source_term, r.split_term, r.subject_term, r.level_term, r.label, r.excerpt, "
    "(SELECT count(*) FROM critique_row c WHERE c.problem_id = r.id) "
    "FROM problem_row r WHERE r.id = ?";
constexpr const char* kSolutionRow =
    "SELECT r.source_term, r.split_term, r.subject_term, r.level_term, r.label, p.excerpt, "
    "(SELECT count(*) FROM critique_row c WHERE c.solution_id = r.id), "
    "r.problem_id, r.student_term, r.correct, r.label_step, r.answer "
    "FROM solution_row r JOIN problem_row p ON p.id = r.problem_id WHERE r.id = ?";
constexpr const char* kCritiqueRow =
    "SELECT r.source_term, r.split_term, r.subject_term, r.level_term, r.label, p.excerpt, 0, "
    "r.problem_id, r.student_term, r.correct, r.label_step, r.answer, "
    "r.solution_id, r.mode, r.critic_term, r.round, r.conclusion, r.first_error, r.validated, "
    "r.flags, r.tokens "
    "FROM critique_row r JOIN problem_row p ON p.id = r.problem_id WHERE r.id = ?";
constexpr const char* kItemSubject = "SELECT subject_kind, subject_id, stage_term, state, run_id, "
                                     "sample, attempts, error_code, error "
                                     "FROM work_item WHERE id = ?";

std::string labelName(std::optional<int> label) {
    static constexpr std::array<std::string_view, 3> kNames = {"agree", "disagree", "unsure"};
    return label && *label >= 0 && *label < 3
               ? std::string(kNames[static_cast<std::size_t>(*label)])
               : std::string();
}

void readCritiqueColumns(Connection& connection, const Query& query, TraceRow& row) {
    row.solutionId = query.integer(12);
    row.critiqueId = row.id;
    row.mode =
        enumValue<model::CritiqueMode>(query.small(13), 4).value_or(model::CritiqueMode::Recorded);
    row.critic = connection.termText(query.integer(14));
    row.round = query.small(15);
    row.conclusion = enumValue<model::Conclusion>(query.maybeSmall(16), 2);
    row.firstErrorStep = query.maybeSmall(17);
    row.validated = enumValue<model::Outcome>(query.maybeSmall(18), 3);
    row.flags = model::Flags(static_cast<std::uint32_t>(query.integer(19)));
    row.tokens = query.integer(20);
}

std::optional<TraceRow> itemRow(Connection& connection, std::int64_t id) {
    Query query(connection.statement(kItemSubject));
    if (!query.bind(id).step()) {
        return std::nullopt;
    }
    const int kind = query.small(0);
    const ListOf of = kind == 0   ? ListOf::Problems
                      : kind == 1 ? ListOf::Solutions
                                  : ListOf::Critiques;
    TraceRow row = rowById(connection, of, query.integer(1)).value_or(TraceRow{});
    row.id = id;
    row.stage = connection.termText(query.integer(2));
    row.state = query.text(3);
    row.runId = query.integer(4);
    row.sample = query.small(5);
    row.attempts = query.small(6);
    row.errorCode = query.text(7);
    row.error = query.text(8);
    return row;
}

} // namespace

void bindParameters(SQLite::Statement& statement, const FilterSql& filter) {
    int index = 1;
    for (const auto& parameter : filter.parameters) {
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

std::optional<TraceRow> rowById(Connection& connection, ListOf of, std::int64_t id) {
    if (of == ListOf::Items) {
        return itemRow(connection, id);
    }
    Query query(connection.statement(of == ListOf::Problems    ? kProblemRow
                                     : of == ListOf::Solutions ? kSolutionRow
                                                               : kCritiqueRow));
    if (!query.bind(id).step()) {
        return std::nullopt;
    }
    TraceRow row;
    row.id = id;
    row.problemId = id;
    row.source = connection.termText(query.integer(0));
    row.split = connection.termText(query.integer(1));
    row.subject = connection.termText(query.integer(2));
    row.level = connection.termText(query.integer(3));
    row.annotationLabel = labelName(query.maybeSmall(4));
    row.excerpt = query.text(5);
    row.critiqueCount = query.small(6);
    if (of == ListOf::Problems) {
        return row;
    }
    row.problemId = query.integer(7);
    row.solutionId = id;
    row.student = connection.termText(query.integer(8));
    if (!query.isNull(9)) {
        row.solutionCorrect = query.integer(9) != 0;
    }
    row.labelStep = query.maybeSmall(10);
    row.answerMatch = enumValue<model::Outcome>(query.maybeSmall(11), 3);
    if (of == ListOf::Critiques) {
        readCritiqueColumns(connection, query, row);
    }
    return row;
}

} // namespace scrit::store
