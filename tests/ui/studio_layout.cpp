// SPDX-License-Identifier: GPL-3.0-or-later
// What the window does with little room, what results do to it, and where the focus goes.
#include "rounds_support.h"
#include "studio_window.h"
#include "tests/support/test_program.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/rounds/rounds_page.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/job_widgets.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/record_header.h"
#include "ui/widgets/trace_table_view.h"

#include <QDragEnterEvent>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;

namespace {

constexpr QSize kSmall(960, 540); // 1920 × 1080 at 200 %

models::ImportResult manyFiles() {
    models::ImportResult result;
    constexpr int kFiles = 24;
    constexpr int kBadLines = 40;
    for (int i = 0; i < kFiles; ++i) {
        models::ImportedFile file;
        file.file = QStringLiteral("/data/part-%1.jsonl").arg(i);
        file.format = QStringLiteral("generic");
        file.added = 100;
        result.files << file;
    }
    for (int i = 0; i < kBadLines; ++i) {
        models::BadLine line;
        line.file = QStringLiteral("/data/part-1.jsonl");
        line.line = i + 1;
        line.reason = QStringLiteral("no problem in this line");
        result.badLines << line;
    }
    result.added = 2400;
    result.bad = kBadLines;
    return result;
}

models::VerifyResult manyCounts() {
    models::VerifyResult result;
    constexpr int kVerifiers = 20;
    for (int i = 0; i < kVerifiers; ++i) {
        models::VerifiedCount count;
        count.what = QStringLiteral("verifier %1").arg(i);
        count.yes = i;
        result.counts << count;
    }
    return result;
}

bool fits(const QSize& size, const QSize& room) {
    return size.width() <= room.width() && size.height() <= room.height();
}

} // namespace

class TestStudioLayout : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void everyPageFitsASmallScreen();
    void resultsScrollInsteadOfGrowing_data();
    void resultsScrollInsteadOfGrowing();
    void failedFilesComeFirst();
    void foldingGivesItsRoom();
    void columnsFitTheirContents();
    void aLineWithAMarkIsALine();
    void resultsGoWithTheirWorkspace();
    void focusComesBack();
    void homeAndEndGoToRows();
    void endWaitsForRows();
    void readOnlyHasNoRuns();
    void seriesAreChosen();
    void aSwitchOfThemePolishesOnce();
    void closingDuringAnImportAsks();
    void aDragSaysWhatADropWouldDo();

private:
    QString settingsFile() { return m_folder.filePath(QStringLiteral("s%1.ini").arg(++m_count)); }
    QString copy() {
        const QString path = m_folder.filePath(QStringLiteral("w%1.scrit").arg(++m_count));
        return QFile::copy(m_rounds, path) ? path : QString();
    }
    QTemporaryDir m_folder;
    QString m_rounds;
    int m_count = 0;
};

void TestStudioLayout::initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QVERIFY(m_folder.isValid());
    m_rounds = m_folder.filePath(QStringLiteral("rounds.scrit"));
    const RoundsWorkspace made(m_rounds);
    QVERIFY(made.workspace != nullptr);
}

void TestStudioLayout::everyPageFitsASmallScreen() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.resize(kSmall);
    QStringList tooLarge;
    const auto look = [&](const QString& what) {
        QTest::qWait(20);
        const QSize window = studio.window.minimumSizeHint().expandedTo(studio.window.size());
        if (!fits(window, kSmall)) {
            tooLarge << QStringLiteral("%1: the window %2x%3")
                            .arg(what)
                            .arg(window.width())
                            .arg(window.height());
        }
        // The window would let a page be cut: it has to ask for no more than there is.
        const pages::Page* page = studio.window.page(what.section(QLatin1Char('.'), 0, 0));
        const QSize least = page->minimumSizeHint();
        if (!fits(least, page->size())) {
            tooLarge << QStringLiteral("%1: %2x%3 in %4x%5")
                            .arg(what)
                            .arg(least.width())
                            .arg(least.height())
                            .arg(page->width())
                            .arg(page->height());
        }
    };
    for (const QString& id : studio.window.pageIds()) {
        studio.window.showPage(id);
        look(id);
    }
    for (const char* id : {"rounds.scores", "rounds.validation", "rounds.data", "rounds.training",
                           "rounds.compare", "rounds.new", "runs.new", "review.new-queue",
                           "review.audit", "review.people", "review.answers"}) {
        const QString name = QString::fromLatin1(id);
        studio.window.showPage(name.section(QLatin1Char('.'), 0, 0));
        QAction* action = studio.window.commands().action(name);
        QVERIFY2(action != nullptr, id);
        action->trigger();
        look(name);
    }
    QVERIFY2(tooLarge.isEmpty(), qPrintable(tooLarge.join(QLatin1Char('\n'))));
}

void TestStudioLayout::resultsScrollInsteadOfGrowing_data() {
    QTest::addColumn<QSize>("size");
    QTest::newRow("usual") << QSize(1280, 776);
    QTest::newRow("small") << kSmall;
}

void TestStudioLayout::resultsScrollInsteadOfGrowing() {
    QFETCH(QSize, size);
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.resize(size);
    QTest::qWait(20);
    const auto inside = [&](const QWidget& panel) {
        const QRect box(panel.mapTo(&studio.window, QPoint()), panel.size());
        return studio.window.rect().contains(box);
    };
    studio.window.importPanel().showResult(manyFiles());
    QTest::qWait(50);
    QCOMPARE(studio.window.size(), size);
    QVERIFY(inside(studio.window.importPanel()));
    // All files are there to read.
    QVERIFY(studio.window.importPanel().text().contains(QStringLiteral("part-23.jsonl")));
    studio.window.importPanel().hide();
    studio.window.verifyPanel().showResult(manyCounts());
    QTest::qWait(50);
    QCOMPARE(studio.window.size(), size);
    QVERIFY(inside(studio.window.verifyPanel()));
}

void TestStudioLayout::failedFilesComeFirst() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    models::ImportResult result = manyFiles();
    result.files.last().error = QStringLiteral("it cannot be opened");
    result.files.last().added = 0;
    auto& panel = studio.window.importPanel();
    panel.showResult(result);
    QTest::qWait(50);
    const QStringList lines = panel.text().split(QLatin1Char('\n'));
    QVERIFY2(lines[0].contains(QStringLiteral("1 file could not be read")), qPrintable(lines[0]));
    QVERIFY2(lines[1].contains(QStringLiteral("part-23.jsonl")), qPrintable(lines[1]));
    QVERIFY(lines[1].contains(QStringLiteral("it cannot be opened")));
    // Several lines are in sight, the others scroll.
    const auto areas = panel.findChildren<QScrollArea*>();
    const auto area = std::find_if(areas.begin(), areas.end(), [](const QScrollArea* one) {
        return one->accessibleName() == QStringLiteral("Files");
    });
    QVERIFY(area != areas.end());
    QVERIFY((*area)->viewport()->height() >= 3 * (*area)->fontMetrics().height());
    QVERIFY((*area)->verticalScrollBar()->maximum() > 0);
}

void TestStudioLayout::foldingGivesItsRoom() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    auto& reading = studio.traces().reading();
    auto& outcome = reading.outcome();
    auto& critique = reading.column(pages::ReadingView::Critique);
    QTest::qWait(20);
    const int before = critique.height();
    const int strip = outcome.height();
    QVERIFY(strip > outcome.headHeight());
    outcome.setFolded(true);
    QTRY_COMPARE(outcome.height(), outcome.headHeight());
    QTRY_COMPARE(critique.height(), before + strip - outcome.headHeight());
    outcome.setFolded(false);
    QTRY_COMPARE(outcome.height(), strip);
    QCOMPARE(critique.height(), before);
}

void TestStudioLayout::columnsFitTheirContents() {
    models::TraceTableModel model;
    widgets::TraceTableView table;
    table.resize(1900, 300);
    table.setTraceModel(&model);
    table.show();
    models::TraceRow row;
    row.id = 1;
    row.source = QStringLiteral("a data set with a name of its own");
    row.critic = QStringLiteral("a critic with a long name");
    model.setRows(models::ListKind::Critiques, {1}, 1);
    model.setPage(1, 0, {row});
    const auto width = [&](models::TraceTableModel::Column column) {
        return table.columnWidth(column);
    };
    using Model = models::TraceTableModel;
    const QFontMetrics metrics(table.font());
    QVERIFY(width(Model::Source) > metrics.horizontalAdvance(row.source));
    QVERIFY(width(Model::Critic) > metrics.horizontalAdvance(row.critic));
    QVERIFY(width(Model::Student) < 100);    // nobody is named there
    QVERIFY(table.columnWidths().isEmpty()); // nothing to keep
    // A width of the user's stays.
    table.setColumnWidth(Model::Source, 150);
    QCOMPARE(table.columnWidths(), QStringList{QStringLiteral("source=150")});
    row.source = QStringLiteral("x");
    model.setRows(models::ListKind::Critiques, {1}, 2);
    model.setPage(2, 0, {row});
    QCOMPARE(width(Model::Source), 150);
    // Little room is shared: the problem's words keep theirs.
    table.resize(700, 300);
    QVERIFY(width(Model::Critic) <= 128);
}

void TestStudioLayout::aLineWithAMarkIsALine() {
    widgets::StepCard card(nullptr);
    widgets::CardContent content;
    content.gutter = QStringLiteral("7");
    content.text = "One line.";
    card.setContent(content);
    const int plain = card.heightForWidth(400);
    content.mark = models::Mark::Yes;
    card.setContent(content);
    QCOMPARE(card.heightForWidth(400), plain);
}

void TestStudioLayout::resultsGoWithTheirWorkspace() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.importPanel().showResult(manyFiles());
    studio.window.verifyPanel().showResult(manyCounts());
    const QString other = copy();
    studio.window.openFiles({other});
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.service().info().path, other, 20000);
    QVERIFY(studio.window.importPanel().isHidden());
    QVERIFY(studio.window.verifyPanel().isHidden());
}

void TestStudioLayout::focusComesBack() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&studio.window));
    auto* table = studio.traces().findChild<widgets::TraceTableView*>();
    table->setFocus();
    QTRY_VERIFY(table->hasFocus());
    studio.window.importPanel().showResult(manyFiles());
    QVERIFY(!table->hasFocus());
    QTest::keyClick(&studio.window.importPanel(), Qt::Key_Escape);
    QVERIFY(studio.window.importPanel().isHidden());
    QTRY_VERIFY(table->hasFocus());
}

void TestStudioLayout::homeAndEndGoToRows() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    auto* table = studio.traces().findChild<widgets::TraceTableView*>();
    QTest::keyClick(table, Qt::Key_End);
    QCOMPARE(table->currentIndex().row(), table->model()->rowCount() - 1);
    QTest::keyClick(table, Qt::Key_Home);
    QCOMPARE(table->currentIndex().row(), 0);
}

void TestStudioLayout::endWaitsForRows() {
    models::TraceTableModel model;
    widgets::TraceTableView table;
    table.setTraceModel(&model);
    models::RowIds ids;
    for (qint64 id = 1; id <= models::TraceTableModel::kPageRows; ++id) {
        ids << id;
    }
    model.setRows(models::ListKind::Problems, ids, 1);
    table.setGrowing(true);
    table.setCurrentIndex(model.index(0, models::TraceTableModel::Excerpt));
    const auto rest = [&] {
        for (int i = 0; i < 1000; ++i) {
            ids << ids.last() + 1;
        }
        QVERIFY(model.growRows(models::ListKind::Problems, ids, 1));
        table.setGrowing(false);
    };
    QTest::keyClick(&table, Qt::Key_End);
    QCOMPARE(table.currentIndex().row(), models::TraceTableModel::kPageRows - 1);
    rest();
    QCOMPARE(table.currentIndex().row(), model.rowCount() - 1);
    // Whoever has gone on since stays where they are.
    table.setGrowing(true);
    QTest::keyClick(&table, Qt::Key_End);
    QTest::keyClick(&table, Qt::Key_Home);
    rest();
    QCOMPARE(table.currentIndex().row(), 0);
}

void TestStudioLayout::readOnlyHasNoRuns() {
    Studio studio(settingsFile());
    const QString path = copy();
    studio.window.service().openWorkspace(path, true);
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.service().isOpen(), 20000);
    studio.window.showPage(QStringLiteral("runs"));
    auto& runs = static_cast<pages::RunsPage&>(*studio.window.page(QStringLiteral("runs")));
    QAction* start = studio.window.commands().action(QStringLiteral("runs.new"));
    QVERIFY(!start->isEnabled());
    QVERIFY(start->toolTip().contains(QStringLiteral("read-only")));
    runs.showForm(); // whoever asks for it
    QVERIFY(runs.shown() != pages::RunsPage::Form);
    for (const QPushButton* button : runs.findChildren<QPushButton*>()) {
        QVERIFY(button->text() != start->text() || !button->isEnabled());
    }
}

void TestStudioLayout::seriesAreChosen() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.showPage(QStringLiteral("rounds"));
    QTRY_VERIFY_WITH_TIMEOUT(!studio.window.rounds().detail().counts.isEmpty(), 20000);
    auto& charts =
        static_cast<pages::RoundsPage&>(*studio.window.page(QStringLiteral("rounds"))).charts();
    pages::ChartTabs::Shown shown;
    const models::SeriesInfos stored = studio.window.rounds().series();
    const auto demo = std::find_if(stored.begin(), stored.end(), [](const auto& one) {
        return one.name == QStringLiteral("demo");
    });
    QVERIFY(demo != stored.end());
    constexpr int kSeries = 8;
    for (int i = 0; i < kSeries; ++i) {
        models::SeriesInfo one = *demo;
        one.name = QStringLiteral("series %1").arg(i);
        one.changed = QDateTime::fromSecsSinceEpoch(1000 + i);
        shown.all << one;
    }
    shown.series = QStringLiteral("series 2");
    charts.setShown(shown);
    QCOMPARE(charts.choose().text(), QStringLiteral("6 of 8 shown"));
    Q_EMIT charts.choose().menu()->aboutToShow();
    const auto ticked = [&] {
        QStringList names;
        for (int i = 0; i < charts.choice().count(); ++i) {
            if (charts.choice().item(i)->checkState() == Qt::Checked) {
                names << charts.choice().item(i)->text().section(QLatin1Char(' '), 1);
            }
        }
        return names.join(QLatin1Char(' '));
    };
    QCOMPARE(ticked(), QStringLiteral("7 6 5 4 3 2")); // the newest, and the one looked at
    const auto row = [&](const char* name) {
        return charts.choice().findItems(QString::fromLatin1(name), Qt::MatchExactly).first();
    };
    QVERIFY(!row("series 0")->flags().testFlag(Qt::ItemIsEnabled)); // it is full
    QVERIFY(!row("series 2")->flags().testFlag(Qt::ItemIsEnabled)); // it is looked at
    row("series 7")->setCheckState(Qt::Unchecked);
    row("series 0")->setCheckState(Qt::Checked);
    QCOMPARE(ticked(), QStringLiteral("6 5 4 3 2 0"));
    QCOMPARE(charts.choose().text(), QStringLiteral("6 of 8 shown"));
}

void TestStudioLayout::aSwitchOfThemePolishesOnce() {
    Studio studio(settingsFile());
    studio.theme.setChoice(widgets::ThemeChoice::Light);
    QVERIFY(studio.open(copy()));
    struct Counter : QObject {
        bool eventFilter(QObject* watched, QEvent* event) override {
            count += event->type() == QEvent::StyleChange ? 1 : 0;
            return QObject::eventFilter(watched, event);
        }
        int count = 0;
    } counter;
    auto* header = studio.traces().findChild<widgets::RecordHeader*>();
    header->installEventFilter(&counter);
    studio.theme.setChoice(widgets::ThemeChoice::Dark);
    QVERIFY2(counter.count <= 2, qPrintable(QString::number(counter.count)));
    QCOMPARE(QApplication::palette().color(QPalette::Window), widgets::tokens().window);
    QCOMPARE(header->palette().color(QPalette::WindowText), widgets::tokens().text);
    QVERIFY(qApp->styleSheet().contains(widgets::tokens().accent.name()));
}

void TestStudioLayout::closingDuringAnImportAsks() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    constexpr int kMany = 4000;
    const QString file = writeFile(m_folder, QStringLiteral("many.jsonl"), manyProblems(kMany));
    studio.window.openFiles({file});
    QVERIFY(studio.window.service().isBusy());
    studio.window.close();
    QVERIFY(studio.window.question() != nullptr);
    studio.window.question()->findChild<QPushButton*>(QStringLiteral("keepWorking"))->click();
    QTRY_VERIFY(studio.window.question() == nullptr);
    QVERIFY(studio.window.isVisible());
    if (!studio.window.service().isBusy()) {
        QSKIP("the import was faster than the question");
    }
    studio.window.close();
    QVERIFY(studio.window.question() != nullptr);
    studio.window.question()->findChild<QPushButton*>(QStringLiteral("stopAndClose"))->click();
    QTRY_VERIFY_WITH_TIMEOUT(!studio.window.isVisible(), 30000);
}

void TestStudioLayout::aDragSaysWhatADropWouldDo() {
    Studio studio(settingsFile());
    const QString path = copy();
    QVERIFY(studio.open(path));
    const auto hint = [&studio] {
        const auto labels = studio.window.findChildren<QLabel*>(QStringLiteral("popup"));
        return labels.size() == 1 && labels[0]->isVisible() ? labels[0]->text() : QString();
    };
    const auto drag = [&](const char* name) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(m_folder.filePath(QString::fromLatin1(name)))});
        QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&studio.window, &enter);
        return enter.isAccepted();
    };
    QVERIFY(drag("more.jsonl"));
    QVERIFY(hint().contains(QFileInfo(path).completeBaseName()));
    QVERIFY(drag("other.scrit"));
    QVERIFY(hint().contains(QStringLiteral("open")));
    QDragLeaveEvent leave;
    QApplication::sendEvent(&studio.window, &leave);
    QCOMPARE(hint(), QString());
}

SCRIT_WINDOW_TEST(TestStudioLayout)
#include "studio_layout.moc"
