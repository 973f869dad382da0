// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/evaluation_set.h"
#include "core/loop/import_driver.h"
#include "core/loop/training.h"
#include "core/store/reader.h"
#include "core/store/round_reader.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <QFile>

#include <fstream>

using namespace scrit;
using namespace scrit::loop;

namespace {

namespace fs = std::filesystem;

// What a trainer that trains nothing is to do, and what it saw.
struct Script {
    std::string view = "openai-chat";
    std::optional<base::Error> checkError;
    std::optional<base::Error> runError;
    std::vector<train::LossPoint> losses{{1, 2.0}, {2, 1.5}, {3, 1.25}};
    std::function<void()> during;
    int runs = 0;
    train::Job job;
};

class ScriptedTrainer final : public train::Trainer {
public:
    explicit ScriptedTrainer(Script& script) : m_script(script) {}
    [[nodiscard]] std::string_view name() const override { return "scripted"; }
    [[nodiscard]] base::Expected<std::string> exportView(const train::Job&) const override {
        return m_script.view;
    }
    [[nodiscard]] base::Expected<train::Parameters> defaults(const train::Job&) const override {
        return train::paperParameters();
    }
    [[nodiscard]] base::Expected<void> check(const train::Job&) const override {
        return m_script.checkError ? base::fail(*m_script.checkError) : base::Expected<void>{};
    }
    [[nodiscard]] base::Expected<train::Trained> run(const train::Job& job,
                                                     const train::ProgressFunction& progress,
                                                     const base::CancelToken& cancel) override {
        ++m_script.runs;
        m_script.job = job;
        train::Progress now;
        now.stage = "train";
        now.externalJob = "ext-7";
        for (const train::LossPoint& point : m_script.losses) {
            now.losses = {point};
            now.loss = point.loss;
            now.step = point.step;
            progress(now);
        }
        if (m_script.during) {
            m_script.during();
        }
        if (cancel.isCancelled()) {
            return base::fail(base::ErrorCode::Cancelled, "the training was stopped");
        }
        if (m_script.runError) {
            return base::fail(*m_script.runError);
        }
        return train::Trained{"vllm", R"({"model":"/weights"})"};
    }

private:
    Script& m_script;
};

std::string critiqueRow(int problem) {
    const std::string n = std::to_string(problem);
    return R"({"problem":"What is )" + n +
           R"( + 1?","author":"student","solution":"We add.\n\nIt is )" + n +
           R"(.","critic":"critic","critique":"## Critique of Student Solution Steps\n)"
           R"(### Critique of Step 1\nFine.\n### Critique of Step 2\nThe sum is wrong.\n\n)"
           R"(## Conclusion of Critique\nThe solution is Incorrect.\nThe first error step number: 2\n\n)"
           R"(## Correction of Student Solution\n===CORRECTION_START===\nWe add.\n\nIt is more.\n\n)"
           R"(Therefore, the final answer is \\boxed{)" +
           std::to_string(problem + 1) + R"(}.\n===CORRECTION_END===\n"})" + "\n";
}

} // namespace

class TrainingTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<store::Workspace> m_workspace;
    Script m_script;
    std::int64_t m_base = 0;

    fs::path path(const char* name) const {
        return fs::path(m_folder->path().toStdString()) / name;
    }
    train::MakeTrainer maker() {
        return [this](std::string_view) {
            return std::unique_ptr<train::Trainer>(std::make_unique<ScriptedTrainer>(m_script));
        };
    }
    TrainingRequest request(const std::string& name = "new") const {
        TrainingRequest made;
        made.trainer = "command";
        made.baseModelId = m_base;
        made.name = name;
        made.commandTemplate = "some";
        made.values = {{"gpus", "2"}};
        made.parameters.batch = 8;
        made.parameters.seed = std::numeric_limits<std::uint64_t>::max();
        return made;
    }
    model::Training stored(std::int64_t id) const {
        const auto reader = m_workspace->reader();
        return store::RoundReader(**reader).training(id).value();
    }
    std::optional<model::Model> modelNamed(const std::string& name) const {
        const auto reader = m_workspace->reader();
        const auto model = store::RunReader(**reader).model(name);
        return model ? std::optional(*model) : std::nullopt;
    }

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_script = {};
        m_workspace = store::Workspace::create(path("w.scrit")).value();
        {
            std::ofstream rows(path("rows.jsonl"));
            for (int i = 10; i < 30; ++i) {
                rows << critiqueRow(i);
            }
        }
        QVERIFY(importCritiqueFiles(*m_workspace, {path("rows.jsonl")}, {}).complete());
        SCRIT_OK(m_workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            model::Model model;
            model.name = "base";
            model.kind = "vllm";
            model.settings = R"({"model":"org/base"})";
            const auto id = store::RunWriter(writer).addModel(model);
            m_base = id.value_or(0);
            return id ? base::Expected<void>{} : base::fail(id.error());
        }));
    }

    void trainsAndAddsTheModelWithItsOrigin() {
        SCRIT_TRY(id, createTraining(*m_workspace, request(), maker()));
        QCOMPARE(m_script.runs, 0);
        QCOMPARE(stored(id).state, model::JobState::Planned);
        m_script.during = [&] { // nothing half finished is offered
            QVERIFY(!modelNamed("new"));
            QCOMPARE(stored(id).state, model::JobState::Running);
            QCOMPARE(stored(id).externalJob, std::string("ext-7"));
            // What was told is kept already, however this process may end.
            QCOMPARE(stored(id).losses, std::string("[[1,2.0],[2,1.5],[3,1.25]]"));
        };
        std::vector<double> told;
        SCRIT_TRY(result,
                  runTraining(m_workspace, id, maker(), [&](const TrainingProgress& progress) {
                      told.push_back(progress.now.loss.value_or(0));
                  }));
        QCOMPARE(told, (std::vector<double>{2.0, 1.5, 1.25}));
        const model::Training row = stored(id);
        QCOMPARE(row.state, model::JobState::Done);
        QCOMPARE(row.losses, std::string("[[1,2.0],[2,1.5],[3,1.25]]"));
        QVERIFY(row.finishedAt >= row.startedAt && row.startedAt > 0);
        const auto model = modelNamed("new");
        QVERIFY(model.has_value());
        QCOMPARE(model->id, result.modelId);
        QCOMPARE(model->kind, std::string("vllm"));
        QCOMPARE(model->parentId.value_or(0), m_base);
        const auto reader = m_workspace->reader();
        store::RoundReader rounds(**reader);
        QCOMPARE(rounds.trainingOfModel(model->id).value().value_or(0), id);
        // The job as the trainer got it.
        QCOMPARE(m_script.job.parameters.batch.value_or(0), 8);
        QCOMPARE(m_script.job.parameters.learningRate.value_or(0), 5e-6);
        QCOMPARE(m_script.job.parameters.seed.value_or(0),
                 std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(m_script.job.values.at("gpus"), std::string("2"));
        QVERIFY(fs::exists(m_script.job.data / "train.jsonl"));
        QCOMPARE(rounds.dataset(row.exportId.value_or(0)).value().folder,
                 m_script.job.data.string());
        // Done is done.
        SCRIT_TRY(again, runTraining(m_workspace, id, maker()));
        QCOMPARE(again.modelId, result.modelId);
        QCOMPARE(m_script.runs, 1);
    }

    void stopsFailsAndGoesOn() {
        SCRIT_TRY(id, createTraining(*m_workspace, request(), maker()));
        const base::CancelToken cancel;
        m_script.during = [&] {
            cancel.cancel();
        };
        QCOMPARE(runTraining(m_workspace, id, maker(), {}, cancel).error().code,
                 base::ErrorCode::Cancelled);
        QCOMPARE(stored(id).state, model::JobState::Stopped);
        m_script.during = {};
        m_script.runError = base::Error{base::ErrorCode::Server, "it broke", "repair it", false};
        m_script.losses = {{3, 9.0}}; // went back to step 2
        QVERIFY(!runTraining(m_workspace, id, maker()));
        QCOMPARE(stored(id).state, model::JobState::Failed);
        QCOMPARE(stored(id).error, std::string("it broke: repair it"));
        QCOMPARE(stored(id).losses, std::string("[[1,2.0],[2,1.5],[3,9.0]]"));
        QVERIFY(!modelNamed("new"));
        m_script.runError.reset();
        QVERIFY(runTraining(m_workspace, id, maker()).has_value());
        QCOMPARE(stored(id).state, model::JobState::Done);
        QCOMPARE(stored(id).error, std::string());
    }

    void refusesBeforeAnythingIsWritten_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("code");
        QTest::newRow("trainer not there") << "trainer" << int(base::ErrorCode::Unavailable);
        QTest::newRow("name taken") << "name" << int(base::ErrorCode::Exists);
        QTest::newRow("no base") << "base" << int(base::ErrorCode::NotFound);
        QTest::newRow("no name") << "empty name" << int(base::ErrorCode::Invalid);
        QTest::newRow("epochs") << "epochs" << int(base::ErrorCode::Invalid);
    }
    void refusesBeforeAnythingIsWritten() {
        QFETCH(QString, what);
        QFETCH(int, code);
        TrainingRequest bad = request(what == "name" ? "base" : what == "empty name" ? " " : "new");
        if (what == "trainer") {
            m_script.checkError = base::Error{base::ErrorCode::Unavailable, "missing", "", false};
        } else if (what == "base") {
            bad.baseModelId = 99;
        } else if (what == "epochs") {
            bad.parameters.epochs = 0;
        }
        const auto created = createTraining(*m_workspace, bad, maker());
        QVERIFY(!created);
        QCOMPARE(int(created.error().code), code);
        QVERIFY(!fs::exists(path("w.trainings")));
        const auto reader = m_workspace->reader();
        QVERIFY(store::RoundReader(**reader).trainings().value().empty());
    }
    void refusesAnEmptyTrainingSet() {
        TrainingRequest empty = request();
        empty.dataset.filter = "critic:nobody";
        const auto created = createTraining(*m_workspace, empty, maker());
        QVERIFY(!created);
        QCOMPARE(created.error().message, std::string("the training set is empty"));
    }

    void refusesProblemsOfAnEvaluationSet() {
        ExportJobOptions options;
        options.folder = path("data");
        SCRIT_OK(exportDataset(*m_workspace, options));
        TrainingRequest given = request();
        given.data = path("data");
        SCRIT_OK(createTraining(*m_workspace, given, maker()));
        FreezeRequest freeze;
        freeze.name = "held out";
        freeze.limit = 3;
        SCRIT_OK(freezeSet(*m_workspace, freeze));
        const auto created = createTraining(*m_workspace, given, maker());
        QVERIFY(!created);
        QCOMPARE(created.error().code, base::ErrorCode::Invalid);
        QVERIFY2(created.error().message.find("3 in \"held out\"") != std::string::npos,
                 created.error().text().c_str());
        // Without them it can be trained.
        TrainingRequest clean = request("clean");
        clean.dataset.filter = "evaluation:no";
        SCRIT_TRY(id, createTraining(*m_workspace, clean, maker()));
        QVERIFY(stored(id).settings.find("\"rows\":17") != std::string::npos);
    }

    void refusesDataThatWasChanged() {
        ExportJobOptions options;
        options.folder = path("data");
        SCRIT_OK(exportDataset(*m_workspace, options));
        TrainingRequest given = request();
        given.data = path("data");
        m_script.view = "sharegpt";
        QCOMPARE(createTraining(*m_workspace, given, maker()).error().code,
                 base::ErrorCode::Invalid);
        m_script.view = "openai-chat";
        std::ofstream(path("data") / "train.jsonl", std::ios::app) << critiqueRow(99);
        QCOMPARE(createTraining(*m_workspace, given, maker()).error().code,
                 base::ErrorCode::Corrupt);
        given.data = path("elsewhere");
        QCOMPARE(createTraining(*m_workspace, given, maker()).error().code,
                 base::ErrorCode::NotFound);
    }

    // Two trainings of one name: folders of their own; the second cannot take the name any more.
    void nameThatWasGivenAwayMeanwhile() {
        SCRIT_TRY(first, createTraining(*m_workspace, request(), maker()));
        SCRIT_TRY(second, createTraining(*m_workspace, request(), maker()));
        QVERIFY(stored(first).output != stored(second).output);
        QVERIFY(runTraining(m_workspace, first, maker()).has_value());
        QCOMPARE(runTraining(m_workspace, second, maker()).error().code, base::ErrorCode::Exists);
        QCOMPARE(m_script.runs, 1); // nothing was paid
    }
};

SCRIT_TEST(TrainingTest)
#include "training_test.moc"
