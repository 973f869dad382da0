// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/connection.h"
#include "core/store/reader.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Private to core/store: whole records, one at a time or many in a stream. What is here throws
// SQLite::Exception and runs inside reading() or streaming().
namespace scrit::store {

// The rows of one table in order of a key, which is the first column of its select. Asked for keys
// that grow in small steps it walks on; otherwise it searches again. So a stream in order of id
// reads each table once, from front to back, and any other order is right too.
class Cursor {
public:
    // `sql` must be a literal: "SELECT key, … WHERE key >= ? ORDER BY key". An own statement is
    // prepared at the first use; else the connection's is used, by one cursor at a time.
    Cursor(Connection& connection, const char* sql, bool ownStatement)
        : m_connection(connection), m_sql(sql), m_ownStatement(ownStatement) {}
    ~Cursor();
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    // Goes to the first row of a key; false when there is none.
    bool find(std::int64_t key);
    // Goes to the next row of the key that was found; false when there are no more.
    bool next();
    // The columns of the row, the key being column 0.
    [[nodiscard]] const Query& row() const { return *m_query; }

private:
    enum class Place { Nowhere, Row, End };
    void prepare();
    void step();

    Connection& m_connection;
    const char* m_sql;
    bool m_ownStatement;
    std::unique_ptr<SQLite::Statement> m_own;
    SQLite::Statement* m_statement = nullptr;
    std::optional<Query> m_query;
    Place m_place = Place::Nowhere;
    std::int64_t m_key = 0;   // of the row
    std::int64_t m_asked = 0; // of the last find()
};

// Which parts of a record cost extra queries.
struct RecordParts {
    bool siblings = true;
    bool prompt = true;
    bool otherSources = true;
};

// Reads records of one state of the file. The problem, the solution and the reference of the last
// record are kept, because neighbours share them; nothing else is.
class RecordReader {
public:
    // Single: with the connection's statements, while no other RecordReader of this kind is in use.
    // Stream: with its own, so that a callback may read what it likes.
    enum class Use { Single, Stream };
    RecordReader(Connection& connection, Use use);

    // NotFound when there is none.
    [[nodiscard]] base::Expected<TraceRecord> read(ListOf of, std::int64_t id, RecordParts parts);
    // An object alone, a critique with its parse; nothing when there is none.
    [[nodiscard]] std::optional<model::Problem> problem(std::int64_t id);
    [[nodiscard]] std::optional<model::Solution> solution(std::int64_t id);
    [[nodiscard]] base::Expected<std::optional<model::Critique>> critique(std::int64_t id);

private:
    struct KnownProblem {
        model::Problem problem;
        std::optional<std::string> statedAnswer;
        std::vector<model::Verdict> verdicts;
    };
    struct KnownSolution {
        model::Solution solution;
        std::optional<bool> correct;
        std::vector<model::Verdict> verdicts;
        std::vector<model::Annotation> annotations;
    };
    // Makes m_problem and m_solution those of an id; false when there is none.
    [[nodiscard]] bool toProblem(std::int64_t id);
    [[nodiscard]] bool toSolution(std::int64_t id);
    [[nodiscard]] std::optional<model::Solution> readSolution(Cursor& cursor, std::int64_t id);
    [[nodiscard]] std::optional<model::Solution> reference(std::int64_t id);
    void readParse(model::Critique& critique);
    void readVerdicts(model::SubjectKind kind, std::int64_t subjectId,
                      std::vector<model::Verdict>& verdicts);
    void readAnnotations(model::SubjectKind kind, std::int64_t subjectId,
                         std::vector<model::Annotation>& annotations);
    [[nodiscard]] base::Expected<void> addCritiqueParts(TraceRecord& record, RecordParts parts);
    void addOtherSources(TraceRecord& record);

    Connection& m_connection;
    Cursor m_problems;
    Cursor m_solutions;
    Cursor m_references;
    Cursor m_correct;
    Cursor m_critiques;
    Cursor m_parses;
    Cursor m_completions;
    std::array<Cursor, 3> m_verdicts;    // by kind of subject
    std::array<Cursor, 2> m_annotations; // of solutions and critiques
    std::optional<KnownProblem> m_problem;
    std::optional<KnownSolution> m_solution;
    std::optional<model::Solution> m_reference;
};

} // namespace scrit::store
