// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/open_model.h"
#include "core/net/http_client.h"
#include "core/store/run_writer.h"
#include "tests/loop/run_support.h"
#include "tests/loop/world_support.h"
#include "tests/support/behaviour_server.h"
#include "tests/support/test_program.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::testing;
using model::ItemState;
using model::RunState;

namespace {

constexpr int kFaultyProblems = 6;
constexpr std::int64_t kPairs = std::int64_t{4} * kFaultyProblems;

int requestsTo(const BehaviourServer& server) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(server.stats()))
        .object()[QStringLiteral("requests")]
        .toInt();
}

std::string faultsJson(const char* kind, Fault fault, double share) {
    return std::string("{\"share\":{},\"poison\":{},\"") + kind + "\":{\"" +
           std::string(name(fault)) + "\":" + std::to_string(share) + "},\"refuse_ms\":30}";
}

// A run over a server that misbehaves, through the real openai backend.
struct Trial {
    BehaviourServer server;
    Bench bench{0};
    backend::ModelServers models{std::make_shared<net::HttpClient>()};
    std::int64_t run = 0;

    Trial(Fault fault, bool stream) : server(BehaviourOptions{}) {
        addWorldProblems(*bench.workspace, kFaultyProblems, true);
        WorldModel model;
        model.name = "critic";
        model.url = server.url();
        model.stream = stream;
        if (fault == Fault::Hang || fault == Fault::Stall) { // the others are slow at most
            model.firstByteMillis = 1000;
            model.stallMillis = 1000;
        }
        addWorldModel(*bench.workspace, model);
        run = bench.create(bench.request("scrit"));
    }
    std::unique_ptr<loop::RunEngine> start() {
        loop::RunEngineOptions options = Bench::quick();
        options.backoff = {1, 20};
        auto engine = loop::RunEngine::start(bench.workspace, run, models.opener(), {}, options);
        if (!engine) {
            qFatal("%s", engine.error().text().c_str());
        }
        return std::move(*engine);
    }
    std::map<std::string, std::int64_t> statesOfItems() const {
        std::map<std::string, std::int64_t> states;
        for (const auto& [name, count] : bench.counts(run)) {
            states[name.substr(name.find('/') + 1)] += count;
        }
        return states;
    }
    std::vector<store::ErrorGroup> errors() const {
        const auto reader = bench.workspace->reader();
        return *store::RunReader(**reader).errorGroups(run);
    }
};

// Whether an answer with this fault is an answer all the same.
bool isHarmless(Fault fault) {
    return fault == Fault::ResetAfter || fault == Fault::Drip || fault == Fault::InvalidUtf8 ||
           fault == Fault::Length || fault == Fault::Huge || fault == Fault::DuplicateIds;
}

} // namespace

// Everything that a server can do wrong ends in a finished item or in one that failed by name.
class RunFaultsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void someTriesGoWrong_data() { everyFault(); }
    void someTriesGoWrong() {
        QFETCH(int, fault);
        QFETCH(bool, stream);
        const auto kind = static_cast<Fault>(fault);
        Trial trial(kind, stream);
        QVERIFY(trial.server.adminFaults(faultsJson("share", kind, 0.2)));
        const auto engine = trial.start();
        engine->wait();
        const loop::RunSnapshot end = engine->snapshot();
        QVERIFY2(end.state == RunState::Done, end.message.c_str());
        auto states = trial.statesOfItems();
        QCOMPARE(states["planned"] + states["running"], std::int64_t{0});
        QVERIFY2(states["done"] > kPairs, "most items must get through");
        for (const store::ErrorGroup& group : trial.errors()) {
            QVERIFY(!group.code.empty());
            QVERIFY(!group.example.empty());
        }
    }

    void poisonedItemsFailAlone_data() { everyFault(); }
    void poisonedItemsFailAlone() {
        QFETCH(int, fault);
        QFETCH(bool, stream);
        const auto kind = static_cast<Fault>(fault);
        if (kind == Fault::Refuse || kind == Fault::Huge) {
            return; // takes the others with it, or much time
        }
        Trial trial(kind, stream);
        // Where each costs a second, fewer do.
        const bool slow = kind == Fault::Hang || kind == Fault::Stall ||
                          kind == Fault::TooManyLater || kind == Fault::TooManySkewed;
        QVERIFY(trial.server.adminFaults(faultsJson("poison", kind, slow ? 0.08 : 0.25)));
        auto engine = trial.start();
        engine->wait();
        QVERIFY2(engine->snapshot().state == RunState::Done, engine->snapshot().message.c_str());
        auto states = trial.statesOfItems();
        QCOMPARE(states["planned"] + states["running"], std::int64_t{0});
        QVERIFY(states["done"] > kFaultyProblems);
        if (isHarmless(kind)) {
            QCOMPARE(states["failed"], std::int64_t{0});
            return;
        }
        QVERIFY2(states["failed"] > 0, "the poison must be felt");
        QVERIFY(states["failed"] < kPairs);
        for (const store::ErrorGroup& group : trial.errors()) {
            QVERIFY2(group.state != ItemState::Failed || !group.example.empty(),
                     group.code.c_str());
        }

        // Failed items stay failed until somebody asks for them.
        engine.reset();
        QVERIFY(trial.server.adminFaults("{\"poison\":{}}"));
        const int requests = requestsTo(trial.server);
        const std::int64_t failed = states["failed"];
        {
            const auto again = loop::RunEngine::start(trial.bench.workspace, trial.run,
                                                      trial.models.opener(), {}, Bench::quick());
            if (again) {
                (*again)->wait();
            }
        }
        QCOMPARE(requestsTo(trial.server), requests);
        states = trial.statesOfItems();
        QCOMPARE(states["failed"], failed);
        const auto planned =
            trial.bench.workspace->write([&](store::Writer& writer) -> base::Expected<void> {
                const auto count = store::RunWriter(writer).retryFailed(trial.run);
                return count ? base::Expected<void>{} : base::fail(count.error());
            });
        QVERIFY(planned.has_value());
        trial.start()->wait();
        states = trial.statesOfItems();
        QCOMPARE(states["failed"] + states["planned"] + states["running"], std::int64_t{0});
        const auto known = knownFunnel(kFaultyProblems, Behaviour());
        QCOMPARE(trial.bench.status().selfValidated, known.at("self_validated"));
        QCOMPARE(trial.bench.status().answerMatched, known.at("answer_matched"));
    }

private:
    static void everyFault() {
        QTest::addColumn<int>("fault");
        QTest::addColumn<bool>("stream");
        for (int fault = 0; fault < kFaults; ++fault) {
            const std::string text(name(static_cast<Fault>(fault)));
            QTest::addRow("%s, streamed", text.c_str()) << fault << true;
        }
        for (const Fault fault : {Fault::ResetInside, Fault::Stall, Fault::TruncatedJson,
                                  Fault::EmptyChoices, Fault::StreamError}) {
            QTest::addRow("%s, whole", std::string(name(fault)).c_str())
                << static_cast<int>(fault) << false;
        }
    }
};

SCRIT_TEST(RunFaultsTest)
#include "run_faults_test.moc"
