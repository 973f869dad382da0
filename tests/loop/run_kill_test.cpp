// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/loop/run_support.h"
#include "tests/loop/world_support.h"
#include "tests/support/behaviour_server.h"
#include "tests/support/test_program.h"

#include <QElapsedTimer>
#include <QTest>

#include <array>
#include <csignal>
#include <random>
#include <span>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::testing;

namespace {

constexpr int kInFlight = 16; // at most, of one model
constexpr std::array kModels = {"critic", "ann", "bob", "carl"};

int fromEnvironment(const char* name, int otherwise) {
    bool given = false;
    const int value = qEnvironmentVariableIntValue(name, &given);
    return given ? value : otherwise;
}

QJsonObject statsOf(const BehaviourServer& server) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(server.stats())).object();
}

// A workspace with problems, and three students and a critic that the server plays.
struct KillStudy {
    Bench bench{0};
    QString file = bench.folder.filePath(QStringLiteral("w.scrit"));

    KillStudy(const BehaviourServer& server, int problems) {
        addWorldProblems(*bench.workspace, problems, false);
        for (const char* name : kModels) {
            WorldModel model;
            model.name = name;
            model.url = server.url();
            model.inFlight = kInFlight;
            addWorldModel(*bench.workspace, model);
        }
        bench.workspace.reset(); // the program under test opens it
    }
    [[nodiscard]] QStringList runArguments() const {
        QStringList arguments{text("run"), file, text("--critic"), text("critic")};
        for (const char* name : std::span(kModels).subspan(1)) {
            arguments << text("--student") << text(name);
        }
        return arguments;
    }
    [[nodiscard]] QStringList resumeArguments() const { return {text("resume"), file}; }
    // Of its only run, by contents.
    std::vector<std::string> endState() {
        auto workspace = store::Workspace::open(file.toStdString());
        if (!workspace) {
            qFatal("%s", workspace.error().text().c_str());
        }
        bench.workspace = std::move(*workspace);
        std::vector<std::string> state = bench.endState(1);
        bench.workspace.reset();
        return state;
    }
    [[nodiscard]] bool hasRun() const {
        const auto runs = cli_support::runScrit({text("runs"), file, text("--json")});
        return !runs.jsonLines().isEmpty();
    }
    [[nodiscard]] QJsonObject status() const {
        return cli_support::runScrit({text("status"), file, text("--json")}).json();
    }
    [[nodiscard]] QStringList filesLeft() const {
        return QDir(bench.folder.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
    }
};

// A `scrit` that is not waited for.
struct Program {
    QProcess process;

    explicit Program(const QStringList& arguments, const QString& temporaryFolder = {}) {
        if (!temporaryFolder.isEmpty()) {
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.insert(text("TMPDIR"), temporaryFolder);
            process.setProcessEnvironment(environment);
        }
        process.setProgram(cli_support::program());
        process.setArguments(arguments);
        process.start();
        if (!process.waitForStarted()) {
            qFatal("%s", qPrintable(process.errorString()));
        }
    }
    void signal(int number) const { ::kill(static_cast<pid_t>(process.processId()), number); }
    // Whether it is still running after waiting for a moment.
    bool running(int millis = 1) {
        return !process.waitForFinished(millis) && process.state() == QProcess::Running;
    }
    // Whether `condition` came true while it was running.
    template<typename Condition>
    bool runsUntil(Condition condition) {
        while (!condition()) {
            if (!running()) {
                return false;
            }
        }
        return true;
    }
    [[nodiscard]] int exitCode() const {
        return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }
};

std::string firstDifference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::vector<std::string> only;
    std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    return std::to_string(only.size()) +
           " lines differ, first: " + (only.empty() ? std::string("none") : only.front());
}

} // namespace

// `scrit run` that is killed or stopped, against a server that knows what it was asked.
class RunKillTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void killedRunsEndAsUninterruptedOnes() {
        const int kills = fromEnvironment("SCRIT_KILLS", 12);
        const int problems = 5 * kills;
        BehaviourOptions options;
        options.seed = 3;
        options.latencyMillis = 10;

        BehaviourServer calmServer(options);
        KillStudy calm(calmServer, problems);
        const cli_support::Result whole = cli_support::runScrit(calm.runArguments());
        QVERIFY2(whole.code == 0, whole.err.constData());
        const int needed = statsOf(calmServer)[text("requests")].toInt();
        QCOMPARE(statsOf(calmServer)[text("repeated")].toInt(), 0);

        BehaviourServer server(options);
        KillStudy study(server, problems);
        std::mt19937 random(static_cast<unsigned>(fromEnvironment("SCRIT_KILL_SEED", 1)));
        int killed = 0;
        int inFlight = 0; // at the kills, as the server saw it
        const auto requests = [&server] {
            return statsOf(server)[text("requests")].toInt();
        };
        bool started = false;
        for (int round = 0; round < kills; ++round) {
            started = started || study.hasRun();
            Program program(started ? study.resumeArguments() : study.runArguments());
            const int before = requests();
            // Mostly when it is at work, sometimes while it starts.
            const int after = random() % 4 == 0 ? -1 : before + 1 + static_cast<int>(random() % 60);
            const int millis = static_cast<int>(random() % 120);
            QElapsedTimer clock;
            clock.start();
            const bool alive = program.runsUntil(
                [&] { return after < 0 ? clock.elapsed() >= millis : requests() >= after; });
            program.signal(SIGSTOP); // so that what is counted is what is lost
            inFlight += statsOf(server)[text("in_flight")].toInt();
            program.signal(SIGKILL);
            program.process.waitForFinished();
            if (!alive) {
                break;
            }
            ++killed;
        }
        QVERIFY2(killed > kills / 2, "the run was over before it could be killed");
        started = started || study.hasRun();
        const cli_support::Result last =
            cli_support::runScrit(started ? study.resumeArguments() : study.runArguments());
        if (last.code != 0) { // the last kill came after its end
            QVERIFY2(last.err.contains("no run is open"), last.err.constData());
        }

        const std::vector<std::string> expected = calm.endState();
        const std::vector<std::string> actual = study.endState();
        QVERIFY2(actual == expected, firstDifference(actual, expected).c_str());
        QVERIFY(!expected.empty());
        QCOMPARE(study.status(), calm.status());
        const int extra = requests() - needed;
        qInfo("%d kills; %d requests needed, %d extra; %d in flight at the server at the kills",
              killed, needed, extra, inFlight);
        QCOMPARE(statsOf(server)[text("repeated")].toInt(), extra);
        // What was answered but not stored yet is in flight, too: the server does not see that.
        const int most = killed * kInFlight * static_cast<int>(kModels.size());
        QVERIFY2(extra <= most, "more was asked again than can have been in flight");
    }

    void oneInterruptDrains() {
        BehaviourOptions options;
        options.latencyMillis = 300;
        BehaviourServer server(options);
        KillStudy study(server, 40);
        Program program(study.runArguments());
        QVERIFY(program.runsUntil([&] { return statsOf(server)[text("in_flight")].toInt() > 0; }));
        program.signal(SIGINT);
        QVERIFY(program.process.waitForFinished(60'000));
        QCOMPARE(program.exitCode(), 3);
        const QByteArray said = program.process.readAllStandardError();
        QVERIFY2(said.contains("scrit resume"), said.constData());
        QCOMPARE(statsOf(server)[text("abandoned")].toInt(), 0);
        QCOMPARE(study.status()[text("would_be_lost")].toInt(), 0);
        QVERIFY(study.status()[text("items")][text("planned")].toInt() > 0);
        QCOMPARE(study.filesLeft(), QStringList{text("w.scrit")});

        QVERIFY(server.adminFaults(R"({"latency_ms":0})"));
        const cli_support::Result resumed = cli_support::runScrit(study.resumeArguments());
        QVERIFY2(resumed.code == 0, resumed.err.constData());
        QCOMPARE(statsOf(server)[text("repeated")].toInt(), 0); // nothing was paid twice
    }

    void twoInterruptsDrop() {
        BehaviourOptions options;
        options.latencyMillis = 600'000; // whoever waits for the answers waits for ever
        BehaviourServer server(options);
        KillStudy study(server, 40);
        const QTemporaryDir temporary;
        Program program(study.runArguments(), temporary.path());
        QVERIFY(program.runsUntil([&] { return statsOf(server)[text("in_flight")].toInt() > 0; }));
        program.signal(SIGINT);
        QVERIFY(program.running(300)); // it waits for what is under way
        program.signal(SIGINT);
        QVERIFY(program.process.waitForFinished(60'000));
        QCOMPARE(program.exitCode(), 3);
        const int dropped = statsOf(server)[text("requests")].toInt();
        QTRY_COMPARE(statsOf(server)[text("abandoned")].toInt(), dropped);
        QCOMPARE(statsOf(server)[text("in_flight")].toInt(), 0);
        QCOMPARE(study.filesLeft(), QStringList{text("w.scrit")});
        QVERIFY(QDir(temporary.path()).isEmpty());

        QVERIFY(server.adminFaults(R"({"latency_ms":0})"));
        const cli_support::Result resumed = cli_support::runScrit(study.resumeArguments());
        QVERIFY2(resumed.code == 0, resumed.err.constData());
        QCOMPARE(statsOf(server)[text("repeated")].toInt(), dropped);
        QCOMPARE(study.status()[text("items")][text("planned")].toInt(), 0);
    }
};

SCRIT_TEST(RunKillTest)
#include "run_kill_test.moc"
