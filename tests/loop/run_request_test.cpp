// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/evaluation_set.h"
#include "tests/loop/run_support.h"
#include "tests/support/test_program.h"

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

    void previewsOfEvaluationsCountTheSet() {
        Bench bench(10);
        const auto critic = bench.addModel("critic", knowing);
        loop::FreezeRequest freeze;
        freeze.name = "held";
        freeze.filter = "student:ann";
        freeze.limit = 4;
        QVERIFY(loop::freezeSet(*bench.workspace, freeze).has_value());
        loop::RunRequest request = bench.request("scrit-direct");
        request.recipe.mode = model::CritiqueMode::Direct;
        request.recipe.validate = false;
        request.recipe.critic.samples = 3;
        request.filter = "source:nowhere"; // neither this
        request.limit = 1;                 // nor this counts
        request.evaluation = loop::RunEvaluation{"held", false};
        const auto preview = loop::previewRun(*bench.workspace, request);
        QVERIFY2(preview.has_value(), preview ? "" : preview.error().text().c_str());
        QCOMPARE(preview->problems, std::int64_t{4});
        QCOMPARE(preview->solutions, std::int64_t{4});
        QCOMPARE(preview->stages.size(), std::size_t{1});
        QCOMPARE(calls(*preview, "critique"), std::int64_t{4 * 3});
        QVERIFY(!preview->stages[0].upperBound);
        QVERIFY(warnings(*preview).find("nothing will be selected") == std::string::npos);
        // Its own solutions are criticised besides, as many as it gives.
        request.evaluation->own = true;
        const auto own = loop::previewRun(*bench.workspace, request);
        QVERIFY2(own.has_value(), own ? "" : own.error().text().c_str());
        QCOMPARE(calls(*own, "solve/critic"), std::int64_t{4} * request.recipe.student.samples);
        QCOMPARE(calls(*own, "critique"), std::int64_t{4 + 4 * request.recipe.student.samples} * 3);
        QVERIFY(own->stages[1].upperBound);
        request.evaluation->set = "nothing";
        const auto none = loop::previewRun(*bench.workspace, request);
        QVERIFY(!none);
        QCOMPARE(none.error().code, base::ErrorCode::NotFound);
        QCOMPARE(critic->requests(), 0);
    }

    void freezingIsCountedBefore() {
        Bench bench(10);
        loop::FreezeRequest freeze;
        freeze.name = "held";
        freeze.limit = 5;
        const auto before = loop::previewFreeze(*bench.workspace, freeze);
        QVERIFY2(before.has_value(), before ? "" : before.error().text().c_str());
        QCOMPARE(before->members, std::int64_t{5});
        QCOMPARE(before->problems + before->problemsLeft, std::int64_t{10});
        const auto frozen = loop::freezeSet(*bench.workspace, freeze);
        QVERIFY(frozen.has_value());
        QCOMPARE(frozen->set.size, before->members);
        const auto reader = bench.workspace->reader();
        QCOMPARE(store::RunReader(**reader).problemIds("-evaluation:yes", 0)->size(),
                 static_cast<std::size_t>(before->problemsLeft));
        // All of the others: nothing would be left.
        freeze.limit = 0;
        QCOMPARE(loop::previewFreeze(*bench.workspace, freeze)->problemsLeft, std::int64_t{0});
        freeze.filter = "colour:red";
        QCOMPARE(loop::previewFreeze(*bench.workspace, freeze).error().code,
                 base::ErrorCode::Invalid);
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

SCRIT_TEST(RunRequestTest)
#include "run_request_test.moc"
