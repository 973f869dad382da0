// SPDX-License-Identifier: GPL-3.0-or-later
// What the window does with little room, what results do to it, and where the focus goes.
#include "rounds_support.h"
#include "studio_window.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/rounds/rounds_page.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/job_widgets.h"
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
    void resultsGoWithTheirWorkspace();
    void focusComesBack();
    void homeAndEndGoToRows();
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

QTEST_MAIN(TestStudioLayout)
#include "studio_layout.moc"
