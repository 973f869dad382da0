// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/open_model.h"
#include "core/backend/recorded_backend.h"
#include "core/backend/server_probe.h"
#include "tests/core/backend_support.h"
#include "tests/support/fake_http_server.h"
#include "tests/support/test_program.h"
#include "tests/support/tiny_gguf.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <future>

using namespace scrit;
using namespace scrit::backend;
using namespace scrit::testing;

namespace {

// JSON with ' for ": moc cannot read raw strings with an odd number of quotes.
const std::string kKey = "planted-key-5f3c9a";

ChatRequest prompt(const std::string& text, std::optional<std::int64_t> seed = {}) {
    ChatRequest request;
    request.messages = {{"system", "judge"}, {"user", text}};
    request.sampling.seed = seed;
    return request;
}

bool isAlive(int pid) {
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    return stat.open(QIODevice::ReadOnly) && !stat.readAll().contains(") Z ");
}

Machine noGpu() {
    Machine machine;
    machine.freeMemory = std::uint64_t{8} << 30U;
    return machine;
}

} // namespace

// Models as the engine sees them: recorded ones, pools, servers of our own.
class BackendModelsTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    std::shared_ptr<net::HttpClient> m_http = std::make_shared<net::HttpClient>();

    // A model of kind llama-server whose file's name tells the fake server how to behave.
    model::Model served(const char* behaviour, const std::string& more = {}) {
        const std::string path = m_dir.filePath(QLatin1String(behaviour)).toStdString() + ".gguf";
        (void)writeTinyGguf(path);
        model::Model model;
        model.name = behaviour;
        model.kind = "llama-server";
        model.settings =
            quoted("{'gguf':'") + path + R"(","program":")" + kFakeServer + '"' + more + "}";
        return model;
    }
    ModelServers::Options options() const {
        ModelServers::Options options;
        options.machine = noGpu;
        return options;
    }

private Q_SLOTS:
    void recordedLines_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("by hash") << QByteArray(R"({"prompt_hash":"AB","text":"t","note":1})")
                                 << QByteArray();
        QTest::newRow("by texts") << QByteArray(R"({"problem":"p","text":""})") << QByteArray();
        QTest::newRow("no text") << QByteArray(R"({"prompt_hash":"ab"})")
                                 << QByteArray("no \"text\"");
        QTest::newRow("no key") << QByteArray(R"({"text":"t"})") << QByteArray("neither");
        QTest::newRow("no JSON") << QByteArray("text") << QByteArray("no JSON object");
        QTest::newRow("wrong type")
            << QByteArray(R"({"problem":1,"text":"t"})") << QByteArray("wrong type");
    }
    void recordedLines() {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, says);
        const auto record = recordedCompletion(line.toStdString());
        QCOMPARE(record.has_value(), says.isEmpty());
        QVERIFY(record || record.error().message.find(says.constData()) != std::string::npos);
    }

    void recordedAnswers() {
        const std::string path = m_dir.filePath(QStringLiteral("r.jsonl")).toStdString();
        std::ofstream(path) << quoted("{'prompt_hash':'") << promptHashOf(prompt("first").messages)
                            << quoted("','text':'by hash','completion_tokens':3}") << "\n\n"
                            << R"({"problem":"2+2","solution":"5","text":"a"})" << '\n'
                            << R"({"problem":"2+2","solution":"5","text":"b"})" << '\n'
                            << R"({"problem":"2+2","text":"seeded","seed":7})" << '\n'
                            << R"({"problem":"9+9","text":"cut","finish_reason":"length"})";
        const auto backend = RecordedBackend::open({path});
        QVERIFY2(backend.has_value(), backend ? "" : backend.error().text().c_str());
        QCOMPARE((*backend)->size(), std::size_t{5});
        const auto ask = [&](const ChatRequest& request) {
            return send(**backend, request).get();
        };
        const ChatOutcome first = ask(prompt("first"));
        QVERIFY(first.has_value());
        QCOMPARE(first->text, std::string("by hash"));
        QCOMPARE(first->completionTokens.value_or(0), std::int64_t{3});
        for (const char* expected : {"a", "b", "a"}) { // samples in order, then from the start
            QCOMPARE(ask(prompt("Judge: 2+2. Student: 5")).value().text, std::string(expected));
        }
        QCOMPARE(ask(prompt("Judge: 2+2. Student: 5", 7)).value().text, std::string("seeded"));
        QVERIFY(ask(prompt("9+9"))->finish == FinishReason::Length);
        const ChatOutcome missing = ask(prompt("2+2"));
        QVERIFY(!missing.has_value());
        QCOMPARE(missing.error().error.code, base::ErrorCode::NotFound);
        QVERIFY(!missing.error().error.retryable);
        QVERIFY(missing.error().error.message.find("no recorded completion for prompt " +
                                                   promptHashOf(prompt("2+2").messages)) !=
                std::string::npos);

        std::ofstream(path, std::ios::app) << "\nbroken";
        QVERIFY(RecordedBackend::open({path}).error().text().find("line 7") != std::string::npos);
        QCOMPARE(RecordedBackend::open({path + "x"}).error().code, base::ErrorCode::NotFound);
    }

    void aPoolHasAnEndpointForEachUrl() {
        std::string seen;
        FakeHttpServer server([&](const FakeRequest& request) {
            seen = request.header("authorization");
            return fakeAnswer(200, R"({"choices":[{"message":{"content":"hi"}}]})");
        });
        model::Model model;
        model.name = "pool";
        model.kind = "openai";
        model.settings = quoted("{'urls':['") + server.url("/v1") +
                         quoted("','http://127.0.0.1:9/v1'],'model':'m','key_env':'SCRIT_TEST_KEY',"
                                "'max_in_flight':7,'rpm':60,'tpm':1000,'context':4096,"
                                "'price_prompt':1,'price_completion':2}");
        qunsetenv("SCRIT_TEST_KEY");
        ModelServers servers(m_http, options());
        QCOMPARE(servers.open(model).error().code, base::ErrorCode::Auth);
        qputenv("SCRIT_TEST_KEY", QByteArray::fromStdString(kKey));
        const auto handle = servers.opener()(model);
        QVERIFY2(handle.has_value(), handle ? "" : handle.error().text().c_str());
        const auto endpoints = (*handle)->endpoints();
        QCOMPARE(endpoints.size(), std::size_t{2});
        QCOMPARE(endpoints[1].label, std::string("127.0.0.1:9"));
        QCOMPARE(endpoints[0].largestWindow, 7);
        QCOMPARE(endpoints[0].requestsPerMinute, std::int64_t{60});
        QVERIFY(endpoints[0].ready && !(*handle)->failure());
        QCOMPARE((*handle)->prices().completionPerMillion, 2.0);
        QCOMPARE((*handle)->contextTokens().value_or(0), std::int64_t{4096});
        QCOMPARE((*handle)->identity(), std::string("model:m"));
        QCOMPARE(send(*endpoints[0].backend, prompt("x")).get().value().text, std::string("hi"));
        QCOMPARE(seen, "Bearer " + kKey);
    }

    void echoedKeysAreTakenOut_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("error as JSON") << 0;
        QTest::newRow("error as text, cut in the key") << 1;
        QTest::newRow("error in the stream") << 2;
        QTest::newRow("broken JSON in the stream") << 3;
        QTest::newRow("answer") << 4;
        QTest::newRow("answer in two pieces") << 5;
        QTest::newRow("no chat at all") << 6;
    }
    void echoedKeysAreTakenOut() {
        QFETCH(int, kind);
        FakeHttpServer server([kind](const FakeRequest& request) {
            const std::string key(request.header("authorization"));
            const auto piece = [](const std::string& text) {
                return quoted("{'choices':[{'delta':{'content':'") + text + quoted("'}}]}");
            };
            switch (kind) {
            case 0:
                return fakeAnswer(401, quoted("{'error':{'message':'no ") + key + quoted("'}}"));
            case 1:
                return fakeAnswer(500, std::string(185, '.') + key, {}, "text/plain");
            case 2:
                return fakeStream(
                    {quoted("{'error':{'message':'no ") + key + quoted("','code':500}}")});
            case 3:
                return fakeStream({"{" + key});
            case 4:
                return fakeStream({piece(key), "[DONE]"});
            case 5:
                return fakeStream({piece(key.substr(0, 14)), piece(key.substr(14)), "[DONE]"});
            default:
                return fakeAnswer(200, key, {}, "text/html");
            }
        });
        OpenAiSettings settings;
        settings.url = server.url("/v1");
        settings.apiKey = kKey;
        OpenAiBackend backend(m_http, settings);
        const ChatOutcome outcome = send(backend, prompt("x")).get();
        const std::string text = outcome ? outcome->text : outcome.error().error.text();
        QVERIFY(!text.empty());
        QVERIFY2(text.find(kKey.substr(0, 8)) == std::string::npos, text.c_str());
        QCOMPARE(outcome.has_value(), kind == 4 || kind == 5);
    }

    void handlesShareOneServer() {
        ModelServers servers(m_http, options());
        const model::Model model = served("ok", R"(,"slots":3,"context":100)");
        int pid = 0;
        {
            const auto critic = servers.openServed(model);
            QVERIFY2(critic.has_value(), critic ? "" : critic.error().text().c_str());
            auto validator = servers.openServed(model);
            QVERIFY(validator.has_value());
            QVERIFY(!(*critic)->endpoints()[0].ready);
            QVERIFY((*critic)->waitReady(10'000));
            pid = (*critic)->server().pid;
            QCOMPARE((*validator)->server().pid, pid);
            QTRY_VERIFY((*validator)->endpoints()[0].ready);
            QCOMPARE((*critic)->plan().slots, 3);
            QCOMPARE((*critic)->contextTokens().value_or(0), std::int64_t{100});
            QCOMPARE((*critic)->endpoints()[0].largestWindow, 6);
            QVERIFY((*critic)->identity().starts_with("gguf:"));
            validator->reset();
            QVERIFY(isAlive(pid));
            const auto outcome = send(*(*critic)->endpoints()[0].backend, prompt("x")).get();
            QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().error.text().c_str());
            QCOMPARE(outcome->text, std::string("1 2"));
        }
        QVERIFY(!isAlive(pid)); // the last handle is gone
    }

    void aKilledServerComesBackAndItsRequestsMayBeRetried() {
        ModelServers servers(m_http, options());
        const auto opened = servers.openServed(served("hang"));
        QVERIFY2(opened.has_value(), opened ? "" : opened.error().text().c_str());
        const auto& handle = *opened;
        std::atomic<int> changes{0};
        handle->onChange([&changes] { ++changes; });
        QVERIFY(handle->waitReady(10'000));
        QTRY_VERIFY(handle->endpoints()[0].ready);
        const std::shared_ptr<Backend> backend = handle->endpoints()[0].backend;
        auto waiting = send(*backend, prompt("x"));
        const int pid = handle->server().pid;
        QTest::qWait(100);
        kill(pid, SIGKILL);
        const ChatOutcome outcome = waiting.get();
        QVERIFY(!outcome.has_value());
        QVERIFY2(outcome.error().error.retryable, outcome.error().error.text().c_str());
        QTRY_VERIFY_WITH_TIMEOUT(changes >= 2, 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(handle->endpoints()[0].ready && handle->server().pid != pid,
                                 20'000);
        QVERIFY(changes >= 3); // ready, gone, ready
        QCOMPARE(handle->endpoints()[0].backend, backend);
        QVERIFY(!handle->failure());
    }

    void closingAbortsWhatIsInFlight() {
        ModelServers servers(m_http, options());
        auto handle = servers.openServed(served("hang")).value();
        QVERIFY(handle->waitReady(10'000));
        QTRY_VERIFY(handle->endpoints()[0].ready);
        const std::shared_ptr<Backend> backend = handle->endpoints()[0].backend;
        auto waiting = send(*backend, prompt("x"));
        const int pid = handle->server().pid;
        handle.reset();
        const ChatOutcome outcome = waiting.get();
        QVERIFY(!outcome.has_value());
        QCOMPARE(outcome.error().error.code, base::ErrorCode::Cancelled);
        QVERIFY(!isAlive(pid));
        QCOMPARE(send(*backend, prompt("x")).get().error().error.code, base::ErrorCode::Cancelled);
    }

    void requestsBeforeItIsReadyAreRetryable() {
        ModelServers servers(m_http, options());
        const auto handle = servers.openServed(served("never-ready")).value();
        const ChatOutcome outcome = send(*handle->endpoints()[0].backend, prompt("x")).get();
        QVERIFY(!outcome.has_value() && outcome.error().error.retryable);
    }

    void aBadModelFailsForGood() {
        ModelServers servers(m_http, options());
        const auto handle = servers.openServed(served("bad")).value();
        std::atomic<bool> told{false};
        handle->onChange([&told] { told = true; });
        QVERIFY(!handle->waitReady(20'000));
        QVERIFY(handle->failure().has_value());
        QVERIFY2(handle->failure()->message.find("failed to load model") != std::string::npos,
                 handle->failure()->message.c_str());
        QTRY_VERIFY(told);
        QVERIFY(!handle->endpoints()[0].ready);
        QCOMPARE(handle->server().restarts, 1);
    }

    void cannotBeOpened_data() {
        QTest::addColumn<QByteArray>("kind");
        QTest::addColumn<QByteArray>("settings");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, const char* kind, const char* settings,
                            base::ErrorCode code, const char* says) {
            QTest::newRow(name) << QByteArray(kind) << QByteArray(settings)
                                << static_cast<int>(code) << QByteArray(says);
        };
        using base::ErrorCode;
        row("unknown kind", "oracle", "{}", ErrorCode::Invalid, "kind \"oracle\" is not known");
        row("no checkpoint", "builtin", R"({"checkpoint":"DIR/none.safetensors"})",
            ErrorCode::NotFound, "none.safetensors");
        row("a checkpoint of something else", "builtin", R"({"checkpoint":"/bin/true"})",
            ErrorCode::Corrupt, "model x");
        row("no such program", "llama-server",
            R"({"gguf":"DIR/ok.gguf","program":"no-such-program"})", ErrorCode::Unavailable,
            "was not found: install llama.cpp");
        row("no such file", "llama-server", R"({"gguf":"DIR/missing.gguf","program":"/bin/true"})",
            ErrorCode::NotFound, "there is no model file");
        row("not a model", "llama-server", R"({"gguf":"/bin/true","program":"/bin/true"})",
            ErrorCode::Corrupt, "no GGUF file");
        row("an adapter as model", "llama-server", R"({"gguf":"DIR/l.gguf","program":"/bin/true"})",
            ErrorCode::Invalid, "is an adapter");
        row("a model as adapter", "llama-server",
            R"({"gguf":"DIR/ok.gguf","lora":["DIR/ok.gguf"],"program":"/bin/true"})",
            ErrorCode::Invalid, "is no LoRA adapter");
        row("no recorded file", "recorded", R"({"files":["DIR/none.jsonl"]})", ErrorCode::NotFound,
            "none.jsonl");
        row("bad settings", "openai", R"({"urls":["a/v1"],"model":"m"})", ErrorCode::Invalid,
            "model x: the URL");
    }
    void cannotBeOpened() {
        QFETCH(QByteArray, kind);
        QFETCH(QByteArray, settings);
        QFETCH(int, code);
        QFETCH(QByteArray, says);
        (void)served("ok");
        (void)writeTinyLora(m_dir.filePath(QStringLiteral("l.gguf")).toStdString());
        model::Model model;
        model.name = "x";
        model.kind = kind.toStdString();
        model.settings = settings.replace("DIR", m_dir.path().toUtf8()).toStdString();
        ModelServers servers(m_http, options());
        const auto handle = servers.open(model);
        QVERIFY(!handle.has_value());
        QVERIFY2(handle.error().text().find(says.constData()) != std::string::npos,
                 handle.error().text().c_str());
        QCOMPARE(static_cast<int>(handle.error().code), code);
    }

    void vllmIsStartedWithItsPlan() {
        QTemporaryDir hub;
        QFile config(hub.filePath(QStringLiteral("config.json")));
        QVERIFY(config.open(QIODevice::WriteOnly));
        config.write(R"({"num_hidden_layers":2,"num_attention_heads":4,"hidden_size":64,)"
                     R"("max_position_embeddings":2048})");
        config.close();
        model::Model model;
        model.name = "v";
        model.kind = "vllm";
        model.settings = quoted("{'model':'") + hub.path().toStdString() + R"(","program":")" +
                         kFakeServer + quoted("','slots':5}");
        ModelServers::Options with = options();
        with.machine = [] {
            Machine machine = noGpu();
            machine.gpus = {{0, "Test GPU", std::uint64_t{8} << 30U, std::uint64_t{8} << 30U}};
            return machine;
        };
        ModelServers servers(m_http, with);
        const auto handle = servers.openServed(model).value();
        QVERIFY2(handle->waitReady(10'000), handle->server().message.c_str());
        QCOMPARE(handle->contextTokens().value_or(0), std::int64_t{2048});
        QFile commandLine(QStringLiteral("/proc/%1/cmdline").arg(handle->server().pid));
        QVERIFY(commandLine.open(QIODevice::ReadOnly));
        const QByteArray words = commandLine.readAll().replace('\0', ' ');
        QVERIFY2(words.contains("serve " + hub.path().toUtf8() + " --host 127.0.0.1 --port "),
                 words.constData());
        QVERIFY2(
            words.contains("--gpu-memory-utilization 0.88 --max-model-len 2048 --max-num-seqs 5"),
            words.constData());
        OpenAiSettings open;
        open.url = handle->server().url;
        open.apiKey = handle->apiKey();
        const auto facts = probeServer(*m_http, open, {});
        QVERIFY2(facts.has_value(), facts ? "" : facts.error().text().c_str());
        QCOMPARE(facts->software, std::string("vLLM"));
        QCOMPARE(facts->version, std::string("0.0-fake"));
        const auto speed = measureSpeed(*handle->endpoints()[0].backend, 8, {});
        QVERIFY(speed.has_value() && speed->tokensPerSecond.value_or(0) > 0);
    }

    void probesCanBeCancelled() {
        FakeHttpServer server([](const FakeRequest&) {
            return FakeReply{{}, FakeReply::Ending::Hang};
        });
        OpenAiSettings settings;
        settings.url = server.url("/v1");
        base::CancelToken cancel;
        cancel.cancel();
        QCOMPARE(probeServer(*m_http, settings, cancel).error().code, base::ErrorCode::Cancelled);
        OpenAiBackend backend(m_http, settings);
        QCOMPARE(measureSpeed(backend, 8, cancel).error().code, base::ErrorCode::Cancelled);
    }
};

SCRIT_TEST(BackendModelsTest)
#include "backend_models_test.moc"
