// SPDX-License-Identifier: GPL-3.0-or-later
// The Rounds page and Overview's glance in the real main window, over a stored workspace.
#include "core/store/reader.h"
#include "rounds_support.h"
#include "studio_window.h"
#include "tests/support/test_program.h"
#include "ui/models/round_models.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/overview/glance.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/pages/rounds/compare_view.h"
#include "ui/pages/rounds/evolve_form.h"
#include "ui/pages/rounds/rounds_page.h"
#include "ui/widgets/chart_panel.h"
#include "ui/widgets/chart_view.h"
#include "ui/widgets/chart_widgets.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/reading_column.h"
#include "ui/widgets/small_widgets.h"

#include <QComboBox>
#include <QSvgRenderer>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using pages::ChartTabs;
using pages::CompareView;
using pages::RoundsPage;

namespace {

struct RoundsStudio : Studio {
    using Studio::Studio;

    RoundsPage& rounds() const {
        return static_cast<RoundsPage&>(*window.page(QStringLiteral("rounds")));
    }
    // Opens a workspace on the Rounds page and waits until series and counts are there.
    bool openRounds(const QString& path, bool some = true) {
        window.start(path);
        if (!QTest::qWaitFor([this] { return window.service().isOpen(); }, 20000)) {
            return false;
        }
        window.showPage(QStringLiteral("rounds"));
        return QTest::qWaitFor(
            [this, some] {
                return window.rounds().isLoaded() &&
                       (!some || !window.rounds().detail().counts.isEmpty());
            },
            20000);
    }
    bool choose(const char* series) {
        const QString name = QString::fromLatin1(series);
        rounds().seriesBox().setCurrentIndex(rounds().seriesBox().findData(name));
        Q_EMIT rounds().seriesBox().activated(rounds().seriesBox().currentIndex());
        return QTest::qWaitFor([&] { return window.rounds().detail().series == name; }, 20000);
    }
    widgets::ChartView& chart(const char* name) const {
        return static_cast<widgets::ChartView&>(
            rounds().charts().panel(QString::fromLatin1(name))->chart());
    }
    void trigger(const char* id) { window.commands().action(QString::fromLatin1(id))->trigger(); }
    // The list of Traces once it shows this filter.
    int rowsOf(const QString& wanted) {
        if (!QTest::qWaitFor([&] { return filter().text() == wanted; }, 5000)) {
            qWarning("the filter is %s", qPrintable(filter().text()));
            return -1;
        }
        const auto stored = window.service().workspace()->reader();
        const auto ids = (*stored)->ids({store::ListOf::Critiques, models::utf8(wanted)});
        if (!ids) {
            qWarning("%s", ids.error().text().c_str());
            return -1;
        }
        const int count = static_cast<int>(ids->size());
        return QTest::qWaitFor([&] { return traces().model().rowCount() == count; }, 20000) ? count
                                                                                            : -1;
    }
};

} // namespace

class TestStudioRounds : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void emptyStateLeadsToTheForm();
    void nothingIsReadBefore();
    void tableAndScores();
    void nothingInTheTableIsCut();
    void everyMarkHasItsTraces();
    void enterGoesToTraces();
    void compareCounts();
    void compareShowsBothCritiques();
    void chartsBecomeFiles();
    void lossesGrow();
    void formSaysWhatIsMissing();
    void glanceShowsWhatIsUnderWay();
    void readOnlyOffersNoStart();

private:
    QString settingsFile() const { return m_folder.filePath(QStringLiteral("studio.ini")); }
    QString copy() {
        const QString path = m_folder.filePath(QStringLiteral("w%1.scrit").arg(++m_copies));
        return QFile::copy(m_path, path) ? path : QString();
    }
    QTemporaryDir m_folder;
    QString m_path;
    std::int64_t m_running = 0;
    QVector<qint64> m_runs;
    QVector<qint64> m_evaluations;
    int m_copies = 0;
};

void TestStudioRounds::initTestCase() {
    m_path = m_folder.filePath(QStringLiteral("rounds.scrit"));
    RoundsWorkspace made(m_path);
    m_running = made.running;
    m_runs = QVector<qint64>(made.runs.begin(), made.runs.end());
    m_evaluations = QVector<qint64>(made.evaluations.begin(), made.evaluations.end());
}

void TestStudioRounds::init() {
    QFile::remove(settingsFile());
}

void TestStudioRounds::emptyStateLeadsToTheForm() {
    const QString path = m_folder.filePath(QStringLiteral("empty.scrit"));
    QVERIFY(store::Workspace::create(models::utf8(path)).has_value());
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(path, false));
    QCOMPARE(studio.rounds().shown(), RoundsPage::Empty);
    studio.trigger("rounds.compare");
    QCOMPARE(studio.rounds().shown(), RoundsPage::Empty);
    studio.trigger("rounds.new");
    QCOMPARE(studio.rounds().shown(), RoundsPage::Form);
    QTest::keyClick(&studio.rounds().form(), Qt::Key_Escape);
    QCOMPARE(studio.rounds().shown(), RoundsPage::Empty);
}

void TestStudioRounds::nothingIsReadBefore() {
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    QTest::qWait(50);
    QVERIFY(!studio.window.rounds().isLoaded());
    QVERIFY(studio.rounds().children().isEmpty() ||
            studio.rounds().findChild<widgets::ChartView*>() == nullptr);
}

void TestStudioRounds::tableAndScores() {
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(copy()));
    QVERIFY(studio.choose("demo"));
    using Model = models::RoundTableModel;
    auto* model = static_cast<Model*>(studio.rounds().table().model());
    QTRY_COMPARE(model->rowCount(), 4);
    const auto text = [&](int row, int column) {
        return model->index(row, column).data().toString();
    };
    QCOMPARE(text(1, Model::State), QStringLiteral("done"));
    // The figures of the stored evaluation, recomputed: of 72 items those with luck are hits.
    int hits = 0;
    for (int problem = RoundsWorkspace::kProblems;
         problem < RoundsWorkspace::kProblems + RoundsWorkspace::kHeldOut; ++problem) {
        for (int pupil = 0; pupil < 3; ++pupil) {
            const int luck = (problem * 7 + pupil * 3) % 20;
            hits += luck < 10 && luck != 3 ? 1 : 0;
        }
    }
    QVERIFY2(
        text(1, Model::Cc).startsWith(QString::number(std::round(1000.0 * hits / 72) / 10, 'f', 1)),
        qPrintable(text(1, Model::Cc)));
    QVERIFY(text(1, Model::CcToBase).startsWith(QLatin1Char('+')));
    QCOMPARE(text(1, Model::CcToPrevious), QString()); // that is the base
    QVERIFY(!text(2, Model::CcToPrevious).isEmpty());
    const models::ChartValue cc = studio.chart("ccByRound").value();
    QCOMPARE(cc.series[0].points.size(), 4);
    QVERIFY(cc.series[0].points[0].low);
    // The strict one comes first; the other protocol is another figure.
    QCOMPARE(model->headerData(Model::Ei, Qt::Horizontal).toString(),
             models::scoreName(models::ScoreKind::EiStrict));
    const models::ChartValue before = studio.chart("eiByRound").value();
    auto* protocol = studio.rounds().charts().findChildren<widgets::Segmented*>().last();
    QTest::keyClick(protocol, Qt::Key_Right);
    QTRY_VERIFY(studio.chart("eiByRound").value() != before);
    QCOMPARE(model->headerData(Model::Ei, Qt::Horizontal).toString(),
             models::scoreName(models::ScoreKind::EiF1));
    QVERIFY(studio.rounds().charts().panel(QStringLiteral("ccByDataset"))->isVisible());
}

void TestStudioRounds::nothingInTheTableIsCut() {
    RoundsStudio studio(settingsFile());
    studio.window.resize(1280, 800);
    QVERIFY(studio.openRounds(copy()));
    QVERIFY(studio.choose("demo"));
    const widgets::PlainTable& table = studio.rounds().table();
    QTRY_COMPARE(table.model()->rowCount(), 4);
    const int around = 2 * widgets::space::kOne;
    const int mark = table.fontMetrics().horizontalAdvance(QStringLiteral("✓ ")) + 2;
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        for (int column = 0; column < table.model()->columnCount(); ++column) {
            const QModelIndex cell = table.model()->index(row, column);
            const QString text = cell.data().toString();
            const bool marked = cell.data(models::MarkRole).toInt() != 0;
            const int needed =
                around + (marked ? mark : 0) + table.fontMetrics().horizontalAdvance(text);
            QVERIFY2(table.columnWidth(column) >= needed,
                     qPrintable(QStringLiteral("%1 in column %2: %3 < %4")
                                    .arg(text)
                                    .arg(column)
                                    .arg(table.columnWidth(column))
                                    .arg(needed)));
        }
    }
}

void TestStudioRounds::everyMarkHasItsTraces() {
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(copy()));
    QVERIFY(studio.choose("demo"));
    const auto reader = must(studio.window.service().workspace()->reader());
    const auto count = [&](const QString& filter) {
        return static_cast<qint64>(
            must(reader->count({store::ListOf::Critiques, models::utf8(filter)})));
    };
    for (const int tab :
         {ChartTabs::Scores, ChartTabs::Validation, ChartTabs::Data, ChartTabs::Training}) {
        studio.rounds().showTab(static_cast<RoundsPage::Tab>(tab));
        for (auto* view :
             studio.rounds().charts().currentWidget()->findChildren<widgets::ChartView*>()) {
            const models::ChartValue& value = view->value();
            QVERIFY2(!value.isEmpty() || value.title.contains(QStringLiteral("data set")),
                     qPrintable(value.title));
            for (const models::ChartSeries& series : value.series) {
                for (const models::ChartPoint& point : series.points) {
                    QVERIFY2(point.query, qPrintable(value.title));
                    const qint64 found = count(point.query->filter);
                    QVERIFY2(found > 0 || point.y == 0, qPrintable(point.query->filter));
                    if (value.title.startsWith(QStringLiteral("Self-validation"))) {
                        QCOMPARE(found, std::llround(point.y * static_cast<double>(point.n)));
                    } else if (value.title == QStringLiteral("First wrong step")) {
                        QCOMPARE(found, std::llround(point.y * static_cast<double>(point.n)));
                    } else if (value.unit == models::ChartValue::Unit::Count) {
                        QCOMPARE(found, std::llround(point.y));
                    }
                }
            }
        }
    }
    studio.rounds().showTab(RoundsPage::DataTab);
    auto* funnel = studio.rounds().charts().findChild<widgets::FunnelChart*>();
    QVERIFY(funnel->rows().size() >= 6);
    QVERIFY(funnel->text().contains(QStringLiteral("Trained on")));
}

void TestStudioRounds::enterGoesToTraces() {
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(copy()));
    QVERIFY(studio.choose("demo"));
    studio.rounds().showTab(RoundsPage::ValidationTab);
    auto& view = studio.chart("validation");
    QTRY_VERIFY(!view.value().isEmpty());
    view.setFocus(Qt::TabFocusReason);
    QTRY_COMPARE(view.currentPoint(), 0);
    QTest::keyClick(&view, Qt::Key_Right);
    QTest::keyClick(&view, Qt::Key_Return);
    QVERIFY(studio.traces().isVisible());
    const QString run = QStringLiteral("run:%1").arg(m_runs.last());
    int passed = 0;
    for (int i = 0; i < RoundsWorkspace::kProblems; ++i) {
        passed +=
            RoundsWorkspace::uniqueAnswers(i) == 2 && RoundsWorkspace::validates(i, 3) ? 2 : 0;
    }
    QCOMPARE(studio.rowsOf(run + QStringLiteral(" unique-answers:2 validated:yes")), passed);
    // A row of the table leads to all that the round made.
    studio.window.showPage(QStringLiteral("rounds"));
    studio.rounds().table().setFocus();
    studio.rounds().table().selectRow(1);
    QTest::keyClick(&studio.rounds().table(), Qt::Key_Return);
    QCOMPARE(studio.rowsOf(QStringLiteral("run:%1").arg(m_runs.first())),
             2 * RoundsWorkspace::kProblems);
    // A score leads to what was scored.
    studio.window.showPage(QStringLiteral("rounds"));
    studio.rounds().showTab(RoundsPage::ScoresTab);
    auto& scores = studio.chart("ccByRound");
    QTRY_VERIFY(!scores.value().isEmpty());
    scores.grab(); // lays it out
    QTest::mouseClick(scores.viewport(), Qt::LeftButton, {}, scores.markPosition(0, 0).toPoint());
    QCOMPARE(studio.rowsOf(QStringLiteral("scored:%1").arg(m_evaluations.first())),
             3 * RoundsWorkspace::kHeldOut);
}

void TestStudioRounds::compareCounts() {
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(copy()));
    QVERIFY(studio.choose("demo"));
    studio.trigger("rounds.compare");
    QCOMPARE(studio.rounds().shown(), RoundsPage::Compare);
    CompareView& compare = studio.rounds().compare();
    using Kind = CompareView::Kind;
    QTRY_VERIFY(compare.count(Kind::Fixed) > 0);
    // By hand: round 0 against round 3, item by item.
    QVector<int> expected(4, 0);
    for (int problem = RoundsWorkspace::kProblems;
         problem < RoundsWorkspace::kProblems + RoundsWorkspace::kHeldOut; ++problem) {
        for (int pupil = 0; pupil < 3; ++pupil) {
            const int luck = (problem * 7 + pupil * 3) % 20;
            const bool before = luck < 7 && luck != 0;
            const bool after = luck < 16 && luck != 9;
            ++expected[!before && after ? 0 : before && !after ? 1 : after ? 2 : 3];
        }
    }
    for (std::size_t i = 0; i < CompareView::kKinds.size(); ++i) {
        QCOMPARE(compare.count(CompareView::kKinds[i]), expected[static_cast<int>(i)]);
    }
    QCOMPARE(compare.model().rowCount(), expected[compare.kinds().current()]);
    QVERIFY2(compare.summary().contains(QStringLiteral("on 72 items")),
             qPrintable(compare.summary()));
    // Other kinds by the keyboard.
    compare.kinds().setFocus();
    QTest::keyClick(&compare.kinds(), Qt::Key_Right);
    QTRY_COMPARE(compare.model().rowCount(), expected[compare.kinds().current()]);
    // Another pair of rounds is another comparison.
    compare.before().setCurrentIndex(2);
    Q_EMIT compare.before().activated(2);
    QTRY_VERIFY(compare.count(Kind::Fixed) < expected[0]);
    // The same round twice is no comparison.
    compare.before().setCurrentIndex(compare.after().currentIndex());
    Q_EMIT compare.before().activated(compare.after().currentIndex());
    QTRY_COMPARE(compare.model().rowCount(), 0);
    QVERIFY(compare.summary().contains(QStringLiteral("different")));
}

void TestStudioRounds::compareShowsBothCritiques() {
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(copy()));
    QVERIFY(studio.choose("demo"));
    studio.rounds().showTab(RoundsPage::CompareTab);
    CompareView& compare = studio.rounds().compare();
    QTRY_VERIFY(compare.model().rowCount() > 1);
    compare.items().setFocus();
    QTest::keyClick(&compare.items(), Qt::Key_Down);
    const models::ItemChange item = *compare.item();
    const auto text = [&](CompareView::Column column) {
        return QString::fromStdString(compare.column(column).copyText());
    };
    QTRY_VERIFY(text(CompareView::After).contains(QStringLiteral("Critique")) ||
                compare.column(CompareView::After).stack().count() > 0);
    QTRY_VERIFY(compare.column(CompareView::Problem).stack().count() > 0);
    QCOMPARE(compare.column(CompareView::Candidate).stack().count(), 3);
    // What differs is marked on both sides.
    const auto marked = [&](CompareView::Column column) {
        int marks = 0;
        auto& stack = compare.column(column).stack();
        for (int i = 0; i < stack.count(); ++i) {
            marks += static_cast<int>(stack.content(i).highlights.size());
        }
        return marks;
    };
    QTRY_VERIFY(marked(CompareView::Before) + marked(CompareView::After) > 0);
    QTest::keyClick(&compare.items(), Qt::Key_Return);
    QCOMPARE(studio.rowsOf(
                 QStringLiteral("id:%1 OR id:%2").arg(item.critiqueBefore).arg(item.critiqueAfter)),
             2);
}

void TestStudioRounds::chartsBecomeFiles() {
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(copy()));
    QVERIFY(studio.choose("demo"));
    studio.rounds().showTab(RoundsPage::DataTab);
    for (const char* name : {"funnel", "composition", "scaling"}) {
        auto* panel = studio.rounds().charts().panel(QString::fromLatin1(name));
        QTRY_VERIFY(panel->table().size() > 1);
        for (const char* suffix : {"svg", "png", "csv"}) {
            const QString path = m_folder.filePath(QString::fromLatin1(name) + QLatin1Char('.') +
                                                   QLatin1String(suffix));
            studio.rounds().writeChart(*panel, path);
            QTRY_VERIFY(QFile::exists(path));
        }
        QSvgRenderer svg(m_folder.filePath(QString::fromLatin1(name) + QStringLiteral(".svg")));
        QVERIFY(svg.isValid());
        QVERIFY(!QImage(m_folder.filePath(QString::fromLatin1(name) + QStringLiteral(".png")))
                     .isNull());
        QFile csv(m_folder.filePath(QString::fromLatin1(name) + QStringLiteral(".csv")));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count('\n'), panel->table().size());
    }
    // Cells that a spreadsheet would run, and figures that only look like it.
    const QString path = m_folder.filePath(QStringLiteral("cells.csv"));
    studio.window.rounds().writeTable(
        path, {{QStringLiteral("=1+2"), QStringLiteral("-0.5"), QStringLiteral("a,b")}});
    QTRY_VERIFY(QFile::exists(path));
    QFile csv(path);
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QCOMPARE(csv.readAll(), QByteArray("'=1+2,-0.5,\"a,b\"\r\n"));
    // A folder that is not there is a message, not a crash.
    studio.window.rounds().writeFile(m_folder.filePath(QStringLiteral("no/such/x.svg")), "x");
    QTRY_VERIFY(studio.rounds().message().isVisible());
}

void TestStudioRounds::lossesGrow() {
    const QString path = m_folder.filePath(QStringLiteral("live.scrit"));
    RoundsWorkspace made(path, 1);
    made.setLosses(5, model::JobState::Running);
    made.workspace.reset(); // one writer at a time …
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(path));
    studio.window.rounds().setPollMillis(30);
    QVERIFY(studio.choose("direct"));
    studio.rounds().showTab(RoundsPage::TrainingTab);
    QTRY_COMPARE(studio.chart("loss").value().series.value(0).points.size(), 5);
    // … so the training goes on through the workspace that the window has open.
    made.workspace = studio.window.service().workspace();
    made.setLosses(9, model::JobState::Running);
    QTRY_COMPARE(studio.chart("loss").value().series.value(0).points.size(), 9);
    made.setLosses(12, model::JobState::Done);
    QTRY_COMPARE(studio.chart("loss").value().series.value(0).points.size(), 12);
    QTRY_VERIFY(!studio.window.rounds().detail().isTraining());
    made.workspace.reset();
}

void TestStudioRounds::formSaysWhatIsMissing() {
    RoundsStudio studio(settingsFile());
    QVERIFY(studio.openRounds(copy()));
    studio.trigger("rounds.new");
    pages::EvolveForm& form = studio.rounds().form();
    QTRY_COMPARE(form.form().sets, QStringList{QStringLiteral("heldout")}); // the only one
    QTRY_COMPARE(form.form().recipe, QStringLiteral("scrit"));
    models::EvolutionForm wanted = form.form();
    wanted.base = QStringLiteral("base");
    wanted.trainer = QStringLiteral("command");
    wanted.commandTemplate = QStringLiteral("no-such-template");
    wanted.rounds = 2;
    form.setForm(wanted);
    QVERIFY(form.command().contains(QStringLiteral("--rounds 2")));
    QVERIFY(form.command().contains(QStringLiteral("--template no-such-template")));
    QTRY_VERIFY(form.previewText().contains(QStringLiteral("no-such-template")));
    QVERIFY(!studio.window.commands().action(QStringLiteral("rounds.start"))->isEnabled());
    wanted.sets.clear();
    form.setForm(wanted);
    QCOMPARE(form.problem(), QStringLiteral("Choose an evaluation set"));
}

void TestStudioRounds::glanceShowsWhatIsUnderWay() {
    RoundsStudio studio(settingsFile());
    studio.settings.setValue(QStringLiteral("page"), QStringLiteral("overview"));
    studio.window.start(copy());
    auto& page = static_cast<pages::OverviewPage&>(*studio.window.page(QStringLiteral("overview")));
    QTRY_VERIFY(page.glance() != nullptr);
    QTRY_VERIFY2(page.glance()->text().contains(QStringLiteral("direct: round 1, stopped")),
                 qPrintable(page.glance()->text()));
    QTRY_VERIFY(page.glance()->text().contains(QStringLiteral("demo-3"))); // a model, an export
    QTRY_VERIFY(page.glance()->text().contains(QStringLiteral("openai-chat")));
    const auto rows = page.glance()->rows();
    QTest::keyClick(rows.first(), Qt::Key_Space);
    QVERIFY(studio.rounds().isVisible());
    QTRY_VERIFY(studio.window.rounds().isLoaded());
}

void TestStudioRounds::readOnlyOffersNoStart() {
    RoundsStudio studio(settingsFile());
    const QString path = copy();
    studio.window.service().openWorkspace(path, true);
    QTRY_VERIFY(studio.window.service().isOpen());
    studio.window.showPage(QStringLiteral("rounds"));
    QTRY_VERIFY(studio.window.rounds().isLoaded());
    QVERIFY(!studio.window.commands().action(QStringLiteral("rounds.new"))->isEnabled());
    QVERIFY(!studio.window.commands().action(QStringLiteral("rounds.resume"))->isEnabled());
}

SCRIT_WINDOW_TEST(TestStudioRounds)
#include "studio_rounds.moc"
