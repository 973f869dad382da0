// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio_support.h"
#include "tests/support/test_program.h"
#include "ui/bridge/filter_language.h"
#include "ui/bridge/workspace_service.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/overview/overview_page.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using bridge::WorkspaceService;
using models::ListKind;
using models::ListQuery;

class TestStudioBridge : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void opensAndReads();
    void tableOverRealWorkspace();
    void listBeginsWithItsFirstRows();
    void newerFilterMakesOlderStale();
    void filterErrors_data();
    void filterErrors();
    void overviewFiltersCompile();
    void lockedOffersReadOnly();
    void badFiles_data();
    void badFiles();
    void importsAndReportsBadLines();
    void importCanBeCancelled();
    void verifies();
    void completesValues();
    void closesWhileQueriesRun();

private:
    QTemporaryDir m_folder;
};

namespace {

bool open(WorkspaceService& service, const QString& path, bool readOnly = false) {
    QSignalSpy opened(&service, &WorkspaceService::opened);
    service.openWorkspace(path, readOnly);
    return opened.size() == 1 || opened.wait(20000);
}

models::RowIds idsOf(WorkspaceService& service, const ListQuery& query) {
    QSignalSpy found(&service, &WorkspaceService::rowsFound);
    service.requestIds(query);
    return found.wait(20000) ? found.last()[1].value<models::RowIds>() : models::RowIds();
}

} // namespace

void TestStudioBridge::initTestCase() {
    QVERIFY(!sampleWorkspace().isEmpty());
}

void TestStudioBridge::opensAndReads() {
    WorkspaceService service;
    QVERIFY(open(service, copyOfSample(m_folder, QStringLiteral("a.scrit"))));
    QVERIFY(service.isOpen());
    const models::RowIds ids = idsOf(service, {});
    QVERIFY(!ids.isEmpty());
    QSignalSpy loaded(&service, &WorkspaceService::recordLoaded);
    const quint64 token = service.requestRecord(ListKind::Critiques, ids.first());
    QVERIFY(loaded.wait(20000));
    QCOMPARE(loaded[0][0].toULongLong(), token);
    const auto record = loaded[0][1].value<models::TraceRecordPtr>();
    QVERIFY(record->critique && record->solution);
    QVERIFY(!record->segments.empty());
    QVERIFY(service.cachedRecord(ListKind::Critiques, ids.first()) == record);
    QSignalSpy facts(&service, &WorkspaceService::factsReady);
    service.requestFacts();
    QVERIFY(facts.wait(20000));
    QCOMPARE(facts[0][0].value<models::WorkspaceFacts>().critiques, ids.size());
}

void TestStudioBridge::tableOverRealWorkspace() {
    WorkspaceService service;
    QVERIFY(open(service, copyOfSample(m_folder, QStringLiteral("b.scrit"))));
    models::TraceTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    connect(&model, &models::TraceTableModel::pageWanted, &service,
            [&](quint64 generation, int page, const models::RowIds& ids) {
                service.requestRows(generation, model.kind(), page, ids);
            });
    connect(&service, &WorkspaceService::rowsLoaded, &model, &models::TraceTableModel::setPage);
    for (const ListKind kind : {ListKind::Critiques, ListKind::Solutions, ListKind::Problems}) {
        QSignalSpy found(&service, &WorkspaceService::rowsFound);
        const quint64 token = service.requestIds({kind, {}, models::SortKey::Id, false});
        QVERIFY(found.wait(20000));
        model.setRows(kind, found[0][1].value<models::RowIds>(), token);
        QVERIFY(model.rowCount() > 0);
        const QModelIndex excerpt = model.index(0, models::TraceTableModel::Excerpt);
        QTRY_VERIFY(!excerpt.data().toString().isEmpty());
        QCOMPARE(found[0][2].toLongLong(), model.rowCount());
    }
}

void TestStudioBridge::listBeginsWithItsFirstRows() {
    WorkspaceService service;
    const QString path = m_folder.filePath(QStringLiteral("many.scrit"));
    QSignalSpy opened(&service, &WorkspaceService::opened);
    service.createWorkspace(path);
    QVERIFY(opened.wait(20000));
    QSignalSpy imported(&service, &WorkspaceService::importFinished);
    service.importFiles({writeFile(m_folder, QStringLiteral("many.jsonl"), manyProblems(600))});
    QVERIFY(imported.wait(30000));
    const ListQuery query{ListKind::Problems, {}, models::SortKey::Id, false};
    QSignalSpy begun(&service, &WorkspaceService::rowsBegun);
    QSignalSpy found(&service, &WorkspaceService::rowsFound);
    const quint64 token = service.requestList(query);
    QVERIFY(begun.wait(20000));
    QVERIFY(found.isEmpty());
    QCOMPARE(begun[0][0].toULongLong(), token);
    const auto rows = begun[0][1].value<models::TraceRows>();
    QCOMPARE(rows.size(), models::TraceTableModel::kPageRows);
    QVERIFY(found.wait(20000));
    QCOMPARE(found[0][0].toULongLong(), token);
    const auto ids = found[0][1].value<models::RowIds>();
    QCOMPARE(ids.size(), 600);
    // The table goes on where it began, and what it shows need not be fetched again.
    models::TraceTableModel model;
    QSignalSpy wanted(&model, &models::TraceTableModel::pageWanted);
    model.setRows(query.kind, ids.mid(0, rows.size()), token);
    model.setPage(token, 0, rows);
    QVERIFY(model.growRows(query.kind, ids, token));
    QVERIFY(model.rowAt(0) != nullptr);
    QVERIFY(!model.index(0, models::TraceTableModel::Excerpt).data().toString().isEmpty());
    QVERIFY(wanted.isEmpty());
    // Another order is made for the whole list, and comes at once.
    begun.clear();
    found.clear();
    service.requestList({ListKind::Problems, {}, models::SortKey::Source, false});
    QVERIFY(found.wait(20000));
    QVERIFY(begun.isEmpty());
}

void TestStudioBridge::newerFilterMakesOlderStale() {
    WorkspaceService service;
    QVERIFY(open(service, copyOfSample(m_folder, QStringLiteral("c.scrit"))));
    QSignalSpy found(&service, &WorkspaceService::rowsFound);
    quint64 last = 0;
    for (int i = 0; i < 50; ++i) {
        last = service.requestIds(
            {ListKind::Critiques, QStringLiteral("round:<=%1").arg(i), models::SortKey::Id, false});
    }
    QTRY_VERIFY(!found.isEmpty());
    QTest::qWait(50);
    QCOMPARE(found.size(), 1);
    QCOMPARE(found[0][0].toULongLong(), last);
}

void TestStudioBridge::filterErrors_data() {
    QTest::addColumn<QString>("filter");
    QTest::addColumn<int>("position"); // -1: no error
    QTest::newRow("good") << QStringLiteral("mode:direct \"x y\"") << -1;
    QTest::newRow("empty") << QString() << -1;
    QTest::newRow("unknown") << QStringLiteral("mode:direct colour:red") << 12;
    QTest::newRow("behind wide characters") << QStringLiteral("é𝒳 colour:red") << 4;
}

void TestStudioBridge::filterErrors() {
    QFETCH(QString, filter);
    QFETCH(int, position);
    const auto error = bridge::filterLanguage().check(filter, ListKind::Critiques);
    QCOMPARE(error ? error->position : -1, position);
}

void TestStudioBridge::overviewFiltersCompile() {
    const auto language = bridge::filterLanguage();
    for (const ListQuery& query : pages::overviewQueries()) {
        QVERIFY2(!language.check(query.filter, query.kind), qPrintable(query.filter));
    }
}

void TestStudioBridge::lockedOffersReadOnly() {
    const QString path = copyOfSample(m_folder, QStringLiteral("locked.scrit"));
    WorkspaceService first;
    QVERIFY(open(first, path));
    WorkspaceService second;
    QSignalSpy failed(&second, &WorkspaceService::openFailed);
    second.openWorkspace(path);
    QVERIFY(failed.wait(20000));
    const auto trouble = failed[0][0].value<models::Trouble>();
    QCOMPARE(trouble.offer, models::Trouble::Offer::OpenReadOnly);
    QVERIFY(!trouble.message.isEmpty());
    QVERIFY(open(second, trouble.path, true));
    QVERIFY(second.info().readOnly);
    QVERIFY(!idsOf(second, {}).isEmpty());
    QSignalSpy refused(&second, &WorkspaceService::jobFailed);
    second.importFiles({path});
    QCOMPARE(refused.size(), 1);
}

void TestStudioBridge::badFiles_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("text") << QByteArray("this is not a workspace, it is a letter\n").repeated(200);
    QTest::newRow("torn header") << QByteArray("SQLite format 3\0garbage", 23);
}

void TestStudioBridge::badFiles() {
    QFETCH(QByteArray, bytes);
    const QString path = writeFile(m_folder, QStringLiteral("bad.scrit"), bytes);
    WorkspaceService service;
    QSignalSpy failed(&service, &WorkspaceService::openFailed);
    service.openWorkspace(path);
    QVERIFY(failed.wait(20000));
    QVERIFY(!failed[0][0].value<models::Trouble>().message.isEmpty());
    QVERIFY(!service.isOpen());
    QFile::remove(path);
}

void TestStudioBridge::importsAndReportsBadLines() {
    WorkspaceService service;
    QSignalSpy opened(&service, &WorkspaceService::opened);
    service.createWorkspace(m_folder.filePath(QStringLiteral("new.scrit")));
    QVERIFY(opened.wait(20000));
    const QString file = writeFile(m_folder, QStringLiteral("some.jsonl"),
                                   manyProblems(40) + "{\"problem\": broken\n");
    QSignalSpy finished(&service, &WorkspaceService::importFinished);
    QSignalSpy changed(&service, &WorkspaceService::contentsChanged);
    for (const qint64 added : {40, 0}) { // the second time all of it is there
        finished.clear();
        service.importFiles({file});
        QVERIFY(finished.wait(30000));
        const auto result = finished[0][0].value<models::ImportResult>();
        QCOMPARE(result.added, added);
        QCOMPARE(result.existing, 40 - added);
        QCOMPARE(result.bad, 1);
        QCOMPARE(result.badLines.size(), 1);
        QCOMPARE(result.badLines[0].line, 41);
    }
    QCOMPARE(changed.size(), 2);
    QCOMPARE(idsOf(service, {ListKind::Solutions, {}, models::SortKey::Id, false}).size(), 40);
}

void TestStudioBridge::importCanBeCancelled() {
    WorkspaceService service;
    QSignalSpy opened(&service, &WorkspaceService::opened);
    service.createWorkspace(m_folder.filePath(QStringLiteral("cancel.scrit")));
    QVERIFY(opened.wait(20000));
    const QString file = writeFile(m_folder, QStringLiteral("many.jsonl"), manyProblems(60000));
    QSignalSpy finished(&service, &WorkspaceService::importFinished);
    service.importFiles({file});
    QVERIFY(service.isBusy());
    service.cancelJob();
    QVERIFY(finished.wait(30000));
    const auto result = finished[0][0].value<models::ImportResult>();
    QVERIFY(result.cancelled);
    QVERIFY(result.lines < 60000);
    QVERIFY(!service.isBusy());
}

void TestStudioBridge::verifies() {
    WorkspaceService service;
    QVERIFY(open(service, copyOfSample(m_folder, QStringLiteral("verify.scrit"))));
    QSignalSpy finished(&service, &WorkspaceService::verifyFinished);
    service.verify();
    QVERIFY(finished.wait(60000));
    const auto all = finished[0][0].value<models::VerifyResult>();
    QVERIFY(all.critiques > 0 && all.solutions > 0 && !all.counts.isEmpty());
    for (const models::VerifiedCount& count : all.counts) {
        QCOMPARE(count.added, 0); // the sample is verified already: nothing new
    }
    service.verify(QStringLiteral("mode:contrastive"));
    QVERIFY(finished.wait(60000));
    const auto some = finished[1][0].value<models::VerifyResult>();
    QVERIFY(some.critiques > 0 && some.critiques < all.critiques);
    QCOMPARE(some.solutions, 0); // the filter says nothing about solutions
    QCOMPARE(some.filter, QStringLiteral("mode:contrastive"));
}

void TestStudioBridge::completesValues() {
    WorkspaceService service;
    QVERIFY(open(service, copyOfSample(m_folder, QStringLiteral("values.scrit"))));
    QSignalSpy values(&service, &WorkspaceService::valuesReady);
    service.requestValues(QStringLiteral("source"), {});
    QVERIFY(values.wait(20000));
    QVERIFY(!values[0][1].toStringList().isEmpty());
}

void TestStudioBridge::closesWhileQueriesRun() {
    for (int i = 0; i < 5; ++i) {
        WorkspaceService service;
        QVERIFY(open(service, copyOfSample(m_folder, QStringLiteral("close%1.scrit").arg(i))));
        for (int k = 0; k < 20; ++k) {
            service.requestIds({});
            service.requestRecord(ListKind::Critiques, k + 1);
            service.requestFacts();
        }
        if (i % 2 == 0) {
            service.closeWorkspace();
            QVERIFY(!service.isOpen());
        }
    }
}

SCRIT_WINDOW_TEST(TestStudioBridge)
#include "studio_bridge.moc"
