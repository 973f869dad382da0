// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/model/lineage.h"
#include "core/store/filter.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scrit::store {

class Connection;

// One row of a list. Fields that do not apply to the kind of row stay empty: a list of solutions
// has no critique fields, a list of problems no solution fields.
struct TraceRow {
    std::int64_t id = 0; // of the listed kind
    std::int64_t problemId = 0;
    std::int64_t solutionId = 0;
    std::int64_t critiqueId = 0;
    std::string source;
    std::string split;
    std::string subject;
    std::string level;
    std::string student;
    std::optional<bool>
        solutionCorrect;          // human over answer_match over label; absent when undecided
    std::optional<int> labelStep; // first wrong step as labelled by the source
    model::CritiqueMode mode = model::CritiqueMode::Recorded;
    std::string critic;
    int round = 0;
    std::optional<model::Conclusion> conclusion;
    std::optional<int> firstErrorStep;
    std::optional<model::Outcome> validated;   // newest self_validation
    std::optional<model::Outcome> answerMatch; // newest answer_match: of the correction; in a list
                                               // of solutions, of the solution
    model::Flags flags;
    std::string annotationLabel; // newest agreement: agree, disagree, unsure; empty when none
    std::int64_t tokens = 0;     // of the completion; 0 when not known
    int critiqueCount = 0;       // lists of problems and solutions
    std::string excerpt;         // start of the problem, one line
    // Lists of items; the newest of critiqueId, solutionId and problemId is what the item is about.
    std::int64_t runId = 0;
    std::string stage; // what the item does
    std::string state; // planned, running, done, failed, skipped
    int sample = 0;    // counts from 0
    int attempts = 0;
    std::string errorCode;
    std::string error;
};

enum class SortKey { Id, Source, FirstErrorStep, Tokens, Round };
struct ListQuery {
    ListOf of = ListOf::Critiques;
    std::string filter;
    SortKey sort = SortKey::Id;
    bool descending = false;
};

// A data set that holds a problem besides the one it was first imported from.
struct OtherSource {
    std::string source;
    std::string split;      // there; empty when not known
    std::string externalId; // there; empty when not known
};

// Everything the reading screen shows for one row.
struct TraceRecord {
    model::Problem problem;                  // its reference answer as people have repaired it
    std::optional<std::string> statedAnswer; // the data set's, where it was repaired
    std::vector<OtherSource> otherSources;   // of the problem, by name
    std::optional<model::Solution> solution;
    std::optional<model::Critique> critique;
    std::optional<model::Solution> reference; // shown to the critic, when it was a stored solution
    std::vector<model::Verdict> verdicts;     // of problem, solution and critique, newest first
    std::vector<model::Annotation> annotations; // of solution and critique, oldest first
    std::vector<TraceRow> siblings; // other critiques of the same solution, in order of id
    std::optional<bool> solutionCorrect;
    std::int64_t promptTokens = 0;
    std::int64_t completionTokens = 0;
    double latencySeconds = 0;
    double cost = 0;
    std::string prompt; // rendered prompt, empty for imported critiques
};

// The funnel and what would be lost; see `scrit status --json`.
struct Status {
    std::int64_t problems = 0;
    std::int64_t solutions = 0;
    std::int64_t solutionsCorrect = 0;
    std::int64_t solutionsIncorrect = 0;
    std::int64_t pairs = 0;
    std::int64_t critiques = 0;
    std::int64_t critiquesParsed = 0; // conclusion and first error step both read
    std::int64_t selfValidated = 0;
    std::int64_t answerMatched = 0;
    std::int64_t annotations = 0;
    std::int64_t wouldBeLost = 0;
    std::int64_t validatedMatch = 0;
    std::int64_t validatedMismatch = 0;
    std::int64_t rejectedMatch = 0;
    std::int64_t rejectedMismatch = 0;
    std::int64_t itemsPlanned = 0;
    std::int64_t itemsRunning = 0;
    std::int64_t itemsDone = 0;
    std::int64_t itemsFailed = 0;
    std::int64_t itemsSkipped = 0;
    std::vector<std::pair<std::string, std::int64_t>> errors;  // of failed items, by code
    std::vector<std::pair<std::string, std::int64_t>> sources; // problems by source
    std::int64_t unfinishedImports = 0;
};

// An export that was written out of the workspace.
struct StoredExport {
    std::int64_t id = 0;
    std::string folder;
    std::string view;
    std::string filter;
    std::string manifest;       // JSON text
    std::int64_t createdAt = 0; // unix milliseconds
};

// A read-only connection. One thread at a time uses it (move it between threads only when idle).
// interrupt() alone may be called from any thread and makes the running query end with Cancelled.
class Reader {
public:
    explicit Reader(std::unique_ptr<Connection> connection);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // Keyset paging: up to `limit` rows after the row `after` (its id; absent = from the start).
    [[nodiscard]] base::Expected<std::vector<TraceRow>>
    page(const ListQuery& query, std::optional<std::int64_t> after, int limit);
    // The number of rows of a query.
    [[nodiscard]] base::Expected<std::int64_t> count(const ListQuery& query);
    // All row ids of a query in its order, in one pass: what a virtualised table needs to jump
    // anywhere.
    [[nodiscard]] base::Expected<std::vector<std::int64_t>> ids(const ListQuery& query);
    // Rows for the given ids, in the order given; unknown ids are left out.
    [[nodiscard]] base::Expected<std::vector<TraceRow>> rows(ListOf of,
                                                             const std::vector<std::int64_t>& ids);
    // Streams all rows of a query in constant memory; the callback ends the stream with an error or
    // by returning false.
    [[nodiscard]] base::Expected<void>
    forEachRow(const ListQuery& query,
               const std::function<base::Expected<bool>(const TraceRow&)>& row);
    // Streams whole records of a query in constant memory (export, verify). Siblings, prompt and
    // other sources are left empty.
    [[nodiscard]] base::Expected<void>
    forEachRecord(const ListQuery& query,
                  const std::function<base::Expected<bool>(TraceRecord&&)>& record);

    // The same for given ids in the order given; NotFound for one that is not there. Fastest in
    // order of id.
    [[nodiscard]] base::Expected<void>
    forEachRecordOf(ListOf of, const std::vector<std::int64_t>& ids,
                    const std::function<base::Expected<bool>(TraceRecord&&)>& record);
    // The problems of a frozen evaluation set, by its name; NotFound with the names there are.
    [[nodiscard]] base::Expected<std::vector<std::int64_t>> frozenProblems(std::string_view name);

    // One record; NotFound with the id when there is none.
    [[nodiscard]] base::Expected<TraceRecord> record(ListOf of, std::int64_t id);

    // The solution with that content key, else the one that its data set calls so; Invalid, with
    // what to do, when several are called so.
    [[nodiscard]] base::Expected<std::optional<std::int64_t>>
    findSolution(std::string_view reference);

    // How many different final answers the candidates gave to each problem: how hard it is (the
    // "unique answers" of SCRIT, arXiv 2501.05727). The one definition of it, which the filter word
    // unique-answers, orders of exports, reports and figures of rounds share: answers that match
    // the reference answer are one, the others are compared as model::bareAnswer() has them;
    // solutions without an answer, reference solutions and ones with an injected bug do not count.
    // Of the whole workspace, without the problems that have none (Cancelled); or of each given
    // problem.
    using AnswerCounts = std::unordered_map<std::int64_t, int>;
    [[nodiscard]] base::Expected<AnswerCounts> uniqueAnswers(const base::CancelToken& cancel = {});
    [[nodiscard]] base::Expected<AnswerCounts>
    uniqueAnswersOf(std::span<const std::int64_t> problems);

    [[nodiscard]] base::Expected<Status> status();
    // Known values of an open qualifier ("source", "critic", "student", …) that start with
    // `prefix`, most frequent first, at most `limit`.
    [[nodiscard]] base::Expected<std::vector<std::string>>
    values(std::string_view qualifier, std::string_view prefix, int limit);

    // Exports that the workspace remembers, newest first, at most `limit`.
    [[nodiscard]] base::Expected<std::vector<StoredExport>> exports(int limit);

    // Ends a query that runs on another thread; it returns Cancelled.
    void interrupt();

private:
    friend class Workspace;
    friend class EvaluationReader;
    friend class OutcomeReader;
    friend class ReviewReader;
    friend class RoundCharts;
    friend class RoundReader;
    friend class RunReader;
    [[nodiscard]] Connection& connection() { return *m_connection; }
    std::unique_ptr<Connection> m_connection;
};

} // namespace scrit::store
