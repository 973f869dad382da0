// SPDX-License-Identifier: GPL-3.0-or-later
// Models served through a real Slurm of one node. Skipped where slurm-wlm and munge are not
// installed.
#include "core/backend/open_model.h"
#include "core/backend/slurm_serving_folder.h"
#include "tests/core/backend_support.h"
#include "tests/support/llama_server.h"
#include "tests/support/slurm_cluster.h"
#include "tests/support/test_program.h"
#include "tests/support/tiny_gguf.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <thread>

using namespace scrit;
using namespace scrit::backend;

namespace {

constexpr std::int64_t kLong = 60'000;

std::future<ChatOutcome> sendOne(Backend& backend) {
    ChatRequest request;
    request.messages = {{"user", "1+1"}};
    request.sampling.maxTokens = 4;
    return send(backend, request);
}

QByteArray outputOf(const char* program, const QStringList& arguments) {
    QProcess process;
    process.start(QLatin1String(program), arguments);
    process.waitForFinished();
    return process.readAllStandardOutput();
}

// What every process shows of itself.
bool isInSomeCommandLine(const std::string& text) {
    for (const QString& entry :
         QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[0-9]*")})) {
        QFile file(QStringLiteral("/proc/") + entry + QStringLiteral("/cmdline"));
        if (file.open(QIODevice::ReadOnly) && file.readAll().contains(text.c_str())) {
            return true;
        }
    }
    return false;
}

} // namespace

class SlurmServingTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir{QDir::tempPath() + QStringLiteral("/scrit it's %a XXXXXX")};
    std::unique_ptr<testing::SlurmCluster> m_cluster;
    std::shared_ptr<net::HttpClient> m_http;
    int m_models = 0;

    // A model whose file's name tells the fake server how to behave.
    model::Model served(const char* behaviour, int servers,
                        const std::string& program = kFakeServer, const std::string& more = {}) {
        const QString folder = m_dir.filePath(QString::number(++m_models));
        QDir().mkpath(folder);
        const std::string path =
            (folder + QLatin1Char('/') + QLatin1String(behaviour)).toStdString() + ".gguf";
        (void)testing::writeTinyGguf(path);
        model::Model model;
        model.name = behaviour;
        model.kind = "llama-server";
        model.settings =
            "{\"gguf\":\"" + path + "\",\"program\":\"" + program +
            "\",\"slots\":2,\"context\":256,\"slurm\":{\"nodes\":" + std::to_string(servers) +
            ",\"folder\":\"" + m_dir.filePath(QStringLiteral("jobs")).toStdString() + "\"}" + more +
            "}";
        return model;
    }
    static ModelServers::Options quick() {
        ModelServers::Options options;
        options.slurm.pollMillis = 200;
        options.slurm.tickMillis = 50;
        options.slurm.startMillis = kLong;
        return options;
    }
    static bool noJobIsLeft() { return outputOf("squeue", {QStringLiteral("-h")}).isEmpty(); }
    static std::string stateOf(const PooledModel& model) {
        const ServingSnapshot serving = model.serving();
        std::string text = std::string(name(serving.state)) + ": " + serving.message;
        for (const ServingTask& task : serving.tasks) {
            text += " | " + task.state;
        }
        return text;
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
        m_http = std::make_shared<net::HttpClient>();
    }
    void cleanup() {
        if (m_cluster && !m_cluster->config().empty()) {
            QTRY_VERIFY_WITH_TIMEOUT(noJobIsLeft(), 30'000);
        }
    }

    // Two servers are one pool; the key is seen nowhere; the job goes with the last handle.
    void aPool() {
        ModelServers servers(m_http, quick());
        const model::Model model = served("ok", 2);
        auto pool = servers.openPooled(model);
        QVERIFY2(pool.has_value(), pool ? "" : pool.error().text().c_str());
        QVERIFY2((*pool)->waitReady(2, kLong), stateOf(**pool).c_str());
        const std::vector<Endpoint> endpoints = (*pool)->endpoints();
        QCOMPARE(endpoints.size(), std::size_t{2});
        for (const Endpoint& endpoint : endpoints) {
            QVERIFY(endpoint.ready);
            QCOMPARE(endpoint.largestWindow, 4);
            const ChatOutcome outcome = sendOne(*endpoint.backend).get();
            QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().error.text().c_str());
            QCOMPARE(outcome->text, std::string("1 2"));
        }
        const ServingSnapshot serving = (*pool)->serving();
        QVERIFY(serving.tasks[0].url != serving.tasks[1].url);

        const std::string key = (*pool)->apiKey();
        QCOMPARE(key.size(), std::size_t{32});
        QVERIFY(!isInSomeCommandLine(key));
        QVERIFY(!outputOf("scontrol", {QStringLiteral("show"), QStringLiteral("job"),
                                       QStringLiteral("-dd"), QStringLiteral("-o")})
                     .contains(key.c_str()));
        struct stat info {};
        QCOMPARE(stat((serving.folder + "/key").c_str(), &info), 0);
        QCOMPARE(int(info.st_mode & 0777U), 0600);

        // Another handle, here or in another process, uses the same servers.
        const auto other = ModelServers(m_http, quick()).openPooled(model);
        QVERIFY(other.has_value());
        QVERIFY2((*other)->waitReady(2, kLong), stateOf(**other).c_str());
        QCOMPARE((*other)->serving().job, serving.job);
        QVERIFY((*other)->serving().wasThere);
        pool->reset();
        const ChatOutcome still = sendOne(*(*other)->endpoints().front().backend).get();
        QVERIFY2(still.has_value(), still ? "" : still.error().error.text().c_str());
    }

    void drains() {
        ModelServers servers(m_http, quick());
        const auto pool = servers.openPooled(served("ok", 1));
        QVERIFY(pool.has_value());
        QVERIFY2((*pool)->waitReady(1, kLong), stateOf(**pool).c_str());
        std::atomic<int> changes = 0;
        (*pool)->onChange([&] { ++changes; });
        QVERIFY((*pool)->drain(kLong));
        QVERIFY(changes > 0);
        const Endpoint endpoint = (*pool)->endpoints().front();
        QVERIFY(!endpoint.ready);
        const ChatOutcome refused = sendOne(*endpoint.backend).get();
        QVERIFY(!refused.has_value());
        QVERIFY(refused.error().error.retryable);
        (*pool)->onChange({});
    }

    // Slurm takes a node away and starts the task again elsewhere.
    void aRequeuedTaskComesBack() {
        ModelServers servers(m_http, quick());
        const auto pool = servers.openPooled(served("ok", 2));
        QVERIFY(pool.has_value());
        QVERIFY2((*pool)->waitReady(2, kLong), stateOf(**pool).c_str());
        const std::string task = (*pool)->serving().job + "_1";
        outputOf("scontrol", {QStringLiteral("requeue"), QString::fromStdString(task)});
        QTRY_VERIFY_WITH_TIMEOUT(!(*pool)->endpoints()[1].ready, 30'000);
        QVERIFY((*pool)->endpoints()[0].ready);
        QVERIFY(!(*pool)->failure());
        QVERIFY2((*pool)->waitReady(2, kLong), stateOf(**pool).c_str());
        QVERIFY(sendOne(*(*pool)->endpoints()[1].backend).get().has_value());
        // One that is cancelled does not.
        outputOf("scancel", {QString::fromStdString(task)});
        QTRY_COMPARE_WITH_TIMEOUT((*pool)->endpoints().size(), std::size_t{1}, 30'000);
        QVERIFY(!(*pool)->failure());
        outputOf("scancel", {QString::fromStdString((*pool)->serving().job)});
        QTRY_VERIFY_WITH_TIMEOUT((*pool)->failure().has_value(), 30'000);
    }

    void badStarts_data() {
        QTest::addColumn<QByteArray>("behaviour");
        QTest::addColumn<int>("startMillis");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("exits") << QByteArray("bad") << 60'000
                               << QByteArray("error: failed to load model 'bad'");
        QTest::newRow("never ready")
            << QByteArray("never-ready") << 1500 << QByteArray("was not ready after 1 s");
    }
    void badStarts() {
        QFETCH(QByteArray, behaviour);
        QFETCH(int, startMillis);
        QFETCH(QByteArray, says);
        ModelServers::Options options = quick();
        options.slurm.startMillis = startMillis;
        ModelServers servers(m_http, options);
        const auto pool = servers.openPooled(served(behaviour.constData(), 1));
        QVERIFY(pool.has_value());
        QVERIFY(!(*pool)->waitReady(1, kLong));
        const auto failure = (*pool)->failure();
        QVERIFY(failure.has_value());
        const QByteArray text = QByteArray::fromStdString(failure->text());
        QVERIFY2(text.contains(says) && !text.contains('\n'), text.constData());
    }

    void refusalsArePassedOn() {
        model::Model model = served("ok", 1);
        const std::size_t at = model.settings.find("\"nodes\"");
        model.settings.insert(at, "\"partition\":\"nope\",");
        ModelServers servers(m_http, quick());
        const auto pool = servers.openPooled(model);
        QVERIFY(pool.has_value());
        QVERIFY(!(*pool)->waitReady(1, kLong));
        QVERIFY((*pool)->failure().has_value());
        QVERIFY2((*pool)->failure()->message.find("nope") != std::string::npos,
                 (*pool)->failure()->text().c_str());
        QVERIFY(!servers.openServed(model).has_value());
    }

    // Killed while it serves: the next one uses the servers that are there, or they are stopped.
    void leftBehind() {
        const model::Model model = served("ok", 1);
        const QByteArray ready = m_dir.filePath(QStringLiteral("ready")).toUtf8();
        for (const bool reuse : {true, false}) {
            QFile::remove(QString::fromUtf8(ready));
            const pid_t child = fork(); // the copy uses nothing of our threads
            if (child == 0) {
                ModelServers servers(std::make_shared<net::HttpClient>(), quick());
                const auto pool = servers.openPooled(model);
                if (pool && (*pool)->waitReady(1, kLong)) {
                    QFile file(QString::fromUtf8(ready));
                    (void)file.open(QIODevice::WriteOnly);
                    file.close();
                    pause();
                }
                _exit(1);
            }
            QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(QString::fromUtf8(ready)), kLong);
            const auto inUse = stopServing(model, quick().slurm);
            QVERIFY(!inUse.has_value());
            QCOMPARE(inUse.error().code, base::ErrorCode::Locked);
            kill(child, SIGKILL);
            waitpid(child, nullptr, 0);
            QVERIFY(!noJobIsLeft());
            if (reuse) {
                ModelServers servers(m_http, quick());
                const auto pool = servers.openPooled(model);
                QVERIFY(pool.has_value());
                QVERIFY2((*pool)->waitReady(1, kLong), stateOf(**pool).c_str());
                QVERIFY((*pool)->serving().wasThere);
                QVERIFY(sendOne(*(*pool)->endpoints().front().backend).get().has_value());
            } else {
                const auto stopped = stopServing(model, quick().slurm);
                QVERIFY2(stopped.has_value(), stopped ? "" : stopped.error().text().c_str());
                QVERIFY(stopped->has_value());
            }
            QVERIFY(noJobIsLeft());
        }
        const auto nothing = stopServing(model, quick().slurm);
        QVERIFY(nothing.has_value() && !nothing->has_value());
    }

    void keptServersStay() {
        const model::Model model = served("ok", 1);
        {
            ModelServers servers(m_http, quick());
            const auto pool = servers.openPooled(model);
            QVERIFY(pool.has_value());
            QVERIFY2((*pool)->waitReady(1, kLong), stateOf(**pool).c_str());
            (*pool)->keepRunning(true);
        }
        QVERIFY(!noJobIsLeft());
        {
            ModelServers servers(m_http, quick());
            const auto pool = servers.openPooled(model);
            QVERIFY(pool.has_value());
            QVERIFY((*pool)->waitReady(1, kLong));
        }
        QVERIFY(!noJobIsLeft());
        const auto stopped = stopServing(model, quick().slurm);
        QVERIFY2(stopped.has_value(), stopped ? "" : stopped.error().text().c_str());
    }

    void aRealLlamaServer() {
        const std::string program = testing::realLlamaServer();
        if (program.empty()) {
            QSKIP("no llama-server here: run packaging/llama-server/fetch");
        }
        ModelServers servers(m_http, quick());
        const auto pool = servers.openPooled(
            served("tiny", 2, program, ",\"args\":[\"-t\",\"1\",\"--no-webui\"]"));
        QVERIFY(pool.has_value());
        QVERIFY2((*pool)->waitReady(2, kLong), stateOf(**pool).c_str());
        for (const Endpoint& endpoint : (*pool)->endpoints()) {
            const ChatOutcome outcome = sendOne(*endpoint.backend).get();
            QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().error.text().c_str());
            QVERIFY(outcome->completionTokens.value_or(0) > 0);
        }
    }

    // The files are written by other machines, and are not believed.
    void badFiles_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("good");
        QTest::newRow("good") << QByteArray("12 0 20001 node1 node1.example.org\n") << true;
        QTest::newRow("no host") << QByteArray("12 0 20001\n") << false;
        QTest::newRow("bad host") << QByteArray("12 0 20001 node/../x user@host\n") << false;
        QTest::newRow("bad port") << QByteArray("12 0 70000 node1\n") << false;
        QTest::newRow("bad job") << QByteArray("x 0 20001 node1\n") << false;
        QTest::newRow("empty") << QByteArray() << false;
    }
    void badFiles() {
        QFETCH(QByteArray, text);
        QFETCH(bool, good);
        QFile file(m_dir.filePath(QStringLiteral("task-0")));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(text);
        file.close();
        const ServingFolder folder(m_dir.path().toStdString());
        QCOMPARE(folder.endpoint(0).has_value(), good);
    }

    void cleanupTestCase() {
        m_http.reset();
        m_cluster.reset();
    }
};

SCRIT_TEST(SlurmServingTest)
#include "slurm_serving_test.moc"
