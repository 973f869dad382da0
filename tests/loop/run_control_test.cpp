// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/reader.h"
#include "tests/loop/run_support.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <thread>

using namespace scrit;
using namespace scrit::test;
using model::RunState;

namespace {

std::string differences(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::string text;
    std::vector<std::string> only;
    std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    for (std::size_t i = 0; i < only.size() && i < 6; ++i) {
        text += "\n  " + only[i];
    }
    return text;
}

// Waits until a condition holds; the engine works on other threads.
} // namespace

// Runs that are capped, paused, stopped or interrupted, and servers that do not do their part.
class RunControlTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void capsStopTheRunBeforeTheyArePassed_data() {
        QTest::addColumn<int>("requests");
        QTest::addColumn<int>("tokens");
        QTest::addColumn<double>("cost");
        QTest::newRow("requests") << 10 << 0 << 0.0;
        QTest::newRow("tokens") << 0 << 9'000 << 0.0;
        QTest::newRow("cost") << 0 << 0 << 0.05;
    }
    void capsStopTheRunBeforeTheyArePassed() {
        QFETCH(int, requests);
        QFETCH(int, tokens);
        QFETCH(double, cost);
        Bench bench(12);
        const auto critic = bench.addModel("critic", knowing);
        bench.models["critic"]->price = {1.0, 5.0};
        loop::RunRequest request = bench.request("scrit");
        request.caps = {requests, tokens, cost};
        const std::int64_t id = bench.create(request);
        const loop::RunSnapshot end = bench.finish(id);
        QCOMPARE(end.state, RunState::Stopped);
        QVERIFY2(end.message.starts_with("cap reached: "), end.message.c_str());
        QCOMPARE(bench.run(id).error, end.message);
        QVERIFY(critic->requests() > 0);
        if (requests > 0) {
            QCOMPARE(critic->requests(), requests);
        }
        if (tokens > 0) {
            QVERIFY(end.promptTokens + end.completionTokens <= tokens);
        }
        if (cost > 0) {
            QVERIFY(bench.run(id).cost <= cost);
            QVERIFY(bench.run(id).cost > 0);
        }
        QCOMPARE(bench.finish(id).state,
                 RunState::Stopped); // the cap is the run's, not the start's
        if (requests > 0) {
            QCOMPARE(critic->requests(), requests);
        }
        QVERIFY(loop::changeCaps(*bench.workspace, id, {}));
        QCOMPARE(bench.finish(id).state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{36});
    }

    void pauseSendsNothingAndResumeGoesOn() {
        Bench bench(12);
        const auto critic = bench.addModel("critic", knowing);
        critic->hold();
        const std::int64_t id = bench.create(bench.request("scrit"));
        const auto engine = bench.start(id);
        QVERIFY(eventually([&] { return critic->inFlight() >= 4; }));
        engine->pause();
        QVERIFY(eventually([&] { return engine->snapshot().state == RunState::Paused; }));
        const int sent = critic->requests();
        critic->release();
        QVERIFY(eventually([&] { return engine->snapshot().wouldBeLost == 0; }));
        QCOMPARE(critic->requests(), sent);
        QVERIFY(eventually([&] { return bench.run(id).state == RunState::Paused; }));
        QVERIFY(bench.status().itemsDone > 0); // what was in flight is stored
        engine->resume();
        engine->wait();
        QCOMPARE(engine->snapshot().state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{36});
    }

    void stopWaitsForWhatIsInFlight() {
        Bench bench(12);
        const auto critic = bench.addModel("critic", knowing);
        critic->hold();
        const std::int64_t id = bench.create(bench.request("scrit"));
        const auto engine = bench.start(id);
        QVERIFY(eventually([&] { return critic->inFlight() >= 4; }));
        engine->stop();
        QVERIFY(eventually([&] { return engine->snapshot().stopping; }));
        QVERIFY(engine->snapshot().state == RunState::Running);
        const int sent = critic->requests();
        critic->release();
        engine->wait();
        QCOMPARE(engine->snapshot().state, RunState::Stopped);
        QCOMPARE(critic->requests(), sent);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{sent});
        QCOMPARE(bench.run(id).state, RunState::Stopped);
        QCOMPARE(bench.finish(id).state, RunState::Done);
    }

    void stopNowAborts() {
        Bench bench(12);
        const auto critic = bench.addModel("critic", knowing);
        critic->hold();
        const std::int64_t id = bench.create(bench.request("scrit"));
        const auto engine = bench.start(id);
        QVERIFY(eventually([&] { return critic->inFlight() >= 4; }));
        engine->stop();
        engine->stopNow();
        engine->wait(); // nobody answers
        QCOMPARE(engine->snapshot().state, RunState::Stopped);
        QCOMPARE(critic->inFlight(), 0);
        QCOMPARE(bench.status().itemsRunning, std::int64_t{0});
        QCOMPARE(bench.status().critiques, std::int64_t{0});
        critic->release();
        QCOMPARE(bench.finish(id).state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{36});
    }

    void interruptedRunsEndLikeOthers_data() {
        QTest::addColumn<QString>("recipe");
        QTest::addColumn<bool>("solves");
        QTest::newRow("contrastive") << QStringLiteral("scrit") << false;
        QTest::newRow("bug-injection") << QStringLiteral("scrit-bug-injection") << false;
        QTest::newRow("with a student") << QStringLiteral("scrit") << true;
    }
    void interruptedRunsEndLikeOthers() {
        QFETCH(QString, recipe);
        QFETCH(bool, solves);
        const auto make = [&](Bench& bench) {
            bench.addModel("critic", knowing);
            bench.addModel("dan", knowing);
            loop::RunRequest request = bench.request(recipe.toStdString());
            if (solves) {
                request.students = {"dan"};
            }
            return bench.create(request);
        };
        Bench whole(8);
        const std::int64_t wholeId = make(whole);
        QCOMPARE(whole.finish(wholeId).state, RunState::Done);
        Bench broken(8);
        const std::int64_t brokenId = make(broken);
        int rounds = 0;
        for (; rounds < 200 && broken.run(brokenId).state != RunState::Done; ++rounds) {
            const auto engine = broken.start(brokenId);
            std::this_thread::sleep_for(std::chrono::milliseconds(2 + rounds));
            // Destroyed in the midst of it.
        }
        QCOMPARE(broken.run(brokenId).state, RunState::Done);
        const auto expected = whole.endState(wholeId);
        const auto actual = broken.endState(brokenId);
        QVERIFY2(actual == expected, differences(actual, expected).c_str());
        QVERIFY(expected.size() > 40);
        qInfo("%d interruptions", rounds);
    }

    void aRefusedKeyPausesTheRun_data() {
        QTest::addColumn<int>("status");
        QTest::newRow("wrong key") << 401;
        QTest::newRow("no such model") << 404;
    }
    void aRefusedKeyPausesTheRun() {
        QFETCH(int, status);
        Bench bench(12);
        const auto critic =
            bench.addModel("critic", [status](const Seen&) { return failsWith(status, false); });
        const std::int64_t id = bench.create(bench.request("scrit"));
        const auto engine = bench.start(id);
        QVERIFY(eventually([&] { return engine->snapshot().state == RunState::Paused; }));
        QVERIFY2(engine->snapshot().message.find(std::to_string(status)) != std::string::npos,
                 engine->snapshot().message.c_str());
        QVERIFY(eventually([&] { return engine->snapshot().wouldBeLost == 0; }));
        QVERIFY(critic->requests() <= 16); // not one for each item
        QCOMPARE(bench.counts(id)["critique/failed"], std::int64_t{0});
        critic->setAnswer(knowing);
        engine->resume();
        engine->wait();
        QCOMPARE(engine->snapshot().state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{36});
    }

    void aModelThatCannotStartPausesTheRun() {
        Bench bench(3);
        bench.addModel("critic", knowing);
        bench.models["critic"]->change([](auto& endpoints) { endpoints.front().ready = false; });
        const std::int64_t id = bench.create(bench.request("scrit"));
        const auto engine = bench.start(id);
        QVERIFY(eventually(
            [&] { return engine->snapshot().message == "waiting for critic to be ready"; }));
        bench.models["critic"]->fail(
            {base::ErrorCode::Unavailable, "the model file is damaged", "", false});
        QVERIFY(eventually([&] { return engine->snapshot().state == RunState::Paused; }));
        QCOMPARE(engine->snapshot().message, std::string("the model file is damaged"));
        engine->stop();
        engine->wait();
        QCOMPARE(bench.run(id).state, RunState::Stopped);
        QCOMPARE(bench.run(id).error, std::string("the model file is damaged"));
    }

    void itemsOfAServerThatGoesAwayAreRepeated() {
        Bench bench(12);
        bench.addModel("critic", knowing);
        auto lost = std::make_shared<ScriptedBackend>(knowing);
        auto kept = std::make_shared<ScriptedBackend>(knowing);
        lost->hold();
        const auto model = std::make_shared<ScriptedModel>(std::vector{lost, kept});
        bench.models["critic"] = model;
        const std::int64_t id = bench.create(bench.request("scrit"));
        const auto engine = bench.start(id);
        QVERIFY(eventually([&] { return lost->inFlight() >= 4 && kept->requests() > 4; }));
        model->change([](auto& endpoints) { endpoints.erase(endpoints.begin()); });
        engine->wait();
        QCOMPARE(engine->snapshot().state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{36});
        QCOMPARE(bench.counts(id)["critique/failed"], std::int64_t{0});
    }

    void aServerThatStartsAgainCostsNoTries() {
        Bench bench(6);
        const auto critic = bench.addModel("critic", knowing);
        critic->hold();
        const std::int64_t id = bench.create(bench.request("scrit"));
        loop::RunEngineOptions options = Bench::quick();
        options.tries = 1;
        const auto engine = bench.start(id, options);
        QVERIFY(eventually([&] { return critic->inFlight() >= 4; }));
        const auto setReady = [&](bool ready) {
            bench.models["critic"]->change(
                [&](auto& endpoints) { endpoints.front().ready = ready; });
        };
        critic->setAnswer([](const Seen&) { return breaksDown(); });
        setReady(false);
        critic->release();
        QVERIFY(eventually(
            [&] { return engine->snapshot().message == "waiting for critic to be ready"; }));
        critic->setAnswer(knowing);
        setReady(true);
        engine->wait();
        QCOMPARE(engine->snapshot().state, RunState::Done);
        QCOMPARE(bench.counts(id)["critique/done"], std::int64_t{18});
    }

    void aFullDiskStopsTheRunAndLosesNothing() {
        Bench bench(12);
        const auto critic = bench.addModel("critic", knowing);
        const std::int64_t id = bench.create(bench.request("scrit"));
        critic->hold();
        auto engine = bench.start(id);
        QVERIFY(eventually([&] { return critic->inFlight() >= 4; }));
        // From now on no file of this process may grow.
        const std::string log = bench.workspace->path().string() + "-wal";
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit full{static_cast<rlim_t>(std::filesystem::file_size(log)), before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &full);
        critic->release();
        engine->wait();
        setrlimit(RLIMIT_FSIZE, &before);
        const loop::RunSnapshot end = engine->snapshot();
        QCOMPARE(end.state, RunState::Stopped);
        QVERIFY2(!end.message.empty(), end.message.c_str());
        QVERIFY(end.failure && *end.failure != base::ErrorCode::Cancelled); // nobody's wish
        QCOMPARE(end.wouldBeLost, std::int64_t{0});
        qInfo("%s", end.message.c_str());
        engine.reset();
        QCOMPARE(bench.finish(id).state, RunState::Done);
        Bench other(12);
        other.addModel("critic", knowing);
        const std::int64_t otherId = other.create(other.request("scrit"));
        QCOMPARE(other.finish(otherId).state, RunState::Done);
        const auto expected = other.endState(otherId);
        const auto actual = bench.endState(id);
        QVERIFY2(actual == expected, differences(actual, expected).c_str());
    }

    void rateLimitsAreKept() {
        Bench bench(12);
        const auto critic = bench.addModel("critic", knowing);
        bench.models["critic"]->change(
            [](auto& endpoints) { endpoints.front().requestsPerMinute = 7; });
        const std::int64_t id = bench.create(bench.request("scrit"));
        const auto engine = bench.start(id);
        QVERIFY(eventually([&] { return critic->requests() == 7; }));
        QVERIFY(eventually([&] {
            return engine->snapshot().message.starts_with("waiting for critic: next try in ");
        }));
        QCOMPARE(critic->requests(), 7);
    }
};

SCRIT_TEST(RunControlTest)
#include "run_control_test.moc"
