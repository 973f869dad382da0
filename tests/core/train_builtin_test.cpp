// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/language.h"
#include "core/mini/network.h"
#include "core/mini/vocabulary.h"
#include "core/train/builtin_trainer.h"
#include "core/train/loss_curve.h"
#include "tests/core/train_support.h"
#include "tests/support/test_program.h"

#include <QProcess>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace scrit;
using namespace scrit::train;
using namespace scrit::test;
using nlohmann::json;

namespace {

constexpr const char* kTrainChild = "--train-child";

Job jobIn(const fs::path& folder, const std::string& name) {
    Job made;
    made.base.name = "mini";
    made.base.kind = "builtin";
    made.base.settings = json{{"checkpoint", (folder / "start.safetensors").string()}}.dump();
    made.name = "learned";
    made.data = folder / "data";
    made.folder = folder / name;
    made.parameters.epochs = 50;
    made.parameters.batch = 4;
    made.parameters.learningRate = 3e-3;
    made.parameters.seed = 7;
    made.values = {{"device", "cpu"}};
    return made;
}

fs::path keptLosses(const Job& job) {
    return job.folder / "told";
}

// In a process of its own, that it may be killed: trains, and keeps each loss before it goes on.
int trainAsChild(const fs::path& folder, const std::string& name) {
    const Job job = jobIn(folder, name);
    fs::create_directories(job.folder);
    const int file =
        ::open(keptLosses(job).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const auto trained = makeBuiltinTrainer()->run(
        job,
        [file](const Progress& now) {
            std::string text;
            for (const LossPoint& point : now.losses) {
                text += json{point.step, point.loss}.dump() + "\n";
            }
            if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
                std::abort();
            }
        },
        {});
    return trained ? 0 : 1;
}

} // namespace

// The trainer "builtin": a small fresh network learns to solve problems of the miniature's world.
class TrainBuiltinTest : public QObject {
    Q_OBJECT

    static constexpr int kRows = 24;
    QTemporaryDir m_folder;
    int m_jobs = 0;
    fs::path folder() const { return m_folder.path().toStdString(); }

    Job job() { return jobIn(folder(), "job" + std::to_string(++m_jobs)); }
    static std::string row(const std::string& user, const std::string& assistant) {
        return json{{"messages",
                     {{{"role", "system"}, {"content", "s"}},
                      {{"role", "user"}, {"content", user}},
                      {{"role", "assistant"}, {"content", assistant}}}}}
                   .dump() +
               "\n";
    }

private Q_SLOTS:
    void initTestCase() {
        mini::NetworkShape shape;
        shape.vocabulary = mini::vocabularySize();
        shape.segments = mini::kSegments;
        shape.steps = mini::kStepPlaces;
        shape.offsets = mini::kOffsets;
        shape.width = 32;
        shape.layers = 1;
        shape.heads = 2;
        const auto network = mini::Network::fresh(shape, 1);
        QVERIFY(network.has_value());
        QVERIFY((*network)->save(folder() / "start.safetensors"));
        mini::Random random(5);
        std::string rows;
        for (int i = 0; i < kRows; ++i) {
            const mini::Problem problem = mini::nextProblem(random, mini::Split::Train);
            rows += row(mini::problemText(problem),
                        mini::solutionText(problem, mini::solutionOf(mini::truePrices(problem))));
        }
        putData(folder() / "data", rows, kRows);
        if (const auto can = mini::canTrain(); !can) {
            QSKIP(can.error().text().c_str());
        }
    }

    void trainsAndGivesTheSameWeightsAfterAStop() {
        const Job whole = job();
        Told told;
        const auto trained = makeBuiltinTrainer()->run(whole, told.function(), {});
        QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
        QCOMPARE(trained->kind, std::string("builtin"));
        QCOMPARE(told.last.steps, std::int64_t{300});
        QCOMPARE(told.losses.size(), std::size_t{300});
        QVERIFY(told.losses.back().loss < told.losses.front().loss / 2);
        const std::string file = json::parse(trained->settings)["checkpoint"];
        const auto network = mini::Network::load(file);
        QVERIFY(network.has_value());
        QVERIFY(!fs::exists(whole.folder / "checkpoint.safetensors"));

        const Job stopped = job();
        const base::CancelToken cancel;
        const auto first = makeBuiltinTrainer()->run(
            stopped,
            [&](const Progress& now) {
                if (now.step >= 5) {
                    cancel.cancel();
                }
            },
            cancel);
        if (first) {
            QSKIP("the training was over before it could be stopped");
        }
        QCOMPARE(first.error().code, base::ErrorCode::Cancelled);
        QVERIFY(!fs::exists(stopped.output() / "model.safetensors"));
        const auto second = makeBuiltinTrainer()->run(stopped, {}, {});
        QVERIFY2(second.has_value(), second ? "" : second.error().text().c_str());
        const auto other =
            mini::Network::load(json::parse(second->settings)["checkpoint"].get<std::string>());
        QVERIFY(other.has_value());
        QCOMPARE((*other)->identity(), (*network)->identity());
    }

    // Killed when it has just saved a checkpoint, again and again: the losses that were kept and
    // those of the next start are one curve without a gap, a double step or another value.
    void lossesOfAKilledTrainingJoin() {
        const Job whole = job();
        Told told;
        QVERIFY(makeBuiltinTrainer()->run(whole, told.function(), {}).has_value());
        const Job killed = job();
        const fs::path checkpoint = killed.folder / "checkpoint.safetensors";
        const QString file = QString::fromStdString(checkpoint.string());
        int kills = 0;
        for (int start = 0; start < 20; ++start) {
            const QDateTime before = QFileInfo(file).lastModified();
            QProcess child;
            child.start(QCoreApplication::applicationFilePath(),
                        {QStringLiteral("train_builtin_test"), QString::fromLatin1(kTrainChild),
                         m_folder.path(),
                         QString::fromStdString(killed.folder.filename().string())});
            QVERIFY(child.waitForStarted());
            while (child.state() == QProcess::Running &&
                   (kills >= 3 || QFileInfo(file).lastModified() == before)) {
                child.waitForFinished(1);
            }
            if (child.state() != QProcess::Running) {
                QCOMPARE(child.exitCode(), 0);
                break;
            }
            child.kill();
            QVERIFY(child.waitForFinished());
            ++kills;
        }
        QVERIFY(kills > 0);
        LossCurve expected;
        for (const LossPoint& point : told.losses) {
            expected.add(point);
        }
        LossCurve joined;
        std::ifstream kept(keptLosses(killed));
        for (std::string line; std::getline(kept, line);) {
            const json pair = json::parse(line);
            joined.add({pair[0].get<std::int64_t>(), pair[1].get<double>()});
        }
        QCOMPARE(joined.points().size(), std::size_t{300});
        QCOMPARE(joined.json(), expected.json());
    }

    void rowOfAnotherWorld() {
        Job made = job();
        made.data = folder() / "foreign";
        const std::string rows = textOf(folder() / "data" / "train.jsonl");
        putData(made.data, rows.substr(0, rows.find('\n') + 1) + row("What is 2 + 2?", "It is 4."),
                2);
        const auto failed = makeBuiltinTrainer()->run(made, {}, {});
        QVERIFY(!failed);
        QVERIFY2(failed.error().message.starts_with("train.jsonl, line 2: "),
                 failed.error().text().c_str());
    }
    void rowThatIsNone() {
        Job made = job();
        made.data = folder() / "damaged";
        putData(made.data, "{\"messages\":[]}\n", 1);
        const auto failed = makeBuiltinTrainer()->run(made, {}, {});
        QVERIFY(!failed);
        QCOMPARE(failed.error().code, base::ErrorCode::Parse);
    }

    void refuses_data() {
        QTest::addColumn<std::string>("kind");
        QTest::addColumn<std::string>("settings");
        QTest::addColumn<std::string>("value");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, const char* kind, const char* settings,
                            const char* value, base::ErrorCode code) {
            QTest::newRow(name) << std::string(kind) << std::string(settings) << std::string(value)
                                << static_cast<int>(code);
        };
        row("another kind", "vllm", R"({"model":"m"})", "", base::ErrorCode::Invalid);
        row("no file", "builtin", R"({"checkpoint":"/nowhere/x.safetensors"})", "",
            base::ErrorCode::NotFound);
        row("device", "builtin", "", "device=tpu", base::ErrorCode::Invalid);
        row("threads", "builtin", "", "threads=0", base::ErrorCode::Invalid);
        row("value", "builtin", "", "gpus=2", base::ErrorCode::Invalid);
    }
    void refuses() {
        QFETCH(std::string, kind);
        QFETCH(std::string, settings);
        QFETCH(std::string, value);
        QFETCH(int, code);
        Job made = job();
        made.base.kind = kind;
        made.base.settings = settings.empty() ? made.base.settings : settings;
        if (!value.empty()) {
            made.values[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
        }
        const auto checked = makeBuiltinTrainer()->check(made);
        QVERIFY(!checked);
        QCOMPARE(static_cast<int>(checked.error().code), code);
    }
};

namespace {

// The test, or the child that one of its functions starts and kills.
int testOrChild(int argc, char** argv) {
    if (argc == 4 && std::string_view(argv[1]) == kTrainChild) {
        return trainAsChild(argv[2], argv[3]);
    }
    return scrit::test::run<QCoreApplication, TrainBuiltinTest>(argc, argv);
}

} // namespace

SCRIT_TEST_WITH_MAIN(TrainBuiltinTest, testOrChild);
#include "train_builtin_test.moc"
