// SPDX-License-Identifier: GPL-3.0-or-later
// Commands, their keys and the palette, and the pages that are made when somebody asks for them.
#include "studio_window.h"
#include "tests/support/test_program.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/trace_table_view.h"

#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTimer>
#include <QTreeWidget>

#include <algorithm>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;

namespace {

bool allMade(const Studio& studio) {
    const QStringList ids = studio.window.pageIds();
    return std::all_of(ids.begin(), ids.end(),
                       [&](const QString& id) { return studio.window.isMade(id); });
}

} // namespace

class TestStudioCommands : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void linkMakesItsPage();
    void pageMadeLateFollowsTheTheme();
    void pageMadeLateShowsTheOpenWorkspace();
    void paletteRunsCommands();
    void paletteKnowsCommandsOfAllPages();
    void keysOfPagesNotMadeAreKept();
    void shortcutsCanBeChanged();
    void hintsNameTheKeysOfThePage();
    void pagesAreMadeOneByOne();

private:
    QString settingsFile() const { return m_folder.filePath(QStringLiteral("studio.ini")); }
    QTemporaryDir m_folder;
    int m_copies = 0;
    QString copy() { return copyOfSample(m_folder, QStringLiteral("w%1.scrit").arg(++m_copies)); }
};

void TestStudioCommands::initTestCase() {
    QVERIFY(!sampleWorkspace().isEmpty());
}

void TestStudioCommands::init() {
    QFile::remove(settingsFile());
}

void TestStudioCommands::linkMakesItsPage() {
    QSettings(settingsFile(), QSettings::IniFormat)
        .setValue(QStringLiteral("page"), QStringLiteral("overview"));
    Studio studio(settingsFile());
    for (const QString& id : studio.window.pageIds()) {
        QVERIFY2(!studio.window.isMade(id), qPrintable(id));
    }
    studio.window.start(copy());
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.service().isOpen(), 20000);
    QVERIFY(studio.window.isMade(QStringLiteral("overview")));
    auto* overview =
        static_cast<pages::OverviewPage*>(studio.window.page(QStringLiteral("overview")));
    QTRY_VERIFY(overview->text().contains(QStringLiteral("Critiques: ")));
    QTRY_VERIFY(studio.window.review().isLoaded()); // what can wait has been read
    for (const QString& id : studio.window.pageIds()) {
        QVERIFY2(id == QStringLiteral("overview") || !studio.window.isMade(id), qPrintable(id));
    }
    for (pages::CountRow* row : overview->findChildren<pages::CountRow*>()) {
        if (row->text().contains(QStringLiteral("wrong"))) {
            QTest::mouseClick(row, Qt::LeftButton);
        }
    }
    QVERIFY(studio.window.isMade(QStringLiteral("traces")));
    QVERIFY(studio.traces().isVisible());
    QCOMPARE(studio.filter().text(), QStringLiteral("correct:no"));
    QTRY_VERIFY(studio.traces().model().rowAt(0) != nullptr);
    QCOMPARE(studio.traces().model().kind(), models::ListKind::Solutions);
    QCOMPARE(studio.traces().model().rowAt(0)->solutionCorrect, std::optional(false));
    QVERIFY(!studio.window.isMade(QStringLiteral("review")));
}

void TestStudioCommands::pageMadeLateFollowsTheTheme() {
    const QString runs = QStringLiteral("runs");
    const QString traces = QStringLiteral("traces");
    const auto switchTheme = [](Studio& studio) {
        studio.theme.setChoice(widgets::ThemeChoice::Light);
        studio.window.commands().action(QStringLiteral("app.theme"))->trigger();
        studio.window.commands().action(QStringLiteral("app.larger"))->trigger();
    };
    const auto picture = [&](Studio& studio) {
        studio.window.showPage(runs);
        studio.window.page(runs)->setFocus(); // the same thing has it, or nothing
        return studio.window.page(runs)->grab().toImage();
    };
    Studio before(settingsFile());
    QVERIFY(before.open(copy()));
    before.theme.setChoice(widgets::ThemeChoice::Light);
    const QImage light = picture(before);
    switchTheme(before);
    const QImage dark = picture(before);
    QVERIFY(dark != light);
    before.settings.sync();
    QCOMPARE(before.settings.value(QStringLiteral("textScale")).toInt(), 110);
    QVERIFY(!before.window.isMade(QStringLiteral("settings"))); // which is not what keeps it

    QFile::remove(settingsFile());
    Studio after(settingsFile());
    after.settings.setValue(QStringLiteral("page"), QStringLiteral("overview"));
    switchTheme(after);
    after.window.start(copy());
    QTRY_VERIFY_WITH_TIMEOUT(after.window.service().isOpen(), 20000);
    QVERIFY(!after.window.isMade(runs) && !after.window.isMade(traces));
    QTRY_COMPARE(picture(after), dark);
    after.window.showPage(traces);
    QTRY_VERIFY(after.traces().reading().record() != nullptr);
    QCOMPARE(after.traces().reading().font(), before.traces().reading().font());
    QCOMPARE(after.traces().reading().palette(), before.traces().reading().palette());
}

void TestStudioCommands::pageMadeLateShowsTheOpenWorkspace() {
    const QString full = copy();
    Studio studio(settingsFile());
    studio.settings.setValue(QStringLiteral("page"), QStringLiteral("overview"));
    studio.window.service().createWorkspace(m_folder.filePath(QStringLiteral("empty.scrit")));
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.service().isOpen(), 20000);
    studio.window.openFiles({full});
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.service().info().path, full, 20000);
    QVERIFY(!studio.window.isMade(QStringLiteral("traces")));
    studio.window.showPage(QStringLiteral("traces"));
    QTRY_VERIFY(studio.traces().reading().record() != nullptr);
    QVERIFY(studio.traces().model().rowCount() > 0);
    QVERIFY(studio.window.commands().action(QStringLiteral("traces.verify"))->isEnabled());
    // And from then on it follows like any other.
    studio.window.openFiles({m_folder.filePath(QStringLiteral("empty.scrit"))});
    QTRY_COMPARE(studio.traces().model().rowCount(), 0);
    studio.window.commands().action(QStringLiteral("app.close"))->trigger();
    QVERIFY(!studio.window.commands().action(QStringLiteral("traces.verify"))->isEnabled());
}

void TestStudioCommands::paletteRunsCommands() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    QTest::keyClick(&studio.window, Qt::Key_K, Qt::ControlModifier);
    auto* palette = studio.window.findChild<widgets::CommandPalette*>();
    QVERIFY(palette->isVisible());
    auto* edit = palette->findChild<QLineEdit*>();
    QVERIFY(edit->hasFocus());
    QTest::keyClicks(edit, QStringLiteral("overv"));
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(!palette->isVisible()); // once all commands are there
    QTRY_VERIFY(studio.window.page(QStringLiteral("overview"))->isVisible());
    QTest::keyClick(&studio.window, Qt::Key_K, Qt::ControlModifier);
    QTest::keyClick(edit, Qt::Key_Escape);
    QVERIFY(!palette->isVisible());
}

void TestStudioCommands::paletteKnowsCommandsOfAllPages() {
    const auto names = [](Studio& studio) {
        studio.window.commands().action(QStringLiteral("app.palette"))->trigger();
        (void)QTest::qWaitFor([&] { return allMade(studio); });
        QStringList ids;
        for (const widgets::Command& command : studio.window.commands().commands()) {
            ids << command.id;
        }
        return ids;
    };
    Studio studio(settingsFile());
    const QStringList inOrder = names(studio);
    for (const char* id : {"traces.next", "review.agree", "runs.new", "rounds.new", "models.add",
                           "export.write", "reading.compare"}) {
        QVERIFY2(inOrder.contains(QString::fromLatin1(id)), id);
    }
    Studio visited(settingsFile());
    visited.settings.setValue(QStringLiteral("page"), QStringLiteral("models"));
    visited.window.start(copy());
    QTRY_VERIFY_WITH_TIMEOUT(visited.window.service().isOpen(), 20000);
    visited.window.showPage(QStringLiteral("traces"));
    QCOMPARE(names(visited), inOrder);
    // Who types fast chooses among all of them.
    Studio fast(settingsFile());
    QVERIFY(fast.window.commands().action(QStringLiteral("rounds.new")) == nullptr);
    fast.window.commands().action(QStringLiteral("app.palette"))->trigger();
    auto* edit = fast.window.findChild<widgets::CommandPalette*>()->findChild<QLineEdit*>();
    edit->setText(QStringLiteral("rounds show scores"));
    QVERIFY(!fast.window.isMade(QStringLiteral("rounds")));
    QTest::keyClick(edit, Qt::Key_Return);
    QVERIFY(edit->isVisible()); // it waits for what it names
    QTRY_VERIFY(fast.window.commands().action(QStringLiteral("rounds.scores")) != nullptr);
    QSignalSpy run(fast.window.commands().action(QStringLiteral("rounds.scores")),
                   &QAction::triggered);
    QTRY_COMPARE(run.count(), 1);
    QVERIFY(!edit->isVisible());
    // Settings lists them, too.
    Studio third(settingsFile());
    third.window.showPage(QStringLiteral("settings"));
    QTRY_COMPARE(third.window.commands().commands().size(), inOrder.size());
    const auto* keys = third.window.page(QStringLiteral("settings"))->findChild<QTreeWidget*>();
    QTRY_COMPARE(keys->topLevelItemCount(), inOrder.size());
}

void TestStudioCommands::keysOfPagesNotMadeAreKept() {
    {
        Studio studio(settingsFile());
        QVERIFY(studio.window.page(QStringLiteral("models")) != nullptr);
        studio.window.commands().setKeys(QStringLiteral("models.add"), {QKeySequence(Qt::Key_F9)});
        studio.window.commands().save(studio.settings);
    }
    Studio studio(settingsFile());
    studio.window.commands().save(studio.settings); // without that page
    QVERIFY(studio.settings.contains(QStringLiteral("shortcuts/models.add")));
    QVERIFY(studio.window.page(QStringLiteral("models")) != nullptr);
    QCOMPARE(studio.window.commands().action(QStringLiteral("models.add"))->shortcut(),
             QKeySequence(Qt::Key_F9));
    studio.window.commands().resetKeys(QStringLiteral("models.add"));
    studio.window.commands().save(studio.settings);
    QVERIFY(!studio.settings.contains(QStringLiteral("shortcuts/models.add")));
}

void TestStudioCommands::shortcutsCanBeChanged() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    auto& commands = studio.window.commands();
    QVERIFY(commands.conflict(QStringLiteral("traces.next"), QKeySequence(Qt::Key_K)) != nullptr);
    commands.setKeys(QStringLiteral("traces.next"), {QKeySequence(Qt::Key_Period)});
    commands.save(studio.settings);
    QVERIFY(commands.action(QStringLiteral("traces.next"))->toolTip().contains(QLatin1Char('.')));
    QTest::keyClick(&studio.traces().table(), Qt::Key_Period);
    QCOMPARE(studio.traces().table().currentIndex().row(), 1);
    studio.settings.sync();
    Studio again(settingsFile());
    QVERIFY(again.window.page(QStringLiteral("traces")) != nullptr);
    QCOMPARE(again.window.commands().action(QStringLiteral("traces.next"))->shortcut(),
             QKeySequence(Qt::Key_Period));
    again.window.commands().resetKeys(QStringLiteral("traces.next"));
    QCOMPARE(again.window.commands().action(QStringLiteral("traces.next"))->shortcut(),
             QKeySequence(Qt::Key_J));
}

void TestStudioCommands::hintsNameTheKeysOfThePage() {
    Studio studio(settingsFile());
    QVERIFY(studio.open(copy()));
    const auto* hints = studio.window.findChild<QLabel*>(QStringLiteral("keyHints"));
    QVERIFY(hints != nullptr);
    QVERIFY2(hints->text().startsWith(QStringLiteral("J K record   ·   ")),
             qPrintable(hints->text()));
    widgets::CommandRegistry& commands = studio.window.commands();
    int told = 0;
    for (const QString& id : studio.window.pageIds()) {
        studio.window.showPage(id);
        for (const pages::KeyHint& hint : studio.window.page(id)->keyHints()) {
            QVERIFY(!hint.words.isEmpty());
            for (const QString& command : hint.commands) {
                QVERIFY2(commands.action(command) != nullptr, qPrintable(command));
                const QString key =
                    commands.action(command)->shortcut().toString(QKeySequence::NativeText);
                QVERIFY2(hints->text().contains(key), qPrintable(hints->text() + u' ' + key));
                ++told;
            }
        }
        QVERIFY2(hints->text().endsWith(QStringLiteral(" commands")), qPrintable(hints->text()));
    }
    QVERIFY(told > 0);
    studio.window.showPage(QStringLiteral("traces"));
    commands.setKeys(QStringLiteral("traces.next"), {});
    QVERIFY2(hints->text().startsWith(QStringLiteral("K record   ·   ")),
             qPrintable(hints->text()));
}

void TestStudioCommands::pagesAreMadeOneByOne() {
    Studio studio(settingsFile());
    const auto made = [&studio] {
        const QStringList ids = studio.window.pageIds();
        return std::count_if(ids.begin(), ids.end(),
                             [&](const QString& id) { return studio.window.isMade(id); });
    };
    studio.window.commands().action(QStringLiteral("app.palette"))->trigger();
    // A look in every turn of the event loop.
    QTimer turns;
    auto seen = made();
    decltype(seen) most = 0;
    connect(&turns, &QTimer::timeout, &turns, [&] {
        most = std::max(most, made() - seen);
        seen = made();
    });
    turns.start(0);
    QTRY_VERIFY(allMade(studio));
    QVERIFY2(most <= 2, qPrintable(QString::number(most)));
}

SCRIT_WINDOW_TEST(TestStudioCommands)
#include "studio_commands.moc"
