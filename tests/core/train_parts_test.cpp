// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/command_template.h"
#include "core/train/loss_curve.h"
#include "core/train/output_check.h"
#include "core/train/progress_teller.h"
#include "core/train/template_text.h"
#include "tests/core/train_support.h"
#include "tests/support/test_program.h"

using namespace scrit;
using namespace scrit::train;
using namespace scrit::test;

namespace {

const std::string kHead = "name = \"t\"\nexport_view = \"sharegpt\"\n";
const std::string kCommand = "[[command]]\nprogram = \"x\"\n";
const std::string kResult = "[result]\nfiles = [\"config.json\"]\nkind = \"vllm\"\n";

std::string safetensors(const std::string& header, std::size_t data) {
    std::string text(8, '\0');
    text[0] = static_cast<char>(header.size());
    return text + header + std::string(data, 'x');
}

} // namespace

class TrainPartsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path folder() const { return m_folder.path().toStdString(); }

    Job job(const std::string& name) const {
        Job made;
        made.base = vllmModel();
        made.name = "new";
        made.data = folder() / "data";
        made.folder = folder() / name;
        return made;
    }

private Q_SLOTS:
    void initTestCase() { putData(folder() / "data", "{}\n", 1); }

    void parameters() {
        Parameters given;
        given.batch = 32;
        const Parameters all = merged(given, paperParameters());
        QCOMPARE(all.batch.value_or(0), 32);
        QCOMPARE(all.learningRate.value_or(0), 5e-6);
        QCOMPARE(all.warmUp.value_or(0), 0.03);
        QVERIFY(checkParameters(all));
        given.epochs = 0;
        QVERIFY(!checkParameters(given));
        given.epochs = 1;
        given.learningRate = -1;
        QVERIFY(!checkParameters(given));
    }

    void curveStaysSmallAndKeepsItsEnds() {
        LossCurve curve(100);
        for (int step = 1; step <= 10000; ++step) {
            curve.add({step, 10.0 / step});
            QVERIFY(curve.points().size() <= 100);
            QCOMPARE(curve.points().back().step, std::int64_t{step});
        }
        QCOMPARE(curve.points().front().step, std::int64_t{1});
        QVERIFY(curve.points().size() > 30);
        for (std::size_t i = 1; i < curve.points().size(); ++i) {
            QVERIFY(curve.points()[i - 1].step < curve.points()[i].step);
        }
        const auto again = LossCurve::fromJson(curve.json(), 100);
        QVERIFY(again.has_value());
        QCOMPARE(again->json(), curve.json());
    }
    void curveGoesBackToACheckpoint() {
        LossCurve curve;
        for (const int step : {1, 2, 3, 4, 5}) {
            curve.add({step, 1.0});
        }
        curve.add({3, 2.0});
        curve.add({4, std::nan("")});
        QCOMPARE(curve.json(), std::string("[[1,1.0],[2,1.0],[3,2.0]]"));
        QVERIFY(!LossCurve::fromJson("[[1]]"));
        QVERIFY(!LossCurve::fromJson("nonsense"));
    }

    void placeholders() {
        const std::map<std::string, std::string> values{{"a", "x\"y"}, {"b", "2"}};
        QCOMPARE(fillIn("{{a}} {{ b }} {{a|quoted}}", values).value_or(""),
                 std::string("x\"y 2 \"x\\\"y\""));
        QVERIFY(!fillIn("{{c}}", values));
        QVERIFY(!fillIn("{{a", values));
        QVERIFY(!placeholdersIn("{{A b}}"));
        QVERIFY(placeholdersIn("{ {a} }").value_or(std::vector<std::string>{"?"}).empty());
    }

    void badTemplates_data() {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<std::string>("says");
        QTest::newRow("syntax") << std::string("name = ") << std::string("line 1");
        QTest::newRow("unknown key")
            << kHead + "colour = 1\n" + kCommand + kResult << std::string("colour is not known");
        QTest::newRow("no command") << kHead + kResult << std::string("[[command]] is missing");
        QTest::newRow("no result") << kHead + kCommand << std::string("result is missing");
        QTest::newRow("placeholder") << kHead + "[[command]]\nprogram = \"{{modle}}\"\n" + kResult
                                     << std::string("{{modle}} is not known: did you mean model?");
        QTest::newRow("checkpoint outside resume")
            << kHead + "[[command]]\nprogram = \"{{checkpoint}}\"\n" + kResult
            << std::string("{{checkpoint}} is not known");
        QTest::newRow("pattern") << kHead + kCommand + "[progress]\nloss = \"(\"\n" + kResult
                                 << std::string("is no regular expression");
        QTest::newRow("group") << kHead + kCommand + "[progress]\nloss = \"loss\"\n" + kResult
                               << std::string("has no group");
        QTest::newRow("kind") << kHead + kCommand + "[result]\nfiles = [\"a\"]\nkind = \"gpt\"\n"
                              << std::string("is no kind of model");
        QTest::newRow("climbing file") << kHead + kCommand + "[[file]]\npath = \"../x\"\n" + kResult
                                       << std::string("must be a path inside");
        QTest::newRow("epochs") << kHead + "[parameters]\nepochs = 0\n" + kCommand + kResult
                                << std::string("cannot be meant");
    }
    void badTemplates() {
        QFETCH(std::string, text);
        QFETCH(std::string, says);
        const auto form = parseCommandTemplate(text);
        QVERIFY(!form);
        QVERIFY2(form.error().text().find(says) != std::string::npos, form.error().text().c_str());
    }

    void shippedTemplates_data() {
        QTest::addColumn<std::string>("name");
        QTest::addColumn<std::string>("view");
        QTest::newRow("lf full") << std::string("llama-factory-full") << std::string("sharegpt");
        QTest::newRow("lf lora") << std::string("llama-factory-lora") << std::string("sharegpt");
        QTest::newRow("trl full") << std::string("trl-full")
                                  << std::string("trl-prompt-completion");
        QTest::newRow("trl lora") << std::string("trl-lora")
                                  << std::string("trl-prompt-completion");
    }
    void shippedTemplates() {
        QFETCH(std::string, name);
        QFETCH(std::string, view);
        const auto form = loadCommandTemplate(name);
        QVERIFY2(form.has_value(), form ? "" : form.error().text().c_str());
        QCOMPARE(form->name, name);
        QCOMPARE(form->exportView, view);
        QCOMPARE(form->parameters.batch.value_or(0), 256);
        QCOMPARE(form->parameters.learningRate.value_or(0), 5e-6);
        Job made = job(name);
        made.values = {{"gpus", "4"}, {"micro_batch", "2"}};
        const auto plan = planCommand(*form, made);
        QVERIFY2(plan.has_value(), plan ? "" : plan.error().text().c_str());
        QVERIFY(!plan->resumes);
        std::string all;
        for (const auto& [path, text] : plan->files) {
            QVERIFY(path.string().starts_with(made.folder.string()));
            all += text;
        }
        QVERIFY(all.find("{{") == std::string::npos);
        QVERIFY(all.find("model_name_or_path: \"org/base-7b\"") != std::string::npos);
        QVERIFY(all.find("gradient_accumulation_steps: 32\n") != std::string::npos);
        // Without its point YAML 1.1 would read a text.
        QVERIFY(all.find("learning_rate: 5.0e-06\n") != std::string::npos);
        QVERIFY(all.find("resume_from_checkpoint") == std::string::npos);
        // With a checkpoint that is whole and a newer one that is not.
        const std::string where = form->checkpoints.substr(0, form->checkpoints.find('*'));
        put(made.output() / (where + "9") / "trainer_state.json", "{}");
        put(made.output() / (where + "10") / "trainer_state.json", "{}");
        put(made.output() / (where + "11") / "weights", "cut");
        const auto resumed = planCommand(*form, made);
        QVERIFY(resumed && resumed->resumes);
        std::string texts;
        for (const auto& [path, text] : resumed->files) {
            texts += text;
        }
        QVERIFY(texts.find(where + "10\"") != std::string::npos);
    }
    void unknownTemplate() {
        const auto form = loadCommandTemplate("llama-factory-lore");
        QVERIFY(!form);
        QCOMPARE(form.error().advice, std::string("did you mean llama-factory-lora?"));
    }

    void planErrors_data() {
        QTest::addColumn<std::string>("kind");
        QTest::addColumn<std::string>("settings");
        QTest::addColumn<QString>("value"); // NAME=VALUE
        QTest::addColumn<std::string>("says");
        const std::string vllm = R"({"model":"m"})";
        QTest::newRow("unknown value") << std::string("vllm") << vllm << "gpu=2"
                                       << std::string("has no value \"gpu\": did you mean gpus?");
        QTest::newRow("no number")
            << std::string("vllm") << vllm << "gpus=two" << std::string("must be a whole number");
        QTest::newRow("does not divide")
            << std::string("vllm") << vllm << "gpus=3" << std::string("cannot be made of 3");
        QTest::newRow("llama-server")
            << std::string("llama-server") << std::string(R"({"gguf":"a.gguf"})") << ""
            << std::string("names no weights");
        QTest::newRow("an adapter")
            << std::string("vllm")
            << std::string(R"({"model":"m","args":["--enable-lora","--lora-modules","m=x"]})") << ""
            << std::string("is an adapter over m");
    }
    void planErrors() {
        QFETCH(std::string, kind);
        QFETCH(std::string, settings);
        QFETCH(QString, value);
        QFETCH(std::string, says);
        const auto form = loadCommandTemplate("trl-full");
        QVERIFY(form.has_value());
        Job made = job("errors");
        made.base.kind = kind;
        made.base.settings = settings;
        if (!value.isEmpty()) {
            made.values[value.section('=', 0, 0).toStdString()] =
                value.section('=', 1).toStdString();
        }
        const auto plan = planCommand(*form, made);
        QVERIFY(!plan);
        QVERIFY2(plan.error().text().find(says) != std::string::npos, plan.error().text().c_str());
    }
    void slurmValuesAreNotTheTemplates() {
        const auto form = loadCommandTemplate("trl-full");
        Job made = job("slurm");
        made.values = {{"slurm.partition", "gpu"}};
        QVERIFY(planCommand(*form, made).has_value());
    }

    void logLines_data() {
        QTest::addColumn<std::string>("log");
        QTest::addColumn<std::string>("losses");
        const auto row = [](const char* name, const std::string& log, const std::string& losses) {
            QTest::newRow(name) << log << losses;
        };
        row("transformers 4",
            "  0%|          | 0/40 [00:00<?, ?it/s]\r  2%|2         | 1/40 [00:03<02:01]\n"
            "{'loss': 1.25, 'grad_norm': 0.5, 'learning_rate': 5e-06, 'epoch': 0.03}\n"
            "\r  5%|5  | 2/40 [00:06<02:01]\n{'loss': 1.0, 'epoch': 0.05}\n",
            "[[1,1.25],[2,1.0]]");
        row("transformers 5, numbers as texts", "{'loss': '0.75', 'epoch': '0.1'}\n", "[[1,0.75]]");
        row("other bars",
            "Map: 100%|##| 900/900 [00:01]\nLoading shards: 50%|#  | 2/4 [00:01]\n"
            "{'loss': 2e-1}\n",
            "[[1,0.2]]");
        row("a bar that is behind",
            " 10%|# | 4/40 [00:03]\r{'loss': 1.0}\n{'loss': 0.9}\n{'loss': 0.8}\n",
            "[[4,1.0],[5,0.9],[6,0.8]]");
        row("what was gone on with", " 50%|##   | 20/40 [00:01]\n{'loss': 0.5}\n", "[[20,0.5]]");
        row("evaluation is no loss", "{'eval_loss': 0.4}\n{'train_loss': 0.3}\n", "[]");
        row("long line", std::string(100000, 'x') + "{'loss': 0.1}\n{'loss': 0.2}\n", "[[1,0.2]]");
        row("no line end", "{'loss': 0.25}", "[[1,0.25]]");
    }
    void logLines() {
        QFETCH(std::string, log);
        QFETCH(std::string, losses);
        const auto form = loadCommandTemplate("trl-lora");
        QVERIFY(form.has_value());
        for (const std::size_t piece : {log.size(), std::size_t{7}}) {
            LogReader reader(*form);
            Progress progress;
            for (std::size_t at = 0; at < log.size(); at += piece) {
                QVERIFY(reader.feed(std::string_view(log).substr(at, piece), progress));
            }
            QVERIFY(reader.finish(progress));
            LossCurve curve;
            for (const LossPoint& point : progress.losses) {
                curve.add(point);
            }
            QCOMPARE(curve.json(), losses);
        }
    }
    // Whatever way a trainer ends, nothing of what it collected is lost.
    void whatWasNotToldIsToldAtTheEnd() {
        std::vector<std::size_t> told;
        const ProgressFunction function = [&](const Progress& now) {
            told.push_back(now.losses.size());
        };
        {
            ProgressTeller teller(function, std::numeric_limits<std::int64_t>::max());
            teller.now().losses = {{1, 0.5}, {2, 0.25}};
            teller.tell(false);
            QVERIFY(told.empty());
        }
        QCOMPARE(told, std::vector<std::size_t>{2});
        {
            ProgressTeller teller(function, std::numeric_limits<std::int64_t>::max());
            teller.now().losses = {{1, 0.5}};
            teller.tell(true);
        }
        QCOMPARE(told, (std::vector<std::size_t>{2, 1}));
    }

    void lossThatIsNoNumber() {
        const auto form = loadCommandTemplate("trl-lora");
        for (const char* value : {"nan", "inf", "-inf"}) {
            LogReader reader(*form);
            Progress progress;
            const auto fed = reader.feed(
                "{'loss': 1.0}\n{'loss': " + std::string(value) + ", 'epoch': 1}\n", progress);
            QVERIFY(!fed);
            QCOMPARE(fed.error().message, std::string("the loss is not a number at step 2"));
        }
    }

    void outputs_data() {
        QTest::addColumn<std::string>("weights");
        QTest::addColumn<bool>("whole");
        const std::string header = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
        QTest::newRow("whole") << safetensors(header, 8) << true;
        QTest::newRow("cut") << safetensors(header, 7) << false;
        QTest::newRow("longer") << safetensors(header, 9) << false;
        QTest::newRow("empty") << std::string() << false;
        QTest::newRow("no header") << std::string("1234567890") << false;
        QTest::newRow("huge header") << std::string(16, '\x7f') << false;
        QTest::newRow("no tensors") << safetensors("{}", 0) << false;
        QTest::newRow("bad offsets")
            << safetensors(R"({"w":{"data_offsets":["a",-1]}})", 8) << false;
    }
    void outputs() {
        QFETCH(std::string, weights);
        QFETCH(bool, whole);
        const fs::path file = folder() / "w.safetensors";
        put(file, weights);
        QCOMPARE(checkSafetensors(file).has_value(), whole);
    }
    void missingPieceOfTheWeights() {
        const auto form = loadCommandTemplate("trl-full");
        const Job made = job("pieces");
        const std::string header = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
        put(made.output() / "config.json", "{}");
        put(made.output() / "tokenizer_config.json", "{}");
        put(made.output() / "model-1.safetensors", safetensors(header, 8));
        QVERIFY(trainedModel(*form, made).has_value());
        put(made.output() / "model.safetensors.index.json",
            R"({"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}})");
        const auto bad = trainedModel(*form, made);
        QVERIFY(!bad);
        QCOMPARE(bad.error().code, base::ErrorCode::Corrupt);
    }
};

SCRIT_TEST(TrainPartsTest)
#include "train_parts_test.moc"
