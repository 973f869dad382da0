// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/openai_backend.h"
#include "tests/support/fake_http_server.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <nlohmann/json.hpp>

#include <future>

using namespace scrit;
using namespace scrit::backend;
using namespace scrit::testing;

namespace {

using Json = nlohmann::json;

std::string delta(const std::string& text) {
    return Json{{"model", "m"}, {"choices", {{{"index", 0}, {"delta", {{"content", text}}}}}}}
        .dump();
}

const std::string kLast =
    Json{{"choices", {{{"index", 0}, {"delta", Json::object()}, {"finish_reason", "stop"}}}}}
        .dump();
const std::string kUsage =
    Json{{"choices", Json::array()}, {"usage", {{"prompt_tokens", 12}, {"completion_tokens", 3}}}}
        .dump();

std::string whole(const std::string& text, const std::string& reason = "stop") {
    return Json{{"model", "m"},
                {"choices", {{{"message", {{"content", text}}}, {"finish_reason", reason}}}},
                {"usage", {{"prompt_tokens", 5}, {"completion_tokens", 7}}}}
        .dump();
}

ChatOutcome ask(const std::string& url, bool stream, const ChatRequest& request,
                net::Deadlines deadlines = {}) {
    OpenAiSettings settings;
    settings.url = url;
    settings.apiKey = "planted-key-93571";
    settings.dialect.model = "test-model";
    settings.dialect.stream = stream;
    settings.deadlines = deadlines;
    const auto http = std::make_shared<net::HttpClient>();
    OpenAiBackend backend(http, settings);
    std::promise<ChatOutcome> promise;
    backend.complete(request,
                     [&](ChatOutcome&& outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get();
}

ChatRequest simpleRequest() {
    ChatRequest request;
    request.messages = {{"system", "judge"}, {"user", "1+1=3"}};
    return request;
}

FakeReply cut(FakeReply reply, std::size_t pieces, FakeReply::Ending ending) {
    reply.pieces.resize(pieces);
    reply.ending = ending;
    return reply;
}

} // namespace

class BackendOpenAiTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBodySaysEverything() {
        ChatRequest request = simpleRequest();
        request.sampling.temperature = 0.5;
        request.sampling.topP = 0.9;
        request.sampling.maxTokens = 77;
        request.sampling.seed = 42;
        request.sampling.stop = {"END"};
        request.sampling.topLogprobs = 2;
        request.jsonSchema = R"({"type":"object"})";
        OpenAiDialect dialect{"some-model", true, R"({"cache_prompt":false})"};
        const Json body = Json::parse(chatBody(request, dialect).value());
        QCOMPARE(body["model"].dump(), Json("some-model").dump());
        QCOMPARE(body["messages"][1]["content"].dump(), Json("1+1=3").dump());
        QCOMPARE(body["temperature"].dump(), Json(0.5).dump());
        QCOMPARE(body["max_tokens"].dump(), Json(77).dump());
        QCOMPARE(body["seed"].dump(), Json(42).dump());
        QCOMPARE(body["stop"][0].dump(), Json("END").dump());
        QCOMPARE(body["logprobs"].dump(), Json(true).dump());
        QCOMPARE(body["stream_options"]["include_usage"].dump(), Json(true).dump());
        QCOMPARE(body["response_format"]["json_schema"]["schema"]["type"].dump(),
                 Json("object").dump());
        QCOMPARE(body["cache_prompt"].dump(), Json(false).dump());

        request.jsonSchema = "{";
        QCOMPARE(chatBody(request, dialect).error().code, base::ErrorCode::Invalid);
        request.jsonSchema.clear();
        dialect.extraBody = "[1]";
        QCOMPARE(chatBody(request, dialect).error().code, base::ErrorCode::Invalid);
        dialect.extraBody.clear();
        request.messages[0].content = "bad \xff byte"; // must not throw
        QVERIFY(chatBody(request, dialect).has_value());
    }

    void aStream() {
        std::string seenKey;
        FakeHttpServer server([&](const FakeRequest& request) {
            seenKey = request.header("authorization");
            return fakeStream(
                {delta("The solution "), delta("is Correct."), kLast, kUsage, "[DONE]"}, 5);
        });
        const ChatOutcome outcome = ask(server.url("/v1/"), true, simpleRequest());
        QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().error.text().c_str());
        QCOMPARE(outcome->text, std::string("The solution is Correct."));
        QVERIFY(outcome->finish == FinishReason::Stop);
        QCOMPARE(outcome->promptTokens.value_or(-1), std::int64_t{12});
        QCOMPARE(outcome->completionTokens.value_or(-1), std::int64_t{3});
        QVERIFY(outcome->firstTokenSeconds > 0 &&
                outcome->firstTokenSeconds <= outcome->totalSeconds);
        QCOMPARE(seenKey, std::string("Bearer planted-key-93571"));
    }

    void answers_data() {
        QTest::addColumn<bool>("stream");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("kind");
        QTest::newRow("not streamed") << false << QByteArray("ok") << 0;
        QTest::newRow("a server that ignores stream") << true << QByteArray("ok") << 0;
        QTest::newRow("no [DONE] but a finish reason") << true << QByteArray("ok") << 1;
        QTest::newRow("keep-alive comments and duplicate ids") << true << QByteArray("ok") << 2;
        QTest::newRow("20 MB in one answer") << false << QByteArray(20 << 20, 'x') << 3;
        QTest::newRow("length") << false << QByteArray("ok") << 4;
    }
    void answers() {
        QFETCH(bool, stream);
        QFETCH(QByteArray, text);
        QFETCH(int, kind);
        FakeHttpServer server([&](const FakeRequest&) {
            switch (kind) {
            case 1:
                return fakeStream({delta("ok"), kLast});
            case 2: {
                FakeReply reply;
                reply.pieces.push_back(
                    {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: wait\n\n"
                     "id: 1\ndata: " +
                         delta("o") + "\n\n: wait\n\nid: 1\ndata: " + delta("k") +
                         "\n\ndata: " + kLast + "\n\ndata: [DONE]\n\n",
                     0});
                reply.ending = FakeReply::Ending::Close;
                return reply;
            }
            case 4:
                return fakeAnswer(200, whole("ok", "length"));
            default:
                return fakeAnswer(200, whole(text.toStdString()));
            }
        });
        const ChatOutcome outcome = ask(server.url("/v1"), stream, simpleRequest());
        QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().error.text().c_str());
        QVERIFY(outcome->text == text.toStdString());
        QVERIFY(outcome->finish == (kind == 4 ? FinishReason::Length : FinishReason::Stop));
    }

    void brokenBytesStayVisible() {
        FakeHttpServer server([](const FakeRequest&) {
            return fakeStream({"{\"choices\":[{\"delta\":{\"content\":\"a\\\\x b \xff "
                               "c\"},\"finish_reason\":\"stop\"}]}",
                               "[DONE]"});
        });
        const ChatOutcome outcome = ask(server.url("/v1"), true, simpleRequest());
        QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().error.text().c_str());
        QCOMPARE(outcome->text, std::string("a\\x b \\xff c"));
        QVERIFY(outcome->repairedUtf8);
    }

    void logprobsAreKept() {
        FakeHttpServer server([](const FakeRequest&) {
            return fakeStream(
                {R"({"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.1}]}}]})",
                 R"({"choices":[{"delta":{"content":"b"},"logprobs":{"content":[{"token":"b","logprob":-0.2}]},"finish_reason":"stop"}]})",
                 "[DONE]"});
        });
        const ChatOutcome outcome = ask(server.url("/v1"), true, simpleRequest());
        QVERIFY(outcome.has_value());
        const Json tokens = Json::parse(outcome->logprobs);
        QCOMPARE(tokens.size(), std::size_t{2});
        QCOMPARE(tokens[1]["logprob"].dump(), Json(-0.2).dump());
    }

    void failures_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("retryable");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("word");
        using base::ErrorCode;
        const auto row = [](const char* name, int kind, bool retryable, ErrorCode code,
                            const char* word) {
            QTest::newRow(name) << kind << retryable << static_cast<int>(code) << QByteArray(word);
        };
        row("429 with Retry-After", 0, true, ErrorCode::Server, "slow down");
        row("429 without", 1, true, ErrorCode::Server, "429");
        row("500 in HTML", 2, true, ErrorCode::Server, "500");
        row("503 loading", 3, true, ErrorCode::Server, "Loading model");
        row("401", 4, false, ErrorCode::Auth, "401");
        row("404", 5, false, ErrorCode::Server, "404");
        row("context overflow as plain JSON", 6, false, ErrorCode::Limit,
            "exceeds the available context");
        row("error inside the stream", 7, true, ErrorCode::Server, "engine died");
        row("truncated JSON in the stream", 8, true, ErrorCode::Server, "could not be read");
        row("stream closed early", 9, true, ErrorCode::Network, "");
        row("stream ends without its end", 10, true, ErrorCode::Server, "ended before");
        row("empty choices", 11, true, ErrorCode::Server, "no choices");
        row("wrong content type", 12, true, ErrorCode::Server, "no chat completion");
        row("reset before", 13, true, ErrorCode::Network, "");
        row("hang", 14, true, ErrorCode::Network, "no answer");
        row("slow drip that stalls", 15, true, ErrorCode::Network, "stalled");
        row("400 with detail", 16, false, ErrorCode::Server, "field required");
    }
    void failures() {
        QFETCH(int, kind);
        QFETCH(bool, retryable);
        QFETCH(int, code);
        QFETCH(QByteArray, word);
        FakeHttpServer server([kind](const FakeRequest&) {
            using Ending = FakeReply::Ending;
            const auto json = [](int status, const char* body) {
                return fakeAnswer(status, body);
            };
            switch (kind) {
            case 0:
                return fakeAnswer(429, R"({"error":{"message":"slow down","type":"rate"}})",
                                  {{"Retry-After", "7"}});
            case 1:
                return json(429, "");
            case 2:
                return fakeAnswer(500, "<html>oops</html>", {}, "text/html");
            case 3:
                return json(
                    503,
                    R"({"error":{"message":"Loading model","type":"unavailable_error","code":503}})");
            case 4:
                return json(401, R"({"error":{"message":"bad key"}})");
            case 5:
                return json(404, R"({"detail":"Not Found"})");
            case 6:
                return json(
                    400,
                    R"({"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_ctx":512}})");
            case 7:
                return fakeStream(
                    {delta("a"), R"({"error":{"code":500,"message":"engine died"}})"});
            case 8:
                return fakeStream({delta("a"), delta("cut").substr(0, 20)});
            case 9:
                return cut(fakeStream({delta("a"), delta("b")}), 2, Ending::Close);
            case 10:
                return fakeStream({delta("a")});
            case 11:
                return fakeStream({R"({"choices":[]})", "[DONE]"});
            case 12:
                return fakeAnswer(200, "<html>welcome to the captive portal</html>", {},
                                  "text/html");
            case 13:
                return FakeReply{{}, Ending::Reset};
            case 14:
                return FakeReply{{}, Ending::Hang};
            case 15:
                return cut(fakeStream({delta("a"), delta("b")}), 2, Ending::Hang);
            default:
                return json(400, R"({"detail":"field required"})");
            }
        });
        net::Deadlines deadlines;
        deadlines.firstByte = 300;
        deadlines.stall = 300;
        const ChatOutcome outcome = ask(server.url("/v1"), true, simpleRequest(), deadlines);
        QVERIFY(!outcome.has_value());
        const ChatError& error = outcome.error();
        QCOMPARE(static_cast<int>(error.error.code), code);
        QVERIFY2(QByteArray::fromStdString(error.error.text()).contains(word),
                 error.error.text().c_str());
        QCOMPARE(error.error.retryable, retryable);
        QVERIFY(!QByteArray::fromStdString(error.error.text()).contains("planted-key"));
        if (kind == 0) {
            QCOMPARE(error.retryAfterMillis.value_or(-1), std::int64_t{7000});
            QCOMPARE(error.httpStatus, 429);
        }
        if (kind == 6) {
            QCOMPARE(error.serverCode, std::string("exceed_context_size_error"));
        }
    }

    void describes() {
        FakeHttpServer server([](const FakeRequest& request) {
            return request.path == "/v1/models"
                       ? fakeAnswer(
                             200, R"({"data":[{"id":"qwen","max_model_len":4096},{"id":"other"}]})")
                       : fakeAnswer(404, "{}");
        });
        OpenAiSettings settings;
        settings.url = server.url("/v1");
        OpenAiBackend backend(std::make_shared<net::HttpClient>(), settings);
        std::promise<tl::expected<ServerInfo, ChatError>> promise;
        backend.describe([&](tl::expected<ServerInfo, ChatError>&& info) {
            promise.set_value(std::move(info));
        });
        const auto info = promise.get_future().get();
        QVERIFY(info.has_value());
        QCOMPARE(info->models, (std::vector<std::string>{"qwen", "other"}));
        QCOMPARE(info->contextTokens.value_or(0), std::int64_t{4096});
    }
};

SCRIT_TEST(BackendOpenAiTest)
#include "backend_openai_test.moc"
