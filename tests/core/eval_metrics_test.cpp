// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/confidence_critique.h"
#include "core/eval/critique_correct.h"
#include "core/eval/error_identification.h"
#include "core/eval/intervals.h"

#include <QTest>

#include <cmath>

using namespace scrit::eval;

namespace {

bool near(double a, double b, double tolerance = 5e-5) {
    return std::abs(a - b) <= tolerance;
}

IdentificationItem item(const char* dataset, int gold, std::optional<int> predicted,
                        std::optional<bool> corrected = std::nullopt) {
    return {dataset, gold, predicted, corrected};
}

} // namespace

class EvalMetricsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine
    // 17 (1998), table I, method 3.
    void wilsonEqualsPublishedExamples_data() {
        QTest::addColumn<int>("successes");
        QTest::addColumn<int>("n");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::newRow("81/263") << 81 << 263 << 0.2553 << 0.3662;
        QTest::newRow("15/148") << 15 << 148 << 0.0624 << 0.1605;
        QTest::newRow("0/20") << 0 << 20 << 0.0 << 0.1611;
        QTest::newRow("1/29") << 1 << 29 << 0.0061 << 0.1718;
        QTest::newRow("nothing seen") << 0 << 0 << 0.0 << 1.0;
    }
    void wilsonEqualsPublishedExamples() {
        QFETCH(int, successes);
        QFETCH(int, n);
        QFETCH(double, low);
        QFETCH(double, high);
        const Interval interval = wilson(successes, n);
        QVERIFY2(near(interval.low, low) && near(interval.high, high),
                 qPrintable(QStringLiteral("%1 %2").arg(interval.low).arg(interval.high)));
    }

    void theSampleSizeGivesTheWidth() {
        for (const auto& [successes, n, width] :
             {std::tuple{0, 0, 0.05}, {45, 50, 0.05}, {10, 40, 0.03}, {0, 10, 0.02}}) {
            const std::int64_t more = moreForHalfWidth(successes, n, width);
            QVERIFY(more > 0);
            const double p = n > 0 ? static_cast<double>(successes) / n : 0.5;
            const auto half = [&](std::int64_t size) {
                const double s = static_cast<double>(size);
                return kZ95 / (1 + kZ95 * kZ95 / s) *
                       std::sqrt(p * (1 - p) / s + kZ95 * kZ95 / (4 * s * s));
            };
            QVERIFY(half(n + more) <= width);
            QVERIFY(n + more == 1 || half(n + more - 1) > width); // and no fewer would do
        }
        QCOMPARE(moreForHalfWidth(500, 1000, 0.05), std::int64_t{0});
    }

    void bootstrapIsRepeatableAndCovers() {
        std::vector<double> values;
        for (int i = 0; i < 400; ++i) {
            values.push_back(i % 4 == 0 ? 1 : 0); // mean 0.25, standard error 0.0217
        }
        const Statistic mean = [&](std::span<const std::size_t> sample) -> std::optional<double> {
            double sum = 0;
            for (const std::size_t i : sample) {
                sum += values[i];
            }
            return sum / static_cast<double>(sample.size());
        };
        const auto first = bootstrap(values.size(), mean, 7);
        const auto again = bootstrap(values.size(), mean, 7);
        QVERIFY(first && again);
        QCOMPARE(first->low, again->low);
        QVERIFY(near(first->low, 0.25 - 1.96 * 0.02165, 0.006));
        QVERIFY(near(first->high, 0.25 + 1.96 * 0.02165, 0.006));
        QVERIFY(!bootstrap(0, mean, 7));

        const Statistic shifted =
            [&](std::span<const std::size_t> sample) -> std::optional<double> {
            return *mean(sample) + 0.1;
        };
        const auto difference = pairedBootstrap(values.size(), mean, shifted, 7);
        QVERIFY(difference && difference->significant);
        QVERIFY(near(difference->interval.low, 0.1, 1e-9)); // pairing removes the common noise
        const auto same = pairedBootstrap(values.size(), mean, mean, 7);
        QVERIFY(same && !same->significant);
    }

    void hits_data() {
        QTest::addColumn<int>("gold");
        QTest::addColumn<int>("predicted"); // −9: missing
        QTest::addColumn<int>("corrected"); // −1: no correction
        QTest::addColumn<bool>("strict");
        QTest::addColumn<bool>("scrit");
        QTest::newRow("exact, corrected") << 2 << 2 << 1 << true << true;
        QTest::newRow("exact, not corrected") << 2 << 2 << 0 << true << false;
        QTest::newRow("exact, no correction") << 2 << 2 << -1 << true << false;
        QTest::newRow("one early") << 2 << 1 << 1 << false << true;
        QTest::newRow("one late") << 2 << 3 << 1 << false << true;
        QTest::newRow("two late") << 2 << 4 << 1 << false << false;
        QTest::newRow("step 0 called fine") << 0 << -1 << 1 << false << false;
        QTest::newRow("missing") << 2 << -9 << 1 << false << false;
        QTest::newRow("right solution approved") << -1 << -1 << -1 << true << true;
        QTest::newRow("right solution rejected") << -1 << 0 << 1 << false << false;
    }
    void hits() {
        QFETCH(int, gold);
        QFETCH(int, predicted);
        QFETCH(int, corrected);
        QFETCH(bool, strict);
        QFETCH(bool, scrit);
        const IdentificationItem judged =
            item("x", gold, predicted == -9 ? std::nullopt : std::optional(predicted),
                 corrected < 0 ? std::nullopt : std::optional(corrected == 1));
        QCOMPARE(isHit(judged, IdentificationProtocol::Strict), strict);
        QCOMPARE(isHit(judged, IdentificationProtocol::Scrit), scrit);
    }

    void identificationByHand() {
        // gsm8k: 2 of 4 erroneous found, 3 of 4 right approved: F1 = 2·0.5·0.75/1.25 = 0.6
        std::vector<IdentificationItem> items = {
            item("gsm8k", 1, 1),   item("gsm8k", 0, 0),
            item("gsm8k", 2, 3),   item("gsm8k", 3, std::nullopt),
            item("gsm8k", -1, -1), item("gsm8k", -1, -1),
            item("gsm8k", -1, -1), item("gsm8k", -1, 2),
            item("math", 1, -1),   item("math", -1, 0),
            item("only", 4, 4)};
        const auto scores = scoreIdentification(items, IdentificationProtocol::Strict);
        QCOMPARE(scores.size(), std::size_t{4});
        QCOMPARE(scores[0].dataset, std::string("gsm8k"));
        QVERIFY(near(*scores[0].f1, 0.6, 1e-12));
        QCOMPARE(scores[0].missing, std::int64_t{1});
        QVERIFY(scores[0].f1Interval && scores[0].f1Interval->low < 0.6 &&
                scores[0].f1Interval->high > 0.6);
        QCOMPARE(*scores[1].f1, 0.0); // a + b = 0 is guarded
        QVERIFY(!scores[2].f1);       // no right solution to approve: no F1 is made up
        QVERIFY(near(*scores[2].erroneousAccuracy, 1.0));
        QCOMPARE(scores[3].erroneous, std::int64_t{6});
        QCOMPARE(scores[3].erroneousHits, std::int64_t{3});
    }

    void majority() {
        using Votes = std::vector<std::optional<int>>;
        QCOMPARE(majorityStep(Votes{1, 2, 2}), std::optional(2));
        QCOMPARE(majorityStep(Votes{3, 1}), std::optional(3)); // the earlier one wins a tie
        QCOMPARE(majorityStep(Votes{std::nullopt, std::nullopt, -1}), std::optional(-1));
        QCOMPARE(majorityStep(Votes{std::nullopt}), std::optional<int>());
    }

    void correctionsByHand() {
        std::vector<CorrectionItem> items = {
            {"a", true, true},   {"a", true, false}, {"a", false, true}, {"a", false, std::nullopt},
            {"b", false, false}, {"b", false, true}, {"b", false, true}, {"b", false, true}};
        const auto scores = scoreCorrections(items);
        QCOMPARE(scores.size(), std::size_t{3});
        QVERIFY(near(*scores[0].accuracy, 0.5));
        QVERIFY(near(*scores[0].correctToCorrect, 0.5));
        QVERIFY(near(*scores[0].correctToIncorrect, 0.5));
        QVERIFY(near(*scores[0].incorrectToCorrect, 0.5));
        QCOMPARE(scores[0].missing, std::int64_t{1});
        QVERIFY(near(*scores[1].accuracy, 0.75));
        QVERIFY(!scores[1].correctToCorrect); // nothing was right before
        QVERIFY(near(*scores[1].incorrectToIncorrect, 0.25));
        QVERIFY(near(*scores[2].accuracy, 0.625)); // macro mean, not 5/8 by accident: see below
        items.push_back({"b", false, true});
        QVERIFY(near(*scoreCorrections(items)[2].accuracy, (0.5 + 0.8) / 2));
        QVERIFY(scoreCorrections(items)[2].interval.has_value());
        QVERIFY(!scoreCorrections({})[0].accuracy);
    }

    void confidenceAndCritiqueByHand() {
        // Two questions, four samples each. P_a = 3/4, 1/4; P_b = 2/3, 1; P_c = 1, 1/3.
        const std::vector<QuestionCounts> questions = {{3, 1, 2, 1}, {1, 3, 1, 1}};
        const ConfidenceCritiqueScore score = scoreConfidenceCritique(questions);
        QVERIFY(near(*score.acc1, 0.5));
        QVERIFY(near(*score.acc2, 0.625));      // (0.5+0.25 + 0.25+0.25)/2
        QVERIFY(near(*score.confidence, 0.75)); // (0.5+0.25)/1
        QVERIFY(near(*score.critique, 0.5));    // (0.25+0.25)/1
        QVERIFY(near(*score.relative, (0.625 - 0.25) / 0.5));
        const std::vector<QuestionCounts> allRight = {{4, 0, 4, 0}};
        const ConfidenceCritiqueScore edge = scoreConfidenceCritique(allRight);
        QVERIFY(edge.confidence && !edge.critique && !edge.relative);
        QVERIFY(!scoreConfidenceCritique({}).acc1);
    }
};

QTEST_GUILESS_MAIN(EvalMetricsTest)
#include "eval_metrics_test.moc"
