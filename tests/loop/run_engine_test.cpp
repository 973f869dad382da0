// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/reader.h"
#include "core/store/run_writer.h"
#include "tests/loop/run_support.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <algorithm>
#include <iterator>
#include <mutex>

using namespace scrit;
using namespace scrit::test;
using model::RunState;

namespace {

// Compares and says what differs.
void compareCounts(const std::map<std::string, std::int64_t>& actual,
                   const std::map<std::string, std::int64_t>& expected) {
    QStringList lines;
    for (const auto& [name, count] : actual) {
        const auto found = expected.find(name);
        if (found == expected.end() || found->second != count) {
            lines << QStringLiteral("%1 is %2").arg(QString::fromStdString(name)).arg(count);
        }
    }
    for (const auto& [name, count] : expected) {
        if (!actual.contains(name)) {
            lines << QStringLiteral("%1 is missing").arg(QString::fromStdString(name));
        }
    }
    QVERIFY2(lines.isEmpty(), qPrintable(lines.join(QStringLiteral("; "))));
}

// Waits until a condition holds; the engine works on other threads.
} // namespace

// What comes of a run.
class RunEngineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void funnelHasItsKnownValues_data() {
        QTest::addColumn<QString>("recipe");
        QTest::addColumn<int>("injected");
        QTest::newRow("contrastive") << QStringLiteral("scrit") << 0;
        QTest::newRow("direct") << QStringLiteral("scrit-direct") << 0;
        QTest::newRow("bug-injection") << QStringLiteral("scrit-bug-injection") << 12;
    }
    void funnelHasItsKnownValues() {
        QFETCH(QString, recipe);
        QFETCH(int, injected);
        Bench bench(12);
        const auto critic = bench.addModel("critic", knowing);
        const std::int64_t id = bench.create(bench.request(recipe.toStdString()));
        const loop::RunSnapshot end = bench.finish(id);
        QCOMPARE(end.state, RunState::Done);
        QVERIFY2(end.message.empty(), end.message.c_str());
        std::map<std::string, std::int64_t> expected{{"select/done", 12},
                                                     {"critique/done", 36},
                                                     {"validate/done", 30},
                                                     {"validate/skipped", 6}};
        if (injected > 0) {
            expected["inject/done"] = injected;
        }
        compareCounts(bench.counts(id), expected);
        QCOMPARE(critic->requests(), 36 + 30 + injected);
        const store::Status status = bench.status();
        QCOMPARE(status.pairs, std::int64_t{36});
        QCOMPARE(status.critiques, std::int64_t{36});
        QCOMPARE(status.selfValidated, std::int64_t{20});
        QCOMPARE(status.answerMatched, std::int64_t{26});
        QCOMPARE(status.validatedMatch, std::int64_t{20});
        QCOMPARE(status.validatedMismatch, std::int64_t{0});
        QCOMPARE(status.rejectedMatch, std::int64_t{0});
        QCOMPARE(status.rejectedMismatch, std::int64_t{4});
        QCOMPARE(status.itemsRunning, std::int64_t{0});
        QCOMPARE(bench.run(id).state, RunState::Done);
        QCOMPARE(end.wouldBeLost, std::int64_t{0});
        QVERIFY(bench.run(id).error.empty());
    }

    void modesChooseTheSameItems() {
        Bench bench(9);
        bench.addModel("critic", knowing);
        std::vector<std::unordered_map<std::int64_t, std::int64_t>> pairs;
        for (const char* recipe : {"scrit-bug-injection", "scrit", "scrit-direct"}) {
            const std::int64_t id = bench.create(bench.request(recipe));
            QCOMPARE(bench.finish(id).state, RunState::Done);
            const auto reader = bench.workspace->reader();
            const auto ids = (*reader)->ids({store::ListOf::Solutions, ""});
            pairs.push_back(*store::RunReader(**reader).references(id, *ids));
            // What it made is found by its number, whatever the other runs made.
            const std::string run = "run:" + std::to_string(id);
            QCOMPARE((*reader)->count({store::ListOf::Critiques, run}).value_or(-1),
                     bench.counts(id)["critique/done"]);
            QCOMPARE((*reader)->count({store::ListOf::Critiques, "-" + run}).value_or(-1),
                     (*reader)->count({store::ListOf::Critiques, ""}).value_or(-1) -
                         bench.counts(id)["critique/done"]);
        }
        QCOMPARE(pairs[0].size(), std::size_t{27});
        QVERIFY(pairs[0] == pairs[1]); // injected solutions are not chosen themselves
        QVERIFY(pairs[1] == pairs[2]);
    }

    void selfValidationSaysWhyAndByWhom() {
        Bench bench(1); // its critic approves everything
        bench.addModel("critic", knowing);
        QCOMPARE(bench.finish(bench.create(bench.request("scrit"))).state, RunState::Done);
        const auto reader = bench.workspace->reader();
        const auto ids = (*reader)->ids({store::ListOf::Critiques, "student:bob"});
        QCOMPARE(ids->size(), std::size_t{1});
        const auto record = (*reader)->record(store::ListOf::Critiques, ids->front());
        QVERIFY(record->critique->parsed.flags.has(model::Flag::RubberStamp));
        QVERIFY(record->critique->referenceId.has_value());
        QVERIFY(record->critique->completionId.has_value());
        QVERIFY(!record->prompt.empty());
        QVERIFY(record->completionTokens > 0);
        const auto verdict = std::find_if(
            record->verdicts.begin(), record->verdicts.end(), [](const model::Verdict& one) {
                return one.verifier == model::verifier::kSelfValidation;
            });
        QVERIFY(verdict != record->verdicts.end());
        QCOMPARE(verdict->outcome, model::Outcome::No);
        QCOMPARE(verdict->source, std::string("critic"));
        QCOMPARE(verdict->step, std::optional<int>(1));
        QVERIFY(verdict->protocol.starts_with("self-validation/1;"));
        QVERIFY(verdict->protocol.ends_with(";correct=solution"));
        QVERIFY(verdict->evidence.find("\"judged\":\"solution\"") != std::string::npos);
        QVERIFY(verdict->evidence.find("\"conclusion\":\"incorrect\"") != std::string::npos);
        QVERIFY(verdict->evidence.find("\"first_error\":1") != std::string::npos);
        QVERIFY(verdict->evidence.find("\"transcript\":\"## Critique") != std::string::npos);
    }

    void whatIsValidatedOfApprovalsIsASetting_data() {
        QTest::addColumn<int>("setting");
        QTest::addColumn<int>("requests");
        QTest::addColumn<int>("skipped");
        // Problem 1: three approvals.
        QTest::newRow("solution") << static_cast<int>(loop::ValidateCorrect::Solution) << 6 << 0;
        QTest::newRow("correction")
            << static_cast<int>(loop::ValidateCorrect::Correction) << 6 << 0;
        QTest::newRow("skip") << static_cast<int>(loop::ValidateCorrect::Skip) << 3 << 3;
    }
    void whatIsValidatedOfApprovalsIsASetting() {
        QFETCH(int, setting);
        QFETCH(int, requests);
        QFETCH(int, skipped);
        Bench bench(1);
        const auto critic = bench.addModel("critic", knowing);
        loop::RunRequest request = bench.request("scrit");
        const auto what = static_cast<loop::ValidateCorrect>(setting);
        const std::string line = "correct_solutions = \"";
        std::string& text = request.recipe.text;
        text.replace(text.find(line) + line.size(), std::string("solution").size(),
                     std::string(loop::name(what)));
        request.recipe = *loop::parseRecipe(text);
        const std::int64_t id = bench.create(request);
        QCOMPARE(bench.finish(id).state, RunState::Done);
        QCOMPARE(critic->requests(), requests);
        QCOMPARE(bench.counts(id)["validate/skipped"], std::int64_t{skipped});
    }

    void everyFailureEndsInAnItem_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("ends");     // of the critique items of problem 5
        QTest::addColumn<int>("moreRequests"); // than without the failure
        const auto row = [](const char* kind, const char* ends, int more) {
            QTest::newRow(kind) << QString::fromLatin1(kind) << QString::fromLatin1(ends) << more;
        };
        row("429 once", "done", 3);
        row("429 with Retry-After once", "done", 3);
        row("503 once", "done", 3);
        row("broken once", "done", 3);
        row("500 always", "failed http-500", 6 - 3); // no validations
        row("broken always", "failed network", 6 - 3);
        row("400", "failed http-400", -3);
        row("bad answer", "failed bad-answer", 6 - 3);
        row("context", "skipped context-too-small", -3);
        row("empty", "done", -3);
        row("length", "done", -3); // its correction is missing
        row("404 once there were answers", "failed http-404", -3);
    }
    void everyFailureEndsInAnItem() {
        QFETCH(QString, kind);
        QFETCH(QString, ends);
        QFETCH(int, moreRequests);
        Bench bench(5);
        std::map<std::int64_t, int> tries;
        std::mutex mutex;
        const auto failing = [&, kind](const Seen& seen) -> backend::ChatOutcome {
            if (seen.number != 5 || seen.validating) {
                return knowing(seen);
            }
            int number = 0;
            {
                const std::lock_guard lock(mutex);
                number = ++tries[seen.seed];
            }
            if (kind.endsWith(QStringLiteral(" once")) && number > 1) {
                return knowing(seen);
            }
            if (kind == QStringLiteral("429 with Retry-After once")) {
                return failsWith(429, true, 60);
            }
            if (kind.startsWith(QStringLiteral("broken"))) {
                return breaksDown();
            }
            if (kind == QStringLiteral("bad answer")) {
                return failsWith(200, true);
            }
            if (kind == QStringLiteral("empty")) {
                return says("");
            }
            if (kind == QStringLiteral("length")) {
                auto cut = says(critiqueText(2, ""));
                cut->finish = backend::FinishReason::Length;
                return cut;
            }
            if (kind == QStringLiteral("context")) {
                auto error = failsWith(400, false);
                error.error().error.code = base::ErrorCode::Limit;
                return error;
            }
            const int status = kind.left(3).toInt();
            return failsWith(status, status == 429 || status >= 500);
        };
        const auto critic = bench.addModel("critic", failing);
        const std::int64_t id = bench.create(bench.request("scrit"));
        const loop::RunSnapshot end = bench.finish(id);
        QCOMPARE(end.state, RunState::Done);
        // 1 to 4: 12 critiques, 9 validations (those of problem 3 cannot be read); 5: 3 and 3.
        QCOMPARE(critic->requests(), 27 + moreRequests);
        QCOMPARE(end.requests, std::int64_t{critic->requests()});
        const auto reader = bench.workspace->reader();
        const auto ids = (*reader)->ids({store::ListOf::Items, "run:" + std::to_string(id)});
        const auto rows = (*reader)->rows(store::ListOf::Items, *ids);
        int seen = 0;
        for (const store::TraceRow& one : *rows) {
            if (one.stage == "critique" && one.excerpt == "What is 5 + 1?") {
                const std::string what =
                    one.state + (one.errorCode.empty() ? "" : " " + one.errorCode);
                QCOMPARE(QString::fromStdString(what), ends);
                QVERIFY(one.state == "done" || !one.error.empty());
                ++seen;
            }
        }
        QCOMPARE(seen, 3);
    }

    void failedItemsAreRetriedOnRequest() {
        Bench bench(6);
        const auto critic = bench.addModel("critic", [](const Seen& seen) {
            return seen.number == 6 ? failsWith(500, true) : knowing(seen);
        });
        const std::int64_t id = bench.create(bench.request("scrit"));
        QCOMPARE(bench.finish(id).state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/failed"], std::int64_t{3});
        const auto refused =
            loop::RunEngine::start(bench.workspace, id, bench.opener(), {}, Bench::quick());
        QVERIFY(!refused); // nothing to do
        QCOMPARE(refused.error().code, base::ErrorCode::Invalid);
        critic->setAnswer(knowing);
        QVERIFY(bench.workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            return store::RunWriter(writer).retryFailed(id) ? base::Expected<void>{}
                                                            : base::fail(base::Error{});
        }));
        QCOMPARE(bench.finish(id).state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/failed"], std::int64_t{0});
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{18});
    }

    void failedItemsAreRetriedWhileItRuns() {
        Bench bench(6);
        const auto critic = bench.addModel("critic", [](const Seen& seen) {
            return seen.number == 6 ? failsWith(400, false) : knowing(seen);
        });
        const auto validator = bench.addModel("judge", knowing);
        validator->hold(); // so that the run goes on
        loop::RunRequest request = bench.request("scrit");
        request.validator = "judge";
        const std::int64_t id = bench.create(request);
        const auto engine = bench.start(id);
        const auto failed = [&] {
            std::int64_t sum = 0;
            for (const auto& stage : engine->snapshot().stages) {
                sum += stage.failed;
            }
            return sum;
        };
        // With those of the validator: problems 1 to 5 apart from 3, whose critiques are
        // unreadable.
        const auto sent = [&] {
            return engine->snapshot().requests;
        };
        QVERIFY(eventually([&] { return failed() == 3 && sent() == 18 + 12; }));
        engine->retryFailed("http-500");
        engine->retryFailed("http-400"); // they fail once more
        QVERIFY(eventually([&] { return sent() == 21 + 12 && failed() == 3; }));
        critic->setAnswer(knowing);
        engine->retryFailed({});
        QVERIFY(eventually([&] { return failed() == 0 && critic->requests() == 24; }));
        validator->release();
        engine->wait();
        QCOMPARE(engine->snapshot().state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{18});
        QCOMPARE(bench.counts(id)["critique/failed"], std::int64_t{0});
    }

    void answersAreNotPaidTwice() {
        Bench bench(6);
        const auto critic = bench.addModel("critic", knowing);
        const auto first = bench.finish(bench.create(bench.request("scrit")));
        QCOMPARE(first.fromCache, std::int64_t{0});
        const int paid = critic->requests();
        const std::int64_t again = bench.create(bench.request("scrit"));
        const auto second = bench.finish(again);
        QCOMPARE(second.state, RunState::Done);
        QCOMPARE(critic->requests(), paid);
        QCOMPARE(second.requests, std::int64_t{0});
        QCOMPARE(second.fromCache, std::int64_t{paid});
        QCOMPARE(bench.run(again).cost, 0.0);
        QCOMPARE(bench.status().critiques, std::int64_t{18});
        loop::RunRequest fresh = bench.request("scrit");
        fresh.fresh = true;
        QCOMPARE(bench.finish(bench.create(fresh)).state, RunState::Done);
        QCOMPARE(critic->requests(), 2 * paid);
        loop::RunRequest otherSeed = bench.request("scrit");
        otherSeed.seed = 77;
        QCOMPARE(bench.finish(bench.create(otherSeed)).state, RunState::Done);
        QCOMPARE(critic->requests(), 3 * paid);
    }

    void longPromptsArePreparedAFewAtATime() {
        Bench bench(1);
        const auto critic = bench.addModel("critic", knowing);
        critic->hold();
        // A hundred solutions of a quarter of a megabyte each.
        QVERIFY(bench.addLongSolutions(100, 256U << 10U));
        const std::int64_t id = bench.create(bench.request("scrit-direct"));
        const auto engine = bench.start(id);
        QVERIFY(eventually([&] { return critic->inFlight() >= 16; }));
        critic->release();
        engine->wait();
        QCOMPARE(engine->snapshot().state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{103});
    }

    void studentsSolveAndAreClassified_data() {
        QTest::addColumn<int>("cap");
        QTest::newRow("no barrier") << 50'000;
        QTest::newRow("cap over all problems") << 5;
    }
    void studentsSolveAndAreClassified() {
        QFETCH(int, cap);
        Bench bench(12, false);
        bench.addModel("critic", knowing);
        bench.addModel("dan", knowing);
        bench.addModel("eve", knowing);
        loop::RunRequest request = bench.request("scrit");
        std::string text = request.recipe.text;
        text.replace(text.find("samples = 1"), 11, "samples = 3");
        text.replace(text.find("50000"), 5, std::to_string(cap));
        request.recipe = *loop::parseRecipe(text);
        request.students = {"dan", "eve"};
        const std::int64_t id = bench.create(request);
        const loop::RunSnapshot end = bench.finish(id);
        QCOMPARE(end.state, RunState::Done);
        auto counts = bench.counts(id);
        QCOMPARE(counts["solve/dan/done"], std::int64_t{36});
        QCOMPARE(counts["solve/eve/done"], std::int64_t{36});
        const store::Status status = bench.status();
        QVERIFY(status.solutionsCorrect > 0);
        QVERIFY(status.solutionsIncorrect > 0);
        QCOMPARE(status.solutions, status.solutionsCorrect + status.solutionsIncorrect);
        QCOMPARE(counts["critique/done"], status.pairs);
        QVERIFY(status.pairs > 0);
        if (cap == 5) {
            const auto reader = bench.workspace->reader();
            for (const char* student : {"dan", "eve"}) {
                for (const char* verdict : {"yes", "no"}) {
                    const auto count = (*reader)->count(
                        {store::ListOf::Critiques,
                         std::string("student:") + student + " correct:" + verdict});
                    QVERIFY2(count.has_value(), count ? "" : count.error().text().c_str());
                    QVERIFY(*count <= 5);
                }
            }
        }
    }

    void studentsAreLetGoWhenTheyAreDone() {
        Bench bench(4);
        const auto critic = bench.addModel("critic", knowing);
        bench.addModel("dan", knowing);
        critic->hold();
        loop::RunRequest request = bench.request("scrit");
        request.students = {"dan"};
        const std::int64_t id = bench.create(request);
        const auto engine = bench.start(id);
        QVERIFY(eventually([&] { return bench.models["dan"].use_count() == 1; }));
        QCOMPARE(bench.counts(id)["solve/dan/done"], std::int64_t{4});
        QVERIFY(bench.models["critic"].use_count() > 1);
        critic->release();
        engine->wait();
        QCOMPARE(engine->snapshot().state, RunState::Done);
    }

    void aContextThatIsTooSmallSkips() {
        Bench bench(2);
        const auto critic = bench.addModel("critic", knowing);
        bench.models["critic"]->context = 200;
        const std::int64_t id = bench.create(bench.request("scrit"));
        QCOMPARE(bench.finish(id).state, RunState::Done);
        QCOMPARE(critic->requests(), 0);
        QCOMPARE(bench.counts(id)["critique/skipped"], std::int64_t{6});
    }
};

SCRIT_TEST(RunEngineTest)
#include "run_engine_test.moc"
