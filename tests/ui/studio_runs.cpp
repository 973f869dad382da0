// SPDX-License-Identifier: GPL-3.0-or-later
// The Runs page of the real window with the real engine, against a server of our own.
#include "core/loop/evaluation.h"
#include "core/loop/evaluation_set.h"
#include "runs_support.h"
#include "tests/support/fake_http_server.h"
#include "tests/support/test_program.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/runs/caps_dialog.h"
#include "ui/pages/runs/close_guard.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/widgets/filter_edit.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/trace_table_view.h"

#include <QLabel>
#include <QMessageBox>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>

#include <algorithm>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using model::RunState;
using pages::RunsPage;

namespace {

// Every critic and validator says what is true.
testing::BehaviourOptions honest(int latencyMillis = 0) {
    testing::BehaviourOptions options;
    std::fill(std::begin(options.shares.critique), std::end(options.shares.critique), 0.0);
    options.shares.critique[0] = 1;
    options.shares.acceptRight = 1;
    options.shares.acceptWrong = 0;
    options.shares.validatorMalformed = 0;
    options.latencyMillis = latencyMillis;
    return options;
}

} // namespace

class TestStudioRuns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void tellsWhatToDoFirst();
    void previewsBeforeAnythingIsPaid();
    void refusesAFormThatCannotRun();
    void runsToTheEndWhileTracesAppear();
    void keepsThePlaceOfTheReader();
    void pausesGoesOnAndStopsInTwoSteps();
    void raisesTheCapsOfAStoppedRun();
    void groupsErrorsAndRetriesThem();
    void scoresAnEvaluationThatItGoesOnWith();
    void asksBeforeClosingAndResumesNextTime();
    void asksBeforeAnotherWorkspaceIsOpened();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    [[nodiscard]] QString settings() const {
        return m_folder->filePath(QStringLiteral("settings.ini"));
    }
};

void TestStudioRuns::init() {
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestStudioRuns::tellsWhatToDoFirst() {
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 2)));
    studio.trigger("go.runs");
    QCOMPARE(studio.runs().shown(), RunsPage::Empty);
    const auto buttons =
        studio.runs().findChild<widgets::EmptyState*>()->findChildren<QPushButton*>();
    QCOMPARE(buttons.size(), 1);
    QCOMPARE(buttons.first()->text(), QStringLiteral("Add a model"));
    QTest::mouseClick(buttons.first(), Qt::LeftButton);
    QVERIFY(studio.models().isVisible());
    QVERIFY(studio.addModel(QStringLiteral("critic"), QStringLiteral("http://127.0.0.1:9/v1")));
    studio.trigger("go.runs");
    QTRY_COMPARE(studio.runs().findChild<widgets::EmptyState*>()->findChild<QPushButton*>()->text(),
                 QStringLiteral("New run"));
}

void TestStudioRuns::previewsBeforeAnythingIsPaid() {
    testing::BehaviourServer server(honest());
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 6)));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(server.url())));
    QVERIFY(studio.prepareRun());
    const QString all = studio.runs().form().previewText();
    QVERIFY2(all.contains(QStringLiteral("6 problems, with 12 solutions")), qPrintable(all));
    QVERIFY2(all.contains(QStringLiteral("Critique | 6 |")), qPrintable(all));
    QVERIFY2(all.contains(QStringLiteral("$")), qPrintable(all));

    // The limit counts problems; the preview follows a moment after typing.
    const auto spins = studio.runs().form().findChildren<QSpinBox*>();
    const auto found = std::find_if(spins.begin(), spins.end(), [](const QSpinBox* spin) {
        return spin->accessibleName() == QStringLiteral("Problems at most");
    });
    QVERIFY(found != spins.end());
    QSpinBox* limit = *found;
    limit->setFocus();
    limit->selectAll();
    QTest::keyClicks(limit, QStringLiteral("2"));
    QTRY_VERIFY2(studio.runs().form().previewText().contains(QStringLiteral("Critique | 2 |")),
                 qPrintable(studio.runs().form().previewText()));
    const QJsonObject stats =
        QJsonDocument::fromJson(QByteArray::fromStdString(server.stats())).object();
    QCOMPARE(stats[QLatin1String("requests")].toInt(), 0);
}

void TestStudioRuns::refusesAFormThatCannotRun() {
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 2)));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QStringLiteral("http://127.0.0.1:9/v1")));
    QVERIFY(studio.prepareRun());
    auto* filter = studio.runs().form().findChild<widgets::FilterEdit*>();
    filter->setFocus();
    QTest::keyClicks(filter, QStringLiteral("colour:red"));
    QTest::keyClick(filter, Qt::Key_Escape); // the completion
    QTRY_VERIFY(!studio.enabled("runs.start"));
    QTRY_VERIFY2(studio.runs().form().problem().contains(QStringLiteral("colour")),
                 qPrintable(studio.runs().form().problem()));
    filter->selectAll();
    QTest::keyClicks(filter, QStringLiteral("source:nothing-like-it"));
    QTest::keyClick(filter, Qt::Key_Return);
    QTRY_VERIFY2(studio.runs().form().previewText().contains(QStringLiteral("problem")),
                 qPrintable(studio.runs().form().previewText()));
    // It says why it cannot start.
    QTRY_VERIFY(!studio.runs().form().problem().isEmpty());
    QVERIFY(!studio.enabled("runs.start"));
    QVERIFY(studio.window.runs().runs().isEmpty());
    const auto told = [&studio] {
        const auto labels = studio.runs().form().findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
            return !label->isHidden() && label->text().startsWith(QStringLiteral("✗ "));
        });
    };
    QVERIFY(!told());
    studio.runs().form().setFocus();
    QTest::keyClick(&studio.runs().form(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(told());
    // Escape leaves the form.
    studio.runs().form().setFocus();
    QTest::keyClick(&studio.runs().form(), Qt::Key_Escape);
    QCOMPARE(studio.runs().shown(), RunsPage::Empty);
}

void TestStudioRuns::runsToTheEndWhileTracesAppear() {
    testing::BehaviourServer server(honest(20));
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 12)));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(server.url())));
    QSignalSpy grew(&studio.window.service(), &bridge::WorkspaceService::contentsGrew);
    QSignalSpy ended(&studio.window.runs(), &bridge::RunService::ended);
    QVERIFY(studio.prepareRun());
    studio.trigger("runs.start");
    QTRY_COMPARE_WITH_TIMEOUT(studio.runs().shown(), RunsPage::Run, 20000);
    QVERIFY(studio.waitForEnd());
    QTRY_COMPARE(ended.count(), 1);
    QVERIFY(grew.count() >= 1);
    QCOMPARE(studio.window.runs().status().state, RunState::Done);
    QCOMPARE(studio.items().failed, 0);
    QTRY_VERIFY2(studio.runs().view().text().contains(QStringLiteral("done")),
                 qPrintable(studio.runs().view().text()));
    QTRY_VERIFY(studio.runs().view().text().contains(QStringLiteral("Completions: 24")));
    const QString text = studio.runs().view().text();
    QVERIFY2(text.contains(QStringLiteral("Critique: 12 of 12")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("Run 1 · scrit")), qPrintable(text));
    // What it made is one key away.
    studio.trigger("runs.traces");
    QVERIFY(studio.traces().isVisible());
    QTRY_COMPARE_WITH_TIMEOUT(studio.traces().model().rowCount(), 12, 20000);
    QCOMPARE(studio.window.runs().runs().first().recipe, QStringLiteral("scrit"));
}

void TestStudioRuns::keepsThePlaceOfTheReader() {
    testing::BehaviourServer server(honest(5));
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 40)));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(server.url())));
    QVERIFY(studio.prepareRun());
    studio.runs().form().setForm([&] {
        models::RunForm form = studio.runs().form().form();
        form.limit = 20;
        return form;
    }());
    QTRY_VERIFY_WITH_TIMEOUT(studio.enabled("runs.start"), 20000);
    studio.trigger("runs.start");
    QVERIFY(studio.waitForEnd());
    studio.window.showPage(QStringLiteral("traces"));
    studio.traces().showQuery({models::ListKind::Critiques, {}, models::SortKey::Id, false});
    QTRY_COMPARE_WITH_TIMEOUT(studio.traces().model().rowCount(), 20, 20000);
    studio.traces().table().setCurrentIndex(
        studio.traces().model().index(10, models::TraceTableModel::Excerpt));
    QTRY_VERIFY(studio.traces().reading().record() != nullptr);
    const qint64 read = studio.traces().model().idAt(10);
    QTRY_COMPARE_WITH_TIMEOUT(studio.traces().reading().record()->id, read, 20000);
    const int scroll = studio.traces().table().verticalScrollBar()->value();
    const auto* record = studio.traces().reading().record().get();

    // Twenty more problems: their critiques come below, and nothing on screen moves.
    QVERIFY(studio.prepareRun());
    studio.runs().form().setForm([&] {
        models::RunForm form = studio.runs().form().form();
        form.limit = 0;
        return form;
    }());
    QTRY_VERIFY_WITH_TIMEOUT(studio.enabled("runs.start"), 20000);
    studio.trigger("runs.start");
    studio.window.showPage(QStringLiteral("traces"));
    QTRY_VERIFY_WITH_TIMEOUT(studio.traces().model().rowCount() > 20, 30000);
    QVERIFY(studio.waitForEnd());
    QTRY_COMPARE_WITH_TIMEOUT(studio.traces().model().rowCount(), 40, 20000);
    QCOMPARE(studio.traces().model().idAt(studio.traces().table().currentIndex().row()), read);
    QCOMPARE(studio.traces().table().verticalScrollBar()->value(), scroll);
    QCOMPARE(studio.traces().reading().record().get(), record); // not shown anew
}

void TestStudioRuns::pausesGoesOnAndStopsInTwoSteps() {
    testing::BehaviourServer server(honest(150));
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 30)));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(server.url())));
    QVERIFY(studio.prepareRun());
    studio.trigger("runs.start");
    QTRY_VERIFY_WITH_TIMEOUT(studio.items().ended() > 0, 20000);
    const auto& status = studio.window.runs().status();
    QVERIFY(status.wouldBeLost >= 0);
    QVERIFY2(studio.runs().view().text().contains(QStringLiteral("Would be lost now")),
             qPrintable(studio.runs().view().text()));
    QVERIFY(!studio.window.runs().rates().samples().isEmpty());
    studio.trigger("runs.pause");
    QTRY_COMPARE_WITH_TIMEOUT(status.state, RunState::Paused, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(status.inFlight(), 0, 20000);
    QCOMPARE(studio.window.commands().action(QStringLiteral("runs.pause"))->text(),
             QStringLiteral("Go on"));
    const qint64 done = studio.items().done;
    studio.trigger("runs.pause");
    QTRY_VERIFY_WITH_TIMEOUT(studio.items().done > done, 20000);

    QVERIFY(server.adminFaults("{\"latency_ms\": 20000}")); // so that something stays in flight
    QTRY_VERIFY_WITH_TIMEOUT(status.inFlight() > 0, 20000);
    studio.trigger("runs.stop");
    QTRY_VERIFY_WITH_TIMEOUT(status.stopping, 20000);
    QTRY_COMPARE(studio.window.commands().action(QStringLiteral("runs.stop"))->text(),
                 QStringLiteral("Stop now"));
    QVERIFY(studio.window.runs().isActive());
    studio.trigger("runs.stop");
    QVERIFY(studio.waitForEnd());
    QTRY_COMPARE(studio.window.runs().runs().first().state, RunState::Stopped);
    QTRY_VERIFY(studio.enabled("runs.resume"));

    QVERIFY(server.adminFaults("{\"latency_ms\": 0}"));
    studio.trigger("runs.resume");
    QTRY_VERIFY(studio.window.runs().isActive());
    QVERIFY(studio.waitForEnd());
    QTRY_COMPARE(studio.window.runs().runs().first().state, RunState::Done);
    QCOMPARE(studio.items().failed, 0);
}

void TestStudioRuns::raisesTheCapsOfAStoppedRun() {
    testing::BehaviourServer server(honest());
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 4)));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(server.url())));
    QVERIFY(studio.prepareRun());
    models::RunForm form = studio.runs().form().form();
    form.caps.requests = 2;
    studio.window.runs().start(form);
    QVERIFY(studio.waitForEnd());
    QTRY_COMPARE(studio.window.runs().runs().first().state, RunState::Stopped);
    QCOMPARE(studio.window.runs().runs().first().caps.requests, 2);
    QTRY_VERIFY(studio.enabled("runs.caps"));

    studio.trigger("runs.caps");
    auto* dialog = studio.window.findChild<pages::CapsDialog*>();
    QVERIFY(dialog != nullptr);
    QCOMPARE(dialog->caps().requests, 2);
    auto* requests = dialog->findChild<QSpinBox*>();
    requests->setFocus();
    requests->selectAll();
    QTest::keyClicks(requests, QStringLiteral("0")); // no cap
    QTest::keyClick(dialog, Qt::Key_Return);
    QTRY_VERIFY(studio.window.runs().isActive());
    QVERIFY(studio.waitForEnd());
    QTRY_COMPARE(studio.window.runs().runs().first().state, RunState::Done);
    QCOMPARE(studio.window.runs().runs().first().caps.requests, 0);
}

void TestStudioRuns::groupsErrorsAndRetriesThem() {
    testing::BehaviourServer model(honest());
    const std::string target = model.url();
    // Refuses every request in a way that trying again would not mend.
    testing::FakeHttpServer refusing([](const testing::FakeRequest&) {
        return testing::fakeAnswer(
            400, R"({"error":{"message":"this prompt is refused","code":"bad_prompt"}})");
    });
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 3)));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(refusing.url("/v1"))));
    QVERIFY(studio.prepareRun());
    studio.trigger("runs.start");
    QVERIFY(studio.waitForEnd());
    QTRY_VERIFY_WITH_TIMEOUT(studio.runs().view().chosenError() != nullptr, 20000);
    const models::RunError error = *studio.runs().view().chosenError();
    QCOMPARE(error.count, 3);
    QCOMPARE(error.stage, QStringLiteral("critique"));
    QVERIFY2(error.example.contains(QStringLiteral("this prompt is refused")),
             qPrintable(error.example));
    QVERIFY(studio.enabled("runs.retry"));

    // Their subjects are shown as a list of traces.
    studio.trigger("runs.items");
    QTRY_VERIFY_WITH_TIMEOUT(studio.traces().isVisible(), 20000);
    QTRY_COMPARE_WITH_TIMEOUT(studio.traces().model().rowCount(), 3, 20000);
    QCOMPARE(studio.traces().model().kind(), models::ListKind::Solutions);
    studio.window.showPage(QStringLiteral("runs"));

    // The model is mended, the errors are tried again and are gone.
    models::ModelForm form = studio.window.models().models().first().form;
    form.urls = {QString::fromStdString(target)};
    QSignalSpy saved(&studio.window.models(), &bridge::ModelService::saved);
    studio.window.models().save(form, {});
    QTRY_COMPARE(saved.count(), 1);
    studio.trigger("runs.retry");
    QTRY_VERIFY(studio.window.runs().isActive());
    QVERIFY(studio.waitForEnd());
    QTRY_COMPARE_WITH_TIMEOUT(studio.items().failed, 0, 20000);
    QTRY_VERIFY_WITH_TIMEOUT(studio.runs().view().chosenError() == nullptr, 20000);
}

void TestStudioRuns::scoresAnEvaluationThatItGoesOnWith() {
    testing::BehaviourServer server(honest());
    RunsStudio studio(settings());
    QVERIFY(studio.open(worldWorkspace(*m_folder, 3)));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(server.url())));
    const auto workspace = studio.window.service().workspace();
    loop::FreezeRequest freeze;
    freeze.name = "held-out";
    freeze.filter = "student:world";
    QVERIFY(loop::freezeSet(*workspace, freeze));
    loop::EvaluationRequest request;
    request.model = "critic";
    request.set = "held-out";
    request.suites = {loop::Suite::CritiqueCorrect};
    const auto id = loop::beginEvaluation(*workspace, request);
    QVERIFY2(id, id ? "" : id.error().text().c_str());
    const auto begun = loop::readEvaluation(*workspace, *id);
    QVERIFY(begun && begun->evaluation.runId && begun->scores.empty());

    const qint64 run = *begun->evaluation.runId;
    studio.window.runs().refresh();
    QTRY_VERIFY(studio.window.runs().run(run) != nullptr);
    studio.window.runs().resume(run);
    QTRY_VERIFY(studio.window.runs().isActive());
    QVERIFY(studio.waitForEnd());
    const auto done = loop::readEvaluation(*workspace, *id);
    QVERIFY(done);
    QVERIFY(done->evaluation.state == model::JobState::Done);
    QCOMPARE(done->items, 6);
    QVERIFY(!done->scores.empty());
}

void TestStudioRuns::asksBeforeClosingAndResumesNextTime() {
    testing::BehaviourServer server(honest(200));
    const QString path = worldWorkspace(*m_folder, 20);
    {
        RunsStudio studio(settings());
        QVERIFY(studio.open(path));
        QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(server.url())));
        QVERIFY(studio.prepareRun());
        studio.trigger("runs.start");
        QTRY_VERIFY_WITH_TIMEOUT(studio.items().ended() > 0, 20000);
        studio.window.close();
        QVERIFY(studio.window.isVisible());
        QMessageBox* question = studio.window.closeGuard().question();
        QVERIFY(question != nullptr);
        QTest::mouseClick(buttonNamed(question, QStringLiteral("keepWorking")), Qt::LeftButton);
        QTRY_VERIFY(studio.window.closeGuard().question() == nullptr);
        QVERIFY(studio.window.isVisible() && studio.window.runs().isActive());

        QVERIFY(server.adminFaults("{\"latency_ms\": 20000}"));
        QTRY_VERIFY_WITH_TIMEOUT(studio.window.runs().status().inFlight() > 0, 20000);
        QTest::qWait(400); // what was quick is answered
        studio.window.close();
        question = studio.window.closeGuard().question();
        QVERIFY(question != nullptr);
        QTest::mouseClick(buttonNamed(question, QStringLiteral("stopAndClose")), Qt::LeftButton);
        // Something hangs: it is waited for, until it is dropped.
        QTRY_VERIFY(buttonNamed(studio.window.closeGuard().question(), QStringLiteral("drop")) !=
                    nullptr);
        QVERIFY(studio.window.isVisible());
        QTest::mouseClick(
            buttonNamed(studio.window.closeGuard().question(), QStringLiteral("drop")),
            Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!studio.window.isVisible(), 20000);
        QVERIFY(!studio.window.runs().isActive());
    }
    QVERIFY(server.adminFaults("{\"latency_ms\": 0}"));
    RunsStudio studio(settings());
    // Its page tells of it, whatever is on screen.
    studio.settings.setValue(QStringLiteral("page"), QStringLiteral("overview"));
    QVERIFY(studio.open(path));
    QTRY_VERIFY(studio.window.isMade(QStringLiteral("runs")));
    studio.window.showPage(QStringLiteral("runs"));
    QTRY_VERIFY(studio.runs().banner().isVisible());
    QVERIFY2(studio.runs().banner().text().contains(QStringLiteral("not finished")),
             qPrintable(studio.runs().banner().text()));
    const auto buttons = studio.runs().banner().findChildren<QPushButton*>();
    QTest::mouseClick(buttons.first(), Qt::LeftButton);
    QTRY_VERIFY(studio.window.runs().isActive());
    QVERIFY(studio.waitForEnd());
    QTRY_COMPARE(studio.window.runs().runs().first().state, RunState::Done);
    QVERIFY(!studio.runs().banner().isVisible());
}

void TestStudioRuns::asksBeforeAnotherWorkspaceIsOpened() {
    testing::BehaviourServer server(honest(200));
    const QString path = worldWorkspace(*m_folder, 20);
    const QString other = m_folder->filePath(QStringLiteral("other.scrit"));
    QVERIFY(store::Workspace::create(models::utf8(other)));
    RunsStudio studio(settings());
    QVERIFY(studio.open(path));
    QVERIFY(studio.addModel(QStringLiteral("critic"), QString::fromStdString(server.url())));
    QVERIFY(studio.prepareRun());
    studio.trigger("runs.start");
    QTRY_VERIFY_WITH_TIMEOUT(studio.items().ended() > 0, 20000);
    studio.window.openFiles({other});
    QMessageBox* question = studio.window.closeGuard().question();
    QVERIFY(question != nullptr);
    QCOMPARE(studio.window.service().info().path, path);
    QTest::mouseClick(buttonNamed(question, QStringLiteral("stopAndClose")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.service().info().path, other, 20000);
    QTRY_VERIFY(studio.window.runs().isLoaded());
    QVERIFY(studio.window.runs().runs().isEmpty());
    // The first one is free again and offers to go on.
    studio.window.openFiles({path});
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.service().info().path, path, 20000);
    QTRY_VERIFY(studio.window.runs().resumable().has_value());
}

SCRIT_WINDOW_TEST(TestStudioRuns)
#include "studio_runs.moc"
