// SPDX-License-Identifier: GPL-3.0-or-later
// `scrit evolve` against the behaviour server with a trainer that is another program: killed in
// every stage and resumed it ends as if nothing had happened.
#include "core/loop/evolution.h"
#include "core/store/round_reader.h"
#include "tests/loop/cli_support.h"
#include "tests/loop/run_support.h"
#include "tests/loop/world_support.h"
#include "tests/support/behaviour_server.h"
#include "tests/support/test_program.h"

#include <QElapsedTimer>
#include <QTest>

#include <csignal>
#include <map>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::testing;

namespace {

constexpr int kProblems = 16; // the first four are held out

// A trainer without Python: takes a moment, tells two losses and copies its data.
QByteArray trainerTemplate(const std::string& url) {
    return R"toml(
name = "copy"
description = "for tests"
export_view = "openai-chat"

[[command]]
stage = "train"
program = "/bin/sh"
arguments = ["-c", "echo step 1 loss 2.0; sleep 0.4; cp \"$1\" \"$2/weights\"; echo step 2 loss 1.0", "sh", "{{train_file}}", "{{output}}"]

[progress]
step = 'step ([0-9]+)'
loss = 'loss ([0-9.]+)'

[result]
files = ["weights"]
kind = "openai"

[result.settings]
urls = [")toml" +
           QByteArray::fromStdString(url) + "\"]\nmodel = \"{{name}}\"\nmax_in_flight = 4\n";
}

struct EvolutionStudy {
    Bench bench{0};
    QString file = bench.folder.filePath(QStringLiteral("w.scrit"));

    explicit EvolutionStudy(const std::string& url) {
        addWorldProblems(*bench.workspace, kProblems, true);
        WorldModel model;
        model.name = "critic";
        model.url = url;
        model.inFlight = 4;
        addWorldModel(*bench.workspace, model);
        bench.workspace.reset(); // the program under test opens it
        cli_support::writeFile(bench.folder.filePath(text("copy.toml")), trainerTemplate(url));
        const auto frozen =
            cli_support::runScrit({text("evaluate"), file, text("--freeze"), text("held"),
                                   text("--filter"), text("problem:1..4")});
        if (frozen.code != 0) {
            qFatal("%s", frozen.err.constData());
        }
    }
    // At temperature 0 the server takes a direct critic for a validator.
    [[nodiscard]] QStringList evolve(const QStringList& more = {}) const {
        return QStringList{text("evolve"),
                           file,
                           text("--rounds"),
                           text("2"),
                           text("--critic"),
                           text("critic"),
                           text("--trainer"),
                           text("command"),
                           text("--template"),
                           bench.folder.filePath(text("copy.toml")),
                           text("--set"),
                           text("held"),
                           text("--filter"),
                           text("problem:>4"),
                           text("--temperature"),
                           text("0.7"),
                           text("--no-decontamination"),
                           text("--keep-copies")} +
               more;
    }
    // The newest round and its stage, as another process sees them.
    [[nodiscard]] std::pair<int, std::string> place() const {
        const auto workspace =
            store::Workspace::open(file.toStdString(), store::OpenMode::ReadOnly);
        const auto reader = workspace ? (*workspace)->reader() : base::fail(workspace.error());
        if (!reader) {
            return {-1, {}};
        }
        const auto rounds = store::RoundReader(**reader).rounds("scrit");
        return rounds && !rounds->empty() ? std::pair(rounds->back().number, rounds->back().stage)
                                          : std::pair(-1, std::string());
    }
    // All that does not tell when or how often somebody went on.
    [[nodiscard]] QJsonArray endState() const {
        const auto shown =
            cli_support::runScrit({text("rounds"), file, text("scrit"), text("--json")});
        QJsonArray rounds;
        for (const auto& value : shown.json()[text("rounds")].toArray()) {
            QJsonObject round = value.toObject();
            for (const char* key : {"seconds", "run", "training", "dataset"}) {
                round.remove(text(key));
            }
            QJsonArray scores;
            for (const auto& score : round[text("scores")].toArray()) {
                QJsonObject one = score.toObject();
                one.remove(text("evaluation"));
                scores.append(one);
            }
            round[text("scores")] = scores;
            rounds.append(round);
        }
        return rounds;
    }
};

} // namespace

class EvolutionCliTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void killedInEachStage() {
        BehaviourOptions options;
        options.seed = 5;
        options.latencyMillis = 10;
        BehaviourServer calmServer(options);
        const EvolutionStudy calm(calmServer.url());
        const auto whole = cli_support::runScrit(calm.evolve({text("--json")}));
        QVERIFY2(whole.code == 0, whole.err.constData());
        QVERIFY(whole.jsonLines().size() > 3); // progress, then the result
        QVERIFY(whole.jsonLines().last()[text("done")].toBool());
        const QJsonArray expected = calm.endState();
        QCOMPARE(expected.size(), 3);
        QVERIFY(expected[1].toObject()[text("kept")].toInt() > 0);
        const int needed = requestsOf(calmServer);

        BehaviourServer server(options);
        const EvolutionStudy study(server.url());
        std::map<std::string, int> kills; // by stage
        for (int number = 0; number <= 2; ++number) {
            for (const char* stage : {"critique", "curate", "train", "serve", "evaluate"}) {
                const bool begun = study.place().first >= 0;
                QProcess process;
                process.start(cli_support::program(),
                              begun ? QStringList{text("resume"), study.file} : study.evolve());
                QVERIFY(process.waitForStarted());
                QElapsedTimer clock;
                clock.start();
                // Stages that take no time may be over before they are seen.
                while (clock.elapsed() < 30'000 && !process.waitForFinished(1)) {
                    const auto [round, now] = study.place();
                    if (round > number || (round == number && now == stage)) {
                        break;
                    }
                    if (round == number && now == "evaluate") {
                        break;
                    }
                }
                if (process.state() == QProcess::Running) {
                    process.waitForFinished(20); // somewhere inside
                    ++kills[study.place().second];
                    ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
                }
                process.waitForFinished();
            }
        }
        for (const char* stage : {"critique", "train", "evaluate"}) {
            QVERIFY2(kills[stage] > 0, stage);
        }
        const auto last = cli_support::runScrit({text("resume"), study.file});
        QVERIFY2(last.code == 0 || last.err.contains("no run is open"), last.err.constData());
        QCOMPARE(study.endState(), expected);
        int all = 0;
        for (const auto& [stage, count] : kills) {
            all += count;
        }
        QVERIFY(requestsOf(server) <= needed + 8 * all); // at most what was in flight
        const auto workspace =
            store::Workspace::open(study.file.toStdString(), store::OpenMode::ReadOnly);
        const auto reader = (*workspace)->reader();
        QCOMPARE(store::RoundReader(**reader).trainings()->size(), std::size_t{2});
    }

    void previewAndOverlap() {
        BehaviourServer server({});
        const EvolutionStudy study(server.url());
        const auto preview =
            cli_support::runScrit(study.evolve({text("--preview"), text("--json")}));
        QVERIFY2(preview.code == 0, preview.err.constData());
        QCOMPARE(preview.json()[text("problems")].toInt(), kProblems - 4);
        QCOMPARE(preview.json()[text("exists")].toBool(), false);
        QCOMPARE(requestsOf(server), 0);
        QStringList overlapping = study.evolve();
        overlapping[overlapping.indexOf(text("problem:>4"))] = text("problem:>2");
        const auto refused = cli_support::runScrit(overlapping);
        QCOMPARE(refused.code, 2);
        QVERIFY2(refused.isOneErrorLine() && refused.err.contains("-evaluation:yes"),
                 refused.err.constData());
        const auto none = cli_support::runScrit({text("rounds"), study.file});
        QVERIFY2(none.code == 0 && none.err.contains("no rounds yet"), none.err.constData());
    }
};

SCRIT_TEST(EvolutionCliTest)
#include "evolution_cli_test.moc"
