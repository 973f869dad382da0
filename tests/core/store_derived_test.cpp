// SPDX-License-Identifier: GPL-3.0-or-later
// Derived rows after random work, and what lists, streams and the status show of them.
#include "tests/core/store_lineage_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <thread>

using namespace scrit;
using namespace scrit::test;
using model::Outcome;
using model::SubjectKind;
using store::ListOf;
using store::ListQuery;
using store::SortKey;
using store::Writer;

namespace {

constexpr const char* kSolutionTruth =
    "SELECT s.id, s.problem_id, iif(s.source_term = 0, p.source_term, s.source_term), "
    "p.split_term, p.subject_term, p.level_term, s.author_term, "
    "(WITH v AS (SELECT n.text AS verifier, q.text AS protocol, d.* FROM verdict d "
    "JOIN term n ON n.id = d.verifier_term JOIN term q ON q.id = d.protocol_term "
    "WHERE d.subject_kind = 1 AND d.subject_id = s.id), "
    "newest AS (SELECT 1 AS rank, outcome FROM (SELECT * FROM v WHERE verifier = 'human' "
    "ORDER BY id DESC LIMIT 1) UNION ALL SELECT 2, outcome FROM (SELECT * FROM v WHERE verifier = "
    "'answer_match' ORDER BY id DESC LIMIT 1) UNION ALL SELECT 3, outcome FROM (SELECT * FROM v "
    "WHERE verifier = 'label' AND protocol = 'label/answer' ORDER BY id DESC LIMIT 1)) "
    "SELECT 1 - outcome FROM newest WHERE outcome < 2 ORDER BY rank LIMIT 1), "
    "(SELECT d.step FROM verdict d JOIN term q ON q.id = d.protocol_term WHERE d.subject_kind = 1 "
    "AND d.subject_id = s.id AND q.text = 'label/first-error' ORDER BY d.id DESC LIMIT 1) "
    "FROM solution s JOIN problem p ON p.id = s.problem_id ORDER BY s.id";
constexpr const char* kSolutionDerived =
    "SELECT id, problem_id, source_term, split_term, subject_term, level_term, student_term, "
    "correct, label_step FROM solution_row ORDER BY id";

constexpr const char* kCritiqueTruth =
    "SELECT c.id, s.problem_id, c.solution_id, s.split_term, s.level_term, s.student_term, "
    "s.correct, s.label_step, c.mode, c.critic_term, c.round, "
    "(SELECT conclusion FROM critique_parse WHERE critique_id = c.id ORDER BY id DESC LIMIT 1), "
    "(SELECT first_error_step FROM critique_parse WHERE critique_id = c.id ORDER BY id DESC LIMIT "
    "1), ifnull((SELECT flags FROM critique_parse WHERE critique_id = c.id ORDER BY id DESC LIMIT "
    "1), 0), "
    "(SELECT outcome FROM verdict JOIN term ON term.id = verifier_term WHERE text = "
    "'self_validation' AND subject_kind = 2 AND subject_id = c.id ORDER BY verdict.id DESC LIMIT "
    "1), "
    "(SELECT outcome FROM verdict JOIN term ON term.id = verifier_term WHERE text = 'answer_match' "
    "AND subject_kind = 2 AND subject_id = c.id ORDER BY verdict.id DESC LIMIT 1) "
    "FROM critique c JOIN solution_row s ON s.id = c.solution_id ORDER BY c.id";
constexpr const char* kCritiqueDerived =
    "SELECT id, problem_id, solution_id, split_term, level_term, student_term, correct, "
    "label_step, mode, critic_term, round, conclusion, first_error, flags, validated, answer "
    "FROM critique_row ORDER BY id";

std::string dump(SQLite::Database& database, const char* sql) {
    SQLite::Statement statement(database, sql);
    std::string out;
    while (statement.executeStep()) {
        for (int i = 0; i < statement.getColumnCount(); ++i) {
            out += statement.isColumnNull(i) ? "-" : statement.getColumn(i).getString();
            out += '|';
        }
        out += '\n';
    }
    return out;
}

// One random step of work on a small world, so that the same objects are met again and again.
void randomOperation(Writer& writer, std::mt19937& random) {
    const auto below = [&](unsigned bound) {
        return random() % bound;
    };
    model::Problem problem = makeProblem("Problem " + std::to_string(below(4)));
    problem.split = below(2) == 0 ? "" : "train";
    problem.level = below(2) == 0 ? "" : std::to_string(below(3));
    const auto problemId = idOf(writer.addProblem(problem));
    model::Solution solution =
        makeSolution(problemId, "Solution " + std::to_string(below(3)), "student");
    solution.source = below(3) == 0 ? "elsewhere" : "";
    const auto solutionId = idOf(writer.addSolution(solution));
    static const std::array<std::pair<const char*, const char*>, 7> kJudges = {
        {{"human", "human/1"},
         {"answer_match", "answer/1"},
         {"answer_match", "answer/2"},
         {"label", "label/answer"},
         {"label", "label/first-error"},
         {"self_validation", "self/1"},
         {"step_arithmetic", "arithmetic/1"}}};
    const auto judge = kJudges[below(kJudges.size())];
    model::Verdict verdict = makeVerdict(SubjectKind::Solution, solutionId, judge.first,
                                         static_cast<Outcome>(below(3)), judge.second);
    verdict.step = static_cast<int>(below(4)) - 1;
    if (below(2) == 0) {
        idOf(writer.addVerdict(verdict));
    }
    if (below(2) == 0) {
        return;
    }
    model::Critique critique =
        parsedCritique(solutionId, "Critique number " + std::to_string(below(5)));
    critique.parsed.parser = "scrit/" + std::to_string(below(3));
    critique.parsed.firstErrorStep =
        below(3) == 0 ? std::nullopt : std::optional(static_cast<int>(below(5)) - 1);
    critique.parsed.flags = model::Flags(static_cast<std::uint32_t>(below(16)));
    const auto critiqueId = idOf(writer.addCritique(critique));
    verdict.subject = SubjectKind::Critique;
    verdict.subjectId = critiqueId;
    idOf(writer.addVerdict(verdict));
    if (below(3) == 0) {
        critique.parsed.parser = "other/" + std::to_string(below(3));
        critique.parsed.conclusion.reset();
        idOf(writer.addParse(critiqueId, critique.parsed));
    }
}

} // namespace

class StoreDerivedTest : public LineageWorkspace {
    Q_OBJECT

private Q_SLOTS:
    void init() { openNew(); }
    void cleanup() { close(); }

    void derivedRowsEqualTheLineage() {
        std::mt19937 random(20250501);
        for (int batch = 0; batch < 12; ++batch) {
            const bool takenBack = batch % 4 == 3;
            const auto done = m_workspace->write([&](Writer& writer) -> base::Expected<void> {
                for (int i = 0; i < 40; ++i) {
                    randomOperation(writer, random);
                }
                if (takenBack) {
                    return base::fail(base::ErrorCode::Cancelled, "taken back");
                }
                return {};
            });
            QCOMPARE(done.has_value(), !takenBack);
            SQLite::Database database(inside(*m_folder).string(), SQLite::OPEN_READONLY);
            QCOMPARE(dump(database, kSolutionDerived), dump(database, kSolutionTruth));
            QCOMPARE(dump(database, kCritiqueDerived), dump(database, kCritiqueTruth));
            QVERIFY(!dump(database, kCritiqueDerived).empty());
            for (const char* text : {"problem", "solution", "critique"}) {
                const std::string name(text);
                QCOMPARE(dump(database, ("SELECT count(*) FROM " + name).c_str()),
                         dump(database, ("SELECT count(*) FROM " + name + "_row").c_str()));
            }
        }
        SQLite::Database database(inside(*m_folder).string(), SQLite::OPEN_READWRITE);
        for (const char* text : {"problem", "solution", "critique"}) {
            const std::string table = std::string(text) + "_text";
            database.exec("INSERT INTO " + table + " (" + table +
                          ", rank) VALUES ('integrity-check', 1)");
        }
        QCOMPARE(dump(database, "PRAGMA foreign_key_check"), "");
    }

    void pagesEqualIds_data() {
        QTest::addColumn<int>("sort");
        QTest::addColumn<bool>("descending");
        for (int sort = 0; sort < 5; ++sort) {
            for (const bool descending : {false, true}) {
                QTest::addRow("%d %d", sort, descending) << sort << descending;
            }
        }
    }
    void pagesEqualIds() {
        QFETCH(int, sort);
        QFETCH(bool, descending);
        std::mt19937 random(7);
        SCRIT_OK(write([&](Writer& writer) {
            for (int i = 0; i < 120; ++i) {
                randomOperation(writer, random);
            }
        }));
        for (const ListOf of : {ListOf::Problems, ListOf::Solutions, ListOf::Critiques}) {
            const ListQuery query{of, "-source:nothing", static_cast<SortKey>(sort), descending};
            SCRIT_TRY(ids, m_reader->ids(query));
            QVERIFY(!ids.empty());
            std::vector<std::int64_t> paged;
            std::vector<std::int64_t> streamed;
            std::optional<std::int64_t> after;
            for (;;) {
                SCRIT_TRY(page, m_reader->page(query, after, 3));
                if (page.empty()) {
                    break;
                }
                for (const store::TraceRow& row : page) {
                    paged.push_back(row.id);
                }
                after = paged.back();
            }
            QCOMPARE(paged, ids);
            SCRIT_OK(m_reader->forEachRow(query, [&](const store::TraceRow& row) {
                streamed.push_back(row.id);
                return base::Expected<bool>(true);
            }));
            QCOMPARE(streamed, ids);
            SCRIT_TRY(rows, m_reader->rows(of, ids));
            QCOMPARE(rows.size(), ids.size());
            if (static_cast<SortKey>(sort) == SortKey::Source) {
                const auto ordered = [&](const auto& a, const auto& b) {
                    return descending ? b.source < a.source : a.source < b.source;
                };
                QVERIFY(std::is_sorted(rows.begin(), rows.end(), ordered));
            }
        }
    }

    void streamsStopAndNest() {
        std::mt19937 random(3);
        SCRIT_OK(write([&](Writer& writer) {
            for (int i = 0; i < 60; ++i) {
                randomOperation(writer, random);
            }
        }));
        int seen = 0;
        SCRIT_OK(m_reader->forEachRecord({}, [&](store::TraceRecord&& record) {
            const auto again = m_reader->record(ListOf::Critiques, record.critique->id);
            return base::Expected<bool>(again && ++seen < 3);
        }));
        QCOMPARE(seen, 3);
        const auto failed = m_reader->forEachRow({}, [](const store::TraceRow&) {
            return base::Expected<bool>(base::fail(base::ErrorCode::DiskFull, "full"));
        });
        QCOMPARE(failed.error().code, base::ErrorCode::DiskFull);
    }

    void status() {
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(makeProblem("P")));
            for (int i = 0; i < 4; ++i) {
                const auto s = idOf(writer.addSolution(makeSolution(p, "S" + std::to_string(i))));
                idOf(writer.addVerdict(makeVerdict(SubjectKind::Solution, s, "label",
                                                   i == 0 ? Outcome::Yes : Outcome::No,
                                                   "label/answer")));
                const auto c = idOf(writer.addCritique(parsedCritique(s, "critique text")));
                idOf(writer.addVerdict(makeVerdict(SubjectKind::Critique, c, "self_validation",
                                                   i < 3 ? Outcome::Yes : Outcome::No)));
                idOf(writer.addVerdict(makeVerdict(SubjectKind::Critique, c, "answer_match",
                                                   i < 2 ? Outcome::Yes : Outcome::No)));
            }
            idOf(writer.addCritique(makeCritique(1, "no parse")));
            QVERIFY(writer.beginImport("a.jsonl", "auto").has_value());
            const auto second = writer.beginImport("b.jsonl", "auto");
            QVERIFY(writer.endImport(*second, {10, 8, 1, 1}, "done").has_value());
            QVERIFY(!writer.endImport(*second, {}, "perhaps"));
            QVERIFY(writer.addExport("out", "openai-chat", "mode:direct", "{}").has_value());
        }));
        {
            SQLite::Database database(inside(*m_folder).string(), SQLite::OPEN_READWRITE);
            database.exec("INSERT INTO run (id, recipe, state, created_at) VALUES (1, 'scrit', "
                          "'running', 0);"
                          "INSERT INTO work_item (run_id, stage_term, subject_kind, subject_id, "
                          "sample, state, error_code, error, attempts) VALUES "
                          "(1, 0, 1, 1, 0, 'running', NULL, NULL, 1), "
                          "(1, 0, 1, 1, 1, 'failed', 'server', 'it said no', 3), "
                          "(1, 0, 1, 1, 2, 'failed', 'server', 'it said no', 3), "
                          "(1, 0, 1, 2, 0, 'done', NULL, NULL, 1)");
        }
        SCRIT_TRY(status, m_reader->status());
        QCOMPARE(status.problems, 1);
        QCOMPARE(status.solutions, 4);
        QCOMPARE(status.solutionsCorrect, 1);
        QCOMPARE(status.solutionsIncorrect, 3);
        QCOMPARE(status.critiques, 5);
        QCOMPARE(status.critiquesParsed, 4);
        QCOMPARE(status.selfValidated, 3);
        QCOMPARE(status.answerMatched, 2);
        QCOMPARE(status.validatedMatch, 2);
        QCOMPARE(status.validatedMismatch, 1);
        QCOMPARE(status.rejectedMatch, 0);
        QCOMPARE(status.rejectedMismatch, 1);
        QCOMPARE(status.unfinishedImports, 1);
        QCOMPARE(status.itemsRunning, 1);
        QCOMPARE(status.wouldBeLost, 1);
        QCOMPARE(status.itemsFailed, 2);
        QCOMPARE(status.errors.size(), 1U);
        QCOMPARE(status.errors[0].second, 2);
        SCRIT_TRY(items, m_reader->page({ListOf::Items, "state:done", {}, false}, {}, 5));
        QCOMPARE(items.size(), 1U);
        QCOMPARE(items[0].solutionId, 2);
        QCOMPARE(items[0].state, "done");
        QCOMPARE(items[0].error, "");
        SCRIT_TRY(failed, m_reader->page({ListOf::Items, "state:failed", {}, true}, {}, 1));
        QCOMPARE(failed[0].runId, 1);
        QCOMPARE(failed[0].sample, 2);
        QCOMPARE(failed[0].attempts, 3);
        QCOMPARE(failed[0].errorCode, "server");
        QCOMPARE(failed[0].error, "it said no");
        SCRIT_TRY(some, m_reader->rows(ListOf::Items, {4, 1, 99, 4}));
        QCOMPARE(some.size(), 3U);
        QVERIFY(some[0].id == 4 && some[1].id == 1 && some[2].id == 4);
        QVERIFY(some[0].solutionId == 2 && some[1].solutionId == 1 && some[2].solutionId == 2);
        QCOMPARE(some[2].excerpt, "P");
        QCOMPARE(some[1].critiqueCount, 2);
    }

    void interruptEndsAQuery() {
        std::mt19937 random(1);
        SCRIT_OK(write([&](Writer& writer) {
            const auto p = idOf(writer.addProblem(makeProblem("P")));
            for (int i = 0; i < 3000; ++i) {
                idOf(writer.addSolution(makeSolution(p, "S" + std::to_string(i))));
            }
        }));
        std::atomic<bool> stop = false;
        std::thread other([&] {
            while (!stop) {
                m_reader->interrupt();
            }
        });
        bool cancelled = false;
        for (int i = 0; i < 1000 && !cancelled; ++i) {
            const auto ids = m_reader->ids({ListOf::Solutions, "-word", {}, false});
            cancelled = !ids && ids.error().code == base::ErrorCode::Cancelled;
        }
        stop = true;
        other.join();
        QVERIFY(cancelled);
        SCRIT_OK(m_reader->ids({ListOf::Solutions, "-word", {}, false}));
    }

    void readersGoOnWhileSomebodyWrites() {
        std::atomic<bool> stop = false;
        std::atomic<int> bad = 0;
        std::thread other([&, reader = *m_workspace->reader()]() mutable {
            while (!stop) {
                const auto status = reader->status();
                bad += !status || status->critiques % 10 != 0 ? 1 : 0;
            }
        });
        for (int batch = 0; batch < 20; ++batch) {
            SCRIT_OK(write([&](Writer& writer) {
                const auto p = idOf(writer.addProblem(makeProblem("P")));
                const auto s = idOf(writer.addSolution(makeSolution(p, "S")));
                for (int i = 0; i < 10; ++i) {
                    idOf(writer.addCritique(
                        makeCritique(s, std::to_string(batch) + "." + std::to_string(i))));
                }
            }));
        }
        stop = true;
        other.join();
        QCOMPARE(bad.load(), 0);
        SCRIT_TRY(count, m_reader->count({}));
        QCOMPARE(count, 200);
    }
};

SCRIT_TEST(StoreDerivedTest)
#include "store_derived_test.moc"
