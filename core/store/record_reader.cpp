// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/record_reader.h"

#include "core/model/unreadable.h"
#include "core/store/codec.h"
#include "core/store/row_reader.h"

#include <algorithm>
#include <string>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::SubjectKind;

// A gap of keys that is walked over rather than searched anew.
constexpr std::uint64_t kNear = 8;

constexpr const char* kProblems =
    "SELECT p.id, p.key, p.source_term, p.split_term, p.subject_term, p.level_term, "
    "p.licence_term, p.external_id, ifnull(r.answer, p.reference_answer), p.choices, p.text, "
    "p.reference_solution, iif(r.answer IS NULL, NULL, p.reference_answer) "
    "FROM problem p CROSS JOIN problem_row r ON r.id = p.id WHERE p.id >= ? ORDER BY p.id";
// A literal names a statement, so that those of two cursors must differ.
#define SCRIT_SOLUTIONS(alias)                                                                     \
    "SELECT id, key, problem_id, author_term, source_term, external_id, steps, steps_given, "      \
    "final_answer, text FROM solution AS " alias " WHERE id >= ? ORDER BY id"
constexpr const char* kCorrect = "SELECT id, correct FROM solution_row WHERE id >= ? ORDER BY id";
constexpr const char* kCritiques =
    "SELECT id, key, solution_id, reference_id, mode, critic_term, round, source_term, "
    "external_id, prompt_hash, seed, completion_id, correction_text, text "
    "FROM critique WHERE id >= ? ORDER BY id";
constexpr const char* kParses =
    "SELECT critique_id, id, parser_term, conclusion, first_error_step, flags, used_end, "
    "correction_answer, parts FROM critique_parse WHERE critique_id >= ? ORDER BY critique_id";
constexpr const char* kRecordCompletions =
    "SELECT id, prompt_tokens, completion_tokens, latency_seconds, cost FROM completion "
    "WHERE id >= ? ORDER BY id";
#define SCRIT_VERDICTS(kind)                                                                       \
    "SELECT subject_id, id, verifier_term, protocol_term, source_term, outcome, score, step, "     \
    "rule, evidence, cost, created_at, completion_id FROM verdict WHERE subject_kind = " kind      \
    " AND subject_id >= ? ORDER BY subject_id"
#define SCRIT_ANNOTATIONS(kind)                                                                    \
    "SELECT a.subject_id, a.id, n.name, a.kind, a.value, a.comment, a.seconds, a.supersedes, "     \
    "a.created_at, a.uid FROM annotation a JOIN annotator n ON n.id = a.annotator_id "             \
    "WHERE a.subject_kind = " kind " AND a.subject_id >= ? ORDER BY a.subject_id"
constexpr const char* kSiblings =
    "SELECT id FROM critique_row WHERE solution_id = ? AND id <> ? ORDER BY id";
constexpr const char* kOtherSources =
    "SELECT t.text, o.split_term, o.external_id FROM problem_source o "
    "JOIN term t ON t.id = o.source_term WHERE o.problem_id = ? ORDER BY t.text";
constexpr const char* kRecordPrompt = "SELECT encoding, text FROM prompt WHERE hash = ?";

tl::unexpected<base::Error> missing(ListOf of, std::int64_t id) {
    static constexpr std::array<std::string_view, 4> kNames = {"problem", "solution", "critique",
                                                               "item"};
    return fail(ErrorCode::NotFound, "there is no " +
                                         std::string(kNames[static_cast<std::size_t>(of)]) + " " +
                                         std::to_string(id) + " in the workspace");
}

} // namespace

Cursor::~Cursor() {
    // The query resets its statement, so it must go first.
    m_query.reset();
}

void Cursor::prepare() {
    if (m_ownStatement) {
        m_own = std::make_unique<SQLite::Statement>(m_connection.database(), m_sql);
        m_statement = m_own.get();
    } else {
        m_statement = &m_connection.statement(m_sql);
    }
}

void Cursor::step() {
    m_place = m_query->step() ? Place::Row : Place::End;
    m_key = m_place == Place::Row ? m_query->integer(0) : 0;
}

bool Cursor::find(std::int64_t key) {
    const bool onward = m_place != Place::Nowhere && key > m_asked;
    m_asked = key;
    if (onward && m_place == Place::End) {
        return false;
    }
    if (onward && m_key > key) {
        return false; // the search for a smaller key ended behind this one
    }
    // (Unsigned, because a damaged file may hold any key.)
    if (onward && static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(m_key) <= kNear) {
        while (m_place == Place::Row && m_key < key) {
            step();
        }
        return m_place == Place::Row && m_key == key;
    }
    if (m_statement == nullptr) {
        prepare();
    }
    m_query.reset();
    m_query.emplace(*m_statement);
    m_query->bind(key);
    step();
    return m_place == Place::Row && m_key == key;
}

bool Cursor::next() {
    step();
    return m_place == Place::Row && m_key == m_asked;
}

RecordReader::RecordReader(Connection& connection, Use use)
    : m_connection(connection), m_problems(connection, kProblems, use == Use::Stream),
      m_solutions(connection, SCRIT_SOLUTIONS("solution"), use == Use::Stream),
      m_references(connection, SCRIT_SOLUTIONS("reference"), use == Use::Stream),
      m_correct(connection, kCorrect, use == Use::Stream),
      m_critiques(connection, kCritiques, use == Use::Stream),
      m_parses(connection, kParses, use == Use::Stream),
      m_completions(connection, kRecordCompletions, use == Use::Stream),
      m_verdicts{Cursor(connection, SCRIT_VERDICTS("0"), use == Use::Stream),
                 Cursor(connection, SCRIT_VERDICTS("1"), use == Use::Stream),
                 Cursor(connection, SCRIT_VERDICTS("2"), use == Use::Stream)},
      m_annotations{Cursor(connection, SCRIT_ANNOTATIONS("1"), use == Use::Stream),
                    Cursor(connection, SCRIT_ANNOTATIONS("2"), use == Use::Stream)} {}

std::optional<model::Problem> RecordReader::problem(std::int64_t id) {
    if (!m_problems.find(id)) {
        return std::nullopt;
    }
    const Query& row = m_problems.row();
    model::Problem problem;
    problem.id = id;
    problem.key = unpackKey(row.text(1));
    problem.source = m_connection.termText(row.integer(2));
    problem.split = m_connection.termText(row.integer(3));
    problem.subject = m_connection.termText(row.integer(4));
    problem.level = m_connection.termText(row.integer(5));
    problem.licence = m_connection.termText(row.integer(6));
    problem.externalId = row.text(7);
    problem.referenceAnswer = row.text(8);
    if (!row.isNull(9)) {
        problem.choices = listFromJson(row.text(9)).value_or(std::vector<std::string>{});
    }
    problem.text = row.text(10);
    problem.referenceSolution = row.text(11);
    return problem;
}

bool RecordReader::toProblem(std::int64_t id) {
    if (m_problem && m_problem->problem.id == id) {
        return true;
    }
    m_problem.reset();
    auto found = problem(id);
    if (!found) {
        return false;
    }
    m_problem.emplace().problem = std::move(*found);
    if (!m_problems.row().isNull(12)) {
        m_problem->statedAnswer = m_problems.row().text(12);
    }
    readVerdicts(SubjectKind::Problem, id, m_problem->verdicts);
    return true;
}

std::optional<model::Solution> RecordReader::readSolution(Cursor& cursor, std::int64_t id) {
    if (!cursor.find(id)) {
        return std::nullopt;
    }
    const Query& row = cursor.row();
    model::Solution solution;
    solution.id = id;
    solution.key = unpackKey(row.text(1));
    solution.problemId = row.integer(2);
    solution.author = m_connection.termText(row.integer(3));
    solution.source = m_connection.termText(row.integer(4));
    solution.externalId = row.text(5);
    solution.stepsGiven = row.integer(7) != 0;
    solution.finalAnswer = row.text(8);
    solution.text = row.text(9);
    solution.steps = stepsFromText(row.text(6), solution.text.size());
    return solution;
}

std::optional<model::Solution> RecordReader::solution(std::int64_t id) {
    return readSolution(m_solutions, id);
}

bool RecordReader::toSolution(std::int64_t id) {
    if (m_solution && m_solution->solution.id == id) {
        return true;
    }
    m_solution.reset();
    auto found = solution(id);
    if (!found) {
        return false;
    }
    m_solution.emplace().solution = std::move(*found);
    if (m_correct.find(id) && !m_correct.row().isNull(1)) {
        m_solution->correct = m_correct.row().integer(1) != 0;
    }
    readVerdicts(SubjectKind::Solution, id, m_solution->verdicts);
    readAnnotations(SubjectKind::Solution, id, m_solution->annotations);
    return true;
}

std::optional<model::Solution> RecordReader::reference(std::int64_t id) {
    if (!m_reference || m_reference->id != id) {
        m_reference = readSolution(m_references, id);
    }
    return m_reference;
}

void RecordReader::readParse(model::Critique& critique) {
    std::int64_t newest = 0;
    std::string parts;
    model::ParsedCritique& parsed = critique.parsed;
    for (bool more = m_parses.find(critique.id); more; more = m_parses.next()) {
        const Query& row = m_parses.row();
        if (row.integer(1) <= newest) {
            continue;
        }
        newest = row.integer(1);
        parsed.parser = m_connection.termText(row.integer(2));
        parsed.conclusion = enumValue<model::Conclusion>(row.maybeSmall(3), 2);
        parsed.firstErrorStep = row.maybeSmall(4);
        parsed.flags = model::Flags(static_cast<std::uint32_t>(row.integer(5)));
        parsed.usedEnd = std::min(static_cast<std::size_t>(row.integer(6)), critique.text.size());
        parsed.correctionAnswer = row.text(7);
        parts = row.text(8);
    }
    if (newest != 0 && !partsFromJson(parts, critique.text.size(), parsed)) {
        // One bad row does not stop what reads all of them: they see a critique without a parse.
        parsed = {};
        parsed.problems.emplace_back(model::kUnreadableParse);
    }
}

Expected<std::optional<model::Critique>> RecordReader::critique(std::int64_t id) {
    if (!m_critiques.find(id)) {
        return std::nullopt;
    }
    const Query& row = m_critiques.row();
    model::Critique critique;
    critique.id = id;
    critique.key = unpackKey(row.text(1));
    critique.solutionId = row.integer(2);
    critique.referenceId = row.maybe(3);
    critique.mode =
        enumValue<model::CritiqueMode>(row.small(4), 4).value_or(model::CritiqueMode::Recorded);
    critique.critic = m_connection.termText(row.integer(5));
    critique.round = row.small(6);
    critique.source = m_connection.termText(row.integer(7));
    critique.externalId = row.text(8);
    critique.promptHash = row.isNull(9) ? std::string() : unpackKey(row.text(9));
    critique.seed = row.maybe(10);
    critique.completionId = row.maybe(11);
    critique.correctionText = row.text(12);
    critique.text = row.text(13);
    readParse(critique);
    return critique;
}

void RecordReader::readVerdicts(SubjectKind kind, std::int64_t subjectId,
                                std::vector<model::Verdict>& verdicts) {
    Cursor& cursor = m_verdicts.at(static_cast<std::size_t>(kind));
    for (bool more = cursor.find(subjectId); more; more = cursor.next()) {
        const Query& row = cursor.row();
        model::Verdict& verdict = verdicts.emplace_back();
        verdict.id = row.integer(1);
        verdict.subject = kind;
        verdict.subjectId = subjectId;
        verdict.verifier = m_connection.termText(row.integer(2));
        verdict.protocol = m_connection.termText(row.integer(3));
        verdict.source = m_connection.termText(row.integer(4));
        verdict.outcome =
            enumValue<model::Outcome>(row.small(5), 3).value_or(model::Outcome::Undecided);
        if (!row.isNull(6)) {
            verdict.score = row.real(6);
        }
        verdict.step = row.maybeSmall(7);
        verdict.rule = row.text(8);
        verdict.evidence = row.text(9);
        verdict.cost = row.real(10);
        verdict.createdAt = row.integer(11);
        verdict.completionId = row.maybe(12);
    }
}

void RecordReader::readAnnotations(SubjectKind kind, std::int64_t subjectId,
                                   std::vector<model::Annotation>& annotations) {
    Cursor& cursor = m_annotations.at(kind == SubjectKind::Solution ? 0 : 1);
    for (bool more = cursor.find(subjectId); more; more = cursor.next()) {
        const Query& row = cursor.row();
        model::Annotation& annotation = annotations.emplace_back();
        annotation.id = row.integer(1);
        annotation.subject = kind;
        annotation.subjectId = subjectId;
        annotation.annotator = row.text(2);
        annotation.kind = row.text(3);
        annotation.value = row.text(4);
        annotation.comment = row.text(5);
        annotation.seconds = row.real(6);
        annotation.supersedes = row.maybe(7);
        annotation.createdAt = row.integer(8);
        annotation.uid = row.text(9);
    }
}

// What was shown to the critic and what its answer took.
Expected<void> RecordReader::addCritiqueParts(TraceRecord& record, RecordParts parts) {
    const model::Critique& critique = *record.critique;
    if (critique.referenceId) {
        record.reference = reference(*critique.referenceId);
    }
    if (critique.completionId && m_completions.find(*critique.completionId)) {
        const Query& row = m_completions.row();
        record.promptTokens = row.integer(1);
        record.completionTokens = row.integer(2);
        record.latencySeconds = row.real(3);
        record.cost = row.real(4);
    }
    if (parts.prompt && !critique.promptHash.empty()) {
        const std::string hash = packKey(critique.promptHash);
        Query query(m_connection.statement(kRecordPrompt));
        if (query.bindBlob(hash).step()) {
            auto text = decodeText(query.text(0), query.text(1));
            if (!text) {
                return fail(std::move(text.error()));
            }
            record.prompt = std::move(*text);
        }
    }
    if (parts.siblings) {
        Query siblings(m_connection.statement(kSiblings));
        siblings.bind(critique.solutionId).bind(critique.id);
        std::vector<std::int64_t> ids;
        while (siblings.step()) {
            ids.push_back(siblings.integer(0));
        }
        record.siblings = rowsByIds(m_connection, ListOf::Critiques, ids);
    }
    return {};
}

void RecordReader::addOtherSources(TraceRecord& record) {
    Query sources(m_connection.statement(kOtherSources));
    sources.bind(record.problem.id);
    while (sources.step()) {
        record.otherSources.push_back(
            {sources.text(0), m_connection.termText(sources.integer(1)), sources.text(2)});
    }
}

Expected<TraceRecord> RecordReader::read(ListOf of, std::int64_t id, RecordParts parts) {
    if (of == ListOf::Items) {
        const std::vector<TraceRow> rows = rowsByIds(m_connection, of, {&id, 1});
        if (rows.empty() || rows.front().problemId == 0) {
            return missing(of, id);
        }
        const TraceRow& row = rows.front();
        return row.critiqueId != 0   ? read(ListOf::Critiques, row.critiqueId, parts)
               : row.solutionId != 0 ? read(ListOf::Solutions, row.solutionId, parts)
                                     : read(ListOf::Problems, row.problemId, parts);
    }
    TraceRecord record;
    std::int64_t solutionId = of == ListOf::Solutions ? id : 0;
    if (of == ListOf::Critiques) {
        auto critique = this->critique(id);
        if (!critique) {
            return fail(std::move(critique.error()));
        }
        if (!*critique) {
            return missing(of, id);
        }
        record.critique = std::move(**critique);
        solutionId = record.critique->solutionId;
    }
    if (of != ListOf::Problems && !toSolution(solutionId)) {
        return missing(of, id);
    }
    if (!toProblem(of == ListOf::Problems ? id : m_solution->solution.problemId)) {
        return missing(of, id);
    }
    record.problem = m_problem->problem;
    record.statedAnswer = m_problem->statedAnswer;
    record.verdicts = m_problem->verdicts;
    if (parts.otherSources) {
        addOtherSources(record);
    }
    if (of != ListOf::Problems) {
        record.solution = m_solution->solution;
        record.solutionCorrect = m_solution->correct;
        record.annotations = m_solution->annotations;
        record.verdicts.insert(record.verdicts.end(), m_solution->verdicts.begin(),
                               m_solution->verdicts.end());
    }
    if (record.critique) {
        if (auto added = addCritiqueParts(record, parts); !added) {
            return fail(std::move(added.error()));
        }
        readVerdicts(SubjectKind::Critique, id, record.verdicts);
        readAnnotations(SubjectKind::Critique, id, record.annotations);
    }
    std::sort(record.verdicts.begin(), record.verdicts.end(),
              [](const auto& a, const auto& b) { return a.id > b.id; });
    std::sort(record.annotations.begin(), record.annotations.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return record;
}

} // namespace scrit::store
