// SPDX-License-Identifier: GPL-3.0-or-later
// The real llama-server, started, asked and stopped. Skipped where it is not installed:
// packaging/llama-server/fetch brings it, or name one in SCRIT_LLAMA_SERVER.
#include "core/backend/managed_server.h"
#include "core/backend/open_model.h"
#include "core/backend/openai_backend.h"
#include "core/backend/server_probe.h"
#include "tests/core/backend_support.h"
#include "tests/support/llama_server.h"
#include "tests/support/test_program.h"
#include "tests/support/tiny_gguf.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <future>

using namespace scrit;
using namespace scrit::backend;

namespace {

// JSON with ' for ": moc cannot read raw strings with an odd number of quotes.
} // namespace

class BackendLlamaServerTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QString m_program = QString::fromStdString(testing::realLlamaServer());
    std::shared_ptr<net::HttpClient> m_http = std::make_shared<net::HttpClient>();

    ManagedServerSettings settings(const QString& model) const {
        ManagedServerSettings settings;
        settings.program = m_program.toStdString();
        settings.modelFile = model.toStdString();
        settings.extraArguments = {"-t", "1", "-np", "2", "-c", "1024", "--no-webui"};
        settings.maxRestarts = 0;
        return settings;
    }
    ChatOutcome ask(const ManagedServer& server, const ChatRequest& request, bool stream) {
        OpenAiSettings open;
        open.url = server.snapshot().url;
        open.apiKey = server.apiKey();
        open.dialect = {"tiny", stream, R"({"cache_prompt":false})"};
        OpenAiBackend backend(m_http, open);
        std::promise<ChatOutcome> promise;
        backend.complete(request,
                         [&](ChatOutcome&& outcome) { promise.set_value(std::move(outcome)); });
        return promise.get_future().get();
    }
    QString model() {
        QString path = m_dir.filePath(QStringLiteral("tiny.gguf"));
        if (!QFile::exists(path)) {
            const auto written = testing::writeTinyGguf(path.toStdString());
            Q_ASSERT(written.has_value());
        }
        return path;
    }

private Q_SLOTS:
    void initTestCase() {
        if (m_program.isEmpty()) {
            QSKIP("no llama-server here: run packaging/llama-server/fetch");
        }
    }

    void answersStreamedAndWhole() {
        ManagedServer server(m_http, settings(model()));
        QVERIFY2(server.waitReady(30'000), server.snapshot().message.c_str());
        ChatRequest request;
        request.messages = {{"user", "1+1=3"}};
        request.sampling = {0.8, 1, 12, 7, {}, 1};
        std::string texts[2];
        for (const bool stream : {true, false}) {
            const ChatOutcome outcome = ask(server, request, stream);
            QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().error.text().c_str());
            QVERIFY(outcome->promptTokens.value_or(0) > 5);
            QVERIFY(outcome->completionTokens.value_or(0) > 0);
            QVERIFY(!outcome->logprobs.empty());
            texts[stream ? 0 : 1] = outcome->text;
        }
        QCOMPARE(texts[0], texts[1]); // the same seed says the same, streamed or not
    }

    void anOverflowIsNamed() {
        ManagedServer server(m_http, settings(model()));
        QVERIFY2(server.waitReady(30'000), server.snapshot().message.c_str());
        ChatRequest request;
        request.messages = {{"user", std::string(4000, 'x')}};
        request.sampling.maxTokens = 4;
        const ChatOutcome outcome = ask(server, request, true);
        QVERIFY(!outcome.has_value());
        QCOMPARE(outcome.error().error.code, base::ErrorCode::Limit);
        QCOMPARE(outcome.error().serverCode, std::string("exceed_context_size_error"));
        QVERIFY(!outcome.error().error.retryable);
    }

    // Opened as a stored model: planned, probed, with an adapter, answers as its seed says.
    void aStoredModelWithAnAdapter() {
        const std::string adapter = m_dir.filePath(QStringLiteral("lora.gguf")).toStdString();
        QVERIFY(testing::writeTinyLora(adapter).has_value());
        model::Model stored;
        stored.name = "tiny";
        stored.kind = "llama-server";
        stored.settings = quoted("{'gguf':'") + model().toStdString() + R"(","program":")" +
                          m_program.toStdString() +
                          quoted("','args':['-t','1'],'slots':2,'context':512}");
        ModelServers servers(m_http);
        std::string texts[2];
        std::string identities[2];
        for (const bool adapted : {false, true}) {
            if (adapted) {
                stored.settings.insert(1, quoted("'lora':['") + adapter + quoted("'],"));
            }
            const auto handle = servers.openServed(stored);
            QVERIFY2(handle.has_value(), handle ? "" : handle.error().text().c_str());
            QVERIFY2((*handle)->waitReady(30'000), (*handle)->server().message.c_str());
            OpenAiSettings open;
            open.url = (*handle)->server().url;
            open.apiKey = (*handle)->apiKey();
            const auto facts = probeServer(*m_http, open, {});
            QVERIFY2(facts.has_value(), facts ? "" : facts.error().text().c_str());
            QCOMPARE(facts->software, std::string("llama-server"));
            QCOMPARE(facts->slots.value_or(0), 2);
            QCOMPARE(facts->contextTokens.value_or(0), std::int64_t{512});
            ChatRequest request;
            request.messages = {{"user", "1+1=3"}};
            request.sampling = {0.8, 1, 12, 7, {}, -1};
            std::promise<ChatOutcome> promise;
            (*handle)->endpoints()[0].backend->complete(
                request, [&](ChatOutcome&& outcome) { promise.set_value(std::move(outcome)); });
            const ChatOutcome outcome = promise.get_future().get();
            QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().error.text().c_str());
            texts[adapted ? 1 : 0] = outcome->text;
            identities[adapted ? 1 : 0] = (*handle)->identity();
            for (const std::string& line : (*handle)->logSince(0).lines) {
                QVERIFY2(line.find(open.apiKey) == std::string::npos, line.c_str());
            }
        }
        QVERIFY(identities[0] != identities[1]);
        QVERIFY(texts[0] != texts[1]); // the adapter is loud
    }

    void aPortInUseSaysSo() {
        ManagedServer first(m_http, settings(model()));
        QVERIFY2(first.waitReady(30'000), first.snapshot().message.c_str());
        const std::string url = first.snapshot().url;
        ManagedServerSettings second = settings(model());
        second.port = std::stoi(url.substr(url.rfind(':') + 1));
        ManagedServer other(m_http, second);
        QVERIFY(!other.waitReady(30'000));
        QVERIFY2(other.snapshot().message.find(std::to_string(second.port)) != std::string::npos,
                 other.snapshot().message.c_str());
    }

    void aWrongModelFileSaysSo() {
        const QString path = m_dir.filePath(QStringLiteral("wrong.gguf"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("not a model") > 0);
        file.close();
        ManagedServer server(m_http, settings(path));
        QVERIFY(!server.waitReady(30'000));
        QVERIFY2(server.snapshot().message.find("exit code 1") != std::string::npos,
                 server.snapshot().message.c_str());
    }
};

SCRIT_TEST(BackendLlamaServerTest)
#include "backend_llama_server_test.moc"
