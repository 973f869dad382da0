// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/language.h"
#include "core/mini/network.h"
#include "core/mini/vocabulary.h"
#include "core/train/builtin_trainer.h"
#include "core/train/loss_curve.h"
#include "tests/core/train_support.h"

#include <nlohmann/json.hpp>

using namespace scrit;
using namespace scrit::train;
using namespace scrit::test;
using nlohmann::json;

// The trainer "builtin": a small fresh network learns to solve problems of the miniature's world.
class TrainBuiltinTest : public QObject {
    Q_OBJECT

    static constexpr int kRows = 24;
    QTemporaryDir m_folder;
    int m_jobs = 0;
    fs::path folder() const { return m_folder.path().toStdString(); }

    Job job() {
        Job made;
        made.base.name = "mini";
        made.base.kind = "builtin";
        made.base.settings = json{{"checkpoint", (folder() / "start.safetensors").string()}}.dump();
        made.name = "learned";
        made.data = folder() / "data";
        made.folder = folder() / ("job" + std::to_string(++m_jobs));
        made.parameters.epochs = 50;
        made.parameters.batch = 4;
        made.parameters.learningRate = 3e-3;
        made.parameters.seed = 7;
        made.values = {{"device", "cpu"}};
        return made;
    }
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

QTEST_GUILESS_MAIN(TrainBuiltinTest)
#include "train_builtin_test.moc"
