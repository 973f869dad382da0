// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/row_reader.h"

#include "core/store/codec.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::SubjectKind;

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
constexpr const char* kItemSubject =
    "SELECT subject_kind, subject_id, stage_term, state FROM work_item WHERE id = ?";

constexpr const char* kProblem =
    "SELECT key, source_term, split_term, subject_term, level_term, licence_term, external_id, "
    "reference_answer, choices, text, reference_solution FROM problem WHERE id = ?";
constexpr const char* kSolution =
    "SELECT key, problem_id, author_term, source_term, external_id, steps, steps_given, "
    "final_answer, text FROM solution WHERE id = ?";
constexpr const char* kCritique =
    "SELECT key, solution_id, reference_id, mode, critic_term, round, source_term, external_id, "
    "prompt_hash, seed, completion_id, correction_text, text FROM critique WHERE id = ?";
constexpr const char* kParse =
    "SELECT parser_term, conclusion, first_error_step, flags, used_end, correction_answer, parts "
    "FROM critique_parse WHERE critique_id = ? ORDER BY id DESC LIMIT 1";
constexpr const char* kCorrect = "SELECT correct FROM solution_row WHERE id = ?";
constexpr const char* kVerdicts =
    "SELECT id, verifier_term, protocol_term, source_term, outcome, score, step, rule, evidence, "
    "cost, created_at FROM verdict WHERE subject_kind = ? AND subject_id = ?";
constexpr const char* kAnnotations =
    "SELECT a.id, n.name, a.kind, a.value, a.comment, a.seconds, a.supersedes, a.created_at "
    "FROM annotation a JOIN annotator n ON n.id = a.annotator_id "
    "WHERE a.subject_kind = ? AND a.subject_id = ?";
constexpr const char* kSiblings =
    "SELECT id FROM critique_row WHERE solution_id = ? AND id <> ? ORDER BY id";
constexpr const char* kCompletion =
    "SELECT prompt_tokens, completion_tokens, latency_seconds, cost FROM completion WHERE id = ?";
constexpr const char* kPrompt = "SELECT encoding, text FROM prompt WHERE hash = ?";

// A closed vocabulary's value; nothing for a number that a damaged file may hold.
template<typename Enum>
std::optional<Enum> enumValue(std::optional<int> value, int count) {
    return value && *value >= 0 && *value < count ? std::optional(static_cast<Enum>(*value))
                                                  : std::nullopt;
}

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
    return row;
}

std::optional<model::Problem> readProblem(Connection& connection, std::int64_t id) {
    Query query(connection.statement(kProblem));
    if (!query.bind(id).step()) {
        return std::nullopt;
    }
    model::Problem problem;
    problem.id = id;
    problem.key = unpackKey(query.text(0));
    problem.source = connection.termText(query.integer(1));
    problem.split = connection.termText(query.integer(2));
    problem.subject = connection.termText(query.integer(3));
    problem.level = connection.termText(query.integer(4));
    problem.licence = connection.termText(query.integer(5));
    problem.externalId = query.text(6);
    problem.referenceAnswer = query.text(7);
    if (!query.isNull(8)) {
        problem.choices = listFromJson(query.text(8)).value_or(std::vector<std::string>{});
    }
    problem.text = query.text(9);
    problem.referenceSolution = query.text(10);
    return problem;
}

std::optional<model::Solution> readSolution(Connection& connection, std::int64_t id) {
    Query query(connection.statement(kSolution));
    if (!query.bind(id).step()) {
        return std::nullopt;
    }
    model::Solution solution;
    solution.id = id;
    solution.key = unpackKey(query.text(0));
    solution.problemId = query.integer(1);
    solution.author = connection.termText(query.integer(2));
    solution.source = connection.termText(query.integer(3));
    solution.externalId = query.text(4);
    solution.stepsGiven = query.integer(6) != 0;
    solution.finalAnswer = query.text(7);
    solution.text = query.text(8);
    solution.steps = stepsFromText(query.text(5), solution.text.size());
    return solution;
}

Expected<void> readParse(Connection& connection, model::Critique& critique) {
    Query query(connection.statement(kParse));
    if (!query.bind(critique.id).step()) {
        return {};
    }
    model::ParsedCritique& parsed = critique.parsed;
    parsed.parser = connection.termText(query.integer(0));
    parsed.conclusion = enumValue<model::Conclusion>(query.maybeSmall(1), 2);
    parsed.firstErrorStep = query.maybeSmall(2);
    parsed.flags = model::Flags(static_cast<std::uint32_t>(query.integer(3)));
    parsed.usedEnd = std::min(static_cast<std::size_t>(query.integer(4)), critique.text.size());
    parsed.correctionAnswer = query.text(5);
    return partsFromJson(query.text(6), critique.text.size(), parsed);
}

Expected<std::optional<model::Critique>> readCritique(Connection& connection, std::int64_t id) {
    Query query(connection.statement(kCritique));
    if (!query.bind(id).step()) {
        return std::nullopt;
    }
    model::Critique critique;
    critique.id = id;
    critique.key = unpackKey(query.text(0));
    critique.solutionId = query.integer(1);
    critique.referenceId = query.maybe(2);
    critique.mode =
        enumValue<model::CritiqueMode>(query.small(3), 4).value_or(model::CritiqueMode::Recorded);
    critique.critic = connection.termText(query.integer(4));
    critique.round = query.small(5);
    critique.source = connection.termText(query.integer(6));
    critique.externalId = query.text(7);
    critique.promptHash = query.isNull(8) ? std::string() : unpackKey(query.text(8));
    critique.seed = query.maybe(9);
    critique.completionId = query.maybe(10);
    critique.correctionText = query.text(11);
    critique.text = query.text(12);
    if (auto parsed = readParse(connection, critique); !parsed) {
        return fail(std::move(parsed.error()));
    }
    return critique;
}

void readVerdicts(Connection& connection, SubjectKind kind, std::int64_t subjectId,
                  std::vector<model::Verdict>& verdicts) {
    Query query(connection.statement(kVerdicts));
    query.bind(static_cast<int>(kind)).bind(subjectId);
    while (query.step()) {
        model::Verdict verdict;
        verdict.id = query.integer(0);
        verdict.subject = kind;
        verdict.subjectId = subjectId;
        verdict.verifier = connection.termText(query.integer(1));
        verdict.protocol = connection.termText(query.integer(2));
        verdict.source = connection.termText(query.integer(3));
        verdict.outcome =
            enumValue<model::Outcome>(query.small(4), 3).value_or(model::Outcome::Undecided);
        if (!query.isNull(5)) {
            verdict.score = query.real(5);
        }
        verdict.step = query.maybeSmall(6);
        verdict.rule = query.text(7);
        verdict.evidence = query.text(8);
        verdict.cost = query.real(9);
        verdict.createdAt = query.integer(10);
        verdicts.push_back(std::move(verdict));
    }
}

void readAnnotations(Connection& connection, SubjectKind kind, std::int64_t subjectId,
                     std::vector<model::Annotation>& annotations) {
    Query query(connection.statement(kAnnotations));
    query.bind(static_cast<int>(kind)).bind(subjectId);
    while (query.step()) {
        model::Annotation annotation;
        annotation.id = query.integer(0);
        annotation.subject = kind;
        annotation.subjectId = subjectId;
        annotation.annotator = query.text(1);
        annotation.kind = query.text(2);
        annotation.value = query.text(3);
        annotation.comment = query.text(4);
        annotation.seconds = query.real(5);
        annotation.supersedes = query.maybe(6);
        annotation.createdAt = query.integer(7);
        annotations.push_back(std::move(annotation));
    }
}

Expected<void> readCompletion(Connection& connection, TraceRecord& record, bool withPrompt) {
    const model::Critique& critique = *record.critique;
    if (critique.completionId) {
        Query query(connection.statement(kCompletion));
        if (query.bind(*critique.completionId).step()) {
            record.promptTokens = query.integer(0);
            record.completionTokens = query.integer(1);
            record.latencySeconds = query.real(2);
            record.cost = query.real(3);
        }
    }
    if (withPrompt && !critique.promptHash.empty()) {
        const std::string hash = packKey(critique.promptHash);
        Query query(connection.statement(kPrompt));
        if (query.bindBlob(hash).step()) {
            auto text = decodeText(query.text(0), query.text(1));
            if (!text) {
                return fail(std::move(text.error()));
            }
            record.prompt = std::move(*text);
        }
    }
    return {};
}

tl::unexpected<base::Error> missing(ListOf of, std::int64_t id) {
    static constexpr std::array<std::string_view, 4> kNames = {"problem", "solution", "critique",
                                                               "item"};
    return fail(ErrorCode::NotFound, "there is no " +
                                         std::string(kNames[static_cast<std::size_t>(of)]) + " " +
                                         std::to_string(id) + " in the workspace");
}

void readJudgements(Connection& connection, TraceRecord& record) {
    readVerdicts(connection, SubjectKind::Problem, record.problem.id, record.verdicts);
    if (record.solution) {
        readVerdicts(connection, SubjectKind::Solution, record.solution->id, record.verdicts);
        readAnnotations(connection, SubjectKind::Solution, record.solution->id, record.annotations);
    }
    if (record.critique) {
        readVerdicts(connection, SubjectKind::Critique, record.critique->id, record.verdicts);
        readAnnotations(connection, SubjectKind::Critique, record.critique->id, record.annotations);
    }
    std::sort(record.verdicts.begin(), record.verdicts.end(),
              [](const auto& a, const auto& b) { return a.id > b.id; });
    std::sort(record.annotations.begin(), record.annotations.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
}

} // namespace

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

Expected<TraceRecord> recordById(Connection& connection, ListOf of, std::int64_t id,
                                 RecordParts parts) {
    if (of == ListOf::Items) {
        const auto row = itemRow(connection, id);
        if (!row || row->problemId == 0) {
            return missing(of, id);
        }
        const ListOf subject = row->critiqueId != 0   ? ListOf::Critiques
                               : row->solutionId != 0 ? ListOf::Solutions
                                                      : ListOf::Problems;
        const std::int64_t subjectId = row->critiqueId != 0   ? row->critiqueId
                                       : row->solutionId != 0 ? row->solutionId
                                                              : row->problemId;
        return recordById(connection, subject, subjectId, parts);
    }
    TraceRecord record;
    std::int64_t problemId = id;
    if (of == ListOf::Critiques) {
        auto critique = readCritique(connection, id);
        if (!critique) {
            return fail(std::move(critique.error()));
        }
        if (!*critique) {
            return missing(of, id);
        }
        record.critique = std::move(**critique);
    }
    if (of != ListOf::Problems) {
        record.solution =
            readSolution(connection, record.critique ? record.critique->solutionId : id);
        if (!record.solution) {
            return missing(of, id);
        }
        problemId = record.solution->problemId;
        Query correct(connection.statement(kCorrect));
        if (correct.bind(record.solution->id).step() && !correct.isNull(0)) {
            record.solutionCorrect = correct.integer(0) != 0;
        }
    }
    auto problem = readProblem(connection, problemId);
    if (!problem) {
        return missing(of, id);
    }
    record.problem = std::move(*problem);
    if (record.critique) {
        if (record.critique->referenceId) {
            record.reference = readSolution(connection, *record.critique->referenceId);
        }
        if (auto read = readCompletion(connection, record, parts.prompt); !read) {
            return fail(std::move(read.error()));
        }
        if (parts.siblings) {
            Query siblings(connection.statement(kSiblings));
            siblings.bind(record.solution->id).bind(id);
            while (siblings.step()) {
                if (auto row = rowById(connection, ListOf::Critiques, siblings.integer(0))) {
                    record.siblings.push_back(std::move(*row));
                }
            }
        }
    }
    readJudgements(connection, record);
    return record;
}

} // namespace scrit::store
