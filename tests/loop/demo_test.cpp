// SPDX-License-Identifier: GPL-3.0-or-later
// A small demo with the real miniature: it samples and trains.
#include "core/loop/miniature_demo.h"
#include "core/mini/problems.h"
#include "core/store/evaluation_reader.h"
#include "core/store/run_reader.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <set>

using namespace scrit;
using namespace scrit::loop;

namespace {

MiniatureDemoSettings smallDemo(const QTemporaryDir& folder) {
    MiniatureDemoSettings settings = quickMiniatureDemo();
    settings.folder = folder.path().toStdString();
    settings.seed = 7;
    settings.problemsPerRound = 48;
    settings.pairs = 24;
    return settings;
}

// The table without times and ids.
std::string tableOf(const EvolutionState& state) {
    std::string text;
    for (const MiniatureRow& row : miniatureTable(state)) {
        text += std::to_string(row.round) + " " + std::to_string(row.n);
        for (const RoundScore* score : {row.errorIdentification, row.critiqueCorrect}) {
            text += " " + std::to_string(score != nullptr ? score->value.value_or(-1) : -2) + " " +
                    std::to_string(score != nullptr && score->interval ? score->interval->low : -1);
        }
        if (row.report->funnel) {
            text += " " + std::to_string(row.report->funnel->solutionsIncorrect) + " " +
                    std::to_string(row.report->funnel->validated) + " " +
                    std::to_string(row.report->kept.value_or(-1));
        }
        text += "\n";
    }
    return text;
}

} // namespace

class DemoTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        if (const auto can = canRunMiniatureDemo(); !can) {
            QSKIP(("the miniature cannot run here: " + can.error().text()).c_str());
        }
    }

    void theSameSeedGivesTheSameTable() {
        const QTemporaryDir first;
        const auto one = runMiniatureDemo(smallDemo(first), {});
        QVERIFY2(one.has_value(), one ? "" : one.error().text().c_str());
        const auto rows = miniatureTable(one->evolution);
        QCOMPARE(rows.size(), std::size_t{2});
        for (const MiniatureRow& row : rows) {
            QCOMPARE(row.n, std::int64_t{24});
            QVERIFY(row.errorIdentification != nullptr && row.errorIdentification->value);
            QVERIFY(row.critiqueCorrect != nullptr && row.critiqueCorrect->value);
        }
        const RoundReport& report = *rows[1].report;
        QCOMPARE(report.funnel->problems, std::int64_t{48});
        QCOMPARE(report.funnel->critiques, std::int64_t{48});
        QCOMPARE(report.kept.value_or(-1), report.funnel->validated);
        QVERIFY(report.funnel->validated > 0 && report.steps > 0 && report.lastLoss);
        QVERIFY(report.byLevel.size() >= 2); // by contested facts
        QVERIFY(one->sampling > 0 && one->training > 0 && one->seconds > one->sampling);

        const QTemporaryDir second;
        const auto two = runMiniatureDemo(smallDemo(second), {});
        QVERIFY2(two.has_value(), two ? "" : two.error().text().c_str());
        QCOMPARE(tableOf(two->evolution), tableOf(one->evolution));

        // Again in the same folder: nothing is left to do, and another seed does not fit in.
        const auto again = runMiniatureDemo(smallDemo(first), {});
        QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
        QCOMPARE(again->sampling, 0.0);
        MiniatureDemoSettings other = smallDemo(first);
        other.seed = 8;
        const auto refused = runMiniatureDemo(other, {});
        QVERIFY(!refused && refused.error().code == base::ErrorCode::Exists);

        heldOutProblemsAreNotTrainedOn(one->workspace);
    }

private:
    static void heldOutProblemsAreNotTrainedOn(const std::filesystem::path& file) {
        const auto workspace = store::Workspace::open(file, store::OpenMode::ReadOnly);
        QVERIFY(workspace.has_value());
        const auto reader = (*workspace)->reader();
        store::EvaluationReader evaluations(**reader);
        const auto set = evaluations.set(std::string(kMiniatureSet));
        QVERIFY(set && set->size == 24);
        const auto held = evaluations.problems(set->id);
        const auto rows = store::RunReader(**reader).problems(*held);
        QVERIFY(rows.has_value());
        std::set<std::string> keys;
        for (const model::Problem& problem : *rows) {
            keys.insert(problem.key);
        }
        QCOMPARE(keys.size(), held->size());
        const auto trained = (*reader)->ids({store::ListOf::Problems, "split:train"});
        const auto all = store::RunReader(**reader).problems(*trained);
        QVERIFY(all && !all->empty());
        for (const model::Problem& problem : *all) {
            QVERIFY(!keys.contains(problem.key));
        }
    }
};

SCRIT_TEST(DemoTest)
#include "demo_test.moc"
