// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/fake_http_server.h"
#include "tests/support/test_program.h"
#include "tests/support/tiny_gguf.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include <csignal>

using namespace cli_support;
using namespace scrit::testing;

namespace {

const QByteArray kKey = "planted-key-5f3c9aQ7";
const QString kServer = QStringLiteral(SCRIT_BINARY_DIR "/tests-bin/fake_llama_server");

FakeReply helpful(const FakeRequest& request) {
    if (request.path == "/v1/models") {
        return fakeAnswer(
            200,
            R"({"data":[{"id":"qwen","owned_by":"vllm","max_model_len":4096},{"id":"other"}]})");
    }
    if (request.path == "/version") {
        return fakeAnswer(200, R"({"version":"9.9"})");
    }
    if (request.path == "/v1/chat/completions") {
        return fakeStream({R"({"choices":[{"delta":{"content":"1 2 3"}}]})",
                           R"({"choices":[{"delta":{},"finish_reason":"stop"}]})",
                           R"({"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5}})",
                           "[DONE]"},
                          3);
    }
    return fakeAnswer(404, "{}");
}

} // namespace

// `scrit model …` and what `scrit doctor` says about models.
class CliModelTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QString m_workspace = m_dir.filePath(QStringLiteral("w.scrit"));

    // scrit model VERB W.scrit, with %NAME replaced by paths.
    Result model(const QString& verb, const QStringList& words) const {
        return runScrit(QStringList{QStringLiteral("model"), verb, m_workspace} + words);
    }
    // A model file whose name tells the fake server how to behave.
    QString gguf(const char* behaviour) const {
        QString path = m_dir.filePath(QLatin1String(behaviour) + QStringLiteral(".gguf"));
        (void)writeTinyGguf(path.toStdString());
        return path;
    }
    void addServed(const char* name, const QStringList& more = {}) const {
        const Result added =
            model(QStringLiteral("add"),
                  QStringList{QLatin1String(name), QStringLiteral("--gguf"), gguf(name),
                              QStringLiteral("--program"), kServer, QStringLiteral("--replace")} +
                      more);
        QVERIFY2(added.code == 0, added.err.constData());
    }
    // Starts `model serve` and waits for the object it prints when the server is ready.
    static QJsonObject started(QProcess& process, const QStringList& arguments) {
        process.start(program(), arguments);
        QByteArray out;
        while (!out.contains('\n') && process.waitForReadyRead(20'000)) {
            out += process.readAllStandardOutput();
        }
        return QJsonDocument::fromJson(out).object();
    }

private Q_SLOTS:
    void initTestCase() {
        QCOMPARE(runScrit({QStringLiteral("new"), m_workspace}).code, 0);
        qputenv("XDG_RUNTIME_DIR", m_dir.filePath(QStringLiteral("run")).toUtf8());
        QVERIFY(QDir().mkpath(m_dir.filePath(QStringLiteral("run"))));
        qputenv("SCRIT_TEST_KEY", kKey);
        qunsetenv("SCRIT_UNSET_KEY");
    }

    void addListShowRemove() {
        QCOMPARE(model(QStringLiteral("list"), {}).out.trimmed().count('\n'), 0); // titles
        const Result added = model(QStringLiteral("add"), {QStringLiteral("deep"),
                                                           QStringLiteral("--url"),
                                                           QStringLiteral("https://a.example/v1"),
                                                           QStringLiteral("--url"),
                                                           QStringLiteral("https://b.example/v1"),
                                                           QStringLiteral("--model"),
                                                           QStringLiteral("m-1"),
                                                           QStringLiteral("--key-env"),
                                                           QStringLiteral("SCRIT_UNSET_KEY"),
                                                           QStringLiteral("--price-in"),
                                                           QStringLiteral("0.27"),
                                                           QStringLiteral("--price-out"),
                                                           QStringLiteral("1.1"),
                                                           QStringLiteral("--rpm"),
                                                           QStringLiteral("60"),
                                                           QStringLiteral("--tpm"),
                                                           QStringLiteral("1000"),
                                                           QStringLiteral("--max-in-flight"),
                                                           QStringLiteral("8"),
                                                           QStringLiteral("--extra-body"),
                                                           QStringLiteral("{\"top_k\":20}")});
        QCOMPARE(added.code, 0);
        QVERIFY2(added.err.contains("SCRIT_UNSET_KEY is not set"), added.err.constData());
        QVERIFY(added.out.contains("added deep"));
        const Result again =
            model(QStringLiteral("add"), {QStringLiteral("deep"), QStringLiteral("--url"),
                                          QStringLiteral("https://a.example/v1"),
                                          QStringLiteral("--model"), QStringLiteral("m-2")});
        QCOMPARE(again.code, 1);
        QVERIFY(again.isOneErrorLine() && again.err.contains("already"));
        const QList<QJsonObject> list =
            model(QStringLiteral("list"), {QStringLiteral("--json")}).jsonLines();
        QCOMPARE(list.size(), 1);
        QCOMPARE(list[0][u"name"].toString(), QStringLiteral("deep"));
        QCOMPARE(list[0][u"settings"].toObject()[u"urls"].toArray().size(), 2);
        QCOMPARE(list[0][u"settings"].toObject()[u"extra_body"].toObject()[u"top_k"].toInt(), 20);
        QCOMPARE(list[0][u"key"].toObject()[u"present"].toBool(true), false);
        const Result shown = model(QStringLiteral("show"), {QStringLiteral("deep")});
        QVERIFY(shown.out.contains("$SCRIT_UNSET_KEY (not set)") && shown.out.contains("0.27"));
        const Result replaced = model(
            QStringLiteral("add"),
            {QStringLiteral("deep"), QStringLiteral("--url"), QStringLiteral("http://localhost:1"),
             QStringLiteral("--model"), QStringLiteral("m-2"), QStringLiteral("--replace")});
        QCOMPARE(replaced.code, 0);
        QVERIFY2(replaced.err.contains("most servers want http://localhost:1/v1"),
                 replaced.err.constData());
        QCOMPARE(model(QStringLiteral("remove"), {QStringLiteral("deep")}).code, 0);
        QVERIFY(model(QStringLiteral("list"), {QStringLiteral("--json")}).out.isEmpty());
        const Result gone = model(QStringLiteral("check"), {QStringLiteral("deep")});
        QCOMPARE(gone.code, 1);
        QVERIFY(gone.isOneErrorLine());
    }

    void badModels_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* words, int code, const char* says) {
            QTest::newRow(words) << QString::fromLatin1(words).split(QLatin1Char(' ')) << code
                                 << QByteArray(says);
        };
        row("x", 2, "a URL is missing");
        row("x --url localhost:1/v1 --model m", 2, "write http://localhost:1/v1");
        row("x --url http://u:s3cret@h/v1 --model m", 2, "holds credentials");
        row("x --url http://h/v1", 2, "--model");
        row("x --url http://h/v1 --model m --key-env sk-s3cret", 2, "a key was given");
        row("x --url http://h/v1 --model m --key-env s3cret-Key", 2, "no name of an environment");
        row("x --url http://h/v1 --model m --extra-body [1]", 2, "no JSON object");
        row("x --url http://h/v1 --model m --extra-body {\"api_key\":\"s3cret\"}", 2,
            "in the clear");
        row("x --url http://h/v1 --model m --price-in -1", 2, "price");
        row("x --url http://h/v1 --model m --max-in-flight 0", 2, "--max-in-flight");
        row("x --url http://h/v1 --model m --key s3cret", 2, "--key");
        row("x --kind opnai --url http://h/v1", 2, "did you mean openai?");
        row("x --kind openai --gguf /bin/true", 2, "means nothing for a model of kind openai");
        row("x --gguf /no/such/file.gguf", 1, "there is no model file /no/such/file.gguf");
        row("x --gguf /bin/true", 1, "no GGUF file");
        row("x --file /no/such/file.jsonl", 1, "/no/such/file.jsonl");
        row("x --gguf /bin/true --arg=--api-key=s3cret", 2, "random key");
    }
    void badModels() {
        QFETCH(QStringList, words);
        QFETCH(int, code);
        QFETCH(QByteArray, says);
        const Result result = model(QStringLiteral("add"), words);
        QCOMPARE(result.code, code);
        QVERIFY2(result.isOneErrorLine(), result.err.constData());
        QVERIFY2(result.err.contains(says), result.err.constData());
        QVERIFY2(!result.err.contains("s3cret") || says == "--key", result.err.constData());
        const Result empty = model(QStringLiteral("add"),
                                   {QStringLiteral("x"), QStringLiteral("--key-env"), QString()});
        QVERIFY(empty.code == 2 && empty.err.contains("--key-env is empty"));
    }

    void checkSaysWhatAnswers() {
        FakeHttpServer server(helpful);
        QCOMPARE(model(QStringLiteral("add"),
                       {QStringLiteral("far"), QStringLiteral("--url"),
                        QString::fromStdString(server.url("/v1")), QStringLiteral("--model"),
                        QStringLiteral("qwenn"), QStringLiteral("-q")})
                     .code,
                 0);
        const Result checked =
            model(QStringLiteral("check"), {QStringLiteral("far"), QStringLiteral("--json")});
        QVERIFY2(checked.code == 0, checked.err.constData());
        const QJsonObject endpoint = checked.json()[u"endpoints"].toArray()[0].toObject();
        QCOMPARE(endpoint[u"software"].toString(), QStringLiteral("vLLM"));
        QCOMPARE(endpoint[u"version"].toString(), QStringLiteral("9.9"));
        QVERIFY(endpoint[u"speed"].toObject()[u"tokens_per_second"].toDouble() > 0);
        QVERIFY(endpoint[u"speed"].toObject()[u"first_token_seconds"].toDouble() > 0);
        QVERIFY2(checked.err.contains("did you mean qwen?"), checked.err.constData());
        const int before = server.requests();
        QVERIFY(
            model(QStringLiteral("check"), {QStringLiteral("far"), QStringLiteral("--no-request")})
                .out.contains("vLLM 9.9"));
        QCOMPARE(server.requests(), before + 2); // /models and /version
    }

    void checkOfAServerThatIsNotThere() {
        QCOMPARE(model(QStringLiteral("add"), {QStringLiteral("nobody"), QStringLiteral("--url"),
                                               QStringLiteral("http://127.0.0.1:9/v1"),
                                               QStringLiteral("--model"), QStringLiteral("m")})
                     .code,
                 0);
        const Result checked =
            model(QStringLiteral("check"), {QStringLiteral("nobody"), QStringLiteral("--json")});
        QCOMPARE(checked.code, 1);
        QVERIFY2(checked.isOneErrorLine(), checked.err.constData());
        QVERIFY(!checked.json()[u"ok"].toBool(true));
    }

    void recordedModels() {
        const QString path = m_dir.filePath(QStringLiteral("r.jsonl"));
        writeFile(path, "{\"problem\":\"p\",\"text\":\"t\"}\n{\"problem\":\"q\",\"text\":\"u\"}\n");
        QCOMPARE(
            model(QStringLiteral("add"), {QStringLiteral("old"), QStringLiteral("--file"), path})
                .code,
            0);
        const Result checked =
            model(QStringLiteral("check"), {QStringLiteral("old"), QStringLiteral("--json")});
        QCOMPARE(checked.json()[u"completions"].toInt(), 2);
    }

    // With the shipped weights, and with some of one's own.
    void theMiniature() {
        const QString shipped = QStringLiteral(SCRIT_SOURCE_DIR "/resources/mini/base.safetensors");
        if (!QFile::exists(shipped)) {
            QSKIP("there is no shipped checkpoint");
        }
        QCOMPARE(model(QStringLiteral("add"), {QStringLiteral("mini"), QStringLiteral("--kind"),
                                               QStringLiteral("builtin")})
                     .code,
                 0);
        const QString copy = m_dir.filePath(QStringLiteral("trained.safetensors"));
        QVERIFY(QFile::copy(shipped, copy));
        QCOMPARE(model(QStringLiteral("add"),
                       {QStringLiteral("trained"), QStringLiteral("--checkpoint"), copy})
                     .code,
                 0);
        for (const char* name : {"mini", "trained"}) {
            const Result checked =
                model(QStringLiteral("check"), {QLatin1String(name), QStringLiteral("--json")});
            QCOMPARE(checked.code, 0);
            const QJsonObject found = checked.json();
            QCOMPARE(found[u"kind"].toString(), QStringLiteral("builtin"));
            QVERIFY(found[u"ok"].toBool());
            const QJsonObject endpoint = found[u"endpoints"].toArray().first().toObject();
            QVERIFY(endpoint[u"speed"].toObject()[u"completion_tokens"].toInt() > 6);
        }
        const Result missing =
            model(QStringLiteral("add"), {QStringLiteral("gone"), QStringLiteral("--checkpoint"),
                                          m_dir.filePath(QStringLiteral("none.safetensors"))});
        QCOMPARE(missing.code, 1);
        QVERIFY2(missing.isOneErrorLine(), missing.err.constData());
    }

    // The key appears nowhere: not in outputs, files, the process list or the fake server's answers
    // as we pass them on.
    void thePlantedKeyLeavesNoTrace() {
        QByteArray seen;
        FakeHttpServer server([&seen](const FakeRequest& request) {
            const std::string key(request.header("authorization"));
            seen = QByteArray::fromStdString(key);
            return fakeAnswer(request.path == "/v1/chat/completions" ? 400 : 401,
                              R"({"error":{"message":"bad key )" + key + R"(","code":")" + key +
                                  R"("}})");
        });
        QByteArray outputs;
        const auto collect = [&outputs](const Result& result) {
            outputs += result.out + result.err;
        };
        collect(model(QStringLiteral("add"),
                      {QStringLiteral("echo"), QStringLiteral("--url"),
                       QString::fromStdString(server.url("/v1")), QStringLiteral("--model"),
                       QStringLiteral("m"), QStringLiteral("--key-env"),
                       QStringLiteral("SCRIT_TEST_KEY")}));
        qputenv("SCRIT_LOG", "trace");
        for (const char* verb : {"list", "show", "check"}) {
            const QStringList name =
                qstrcmp(verb, "list") == 0 ? QStringList{} : QStringList{QStringLiteral("echo")};
            collect(model(QLatin1String(verb), name));
            collect(model(QLatin1String(verb), name + QStringList{QStringLiteral("--json")}));
        }
        collect(runScrit({QStringLiteral("doctor"), m_workspace}));
        qunsetenv("SCRIT_LOG");
        QCOMPARE(seen, "Bearer " + kKey); // it was really sent
        QVERIFY2(outputs.contains("[key]"), outputs.constData());
        QVERIFY2(!outputs.contains(kKey), outputs.constData());
        QVERIFY(outputs.contains("$SCRIT_TEST_KEY (set)"));
        QDirIterator files(m_dir.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        int count = 0;
        while (files.hasNext()) {
            const QString path = files.next();
            QVERIFY2(!contentsOf(path).contains(kKey), qPrintable(path));
            ++count;
        }
        QVERIFY(count > 0);
    }

    void ownServersAreCheckedAndStopped() {
        addServed("ok",
                  {QStringLiteral("--slots"), QStringLiteral("3"), QStringLiteral("--context"),
                   QStringLiteral("200"), QStringLiteral("--arg=--threads 1")});
        const Result checked =
            model(QStringLiteral("check"), {QStringLiteral("ok"), QStringLiteral("--json")});
        QVERIFY2(checked.code == 0, checked.err.constData());
        const QJsonObject endpoint = checked.json()[u"endpoints"].toArray()[0].toObject();
        QCOMPARE(endpoint[u"software"].toString(), QStringLiteral("llama-server"));
        QCOMPARE(endpoint[u"slots"].toInt(), 3);
        QCOMPARE(endpoint[u"context"].toInt(), 200);
        QVERIFY(!checked.json()[u"plan"].toObject()[u"reason"].toString().isEmpty());
        const QJsonArray stored =
            model(QStringLiteral("show"), {QStringLiteral("ok"), QStringLiteral("--json")})
                .json()[u"settings"]
                .toObject()[u"args"]
                .toArray();
        QCOMPARE(stored.size(), 2); // "--threads" and "1"
        QVERIFY(model(QStringLiteral("show"), {QStringLiteral("ok")}).out.contains("would run"));
        const Result doctor =
            runScrit({QStringLiteral("doctor"), m_workspace, QStringLiteral("--json")});
        QVERIFY(doctor.json()[u"checks"]
                    .toObject()[u"model ok"]
                    .toObject()[u"value"]
                    .toString()
                    .startsWith(QStringLiteral("would run ")));

        addServed("bad");
        const Result bad = model(QStringLiteral("check"), {QStringLiteral("bad")});
        QCOMPARE(bad.code, 1);
        QVERIFY2(bad.isOneErrorLine() && bad.err.contains("failed to load model"),
                 bad.err.constData());
    }

    void gpusDecideThePlan() {
        const QString bin = m_dir.filePath(QStringLiteral("bin"));
        QVERIFY(QDir().mkpath(bin));
        writeFile(bin + QStringLiteral("/nvidia-smi"),
                  "#!/bin/sh\necho '0, Fake GPU, 8192, 8000'\n");
        QFile::setPermissions(bin + QStringLiteral("/nvidia-smi"),
                              QFile::ReadOwner | QFile::ExeOwner);
        addServed("ok");
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", bin.toUtf8() + ":" + path);
        const Result shown = model(QStringLiteral("show"), {QStringLiteral("ok")});
        const Result doctor = runScrit({QStringLiteral("doctor")});
        qputenv("PATH", path);
        QVERIFY2(shown.out.contains("all 2 layers on GPU 0 (Fake GPU, 7.8 GiB free)"),
                 shown.out.constData());
        QVERIFY2(doctor.out.contains("0: Fake GPU, 8.0 GiB, 7.8 GiB free"), doctor.out.constData());
    }

    void serveAndStop() {
        addServed("tells-key");
        const QString keyFile = m_dir.filePath(QStringLiteral("key"));
        const QStringList arguments{
            QStringLiteral("model"),     QStringLiteral("serve"),      m_workspace,
            QStringLiteral("tells-key"), QStringLiteral("--key-file"), keyFile,
            QStringLiteral("--json")};
        QProcess process;
        const QJsonObject ready = started(process, arguments);
        QVERIFY2(ready[u"url"].toString().endsWith(QStringLiteral("/v1")),
                 process.readAllStandardError().constData());
        const qint64 server = ready[u"pid"].toInt();
        QVERIFY(isAlive(server));
        const QByteArray key = contentsOf(keyFile).trimmed();
        QCOMPARE(key.size(), 32);
        struct stat info {};
        QCOMPARE(::stat(keyFile.toUtf8().constData(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, 0600U);
        for (const qint64 pid : {server, process.processId()}) {
            QVERIFY(!contentsOf(QStringLiteral("/proc/%1/cmdline").arg(pid)).contains(key));
        }
        // A second one is refused, a key file is never overwritten, another model is not stopped.
        const Result second = runScrit(arguments);
        QCOMPARE(second.code, 1);
        QVERIFY2(second.isOneErrorLine() && second.err.contains("already serves"),
                 second.err.constData());
        QCOMPARE(model(QStringLiteral("stop"), {QStringLiteral("ok")}).code, 1);
        QVERIFY(isAlive(server));
        const Result stopped = model(QStringLiteral("stop"), {QStringLiteral("tells-key")});
        QVERIFY2(stopped.code == 0, stopped.err.constData());
        QVERIFY(process.waitForFinished(10'000));
        QCOMPARE(process.exitCode(), 0);
        QVERIFY(!isAlive(server));
        QVERIFY(!QFile::exists(keyFile));
        QVERIFY(!process.readAllStandardError().contains(key));
        QCOMPARE(model(QStringLiteral("stop"), {QStringLiteral("tells-key")}).code, 1);
    }

    void interruptStopsTheServer() {
        addServed("ok");
        QProcess process;
        const QJsonObject ready =
            started(process, {QStringLiteral("model"), QStringLiteral("serve"), m_workspace,
                              QStringLiteral("ok"), QStringLiteral("--json")});
        const qint64 server = ready[u"pid"].toInt();
        QVERIFY(isAlive(server));
        kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(10'000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QVERIFY(!isAlive(server));
    }

    void aKilledScritLeavesNoServerBehind() {
        addServed("ok");
        QProcess process;
        const QStringList arguments{QStringLiteral("model"), QStringLiteral("serve"), m_workspace,
                                    QStringLiteral("ok"), QStringLiteral("--json")};
        const qint64 server = started(process, arguments)[u"pid"].toInt();
        QVERIFY(isAlive(server));
        process.kill();
        QVERIFY(process.waitForFinished(10'000));
        QTRY_VERIFY_WITH_TIMEOUT(!isAlive(server), 5000);
        // Its record is stale: nothing is signalled, and the next one can start.
        const Result stopped = model(QStringLiteral("stop"), {QStringLiteral("ok")});
        QVERIFY2(stopped.code == 1 && stopped.err.contains("has ended already"),
                 stopped.err.constData());
    }

    // A record that names a foreign process, even with the right start time, stops nothing.
    void aForeignProcessIsNeverStopped() {
        addServed("ok");
        QProcess mine;
        (void)started(mine, {QStringLiteral("model"), QStringLiteral("serve"), m_workspace,
                             QStringLiteral("ok"), QStringLiteral("--json")});
        const QString folder = m_dir.filePath(QStringLiteral("run/scrit-studio"));
        const QStringList records =
            QDir(folder).entryList({QStringLiteral("serve-*")}, QDir::Files);
        QCOMPARE(records.size(), 1);
        QJsonObject record =
            QJsonDocument::fromJson(contentsOf(folder + QLatin1Char('/') + records[0])).object();
        QProcess foreign;
        foreign.start(QStringLiteral("sleep"), {QStringLiteral("60")});
        QVERIFY(foreign.waitForStarted());
        const QByteArray stat =
            contentsOf(QStringLiteral("/proc/%1/stat").arg(foreign.processId()));
        record[u"pid"] = foreign.processId();
        record[u"start_time"] =
            QString::fromLatin1(stat.mid(stat.lastIndexOf(')') + 2).split(' ').value(19));
        writeFile(folder + QLatin1Char('/') + records[0], QJsonDocument(record).toJson());
        QCOMPARE(model(QStringLiteral("stop"), {QStringLiteral("ok")}).code, 1);
        QVERIFY(isAlive(foreign.processId()));
        foreign.kill();
        foreign.waitForFinished();
        mine.terminate();
        QVERIFY(mine.waitForFinished(10'000));
    }
};

SCRIT_TEST(CliModelTest)
#include "cli_model_test.moc"
