// SPDX-License-Identifier: GPL-3.0-or-later
// `scrit evaluate` with a model, against the behaviour server: killed, interrupted and resumed it
// ends as if nothing had happened, and what makes no sense is one clear line.
#include "core/loop/evaluation.h"
#include "core/loop/verify.h"
#include "core/model/evaluation.h"
#include "core/store/evaluation_reader.h"
#include "core/store/writer.h"
#include "tests/loop/cli_support.h"
#include "tests/loop/run_support.h"
#include "tests/loop/world_support.h"
#include "tests/support/behaviour_server.h"
#include "tests/support/test_program.h"

#include <QElapsedTimer>
#include <QTest>

#include <csignal>
#include <random>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::testing;

namespace {

// Twelve problems of the world with two right and two wrong solutions each, all in the set "held".
struct EvaluationStudy {
    Bench bench{0};
    QString file = bench.folder.filePath(QStringLiteral("w.scrit"));

    explicit EvaluationStudy(const std::string& url, int problems = 12) {
        addWorldProblems(*bench.workspace, problems, true);
        WorldModel model;
        model.name = "critic";
        model.url = url;
        model.inFlight = 4;
        addWorldModel(*bench.workspace, model);
        bench.workspace.reset(); // the program under test opens it
        const auto frozen = scrit({"--freeze", "held", "--json"});
        if (frozen.code != 0 || frozen.json()[text("size")].toInt() != problems * 4) {
            qFatal("%s", frozen.err.constData());
        }
    }
    [[nodiscard]] QStringList arguments(const std::vector<const char*>& more) const {
        QStringList list{text("evaluate"), file};
        for (const char* argument : more) {
            list << text(argument);
        }
        return list;
    }
    [[nodiscard]] cli_support::Result scrit(const std::vector<const char*>& more) const {
        return cli_support::runScrit(arguments(more));
    }
    // At temperature 0 the server takes a direct critic for a validator.
    [[nodiscard]] static std::vector<const char*> asking() {
        return {"--model", "critic", "--set", "held", "--suite", "ei,cc", "--temperature", "0.7"};
    }
    [[nodiscard]] cli_support::Result evaluate() const {
        auto arguments = asking();
        arguments.push_back("--json");
        return scrit(arguments);
    }
};

// The scores alone: ids and times differ.
QJsonArray scoresOf(const cli_support::Result& result) {
    return result.json()[text("scores")].toArray();
}

} // namespace

class EvaluationCliTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void killedEvaluationsEndAsUninterruptedOnes() {
        BehaviourOptions options;
        options.seed = 3;
        options.latencyMillis = 10;
        BehaviourServer calmServer(options);
        const EvaluationStudy calm(calmServer.url());
        const auto whole = calm.evaluate();
        QVERIFY2(whole.code == 0, whole.err.constData());
        QCOMPARE(whole.json()[text("items")].toInt(), 48);
        QVERIFY(!scoresOf(whole).isEmpty());
        QCOMPARE(requestsOf(calmServer), 48);

        options.latencyMillis = 60; // longer than storing takes
        BehaviourServer server(options);
        const EvaluationStudy study(server.url());
        std::mt19937 random(1);
        int killed = 0;
        for (int i = 0; i < 5; ++i) {
            QProcess process;
            process.start(cli_support::program(), study.arguments(EvaluationStudy::asking()));
            QVERIFY(process.waitForStarted());
            const int wanted = requestsOf(server) + 1 + static_cast<int>(random() % 8);
            QElapsedTimer clock;
            clock.start();
            while (requestsOf(server) < wanted && clock.elapsed() < 20'000 &&
                   !process.waitForFinished(2)) {
            }
            killed += process.state() == QProcess::Running ? 1 : 0;
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
            process.waitForFinished();
        }
        QVERIFY2(killed >= 3, "it was over before it could be killed");
        const auto last = study.evaluate();
        QVERIFY2(last.code == 0, last.err.constData());
        QCOMPARE(scoresOf(last), scoresOf(whole));
        // At most what was in flight, and as many answers that were not stored yet.
        QVERIFY2(requestsOf(server) <= 48 + 2 * 4 * killed,
                 qPrintable(
                     QStringLiteral("%1 requests, %2 kills").arg(requestsOf(server)).arg(killed)));
        // One evaluation went on all the time.
        QCOMPARE(study.scrit({"--list", "--json"}).jsonLines().size(), 1);
    }

    void interruptedAndResumed() {
        BehaviourOptions options;
        options.latencyMillis = 200;
        BehaviourServer server(options);
        const EvaluationStudy study(server.url());
        QProcess process;
        process.start(cli_support::program(), study.arguments(EvaluationStudy::asking()));
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(requestsOf(server) > 0, 30'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitCode(), 3);
        const QByteArray said = process.readAllStandardError();
        QVERIFY2(said.contains("the same command goes on"), said.constData());
        const auto list = study.scrit({"--list", "--json"}).jsonLines();
        QCOMPARE(list.size(), 1);
        QCOMPARE(list[0][text("evaluation")][text("state")].toString(), text("stopped"));
        QVERIFY(server.adminFaults(R"({"latency_ms":0})"));
        // `scrit resume` finishes it as well as the same command would.
        const auto resumed = cli_support::runScrit({text("resume"), study.file});
        QVERIFY2(resumed.code == 0, resumed.err.constData());
        const auto after = study.scrit({"--list", "--json"}).jsonLines();
        QCOMPARE(after[0][text("evaluation")][text("state")].toString(), text("done"));
        QVERIFY(!after[0][text("scores")].toArray().isEmpty());
    }

    void keptAndCompared() {
        BehaviourServer server(BehaviourOptions{});
        const EvaluationStudy study(server.url(), 4);
        QCOMPARE(study.evaluate().code, 0);
        const auto stored = study.scrit(
            {"--save", "--set", "held", "--suite", "ei,cc", "--against", "1", "--json"});
        QVERIFY2(stored.code == 0, stored.err.constData());
        const QJsonArray comparisons = stored.json()[text("comparisons")].toArray();
        QCOMPARE(comparisons.size(), 1);
        for (const auto& item : comparisons[0][text("items")].toArray()) {
            QVERIFY(item[text("change")].toString() == text("right") ||
                    item[text("change")].toString() == text("wrong"));
        }
        const auto compared = study.scrit({"--compare", "1", "2"});
        QVERIFY2(compared.code == 0, compared.err.constData());
        QVERIFY(compared.out.contains("cc/1"));
        const auto restricted = study.scrit({"--suite", "cc", "--set", "held", "--json"});
        QCOMPARE(restricted.json()[text("critiques")].toInt(), 16);
        const auto sets = study.scrit({"--sets"});
        QVERIFY(sets.out.contains("held"));
    }

    void badQuestionsAreOneLine_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, const char* arguments, int code) {
            QTest::newRow(name) << QString::fromLatin1(arguments).split(QLatin1Char(' ')) << code;
        };
        row("no set", "--model critic", 2);
        row("unknown set", "--model critic --set nothing", 1);
        row("unknown model", "--model nobody --set held", 1);
        row("unknown suite", "--model critic --set held --suite x", 2);
        row("no samples", "--model critic --set held --samples 0", 2);
        row("samples of nobody", "--samples 3", 2);
        row("empty set", "--freeze none --filter student:nobody", 1);
        row("name taken", "--freeze held --filter correct:yes", 1);
        row("bad balance", "--freeze b --balance x", 2);
        row("nothing to keep", "--save --suite cc", 2);
        row("one to compare", "--compare 1", 2);
        row("unknown evaluation", "--compare 7 8", 1);
        row("bad filter", "--filter nonsense:1", 2);
    }
    void badQuestionsAreOneLine() {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        static const EvaluationStudy study("http://127.0.0.1:9/v1", 1);
        const auto result =
            cli_support::runScrit(QStringList{text("evaluate"), study.file} + arguments);
        QVERIFY2(result.isOneErrorLine(), result.err.constData());
        QCOMPARE(result.code, code);
    }

    void aServerThatIsAway() {
        const EvaluationStudy study("http://127.0.0.1:9/v1", 1);
        const auto result = study.scrit({"--model", "critic", "--set", "held", "--patience", "1"});
        QVERIFY2(result.isOneErrorLine(), result.err.constData());
        QCOMPARE(result.code, 1);
        QVERIFY2(result.err.contains("resumed"), result.err.constData());
    }
};

SCRIT_TEST(EvaluationCliTest)
#include "evaluation_cli_test.moc"
