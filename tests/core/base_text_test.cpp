// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/base/text.h"
#include "tests/support/test_program.h"

#include <QTest>

using namespace scrit::base;

namespace {

std::string bytes(const QByteArray& data) {
    return data.toStdString();
}

} // namespace

class BaseTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void visible_data() {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QByteArray>("visible");
        QTest::newRow("plain") << QByteArray("abc") << QByteArray("abc");
        QTest::newRow("valid two bytes") << QByteArray("\xC3\xA9") << QByteArray("\xC3\xA9");
        QTest::newRow("lone continuation") << QByteArray("a\x80z") << QByteArray("a\\x80z");
        QTest::newRow("cut sequence") << QByteArray("\xE2\x82") << QByteArray("\\xe2\\x82");
        QTest::newRow("overlong slash") << QByteArray("\xC0\xAF") << QByteArray("\\xc0\\xaf");
        QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << QByteArray("\\xed\\xa0\\x80");
        QTest::newRow("past the end of Unicode")
            << QByteArray("\xF4\x90\x80\x80") << QByteArray("\\xf4\\x90\\x80\\x80");
        QTest::newRow("nul") << QByteArray("a\0b", 3)
                             << QByteArray("a\xE2\x90\x80"
                                           "b");
    }
    void visible() {
        QFETCH(QByteArray, input);
        QFETCH(QByteArray, visible);
        QCOMPARE(makeVisibleUtf8(bytes(input)), bytes(visible));
        QVERIFY(isValidUtf8(makeVisibleUtf8(bytes(input))));
    }

    void terminal_data() {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QByteArray>("escaped");
        QTest::newRow("colour sequence") << QByteArray("\x1b[31mred") << QByteArray("\\x1b[31mred");
        QTest::newRow("newline and tab stay") << QByteArray("a\n\tb") << QByteArray("a\n\tb");
        QTest::newRow("carriage return") << QByteArray("safe\rfake") << QByteArray("safe\\x0dfake");
        QTest::newRow("right-to-left override") << QByteArray("\xE2\x80\xAE"
                                                              "txt")
                                                << QByteArray("\\u202etxt");
        QTest::newRow("isolate") << QByteArray("\xE2\x81\xA6") << QByteArray("\\u2066");
        QTest::newRow("C1 control") << QByteArray("\xC2\x9B"
                                                  "31m")
                                    << QByteArray("\\x9b31m");
        QTest::newRow("delete") << QByteArray("\x7f") << QByteArray("\\x7f");
    }
    void terminal() {
        QFETCH(QByteArray, input);
        QFETCH(QByteArray, escaped);
        QCOMPARE(escapeForTerminal(bytes(input)), bytes(escaped));
    }

    void excerpts_data() {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<int>("limit");
        QTest::addColumn<QByteArray>("result");
        QTest::newRow("short") << QByteArray("  a  b ") << 10 << QByteArray("a b");
        QTest::newRow("exact") << QByteArray("abcde") << 5 << QByteArray("abcde");
        QTest::newRow("cut") << QByteArray("abcdef") << 5 << QByteArray("abcde\xE2\x80\xA6");
        QTest::newRow("counts characters, not bytes") << QByteArray("\xC3\xA9\xC3\xA9\xC3\xA9") << 2
                                                      << QByteArray("\xC3\xA9\xC3\xA9\xE2\x80\xA6");
        QTest::newRow("empty") << QByteArray() << 3 << QByteArray();
    }
    void excerpts() {
        QFETCH(QByteArray, input);
        QFETCH(int, limit);
        QFETCH(QByteArray, result);
        QCOMPARE(excerpt(bytes(input), static_cast<std::size_t>(limit)), bytes(result));
    }

    void spans() {
        const std::string text = "  step one \n";
        QVERIFY(trimmed(text, Span{0, text.size()}) == (Span{2, 10}));
        QVERIFY(trimmed(std::string_view("   ")).empty());
        QVERIFY(startsWithNoCase("STEP 1", "step"));
        QVERIFY(!startsWithNoCase("ste", "step"));
    }

    void hashesAreStableAndPartsDoNotFlow() {
        // Part of the workspace format: a change here makes every stored item a stranger.
        QCOMPARE(contentHash({"problem", "2+2?"}), contentHash({"problem", "2+2?"}));
        QVERIFY(contentHash({"ab", "c"}) != contentHash({"a", "bc"}));
        QVERIFY(contentHash({"ab"}) != contentHash({"ab", ""}));
        QCOMPARE(contentHash({"problem", "2+2?"}).size(), std::size_t{32});
        Sha256 sha;
        sha.update("ab");
        sha.update("c");
        QCOMPARE(sha.hexDigest(), // FIPS 180-2, example B.1
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    void utf8Writer() {
        std::string out;
        for (const char32_t c : {U'a', U'\u00e9', U'\u20ac', U'\U0001F600'}) {
            appendUtf8(out, c);
        }
        QCOMPARE(out, std::string("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
    }
};

SCRIT_TEST(BaseTextTest)
#include "base_text_test.moc"
