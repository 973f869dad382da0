// SPDX-License-Identifier: GPL-3.0-or-later
// The real main window, offscreen, driven by keys, mouse and drops.
#include "core/store/reader.h"
#include "studio_window.h"
#include "tests/support/test_program.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/job_widgets.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/record_header.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/trace_table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>

#include <algorithm>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using Emphasis = widgets::StepCard::Emphasis;
using pages::ReadingView;

namespace {

bool waitForCount(Studio& studio, int rows) {
    return QTest::qWaitFor([&] { return studio.traces().model().rowCount() == rows; }, 20000);
}

// As the desktop does it: in over the window, then let go.
void drop(Studio& studio, const QString& path) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(path)});
    QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&studio.window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent let(QPointF(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&studio.window, &let);
}

// A copy of the sample that opens, and whose figures cannot be read: some of its pages are noise.
QString damagedSample(const QTemporaryDir& folder) {
    constexpr qint64 kPages = 8 * 4096;
    QString path = folder.filePath(QStringLiteral("damaged.scrit"));
    const qint64 size = QFileInfo(sampleWorkspace()).size();
    for (qint64 at = size / kPages - 1; at > 0; --at) {
        QFile::remove(path);
        QFile::copy(sampleWorkspace(), path);
        QFile file(path);
        if (!file.open(QIODevice::ReadWrite) || !file.seek(at * kPages)) {
            return {};
        }
        file.write(QByteArray(kPages, '\x5a'));
        file.close();
        const auto workspace =
            store::Workspace::open(models::utf8(path), store::OpenMode::ReadOnly);
        const auto reader = workspace ? (*workspace)->reader() : base::fail(workspace.error());
        if (reader && !(*reader)->status()) {
            return path;
        }
    }
    return {};
}

} // namespace

class TestStudioPages : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void welcomeWithoutWorkspace();
    void filterShowsRows();
    void filterErrorIsExplained();
    void filterCompletes();
    void nextAndPrevious();
    void stepHighlightsCounterpart();
    void clickSelectsCounterpart();
    void siblings();
    void kindsOfRows();
    void tableHides();
    void outcomeExplains();
    void copyGivesSource();
    void dropImports();
    void cancelFromTheStrip();
    void dropOpensWorkspace();
    void brokenWorkspaceIsAMessage();
    void damagedWorkspaceSaysSo();
    void filterGivesTheFocusBack();
    void emptyListsOfferWhatIsThere();
    void choosingTheKindKeepsTheFocus();
    void panesAreReachedByKeys();
    void completionSaysItAll();
    void escapeStopsAnImport();
    void overviewGoesToTraces();
    void stateIsRestored();
    void themesSwitch();
    void modelTextIsNeverMarkup();
    void everythingHasAName();

private:
    QString settingsFile() const { return m_folder.filePath(QStringLiteral("studio.ini")); }
    QTemporaryDir m_folder;
    int m_copies = 0;
    QString copy() { return copyOfSample(m_folder, QStringLiteral("w%1.scrit").arg(++m_copies)); }
};

void TestStudioPages::initTestCase() {
    QVERIFY(!sampleWorkspace().isEmpty());
}

void TestStudioPages::init() {
    QFile::remove(settingsFile());
}

void TestStudioPages::welcomeWithoutWorkspace() {
    Studio studio(settingsFile());
    studio.window.start({});
    QVERIFY(!studio.window.service().isOpen());
    QVERIFY(!studio.window.commands().action(QStringLiteral("go.traces"))->isEnabled());
    QVERIFY(studio.window.commands().action(QStringLiteral("go.settings"))->isEnabled());
    QVERIFY(!studio.traces().isVisible());
}

void TestStudioPages::filterShowsRows() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    const int all = studio.traces().model().rowCount();
    QTest::keyClick(&studio.traces().table(), Qt::Key_Slash);
    QVERIFY(studio.filter().hasFocus());
    QTest::keyClicks(&studio.filter(), QStringLiteral("mode:contrastive"));
    QTest::keyClick(&studio.filter(), Qt::Key_Return);
    QTRY_VERIFY(studio.traces().model().rowCount() < all);
    QVERIFY(studio.traces().model().rowCount() > 0);
    QTRY_VERIFY(studio.traces().countText().contains(QStringLiteral(" of "))); // all are there
    QCOMPARE(studio.traces().countText(),
             QStringLiteral("%1 of %2").arg(studio.traces().model().rowCount()).arg(all));
    QVERIFY(studio.traces().table().hasFocus());
    QTRY_VERIFY(studio.traces().model().rowAt(0) != nullptr);
    QCOMPARE(studio.traces().model().rowAt(0)->mode, model::CritiqueMode::Contrastive);
}

void TestStudioPages::filterErrorIsExplained() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    const int all = studio.traces().model().rowCount();
    studio.filter().setFocus();
    QTest::keyClicks(&studio.filter(), QStringLiteral("colour:red"));
    QTRY_VERIFY(studio.traces().errorText().contains(QStringLiteral("column 1")));
    QTest::qWait(400); // longer than the pause before a filter is used
    QCOMPARE(studio.traces().model().rowCount(), all);
    studio.filter().clear();
    QVERIFY(studio.traces().errorText().isEmpty());
}

void TestStudioPages::filterCompletes() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.filter().setFocus();
    QTest::keyClicks(&studio.filter(), QStringLiteral("vali"));
    QVERIFY(studio.filter().isOffering());
    QTest::keyClick(&studio.filter(), Qt::Key_Tab);
    QCOMPARE(studio.filter().text(), QStringLiteral("validated:"));
    QVERIFY(studio.filter().isOffering()); // its values
    QTest::keyClick(&studio.filter(), Qt::Key_Down);
    QTest::keyClick(&studio.filter(), Qt::Key_Return);
    QCOMPARE(studio.filter().text(), QStringLiteral("validated:yes "));
    QTest::keyClicks(&studio.filter(), QStringLiteral("source:"));
    QTRY_VERIFY(studio.filter().isOffering()); // fetched from the workspace
    QTest::keyClick(&studio.filter(), Qt::Key_Escape);
    QVERIFY(!studio.filter().isOffering());
}

void TestStudioPages::nextAndPrevious() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    auto& table = studio.traces().table();
    const auto& model = studio.traces().model();
    for (const auto& [key, row] : {std::pair{Qt::Key_J, 1}, std::pair{Qt::Key_J, 2},
                                   std::pair{Qt::Key_K, 1}, std::pair{Qt::Key_Down, 2}}) {
        QTest::keyClick(&table, key);
        QCOMPARE(table.currentIndex().row(), row);
        QTRY_COMPARE(studio.shown(), model.idAt(row));
    }
    QTest::keyClick(&table, Qt::Key_Return); // into the text: the arrows go on from there
    auto& critique = studio.traces().reading().column(ReadingView::Critique);
    QVERIFY(critique.scroll().hasFocus());
    QTest::keyClick(&critique.scroll(), Qt::Key_Right);
    QTRY_COMPARE(studio.shown(), model.idAt(3));
    QTest::keyClick(&critique.scroll(), Qt::Key_Escape);
    QVERIFY(table.hasFocus());
}

void TestStudioPages::stepHighlightsCounterpart() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    auto& reading = studio.traces().reading();
    QTest::keyClick(&studio.traces().table(), Qt::Key_N);
    QCOMPARE(reading.selectedStep(), 0);
    auto& candidate = reading.column(ReadingView::Candidate).stack();
    auto& critique = reading.column(ReadingView::Critique).stack();
    QCOMPARE(candidate.card(0)->emphasis(), Emphasis::Selected);
    const int partner = critique.cardOfStep(0);
    QVERIFY(partner >= 0);
    QCOMPARE(critique.card(partner)->emphasis(), Emphasis::Counterpart);
    QTest::keyClick(&studio.traces().table(), Qt::Key_N);
    QCOMPARE(candidate.card(0)->emphasis(), Emphasis::None);
    QCOMPARE(candidate.card(1)->emphasis(), Emphasis::Selected);
    QTest::keyClick(&studio.traces().table(), Qt::Key_P);
    QCOMPARE(reading.selectedStep(), 0);
}

void TestStudioPages::clickSelectsCounterpart() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    auto& reading = studio.traces().reading();
    auto& critique = reading.column(ReadingView::Critique).stack();
    const int partner = critique.cardOfStep(0);
    QVERIFY(partner >= 0);
    QTest::mouseClick(critique.card(partner), Qt::LeftButton, {}, QPoint(6, 6));
    QCOMPARE(critique.card(partner)->emphasis(), Emphasis::Selected);
    auto& candidate = reading.column(ReadingView::Candidate).stack();
    QCOMPARE(candidate.card(candidate.cardOfStep(0))->emphasis(), Emphasis::Counterpart);
}

void TestStudioPages::siblings() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    // A record whose solution has several critiques.
    for (int row = 0; row < 40 && studio.traces().reading().record()->siblings.size() < 2; ++row) {
        const qint64 before = studio.shown();
        QTest::keyClick(&studio.traces().table(), Qt::Key_J);
        QTRY_VERIFY(studio.shown() != before);
    }
    const auto siblings = studio.traces().reading().record()->siblings;
    QVERIFY(siblings.size() >= 2);
    QTest::keyClick(&studio.traces().table(), Qt::Key_2, Qt::AltModifier);
    QTRY_COMPARE(studio.shown(), siblings[1].id);
    QTest::keyClick(&studio.traces().table(), Qt::Key_BracketLeft);
    QTRY_COMPARE(studio.shown(), siblings[0].id);
}

void TestStudioPages::kindsOfRows() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    const int critiques = studio.traces().model().rowCount();
    auto* kinds = studio.traces().findChild<widgets::Segmented*>(QStringLiteral("kind"));
    kinds->setFocus();
    QTest::keyClick(kinds, Qt::Key_Right);
    QTRY_COMPARE(studio.traces().model().kind(), models::ListKind::Solutions);
    QVERIFY(studio.traces().model().rowCount() != critiques);
    QTRY_VERIFY(!studio.traces().reading().record()->critique);
    QVERIFY(studio.traces().reading().record()->solution);
    QVERIFY(studio.traces().table().isColumnHidden(models::TraceTableModel::Critic));
    // What has nothing to show leaves its room.
    auto& reading = studio.traces().reading();
    QVERIFY(reading.column(ReadingView::Candidate).isVisible());
    QVERIFY(!reading.column(ReadingView::Critique).isVisible());
    QVERIFY(!reading.outcome().correction().isVisible());
    QVERIFY(reading.outcome().isVisible()); // the verdicts
    QTest::keyClick(kinds, Qt::Key_Right);
    QTRY_VERIFY(reading.record() && !reading.record()->solution);
    QVERIFY(reading.column(ReadingView::Problem).isVisible());
    QVERIFY(!reading.column(ReadingView::Candidate).isVisible());
    QVERIFY(!reading.outcome().isVisible());
    studio.window.commands().action(QStringLiteral("traces.critiques"))->trigger();
    QTRY_VERIFY(reading.record() && reading.record()->critique);
    QVERIFY(reading.column(ReadingView::Critique).isVisible());
}

void TestStudioPages::tableHides() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    QTest::keyClick(&studio.traces().table(), Qt::Key_T);
    QVERIFY(!studio.traces().table().isVisible());
    auto& critique = studio.traces().reading().column(ReadingView::Critique);
    QVERIFY(critique.scroll().hasFocus());
    QTest::keyClick(&critique.scroll(), Qt::Key_J);
    QCOMPARE(studio.traces().table().currentIndex().row(), 1);
    QTest::keyClick(&critique.scroll(), Qt::Key_T);
    QVERIFY(studio.traces().table().isVisible());
}

void TestStudioPages::outcomeExplains() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.filter().setFocus();
    QTest::keyClicks(&studio.filter(), QStringLiteral("verdict:incorrect answer:match"));
    QTest::keyClick(&studio.filter(), Qt::Key_Return);
    QTRY_COMPARE(studio.traces().reading().record()->critique->parsed.conclusion,
                 std::optional(model::Conclusion::Incorrect));
    auto& outcome = studio.traces().reading().outcome();
    QTRY_VERIFY(outcome.factsText().contains(QStringLiteral("Corrected answer: ✓")));
    QVERIFY(outcome.factsText().contains(QStringLiteral("rule")));
    const auto& record = *studio.traces().reading().record();
    QVERIFY(!record.correctionDiff.empty());
    const auto cards = widgets::correctionCards(record);
    QVERIFY(std::any_of(cards.begin(), cards.end(), [](const widgets::CardContent& card) {
        return card.gutter == QStringLiteral("+") && !card.text.empty();
    }));
    QTest::keyClick(&studio.traces().table(), Qt::Key_O);
    QVERIFY(outcome.isFolded());
}

void TestStudioPages::copyGivesSource() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.commands().action(QStringLiteral("copy.3"))->trigger();
    QCOMPARE(models::utf8(QGuiApplication::clipboard()->text()),
             studio.traces().reading().record()->solution->text);
}

void TestStudioPages::dropImports() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.commands().action(QStringLiteral("traces.problems"))->trigger();
    QTRY_COMPARE(studio.traces().model().kind(), models::ListKind::Problems);
    const int before = studio.traces().model().rowCount();
    drop(studio, writeFile(m_folder, QStringLiteral("drop.jsonl"), manyProblems(12) + "[oops\n"));
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.importPanel().isVisible(), 30000);
    QVERIFY(
        studio.window.importPanel().text().contains(QStringLiteral("12 added, 0 existing, 1 bad")));
    QVERIFY(waitForCount(studio, before + 12));
}

void TestStudioPages::cancelFromTheStrip() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.openFiles(
        {writeFile(m_folder, QStringLiteral("long.jsonl"), manyProblems(60000))});
    QVERIFY(studio.window.progress().isVisible());
    auto* cancel = studio.window.progress().findChild<QPushButton*>();
    QTest::mouseClick(cancel, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.importPanel().isVisible(), 30000);
    QVERIFY(studio.window.importPanel().text().contains(QStringLiteral("cancelled")));
    QVERIFY(!studio.window.progress().isVisible());
}

void TestStudioPages::dropOpensWorkspace() {
    Studio studio(settingsFile());
    const QString path = copy();
    drop(studio, path);
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.service().info().path, path, 20000);
}

void TestStudioPages::brokenWorkspaceIsAMessage() {
    Studio studio(settingsFile());
    studio.window.openFiles({writeFile(m_folder, QStringLiteral("broken.scrit"),
                                       QByteArray("no database").repeated(500))});
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.message().isVisible(), 20000);
    QVERIFY(studio.window.message().text().size() > 10);
    QVERIFY(!studio.window.service().isOpen());
}

void TestStudioPages::damagedWorkspaceSaysSo() {
    const QString path = damagedSample(m_folder);
    QVERIFY(!path.isEmpty());
    Studio studio(settingsFile());
    QSignalSpy told(&studio.window.service(), &bridge::WorkspaceService::readFailed);
    studio.window.start(path);
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.service().isOpen(), 20000);
    QTRY_VERIFY(studio.window.message().isVisible());
    QVERIFY2(studio.window.message().text().contains(QStringLiteral("is damaged")),
             qPrintable(studio.window.message().text()));
    QVERIFY(studio.window.message().text().contains(QStringLiteral("backup")));
    studio.window.showPage(QStringLiteral("overview"));
    auto* overview =
        static_cast<pages::OverviewPage*>(studio.window.page(QStringLiteral("overview")));
    for (const QString& id : studio.window.pageIds()) {
        studio.window.showPage(id);
        QTest::qWait(50);
    }
    QVERIFY2(overview->text().contains(QStringLiteral("Critiques: not known")),
             qPrintable(overview->text()));
    QCOMPARE(told.count(), 1); // however often it is met
    QVERIFY(!studio.traces().countText().contains(QStringLiteral("counting")));
}

void TestStudioPages::filterGivesTheFocusBack() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    QTest::keyClick(&studio.traces().table(), Qt::Key_T);
    QVERIFY(!studio.traces().table().isVisible());
    for (const auto key : {Qt::Key_Return, Qt::Key_Escape}) {
        studio.window.commands().action(QStringLiteral("traces.filter"))->trigger();
        QVERIFY(studio.filter().hasFocus());
        QTest::keyClicks(&studio.filter(), QStringLiteral("mode:contrastive "));
        QTest::keyClick(&studio.filter(), key);
        auto& critique = studio.traces().reading().column(ReadingView::Critique);
        QVERIFY(critique.scroll().hasFocus());
        QTRY_VERIFY(studio.traces().countText().contains(QStringLiteral(" of ")));
        const int row = studio.traces().table().currentIndex().row();
        QTest::keyClick(&critique.scroll(), Qt::Key_J);
        QCOMPARE(studio.traces().table().currentIndex().row(), row + 1);
    }
}

void TestStudioPages::emptyListsOfferWhatIsThere() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    QSignalSpy facts(&studio.window.service(), &bridge::WorkspaceService::factsReady);
    studio.window.service().requestFacts();
    QVERIFY(facts.wait(20000));
    studio.window.commands().action(QStringLiteral("app.close"))->trigger();
    studio.window.service().createWorkspace(m_folder.filePath(QStringLiteral("none.scrit")));
    auto* empty = studio.traces().findChild<widgets::EmptyState*>();
    const auto offers = [empty] {
        QStringList texts;
        for (const auto* button : empty->findChildren<QAbstractButton*>()) {
            texts << button->text();
        }
        return texts.join(QLatin1Char('|'));
    };
    QTRY_VERIFY(empty->isVisible());
    QVERIFY2(!offers().contains(QStringLiteral("List")), qPrintable(offers()));
    QTRY_COMPARE(facts.count(), 2); // those of the new one
    QVERIFY2(!offers().contains(QStringLiteral("List")), qPrintable(offers()));
    studio.window.openFiles({writeFile(m_folder, QStringLiteral("problems.jsonl"),
                                       R"({"problem":"What is 1 + 1?","answer":"2"})"
                                       "\n")});
    QTRY_VERIFY_WITH_TIMEOUT(offers().contains(QStringLiteral("List problems")), 20000);
    studio.window.commands().action(QStringLiteral("traces.problems"))->trigger();
    QVERIFY(waitForCount(studio, 1));
    QTRY_VERIFY(!empty->isVisible());
}

void TestStudioPages::choosingTheKindKeepsTheFocus() {
    Studio studio(settingsFile());
    studio.window.service().createWorkspace(m_folder.filePath(QStringLiteral("focus.scrit")));
    QTRY_VERIFY(studio.window.service().isOpen());
    studio.window.openFiles(
        {writeFile(m_folder, QStringLiteral("solutions.jsonl"), manyProblems(3))});
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.importPanel().isVisible(), 20000);
    studio.window.importPanel().hide();
    auto* kinds = studio.traces().findChild<widgets::Segmented*>(QStringLiteral("kind"));
    kinds->setFocus();
    QTest::keyClick(kinds, Qt::Key_Right);
    QVERIFY(waitForCount(studio, 3));
    QTRY_VERIFY(studio.traces().table().isVisible());
    QVERIFY(kinds->hasFocus());
}

void TestStudioPages::panesAreReachedByKeys() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    auto& table = studio.traces().table();
    table.setFocus();
    const QList<QWidget*> parts = studio.traces().reading().parts();
    QCOMPARE(parts.size(), 6); // four texts, the correction and the verdicts
    for (QWidget* part : parts) {
        QTest::keyClick(studio.window.focusWidget(), Qt::Key_F6);
        QCOMPARE(studio.window.focusWidget(), part);
    }
    QTest::keyClick(studio.window.focusWidget(), Qt::Key_F6);
    QVERIFY(table.hasFocus());
    QTest::keyClick(&table, Qt::Key_F6, Qt::ShiftModifier);
    QCOMPARE(studio.window.focusWidget(), parts.last());
    auto& scroll = studio.traces().reading().column(ReadingView::Critique).scroll();
    QTRY_VERIFY(scroll.verticalScrollBar()->maximum() > 0);
    QTest::keyClick(&scroll, Qt::Key_End);
    QCOMPARE(scroll.verticalScrollBar()->value(), scroll.verticalScrollBar()->maximum());
    QTest::keyClick(&scroll, Qt::Key_Home, Qt::ControlModifier);
    QCOMPARE(scroll.verticalScrollBar()->value(), 0);
}

void TestStudioPages::completionSaysItAll() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.filter().setFocus();
    QTest::keyClicks(&studio.filter(), QStringLiteral("first-e"));
    QVERIFY(studio.filter().isOffering());
    const auto lists = studio.window.findChildren<QListWidget*>(QStringLiteral("popup"));
    const auto popup = std::find_if(lists.begin(), lists.end(),
                                    [](const QListWidget* list) { return list->isVisible(); });
    QVERIFY(popup != lists.end());
    const QString note = (*popup)->item(0)->data(Qt::UserRole + 1).toString();
    QVERIFY2(note.startsWith(QStringLiteral("steps count from 0")), qPrintable(note));
    QVERIFY((*popup)->width() > (*popup)->fontMetrics().horizontalAdvance(note));
    QVERIFY(studio.window.rect().contains((*popup)->geometry()));
}

void TestStudioPages::escapeStopsAnImport() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.openFiles(
        {writeFile(m_folder, QStringLiteral("escape.jsonl"), manyProblems(60000))});
    QVERIFY(studio.window.progress().isVisible());
    QTest::keyClick(&studio.traces().table(), Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.importPanel().isVisible(), 30000);
    QVERIFY(studio.window.importPanel().text().contains(QStringLiteral("cancelled")));
}

void TestStudioPages::overviewGoesToTraces() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.window.showPage(QStringLiteral("overview"));
    auto* overview =
        static_cast<pages::OverviewPage*>(studio.window.page(QStringLiteral("overview")));
    QTRY_VERIFY(overview->text().contains(QStringLiteral("Critiques: ")));
    for (pages::CountRow* row : overview->findChildren<pages::CountRow*>()) {
        if (row->text().contains(QStringLiteral("wrong"))) {
            QTest::mouseClick(row, Qt::LeftButton);
        }
    }
    QTRY_VERIFY(studio.traces().isVisible());
    QCOMPARE(studio.filter().text(), QStringLiteral("correct:no"));
    QTRY_COMPARE(studio.traces().model().kind(), models::ListKind::Solutions);
    QTRY_VERIFY(studio.traces().model().rowAt(0) != nullptr);
    QCOMPARE(studio.traces().model().rowAt(0)->solutionCorrect, std::optional(false));
}

void TestStudioPages::stateIsRestored() {
    const QString path = copy();
    qint64 id = 0;
    {
        Studio studio(settingsFile());
        QVERIFY(studio.open(path));
        studio.filter().setFocus();
        QTest::keyClicks(&studio.filter(), QStringLiteral("verdict:incorrect"));
        QTest::keyClick(&studio.filter(), Qt::Key_Return);
        QTRY_VERIFY(studio.traces().countText().contains(QStringLiteral(" of ")));
        QTest::keyClick(&studio.traces().table(), Qt::Key_J);
        QTest::keyClick(&studio.traces().table(), Qt::Key_J);
        id = studio.traces().model().idAt(2);
        QTRY_COMPARE(studio.shown(), id);
        studio.window.close();
    }
    Studio again(settingsFile());
    QVERIFY(again.open({}));
    QCOMPARE(again.window.service().info().path, path);
    QCOMPARE(again.filter().text(), QStringLiteral("verdict:incorrect"));
    QCOMPARE(again.shown(), id);
    QVERIFY(again.filter().history().contains(QStringLiteral("verdict:incorrect")));
}

void TestStudioPages::themesSwitch() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    studio.theme.setChoice(widgets::ThemeChoice::Light);
    const QColor light = studio.window.palette().color(QPalette::Window);
    QTest::keyClick(&studio.window, Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(studio.theme.isDark());
    QVERIFY(studio.window.palette().color(QPalette::Window).lightness() < light.lightness());
    studio.theme.setChoice(widgets::ThemeChoice::System);
    studio.theme.setSystemDark(false);
    QVERIFY(!studio.theme.isDark());
}

void TestStudioPages::modelTextIsNeverMarkup() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    for (const QString& id : studio.window.pageIds()) {
        QVERIFY(studio.window.page(id) != nullptr);
    }
    for (QLabel* label : studio.window.findChildren<QLabel*>()) {
        if (!label->text().isEmpty()) {
            QCOMPARE(label->textFormat(), Qt::PlainText);
        }
    }
}

void TestStudioPages::everythingHasAName() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    for (QWidget* widget : studio.window.findChildren<QWidget*>()) {
        if ((widget->focusPolicy() & Qt::TabFocus) != 0 && widget->isVisible()) {
            const auto* button = qobject_cast<QAbstractButton*>(widget);
            QVERIFY2(!widget->accessibleName().isEmpty() ||
                         (button != nullptr && !button->text().isEmpty()),
                     widget->metaObject()->className());
        }
    }
}

SCRIT_WINDOW_TEST(TestStudioPages)
#include "studio_pages.moc"
