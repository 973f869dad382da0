// SPDX-License-Identifier: GPL-3.0-or-later
// Charts: their values, what they draw, keys and mouse, pictures and tables.
#include "round_score.h"
#include "tests/support/test_program.h"
#include "ui/bridge/round_charts.h"
#include "ui/models/chart_value.h"
#include "ui/widgets/chart_panel.h"
#include "ui/widgets/chart_view.h"
#include "ui/widgets/chart_widgets.h"

#include <QImage>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTest>
#include <QXmlStreamReader>
#include <QtCharts/QChart>

using namespace scrit;
using namespace scrit::ui;
using models::ChartPoint;
using models::ChartSeries;
using models::ChartValue;
using models::ListQuery;
using models::ScoreKind;
using scrit::test::score;

namespace {

ListQuery query(const char* filter) {
    return {models::ListKind::Critiques, QString::fromLatin1(filter), models::SortKey::Id, false};
}

ChartPoint point(double x, double y, const char* filter) {
    ChartPoint made;
    made.x = x;
    made.y = y;
    made.low = y - 0.05;
    made.high = y + 0.05;
    made.n = 100;
    made.label = QStringLiteral("round %1").arg(x);
    made.query = query(filter);
    return made;
}

ChartValue lines() {
    ChartValue chart;
    chart.title = QStringLiteral("Scores");
    chart.xTitle = QStringLiteral("round");
    chart.yTitle = QStringLiteral("score");
    ChartSeries one;
    one.name = QStringLiteral("one");
    one.points = {point(0, 0.4, "a"), point(1, 0.5, "b"), point(2, 0.6, "c")};
    ChartSeries two;
    two.name = QStringLiteral("two");
    two.ink = 1;
    two.points = {point(0, 0.2, "d"), point(2, 0.3, "e")};
    chart.series = {one, two};
    return chart;
}

ChartValue bars(ChartValue::Kind kind) {
    ChartValue chart = lines();
    chart.kind = kind;
    chart.categories = {QStringLiteral("x"), QStringLiteral("y"), QStringLiteral("z")};
    return chart;
}

// A view that is shown, laid out and drawn once.
struct Shown {
    explicit Shown(const ChartValue& value) {
        view.resize(600, 360);
        view.setValue(value);
        view.show();
        view.activateWindow();
        (void)QTest::qWaitForWindowActive(&view);
        view.grab();
    }
    widgets::ChartView view;
};

models::RoundCounts counts() {
    models::RoundCounts made;
    made.roundId = 5;
    made.number = 2;
    made.runs = {7};
    made.exportId = 3;
    made.trainedCorrect = 10;
    made.trainedIncorrect = 30;
    const auto cell = [&](const char* source, int answers, bool yes, int step, qint64 count) {
        models::RoundCell one;
        one.source = QString::fromLatin1(source);
        one.uniqueAnswers = answers;
        one.conclusion = step < 0 ? model::Conclusion::Correct : model::Conclusion::Incorrect;
        one.firstError = step;
        one.validated = yes ? model::Outcome::Yes : model::Outcome::No;
        one.kept = yes;
        one.count = count;
        made.cells << one;
    };
    cell("gsm8k", 1, true, -1, 30);
    cell("gsm8k", 1, false, 0, 10);
    cell("gsm8k", 3, true, 1, 5);
    cell("gsm8k", 3, false, 1, 15);
    cell("two words", 3, false, 12, 20);
    return made;
}

} // namespace

class TestStudioCharts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tableOfValues();
    void keysMoveAndChoose();
    void clickChooses_data();
    void clickChooses();
    void marksSayWhatTheyAre();
    void liveValuesKeepThePlace();
    void emptyChartSaysWhy();
    void pictures_data();
    void pictures();
    void funnelActivates();
    void validationRates();
    void firstErrors();
    void composition();
    void funnelOfARound();
    void scoreOfASet();
    void scalingJoinsASweep();
    void newestSeriesAreShown();
    void ratesStayAsTheRoundFoundThem();
    void categoriesAreNeverCut();
    void twoChartsShareAScale();
    void lossLeadsToItsData();
};

void TestStudioCharts::tableOfValues() {
    const auto rows = models::chartTable(lines());
    QCOMPARE(rows.size(), 6);
    QCOMPARE(rows[0],
             (QStringList{QStringLiteral("series"), QStringLiteral("label"),
                          QStringLiteral("round"), QStringLiteral("score"), QStringLiteral("low"),
                          QStringLiteral("high"), QStringLiteral("n")}));
    QCOMPARE(rows[2],
             (QStringList{QStringLiteral("one"), QStringLiteral("round 1"), QStringLiteral("1"),
                          QStringLiteral("0.5"), QStringLiteral("0.45"), QStringLiteral("0.55"),
                          QStringLiteral("100")}));
    QCOMPARE(models::chartTable(bars(ChartValue::Kind::Bars))[3][2], QStringLiteral("z"));
    QCOMPARE(models::chartPointText(lines(), 0, 1),
             QStringLiteral("one · round 1: 50.0 % (45.0 %–55.0 %), n = 100"));
}

void TestStudioCharts::keysMoveAndChoose() {
    Shown shown(lines());
    QSignalSpy chosen(&shown.view, &widgets::ChartView::pointChosen);
    QSignalSpy noted(&shown.view, &widgets::ChartView::pointNoted);
    shown.view.clearFocus();
    shown.view.setFocus(Qt::TabFocusReason);
    QTRY_COMPARE(shown.view.currentPoint(), 0);
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QTest::keyClick(&shown.view, Qt::Key_Right); // stays at the last one
    QCOMPARE(shown.view.currentPoint(), 2);
    QVERIFY(noted.last().at(0).toString().contains(QStringLiteral("60.0 %")));
    QTest::keyClick(&shown.view, Qt::Key_Down); // the same x in the other series
    QCOMPARE(shown.view.currentSeries(), 1);
    QCOMPARE(shown.view.currentPoint(), 1);
    QTest::keyClick(&shown.view, Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].value<ListQuery>(), query("e"));
    QTest::keyClick(&shown.view, Qt::Key_Home);
    QTest::keyClick(&shown.view, Qt::Key_Up);
    QTest::keyClick(&shown.view, Qt::Key_Enter);
    QCOMPARE(chosen[1][0].value<ListQuery>(), query("a"));
}

void TestStudioCharts::clickChooses_data() {
    QTest::addColumn<ChartValue>("value");
    QTest::newRow("lines") << lines();
    QTest::newRow("bars") << bars(ChartValue::Kind::Bars);
    QTest::newRow("stack") << bars(ChartValue::Kind::Stack);
}

void TestStudioCharts::clickChooses() {
    QFETCH(ChartValue, value);
    Shown shown(value);
    for (int series = 0; series < value.series.size(); ++series) {
        for (int at = 0; at < value.series[series].points.size(); ++at) {
            QSignalSpy chosen(&shown.view, &widgets::ChartView::pointChosen);
            const QPoint where = shown.view.markPosition(series, at).toPoint();
            QVERIFY(shown.view.rect().contains(where));
            QTest::mouseClick(shown.view.viewport(), Qt::LeftButton, {}, where);
            QCOMPARE(chosen.size(), 1);
            QCOMPARE(chosen[0][0].value<ListQuery>(), *value.series[series].points[at].query);
        }
    }
    QSignalSpy chosen(&shown.view, &widgets::ChartView::pointChosen);
    QTest::mouseClick(shown.view.viewport(), Qt::LeftButton, {}, QPoint(3, 357));
    QCOMPARE(chosen.size(), 0);
}

void TestStudioCharts::marksSayWhatTheyAre() {
    Shown shown(lines());
    QSignalSpy noted(&shown.view, &widgets::ChartView::pointNoted);
    QTest::mouseMove(shown.view.viewport(), shown.view.markPosition(1, 0).toPoint());
    QTRY_VERIFY(!noted.isEmpty());
    QVERIFY(noted.last()[0].toString().startsWith(QStringLiteral("two · round 0")));
    QVERIFY(shown.view.accessibleDescription().contains(QStringLiteral("two · round 2: 30.0 %")));
}

void TestStudioCharts::liveValuesKeepThePlace() {
    Shown shown(lines());
    shown.view.setFocus(Qt::TabFocusReason);
    QTest::keyClick(&shown.view, Qt::Key_End);
    ChartValue longer = lines();
    longer.series[0].points << point(3, 0.7, "f");
    shown.view.setValue(longer);
    QCOMPARE(shown.view.currentPoint(), 2);
    shown.view.grab();
    QVERIFY(!shown.view.markPosition(0, 3).isNull());
    shown.view.setValue({}); // what it stood on is gone
    QCOMPARE(shown.view.currentPoint(), -1);
}

void TestStudioCharts::emptyChartSaysWhy() {
    ChartValue nothing;
    nothing.empty = QStringLiteral("Nothing is measured yet.");
    Shown shown(nothing);
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QTest::keyClick(&shown.view, Qt::Key_Return);
    QCOMPARE(shown.view.accessibleDescription(), nothing.empty);
    QCOMPARE(models::chartTable(nothing).size(), 1);
}

void TestStudioCharts::pictures_data() {
    clickChooses_data();
    ChartValue log = lines();
    log.scale = ChartValue::Scale::Log;
    log.level = 0.35;
    log.levelName = QStringLiteral("base");
    for (ChartSeries& series : log.series) {
        for (ChartPoint& one : series.points) {
            one.x = 100 * (one.x + 1) * (one.x + 1);
        }
    }
    QTest::newRow("log") << log;
    QTest::newRow("empty") << ChartValue();
}

void TestStudioCharts::pictures() {
    QFETCH(ChartValue, value);
    auto* view = new widgets::ChartView;
    widgets::ChartPanel panel(view, [view] { return models::chartTable(view->value()); });
    panel.resize(520, 340);
    panel.setTitle(QStringLiteral("A title & <more>"), {});
    view->setValue(value);
    panel.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panel));
    const QByteArray svg = panel.svg();
    QXmlStreamReader xml(svg);
    int elements = 0;
    while (!xml.atEnd()) {
        elements += xml.readNext() == QXmlStreamReader::StartElement ? 1 : 0;
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    QVERIFY(elements > 5);
    QSvgRenderer renderer(svg);
    QVERIFY(renderer.isValid());
    QVERIFY(svg.contains("A title &amp; &lt;more&gt;"));
    QVERIFY(!svg.contains("<image") || value.isEmpty()); // lines, not a picture of them
    const QImage image = QImage::fromData(panel.png(), "PNG");
    QVERIFY(!image.isNull());
    QVERIFY(image.width() > view->width());
    // More than one colour: something is drawn.
    QSet<QRgb> colours;
    for (int x = 0; x < image.width(); x += 3) {
        for (int y = 0; y < image.height(); y += 3) {
            colours << image.pixel(x, y);
        }
    }
    QVERIFY(colours.size() > 3);
}

void TestStudioCharts::funnelActivates() {
    widgets::FunnelChart funnel(QStringLiteral("Funnel"));
    funnel.resize(500, 100);
    funnel.setRows({{QStringLiteral("a"), {}, 10, 0, false, true},
                    {QStringLiteral("b"), {}, 5, 5, false, false}});
    funnel.show();
    QVERIFY(QTest::qWaitForWindowExposed(&funnel));
    QSignalSpy activated(&funnel, &widgets::FunnelChart::stageActivated);
    funnel.setFocus();
    QTest::keyClick(&funnel, Qt::Key_Down);
    QTest::keyClick(&funnel, Qt::Key_Down);
    QCOMPARE(activated.size(), 0); // moving is not choosing
    QTest::keyClick(&funnel, Qt::Key_Return);
    QCOMPARE(activated.size(), 1);
    QCOMPARE(activated[0][0].toInt(), 1);
    QTest::mouseClick(&funnel, Qt::LeftButton, {}, funnel.rowRect(0).center());
    QCOMPARE(activated[1][0].toInt(), 0);
}

void TestStudioCharts::validationRates() {
    const ChartValue chart = bridge::validationChart(counts());
    QCOMPARE(chart.series.size(), 3); // all, and two sources
    const ChartSeries& all = chart.series[0];
    QCOMPARE(all.points.size(), 2);
    QCOMPARE(all.points[0].x, 1.0);
    QCOMPARE(all.points[0].y, 0.75); // 30 of 40
    QCOMPARE(all.points[0].n, 40);
    QCOMPARE(all.points[1].y, 5.0 / 40);
    QVERIFY(*all.points[1].low < 5.0 / 40 && 5.0 / 40 < *all.points[1].high);
    QCOMPARE(all.points[1].query->filter, QStringLiteral("run:7 unique-answers:3 validated:yes"));
    QCOMPARE(chart.series[1].name, QStringLiteral("gsm8k"));
    QCOMPARE(chart.series[2].points[0].query->filter,
             QStringLiteral("run:7 source:\"two words\" unique-answers:3 validated:yes"));
    QVERIFY(bridge::validationChart({}).isEmpty());
}

void TestStudioCharts::firstErrors() {
    const models::RoundCounts round = counts();
    const ChartValue chart = bridge::firstErrorChart({&round});
    QCOMPARE(chart.categories.size(), 11); // none, 1 to 9, 10+
    const ChartSeries& series = chart.series[0];
    QCOMPARE(series.points[0].y, 30.0 / 80);
    QCOMPARE(series.points[0].query->filter, QStringLiteral("run:7 first-error:none"));
    QCOMPARE(series.points[1].query->filter, QStringLiteral("run:7 first-error:0"));
    QCOMPARE(series.points[2].y, 20.0 / 80);
    QCOMPARE(series.points[3].query->filter, QStringLiteral("run:7 first-error:>=9"));
    QCOMPARE(series.points[3].n, 80);
}

void TestStudioCharts::composition() {
    models::SeriesDetail detail;
    detail.counts = {models::RoundCounts(), counts()};
    const ChartValue chart = bridge::compositionChart(detail);
    QCOMPARE(chart.categories, QStringList{QStringLiteral("2")});
    QCOMPARE(chart.series.size(), 2);
    QCOMPARE(chart.series[0].points[0].y, 10.0);
    QCOMPARE(chart.series[1].points[0].y, 30.0);
    QCOMPARE(chart.series[1].points[0].query->filter, QStringLiteral("exported:3 correct:no"));
}

void TestStudioCharts::funnelOfARound() {
    models::RoundInfo round;
    round.before = {{QStringLiteral("Problems"), 50}};
    round.curated = {{QStringLiteral("duplicates"), 33}, {QStringLiteral("all rounds"), 900}};
    const auto steps = bridge::roundFunnel(round, counts());
    QStringList text;
    for (const auto& step : steps) {
        text << QStringLiteral("%1 %2 −%3").arg(step.title).arg(step.left).arg(step.dropped);
    }
    QCOMPARE(text,
             (QStringList{QStringLiteral("Problems 50 −0"), QStringLiteral("Critiques 80 −0"),
                          QStringLiteral("Read 80 −0"), QStringLiteral("Self-validated 35 −45"),
                          QStringLiteral("duplicates 33 −2"), QStringLiteral("Trained on 35 −0")}));
    QCOMPARE(steps[3].query->filter, QStringLiteral("run:7 parsed:yes validated:yes"));
    QVERIFY(!steps[0].query);
    QCOMPARE(steps.last().query->filter, QStringLiteral("run:7 exported:3"));
}

void TestStudioCharts::scoreOfASet() {
    models::SeriesInfo series;
    series.name = QStringLiteral("demo");
    series.recipe = QStringLiteral("scrit");
    for (int i = 0; i < 2; ++i) {
        models::RoundInfo round;
        round.id = i + 1;
        round.number = i;
        round.scores = {score(0.4 + 0.1 * i, std::nullopt)};
        series.rounds << round;
    }
    models::SeriesInfo other = series;
    other.name = QStringLiteral("other");
    const models::SeriesInfos all{other, series};
    const QStringList both{QStringLiteral("demo"), QStringLiteral("other")};
    QCOMPARE(bridge::shownSeries(all, QStringLiteral("demo"), {}, {}), both);
    const ChartValue chart =
        bridge::scoreChart(all, QStringLiteral("demo"), {}, ScoreKind::CcAcc, both);
    QCOMPARE(chart.series.size(), 2);
    QCOMPARE(chart.series[0].name, QStringLiteral("demo · scrit"));
    QVERIFY(chart.series[0].strong && !chart.series[1].strong);
    QCOMPARE(chart.series[0].points[1].x, 1.0);
    QCOMPARE(chart.series[0].points[1].y, 0.5);
    QCOMPARE(chart.series[0].points[1].query->filter, QStringLiteral("scored:4"));
    QCOMPARE(bridge::scoreChart(all, both[0], {}, ScoreKind::CcAcc, {both[0]}).series.size(), 1);
    QVERIFY(bridge::scoreChart(all, both[0], QStringLiteral("elsewhere"), ScoreKind::CcAcc, both)
                .isEmpty());
    QCOMPARE(bridge::shownSeries(all, both[0], {}, QStringLiteral("elsewhere")),
             QStringList{both[0]});
}

void TestStudioCharts::scalingJoinsASweep() {
    models::SeriesInfos all;
    for (const int size : {1000, 100}) {
        models::SeriesInfo series;
        series.name = QStringLiteral("sizes/scrit, %1 examples").arg(size);
        models::RoundInfo base;
        base.scores = {score(0.3, std::nullopt)};
        models::RoundInfo round;
        round.number = 1;
        round.recipe = QStringLiteral("scrit");
        round.kept = size;
        round.scores = {score(0.3 + size / 10000.0, std::nullopt)};
        series.rounds = {base, round};
        all << series;
    }
    const ChartValue chart = bridge::scalingChart(all, {}, ScoreKind::CcAcc);
    QCOMPARE(chart.series.size(), 1);
    QCOMPARE(chart.series[0].points.size(), 2);
    QCOMPARE(chart.series[0].points[0].x, 100.0); // by size, not by age
    QCOMPARE(*chart.level, 0.3);
    QCOMPARE(chart.scale, ChartValue::Scale::Log);
    // Series that somebody began one by one are not a curve.
    all[0].name = QStringLiteral("first");
    all[1].name = QStringLiteral("second");
    QCOMPARE(bridge::scalingChart(all, {}, ScoreKind::CcAcc).series.size(), 2);
}

void TestStudioCharts::newestSeriesAreShown() {
    models::SeriesInfos all;
    for (int i = 0; i < 9; ++i) {
        models::SeriesInfo series;
        series.name = QString::number(i);
        series.changed = QDateTime::fromSecsSinceEpoch(100 + i);
        models::RoundInfo round;
        round.scores = {score(0.5, std::nullopt)};
        series.rounds = {round};
        all << series;
    }
    all[8].rounds.clear(); // nothing measured
    const auto shown = [&](const QString& chosen, const QStringList& wanted) {
        return bridge::shownSeries(all, chosen, wanted, {}).join(QString());
    };
    QCOMPARE(bridge::measuredSeries(all, {}).size(), 8);
    QCOMPARE(shown(QStringLiteral("0"), {}), QStringLiteral("076543"));
    QCOMPARE(shown(QStringLiteral("7"), {}), QStringLiteral("765432"));
    QCOMPARE(shown(QStringLiteral("7"), {QStringLiteral("0"), QStringLiteral("1")}),
             QStringLiteral("710"));
}

void TestStudioCharts::ratesStayAsTheRoundFoundThem() {
    models::RoundCounts now = counts();
    models::RoundCell undecided = now.cells.first();
    undecided.validated = model::Outcome::Undecided;
    undecided.count = 100;
    now.cells << undecided;
    // What is undecided is in no rate.
    QCOMPARE(bridge::validationChart(now).series[0].points[0].n, 40);
    QCOMPARE(bridge::validationChart(now).series[0].points[0].y, 0.75);
    models::RoundInfo round;
    round.state = model::JobState::Done;
    round.byAnswers = {{QStringLiteral("1"), 40, 30}, {QStringLiteral("3"), 40, 5}};
    const ChartValue then = bridge::validationChart(now, &round);
    QCOMPARE(then, bridge::validationChart(now)); // nothing has changed since
    // A later series answers the same problems in another way.
    for (models::RoundCell& cell : now.cells) {
        cell.uniqueAnswers += 1;
    }
    const ChartValue later = bridge::validationChart(now, &round);
    QCOMPARE(later.series.size(), 1);
    for (int i = 0; i < 2; ++i) {
        QCOMPARE(later.series[0].points[i].x, then.series[0].points[i].x);
        QCOMPARE(later.series[0].points[i].y, then.series[0].points[i].y);
        QCOMPARE(later.series[0].points[i].n, then.series[0].points[i].n);
        QVERIFY(!later.series[0].points[i].query); // no filter finds these any more
    }
    round.state = model::JobState::Running;
    QCOMPARE(bridge::validationChart(now, &round).series[0].points[0].x, 2.0);
}

void TestStudioCharts::categoriesAreNeverCut() {
    ChartValue value = bars(ChartValue::Kind::Bars);
    value.categories.clear();
    for (int i = 0; i < 6; ++i) {
        value.categories << QStringLiteral("contested problem %1").arg(i);
    }
    QCOMPARE(models::commonStart(value.categories), QStringLiteral("contested problem "));
    QCOMPARE(models::commonStart({QStringLiteral("held-a"), QStringLiteral("held-b")}),
             QStringLiteral("held-"));
    QCOMPARE(models::commonStart({QStringLiteral("gsm8k"), QStringLiteral("gsm")}), QString());
    Shown shown(value);
    shown.view.resize(480, 260);
    shown.view.grab();
    QCOMPARE(shown.view.axisLabels().value(3), QStringLiteral("3"));
    shown.view.resize(1600, 260);
    shown.view.grab();
    QCOMPARE(shown.view.axisLabels().value(3), QStringLiteral("contested problem 3"));
}

void TestStudioCharts::twoChartsShareAScale() {
    ChartValue left = lines();
    ChartValue right = lines();
    for (ChartSeries& series : right.series) {
        for (ChartPoint& one : series.points) {
            one.y += 0.3;
            one.low = one.high = std::nullopt;
        }
    }
    models::shareScale(left, right);
    QCOMPARE(*left.least, 0.15); // the lowest end of an interval
    QCOMPARE(left.least, right.least);
    QCOMPARE(left.most, right.most);
    QVERIFY(*left.most >= 0.9 - 1e-9);
    Shown first(left);
    Shown second(right);
    // The same share stands at the same height in both.
    const auto at = [](const Shown& shown, double y) {
        return shown.view.chart()->mapToPosition({1, y * 100}, shown.view.chart()->series()[0]).y();
    };
    QCOMPARE(at(first, 0.5), at(second, 0.5));
}

void TestStudioCharts::lossLeadsToItsData() {
    models::SeriesDetail detail;
    models::TrainingInfo training;
    training.round = 1;
    training.trainer = QStringLiteral("builtin");
    training.exportId = 9;
    training.losses = {{1, 2.5}, {2, 1.5}};
    detail.trainings = {training};
    const ChartValue chart = bridge::lossChart(detail);
    QCOMPARE(chart.series[0].points[1].y, 1.5);
    QCOMPARE(chart.series[0].points[1].query->filter, QStringLiteral("exported:9"));
    QVERIFY(!chart.series[0].marks);
}

SCRIT_WINDOW_TEST(TestStudioCharts)
#include "studio_charts.moc"
