// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/comparison.h"
#include "core/eval/confidence_critique.h"
#include "core/eval/critique_correct.h"
#include "core/eval/error_identification.h"
#include "core/eval/intervals.h"
#include "core/eval/resampling.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>

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

// The largest difference between two empirical distributions (Kolmogorov–Smirnov).
namespace {

double distance(std::vector<double> a, std::vector<double> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    double largest = 0;
    for (const std::vector<double>* side : {&a, &b}) {
        for (const double x : *side) {
            const auto share = [x](const std::vector<double>& all) {
                return static_cast<double>(std::upper_bound(all.begin(), all.end(), x) -
                                           all.begin()) /
                       static_cast<double>(all.size());
            };
            largest = std::max(largest, std::abs(share(a) - share(b)));
        }
    }
    return largest;
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
                const auto s = static_cast<double>(size);
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

    // Against n single draws of the same probability: 5 % critical value of the statistic for 4000
    // and 4000 values is 1.36·√(2/4000) = 0.0304.
    void binomialsAreThoseOfSingleDraws_data() {
        QTest::addColumn<int>("n");
        QTest::addColumn<int>("part");
        QTest::addColumn<int>("whole");
        QTest::newRow("half") << 40 << 1 << 2;
        QTest::newRow("third") << 100 << 1 << 3;
        QTest::newRow("rare") << 500 << 3 << 700;
        QTest::newRow("often") << 130 << 62 << 67;
        QTest::newRow("one draw") << 1 << 2 << 7;
    }
    void binomialsAreThoseOfSingleDraws() {
        QFETCH(int, n);
        QFETCH(int, part);
        QFETCH(int, whole);
        Random random(11);
        std::vector<double> drawn;
        std::vector<double> counted;
        for (int i = 0; i < 4000; ++i) {
            drawn.push_back(static_cast<double>(drawBinomial(n, part, whole, random)));
            int hits = 0;
            for (int k = 0; k < n; ++k) {
                hits +=
                    random.below(static_cast<std::size_t>(whole)) < static_cast<std::size_t>(part)
                        ? 1
                        : 0;
            }
            counted.push_back(hits);
        }
        QVERIFY2(distance(drawn, counted) < 0.031,
                 qPrintable(QString::number(distance(drawn, counted))));
        QCOMPARE(drawBinomial(50, 0, 3, random), std::int64_t{0});
        QCOMPARE(drawBinomial(50, 3, 3, random), std::int64_t{50});
        QCOMPARE(drawBinomial(0, 1, 3, random), std::int64_t{0});
    }

    // The joint distribution of counts: each pattern of 3 draws from cells of 2, 1 and 3 items has
    // its multinomial probability.
    void cellsAreDrawnAsItemsAre() {
        const std::vector<std::int64_t> cells{2, 1, 3};
        Random random(5);
        std::map<std::vector<std::int64_t>, int> seen;
        constexpr int kDraws = 60'000;
        std::vector<std::int64_t> drawn(3);
        for (int i = 0; i < kDraws; ++i) {
            drawCells(cells, drawn, random);
            QCOMPARE(drawn[0] + drawn[1] + drawn[2], std::int64_t{6});
            seen[drawn] += 1;
        }
        const auto factorial = [](std::int64_t n) {
            return std::tgamma(static_cast<double>(n) + 1);
        };
        for (const auto& [counts, times] : seen) {
            double p = factorial(6);
            for (std::size_t i = 0; i < 3; ++i) {
                p *= std::pow(static_cast<double>(cells[i]) / 6, static_cast<double>(counts[i])) /
                     factorial(counts[i]);
            }
            const double sd = std::sqrt(p * (1 - p) * kDraws);
            QVERIFY2(std::abs(times - p * kDraws) < 5 * sd + 1,
                     qPrintable(QStringLiteral("%1 of %2").arg(times).arg(p * kDraws)));
        }
        QCOMPARE(seen.size(), std::size_t{28}); // all patterns of 6 over 3 cells
    }

    // Counting instead of resampling items gives the same distribution of F1, and so the same
    // interval up to the noise of 2000 resamples.
    void countsGiveTheIntervalOfItems() {
        std::vector<IdentificationItem> items;
        for (int i = 0; i < 90; ++i) {
            items.push_back(item("x", i % 3 == 0 ? 1 : -1, i % 5 == 0 ? 4 : (i % 3 == 0 ? 1 : -1)));
        }
        const auto f1Of = [&](std::span<const std::size_t> sample) {
            std::vector<IdentificationItem> drawn;
            for (const std::size_t i : sample) {
                drawn.push_back(items[i]);
            }
            std::int64_t n[2] = {0, 0};
            std::int64_t hits[2] = {0, 0};
            for (const IdentificationItem& one : drawn) {
                const int kind = one.goldStep == -1 ? 1 : 0;
                n[kind] += 1;
                hits[kind] += one.predictedStep == one.goldStep ? 1 : 0;
            }
            return identificationF1(hits[0], n[0], hits[1], n[1]);
        };
        const auto naive = bootstrap(items.size(), f1Of, 3);
        const auto counted = scoreIdentification(items, IdentificationProtocol::Strict, 3);
        QVERIFY(naive && counted.back().f1Interval);
        QVERIFY2(near(naive->low, counted.back().f1Interval->low, 0.015) &&
                     near(naive->high, counted.back().f1Interval->high, 0.015),
                 qPrintable(QStringLiteral("%1 %2, %3 %4")
                                .arg(naive->low)
                                .arg(naive->high)
                                .arg(counted.back().f1Interval->low)
                                .arg(counted.back().f1Interval->high)));
        // The same seed, the same interval; nothing to draw from, none.
        QCOMPARE(
            scoreIdentification(items, IdentificationProtocol::Strict, 3).back().f1Interval->low,
            counted.back().f1Interval->low);
        QVERIFY(!bootstrapCells(
                     {}, 1, [](auto, auto) {}, 1)
                     .front());
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
        QVERIFY(!scoreCorrections({})[0].accuracy && !scoreCorrections({})[0].interval);
        // 7 of 7 is no certainty, and the row of one data set and that of all say the same.
        const std::vector<CorrectionItem> right(7, {"a", false, true});
        const auto sure = scoreCorrections(right);
        QVERIFY(near(sure[0].interval->low, 0.64567, 1e-5)); // 1 / (1 + z² / 7)
        QCOMPARE(sure[1].interval->low, sure[0].interval->low);
        QCOMPARE(sure[1].interval->high, 1.0);
    }

    // Rates 2/4 and 9/10: Wilson's limits are 0.1500, 0.8500 and 0.5958, 0.9821.
    void meanOfRatesByHand() {
        const std::vector<Proportion> rates{{2, 4}, {9, 10}, {0, 0}};
        const auto interval = meanOfRates(rates);
        QVERIFY(interval);
        QVERIFY(near(interval->low, (1.4 - std::hypot(0.5 - 0.15004, 0.9 - 0.59585)) / 2, 1e-4));
        QVERIFY(near(interval->high, (1.4 + std::hypot(0.84996 - 0.5, 0.98212 - 0.9)) / 2, 1e-4));
        const std::vector<Proportion> one{{3, 9}};
        QCOMPARE(meanOfRates(one)->low, wilson(3, 9).low);
        QCOMPARE(meanOfRates(one)->high, wilson(3, 9).high);
        QVERIFY(!meanOfRates({}));
    }

    // Where each resample is like the items, the interval still says how few they are.
    void fewItemsAreNoCertainty() {
        std::vector<IdentificationItem> items;
        for (int i = 0; i < 6; ++i) {
            IdentificationItem& item = items.emplace_back();
            item.dataset = "a";
            item.goldStep = i % 2 == 0 ? 1 : scrit::model::kNoError;
            item.predictedStep = item.goldStep;
        }
        const auto score = scoreIdentification(items, IdentificationProtocol::Strict, 1).front();
        QCOMPARE(score.f1, std::optional(1.0));
        const double limit = wilson(3, 3).low;
        const double half = 2 * limit / (1 + limit);
        QVERIFY(near(score.f1Interval->low, 1 - std::hypot(1 - half, 1 - half)));
        QCOMPARE(score.f1Interval->high, 1.0);

        const std::vector<QuestionCounts> kept(5, {1, 0, 1, 0});
        const auto intervals = confidenceCritiqueIntervals(kept, 1);
        QCOMPARE(intervals[2]->low, wilson(5, 5).low); // CL
        QVERIFY(!intervals[3] && !intervals[4]);       // nothing was wrong before
    }

    // a: kept 1 of 2, mended 1 of 2; b: 0 of 1 kept, 3 of 4 mended: (0.5 + 0.375) / 2.
    void balancedCorrectionsByHand() {
        const std::vector<CorrectionItem> items = {
            {"a", true, true},   {"a", true, false}, {"a", false, true}, {"a", false, std::nullopt},
            {"b", true, false},  {"b", false, true}, {"b", false, true}, {"b", false, true},
            {"b", false, false}, {"c", false, true}};
        const auto scores = scoreBalanced(items);
        QCOMPARE(scores.size(), std::size_t{4});
        QVERIFY(near(*scores[0].value, 0.5));
        QVERIFY(near(*scores[1].value, 0.375));
        QVERIFY(!scores[2].value); // nothing right before: no balance is made up
        QVERIFY(near(*scores[3].value, 0.4375));
        QCOMPARE(scores[3].n, std::int64_t{10});
        QVERIFY(scores[3].interval && scores[3].interval->low < 0.4375);
        QVERIFY(!scoreBalanced({}).back().value);
    }

    void changesByHand() {
        // Wrong solutions: 1 kept hit, 1 fixed, 1 broken, 1 never; right ones: 2 kept, 1 fixed.
        std::vector<PairedItem> items = {{"a", true, true, true},  {"a", true, false, true},
                                         {"a", true, true, false}, {"a", true, false, false},
                                         {"a", false, true, true}, {"a", false, true, true},
                                         {"a", false, false, true}};
        const auto scores = compareIdentification(items, 1);
        QCOMPARE(scores.size(), std::size_t{6}); // three metrics of "a", then of all
        QCOMPARE(scores[0].metric, std::string_view("f1"));
        QVERIFY(near(scores[0].before, 2 * 0.5 * (2.0 / 3) / (0.5 + 2.0 / 3)));
        QVERIFY(near(scores[0].after, 2 * 0.5 * 1 / 1.5));
        QCOMPARE(scores[1].n, std::int64_t{4});
        QVERIFY(near(scores[1].before, 0.5) && near(scores[1].after, 0.5));
        QVERIFY(!scores[0].significant);
        QVERIFY(scores[3].dataset.empty());
        // All the same: the interval is a point at zero, which is not significant.
        for (PairedItem& one : items) {
            one.after = one.before;
        }
        const auto same = compareCorrections(items, 1);
        QCOMPARE(same[0].metric, std::string_view("cc_acc"));
        QCOMPARE(same[0].interval.low, 0.0);
        QCOMPARE(same[0].interval.high, 0.0);
        QVERIFY(!same[0].significant);
        // Everything got right: significant.
        std::vector<PairedItem> better;
        for (int i = 0; i < 40; ++i) {
            better.push_back({i % 2 == 0 ? "a" : "b", true, i % 4 == 0, true});
        }
        const auto all = compareCorrections(better, 1);
        const auto macro = std::find_if(all.begin(), all.end(), [](const PairedScore& score) {
            return score.dataset.empty() && score.metric == "cc_acc";
        });
        QVERIFY(macro != all.end() && macro->significant);
        QVERIFY(near(macro->before, 0.25)); // mean of 10/20 and 0/20
        QVERIFY(compareCorrections({}, 1).empty());
        // A class is missing: metrics that need it are not there.
        QVERIFY(std::none_of(all.begin(), all.end(),
                             [](const PairedScore& score) { return score.metric == "c_to_c"; }));
    }

    void changesOfQuestions() {
        const std::vector<PairedQuestion> questions = {{{3, 1, 2, 1}, {3, 1, 3, 1}},
                                                       {{1, 3, 1, 1}, {1, 3, 1, 3}}};
        const auto scores = compareConfidence(questions, 2);
        const auto of = [&](std::string_view metric) {
            return *std::find_if(scores.begin(), scores.end(),
                                 [&](const PairedScore& score) { return score.metric == metric; });
        };
        QVERIFY(near(of("cl").before, 0.75) && near(of("cl").after, 1.0));
        QVERIFY(near(of("cs").before, 0.5) && near(of("cs").after, 1.0));
        QCOMPARE(of("acc2").n, std::int64_t{2});
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
        const auto intervals = confidenceCritiqueIntervals(questions, 4);
        QVERIFY(intervals[0] && intervals[0]->low == 0.25 && intervals[0]->high == 0.75);
        // Counted questions are the same as listed ones.
        const std::vector<std::int64_t> counts{2, 1};
        const std::vector<QuestionCounts> listed = {{3, 1, 2, 1}, {3, 1, 2, 1}, {1, 3, 1, 1}};
        QVERIFY(near(*scoreConfidenceCritique(questions, counts).acc2,
                     *scoreConfidenceCritique(listed).acc2, 1e-12));
        const std::vector<QuestionCounts> allRight = {{4, 0, 4, 0}};
        const ConfidenceCritiqueScore edge = scoreConfidenceCritique(allRight);
        QVERIFY(edge.confidence && !edge.critique && !edge.relative);
        QVERIFY(!scoreConfidenceCritique({}).acc1);
    }
};

SCRIT_TEST(EvalMetricsTest)
#include "eval_metrics_test.moc"
