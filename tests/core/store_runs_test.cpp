// SPDX-License-Identifier: GPL-3.0-or-later
// Models, runs and their items: planned once, ended once, through kills as well.
#include "tests/core/store_runs_support.h"
#include "tests/support/test_program.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

using namespace scrit;
using namespace scrit::test;
using base::ErrorCode;
using model::RunState;
using store::ListOf;

class StoreRunsTest : public RunsWorkspace {
    Q_OBJECT

private Q_SLOTS:
    void init() { openNew(); }
    void cleanup() { close(); }

    void models() {
        std::int64_t second = 0;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            model::Model child = makeModel("second");
            child.parentId = 1;
            second = must(runs.addModel(child));
            const auto taken = runs.addModel(makeModel("first"));
            QVERIFY(!taken && taken.error().code == ErrorCode::Exists);
            QVERIFY(!runs.addModel(model::Model{}));
            model::Model changed = makeModel("other name");
            changed.id = second;
            changed.kind = "vllm";
            changed.settings = "{}";
            must(runs.updateModel(changed));
            changed.id = 99;
            QCOMPARE(runs.updateModel(changed).error().code, ErrorCode::NotFound);
            must(runs.retireModel(1, true));
            QCOMPARE(runs.retireModel(99, true).error().code, ErrorCode::NotFound);
        }));
        RunReader runs(*m_reader);
        SCRIT_TRY(model, runs.model("second"));
        QCOMPARE(model.id, second);
        QCOMPARE(model.kind, "vllm");
        QCOMPARE(model.settings, "{}");
        QVERIFY(model.parentId == 1 && model.createdAt > 0 && !model.retired);
        SCRIT_TRY(offered, runs.models());
        QCOMPARE(offered.size(), 1U);
        SCRIT_TRY(all, runs.models(true));
        QCOMPARE(all.size(), 2U);
        QVERIFY(all[0].retired);
        const auto retired = runs.model("first");
        QVERIFY(!retired && retired.error().message.find("removed") != std::string::npos);
        QVERIFY(runs.model("secnd").error().text().find("'second'") != std::string::npos);
        QVERIFY(runs.model("zzzzzz").error().text().find("there are: second") != std::string::npos);
        // A name that is free again keeps its row, which completions refer to.
        SCRIT_OK(write([&](Writer&, RunWriter& writer) {
            QCOMPARE(must(writer.addModel(makeModel("first"))), std::int64_t{1});
        }));
        SCRIT_TRY(again, runs.model("first"));
        QVERIFY(!again.retired);
    }

    void runsAndTheirStates() {
        RunReader runs(*m_reader);
        SCRIT_TRY(fresh, runs.run(m_run));
        QCOMPARE(fresh.recipe, "scrit");
        QCOMPARE(fresh.recipeText, "text of scrit");
        QCOMPARE(fresh.settings, R"({"critic":"m"})");
        QCOMPARE(fresh.filter, "source:gsm8k");
        QCOMPARE(fresh.seed, 18446744073709551615ULL);
        QVERIFY(fresh.state == RunState::Planned && !fresh.roundId && fresh.createdAt > 0);
        QVERIFY(fresh.startedAt == 0 && fresh.finishedAt == 0);
        const auto state = [&](RunState to, std::string_view error = {}) {
            must(write([&](Writer&, RunWriter& w) { must(w.setRunState(m_run, to, error)); }));
            return must(runs.run(m_run));
        };
        const std::int64_t started = state(RunState::Running).startedAt;
        QVERIFY(started > 0);
        const model::Run stopped = state(RunState::Stopped, "the cost cap is reached");
        QVERIFY(stopped.state == RunState::Stopped && stopped.finishedAt == 0);
        QCOMPARE(stopped.error, "the cost cap is reached");
        QCOMPARE(state(RunState::Running).startedAt, started);
        QVERIFY(must(runs.lastOpenRun())->id == m_run);
        const model::Run done = state(RunState::Done);
        QVERIFY(done.finishedAt >= started && done.error.empty());
        QVERIFY(!must(runs.lastOpenRun()));
        QCOMPARE(state(RunState::Running).finishedAt, 0); // failed items were planned again
        SCRIT_OK(write([&](Writer&, RunWriter& writer) {
            must(writer.addRun(makeRun("scrit-direct")));
            QCOMPARE(writer.setRunState(99, RunState::Done).error().code, ErrorCode::NotFound);
            model::Run lost = makeRun();
            lost.roundId = 5;
            QCOMPARE(writer.addRun(lost).error().code, ErrorCode::NotFound);
        }));
        SCRIT_TRY(all, runs.runs());
        QCOMPARE(all.size(), 2U);
        QCOMPARE(all[0].recipe, "scrit-direct");
        QCOMPARE(must(runs.lastOpenRun())->recipe, "scrit-direct");
        QCOMPARE(runs.run(99).error().code, ErrorCode::NotFound);
        QCOMPARE(runs.usage(99).error().code, ErrorCode::NotFound);
    }

    void itemsArePlannedOnce() {
        std::vector<model::WorkItem> items = {makeItem(m_run, 1), makeItem(m_run, 1, 1),
                                              makeItem(m_run, 2), makeItem(m_run, 1)};
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            QCOMPARE(must(runs.planItems(items)), std::int64_t{3});
            QCOMPARE(items[3].id, items[0].id);
            const std::int64_t first = items[0].id;
            must(runs.startItems({&first, 1}));
        }));
        std::vector<model::WorkItem> again = {makeItem(m_run, 2, 0, model::stage::kValidate),
                                              makeItem(m_run, 1)};
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            QCOMPARE(must(runs.planItems(again)), std::int64_t{1});
        }));
        QCOMPARE(again[1].id, items[0].id);
        QVERIFY(again[1].state == ItemState::Running);
        SCRIT_TRY(counts, RunReader(*m_reader).stageCounts(m_run));
        QCOMPARE(
            drawn(counts),
            (Counts{{"critique/planned", 2}, {"critique/running", 1}, {"validate/planned", 1}}));
        // Of a run that is not there: nothing at all is stored, whatever the caller makes of it.
        items.push_back(makeItem(77, 1));
        items[0].sample = 9;
        const auto lost = m_workspace->write([&](Writer& writer) -> Expected<void> {
            return RunWriter(writer).planItems(items) ? base::fail(ErrorCode::Internal, "stored")
                                                      : Expected<void>{};
        });
        QCOMPARE(lost.error().code, ErrorCode::NotFound);
        QCOMPARE(openItems().size(), 4U);
    }

    void itemsEndOnce() {
        const auto ids = plan(3);
        ItemEnd end;
        end.itemId = ids[0];
        end.attempts = 2;
        end.resultKind = "critique";
        end.resultId = 12;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            must(runs.startItems(ids));
            must(runs.endItem(end));
            end.itemId = 99;
            QCOMPARE(runs.endItem(end).error().code, ErrorCode::NotFound);
            end.itemId = ids[1];
            end.state = ItemState::Running;
            QCOMPARE(runs.endItem(end).error().code, ErrorCode::Invalid);
        }));
        // What comes with a second end of the same item is not stored either.
        for (const bool start : {false, true}) {
            const auto twice = m_workspace->write([&](Writer& writer) -> Expected<void> {
                idOf(writer.addCritique(makeCritique(1, "Paid twice.")));
                end.itemId = ids[0];
                end.state = ItemState::Done;
                RunWriter runs(writer);
                const auto refused = start ? runs.startItems({ids.data(), 1}) : runs.endItem(end);
                return refused ? base::fail(ErrorCode::Invalid, "stored") : Expected<void>{};
            });
            QCOMPARE(twice.error().code, ErrorCode::Internal);
        }
        SCRIT_TRY(critiques, m_reader->count({}));
        QCOMPARE(critiques, 0);
        SCRIT_TRY(counts, RunReader(*m_reader).stageCounts(m_run));
        QCOMPARE(drawn(counts), (Counts{{"critique/done", 1}, {"critique/running", 2}}));
        QCOMPARE(openItems().size(), 2U);
    }

    void itemsThatWaitForAnotherTry() {
        const auto ids = plan(2);
        ItemEnd later = failedItem(ids[0], "server", "busy");
        later.state = ItemState::Planned;
        later.attempts = 1;
        later.nextTryAt = 5000;
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            must(runs.startItems(ids));
            must(runs.endItem(later));
            QCOMPARE(must(runs.requeueRunning(m_run)), std::int64_t{1});
            QCOMPARE(must(runs.requeueRunning(99)), std::int64_t{0});
        }));
        const auto items = openItems();
        QCOMPARE(items.size(), 2U);
        QCOMPARE(items[0].id, ids[0]);
        QVERIFY(items[0].state == ItemState::Planned && items[1].state == ItemState::Planned);
        QVERIFY(items[0].subject == SubjectKind::Solution);
        QCOMPARE(items[0].stage, "critique");
        QCOMPARE(items[0].attempts, 1);
        QCOMPARE(items[0].nextTryAt, 5000);
        QCOMPARE(items[0].errorCode, "server");
        QCOMPARE(items[0].error, "busy");
        QCOMPARE(items[1].nextTryAt, 0);
        int seen = 0;
        SCRIT_OK(RunReader(*m_reader).forEachOpenItem(
            m_run, [&](const model::WorkItem&) { return ++seen < 1; }));
        QCOMPARE(seen, 1);
    }

    void failuresAreGroupedAndRetried() {
        const auto ids = plan(6);
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            must(runs.endItem(failedItem(ids[0], "server", "first")));
            must(runs.endItem(failedItem(ids[1], "server", "second")));
            must(runs.endItem(failedItem(ids[2], "network", "refused")));
            must(runs.endItem(failedItem(ids[3], "", "no code")));
            ItemEnd skipped = failedItem(ids[4], "context", "too long");
            skipped.state = ItemState::Skipped;
            must(runs.endItem(skipped));
        }));
        SCRIT_TRY(groups, RunReader(*m_reader).errorGroups(m_run));
        Counts found;
        for (const store::ErrorGroup& group : groups) {
            found[std::string(model::name(group.state)) + " " + group.code] = group.count;
            QCOMPARE(group.stage, "critique");
        }
        QCOMPARE(found, (Counts{{"failed server", 2},
                                {"failed network", 1},
                                {"failed unknown", 1},
                                {"skipped context", 1}}));
        QCOMPARE(groups[0].code, "server"); // the most frequent cause first
        QVERIFY(groups[0].example == "first" || groups[0].example == "second");
        QCOMPARE(groups[0].exampleItem, groups[0].example == "first" ? ids[0] : ids[1]);
        SCRIT_TRY(before, m_reader->status());
        QCOMPARE(before.itemsFailed, 4);
        QCOMPARE(before.itemsSkipped, 1);
        QCOMPARE(before.itemsPlanned, 1);
        QCOMPARE(before.errors[0].first, "server");
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            QCOMPARE(must(runs.retryFailed(m_run, "server")), std::int64_t{2});
            QCOMPARE(must(runs.retryFailed(m_run, "server")), std::int64_t{0});
            QCOMPARE(must(runs.retryFailed(m_run, "unknown")), std::int64_t{1});
        }));
        const auto items = openItems();
        QCOMPARE(items.size(), 4U);
        QVERIFY(items[0].attempts == 0 && items[0].errorCode.empty() && items[0].error.empty());
        SCRIT_OK(write([&](Writer&, RunWriter& runs) {
            QCOMPARE(must(runs.retryFailed(m_run)), std::int64_t{1});
        }));
        SCRIT_TRY(after, m_reader->status());
        QCOMPARE(after.itemsFailed, 0);
        QCOMPARE(after.itemsSkipped, 1);
        QVERIFY(after.errors.empty());
    }

    void listsAndFiltersOfItems_data() {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("expected");
        QTest::newRow("all") << QString() << 5;
        QTest::newRow("state") << QStringLiteral("state:failed") << 2;
        QTest::newRow("stage") << QStringLiteral("stage:validate") << 1;
        QTest::newRow("student's stage") << QStringLiteral("stage:solve/small") << 1;
        QTest::newRow("any student") << QStringLiteral("stage:solve") << 1;
        QTest::newRow("error") << QStringLiteral("error:timeout") << 1;
        QTest::newRow("error pattern") << QStringLiteral("error:time*") << 1;
        QTest::newRow("run") << QStringLiteral("run:1") << 4;
        QTest::newRow("together") << QStringLiteral(
                                         "state:failed stage:critique error:timeout run:1")
                                  << 1;
        QTest::newRow("not") << QStringLiteral("-error:timeout") << 4;
    }
    void listsAndFiltersOfItems() {
        QFETCH(QString, filter);
        QFETCH(int, expected);
        SCRIT_OK(write([&](Writer& writer, RunWriter& runs) {
            const auto critique = idOf(writer.addCritique(makeCritique(2, "Wrong.")));
            const auto other = must(runs.addRun(makeRun()));
            std::vector<model::WorkItem> items = {
                makeItem(m_run, 1), makeItem(m_run, 2),
                makeItem(m_run, critique, 0, model::stage::kValidate),
                makeItem(m_run, 1, 0, "solve/small"), makeItem(other, 1)};
            items[2].subject = SubjectKind::Critique;
            items[3].subject = SubjectKind::Problem;
            must(runs.planItems(items));
            must(runs.endItem(failedItem(items[0].id, "timeout", "too slow")));
            must(runs.endItem(failedItem(items[1].id, "server", "no")));
        }));
        const store::ListQuery query{ListOf::Items, filter.toStdString(), {}, false};
        SCRIT_TRY(count, m_reader->count(query));
        QCOMPARE(count, expected);
        SCRIT_TRY(rows, m_reader->page(query, std::nullopt, 100));
        QCOMPARE(rows.size(), static_cast<std::size_t>(expected));
        for (const store::TraceRow& row : rows) {
            QCOMPARE(row.problemId, 1);
            QVERIFY(!row.stage.empty() && !row.state.empty() && row.runId != 0);
            QCOMPARE(row.critiqueId != 0, row.stage == "validate");
        }
        SCRIT_TRY(codes, m_reader->values("error", "", 10));
        QCOMPARE(codes, (std::vector<std::string>{"server", "timeout"}));
    }

    // A child does the work of a run in batches until it is killed; the next one goes on. In the
    // end each item was done once, and at no time was there an item without its result or a result
    // without its item.
    void killedAndResumed() {
        constexpr int kItems = 240;
        constexpr std::size_t kBatch = 8;
        plan(kItems);
        m_reader.reset();
        m_workspace.reset();
        int kills = 0;
        for (int round = 0; round < 60; ++round) {
            const pid_t child = ::fork();
            if (child == 0) {
                ::_exit(work(kBatch) ? 0 : 1);
            }
            ::usleep(static_cast<useconds_t>(4000 + 1700 * (round % 11)));
            ::kill(child, round < 40 ? SIGKILL : 0);
            int state = 0;
            ::waitpid(child, &state, 0);
            kills += WIFSIGNALED(state) ? 1 : 0;
            SCRIT_TRY(workspace, Workspace::open(inside(*m_folder)));
            SCRIT_TRY(reader, workspace->reader());
            SCRIT_TRY(status, reader->status());
            SCRIT_TRY(usage, RunReader(*reader).usage(m_run));
            QCOMPARE(status.critiques, status.itemsDone);
            QCOMPARE(usage.completions, status.itemsDone);
            QCOMPARE(usage.cost, 0.25 * static_cast<double>(status.itemsDone));
            QVERIFY(status.wouldBeLost <= static_cast<std::int64_t>(kBatch));
            QCOMPARE(status.itemsDone + status.itemsPlanned + status.itemsRunning, kItems);
            if (WIFEXITED(state) && WEXITSTATUS(state) == 0) {
                QCOMPARE(status.itemsDone, kItems);
                QVERIFY(kills > 0);
                return;
            }
        }
        QFAIL("the work was never finished");
    }

private:
    // What the child does: batches of open items, each ended with its result in one transaction.
    bool work(std::size_t batch) {
        const auto opened = Workspace::open(inside(*m_folder));
        if (!opened) {
            return false;
        }
        m_workspace = *opened;
        m_reader = std::move(*m_workspace->reader());
        must(write([&](Writer&, RunWriter& runs) { must(runs.requeueRunning(m_run)); }));
        for (auto items = openItems(); !items.empty(); items = openItems()) {
            items.resize(std::min(items.size(), batch));
            std::vector<std::int64_t> ids;
            for (const model::WorkItem& item : items) {
                ids.push_back(item.id);
            }
            must(write([&](Writer&, RunWriter& runs) { must(runs.startItems(ids)); }));
            must(write([&](Writer& writer, RunWriter& runs) {
                for (const model::WorkItem& item : items) {
                    const auto completion =
                        must(runs.addCompletion(makeCompletion(m_run, item.sample)));
                    model::Critique critique =
                        makeCritique(1, "critique " + std::to_string(item.sample));
                    critique.completionId = completion.id;
                    ItemEnd end;
                    end.itemId = item.id;
                    end.resultKind = "critique";
                    end.resultId = idOf(writer.addCritique(critique));
                    must(runs.endItem(end));
                }
            }));
        }
        return true;
    }
};

SCRIT_TEST(StoreRunsTest)
#include "store_runs_test.moc"
