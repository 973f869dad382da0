// SPDX-License-Identifier: GPL-3.0-or-later
// The trainer "slurm" with a real Slurm of one node. Skipped where slurm-wlm and munge are not
// installed.
#include "core/base/clock.h"
#include "core/train/slurm_trainer.h"
#include "tests/support/slurm_cluster.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

using namespace scrit;
using namespace scrit::train;

namespace {

const char* const kTemplate =
    "name = \"script\"\n"
    "export_view = \"openai-chat\"\n"
    "[values]\n"
    "script = \"true\"\n"
    "[environment]\n"
    "SAID = \"it's $HOME `x`\"\n"
    "[[command]]\n"
    "stage = \"train\"\n"
    "program = \"/bin/bash\"\n"
    "arguments = [\"-c\", \"{{script}}\", \"train\", \"{{output}}\", \"{{job}}\"]\n"
    "[progress]\n"
    "step = \"step ([0-9]+)/([0-9]+)\"\n"
    "loss = \"loss=([0-9.naif]+)\"\n"
    "[result]\n"
    "files = [\"weights.txt\"]\n"
    "kind = \"vllm\"\n"
    "[result.settings]\n"
    "model = \"{{output}}\"\n";

} // namespace

class SlurmTrainingTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir{QDir::tempPath() + QStringLiteral("/scrit it's %a XXXXXX")};
    std::unique_ptr<testing::SlurmCluster> m_cluster;
    std::vector<Progress> m_told;
    int m_jobs = 0;

    static SlurmTrainerOptions quick() {
        SlurmTrainerOptions options;
        options.pollMillis = 200;
        return options;
    }
    // A job whose program is this script of bash; $1 is the output folder, $2 the job's.
    Job job(const char* script) {
        Job job;
        job.base.name = "base";
        job.base.kind = "vllm";
        job.base.settings = "{\"model\":\"some/base\"}";
        job.name = "trained";
        job.data = m_dir.filePath(QStringLiteral("data")).toStdString();
        job.folder = m_dir.filePath(QStringLiteral("job %1").arg(++m_jobs)).toStdString();
        job.commandTemplate = m_dir.filePath(QStringLiteral("form.toml")).toStdString();
        job.values = {{"script", script}, {"slurm.cpus", "1"}};
        return job;
    }
    base::Expected<Trained> run(const Job& job, const base::CancelToken& cancel = {}) {
        m_told.clear();
        return makeSlurmTrainer(quick())->run(
            job, [this](const Progress& progress) { m_told.push_back(progress); }, cancel);
    }
    [[nodiscard]] std::string lines() const {
        std::string all;
        for (const Progress& progress : m_told) {
            for (const std::string& line : progress.lines) {
                all += line + "\n";
            }
        }
        return all;
    }
    static QByteArray queue() {
        QProcess squeue;
        squeue.start(QStringLiteral("squeue"), {QStringLiteral("-h")});
        squeue.waitForFinished();
        return squeue.readAllStandardOutput();
    }
    static QByteArray contents(const std::filesystem::path& path) {
        QFile file(QString::fromStdString(path.string()));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void initTestCase() {
        m_cluster = std::make_unique<testing::SlurmCluster>(SCRIT_BINARY_DIR
                                                            "/tests-bin/scrit-slurm-cluster");
        if (m_cluster->isMissing()) {
            QSKIP(m_cluster->problem().c_str());
        }
        QVERIFY2(!m_cluster->config().empty(), m_cluster->problem().c_str());
        qputenv("SLURM_CONF", QByteArray::fromStdString(m_cluster->config()));
        const QString data = m_dir.filePath(QStringLiteral("data"));
        QVERIFY(QDir().mkpath(data));
        std::ofstream(data.toStdString() + "/train.jsonl") << "{}\n";
        std::ofstream(data.toStdString() + "/manifest.json")
            << "{\"files\":[{\"name\":\"train.jsonl\",\"split\":\"train\",\"rows\":1}]}";
        std::ofstream(m_dir.filePath(QStringLiteral("form.toml")).toStdString()) << kTemplate;
    }
    void cleanup() {
        if (m_cluster && !m_cluster->config().empty()) {
            QCOMPARE(queue(), QByteArray());
        }
    }

    void trains() {
        const Job job = this->job("for i in 1 2 3; do echo \"step $i/3 loss=0.$i\"; done; "
                                  "echo \"$SAID\" > \"$1/weights.txt\"; echo x >> \"$2/runs\"");
        const auto trained = run(job);
        QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
        QCOMPARE(trained->kind, std::string("vllm"));
        QCOMPARE(contents(job.output() / "weights.txt"), QByteArray("it's $HOME `x`\n"));
        std::vector<LossPoint> losses;
        for (const Progress& progress : m_told) {
            losses.insert(losses.end(), progress.losses.begin(), progress.losses.end());
        }
        const std::vector<LossPoint> expected{{1, 0.1}, {2, 0.2}, {3, 0.3}};
        QVERIFY(losses == expected);
        QVERIFY(!m_told.back().externalJob.empty());
        // What has finished gives its result again and is not run again.
        const auto again = run(job);
        QVERIFY(again.has_value());
        QCOMPARE(again->settings, trained->settings);
        QCOMPARE(contents(job.folder / "runs"), QByteArray("x\n"));
    }

    void failures_data() {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("exit code") << QByteArray("echo 'RuntimeError: no such layer'; exit 3")
                                   << QByteArray("failed with exit code 3 (FAILED): RuntimeError: "
                                                 "no such layer");
        QTest::newRow("no output") << QByteArray("exit 0") << QByteArray("weights.txt");
        QTest::newRow("not a number")
            << QByteArray("echo step 1/3 loss=nan; sleep 100") << QByteArray("not a number");
        QTest::newRow("cancelled elsewhere")
            << QByteArray("scancel $SLURM_JOB_ID; sleep 100") << QByteArray("was cancelled");
    }
    void failures() {
        QFETCH(QByteArray, script);
        QFETCH(QByteArray, says);
        const auto trained = run(job(script.constData()));
        QVERIFY(!trained.has_value());
        const QByteArray text = QByteArray::fromStdString(trained.error().text());
        QVERIFY2(text.contains(says) && !text.contains('\n'), text.constData());
    }

    void aFailedJobCanBeTriedAgain() {
        const Job job = this->job("if [ -e \"$2/tried\" ]; then echo w > \"$1/weights.txt\"; else "
                                  "touch \"$2/tried\"; exit 1; fi");
        QVERIFY(!run(job).has_value());
        const auto trained = run(job);
        QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
    }

    void refusalsArePassedOn() {
        Job job = this->job("true");
        job.values["slurm.partition"] = "nope";
        const auto trained = run(job);
        QVERIFY(!trained.has_value());
        QVERIFY2(trained.error().message.find("nope") != std::string::npos,
                 trained.error().text().c_str());
        job.values["slurm.partition"] = "two words";
        QCOMPARE(run(job).error().code, base::ErrorCode::Invalid);
    }

    // Asks for more than there is: waits for ever, says why, and can be cancelled.
    void waitsAndSaysWhy() {
        Job job = this->job("true");
        job.values["slurm.cpus"] = "5000";
        const base::CancelToken cancel;
        std::string said;
        const auto trained = makeSlurmTrainer(quick())->run(
            job,
            [&](const Progress& progress) {
                for (const std::string& line : progress.lines) {
                    said += line + "\n";
                    if (line.find("waiting: ") != std::string::npos) {
                        cancel.cancel();
                    }
                }
            },
            cancel);
        QVERIFY(!trained.has_value());
        if (trained.error().code != base::ErrorCode::Server) { // newer ones refuse at once
            QCOMPARE(trained.error().code, base::ErrorCode::Cancelled);
            QVERIFY2(said.find("waiting: ") != std::string::npos, said.c_str());
        }
    }

    // The program gets SIGTERM and may save something.
    void cancels() {
        const Job job = this->job("trap 'echo saved > \"$1/saved\"; exit 1' TERM; echo step 1/9 "
                                  "loss=0.5; while true; do sleep 0.1; done");
        const base::CancelToken cancel;
        const auto trained = makeSlurmTrainer(quick())->run(
            job,
            [&](const Progress& progress) {
                if (progress.loss) {
                    cancel.cancel();
                }
            },
            cancel);
        QVERIFY(!trained.has_value());
        QCOMPARE(trained.error().code, base::ErrorCode::Cancelled);
        QCOMPARE(contents(job.output() / "saved"), QByteArray("saved\n"));
        QCOMPARE(queue(), QByteArray());
    }

    // Killed while the job runs, and once more after it has ended: it is watched on, not submitted
    // again.
    void outlivesUs() {
        const Job job = this->job("echo x >> \"$2/runs\"; echo step 1/2 loss=0.5; while [ ! -e "
                                  "\"$2/go\" ]; do sleep 0.1; done; echo step 2/2 loss=0.25; "
                                  "echo w > \"$1/weights.txt\"");
        const pid_t child = fork();
        if (child == 0) {
            (void)makeSlurmTrainer(quick())->run(job, {}, {});
            _exit(0);
        }
        QTRY_COMPARE_WITH_TIMEOUT(contents(job.folder / "runs"), QByteArray("x\n"), 30'000);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        std::ofstream(job.folder / "go") << "\n";
        const auto trained = run(job);
        QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
        QCOMPARE(contents(job.folder / "runs"), QByteArray("x\n"));
        std::size_t losses = 0;
        for (const Progress& progress : m_told) {
            losses += progress.losses.size();
        }
        QCOMPARE(losses, std::size_t{2}); // also the one from before
    }

    // Slurm forgets jobs after a few minutes; the script has left its exit code.
    void aForgottenJob_data() {
        QTest::addColumn<QByteArray>("exit");
        QTest::addColumn<QByteArray>("says"); // empty: it succeeds
        QTest::newRow("good") << QByteArray("4000000 0\n") << QByteArray();
        QTest::newRow("bad") << QByteArray("4000000 9\n") << QByteArray("exit code 9");
        QTest::newRow("of another job") << QByteArray("4000001 0\n") << QByteArray("any more");
        QTest::newRow("none") << QByteArray() << QByteArray("any more");
        QTest::newRow("garbage") << QByteArray("0 0 0 0\n\xff") << QByteArray("any more");
    }
    void aForgottenJob() {
        QFETCH(QByteArray, exit);
        QFETCH(QByteArray, says);
        const Job job = this->job("exit 77");
        QVERIFY(QDir().mkpath(QString::fromStdString(job.output().string())));
        std::ofstream(job.folder / "job.json")
            << "{\"trainer\":\"slurm\",\"job\":\"4000000\",\"job_name\":\"n\"}";
        std::ofstream(job.output() / "weights.txt") << "w";
        if (!exit.isEmpty()) {
            std::ofstream(job.folder / "slurm.exit") << exit.toStdString();
        }
        const auto trained = run(job);
        QCOMPARE(trained.has_value(), says.isEmpty());
        if (!trained) {
            const std::string text = trained.error().text();
            QVERIFY2(text.find(says.constData()) != std::string::npos, text.c_str());
        }
    }

    // We ended after sbatch and before its answer was written down.
    void aJobWithoutAnId() {
        const Job job = this->job("exit 77");
        QVERIFY(QDir().mkpath(QString::fromStdString(job.output().string())));
        std::ofstream(job.folder / "job.json")
            << "{\"trainer\":\"slurm\",\"job_name\":\"scrit-lost-1\"}";
        std::ofstream(job.folder / "lost.sh") << "#!/bin/bash\nsleep 0.5; echo w > output/weights."
                                                 "txt\n";
        QProcess sbatch;
        sbatch.setWorkingDirectory(QString::fromStdString(job.folder.string()));
        sbatch.start(QStringLiteral("sbatch"),
                     {QStringLiteral("--job-name=scrit-lost-1"),
                      QStringLiteral("--output=/dev/null"), QStringLiteral("lost.sh")});
        QVERIFY(sbatch.waitForFinished());
        const auto trained = run(job);
        QVERIFY2(trained.has_value(), trained ? "" : trained.error().text().c_str());
    }

    void cleanupTestCase() { m_cluster.reset(); }
};

SCRIT_TEST(SlurmTrainingTest)
#include "slurm_training_test.moc"
