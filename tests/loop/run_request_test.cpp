// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/run_support.h"

#include <QTest>

#include <algorithm>

using namespace scrit;
using namespace scrit::test;

class RunRequestTest : public QObject {
    Q_OBJECT

    static std::string warnings(const loop::RunPreview& preview) {
        std::string text;
        for (const std::string& warning : preview.warnings) {
            text += warning + "\n";
        }
        return text;
    }
    static std::int64_t calls(const loop::RunPreview& preview, const std::string& stage) {
        for (const auto& one : preview.stages) {
            if (one.name == stage) {
                return one.calls;
            }
        }
        return -1;
    }

private Q_SLOTS:
    void badRequestsStoreNothing_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* what, base::ErrorCode code, const char* message) {
            QTest::newRow(what) << QString::fromLatin1(what) << static_cast<int>(code)
                                << QString::fromLatin1(message);
        };
        row("no critic", base::ErrorCode::Invalid, "no critic");
        row("unknown critic", base::ErrorCode::NotFound, "nobody");
        row("unknown student", base::ErrorCode::NotFound, "nobody");
        row("student twice", base::ErrorCode::Invalid, "twice");
        row("bad filter", base::ErrorCode::Invalid, "colour");
        row("no problem", base::ErrorCode::Invalid, "no problem matches");
        row("prompt that is not there", base::ErrorCode::NotFound, "no_such");
    }
    void badRequestsStoreNothing() {
        QFETCH(QString, what);
        QFETCH(int, code);
        QFETCH(QString, message);
        Bench bench(2);
        bench.addModel("critic", knowing);
        loop::RunRequest request = bench.request("scrit");
        if (what == QStringLiteral("no critic")) {
            request.critic.clear();
        } else if (what == QStringLiteral("unknown critic")) {
            request.critic = "nobody";
        } else if (what == QStringLiteral("unknown student")) {
            request.students = {"nobody"};
        } else if (what == QStringLiteral("student twice")) {
            request.students = {"critic", "critic"};
        } else if (what == QStringLiteral("bad filter")) {
            request.filter = "colour:red";
        } else if (what == QStringLiteral("no problem")) {
            request.filter = "source:nowhere";
        } else {
            request.recipe.critic.prompt = "no_such";
        }
        const auto made = loop::createRun(*bench.workspace, request);
        QVERIFY(!made);
        QCOMPARE(static_cast<int>(made.error().code), code);
        QVERIFY2(made.error().text().find(message.toStdString()) != std::string::npos,
                 made.error().text().c_str());
        const auto reader = bench.workspace->reader();
        QVERIFY(store::RunReader(**reader).runs()->empty());
    }

    void previewsCountWhatWouldBeAsked() {
        Bench bench(10);
        const auto critic = bench.addModel("critic", knowing);
        bench.addModel("dan", knowing);
        const auto preview = loop::previewRun(*bench.workspace, bench.request("scrit"));
        QVERIFY(preview.has_value());
        QCOMPARE(preview->problems, std::int64_t{10});
        QCOMPARE(preview->solutions, std::int64_t{30});
        QCOMPARE(calls(*preview, "critique"), std::int64_t{30});
        QCOMPARE(calls(*preview, "validate"), std::int64_t{30});
        QVERIFY(preview->stages[0].promptTokens > 30 * 300);
        QVERIFY(!preview->stages[0].upperBound);
        QVERIFY(warnings(*preview).find("critic has no price") != std::string::npos);
        const auto bugs = loop::previewRun(*bench.workspace, bench.request("scrit-bug-injection"));
        QCOMPARE(calls(*bugs, "inject"), std::int64_t{10});
        QCOMPARE(calls(*bugs, "critique"), std::int64_t{30});
        loop::RunRequest solving = bench.request("scrit");
        solving.students = {"dan"};
        solving.limit = 4;
        const auto more = loop::previewRun(*bench.workspace, solving);
        QCOMPARE(calls(*more, "solve/dan"), std::int64_t{4});
        QCOMPARE(calls(*more, "critique"), std::int64_t{4 * 3 + 4});
        QVERIFY(more->stages[1].upperBound);
        QCOMPARE(critic->requests(), 0);
    }

    void previewsWarn() {
        Bench empty(3, false);
        empty.addModel("critic", knowing);
        const auto preview = loop::previewRun(*empty.workspace, empty.request("scrit"));
        QVERIFY(warnings(*preview).find("name a student") != std::string::npos);
        QCOMPARE(calls(*preview, "critique"), std::int64_t{0});
    }

    void aRunWithNothingToSelectEnds() {
        Bench bench(3, false);
        const auto critic = bench.addModel("critic", knowing);
        const std::int64_t id = bench.create(bench.request("scrit"));
        QCOMPARE(bench.finish(id).state, model::RunState::Done);
        QCOMPARE(critic->requests(), 0);
        QCOMPARE(bench.counts(id)["select/skipped"], std::int64_t{3});
    }

    void limitAndFilterChooseProblems() {
        Bench bench(10);
        bench.addModel("critic", knowing);
        loop::RunRequest request = bench.request("scrit");
        request.limit = 3;
        const std::int64_t id = bench.create(request);
        QCOMPARE(bench.counts(id)["select/planned"], std::int64_t{3});
        const auto back = loop::requestOfRun(bench.run(id));
        QVERIFY(back.has_value());
        QCOMPARE(back->limit, std::int64_t{3});
        QCOMPARE(back->critic, std::string("critic"));
        QVERIFY(loop::changeCaps(*bench.workspace, id, {5, 6, 7.5}));
        QCOMPARE(loop::requestOfRun(bench.run(id))->caps.cost, 7.5);
        QVERIFY(!loop::changeCaps(*bench.workspace, 99, {}));
    }
};

QTEST_GUILESS_MAIN(RunRequestTest)
#include "run_request_test.moc"
