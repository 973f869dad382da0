// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/concurrency_window.h"
#include "tests/support/test_program.h"

#include <QTest>

using namespace scrit::loop;

namespace {

// A server that works on `capacity` requests at once and queues the rest: the time of a request
// grows with what is in flight. Feeds the window `answers` answers and returns its limit.
int settle(ConcurrencyWindow& window, int capacity, int answers) {
    for (int i = 0; i < answers; ++i) {
        const int inFlight = window.limit() - 1;
        const double queued =
            inFlight + 1 <= capacity ? 1.0 : static_cast<double>(inFlight + 1) / capacity;
        window.succeeded(queued, 0, inFlight);
    }
    return window.limit();
}

} // namespace

class LoopConcurrencyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void growsWhileLatencyHolds() {
        ConcurrencyWindow window({4, 512, 2.0});
        QCOMPARE(window.limit(), 4);
        QCOMPARE(settle(window, 100'000, 2000), 512);
    }

    void aQueueingServerIsNotFlooded() {
        ConcurrencyWindow window({4, 512, 2.0});
        const int limit = settle(window, 32, 50'000);
        QVERIFY2(limit >= 32 && limit <= 110, qPrintable(QString::number(limit)));
    }

    void refusalsHalveOncePerSecond() {
        ConcurrencyWindow window({64, 512, 2.0});
        for (int i = 0; i < 64; ++i) { // one overload refuses the whole window
            window.overloaded(10'000 + i);
        }
        QCOMPARE(window.limit(), 32);
        window.overloaded(12'000);
        QCOMPARE(window.limit(), 16);
        for (int i = 0; i < 20; ++i) {
            window.overloaded(20'000 + i * 2000);
        }
        QCOMPARE(window.limit(), 1); // never nothing
        QVERIFY(settle(window, 1000, 200) > 1);
    }

    void aHalfEmptyWindowDoesNotGrow() {
        ConcurrencyWindow window({8, 512, 2.0});
        for (int i = 0; i < 100; ++i) {
            window.succeeded(1, 10, 2);
        }
        QCOMPARE(window.limit(), 8);
    }

    void longAnswersAreNotALoad() {
        ConcurrencyWindow window({4, 64, 2.0});
        for (int i = 0; i < 1000; ++i) { // later answers are ten times as long, at the same speed
            const std::int64_t tokens = i < 500 ? 100 : 1000;
            window.succeeded(static_cast<double>(tokens) / 50, tokens, window.limit() - 1);
        }
        QCOMPARE(window.limit(), 64);
    }

    void ratesAreKept() {
        RateLimit limit(100);
        QCOMPARE(limit.waitMillis(0, 60), std::int64_t{0});
        limit.spend(0, 60);
        QCOMPARE(limit.waitMillis(1000, 40), std::int64_t{0});
        limit.spend(1000, 40);
        QCOMPARE(limit.waitMillis(2000, 1),
                 std::int64_t{58'000}); // until the first 60 are a minute old
        QCOMPARE(limit.waitMillis(2000, 70), std::int64_t{59'000}); // and until the 40 are
        QCOMPARE(limit.waitMillis(60'000, 60), std::int64_t{0});
        limit.spend(60'000, 60);
        QCOMPARE(limit.waitMillis(60'500, 1), std::int64_t{500});
        QCOMPARE(limit.waitMillis(200'000, 5000),
                 std::int64_t{0}); // more than a minute's worth goes alone
        QCOMPARE(RateLimit(0).waitMillis(0, 1'000'000), std::int64_t{0});
    }
};

SCRIT_TEST(LoopConcurrencyTest)
#include "loop_concurrency_test.moc"
