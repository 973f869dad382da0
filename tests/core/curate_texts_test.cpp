// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/word_hashes.h"
#include "core/critique/target_leaks.h"
#include "core/curate/duplicates.h"
#include "core/curate/overlap.h"
#include "core/curate/tokens.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <array>
#include <random>
#include <set>
#include <string>

using namespace scrit;
using namespace scrit::curate;

namespace {

std::string words(std::mt19937& random, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += (i > 0 ? " w" : "w") + std::to_string(random() % 5000);
    }
    return text;
}

// The Jaccard similarity of the sets of shingles, computed the plain way.
double trueSimilarity(const std::string& a, const std::string& b) {
    const auto shingles = [](const std::string& text) {
        std::set<std::uint64_t> set;
        const auto list = base::wordHashes(text);
        base::forEachGram(list, ShingleSketch::kShingleWords,
                          [&](std::uint64_t gram, std::size_t) { set.insert(gram); });
        return set;
    };
    const auto left = shingles(a);
    const auto right = shingles(b);
    std::size_t both = 0;
    for (const std::uint64_t gram : left) {
        both += right.contains(gram) ? 1 : 0;
    }
    return static_cast<double>(both) / static_cast<double>(left.size() + right.size() - both);
}

ShingleSketch sketch(std::string_view text) {
    const std::array<std::string_view, 1> texts{text};
    return ShingleSketch::of(texts);
}

} // namespace

class CurateTextsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wordsOfATextAreFound() {
        const std::string text = "The \\frac{1}{2} of x1, d\u00e9j\u00e0-vu";
        QStringList found;
        for (const base::WordHash& word : base::wordHashes(text)) {
            found << QString::fromStdString(std::string(base::slice(text, word.span))) +
                         (word.prose ? QStringLiteral("*") : QString());
        }
        QCOMPARE(found.join(QLatin1Char(' ')),
                 QString::fromUtf8("The* frac 1 2 of* x1 d\u00e9j\u00e0* vu*"));
        QCOMPARE(base::wordHashes("TOTAL")[0].hash, base::wordHashes("total")[0].hash);
        QVERIFY(base::wordHashes("total")[0].hash != base::wordHashes("totals")[0].hash);
        QVERIFY(base::wordHashes(" .,\n").empty());
    }

    void gramsRoll() {
        const auto list = base::wordHashes("a b c a b c d");
        std::vector<std::uint64_t> grams;
        base::forEachGram(list, 3, [&](std::uint64_t gram, std::size_t) { grams.push_back(gram); });
        QCOMPARE(grams.size(), std::size_t{5});
        QCOMPARE(grams[0], grams[3]); // a b c
        QCOMPARE(std::set<std::uint64_t>(grams.begin(), grams.end()).size(), std::size_t{4});
    }

    void exactDuplicates() {
        ExactSet set;
        for (std::uint64_t i = 0; i < 5000; ++i) {
            QVERIFY(set.add(i * 0x9e3779b97f4a7c15U));
        }
        for (std::uint64_t i = 0; i < 5000; ++i) {
            QVERIFY(!set.add(i * 0x9e3779b97f4a7c15U));
        }
        QCOMPARE(set.size(), std::size_t{5000});
    }

    void looseHashes_data() {
        QTest::addColumn<QString>("a");
        QTest::addColumn<QString>("b");
        QTest::addColumn<bool>("same");
        QTest::newRow("white space")
            << QStringLiteral(" a \n\n b ") << QStringLiteral("a b") << true;
        QTest::newRow("case") << QStringLiteral("Sum") << QStringLiteral("sum") << true;
        QTest::newRow("a digit") << QStringLiteral("a 1") << QStringLiteral("a 2") << false;
        QTest::newRow("punctuation") << QStringLiteral("a-1") << QStringLiteral("a+1") << false;
        QTest::newRow("joined") << QStringLiteral("a b") << QStringLiteral("ab") << false;
    }
    void looseHashes() {
        QFETCH(QString, a);
        QFETCH(QString, b);
        QFETCH(bool, same);
        const std::string left = a.toStdString();
        const std::string right = b.toStdString();
        const std::array<std::string_view, 1> one{left};
        const std::array<std::string_view, 1> two{right};
        QCOMPARE(looseHash(one) == looseHash(two), same);
        const std::array<std::string_view, 2> apart{"a", "b"};
        const std::array<std::string_view, 2> moved{"a b", ""};
        QVERIFY(looseHash(apart) != looseHash(moved));
    }

    // The estimate stays within four standard errors of the real similarity.
    void similarityIsEstimated_data() {
        QTest::addColumn<int>("changed");
        for (const int changed : {0, 2, 5, 10, 25, 60}) {
            QTest::addRow("%d of 300 words", changed) << changed;
        }
    }
    void similarityIsEstimated() {
        QFETCH(int, changed);
        std::mt19937 random(11);
        double error = 0;
        for (int round = 0; round < 20; ++round) {
            const std::string text = words(random, 300);
            QStringList list = QString::fromStdString(text).split(QLatin1Char(' '));
            for (int i = 0; i < changed; ++i) {
                list[i * 5] = QStringLiteral("other%1").arg(i);
            }
            const std::string other = list.join(QLatin1Char(' ')).toStdString();
            const double real = trueSimilarity(text, other);
            const double estimate = sketch(text).similarity(sketch(other));
            QVERIFY2(std::abs(real - estimate) < 4 * 0.045,
                     qPrintable(QStringLiteral("%1 against %2").arg(real).arg(estimate)));
            error += estimate - real;
        }
        QVERIFY2(std::abs(error / 20) < 0.03, qPrintable(QString::number(error / 20)));
    }

    void nearDuplicatesAreFound() {
        std::mt19937 random(5);
        NearSet set(0.8);
        std::vector<std::string> texts;
        for (int i = 0; i < 400; ++i) {
            texts.push_back(words(random, 200));
            QVERIFY(set.add(sketch(texts.back())));
        }
        int found = 0;
        for (const std::string& text : texts) { // one word in the middle: similarity about 0.95
            std::string changed = text;
            changed.replace(changed.size() / 2, 4, " new ");
            found += set.add(sketch(changed)) ? 0 : 1;
        }
        QVERIFY2(found >= 398, qPrintable(QString::number(found)));
        QVERIFY(set.add(sketch(words(random, 200))));
        QVERIFY(set.add(sketch("")));
        QVERIFY(set.add(sketch(""))); // nothing is like nothing
    }

    // A text that everything else begins with may not make the search slow or the set forgetful.
    void boilerplateDoesNoHarm() {
        std::mt19937 random(6);
        const std::string head = words(random, 120);
        NearSet set(0.9);
        for (int i = 0; i < 3000; ++i) {
            QVERIFY(set.add(sketch(head + " " + words(random, 100))));
        }
        QCOMPARE(set.size(), std::size_t{3000});
        const std::string again = head + " " + words(random, 100);
        QVERIFY(set.add(sketch(again)));
    }

    void overlaps_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected"); // what overlaps; empty: nothing
        const QString problem = QStringLiteral(
            "Anna has twelve red apples and gives four of them to her brother Ben. How many are "
            "left?");
        QTest::newRow("itself") << problem
                                << QStringLiteral("Anna has twelve red apples and gives four of "
                                                  "them to her brother");
        QTest::newRow("inside, other case and marks")
            << QStringLiteral("Given: ANNA has twelve, red apples; and gives four of them to her "
                              "brother!")
            << QStringLiteral("ANNA has twelve, red apples; and gives four of them to her "
                              "brother");
        QTest::newRow("twelve words in a row") << QStringLiteral("Anna has twelve red apples and "
                                                                 "gives four of them to her sister")
                                               << QString();
        QTest::newRow("other numbers")
            << QStringLiteral("Anna has 12 red apples and gives 4 of them to her brother Ben")
            << QString();
        QTest::newRow("a short one as a whole") << QStringLiteral("First, what is seven times "
                                                                  "eight plus one, then?")
                                                << QStringLiteral("what is seven times eight plus "
                                                                  "one");
        QTest::newRow("too short to protect") << QStringLiteral("Compute x.") << QString();
        QTest::newRow("empty") << QString() << QString();
    }
    void overlaps() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        GramSet set;
        set.protect("Anna has twelve red apples and gives four of them to her brother Ben. How "
                    "many are left?");
        set.protect("What is seven times eight plus one?");
        set.protect("Compute x.");
        set.finish();
        QCOMPARE(set.texts(), std::size_t{2});
        const std::string bytes = text.toStdString();
        const auto span = set.overlap(bytes);
        QCOMPARE(span ? QString::fromStdString(std::string(base::slice(bytes, *span))) : QString(),
                 expected);
    }

    void copies_data() {
        QTest::addColumn<QString>("target");
        QTest::addColumn<QString>("expected");
        QTest::newRow("own words")
            << QStringLiteral("Step 2 is wrong: the discount applies to the whole price.")
            << QString();
        const QString copied =
            QStringLiteral("Since the train leaves at noon, we first find the distance that it "
                           "covers in three hours");
        QTest::newRow("copied") << QStringLiteral("Note: ") + copied + QStringLiteral(". So no.")
                                << copied;
        QTest::newRow("eleven words")
            << QStringLiteral("Since the train leaves at noon, we first find the distance now")
            << QString();
        QTest::newRow("the problem says it, too")
            << QStringLiteral("A train leaves the station at noon and drives sixty miles in every "
                              "hour of its trip")
            << QString();
        QTest::newRow("a formula")
            << QStringLiteral("x = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 + 12") << QString();
    }
    void copies() {
        QFETCH(QString, target);
        QFETCH(QString, expected);
        critique::CopyDetector detector;
        detector.setTexts(
            "Since the train leaves at noon, we first find the distance that it covers in three "
            "hours. A train leaves the station at noon and drives sixty miles in every hour of "
            "its trip. x = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 + 12",
            "A train leaves the station at noon and drives sixty miles in every hour of its trip. "
            "How far does it go?",
            "It goes 100 miles.");
        const std::string bytes = target.toStdString();
        const auto spans = detector.copiedSpans(bytes);
        QCOMPARE(spans.empty()
                     ? QString()
                     : QString::fromStdString(std::string(base::slice(bytes, spans.front()))),
                 expected);
        QVERIFY(critique::CopyDetector().copiedSpans(bytes).empty());
    }

    void leaksOfATargetAreMarked() {
        const std::string reference =
            "We add the two numbers because the question asks for the sum of both of them together";
        const std::string target =
            "As the reference solution says, we add the two numbers because the question asks for "
            "the sum of both of them together.";
        const critique::TargetLeaks leaks =
            critique::targetLeaks(target, reference, "What is 1+1?", "It is 3.");
        QCOMPARE(leaks.mentions.size(), std::size_t{1});
        QCOMPARE(leaks.copies.size(), std::size_t{1});
        QVERIFY(base::slice(target, leaks.mentions[0]).find("reference solution") !=
                std::string_view::npos);
        QVERIFY(base::slice(target, leaks.copies[0]).starts_with("we add"));
        QVERIFY(critique::targetLeaks("All fine.", reference, "", "").empty());
    }

    void tokens_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("count");
        QTest::newRow("empty") << QString() << 0;
        QTest::newRow("words") << QStringLiteral("the quick fox") << 3;
        QTest::newRow("a long word") << QStringLiteral("contradictions") << 3;
        QTest::newRow("digits") << QStringLiteral("1234") << 4;
        QTest::newRow("marks") << QStringLiteral("a += ====\n\n\nb") << 6;
        QTest::newRow("other scripts") << QStringLiteral("\u4f60\u597d") << 2;
    }
    void tokens() {
        QFETCH(QString, text);
        QFETCH(int, count);
        QCOMPARE(static_cast<int>(approximateTokens(text.toStdString())), count);
    }
};

SCRIT_TEST(CurateTextsTest)
#include "curate_texts_test.moc"
