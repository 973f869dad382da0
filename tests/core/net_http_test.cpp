// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/net/http_client.h"
#include "core/net/multipart.h"
#include "core/net/server_sent_events.h"
#include "tests/support/fake_http_server.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <condition_variable>
#include <mutex>

using namespace scrit;
using namespace scrit::net;
using namespace scrit::testing;

namespace {

using Result = base::Expected<HttpResponse>;

// Waits for the callbacks of requests; counts that each comes once.
class Inbox {
public:
    HttpClient::Done slot() {
        return [this](Result&& result) {
            const std::lock_guard lock(m_mutex);
            m_results.push_back(std::move(result));
            m_changed.notify_all();
        };
    }
    std::vector<Result>& wait(std::size_t count) {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, std::chrono::seconds(30),
                           [&] { return m_results.size() >= count; });
        return m_results;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<Result> m_results;
};

HttpRequest post(const std::string& url, std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = std::move(body);
    return request;
}

HttpRequest fetch(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return request;
}

} // namespace

class NetHttpTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void formWithAFile() {
        FakeHttpServer server([](const FakeRequest& request) {
            return fakeAnswer(200,
                              std::string(request.header("content-type")) + "\n" + request.body);
        });
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("a.bin")).toStdString();
        HttpClient client;
        Inbox inbox;
        // Smaller and larger than what is read at a time; empty; not there.
        std::size_t count = 0;
        for (const std::size_t size : {10U, 3'000'000U, 0U, 1'000'000U}) {
            QFile data(QString::fromStdString(file.string()));
            QVERIFY(data.open(QIODevice::WriteOnly) && data.resize(static_cast<qint64>(size)));
            data.close();
            HttpRequest request = post(server.url("/files"), {});
            request.headers.clear();
            setMultipart(request, {{"a", "1"}, {"b\"", "2"}}, "file", "x.jsonl", file, "LINE");
            client.send(std::move(request), inbox.slot());
            const Result& result = inbox.wait(++count).back();
            QVERIFY2(result.has_value(), result ? "" : result.error().text().c_str());
            const std::string expected =
                "multipart/form-data; boundary=LINE\n"
                "--LINE\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
                "--LINE\r\nContent-Disposition: form-data; name=\"b%22\"\r\n\r\n2\r\n"
                "--LINE\r\nContent-Disposition: form-data; name=\"file\"; "
                "filename=\"x.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n" +
                std::string(size, '\0') + "\r\n--LINE--\r\n";
            QCOMPARE(result->body.size(), expected.size());
            QVERIFY(result->body == expected);
        }
        HttpRequest request = post(server.url("/files"), {});
        setMultipart(request, {}, "file", "x", file.parent_path() / "none", "LINE");
        client.send(std::move(request), inbox.slot());
        const Result& missing = inbox.wait(++count).back();
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, base::ErrorCode::Io);
    }

    void sendsAndReceives() {
        FakeHttpServer server([](const FakeRequest& request) {
            return fakeAnswer(200, request.method + " " + request.path + " " + request.body,
                              {{"X-Key", std::string(request.header("x-mine"))}});
        });
        HttpClient client;
        Inbox inbox;
        HttpRequest request = post(server.url("/v1/a?b=1"), "hello");
        request.headers.emplace_back("X-Mine", "yes");
        client.send(std::move(request), inbox.slot());
        const Result& result = inbox.wait(1).front();
        QVERIFY2(result.has_value(), result ? "" : result.error().text().c_str());
        QCOMPARE(result->status, 200);
        QCOMPARE(result->body, std::string("POST /v1/a?b=1 hello"));
        QCOMPARE(headerValue(result->headers, "x-key"), std::string_view("yes"));
    }

    void statusIsNotAnError_data() {
        QTest::addColumn<int>("status");
        for (const int status : {201, 302, 400, 401, 429, 500, 503}) {
            QTest::addRow("%d", status) << status;
        }
    }
    void statusIsNotAnError() {
        QFETCH(int, status);
        FakeHttpServer server([status](const FakeRequest&) {
            return fakeAnswer(status, "{}",
                              {{"Location", "http://127.0.0.1:1/elsewhere"}, {"Retry-After", "3"}});
        });
        HttpClient client;
        Inbox inbox;
        client.send(fetch(server.url("/")), inbox.slot());
        const Result& result = inbox.wait(1).front();
        QVERIFY(result.has_value());
        QCOMPARE(result->status, status); // a redirect is handed over, never followed
        QCOMPARE(headerValue(result->headers, "Retry-After"), std::string_view("3"));
    }

    void manyAtOnceReuseConnections() {
        FakeHttpServer server(
            [](const FakeRequest& request) { return fakeAnswer(200, request.body); });
        HttpClient client;
        constexpr std::size_t kWidth = 150; // past the ceiling of 100 that pools often have
        for (std::size_t round = 0; round < 3; ++round) {
            Inbox inbox;
            for (std::size_t i = 0; i < kWidth; ++i) {
                client.send(post(server.url("/"), std::to_string(i)), inbox.slot());
            }
            std::vector<Result>& results = inbox.wait(kWidth);
            QCOMPARE(results.size(), kWidth);
            std::size_t sum = 0;
            for (const Result& result : results) {
                QVERIFY2(result.has_value(), result ? "" : result.error().text().c_str());
                sum += std::stoul(result->body);
            }
            QCOMPARE(sum, kWidth * (kWidth - 1) / 2); // each answer came to its own request
        }
        QCOMPARE(server.requests(), static_cast<int>(3 * kWidth));
        QVERIFY2(server.connections() <= static_cast<int>(kWidth),
                 "later rounds must reuse connections");
    }

    void streams() {
        FakeHttpServer server([](const FakeRequest&) {
            return fakeStream({"one", "two", "[DONE]"}, 30);
        });
        HttpClient client;
        Inbox inbox;
        std::vector<std::string> events;
        ServerSentEventParser parser(
            [&](ServerSentEvent&& event) { events.push_back(event.data); });
        HttpRequest request = post(server.url("/"), "{}");
        request.onData = [&](std::string_view bytes) {
            return parser.feed(bytes);
        };
        client.send(std::move(request), inbox.slot());
        const Result& result = inbox.wait(1).front();
        QVERIFY(result.has_value());
        QVERIFY(parser.finish());
        QCOMPARE(events, (std::vector<std::string>{"one", "two", "[DONE]"}));
        QVERIFY(result->body.empty());
    }

    void anErrorInsteadOfAStreamIsCollected() {
        FakeHttpServer server([](const FakeRequest&) { return fakeAnswer(400, R"({"error":1})"); });
        HttpClient client;
        Inbox inbox;
        HttpRequest request = post(server.url("/"), "{}");
        std::atomic<int> pieces{0};
        request.onData = [&](std::string_view) {
            return ++pieces > 0;
        };
        client.send(std::move(request), inbox.slot());
        const Result& result = inbox.wait(1).front();
        QVERIFY(result.has_value());
        QCOMPARE(result->body, std::string(R"({"error":1})"));
        QCOMPARE(pieces.load(), 0);
    }

    void brokenConnections_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("reset before the answer") << 0;
        QTest::newRow("closed before the answer") << 1;
        QTest::newRow("closed inside the body") << 2;
        QTest::newRow("reset inside a stream") << 3;
        QTest::newRow("garbage instead of HTTP") << 4;
    }
    void brokenConnections() {
        QFETCH(int, kind);
        FakeHttpServer server([kind](const FakeRequest&) {
            using Ending = FakeReply::Ending;
            switch (kind) {
            case 0:
                return FakeReply{{}, Ending::Reset};
            case 1:
                return FakeReply{{}, Ending::Close};
            case 2:
                return FakeReply{{{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 0}},
                                 Ending::Close};
            case 3: {
                FakeReply reply = fakeStream({"a", "b"}, 0);
                reply.pieces.pop_back();
                reply.ending = Ending::Reset;
                return reply;
            }
            default:
                return FakeReply{{{"\x01\x02 what is this\r\n\r\n", 0}}, Ending::Close};
            }
        });
        HttpClient client;
        Inbox inbox;
        client.send(post(server.url("/"), "{}"), inbox.slot());
        const Result& result = inbox.wait(1).front();
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().code, base::ErrorCode::Network);
        QVERIFY(result.error().retryable);
        QVERIFY(!result.error().message.empty());
    }

    void refusedAndMalformed_data() {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<int>("code");
        QTest::newRow("refused") << QByteArray("http://127.0.0.1:1/")
                                 << static_cast<int>(base::ErrorCode::Network);
        QTest::newRow("no scheme we speak")
            << QByteArray("ftp://127.0.0.1/") << static_cast<int>(base::ErrorCode::Invalid);
        QTest::newRow("file") << QByteArray("file:///etc/passwd")
                              << static_cast<int>(base::ErrorCode::Invalid);
        QTest::newRow("empty") << QByteArray("") << static_cast<int>(base::ErrorCode::Invalid);
    }
    void refusedAndMalformed() {
        QFETCH(QByteArray, url);
        QFETCH(int, code);
        HttpClient client;
        Inbox inbox;
        client.send(fetch(url.toStdString()), inbox.slot());
        const Result& result = inbox.wait(1).front();
        QVERIFY(!result.has_value());
        QCOMPARE(static_cast<int>(result.error().code), code);
        QVERIFY(!result.error().advice.empty());
    }

    void deadlines_data() {
        QTest::addColumn<bool>("headersFirst");
        QTest::addColumn<QByteArray>("word");
        QTest::newRow("no first byte") << false << QByteArray("no answer");
        QTest::newRow("stall") << true << QByteArray("stalled");
    }
    void deadlines() {
        QFETCH(bool, headersFirst);
        QFETCH(QByteArray, word);
        FakeHttpServer server([headersFirst](const FakeRequest&) {
            FakeReply reply;
            if (headersFirst) {
                reply.pieces.push_back({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx", 0});
            }
            reply.ending = FakeReply::Ending::Hang;
            return reply;
        });
        HttpClient client;
        Inbox inbox;
        HttpRequest request = fetch(server.url("/"));
        request.deadlines.firstByte = 200;
        request.deadlines.stall = 200;
        client.send(std::move(request), inbox.slot());
        const Result& result = inbox.wait(1).front();
        QVERIFY(!result.has_value());
        QVERIFY2(QByteArray::fromStdString(result.error().message).contains(word),
                 result.error().message.c_str());
        QVERIFY(result.error().retryable);
    }

    void cancelAndStop() {
        FakeHttpServer server([](const FakeRequest&) {
            return FakeReply{{}, FakeReply::Ending::Hang};
        });
        Inbox inbox;
        {
            HttpClient client;
            const HttpClient::RequestId id = client.send(fetch(server.url("/")), inbox.slot());
            client.send(fetch(server.url("/")), inbox.slot());
            client.cancel(id);
            client.cancel(id); // a second time does nothing
            QCOMPARE(inbox.wait(1).front().error().code, base::ErrorCode::Cancelled);
        } // the second request ends with the client
        QCOMPARE(inbox.wait(2).size(), std::size_t{2});
        QCOMPARE(inbox.wait(2).back().error().code, base::ErrorCode::Cancelled);
    }

    void aTooLargeAnswerIsCut() {
        FakeHttpServer server(
            [](const FakeRequest&) { return fakeAnswer(200, std::string(200'000, 'x')); });
        HttpClient client;
        Inbox inbox;
        HttpRequest request = fetch(server.url("/"));
        request.maxBodyBytes = 1000;
        client.send(std::move(request), inbox.slot());
        QCOMPARE(inbox.wait(1).front().error().code, base::ErrorCode::Limit);
    }
};

SCRIT_TEST(NetHttpTest)
#include "net_http_test.moc"
