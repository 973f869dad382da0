// SPDX-License-Identifier: GPL-3.0-or-later
// What Slurm's programs say, good and bad, and what we say to them. No Slurm is needed: its
// programs are scripts here.
#include "core/backend/slurm_client.h"
#include "core/backend/slurm_job.h"
#include "core/backend/slurm_script.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cstdlib>
#include <fstream>

using namespace scrit;
using namespace scrit::backend;

namespace {

QByteArray described(const std::vector<SlurmJob>& jobs) {
    QByteArray text;
    for (const SlurmJob& job : jobs) {
        text += (text.isEmpty() ? "" : " ") + QByteArray::fromStdString(job.id) + ':' +
                QByteArray::number(static_cast<int>(job.state)) + ':' +
                QByteArray::fromStdString(job.reason) + ':' +
                (job.exitCode ? QByteArray::number(*job.exitCode) : QByteArray("-")) + ':' +
                QByteArray::number(job.signal) + ':' +
                (job.restarts ? QByteArray::number(*job.restarts) : QByteArray("-"));
    }
    return text;
}

constexpr int at(SlurmState state) {
    return static_cast<int>(state);
}

} // namespace

class SlurmTextsTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;

    // Programs of Slurm's names that do what `body` says; its first argument is the name.
    SlurmClient clientOf(const char* body, std::int64_t millis = 20'000) {
        const QString folder = m_dir.filePath(QString::number(qHash(QLatin1String(body))));
        QDir().mkpath(folder);
        for (const char* name : {"sbatch", "scancel", "scontrol", "squeue"}) {
            const QString path = folder + QLatin1Char('/') + QLatin1String(name);
            std::ofstream(path.toStdString()) << "#!/bin/bash\nname=" << name << "\n" << body;
            QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
        SlurmClient::Options options;
        options.folder = folder.toStdString();
        options.millis = millis;
        return SlurmClient(options);
    }

private Q_SLOTS:
    void initTestCase() { qunsetenv("SLURM_CONF"); }

    void scontrol_data() {
        QTest::addColumn<QByteArray>("output");
        QTest::addColumn<QByteArray>("jobs");
        const auto job = [](const char* id, SlurmState state, const char* rest) {
            return QByteArray(id) + ':' + QByteArray::number(at(state)) + ':' + rest;
        };
        QTest::newRow("running")
            << QByteArray("JobId=7 JobName=a b UserId=u(1) JobState=RUNNING Reason=None "
                          "Requeue=1 Restarts=2 ExitCode=0:0 NodeList=n[1-2] BatchHost=n1 X= \n")
            << job("7", SlurmState::Running, ":0:0:2");
        QTest::newRow("failed") << QByteArray("JobId=7 JobState=FAILED Reason=NonZeroExitCode "
                                              "ExitCode=3:0\n")
                                << job("7", SlurmState::Failed, "NonZeroExitCode:3:0:-");
        QTest::newRow("bad folder") << QByteArray("JobId=7 JobState=FAILED ExitCode=0:53")
                                    << job("7", SlurmState::Failed, ":0:53:-");
        QTest::newRow("array")
            << QByteArray("JobId=9 ArrayJobId=7 ArrayTaskId=1 JobState=RUNNING ExitCode=0:0\n"
                          "JobId=7 ArrayJobId=7 ArrayTaskId=0,4-5,8-12:4%2 JobState=PENDING "
                          "Reason=Resources ExitCode=0:0\n")
            << job("7_1", SlurmState::Running, ":0:0:-") + ' ' +
                   job("7_0", SlurmState::Pending, "Resources:0:0:-") + ' ' +
                   job("7_4", SlurmState::Pending, "Resources:0:0:-") + ' ' +
                   job("7_5", SlurmState::Pending, "Resources:0:0:-") + ' ' +
                   job("7_8", SlurmState::Pending, "Resources:0:0:-") + ' ' +
                   job("7_12", SlurmState::Pending, "Resources:0:0:-");
        QTest::newRow("new word") << QByteArray("JobId=7 JobState=TELEPORTED ExitCode=x\n")
                                  << job("7", SlurmState::Other, ":-:0:-");
        QTest::newRow("no state") << QByteArray("JobId=7 JobName=JobStatement\n") << QByteArray();
        QTest::newRow("no id") << QByteArray("JobId=x7 JobState=RUNNING\nJobId=\n\n=\n")
                               << QByteArray();
        QTest::newRow("control characters")
            << QByteArray("JobId=7 JobState=PENDING Reason=\x1b[31m\n")
            << job("7", SlurmState::Pending, "\\x1b[31m:-:0:-");
    }
    void scontrol() {
        QFETCH(QByteArray, output);
        QFETCH(QByteArray, jobs);
        QCOMPARE(described(parseScontrolJobs(output.toStdString())), jobs);
    }

    void endlessArraysAreBounded() {
        QVERIFY(parseScontrolJobs("JobId=1 ArrayJobId=1 ArrayTaskId=0-2147483647 "
                                  "JobState=PENDING\n")
                    .size() <= 10'000);
    }

    void squeue() {
        const std::string output = "12|RUNNING|None\n13_2|PENDING|Priority\n13_[4,6-7%1]|PENDING|"
                                   "(Resources)\nslurm_load: x\n|||\nx|y|z\n";
        const QByteArray expected = QByteArray("12:1: 13_2:0:Priority 13_4:0:(Resources) "
                                               "13_6:0:(Resources) 13_7:0:(Resources)");
        QByteArray found;
        for (const SlurmJob& job : parseSqueueJobs(output)) {
            found += (found.isEmpty() ? "" : " ") + QByteArray::fromStdString(job.id) + ':' +
                     QByteArray::number(at(job.state)) + ':' +
                     QByteArray::fromStdString(job.reason);
        }
        QCOMPARE(found, expected);
    }

    void submitted_data() {
        QTest::addColumn<QByteArray>("output");
        QTest::addColumn<QByteArray>("id");
        QTest::newRow("id") << QByteArray("12\n") << QByteArray("12");
        QTest::newRow("cluster") << QByteArray("12;north\n") << QByteArray("12");
        QTest::newRow("warning") << QByteArray("sbatch: warning: 7 is not allowed\n31\n")
                                 << QByteArray("31");
        QTest::newRow("words") << QByteArray("Submitted batch job 12\n") << QByteArray();
        QTest::newRow("nothing") << QByteArray() << QByteArray();
        QTest::newRow("zero") << QByteArray("0\n") << QByteArray();
        QTest::newRow("an option") << QByteArray("-12\n12 13\n") << QByteArray();
    }
    void submitted() {
        QFETCH(QByteArray, output);
        QFETCH(QByteArray, id);
        QCOMPARE(QByteArray::fromStdString(parseSubmittedJob(output.toStdString()).value_or("")),
                 id);
    }

    void endings_data() {
        QTest::addColumn<QByteArray>("word");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("completed") << QByteArray("COMPLETED") << QByteArray("has completed");
        QTest::newRow("failed") << QByteArray("FAILED") << QByteArray("failed with exit code 3");
        QTest::newRow("time") << QByteArray("TIMEOUT") << QByteArray("time limit");
        QTest::newRow("memory") << QByteArray("OUT_OF_MEMORY") << QByteArray("out of memory");
        QTest::newRow("node") << QByteArray("NODE_FAIL") << QByteArray("lost its node n1");
        QTest::newRow("cancelled") << QByteArray("CANCELLED+") << QByteArray("was cancelled");
        QTest::newRow("preempted") << QByteArray("PREEMPTED") << QByteArray("make room");
    }
    void endings() {
        QFETCH(QByteArray, word);
        QFETCH(QByteArray, says);
        SlurmJob job;
        job.id = "4";
        job.word = word.toStdString();
        job.state = slurmStateFromWord(job.word);
        job.exitCode = 3;
        job.node = "n1";
        QVERIFY(isOver(job.state));
        const QByteArray text = QByteArray::fromStdString(endText(job));
        QVERIFY2(text.contains(says) && !text.contains('\n'), text.constData());
    }

    void refusalsAreSaidOnce() {
        QCOMPARE(slurmComplaint("sbatch: error: invalid partition specified: nope\nsbatch: error: "
                                "Batch job submission failed: Invalid partition name specified\n"),
                 std::string("invalid partition specified: nope; Invalid partition name "
                             "specified"));
    }

    void settings_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("wrong"); // empty: good, and the same again
        const auto good = QByteArray();
        QTest::newRow("empty") << QByteArray("{}") << good;
        QTest::newRow("all") << QByteArray("{\"nodes\":2,\"partition\":\"gpu\",\"account\":\"a\","
                                           "\"gres\":\"gpu:1\",\"time\":\"1-00:00:00\",\"memory\":"
                                           "\"64G\",\"cpus\":8,\"lines\":[\"--qos=high\"],"
                                           "\"setup\":[\"module load cuda\"],\"folder\":\"/x\"}")
                             << good;
        QTest::newRow("typing error")
            << QByteArray("{\"partitoin\":\"x\"}") << QByteArray("partition");
        QTest::newRow("type") << QByteArray("{\"nodes\":\"2\"}") << QByteArray("nodes");
        QTest::newRow("two lines")
            << QByteArray("{\"partition\":\"a\\n#SBATCH -A b\"}") << QByteArray("one word");
        QTest::newRow("two words")
            << QByteArray("{\"gres\":\"gpu:1 --wrap=x\"}") << QByteArray("one word");
        QTest::newRow("line") << QByteArray("{\"lines\":[\"--qos=a\\nrm -r x\"]}")
                              << QByteArray("no option");
        QTest::newRow("own option")
            << QByteArray("{\"lines\":[\"--output=x\"]}") << QByteArray("set by the program");
        QTest::newRow("folder") << QByteArray("{\"folder\":\"jobs\"}") << QByteArray("folder");
        QTest::newRow("negative") << QByteArray("{\"cpus\":-1}") << QByteArray("cpus");
        QTest::newRow("no object") << QByteArray("[]") << QByteArray("no JSON object");
    }
    void settings() {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, wrong);
        const auto read = slurmSettingsFromJson(json.toStdString());
        if (wrong.isEmpty()) {
            QVERIFY2(read.has_value(), read ? "" : read.error().text().c_str());
            QCOMPARE(QByteArray::fromStdString(slurmSettingsJson(*read)), json);
        } else {
            QVERIFY(!read.has_value());
            QVERIFY2(read.error().text().find(wrong.constData()) != std::string::npos,
                     read.error().text().c_str());
        }
    }

    void settingsFromValues() {
        const auto read = slurmSettingsFromValues({{"slurm.partition", " gpu "},
                                                   {"slurm.cpus", "8"},
                                                   {"slurm.lines", "--qos=a\n\n --nice=3 \n"},
                                                   {"gpus", "4"}});
        QVERIFY(read.has_value());
        QCOMPARE(sbatchLines(*read, 2),
                 std::string("#SBATCH --nodes=2\n#SBATCH --partition=gpu\n#SBATCH "
                             "--cpus-per-task=8\n#SBATCH --qos=a\n#SBATCH --nice=3\n"));
        QVERIFY(!slurmSettingsFromValues({{"slurm.cpu", "8"}}));
        QVERIFY(!slurmSettingsFromValues({{"slurm.cpus", "eight"}}));
    }

    // A shell gives back exactly what was quoted.
    void quoting() {
        const QByteArray nasty = "a'b\"c $(rm -r x) `y` \\ ; & * \n é %a ''";
        QProcess shell;
        shell.start(
            QStringLiteral("/bin/bash"),
            {QStringLiteral("-c"), QStringLiteral("printf %s ") +
                                       QString::fromStdString(shellQuoted(nasty.toStdString()))});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.readAllStandardOutput(), nasty);
        QCOMPARE(safeSlurmName("my model; rm -r /"), std::string("my_model__rm_-r__"));
        QCOMPARE(safeSlurmName("--wrap"), std::string("scrit--wrap"));
        QVERIFY(uniqueSlurmName("a") != uniqueSlurmName("a"));
        QCOMPARE(slurmPath("/a b/50%").value_or(""), std::string("/a b/50%%"));
        QVERIFY(!slurmPath("/a\\b"));
    }

    void failures_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("retryable");
        QTest::newRow("hangs") << QByteArray("sleep 20") << int(base::ErrorCode::Network) << true;
        QTest::newRow("no contact")
            << QByteArray("echo 'slurm_load_jobs error: Unable to contact slurm controller "
                          "(connect failure)' >&2; exit 1")
            << int(base::ErrorCode::Network) << true;
        QTest::newRow("garbage") << QByteArray("head -c 5000 /dev/urandom; exit 1")
                                 << int(base::ErrorCode::Server) << false;
    }
    void failures() {
        QFETCH(QByteArray, body);
        QFETCH(int, code);
        QFETCH(bool, retryable);
        const auto jobs = clientOf(body.constData(), 1000).jobs("12", {});
        QVERIFY(!jobs.has_value());
        QCOMPARE(int(jobs.error().code), code);
        QCOMPARE(jobs.error().retryable, retryable);
        QVERIFY(!jobs.error().text().empty());
        QVERIFY(jobs.error().text().find('\n') == std::string::npos);
    }

    void squeueHelpsOut() {
        const SlurmClient client = clientOf("if [ $name = scontrol ]; then echo '{}'; else echo "
                                            "'12|RUNNING|None'; fi");
        const auto jobs = client.jobs("12", {});
        QVERIFY(jobs.has_value());
        QCOMPARE(jobs->size(), std::size_t{1});
        QVERIFY(jobs->front().state == SlurmState::Running);
        const SlurmClient unknown =
            clientOf("echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
        QCOMPARE(unknown.jobs("12", {}).value_or(std::vector<SlurmJob>(1)).size(), std::size_t{0});
        QVERIFY(unknown.cancel("12").has_value());
        QVERIFY(!client.jobs("12; rm -r x", {}));
        QVERIFY(!client.cancel("--me"));
    }

    void cancellable() {
        const base::CancelToken cancel;
        cancel.cancel();
        const auto jobs = clientOf("sleep 20").jobs("12", cancel);
        QVERIFY(!jobs.has_value());
        QCOMPARE(jobs.error().code, base::ErrorCode::Cancelled);
    }

    void withoutSlurm() {
        SlurmClient::Options nowhere;
        nowhere.folder = "/nonexistent";
        const auto version = SlurmClient(nowhere).version();
        QVERIFY(!version.has_value());
        QCOMPARE(version.error().code, base::ErrorCode::Unavailable);
        qputenv("SLURM_CONF", "/nonexistent/slurm.conf");
        const auto jobs = clientOf("sleep 20").jobs("12", {});
        qunsetenv("SLURM_CONF");
        QVERIFY(!jobs.has_value());
        QCOMPARE(jobs.error().code, base::ErrorCode::Unavailable);
        QVERIFY(jobs.error().text().find("SLURM_CONF") != std::string::npos);
    }
};

SCRIT_TEST(SlurmTextsTest)
#include "slurm_texts_test.moc"
