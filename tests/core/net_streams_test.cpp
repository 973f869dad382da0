// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/backoff.h"
#include "core/net/server_sent_events.h"
#include "tests/support/test_program.h"

#include <QTest>

using namespace scrit::net;

class NetStreamsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void events_data() {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<QStringList>("events");
        QTest::newRow("one") << QByteArray("data: a\n\n") << QStringList{"a"};
        QTest::newRow("no space") << QByteArray("data:a\n\n") << QStringList{"a"};
        QTest::newRow("two spaces keep one") << QByteArray("data:  a\n\n") << QStringList{" a"};
        QTest::newRow("lines join") << QByteArray("data: a\ndata: b\n\n") << QStringList{"a\nb"};
        QTest::newRow("CRLF") << QByteArray("data: a\r\n\r\ndata: b\r\n\r\n")
                              << QStringList{"a", "b"};
        QTest::newRow("CR alone") << QByteArray("data: a\r\rdata: b\r\r") << QStringList{"a", "b"};
        QTest::newRow("keep-alive comment")
            << QByteArray(": ping\n\ndata: a\n\n:\n\n") << QStringList{"a"};
        QTest::newRow("byte-order mark") << QByteArray("\xEF\xBB\xBF"
                                                       "data: a\n\n")
                                         << QStringList{"a"};
        QTest::newRow("ids and unknown fields")
            << QByteArray("id: 7\nid: 7\nretry: 5\nfoo: x\ndata: a\n\n") << QStringList{"a"};
        QTest::newRow("event without data")
            << QByteArray("event: ping\n\ndata: a\n\n") << QStringList{"a"};
        QTest::newRow("empty data counts") << QByteArray("data\n\n") << QStringList{""};
        QTest::newRow("no final blank line")
            << QByteArray("data: a\n\ndata: [DONE]") << QStringList{"a", "[DONE]"};
        QTest::newRow("nothing") << QByteArray() << QStringList{};
    }
    void events() {
        QFETCH(QByteArray, stream);
        QFETCH(QStringList, events);
        // However the network cuts it, the events are the same.
        for (int piece = 1; piece <= qMax<int>(1, static_cast<int>(stream.size())); ++piece) {
            QStringList seen;
            ServerSentEventParser parser(
                [&](ServerSentEvent&& event) { seen << QString::fromStdString(event.data); });
            for (int at = 0; at < stream.size(); at += piece) {
                QVERIFY(parser.feed(stream.mid(at, piece).toStdString()));
            }
            parser.finish();
            QCOMPARE(seen, events);
        }
    }

    void aBoundlessEventIsGivenUp() {
        int events = 0;
        ServerSentEventParser parser([&](ServerSentEvent&&) { ++events; }, 100);
        QVERIFY(parser.feed("data: " + std::string(50, 'x') + "\n"));
        QVERIFY(!parser.feed("data: " + std::string(60, 'x') + "\n\n"));
        QVERIFY(!parser.feed("data: a\n\n"));
        QVERIFY(!parser.finish());
        QCOMPARE(events, 0);
    }

    void waits_data() {
        QTest::addColumn<QByteArray>("retryAfter");
        QTest::addColumn<QByteArray>("date");
        QTest::addColumn<qint64>("millis"); // −1: nothing
        QTest::newRow("seconds") << QByteArray("2") << QByteArray() << qint64{2000};
        QTest::newRow("fraction") << QByteArray(" 0.5 ") << QByteArray() << qint64{500};
        QTest::newRow("negative") << QByteArray("-1") << QByteArray() << qint64{-1};
        QTest::newRow("words") << QByteArray("soon") << QByteArray() << qint64{-1};
        QTest::newRow("nan") << QByteArray("nan") << QByteArray() << qint64{-1};
        QTest::newRow("huge") << QByteArray("1e300") << QByteArray() << qint64{3'600'000};
        QTest::newRow("date by our clock")
            << QByteArray("Thu, 01 Jan 1970 00:00:10 GMT") << QByteArray() << qint64{10'000};
        QTest::newRow("date by the server's skewed clock")
            << QByteArray("Fri, 02 Jan 2099 00:00:05 GMT")
            << QByteArray("Fri, 02 Jan 2099 00:00:00 GMT") << qint64{5000};
        QTest::newRow("date in the past")
            << QByteArray("Thu, 01 Jan 1970 00:00:00 GMT")
            << QByteArray("Fri, 02 Jan 1970 00:00:00 GMT") << qint64{0};
        QTest::newRow("empty") << QByteArray() << QByteArray() << qint64{-1};
    }
    void waits() {
        QFETCH(QByteArray, retryAfter);
        QFETCH(QByteArray, date);
        QFETCH(qint64, millis);
        const auto wait = retryAfterMillis(retryAfter.toStdString(), date.toStdString(), 0);
        QCOMPARE(wait.value_or(-1), millis);
    }

    void backoffGrowsAndStaysBounded() {
        for (int attempt = 1; attempt < 100; ++attempt) {
            for (const std::uint64_t random :
                 {std::uint64_t{0}, std::uint64_t{12345}, ~std::uint64_t{0}}) {
                const std::int64_t wait = backoffMillis(attempt, random);
                QVERIFY(wait >= 50 && wait <= 60'000);
            }
        }
        QVERIFY(backoffMillis(1, 500) <= 500);
        QCOMPARE(backoffMillis(4, 4000), std::int64_t{4000}); // 500 · 2^3 is the ceiling
    }
};

SCRIT_TEST(NetStreamsTest)
#include "net_streams_test.moc"
