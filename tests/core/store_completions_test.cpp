// SPDX-License-Identifier: GPL-3.0-or-later
// What models answered: completions that are paid once, prompts, pairs, and usage.
#include "core/store/migrations.h"
#include "tests/core/store_runs_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <set>

using namespace scrit;
using namespace scrit::test;
using base::ErrorCode;
using model::Outcome;
using store::ListOf;

class StoreCompletionsTest : public RunsWorkspace {
    Q_OBJECT

private Q_SLOTS:
    void init() { openNew(); }
    void cleanup() { close(); }

    void completionsArePaidOnce() {
        model::Completion first = makeCompletion(m_run, 1);
        first.promptHash = base::contentHash({"prompt"});
        first.sampling = R"({"temperature":0.7})";
        first.seed = -5;
        first.sample = 3;
        first.latencySeconds = 1.5;
        first.queueSeconds = 0.25;
        first.createdAt = 42;
        first.reasoning = "Hm.";
        first.logprobs = "[" + std::string(5000, '1') + "]";
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            const auto stored = must(runs.addCompletion(first));
            QVERIFY(stored.added);
            model::Completion other = makeCompletion(m_run, 1);
            other.text = "another answer";
            const auto again = must(runs.addCompletion(other));
            QVERIFY(!again.added);
            QCOMPARE(again.id, stored.id);
            must(runs.addCompletion(makeCompletion(m_run, 2)));
            model::Completion recorded = makeCompletion(0, 3); // of no run and no model
            recorded.modelId = 0;
            must(runs.addCompletion(recorded));
        }));
        RunReader runs(*m_reader);
        SCRIT_TRY(usage, runs.usage(m_run));
        QCOMPARE(usage.completions, 2);
        QCOMPARE(usage.promptTokens, 200);
        QCOMPARE(usage.completionTokens, 20);
        QCOMPARE(usage.cost, 0.5);
        QCOMPARE(must(runs.run(m_run)).cost, 0.5);
        const std::vector<std::string> keys = {hexKey(1), hexKey(7), hexKey(3)};
        SCRIT_TRY(found, runs.completions(keys));
        QCOMPARE(found.size(), 2U);
        const model::Completion& read = found.at(hexKey(1));
        QCOMPARE(read.cacheKey, first.cacheKey);
        QCOMPARE(read.promptHash, first.promptHash);
        QCOMPARE(read.sampling, first.sampling);
        QVERIFY(read.seed == -5 && read.sample == 3 && read.createdAt == 42);
        QVERIFY(read.modelId == 1 && read.runId == m_run);
        QVERIFY(read.latencySeconds == 1.5 && read.queueSeconds == 0.25 && read.cost == 0.25);
        QCOMPARE(read.finishReason, "stop");
        QCOMPARE(read.text, "answer 1");
        QCOMPARE(read.reasoning, "Hm.");
        QCOMPARE(read.logprobs, first.logprobs);
        QVERIFY(found.at(hexKey(3)).runId == 0 && found.at(hexKey(3)).logprobs.empty());
    }

    void aFreshAnswerTakesTheKey() {
        std::int64_t old = 0;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            old = must(runs.addCompletion(makeCompletion(m_run, 1), true)).id;
            for (const char* text : {"newer", "newest"}) {
                model::Completion fresh = makeCompletion(m_run, 1);
                fresh.text = text;
                QVERIFY(must(runs.addCompletion(fresh, true)).added);
            }
        }));
        RunReader runs(*m_reader);
        const std::vector<std::string> keys = {hexKey(1)};
        SCRIT_TRY(found, runs.completions(keys));
        QCOMPARE(found.at(hexKey(1)).text, "newest");
        QVERIFY(found.at(hexKey(1)).id != old);
        QCOMPARE(must(runs.usage(m_run)).completions, 3);
        SQLite::Database database(inside(*m_folder).string(), SQLite::OPEN_READONLY);
        QCOMPARE(database
                     .execAndGet("SELECT group_concat(text) FROM (SELECT text FROM completion "
                                 "ORDER BY id)")
                     .getString(),
                 "answer 1,newer,newest");
        // Of a run that is not there: the key does not move, even if the caller goes on.
        const auto lost = write([&](Writer&, RunWriter& writer) {
            QVERIFY(!writer.addCompletion(makeCompletion(77, 1), true));
        });
        QVERIFY(!lost);
        QCOMPARE(must(runs.completions(keys)).at(hexKey(1)).text, "newest");
    }

    void manyCompletionsAtOnce() {
        std::vector<std::string> keys;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            for (int i = 0; i < 100; ++i) {
                keys.push_back(hexKey(i));
                if (i % 3 != 0) {
                    must(runs.addCompletion(makeCompletion(m_run, i)));
                }
            }
        }));
        RunReader runs(*m_reader);
        SCRIT_TRY(found, runs.completions(keys));
        QCOMPARE(found.size(), 66U);
        QCOMPARE(found.at(hexKey(98)).text, "answer 98");
        QVERIFY(must(runs.completions({})).empty());
    }

    void promptsAreKeptByHash() {
        const std::string text = "Judge this solution. " + std::string(20000, 'x');
        const std::string hash = base::contentHash({text});
        std::int64_t critique = 0;
        SCRIT_OK(write([&](Writer& writer, RunWriter& runs) {
            must(runs.addPrompt(hash, text));
            must(runs.addPrompt(hash, text));
            must(runs.addPrompt(base::contentHash({"short"}), "short"));
            model::Critique object = makeCritique(1, "Fine.");
            object.promptHash = hash;
            model::Completion completion = makeCompletion(m_run, 1);
            completion.latencySeconds = 2.5;
            object.completionId = must(runs.addCompletion(completion)).id;
            critique = idOf(writer.addCritique(object));
            model::Verdict verdict = makeVerdict(SubjectKind::Critique, critique,
                                                 model::verifier::kSelfValidation, Outcome::Yes);
            verdict.completionId = object.completionId;
            idOf(writer.addVerdict(verdict));
        }));
        SCRIT_TRY(record, m_reader->record(ListOf::Critiques, critique));
        QCOMPARE(record.prompt, text);
        QVERIFY(record.latencySeconds == 2.5 && record.cost == 0.25);
        QVERIFY(record.promptTokens == 100 && record.completionTokens == 10);
        // From a verdict to the transcript that it was read from.
        QCOMPARE(record.verdicts.size(), 1U);
        RunReader runs(*m_reader);
        SCRIT_TRY(transcript, runs.completion(record.verdicts[0].completionId.value_or(0)));
        QCOMPARE(transcript.text, "answer 1");
        QCOMPARE(runs.completion(99).error().code, ErrorCode::NotFound);
        SCRIT_TRY(prompt, runs.prompt(hash));
        QCOMPARE(prompt, text);
        QVERIFY(must(runs.prompt(base::contentHash({"other"}))).empty());
        SQLite::Database database(inside(*m_folder).string(), SQLite::OPEN_READONLY);
        QCOMPARE(database.execAndGet("SELECT count(*) FROM prompt").getInt(), 2);
        QVERIFY(database.execAndGet("SELECT sum(length(text)) FROM prompt").getInt() < 1000);
    }

    void pairsGiveReferences() {
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            const auto pair = must(runs.addPair(m_run, 2, 1));
            QVERIFY(pair.added);
            const auto again = must(runs.addPair(m_run, 2, 1));
            QVERIFY(!again.added && again.id == pair.id);
            QCOMPARE(runs.addPair(m_run, 2, 99).error().code, ErrorCode::NotFound);
            const auto other = must(runs.addRun(makeRun()));
            must(runs.addPair(other, 1, 2));
        }));
        const std::vector<std::int64_t> ids = {1, 2, 3};
        SCRIT_TRY(found, RunReader(*m_reader).references(m_run, ids));
        QCOMPARE(found.size(), 1U);
        QCOMPARE(found.at(2), 1);
        QVERIFY(must(RunReader(*m_reader).references(m_run, {})).empty());
        SCRIT_TRY(status, m_reader->status());
        QCOMPARE(status.pairs, 2);
    }

    void objectsInTheOrderAskedFor() {
        SCRIT_OK(write([&](Writer& writer, RunWriter&) {
            for (int i = 2; i <= 40; ++i) {
                const auto name = std::to_string(i);
                const auto problem =
                    idOf(writer.addProblem(makeProblem("P" + name, i % 2 == 0 ? "even" : "odd")));
                const auto solution = idOf(writer.addSolution(makeSolution(problem, "S" + name)));
                model::Critique critique = makeCritique(solution, "C" + name);
                critique.parsed.parser = "scrit/1";
                critique.parsed.firstErrorStep = i;
                idOf(writer.addCritique(critique));
            }
            idOf(writer.addVerdict(
                makeVerdict(SubjectKind::Solution, 1, "answer_match", Outcome::Yes)));
            idOf(writer.addVerdict(
                makeVerdict(SubjectKind::Solution, 2, "answer_match", Outcome::No)));
        }));
        RunReader runs(*m_reader);
        const std::vector<std::int64_t> ids = {30, 2, 29, 3, 30};
        SCRIT_TRY(problems, runs.problems(ids));
        SCRIT_TRY(solutions, runs.solutions(ids));
        SCRIT_TRY(critiques, runs.critiques(ids));
        QStringList texts;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            texts << QString::fromStdString(problems[i].text + solutions[i].text +
                                            critiques[i].text);
            QVERIFY(problems[i].id == ids[i] && solutions[i].id == ids[i]);
            QVERIFY(critiques[i].id == ids[i]);
        }
        // (There was a problem with two solutions before.)
        QCOMPARE(texts.join(QLatin1Char(' ')),
                 QStringLiteral("P30S29C31 P2Three.C3 P29S28C30 P3S2C4 P30S29C31"));
        QCOMPARE(critiques[0].parsed.firstErrorStep.value_or(-2), 31);
        for (const std::int64_t missing : {0, 99}) {
            const std::vector<std::int64_t> some = {1, missing};
            QCOMPARE(runs.problems(some).error().code, ErrorCode::Internal);
            QCOMPARE(runs.solutions(some).error().code, ErrorCode::Internal);
            QCOMPARE(runs.critiques(some).error().code, ErrorCode::Internal);
        }
        QVERIFY(must(runs.problems({})).empty());
        const std::vector<std::int64_t> of = {5, 1, 77, 1};
        SCRIT_TRY(selectable, runs.solutionsOf(of));
        QCOMPARE(selectable.size(), 3U);
        QVERIFY(selectable[0].solutionId == 1 && selectable[0].problemId == 1);
        QVERIFY(selectable[0].correct == true && selectable[1].correct == false);
        QVERIFY(!selectable[2].correct);
        QCOMPARE(selectable[1].student, "student-b");
        QCOMPARE(selectable[1].key, must(runs.solutions({&selectable[1].solutionId, 1}))[0].key);
        QVERIFY(selectable[2].problemId == 5);
        SCRIT_TRY(even, runs.problemIds("source:even", 3));
        QCOMPARE(even, (std::vector<std::int64_t>{2, 4, 6}));
        SCRIT_TRY(every, runs.problemIds("", 0));
        QCOMPARE(every.size(), 40U);
        QCOMPARE(runs.problemIds("sorce:x", 0).error().code, ErrorCode::Invalid);
    }

    void aReaderSeesOneState() {
        const auto ids = plan(10);
        RunReader runs(*m_reader);
        int seen = 0;
        SCRIT_OK(runs.forEachOpenItem(m_run, [&](const model::WorkItem& item) {
            // All the others end while the first is looked at; a nested read sees what the walk
            // sees.
            if (seen++ == 0) {
                must(write([&](Writer&, RunWriter& writer) {
                    for (const std::int64_t id : ids) {
                        ItemEnd end;
                        end.itemId = id;
                        must(writer.endItem(end));
                    }
                }));
            }
            const auto counts = drawn(must(runs.stageCounts(item.runId)));
            return counts == Counts{{"critique/planned", 10}};
        }));
        QCOMPARE(seen, 10);
        QVERIFY(openItems().empty());
        QCOMPARE(drawn(must(runs.stageCounts(m_run))), (Counts{{"critique/done", 10}}));
    }

    // A workspace of the version before: what its runs have cost is counted once.
    void olderRunsKeepTheirUsage() {
        const auto path = inside(*m_folder, "old.scrit");
        {
            SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            for (const store::Migration& step : store::migrations()) {
                if (step.version <= 3) {
                    database.exec(std::string(step.sql));
                }
            }
            database.exec("PRAGMA user_version = 3; PRAGMA journal_mode = WAL;"
                          "INSERT INTO run (id, recipe, state, cost, created_at) VALUES "
                          "(1, 'scrit', 'stopped', 1.5, 1), (2, 'scrit', 'planned', 0, 1);"
                          "INSERT INTO completion (cache_key, run_id, prompt_tokens, "
                          "completion_tokens, created_at, text) VALUES "
                          "(x'01', 1, 10, 2, 1, 'a'), (x'02', 1, 30, 4, 1, 'b')");
        }
        SCRIT_TRY(workspace, Workspace::open(path));
        SCRIT_TRY(reader, workspace->reader());
        RunReader runs(*reader);
        SCRIT_TRY(usage, runs.usage(1));
        QVERIFY(usage.completions == 2 && usage.promptTokens == 40 && usage.cost == 1.5);
        QCOMPARE(usage.completionTokens, 6);
        QCOMPARE(must(runs.usage(2)).completions, 0);
    }
};

SCRIT_TEST(StoreCompletionsTest)
#include "store_completions_test.moc"
