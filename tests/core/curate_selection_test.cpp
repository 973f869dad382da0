// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/difficulty.h"
#include "core/curate/selection.h"
#include "core/curate/split.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <algorithm>
#include <random>

using namespace scrit;
using namespace scrit::curate;

namespace {

// "1c2" …: one candidate a word: rank, conclusion (c correct, i incorrect, - none), source and
// student as the last digit. Ids count from 1.
std::vector<Candidate> candidates(const char* words) {
    std::vector<Candidate> list;
    for (const QByteArray& word : QByteArray(words).split(' ')) {
        Candidate one;
        one.id = static_cast<std::int64_t>(list.size()) + 1;
        one.rank = static_cast<std::uint64_t>(word.at(0) - '0');
        one.conclusion = static_cast<std::int8_t>(word.at(1) == 'c'   ? 0
                                                  : word.at(1) == 'i' ? 1
                                                                      : -1);
        one.source = static_cast<std::uint32_t>(word.at(2) - '0');
        one.student = one.source;
        list.push_back(one);
    }
    return list;
}

QString ids(const std::vector<Candidate>& list) {
    QStringList text;
    for (const Candidate& one : list) {
        text << QString::number(one.id);
    }
    return text.join(QLatin1Char(' '));
}

} // namespace

class CurateSelectionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void caps_data() {
        QTest::addColumn<QByteArray>("words");
        QTest::addColumn<int>("most");
        QTest::addColumn<QString>("left");
        QTest::newRow("no cap") << QByteArray("1c1 2c1 3c2") << 0 << QStringLiteral("1 2 3");
        QTest::newRow("one each") << QByteArray("3c1 1c1 2c1 9c2") << 1 << QStringLiteral("2 4");
        QTest::newRow("two each, in order of id")
            << QByteArray("3c1 1c1 2c1 9c2") << 2 << QStringLiteral("2 3 4");
        QTest::newRow("equal ranks: the smaller id")
            << QByteArray("5c1 5c1 5c1") << 1 << QStringLiteral("1");
        QTest::newRow("more than there are") << QByteArray("5c1 4c2") << 9 << QStringLiteral("1 2");
    }
    void caps() {
        QFETCH(QByteArray, words);
        QFETCH(int, most);
        QFETCH(QString, left);
        for (const bool source : {true, false}) {
            std::vector<Candidate> list = candidates(words.constData());
            const std::size_t before = list.size();
            const std::uint64_t dropped =
                (source ? capPerSource : capPerStudent)(list, static_cast<std::uint64_t>(most));
            QCOMPARE(ids(list), left);
            QCOMPARE(dropped, before - list.size());
        }
    }

    void balances_data() {
        QTest::addColumn<QByteArray>("words");
        QTest::addColumn<QString>("ratio");
        QTest::addColumn<QString>("left");
        const QByteArray three("4c1 1c1 3c1 2i1 5i1");
        QTest::newRow("1:1") << three << QStringLiteral("1:1") << QStringLiteral("2 3 4 5");
        QTest::newRow("3:1") << three << QStringLiteral("3:1") << QStringLiteral("1 2 3 4");
        QTest::newRow("2:1") << three << QStringLiteral("2:1") << QStringLiteral("2 3 4");
        QTest::newRow("0:1") << three << QStringLiteral("0:1") << QStringLiteral("4 5");
        QTest::newRow("1:3 has no unit") << three << QStringLiteral("1:3") << QString();
        QTest::newRow("unsaid goes")
            << QByteArray("1c1 2-1 3i1") << QStringLiteral("1:1") << QStringLiteral("1 3");
        QTest::newRow("nothing") << QByteArray("1-1") << QStringLiteral("1:1") << QString();
    }
    void balances() {
        QFETCH(QByteArray, words);
        QFETCH(QString, ratio);
        QFETCH(QString, left);
        std::vector<Candidate> list = candidates(words.constData());
        const std::size_t before = list.size();
        const auto wanted = parseBalance(ratio.toStdString());
        QVERIFY(wanted);
        const std::uint64_t dropped = balance(list, *wanted);
        QCOMPARE(dropped, before - list.size());
        QCOMPARE(ids(list), left);
    }
    void balanceTexts() {
        for (const char* bad : {"", "1", ":", "1:", "a:b", "0:0", "-1:1", "1:1:1", "9999999:1"}) {
            QVERIFY2(!parseBalance(bad), bad);
        }
    }

    // Whatever the order in which candidates came, the same ones stay.
    void choiceDoesNotDependOnOrder() {
        std::mt19937 random(3);
        std::vector<Candidate> list;
        for (int i = 0; i < 300; ++i) {
            Candidate one;
            one.id = i + 1;
            one.rank = random();
            one.source = static_cast<std::uint32_t>(random() % 3);
            one.student = static_cast<std::uint32_t>(random() % 4);
            one.conclusion = static_cast<std::int8_t>(random() % 2);
            list.push_back(one);
        }
        const auto chosen = [](std::vector<Candidate> all) {
            capPerSource(all, 60);
            capPerStudent(all, 30);
            balance(all, {1, 1});
            std::sort(all.begin(), all.end(),
                      [](const auto& a, const auto& b) { return a.id < b.id; });
            return ids(all);
        };
        const QString before = chosen(list);
        std::shuffle(list.begin(), list.end(), random);
        QCOMPARE(chosen(list), before);
    }

    void pairs_data() {
        QTest::addColumn<QByteArray>(
            "words"); // rank, side (+ chosen, - rejected, . neither), group
        QTest::addColumn<int>("most");
        QTest::addColumn<QString>("expected");
        QTest::newRow("first with first")
            << QByteArray("2+1 1-1 1+1 5-1") << 0 << QStringLiteral("1-4 3-2");
        QTest::newRow("one of a group")
            << QByteArray("2+1 1-1 1+1 5-1") << 1 << QStringLiteral("3-2");
        QTest::newRow("fewer rejected") << QByteArray("2+1 1+1 7-1") << 0 << QStringLiteral("2-3");
        QTest::newRow("groups stay apart")
            << QByteArray("1+1 1-2 1+2 1-1") << 0 << QStringLiteral("1-4 3-2");
        QTest::newRow("no counterpart") << QByteArray("1+1 1+1 1-2") << 0 << QString();
        QTest::newRow("undecided") << QByteArray("1+1 1.1 1-1") << 0 << QStringLiteral("1-3");
    }
    void pairs() {
        QFETCH(QByteArray, words);
        QFETCH(int, most);
        QFETCH(QString, expected);
        std::vector<Candidate> list = candidates(words.constData());
        const QList<QByteArray> each = words.split(' ');
        for (std::size_t i = 0; i < list.size(); ++i) {
            const char side = each.at(static_cast<qsizetype>(i)).at(1);
            list[i].preferred = static_cast<std::int8_t>(side == '+' ? 1 : side == '-' ? 0 : -1);
            list[i].group = list[i].source;
        }
        QStringList found;
        for (const Pair& pair : makePairs(list, static_cast<std::uint64_t>(most))) {
            found << QStringLiteral("%1-%2").arg(pair.chosen).arg(pair.rejected);
        }
        QCOMPARE(found.join(QLatin1Char(' ')), expected);
    }

    void splits() {
        int counts[3] = {};
        for (int i = 0; i < 20'000; ++i) {
            const std::string key = "problem " + std::to_string(i);
            const std::string_view split = splitOfProblem(key, {0.2, 0.1}, 42);
            QCOMPARE(split, splitOfProblem(key, {0.2, 0.1}, 42));
            ++counts[split == "train" ? 0 : split == "validation" ? 1 : 2];
            // A test set stays one when a validation set is asked for as well, and when it grows.
            if (splitOfProblem(key, {0, 0.1}, 42) == "test") {
                QCOMPARE(split, std::string_view("test"));
                QCOMPARE(splitOfProblem(key, {0, 0.3}, 42), std::string_view("test"));
            }
        }
        QVERIFY(counts[1] > 3700 && counts[1] < 4300);
        QVERIFY(counts[2] > 1800 && counts[2] < 2200);
        QCOMPARE(splitOfProblem("a", {0, 0}, 1), std::string_view("train"));
        QCOMPARE(splitOfProblem("a", {1, 0}, 1), std::string_view("validation"));
        QCOMPARE(splitOfProblem("a", {0, 1}, 1), std::string_view("test"));
    }

    void orders() {
        QCOMPARE(orderKey(Order::Stored, 3, 99), orderKey(Order::Stored, 1, 5));
        QVERIFY(orderKey(Order::EasyFirst, 1, UINT64_MAX) < orderKey(Order::EasyFirst, 2, 0));
        QVERIFY(orderKey(Order::HardFirst, 2, UINT64_MAX) < orderKey(Order::HardFirst, 1, 0));
        QVERIFY(orderKey(Order::EasyFirst, 2, UINT64_MAX / 2) <
                orderKey(Order::EasyFirst, 2, UINT64_MAX));
        QCOMPARE(orderKey(Order::Random, 2, 17), std::uint64_t{17});
    }
};

SCRIT_TEST(CurateSelectionTest)
#include "curate_selection_test.moc"
