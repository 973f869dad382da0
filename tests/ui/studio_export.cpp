// SPDX-License-Identifier: GPL-3.0-or-later
// The Export page of the real window with the real engine, by keys and clicks.
#include "review_support.h"
#include "tests/support/test_program.h"
#include "ui/pages/export/export_form.h"
#include "ui/pages/export/export_preview.h"
#include "ui/widgets/chart_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/reading_column.h"
#include "ui/widgets/small_widgets.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>

#include <algorithm>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;

class TestStudioExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void countsBeforeItWrites();
    void followsTheSettings();
    void showsRowsAsTheTrainerSeesThem();
    void marksLeaks();
    void writesWhatItCounted();
    void stopsAndLeavesNothing();
    void refusesWhatCannotBeWritten();
    void listsWhatWasWritten();
    void cardsOfASample();
    void modelsAreSound();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    [[nodiscard]] QString settings() const {
        return m_folder->filePath(QStringLiteral("settings.ini"));
    }
    bool open(ReviewStudio& studio) const;
    static bool waitWhole(ReviewStudio& studio);
    static bool set(ReviewStudio& studio, const models::ExportForm& form);
    static qint64 left(ReviewStudio& studio, const char* stage);
};

void TestStudioExport::init() {
    m_folder = std::make_unique<QTemporaryDir>();
}

bool TestStudioExport::open(ReviewStudio& studio) const {
    if (!studio.open(copyOfSample(*m_folder, QStringLiteral("w.scrit")))) {
        return false;
    }
    studio.action("go.export")->trigger();
    return waitWhole(studio);
}

bool TestStudioExport::waitWhole(ReviewStudio& studio) {
    return QTest::qWaitFor(
        [&studio] {
            const auto& view = studio.exporting().preview();
            return view.preview().whole && !view.text().contains(QStringLiteral("counting"));
        },
        20000);
}

bool TestStudioExport::set(ReviewStudio& studio, const models::ExportForm& form) {
    studio.exporting().form().setForm(form);
    Q_EMIT studio.exporting().form().changed();
    return waitWhole(studio);
}

qint64 TestStudioExport::left(ReviewStudio& studio, const char* stage) {
    for (const models::ExportStage& one : studio.exporting().preview().preview().stages) {
        if (one.name == QLatin1String(stage)) {
            return one.left;
        }
    }
    return -1;
}

void TestStudioExport::countsBeforeItWrites() {
    ReviewStudio studio(settings());
    QVERIFY(open(studio));
    // What has been validated is the default of a workspace that has such critiques.
    QTRY_COMPARE(studio.exporting().form().form().filter, QStringLiteral("validated:yes"));
    QVERIFY(waitWhole(studio));
    const auto& preview = studio.exporting().preview().preview();
    QCOMPARE(preview.stages.first().name, QStringLiteral("selected"));
    QVERIFY(preview.stages.first().left > 0);
    qint64 before = preview.stages.first().left;
    for (const models::ExportStage& stage : preview.stages.mid(1)) {
        QCOMPARE(stage.left, before - stage.dropped);
        before = stage.left;
    }
    QCOMPARE(preview.rows, before);
    QVERIFY(preview.rows > 0);
    QVERIFY2(studio.exporting().preview().text().contains(QStringLiteral("Rows: ")),
             qPrintable(studio.exporting().preview().text()));
    QVERIFY(studio.exporting().folder().text().endsWith(QStringLiteral("w-openai-chat")));
    QVERIFY(!QFile::exists(studio.exporting().folder().text()));
}

void TestStudioExport::followsTheSettings() {
    ReviewStudio studio(settings());
    QVERIFY(open(studio));
    models::ExportForm form;
    form.balance.clear();
    QVERIFY(set(studio, form));
    const qint64 all = left(studio, "selected");
    QCOMPARE(all, 143);
    QCOMPARE(left(studio, "balanced"), -1); // not asked for
    const qint64 rows = studio.exporting().preview().preview().rows;
    form.balance = QStringLiteral("1:1");
    QVERIFY(set(studio, form));
    QTRY_VERIFY(left(studio, "balanced") >= 0);
    QVERIFY(studio.exporting().preview().preview().rows <= rows);
    QCOMPARE(studio.exporting().preview().preview().rows % 2, 0);
    // Typed into the filter line, a moment later.
    widgets::FilterEdit& filter = studio.exporting().form().filter();
    filter.setFocus();
    filter.selectAll();
    QTest::keyClicks(&filter, QStringLiteral("mode:direct"));
    QTest::keyClick(&filter, Qt::Key_Escape);
    QTest::keyClick(&filter, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(left(studio, "selected") > 0 && left(studio, "selected") < all, 20000);
}

void TestStudioExport::showsRowsAsTheTrainerSeesThem() {
    ReviewStudio studio(settings());
    QVERIFY(open(studio));
    models::ExportForm form;
    QVERIFY(set(studio, form));
    auto& view = studio.exporting().preview();
    QVERIFY(view.model().rowCount() > 0);
    view.samples().setCurrentIndex(view.model().index(0, 0));
    auto& stack = view.column().stack();
    QTRY_VERIFY(stack.count() >= 3);
    QVERIFY(stack.content(0).title.startsWith(QStringLiteral("system")));
    QVERIFY(stack.content(1).title.startsWith(QStringLiteral("user")));
    QVERIFY(stack.content(2).title.startsWith(QStringLiteral("assistant")));
    QVERIFY(stack.content(2).badges.size() == 1); // learned
    QVERIFY(stack.content(1).aside && !stack.content(2).aside);
    // The reference is in no part of it.
    QVERIFY(stack.content(2).text.find("Reference Analysis") == std::string::npos);
    // As it stands in the file: one line of JSON.
    auto* how = view.findChild<widgets::Segmented*>();
    how->setFocus();
    QTest::keyClick(how, Qt::Key_Right);
    QCOMPARE(stack.count(), 1);
    QVERIFY(stack.content(0).plain);
    QVERIFY(QString::fromStdString(stack.content(0).text).startsWith(QLatin1Char('{')));
    // Another view: fields instead of roles.
    form.view = QStringLiteral("csv");
    QVERIFY(set(studio, form));
    QTest::keyClick(how, Qt::Key_Left);
    QTRY_VERIFY(stack.count() >= 2 && !stack.content(0).title.startsWith(QStringLiteral("system")));
}

void TestStudioExport::marksLeaks() {
    ReviewStudio studio(settings());
    QVERIFY(open(studio));
    models::ExportForm form;
    form.filter = QStringLiteral("flag:leak");
    form.balance.clear();
    QVERIFY(set(studio, form));
    if (left(studio, "selected") == 0) {
        QSKIP("the sample has no critique that leaks");
    }
    QTRY_VERIFY(studio.exporting().preview().model().rowCount() > 0);
    auto& view = studio.exporting().preview();
    // A click on the stage brings what it drops.
    int stage = -1;
    for (int i = 0; i < view.preview().stages.size(); ++i) {
        stage = view.preview().stages[i].name == QStringLiteral("no-mention") ? i : stage;
    }
    QVERIFY(stage > 0);
    QVERIFY(view.preview().stages[stage].dropped > 0);
    QTest::mouseClick(&view.funnel(), Qt::LeftButton, {}, view.funnel().rowRect(stage).center());
    const models::ExportSample* sample = view.model().rowAt(view.samples().currentIndex().row());
    QVERIFY(sample != nullptr);
    QCOMPARE(sample->droppedBy, QStringLiteral("no-mention"));
    QVERIFY(sample->leaks() > 0);
    auto& stack = view.column().stack();
    bool marked = false;
    for (int i = 0; i < stack.count(); ++i) {
        marked = marked || !stack.content(i).highlights.empty();
    }
    QVERIFY(marked);
    // Kept on purpose, they are rows, and still marked.
    form.keepLeaks = true;
    form.keepCopies = true;
    const qint64 before = view.preview().rows;
    QVERIFY(set(studio, form));
    QTRY_VERIFY(view.preview().rows > before);
    QVERIFY(
        std::any_of(view.preview().samples.begin(), view.preview().samples.end(),
                    [](const auto& one) { return one.leaks() > 0 && one.droppedBy.isEmpty(); }));
}

void TestStudioExport::writesWhatItCounted() {
    ReviewStudio studio(settings());
    QVERIFY(open(studio));
    models::ExportForm form;
    form.filter = QStringLiteral("validated:yes");
    form.testPercent = 20;
    QVERIFY(set(studio, form));
    const auto counted = studio.exporting().preview().preview();
    const QString folder = m_folder->filePath(QStringLiteral("out set"));
    studio.exporting().folder().setText(folder);
    QSignalSpy written(&studio.window.exports(), &bridge::ExportService::written);
    studio.exporting().form().focusFirst();
    studio.key(Qt::Key_Return, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(written.count(), 1, 20000);
    const auto result = written.first().first().value<models::ExportResult>();
    QCOMPARE(result.rows, counted.rows);
    QCOMPARE(result.stages, counted.stages);
    QVERIFY(QFile::exists(folder + QStringLiteral("/manifest.json")));
    QVERIFY(QFile::exists(folder + QStringLiteral("/README.md")));
    qint64 lines = 0;
    for (const auto& [split, rows] : counted.splits) {
        QFile file(folder + QLatin1Char('/') + split + QStringLiteral(".jsonl"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        const qint64 here = file.readAll().count('\n');
        QCOMPARE(here, rows);
        lines += here;
    }
    QCOMPARE(lines, counted.rows);
    QVERIFY(studio.exporting().message().isVisible());
    QVERIFY2(studio.exporting().message().text().contains(QStringLiteral("out set")),
             qPrintable(studio.exporting().message().text()));
    // The same folder again is refused, with the reason; what is there stays.
    studio.exporting().folder().setText(folder);
    studio.action("export.write")->trigger();
    QTRY_VERIFY2_WITH_TIMEOUT(
        !studio.window.exports().isWriting() &&
            !studio.exporting().message().text().contains(QStringLiteral("written")),
        qPrintable(studio.exporting().message().text()), 20000);
    QVERIFY(QFile::exists(folder + QStringLiteral("/manifest.json")));
}

void TestStudioExport::stopsAndLeavesNothing() {
    ReviewStudio studio(settings());
    QVERIFY(open(studio));
    models::ExportForm form;
    form.filter.clear();
    QVERIFY(set(studio, form));
    const QString folder = m_folder->filePath(QStringLiteral("never"));
    studio.exporting().folder().setText(folder);
    QSignalSpy cancelled(&studio.window.exports(), &bridge::ExportService::writeCancelled);
    QSignalSpy written(&studio.window.exports(), &bridge::ExportService::written);
    studio.action("export.write")->trigger();
    QVERIFY(studio.window.exports().isWriting());
    QVERIFY(!studio.action("export.write")->isEnabled());
    studio.window.exports().cancelWriting(); // before its thread has begun, or in the middle
    QTRY_COMPARE_WITH_TIMEOUT(cancelled.count() + written.count(), 1, 20000);
    QCOMPARE(QFile::exists(folder), written.count() == 1);
    QTRY_VERIFY(studio.action("export.write")->isEnabled());
}

void TestStudioExport::refusesWhatCannotBeWritten() {
    ReviewStudio studio(settings());
    QVERIFY(open(studio));
    widgets::FilterEdit& filter = studio.exporting().form().filter();
    filter.setFocus();
    filter.selectAll();
    QTest::keyClicks(&filter, QStringLiteral("colour:red"));
    QTest::keyClick(&filter, Qt::Key_Escape);
    QTRY_VERIFY(!studio.action("export.write")->isEnabled());
    QTRY_VERIFY2(studio.exporting().preview().text().contains(QStringLiteral("colour")),
                 qPrintable(studio.exporting().preview().text()));
    models::ExportForm form;
    form.balance = QStringLiteral("half and half");
    studio.exporting().form().setForm(form);
    Q_EMIT studio.exporting().form().changed();
    QVERIFY(!studio.action("export.write")->isEnabled());
    form.balance = QStringLiteral("1:1");
    QVERIFY(set(studio, form));
    QVERIFY(studio.action("export.write")->isEnabled());
    form.filter = QStringLiteral("round:77"); // nothing is left
    studio.exporting().form().setForm(form);
    Q_EMIT studio.exporting().form().changed();
    QTRY_VERIFY(!studio.action("export.write")->isEnabled());
    form.filter.clear();
    QVERIFY(set(studio, form));
    QTRY_VERIFY(studio.action("export.write")->isEnabled());
    studio.exporting().folder().clear();
    QVERIFY(!studio.action("export.write")->isEnabled());
}

void TestStudioExport::listsWhatWasWritten() {
    ReviewStudio studio(settings());
    QVERIFY(open(studio));
    QSignalSpy written(&studio.window.exports(), &bridge::ExportService::written);
    for (const char* name : {"first", "second"}) {
        studio.exporting().folder().setText(m_folder->filePath(QString::fromLatin1(name)));
        studio.action("export.write")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!studio.window.exports().isWriting(), 20000);
    }
    QCOMPARE(written.count(), 2);
    studio.exporting().showPast(true);
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.exports().past().size(), 2, 20000);
    const auto& past = studio.window.exports().past();
    QCOMPARE(QFileInfo(past[0].folder).fileName(), QStringLiteral("second"));
    QCOMPARE(past[0].rows, written.last().first().value<models::ExportResult>().rows);
    QCOMPARE(past[0].view, QStringLiteral("openai-chat"));
    QVERIFY(past[0].there);
    QVERIFY(QDir(past[1].folder).removeRecursively());
    studio.exporting().showPast(true);
    QTRY_VERIFY_WITH_TIMEOUT(!studio.window.exports().past()[1].there, 20000);
    studio.exporting().past().setCurrentIndex(studio.exporting().past().model()->index(1, 0));
    QVERIFY(!studio.action("export.open-folder")->isEnabled());
}

void TestStudioExport::cardsOfASample() {
    models::ExportSample sample;
    sample.turns.resize(2);
    sample.turns[0].role = QStringLiteral("user");
    sample.turns[0].text = "question";
    sample.turns[1].role = QStringLiteral("assistant");
    sample.turns[1].text = "as the reference solution says";
    sample.turns[1].learned = true;
    sample.turns[1].mentions = {{3, 25}, {20, 4000}}; // the second is none of this text
    const auto cards = pages::sampleCards(sample, false);
    QCOMPARE(cards.size(), std::size_t{2});
    QVERIFY(cards[0].aside && cards[0].highlights.empty());
    QCOMPARE(cards[1].highlights.size(), std::size_t{1});
    QCOMPARE(cards[1].bar, models::Mark::No);
    QCOMPARE(pages::sampleCards({}, false).size(), std::size_t{1});
    QCOMPARE(pages::sampleCards({}, true).size(), std::size_t{1});
}

void TestStudioExport::modelsAreSound() {
    models::ExportSampleModel samples;
    QAbstractItemModelTester sampleTester(&samples);
    models::ExportSample kept;
    kept.critiqueId = 5;
    kept.split = QStringLiteral("train");
    kept.tokens = 1234;
    models::ExportSample gone = kept;
    gone.droppedBy = QStringLiteral("no-mention");
    samples.setRows({kept, gone});
    QCOMPARE(samples.index(0, models::ExportSampleModel::Fate).data().toString(),
             QStringLiteral("train"));
    QCOMPARE(samples.index(1, models::ExportSampleModel::Fate).data().toString(),
             QStringLiteral("mentions the reference"));
    samples.setRows({});

    models::PastExportModel past;
    QAbstractItemModelTester pastTester(&past);
    models::PastExport one;
    one.folder = QStringLiteral("/data/set");
    one.rows = 12;
    past.setExports({one});
    QCOMPARE(past.index(0, models::PastExportModel::Folder).data().toString(),
             QStringLiteral("set"));
    past.setExports({});
}

SCRIT_WINDOW_TEST(TestStudioExport)
#include "studio_export.moc"
