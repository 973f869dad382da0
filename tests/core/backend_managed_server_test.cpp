// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/managed_server.h"
#include "core/base/clock.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>

using namespace scrit;
using namespace scrit::backend;

namespace {

const std::string kProgram = SCRIT_BINARY_DIR "/tests-bin/fake_llama_server";

ManagedServerSettings settingsFor(const std::string& model) {
    ManagedServerSettings settings;
    settings.program = kProgram;
    settings.modelFile = model;
    settings.restartFirstMillis = 50;
    settings.maxRestarts = 2;
    return settings;
}

bool isAlive(pid_t pid) {
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    return stat.open(QIODevice::ReadOnly) && !stat.readAll().contains(") Z ");
}

int statusOf(net::HttpClient& http, const std::string& url, const std::string& key) {
    net::HttpRequest request;
    request.url = url;
    request.headers = {{"Authorization", "Bearer " + key}};
    std::promise<int> status;
    http.send(std::move(request), [&](base::Expected<net::HttpResponse>&& response) {
        status.set_value(response ? response->status : -1);
    });
    return status.get_future().get();
}

} // namespace

class BackendManagedServerTest : public QObject {
    Q_OBJECT

private:
    std::shared_ptr<net::HttpClient> m_http = std::make_shared<net::HttpClient>();

private Q_SLOTS:
    void startsServesAndStops() {
        pid_t pid = 0;
        {
            ManagedServer server(m_http, settingsFor("ok"));
            QVERIFY2(server.waitReady(10'000), server.snapshot().message.c_str());
            const ServerSnapshot snapshot = server.snapshot();
            pid = snapshot.pid;
            QVERIFY(snapshot.url.starts_with("http://127.0.0.1:"));
            QVERIFY(snapshot.url.ends_with("/v1"));
            QCOMPARE(statusOf(*m_http, snapshot.url + "/models", server.apiKey()), 200);
            QCOMPARE(statusOf(*m_http, snapshot.url + "/models", "wrong"), 401);
            QVERIFY(!server.log().empty());
            QFile commandLine(QStringLiteral("/proc/%1/cmdline").arg(pid));
            QVERIFY(commandLine.open(QIODevice::ReadOnly));
            QVERIFY2(!commandLine.readAll().contains(server.apiKey().c_str()),
                     "the key must not show in the process list");
        }
        QVERIFY(!isAlive(pid));
    }

    void itsLoadIsWatched_data() {
        QTest::addColumn<bool>("vllm");
        QTest::addColumn<qint64>("working");
        QTest::addColumn<qint64>("waiting");
        QTest::newRow("llama-server") << false << qint64{1} << qint64{4};
        QTest::newRow("vLLM, two engines") << true << qint64{3} << qint64{5};
    }
    void itsLoadIsWatched() {
        QFETCH(bool, vllm);
        QFETCH(qint64, working);
        QFETCH(qint64, waiting);
        ManagedServerSettings settings = settingsFor("ok");
        settings.kind = vllm ? ServerKind::Vllm : ServerKind::LlamaServer;
        ManagedServer server(m_http, settings);
        QVERIFY(server.waitReady(10'000));
        QTRY_VERIFY_WITH_TIMEOUT(server.snapshot().load.tokensPerSecond.has_value(), 10'000);
        const ServerLoad load = server.snapshot().load;
        QCOMPARE(load.working, std::optional<std::int64_t>(working));
        QCOMPARE(load.waiting, std::optional<std::int64_t>(waiting));
        QVERIFY(load.tokensPerSecond > 0);
        server.stop();
        QVERIFY(server.snapshot().load == ServerLoad{});
    }

    void metricsAreRead_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("working"); // -1: not said
        QTest::addColumn<qint64>("waiting");
        QTest::addColumn<qint64>("tokens");
        QTest::newRow("nothing") << QByteArray() << qint64{-1} << qint64{-1} << qint64{-1};
        QTest::newRow("llama-server")
            << QByteArray("# HELP llamacpp:requests_processing Number of requests.\n"
                          "llamacpp:requests_processing 3\nllamacpp:requests_deferred 0\n"
                          "llamacpp:tokens_predicted_total 1234")
            << qint64{3} << qint64{0} << qint64{1234};
        QTest::newRow("labels with a brace, a time behind the value, an exponent")
            << QByteArray("vllm:num_requests_running{model=\"a}b\"} 2.0 1700000000\r\n"
                          "vllm:generation_tokens_total{model=\"a\"} 1.5e+06\n")
            << qint64{2} << qint64{-1} << qint64{1'500'000};
        QTest::newRow("a longer name is another metric")
            << QByteArray("llamacpp:requests_processing_max 9\n") << qint64{-1} << qint64{-1}
            << qint64{-1};
        QTest::newRow("what is no number is not guessed")
            << QByteArray("llamacpp:requests_processing NaN\nllamacpp:requests_deferred\n"
                          "llamacpp:tokens_predicted_total -5\nvllm:num_requests_waiting{x 1\n")
            << qint64{-1} << qint64{-1} << qint64{-1};
    }
    void metricsAreRead() {
        QFETCH(QByteArray, text);
        const ServerLoad load = readServerMetrics(std::string_view(text.constData(), text.size()));
        QTEST(qint64{load.working.value_or(-1)}, "working");
        QTEST(qint64{load.waiting.value_or(-1)}, "waiting");
        QTEST(qint64{load.generatedTokens.value_or(-1)}, "tokens");
    }

    void aBadStartSaysWhy() {
        ManagedServer server(m_http, settingsFor("bad"));
        QVERIFY(!server.waitReady(10'000));
        const ServerSnapshot snapshot = server.snapshot();
        QCOMPARE(snapshot.state, ServerState::Failed);
        QCOMPARE(snapshot.restarts, 1); // what never worked is tried twice only
        QVERIFY2(snapshot.message.find("exit code 1") != std::string::npos,
                 snapshot.message.c_str());
        QVERIFY2(snapshot.message.find("failed to load model") != std::string::npos,
                 snapshot.message.c_str());
    }

    void aMissingProgramSaysWhatToDo() {
        ManagedServerSettings settings = settingsFor("ok");
        settings.program = "no-such-llama-server";
        ManagedServer server(m_http, settings);
        QVERIFY(!server.waitReady(5000));
        QVERIFY2(server.snapshot().message.find("was not found: install it") != std::string::npos,
                 server.snapshot().message.c_str());
    }

    void aServerThatDiesComesBack() {
        ManagedServer server(m_http, settingsFor("crash"));
        QVERIFY(server.waitReady(10'000));
        const ServerSnapshot before = server.snapshot();
        std::string root = before.url.substr(0, before.url.size() - 3);
        QCOMPARE(statusOf(*m_http, root + "/crash", ""), -1);
        QTRY_VERIFY_WITH_TIMEOUT(server.snapshot().state == ServerState::Ready &&
                                     server.snapshot().pid != before.pid,
                                 10'000);
        QVERIFY(!isAlive(before.pid));
    }

    void aServerThatIsNeverReadyFails() {
        ManagedServerSettings settings = settingsFor("never-ready");
        settings.startMillis = 500;
        settings.maxRestarts = 0;
        ManagedServer server(m_http, settings);
        QVERIFY(!server.waitReady(10'000));
        QCOMPARE(server.snapshot().state, ServerState::Failed);
        QVERIFY2(server.snapshot().message.find("not ready") != std::string::npos,
                 server.snapshot().message.c_str());
    }

    void aStubbornServerIsKilled() {
        ManagedServer server(m_http, settingsFor("stubborn"));
        QVERIFY(server.waitReady(10'000));
        const pid_t pid = server.snapshot().pid;
        const std::int64_t from = base::steadyMillis();
        server.stop();
        QVERIFY(!isAlive(pid));
        QVERIFY(base::steadyMillis() - from >= 3000); // it was asked first
    }

    void noOrphanWhenWeAreKilled() {
        int tell[2];
        QCOMPARE(pipe(tell), 0);
        const pid_t child = fork();
        QVERIFY(child >= 0);
        if (child == 0) {
            ManagedServer server(std::make_shared<net::HttpClient>(), settingsFor("ok"));
            const bool ready = server.waitReady(10'000);
            const pid_t pid = ready ? server.snapshot().pid : -1;
            (void)!write(tell[1], &pid, sizeof pid);
            pause();
            _exit(0);
        }
        pid_t serverPid = -1;
        QCOMPARE(read(tell[0], &serverPid, sizeof serverPid),
                 static_cast<ssize_t>(sizeof serverPid));
        QVERIFY(serverPid > 0 && isAlive(serverPid));
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        QTRY_VERIFY_WITH_TIMEOUT(!isAlive(serverPid), 5000);
        ::close(tell[0]);
        ::close(tell[1]);
    }

    void lastWords_data() {
        QTest::addColumn<QList<QByteArray>>("log");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("nothing") << QList<QByteArray>{} << QByteArray();
        QTest::newRow("no error") << QList<QByteArray>{"a", "b", "c", "d"}
                                  << QByteArray("b | c | d");
        QTest::newRow("errors before chatter")
            << QList<QByteArray>{"error: no such file", "a", "Failed to load", "b", "c"}
            << QByteArray("error: no such file | Failed to load");
    }
    void lastWords() {
        QFETCH(QList<QByteArray>, log);
        QFETCH(QByteArray, words);
        std::vector<std::string> lines;
        for (const QByteArray& line : log) {
            lines.push_back(line.toStdString());
        }
        QCOMPARE(QByteArray::fromStdString(scrit::backend::lastWords(lines)), words);
    }

    void logLines_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<int>("port");
        QTest::newRow("llama-server")
            << QByteArray("main: server is listening on http://127.0.0.1:43121 - starting")
            << 43121;
        QTest::newRow("uvicorn")
            << QByteArray("INFO: Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C)") << 8000;
        QTest::newRow("another address") << QByteArray("listening on http://10.0.0.1:80") << 0;
        QTest::newRow("no number") << QByteArray("listening on http://127.0.0.1:") << 0;
        QTest::newRow("too large") << QByteArray("listening on http://127.0.0.1:99999") << 0;
    }
    void logLines() {
        QFETCH(QByteArray, line);
        QFETCH(int, port);
        QCOMPARE(portInLogLine(line.toStdString()), port);
    }
};

SCRIT_TEST(BackendManagedServerTest)
#include "backend_managed_server_test.moc"
