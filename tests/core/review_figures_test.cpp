// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/agreement.h"
#include "core/eval/audit.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <cmath>
#include <string_view>
#include <utility>

using namespace scrit::eval;

namespace {

bool near(std::optional<double> a, double b, double tolerance = 5e-4) {
    return a && std::abs(*a - b) <= tolerance;
}

// One text a rater, one character a unit; '.' is a missing rating.
Ratings ratingsOf(std::initializer_list<std::string_view> raters) {
    Ratings ratings(raters.begin()->size());
    for (const std::string_view rater : raters) {
        for (std::size_t unit = 0; unit < rater.size(); ++unit) {
            ratings[unit].push_back(rater[unit] == '.' ? std::nullopt
                                                       : std::optional<int>(rater[unit]));
        }
    }
    return ratings;
}

// Two raters and two categories from the four cells of their table.
Ratings table(int bothYes, int firstYes, int secondYes, int bothNo) {
    Ratings ratings;
    const auto add = [&](int count, int first, int second) {
        for (int i = 0; i < count; ++i) {
            ratings.push_back({first, second});
        }
    };
    add(bothYes, 1, 1);
    add(firstYes, 1, 0);
    add(secondYes, 0, 1);
    add(bothNo, 0, 0);
    return ratings;
}

AuditCase judged(std::int64_t id, bool positive, bool truth, const char* stratum = "",
                 double weight = 1) {
    return {id, positive, truth, stratum, weight};
}

} // namespace

class ReviewFiguresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): A, two observers and two
    // categories; B, two observers and five categories; C, four observers with missing ratings and
    // the nominal metric.
    void alphaEqualsPublishedExamples() {
        QVERIFY(near(krippendorffAlpha(ratingsOf({"0100000010", "1110010000"})), 0.095));
        QVERIFY(near(krippendorffAlpha(ratingsOf({"aabbdcccedda", "babbbccceddd"})), 0.692));
        const Ratings four =
            ratingsOf({"123321412...", "1233224125.3", ".3332342251.", "12332441251."});
        QVERIFY(near(krippendorffAlpha(four), 0.743));
        const AgreementValue value = krippendorffAlphaWithInterval(four, 1);
        QVERIFY(near(value.value, 0.743));
        QCOMPARE(value.units, 11U); // one unit has a single rating
        QVERIFY(value.interval && value.interval->low < 0.743 && value.interval->high > 0.743);
        // The order of raters and who is missing does not matter.
        const Ratings turned =
            ratingsOf({"12332441251.", ".3332342251.", "123321412...", "1233224125.3"});
        QVERIFY(near(krippendorffAlpha(turned), *krippendorffAlpha(four), 1e-12));
    }

    // Cohen's kappa: the worked examples of the encyclopaedia's article (Wikipedia, "Cohen's
    // kappa"): 50 grant proposals 20/5/10/15, and two tables of the same agreement and different
    // margins.
    void kappaEqualsPublishedExamples_data() {
        QTest::addColumn<int>("bothYes");
        QTest::addColumn<int>("firstYes");
        QTest::addColumn<int>("secondYes");
        QTest::addColumn<int>("bothNo");
        QTest::addColumn<double>("kappa");
        QTest::addColumn<double>("percent");
        QTest::newRow("proposals") << 20 << 5 << 10 << 15 << 0.4 << 0.7;
        QTest::newRow("same margins") << 45 << 15 << 25 << 15 << 0.1304 << 0.6;
        QTest::newRow("other margins") << 25 << 35 << 5 << 35 << 0.2593 << 0.6;
        QTest::newRow("perfect") << 3 << 0 << 0 << 4 << 1.0 << 1.0;
    }
    void kappaEqualsPublishedExamples() {
        QFETCH(int, bothYes);
        QFETCH(int, firstYes);
        QFETCH(int, secondYes);
        QFETCH(int, bothNo);
        QFETCH(double, kappa);
        QFETCH(double, percent);
        const Ratings ratings = table(bothYes, firstYes, secondYes, bothNo);
        QVERIFY(near(cohenKappa(ratings), kappa, 5e-5));
        QVERIFY(near(percentAgreement(ratings), percent, 1e-12));
    }

    void undefinedIsAbsent() {
        QVERIFY(!krippendorffAlpha({}));
        QVERIFY(!cohenKappa({}));
        QVERIFY(!percentAgreement({}));
        QVERIFY(!krippendorffAlpha(ratingsOf({"aaaa", "aaaa"}))); // one category: no chance model
        QVERIFY(!cohenKappa(ratingsOf({"aaaa", "aaaa"})));
        QVERIFY(!krippendorffAlpha(ratingsOf({"ab..", "..ab"}))); // nothing to pair
        QVERIFY(!cohenKappa(ratingsOf({"ab..", "..ab"})));
        QVERIFY(!krippendorffAlphaWithInterval({}, 1).interval);
    }

    void bootstrapRepeats() {
        const Ratings ratings = table(20, 5, 10, 15);
        const AgreementValue first = cohenKappaWithInterval(ratings, 7);
        const AgreementValue again = cohenKappaWithInterval(ratings, 7);
        const AgreementValue other = cohenKappaWithInterval(ratings, 8);
        QVERIFY(first.interval && again.interval && other.interval);
        QCOMPARE(first.interval->low, again.interval->low);
        QCOMPARE(first.interval->high, again.interval->high);
        QVERIFY(first.interval->low != other.interval->low);
        // Fleiss, Cohen and Everitt (1969) give a standard error of 0.13 for this table.
        QVERIFY(near(first.interval->high - first.interval->low, 2 * 1.96 * 0.13, 0.06));
    }

    // Precision 81/263: Newcombe (1998), table I, method 3.
    void precisionAndRecall() {
        std::vector<AuditCase> cases;
        for (int i = 0; i < 263; ++i) {
            cases.push_back(judged(i, true, i < 81, i % 2 == 0 ? "even" : "odd"));
        }
        for (int i = 263; i < 330; ++i) {
            cases.push_back(judged(i, false, i < 282, "odd"));
        }
        const AuditFigures figures = audit(cases, {}, 0.05);
        const AuditRow& all = figures.total;
        QCOMPARE(all.precision.successes, 81);
        QCOMPARE(all.precision.n, 263);
        QVERIFY(near(all.precision.interval.low, 0.2553, 5e-5));
        QVERIFY(near(all.precision.interval.high, 0.3662, 5e-5));
        QCOMPARE(all.recall.successes, 81);
        QCOMPARE(all.recall.n, 100);
        QCOMPARE(all.accuracy.successes, 81 + 48);
        QCOMPARE(all.cells.falseNegative.size(), 19U);
        QCOMPARE(all.cells.falseNegative.front(), 263);
        QCOMPARE(figures.strata.size(), 2U);
        QCOMPARE(figures.strata[0].stratum, "even");
        QCOMPARE(figures.strata[0].precision.n + figures.strata[1].precision.n, 263);
        QVERIFY(!figures.precision); // all weights are the same
        // The planner: so many more, and not one fewer, make it narrow enough.
        const std::int64_t more = all.precision.more;
        QVERIFY(more > 0);
        const auto half = [&](std::int64_t n) {
            const double rate = 81.0 / 263;
            const Interval interval = wilson(std::llround(rate * static_cast<double>(n)), n);
            return (interval.high - interval.low) / 2;
        };
        QVERIFY(half(263 + more) <= 0.0502);
        QVERIFY(half(263 + more - 10) > 0.0498);
        QCOMPARE(all.precision.moreItems,
                 static_cast<std::int64_t>(std::ceil(static_cast<double>(more) * 330 / 263)));
        QCOMPARE(audit(cases, {}, 0.2).total.precision.more, 0);
    }

    // A stratified mean and its variance by hand (Cochran 1977, 5.1 and 5.2): strata of 900 and
    // 100, 50 drawn from each, 45 and 25 hits. Mean 0.9·0.9 + 0.1·0.5 = 0.86; variance
    // 0.81·(17/18)· 0.9·0.1/49 + 0.01·0.5·0.25/49 = 0.00143061, as precise as 84.16 simple
    // observations.
    void weightedEstimate() {
        std::vector<AuditCase> cases;
        for (int i = 0; i < 50; ++i) {
            cases.push_back(judged(i, true, i < 45, "large", 18));
            cases.push_back(judged(100 + i, true, i < 25, "small", 2));
        }
        const std::vector<StratumSize> sizes = {{"large", 900}, {"small", 100}};
        const AuditFigures figures = audit(cases, sizes, 0.05);
        QVERIFY(figures.precision);
        QVERIFY(near(figures.precision->value, 0.86, 1e-12));
        QVERIFY(near(figures.precision->effectiveN, 0.86 * 0.14 / 0.00143061, 0.01));
        QVERIFY(figures.precision->interval.low > 0.76 && figures.precision->interval.low < 0.78);
        QVERIFY(near(figures.total.precision.value, 0.70, 1e-12)); // the sample as it is
        // Rows by something else keep the estimate of the draw.
        std::vector<std::string> drawn;
        for (AuditCase& one : cases) {
            drawn.push_back(std::exchange(one.stratum, one.id % 2 == 0 ? "even" : "odd"));
        }
        const AuditFigures other = audit(cases, sizes, 0.05, drawn);
        QVERIFY(near(other.precision->effectiveN, figures.precision->effectiveN, 1e-9));
        QCOMPARE(other.strata.front().stratum, "even");
        // An item of weight 0 is not of the sample.
        cases.push_back(judged(999, true, false, "even", 0));
        drawn.emplace_back();
        QVERIFY(near(audit(cases, sizes, 0.05, drawn).precision->value, 0.86, 1e-12));
    }

    void extremesStayInside() {
        std::vector<AuditCase> cases;
        for (int i = 0; i < 10; ++i) {
            cases.push_back(judged(i, true, true, i < 5 ? "a" : "b", i < 5 ? 10 : 1));
        }
        const AuditFigures figures = audit(cases, {}, 0.05);
        QVERIFY(figures.precision);
        QCOMPARE(*figures.precision->value, 1.0);
        QVERIFY(figures.precision->interval.high <= 1 && figures.precision->interval.low > 0.4);
        QVERIFY(figures.precision->effectiveN < 10); // Kish: 55² / 505
        QVERIFY(near(figures.precision->effectiveN, 55.0 * 55 / 505, 1e-9));
        const AuditFigures none = audit({}, {}, 0.05);
        QVERIFY(!none.total.precision.value && !none.precision && none.strata.empty());
    }
};

SCRIT_TEST(ReviewFiguresTest)
#include "review_figures_test.moc"
