// SPDX-License-Identifier: GPL-3.0-or-later
// The Models page of the real window: adding, editing, testing, serving; where keys may be and
// where they may not. And the item models of Runs and Models.
#include "runs_support.h"
#include "tests/support/test_program.h"
#include "tests/support/tiny_gguf.h"
#include "ui/models/model_list_model.h"
#include "ui/models/run_list_model.h"
#include "ui/models/run_preview_model.h"
#include "ui/models/run_words.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/run_widgets.h"
#include "ui/widgets/small_widgets.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSignalSpy>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using models::KeySource;

namespace {

constexpr auto kPlantedKey = "sk-planted-4f1c0ffee5ec2e7b9a";

QLineEdit* lineNamed(QWidget& parent, const QString& accessibleName) {
    for (QLineEdit* edit : parent.findChildren<QLineEdit*>()) {
        if (edit->accessibleName() == accessibleName) {
            return edit;
        }
    }
    return nullptr;
}

// Whether any file below a folder holds these bytes.
bool anyFileHolds(const QString& folder, const QByteArray& bytes) {
    const QDir dir(folder);
    const auto files = dir.entryInfoList(QDir::Files | QDir::Hidden);
    return std::any_of(files.begin(), files.end(), [&bytes](const QFileInfo& info) {
        QFile file(info.filePath());
        return file.open(QIODevice::ReadOnly) && file.readAll().contains(bytes);
    });
}

} // namespace

class TestStudioModelPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void itemModelsAreConsistent();
    void words_data();
    void words();
    void addsAModelAndSaysWhatIsWrong();
    void keepsATypedKeyInTheKeychainAlone();
    void saysSoWhereNoKeychainIs();
    void testsWhatAnswersAndWhatDoesNot();
    void editsRetiresAndBringsBack();
    void followsALogAndFindsInIt();
    void showsAPlanForALocalServer();
    void servesShowsTheLogAndStops();

private:
    QString open(RunsStudio& studio);
    pages::ModelDialog* openDialog(RunsStudio& studio);
    std::unique_ptr<QTemporaryDir> m_folder;
    [[nodiscard]] QString settings() const {
        return m_folder->filePath(QStringLiteral("settings.ini"));
    }
};

void TestStudioModelPage::init() {
    m_folder = std::make_unique<QTemporaryDir>();
}

QString TestStudioModelPage::open(RunsStudio& studio) {
    QString path = m_folder->filePath(QStringLiteral("w.scrit"));
    if (!QFileInfo::exists(path)) {
        (void)store::Workspace::create(models::utf8(path));
    }
    if (!studio.open(path)) {
        return {};
    }
    studio.window.showPage(QStringLiteral("models"));
    return path;
}

pages::ModelDialog* TestStudioModelPage::openDialog(RunsStudio& studio) {
    studio.trigger("models.add");
    (void)QTest::qWaitForWindowExposed(studio.models().dialog());
    return studio.models().dialog();
}

void TestStudioModelPage::itemModelsAreConsistent() {
    models::RunSummary run;
    run.id = 1;
    run.recipe = QStringLiteral("scrit");
    run.stages = {{QStringLiteral("critique"), 3, 2, 4, 1, 0, 0}};
    models::RunListModel runs;
    QAbstractItemModelTester runsTester(&runs,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
    runs.setRuns({run});
    QCOMPARE(runs.index(0, models::RunListModel::Progress).data().toString(),
             QStringLiteral("50 %"));
    models::RunStatus status;
    status.runId = 1;
    status.state = model::RunState::Done;
    status.stages = {{QStringLiteral("critique"), 0, 0, 9, 1, 0, 0}};
    QPersistentModelIndex kept(runs.index(0, 0));
    runs.setStatus(status);
    QCOMPARE(runs.index(0, models::RunListModel::Failed).data().toString(), QStringLiteral("1"));
    models::RunSummary newer = run;
    newer.id = 2;
    runs.setRuns({newer, *runs.runAt(0)});
    QCOMPARE(kept.row(), 1); // what was selected stays selected
    runs.setRuns({});
    QVERIFY(!kept.isValid());

    models::RunErrorModel errors;
    QAbstractItemModelTester errorsTester(&errors,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    errors.setErrors({{QStringLiteral("critique"), false, QStringLiteral("auth"),
                       QStringLiteral("no key"), 7, 12}});
    QCOMPARE(errors.index(0, models::RunErrorModel::Count).data().toString(), QStringLiteral("12"));
    errors.setErrors({});

    models::RunEndpointModel endpoints;
    QAbstractItemModelTester endpointsTester(
        &endpoints, QAbstractItemModelTester::FailureReportingMode::QtTest);
    endpoints.setEndpoints({{QStringLiteral("m"), QStringLiteral("h:1"), true, 3, 8, 1.5, 40, 0}});
    QCOMPARE(endpoints.index(0, models::RunEndpointModel::InFlight).data().toString(),
             QStringLiteral("3 of 8"));

    models::RunPreviewModel preview;
    QAbstractItemModelTester previewTester(&preview,
                                           QAbstractItemModelTester::FailureReportingMode::QtTest);
    models::RunPreview what;
    what.stages = {{QStringLiteral("critique"), 10, false, 4000, 40960, 0.5},
                   {QStringLiteral("validate"), 10, true, 3000, 40960, 0.25}};
    preview.setPreview(what);
    QCOMPARE(preview.rowCount(), 3);
    QCOMPARE(preview.index(2, models::RunPreviewModel::Calls).data().toString(),
             QStringLiteral("≤ 20"));
    QCOMPARE(preview.index(2, models::RunPreviewModel::Cost).data().toString(),
             QStringLiteral("≤ $0.75"));
    preview.setPreview({});

    models::ModelListModel list;
    QAbstractItemModelTester listTester(&list,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
    models::ModelEntry entry;
    entry.form.id = 4;
    entry.form.name = QStringLiteral("local");
    entry.form.kind = models::ModelKind::LlamaServer;
    list.setModels({entry});
    models::ServerStatus server;
    server.modelId = 4;
    server.phase = models::ServerPhase::Loading;
    list.setServer(server);
    QCOMPARE(list.index(0, models::ModelListModel::State).data().toString(),
             QStringLiteral("loading"));
}

void TestStudioModelPage::words_data() {
    QTest::addColumn<QString>("got");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const QString& got, const char* expected) {
        QTest::newRow(name) << got << QString::fromUtf8(expected);
    };
    row("nothing paid", models::costText(0), "$0");
    row("less than a cent", models::costText(0.004), "under $0.01");
    row("cents", models::costText(1.234), "$1.23");
    row("few tokens", models::tokensText(812), "812");
    row("thousands", models::tokensText(12'345), "12.3K");
    row("millions", models::tokensText(250'000'000), "250M");
    row("slow", models::rateText(0.1), "6.0/min");
    row("fast", models::rateText(12.34), "12.3/s");
    row("stands", models::rateText(0), "");
    row("not yet all", models::shareText(999, 1000), "99 %");
    row("all", models::shareText(7, 7), "100 %");
    row("stage of a student", models::stageTitle(QStringLiteral("solve/qwen")), "Solve · qwen");
    row("unknown stage", models::stageTitle(QStringLiteral("polish")), "polish");
    models::RunSummary run;
    run.id = 7;
    row("filter", models::tracesFilter(run), "run:7");
}

void TestStudioModelPage::words() {
    QFETCH(QString, got);
    QFETCH(QString, expected);
    QCOMPARE(got, expected);
}

void TestStudioModelPage::addsAModelAndSaysWhatIsWrong() {
    qunsetenv("SCRIT_TEST_NO_SUCH_KEY");
    RunsStudio studio(settings());
    QVERIFY(!open(studio).isEmpty());
    pages::ModelDialog* dialog = openDialog(studio);
    QVERIFY(dialog != nullptr);
    QVERIFY2(dialog->problemText().isEmpty(), qPrintable(dialog->problemText()));
    QTest::keyClick(dialog, Qt::Key_Return); // nothing is filled in: every field says so
    QVERIFY2(dialog->problemText().contains(QStringLiteral("Give it a name")),
             qPrintable(dialog->problemText()));
    QTest::keyClicks(lineNamed(*dialog, QStringLiteral("Name")), QStringLiteral("remote"));
    auto* urls = dialog->findChild<QPlainTextEdit*>();
    urls->setFocus();
    QTest::keyClicks(urls, QStringLiteral("localhost:8000/v1"));
    QVERIFY2(dialog->problemText().contains(QStringLiteral("no scheme")),
             qPrintable(dialog->problemText()));
    urls->selectAll();
    QTest::keyClicks(urls, QStringLiteral("ftp://localhost/v1"));
    QVERIFY(dialog->problemText().contains(QStringLiteral("neither http nor https")));
    urls->selectAll();
    QTest::keyClicks(urls, QStringLiteral("https://me:pw@host/v1"));
    QVERIFY(dialog->problemText().contains(QStringLiteral("user name or key")));
    urls->selectAll();
    QTest::keyClicks(urls, QStringLiteral("http://localhost:8000/v1"));
    QTest::keyClicks(lineNamed(*dialog, QStringLiteral("Model")), QStringLiteral("m-1"));
    // From the environment, by name; the key itself is refused there.
    auto* source = dialog->findChild<widgets::Segmented*>();
    source->setFocus();
    QTest::keyClick(source, Qt::Key_Right);
    QLineEdit* variable = lineNamed(*dialog, QStringLiteral("Variable"));
    QVERIFY(variable->isVisible());
    QTest::keyClicks(variable, QLatin1String(kPlantedKey));
    QVERIFY2(dialog->problemText().contains(QStringLiteral("looks like the key itself")),
             qPrintable(dialog->problemText()));
    variable->selectAll();
    QTest::keyClicks(variable, QStringLiteral("SCRIT_TEST_NO_SUCH_KEY"));
    QVERIFY2(dialog->problemText().isEmpty() ||
                 dialog->problemText().startsWith(QStringLiteral("⚠")),
             qPrintable(dialog->problemText()));
    QTest::keyClick(dialog, Qt::Key_Return);
    QTRY_VERIFY(studio.models().dialog() == nullptr);
    QTRY_COMPARE(studio.window.models().models().size(), 1);
    const models::ModelEntry entry = studio.window.models().models().first();
    QCOMPARE(entry.form.name, QStringLiteral("remote"));
    QCOMPARE(entry.endpoint, QStringLiteral("localhost:8000"));
    QCOMPARE(entry.key, models::KeyState::Missing);
    QTRY_VERIFY2(studio.models().detail().text().contains(QStringLiteral("SCRIT_TEST_NO_SUCH_KEY")),
                 qPrintable(studio.models().detail().text()));
    // The same name once more.
    dialog = openDialog(studio);
    QTest::keyClicks(lineNamed(*dialog, QStringLiteral("Name")), QStringLiteral("remote"));
    QVERIFY(dialog->problemText().contains(QStringLiteral("of this name already")));
    dialog->reject();
}

void TestStudioModelPage::keepsATypedKeyInTheKeychainAlone() {
    testing::BehaviourServer server({});
    const auto keys = std::make_shared<MemoryKeychain::State>();
    {
        RunsStudio studio(settings(), keys);
        QVERIFY(!open(studio).isEmpty());
        pages::ModelDialog* dialog = openDialog(studio);
        QTest::keyClicks(lineNamed(*dialog, QStringLiteral("Name")), QStringLiteral("paid"));
        dialog->findChild<QPlainTextEdit*>()->setPlainText(QString::fromStdString(server.url()));
        QTest::keyClicks(lineNamed(*dialog, QStringLiteral("Model")), QStringLiteral("behaviour"));
        auto* source = dialog->findChild<widgets::Segmented*>();
        source->setFocus();
        QTest::keyClick(source, Qt::Key_Right);
        QTest::keyClick(source, Qt::Key_Right);
        QLineEdit* key = lineNamed(*dialog, QStringLiteral("Key"));
        QVERIFY(key->isVisible());
        QCOMPARE(key->echoMode(), QLineEdit::Password);
        QTest::keyClicks(key, QLatin1String(kPlantedKey));
        QTest::keyClick(dialog, Qt::Key_Return);
        QTRY_COMPARE(studio.window.models().models().size(), 1);
        QCOMPARE(keys->secrets.size(), std::size_t{1});
        QCOMPARE(keys->secrets.begin()->first, QStringLiteral("paid"));
        QCOMPARE(keys->secrets.begin()->second, QLatin1String(kPlantedKey));
        QVERIFY(!studio.models().detail().text().contains(QLatin1String(kPlantedKey)));
    }
    // The next start reads it when it is needed, and the server sees it.
    RunsStudio studio(settings(), keys);
    QVERIFY(!open(studio).isEmpty());
    QTRY_COMPARE(studio.window.models().models().size(), 1);
    QSignalSpy checked(&studio.window.models(), &bridge::ModelService::checked);
    studio.trigger("models.check");
    QTRY_COMPARE_WITH_TIMEOUT(checked.count(), 1, 30000);
    const auto check = checked.first().first().value<models::ModelCheck>();
    QVERIFY2(check.ok, qPrintable(check.message));
    const QJsonObject stats =
        QJsonDocument::fromJson(QByteArray::fromStdString(server.stats())).object();
    QVERIFY(stats[QLatin1String("authorized")].toInt() > 0);
    studio.window.close();
    studio.settings.sync();
    QVERIFY(anyFileHolds(m_folder->path(), "paid")); // the search does find what is there
    QVERIFY(!anyFileHolds(m_folder->path(), kPlantedKey));
}

void TestStudioModelPage::saysSoWhereNoKeychainIs() {
    const auto keys = std::make_shared<MemoryKeychain::State>();
    keys->available = false;
    RunsStudio studio(settings(), keys);
    QVERIFY(!open(studio).isEmpty());
    pages::ModelDialog* dialog = openDialog(studio);
    QTest::keyClicks(lineNamed(*dialog, QStringLiteral("Name")), QStringLiteral("paid"));
    dialog->findChild<QPlainTextEdit*>()->setPlainText(QStringLiteral("https://host/v1"));
    QTest::keyClicks(lineNamed(*dialog, QStringLiteral("Model")), QStringLiteral("m"));
    auto* source = dialog->findChild<widgets::Segmented*>();
    source->setFocus();
    QTest::keyClick(source, Qt::Key_Right);
    QTest::keyClick(source, Qt::Key_Right);
    QTest::keyClicks(lineNamed(*dialog, QStringLiteral("Key")), QLatin1String(kPlantedKey));
    QTest::keyClick(dialog, Qt::Key_Return);
    QTRY_VERIFY2(dialog->problemText().contains(QStringLiteral("No keychain service")),
                 qPrintable(dialog->problemText()));
    QVERIFY(dialog->problemText().contains(QStringLiteral("environment variable")));
    QVERIFY(!dialog->problemText().contains(QLatin1String(kPlantedKey)));
    QVERIFY(studio.window.models().models().isEmpty());
    dialog->reject();
}

void TestStudioModelPage::testsWhatAnswersAndWhatDoesNot() {
    testing::BehaviourServer server({});
    RunsStudio studio(settings());
    QVERIFY(!open(studio).isEmpty());
    QTRY_VERIFY2(!studio.models().gpuText().contains(QStringLiteral("asking")),
                 qPrintable(studio.models().gpuText()));
    QVERIFY(studio.addModel(QStringLiteral("good"), QString::fromStdString(server.url())));
    QVERIFY(studio.addModel(QStringLiteral("gone"), QStringLiteral("http://127.0.0.1:9/v1")));
    QSignalSpy checked(&studio.window.models(), &bridge::ModelService::checked);
    const auto checkOf = [&](const QString& name) {
        for (const models::ModelEntry& entry : studio.window.models().models()) {
            if (entry.form.name == name) {
                studio.models().select(entry.form.id);
            }
        }
        checked.clear();
        studio.trigger("models.check");
        return QTest::qWaitFor([&] { return checked.count() == 1; }, 30000);
    };
    QVERIFY(checkOf(QStringLiteral("good")));
    QString text = studio.models().detail().text();
    QVERIFY2(text.contains(QStringLiteral("it answers")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("Models: behaviour")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("One request: ")), qPrintable(text));
    QVERIFY(checkOf(QStringLiteral("gone")));
    text = studio.models().detail().text();
    QVERIFY2(text.contains(QStringLiteral("it does not work")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("127.0.0.1:9")), qPrintable(text));
}

void TestStudioModelPage::editsRetiresAndBringsBack() {
    RunsStudio studio(settings());
    QVERIFY(!open(studio).isEmpty());
    QVERIFY(studio.addModel(QStringLiteral("m"), QStringLiteral("http://127.0.0.1:9/v1")));
    studio.trigger("models.edit");
    pages::ModelDialog* dialog = studio.models().dialog();
    QVERIFY(dialog != nullptr);
    QVERIFY(lineNamed(*dialog, QStringLiteral("Name"))->isReadOnly());
    auto* urls = dialog->findChild<QPlainTextEdit*>();
    QCOMPARE(urls->toPlainText(), QStringLiteral("http://127.0.0.1:9/v1"));
    urls->setPlainText(QStringLiteral("http://127.0.0.1:10/v1\nhttp://127.0.0.1:11/v1"));
    dialog->save();
    QTRY_VERIFY(studio.models().dialog() == nullptr);
    QTRY_COMPARE(studio.window.models().models().first().endpoint,
                 QStringLiteral("127.0.0.1:10, 127.0.0.1:11"));
    QCOMPARE(studio.window.models().models().first().form.pricePrompt, 1.0); // kept

    studio.trigger("models.retire");
    QTRY_VERIFY(studio.window.models().models().first().retired);
    QTRY_VERIFY(studio.models().message().isVisible());
    QVERIFY(!studio.enabled("models.check"));
    QTest::mouseClick(studio.models().message().findChild<QPushButton*>(), Qt::LeftButton); // Undo
    QTRY_VERIFY(!studio.window.models().models().first().retired);
    QTRY_VERIFY(!studio.models().message().isVisible());
}

void TestStudioModelPage::followsALogAndFindsInIt() {
    widgets::LogView log;
    log.resize(400, 160);
    log.show();
    QStringList lines;
    for (int i = 0; i < 100; ++i) {
        lines << QStringLiteral("line %1 of the server").arg(i);
    }
    log.setLines(lines);
    auto* text = log.findChild<QPlainTextEdit*>();
    QScrollBar* bar = text->verticalScrollBar();
    QCOMPARE(bar->value(), bar->maximum());
    bar->setValue(10); // the reader scrolls up: new lines do not move what is read
    lines << QStringLiteral("error: out of memory");
    log.setLines(lines);
    QCOMPARE(bar->value(), 10);
    QTest::keyClicks(&log.searchLine(), QStringLiteral("memory"));
    QCOMPARE(log.find(), 1);
    QVERIFY(text->textCursor().selectedText() == QStringLiteral("memory"));
    bar->setValue(bar->maximum());
    lines << QStringLiteral("the last one");
    log.setLines(lines);
    QCOMPARE(bar->value(), bar->maximum());
    QVERIFY(log.text().endsWith(QStringLiteral("the last one")));
}

void TestStudioModelPage::showsAPlanForALocalServer() {
    RunsStudio studio(settings());
    QVERIFY(!open(studio).isEmpty());
    pages::ModelDialog* dialog = openDialog(studio);
    auto* kind = dialog->findChild<QComboBox*>();
    kind->setFocus();
    QTest::keyClick(kind, Qt::Key_Down); // llama-server
    QLineEdit* file = lineNamed(*dialog, QStringLiteral("Model file"));
    QVERIFY(file->isVisible());
    QTest::keyClicks(file, QStringLiteral("/no/such/file.gguf"));
    QTRY_VERIFY2(dialog->problemText().contains(QStringLiteral("/no/such/file.gguf")),
                 qPrintable(dialog->problemText()));
    QVERIFY(dialog->planText().isEmpty());
    const QString model = m_folder->filePath(QStringLiteral("tiny.gguf"));
    QVERIFY(testing::writeTinyGguf(models::utf8(model)));
    file->selectAll();
    QTest::keyClicks(file, model);
    QTRY_VERIFY2(dialog->planText().contains(QStringLiteral("2 layers")),
                 qPrintable(dialog->planText() + dialog->problemText()));
    dialog->reject();
}

void TestStudioModelPage::servesShowsTheLogAndStops() {
    const QString model = m_folder->filePath(QStringLiteral("tiny.gguf"));
    QVERIFY(testing::writeTinyGguf(models::utf8(model)));
    RunsStudio studio(settings());
    QVERIFY(!open(studio).isEmpty());
    models::ModelForm form;
    form.name = QStringLiteral("local");
    form.kind = models::ModelKind::LlamaServer;
    form.modelFile = model;
    form.program = QStringLiteral(SCRIT_BINARY_DIR "/tests-bin/fake_llama_server");
    studio.window.models().save(form, {});
    QTRY_COMPARE(studio.window.models().models().size(), 1);
    const qint64 id = studio.window.models().models().first().form.id;
    QTRY_VERIFY(studio.enabled("models.serve"));
    studio.trigger("models.serve");
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.models().server(id).phase, models::ServerPhase::Ready,
                              30000);
    QTRY_VERIFY(!studio.models().detail().log().text().isEmpty());
    QVERIFY2(studio.models().detail().text().contains(QStringLiteral("ready")),
             qPrintable(studio.models().detail().text()));
    const int pid = studio.window.models().server(id).pid;
    QVERIFY(pid > 0 && QFileInfo::exists(QStringLiteral("/proc/%1").arg(pid)));
    studio.trigger("models.serve"); // says "Stop serving" now
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.models().server(id).phase, models::ServerPhase::Stopped,
                              30000);
    QTRY_VERIFY(!QFileInfo::exists(QStringLiteral("/proc/%1").arg(pid)));
}

SCRIT_WINDOW_TEST(TestStudioModelPage)
#include "studio_model_page.moc"
