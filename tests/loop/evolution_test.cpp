// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/sweep.h"
#include "core/store/evaluation_reader.h"
#include "core/store/round_reader.h"
#include "core/store/writer.h"
#include "tests/loop/evolution_support.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <algorithm>

using namespace scrit;
using namespace scrit::loop;
using namespace scrit::test;

namespace {

// Counted by hand from knowing() in run_support.cpp. Of six problems with residues 0 … 5, three
// solutions each (right, wrong, right), contrastive critiques pass as follows: 0 and 5: all three;
// 1 (the wrong one was approved) and 2 (mended to a wrong answer): the two right ones; 3 (nothing
// can be read) and 4 (the validator cannot be read): none.
constexpr std::int64_t kCritiques = 54;
constexpr std::int64_t kReadable = 45;
constexpr std::int64_t kJudged = 36;
constexpr std::int64_t kValidated = 30;
constexpr std::int64_t kValidatedIncorrect = 6; // critiques that say so

std::int64_t lines(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

std::string failure(const base::Expected<std::string>& created) {
    return created ? "no error" : created.error().text();
}

} // namespace

class EvolutionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoRounds() {
        EvolutionBench world;
        EvolutionRequest request = world.request();
        request.rounds = 2;
        const EvolutionState state = world.evolve(request);
        QVERIFY(state.done);
        QCOMPARE(state.series, std::string("scrit"));
        QCOMPARE(state.rounds.size(), std::size_t{3});
        QCOMPARE(world.script.bases, (std::vector<std::string>{"critic", "scrit-r1"}));

        const RoundReport& zero = state.reports[0];
        QVERIFY(!zero.funnel && !zero.kept && zero.model == "critic");
        const RoundScore* score = zero.score("held", "cc/1", "cc_acc");
        QVERIFY(score != nullptr && score->value.has_value());
        QCOMPARE(score->n, std::int64_t{18});
        // Residues 0, 4, 5: all right; 1 and 2: two of three; 3: none can be read.
        QCOMPARE(*score->value, 13.0 / 18.0);
        QVERIFY(score->interval && score->interval->low < *score->value && !score->toBase);

        const RoundReport& first = state.reports[1];
        QVERIFY(first.funnel.has_value());
        QCOMPARE(first.funnel->problems, std::int64_t{18});
        QCOMPARE(first.funnel->solutions, std::int64_t{54});
        QCOMPARE(first.funnel->solutionsIncorrect, std::int64_t{18});
        QCOMPARE(first.funnel->selected, std::int64_t{54});
        QCOMPARE(first.funnel->critiques, kCritiques);
        QCOMPARE(first.funnel->parsed, kReadable);
        QCOMPARE(first.funnel->judged, kJudged);
        QCOMPARE(first.funnel->validated, kValidated);
        QCOMPARE(first.kept.value_or(-1), kValidated);
        QVERIFY(first.validation && first.validation->rate().has_value());
        QCOMPARE(*first.validation->rate(), 30.0 / 36.0);
        QCOMPARE(first.byAnswers.size(), std::size_t{1}); // two answers to each problem
        QCOMPARE(first.byAnswers[0].group, std::string("2"));
        QCOMPARE(first.lastLoss.value_or(0), 0.5);
        score = first.score("held", "cc/1", "cc_acc");
        QVERIFY(score != nullptr && score->toBase);
        QCOMPARE(score->toBase->value, 0.0);                           // the same model answers
        QVERIFY(score->toPrevious && score->toPrevious->value == 0.0); // the base is the previous
        QVERIFY(state.reports[2].score("held", "cc/1", "cc_acc")->toPrevious.has_value());
        QVERIFY(state.reports[2].regressions().empty());

        // What is stored is what was reported.
        const auto again = reportOfRound(state.rounds[1]);
        QVERIFY(again.has_value());
        QCOMPARE(reportJson(*again), reportJson(first));

        // Asking for it again does nothing, and more rounds go on.
        const int requests = world.critic->requests();
        QVERIFY(world.evolve(request).done);
        QCOMPARE(world.critic->requests(), requests);
        request.rounds = 3;
        QCOMPARE(world.evolve(request).rounds.size(), std::size_t{4});
        QCOMPARE(world.script.bases.size(), std::size_t{3});
    }

    void policies_data() {
        QTest::addColumn<std::function<void(EvolutionPolicy&)>>("change");
        QTest::addColumn<qint64>("first");  // examples in round 1
        QTest::addColumn<qint64>("second"); // and in round 2
        QTest::addColumn<QByteArray>("base");
        using Change = std::function<void(EvolutionPolicy&)>;
        const qint64 all = kValidated;
        QTest::newRow("replace") << Change([](EvolutionPolicy&) {}) << all << all
                                 << QByteArray("scrit-r1");
        QTest::newRow("accumulate")
            << Change([](EvolutionPolicy& policy) { policy.data = DataUse::Accumulate; }) << all
            << 2 * all << QByteArray("scrit-r1");
        QTest::newRow("from base")
            << Change([](EvolutionPolicy& policy) { policy.from = TrainFrom::Base; }) << all << all
            << QByteArray("critic");
        QTest::newRow("unvalidated")
            << Change([](EvolutionPolicy& policy) { policy.selfValidation = false; })
            << qint64{kReadable} << qint64{kReadable} << QByteArray("scrit-r1");
        QTest::newRow("balanced") << Change([](EvolutionPolicy& policy) { policy.balance = "1:1"; })
                                  << qint64{2 * kValidatedIncorrect}
                                  << qint64{2 * kValidatedIncorrect} << QByteArray("scrit-r1");
        QTest::newRow("three to one")
            << Change([](EvolutionPolicy& policy) { policy.balance = "3:1"; })
            << qint64{4 * kValidatedIncorrect} << qint64{4 * kValidatedIncorrect}
            << QByteArray("scrit-r1");
        QTest::newRow("seven") << Change([](EvolutionPolicy& policy) { policy.examples = 7; })
                               << qint64{7} << qint64{7} << QByteArray("scrit-r1");
        QTest::newRow("seven, balanced") << Change([](EvolutionPolicy& policy) {
            policy.examples = 7;
            policy.balance = "1:1";
        }) << qint64{6} << qint64{6} << QByteArray("scrit-r1");
        // Problems of six residues come in another order; each has at most three that pass.
        QTest::newRow("new problems")
            << Change([](EvolutionPolicy& policy) { policy.problemsPerRound = 9; }) << qint64{-1}
            << qint64{-1} << QByteArray("scrit-r1");
    }
    void policies() {
        QFETCH(std::function<void(EvolutionPolicy&)>, change);
        QFETCH(qint64, first);
        QFETCH(qint64, second);
        QFETCH(QByteArray, base);
        EvolutionBench world;
        EvolutionRequest request = world.request();
        request.rounds = 2;
        change(request.policy);
        const EvolutionState state = world.evolve(request);
        QCOMPARE(world.script.bases, (std::vector<std::string>{"critic", base.toStdString()}));
        const qint64 kept[] = {state.reports[1].kept.value_or(-1),
                               state.reports[2].kept.value_or(-1)};
        QCOMPARE(lines(world.script.data[0]), kept[0]); // what was trained on is what was counted
        QCOMPARE(lines(world.script.data[1]), kept[1]);
        if (first < 0) { // together they are all, and nothing is in both
            QCOMPARE(kept[0] + kept[1], qint64{kValidated});
            QCOMPARE(state.reports[1].funnel->problems, std::int64_t{9});
            QCOMPARE(state.reports[2].funnel->problems, std::int64_t{9});
            return;
        }
        QCOMPARE(kept[0], first);
        QCOMPARE(kept[1], second);
        QCOMPARE(state.reports[1].validation.has_value(), request.policy.selfValidation);
    }

    void whatMakesNoSense_data() {
        QTest::addColumn<std::function<void(EvolutionBench&, EvolutionRequest&)>>("change");
        QTest::addColumn<QByteArray>("says");
        using Change = std::function<void(EvolutionBench&, EvolutionRequest&)>;
        QTest::newRow("overlap") << Change([](EvolutionBench&, EvolutionRequest& request) {
            request.filter = "problem:>4";
        }) << QByteArray("2 of the evaluation set held: add -evaluation:yes");
        QTest::newRow("no set") << Change([](EvolutionBench&, EvolutionRequest& request) {
            request.sets.clear();
        }) << QByteArray("no evaluation set");
        QTest::newRow("unknown set")
            << Change([](EvolutionBench&, EvolutionRequest& request) { request.sets = {"hold"}; })
            << QByteArray("hold");
        QTest::newRow("unknown model")
            << Change([](EvolutionBench&, EvolutionRequest& request) { request.base = "nobody"; })
            << QByteArray("nobody");
        QTest::newRow("trainer missing") << Change([](EvolutionBench& world, EvolutionRequest&) {
            world.script.checkError = base::Error{base::ErrorCode::Unavailable,
                                                  "the trainer is missing", "install it", false};
        }) << QByteArray("the trainer is missing");
        QTest::newRow("no problem") << Change([](EvolutionBench&, EvolutionRequest& request) {
            request.filter = "problem:>100";
        }) << QByteArray("no problem matches");
        QTest::newRow("too few") << Change([](EvolutionBench&, EvolutionRequest& request) {
            request.rounds = 3;
            request.policy.problemsPerRound = 7;
        }) << QByteArray("need 21 problems; there are 18");
        QTest::newRow("balance") << Change([](EvolutionBench&, EvolutionRequest& request) {
            request.policy.balance = "much";
        }) << QByteArray("is not a balance");
    }
    void whatMakesNoSense() {
        QFETCH(std::function<void(EvolutionBench&, EvolutionRequest&)>, change);
        QFETCH(QByteArray, says);
        EvolutionBench world;
        EvolutionRequest request = world.request();
        change(world, request);
        const std::string said =
            failure(createEvolution(*world.bench.workspace, request, world.trainers()));
        QVERIFY2(QByteArray::fromStdString(said).contains(says), said.c_str());
        const auto open = openEvolution(*world.bench.workspace);
        QVERIFY(open && !*open); // nothing was stored
    }

    void anEmptyTrainingSetCanBeGoneOnWith() {
        EvolutionBench world;
        const EvolutionRequest request = world.request();
        world.critic->setAnswer(
            [](const Seen& seen) { return seen.validating ? says("No idea.") : knowing(seen); });
        const auto series = createEvolution(*world.bench.workspace, request, world.trainers());
        QVERIFY(series.has_value());
        const auto ran = runEvolution(world.bench.workspace, *series, world.context());
        QVERIFY(!ran && ran.error().code == base::ErrorCode::NotFound);
        const std::string said = ran.error().text();
        QVERIFY(said.find("--no-self-validation") != std::string::npos);
        QVERIFY2(said.find("scrit, round 1, curate: the training set is empty: of 54 critiques 0 "
                           "match run:") == 0,
                 said.c_str());
        const auto state = readEvolution(*world.bench.workspace, *series);
        QVERIFY(state && state->failed && !state->done);
        QCOMPARE(state->rounds.back().stage, std::string("curate"));
        QCOMPARE(state->reports.back().error, said);
        QVERIFY(openEvolution(*world.bench.workspace)->has_value());
    }

    void aTrainingThatFailsIsTriedAgain() {
        EvolutionBench world;
        const auto series =
            createEvolution(*world.bench.workspace, world.request(), world.trainers());
        QVERIFY(series.has_value());
        world.script.runError =
            base::Error{base::ErrorCode::Invalid, "the loss is not a number at step 3", "", false};
        const auto ran = runEvolution(world.bench.workspace, *series, world.context());
        QVERIFY(!ran);
        QVERIFY2(ran.error().message.find("round 1, train: ") != std::string::npos &&
                     ran.error().message.find("not a number") != std::string::npos,
                 ran.error().message.c_str());
        const int requests = world.critic->requests();
        const auto again = runEvolution(world.bench.workspace, *series, world.context());
        QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());
        QVERIFY(world.critic->requests() - requests <= 18); // the evaluation alone
        const auto state = readEvolution(*world.bench.workspace, *series);
        QVERIFY(state && state->done && state->reports.back().error.empty());
        const auto reader = world.bench.workspace->reader();
        QCOMPARE(store::RoundReader(**reader).trainings()->size(), std::size_t{1});
    }

    void aModelThatIsNeverReady() {
        EvolutionBench world;
        const auto series =
            createEvolution(*world.bench.workspace, world.request(), world.trainers());
        QVERIFY(series.has_value());
        EvolutionContext context = world.context();
        context.patienceMillis = 300;
        bool loading = false;
        context.openModel = [&](const model::Model& model)
            -> base::Expected<std::shared_ptr<backend::ModelHandle>> {
            if (model.name != "critic" && loading) {
                auto handle = std::make_shared<ScriptedModel>(std::vector{world.critic});
                handle->change([](std::vector<backend::Endpoint>& endpoints) {
                    endpoints.front().ready = false;
                });
                return handle;
            }
            return world.bench.models.at("critic");
        };
        loading = true;
        const auto ran = runEvolution(world.bench.workspace, *series, context);
        QVERIFY(!ran && ran.error().code == base::ErrorCode::Unavailable);
        QVERIFY2(ran.error().message.find("scrit-r1 was not ready") != std::string::npos,
                 ran.error().message.c_str());
        QCOMPARE(readEvolution(*world.bench.workspace, *series)->rounds.back().stage,
                 std::string("serve"));
        loading = false;
        QVERIFY(runEvolution(world.bench.workspace, *series, context).has_value());
    }

    void cancelledInTheMiddle() {
        EvolutionBench world;
        const auto series =
            createEvolution(*world.bench.workspace, world.request(), world.trainers());
        QVERIFY(series.has_value());
        EvolutionContext context = world.context();
        std::vector<std::string> stages;
        context.listener = [&](const EvolutionProgress& progress) {
            if (stages.empty() || stages.back() != progress.stage) {
                stages.push_back(progress.stage);
            }
            QVERIFY(progress.overall >= 0 && progress.overall <= 1);
            if (progress.stage == model::round_stage::kTrain) {
                context.cancel.cancel();
            }
        };
        const auto ran = runEvolution(world.bench.workspace, *series, context);
        QVERIFY(!ran && ran.error().code == base::ErrorCode::Cancelled);
        const auto state = readEvolution(*world.bench.workspace, *series);
        QCOMPARE(state->rounds.back().state, model::JobState::Stopped);
        QVERIFY(std::find(stages.begin(), stages.end(), "critique") != stages.end());
        QVERIFY(runEvolution(world.bench.workspace, *series, world.context()).has_value());
    }

    void anotherSettingIsAnotherSeries() {
        EvolutionBench world;
        EvolutionRequest request = world.request();
        request.series = "mine";
        QVERIFY(createEvolution(*world.bench.workspace, request, world.trainers()).has_value());
        request.policy.order = curate::Order::HardFirst;
        const std::string said =
            failure(createEvolution(*world.bench.workspace, request, world.trainers()));
        QVERIFY2(said.find("begun with another policy.order") != std::string::npos, said.c_str());
        request.series.clear(); // the name is chosen
        QCOMPARE(*createEvolution(*world.bench.workspace, request, world.trainers()),
                 std::string("scrit"));
        request.policy.examples = 3;
        QCOMPARE(*createEvolution(*world.bench.workspace, request, world.trainers()),
                 std::string("scrit-2"));
    }

    void aSweepTabulates() {
        EvolutionBench world;
        SweepRequest request;
        request.common = world.request();
        for (const char* name : {"scrit", "scrit-direct"}) {
            const auto recipe = loadRecipe(name);
            QVERIFY(recipe.has_value());
            request.recipes.push_back(*recipe);
        }
        request.selfValidation = {true, false};
        request.examples = {0, 4};
        const auto sweep = createSweep(*world.bench.workspace, request, world.trainers());
        QVERIFY2(sweep.has_value(), sweep ? "" : sweep.error().text().c_str());
        // One cell fails and does not keep the others.
        world.script.runError = base::Error{base::ErrorCode::Server, "out of memory", "", false};
        const auto ran = runSweep(world.bench.workspace, *sweep, world.context());
        QVERIFY(!ran);
        QVERIFY2(ran.error().message.find("1 of 8 cells failed") == 0, ran.error().message.c_str());
        QVERIFY(!readSweep(*world.bench.workspace, *sweep)->done);
        const auto again = runSweep(world.bench.workspace, *sweep, world.context());
        QVERIFY2(again.has_value(), again ? "" : again.error().text().c_str());

        const auto table = readSweep(*world.bench.workspace, *sweep);
        QVERIFY(table && table->done);
        std::vector<std::pair<std::string, std::int64_t>> kept;
        for (const SweepRow& row : table->rows) {
            kept.emplace_back(row.cell, row.report.kept.value_or(-1));
            QCOMPARE(row.against.size(), kept.size() == 1 ? std::size_t{0} : std::size_t{1});
        }
        QCOMPARE(kept, (std::vector<std::pair<std::string, std::int64_t>>{
                           {"scrit, self-validated, all examples", kValidated},
                           {"scrit, self-validated, 4 examples", 4},
                           {"scrit, unvalidated, all examples", kReadable},
                           {"scrit, unvalidated, 4 examples", 4},
                           {"scrit-direct, self-validated, all examples", kValidated},
                           {"scrit-direct, self-validated, 4 examples", 4},
                           {"scrit-direct, unvalidated, all examples", kReadable},
                           {"scrit-direct, unvalidated, 4 examples", 4}}));
        QCOMPARE(table->base.size(), std::size_t{1});
        // Identical items are asked for once: two kinds of critiques with their validations, and
        // one evaluation, since one model answers for all.
        QVERIFY2(world.critic->requests() <= 2 * (kCritiques + kReadable) + 18,
                 std::to_string(world.critic->requests()).c_str());
    }

    void theProblemsReferenceIsShown() {
        Bench bench(4, false);
        bench.addModel("critic", knowing);
        bench.addModel("dan", knowing);
        const auto recipe =
            changedRecipe(*loadRecipe("scrit"), {{"select.reference", "\"problem\""}});
        QVERIFY(recipe.has_value());
        QVERIFY(bench.workspace
                    ->write([](store::Writer& writer) -> base::Expected<void> {
                        model::Problem problem;
                        problem.key = "with-reference";
                        problem.text = "What is 41 + 1?";
                        problem.referenceAnswer = "42";
                        problem.referenceSolution = "We add.\n\nIt is \\boxed{42}.";
                        const auto added = writer.addProblem(problem);
                        return added ? base::Expected<void>{} : base::fail(added.error());
                    })
                    .has_value());
        RunRequest request = bench.request("scrit");
        request.recipe = *recipe;
        request.students = {"dan"};
        const std::int64_t run = bench.create(request);
        bench.finish(run);
        // One problem of five has a reference; its single solution is criticised beside it.
        QCOMPARE(bench.counts(run)["critique/done"], std::int64_t{1});
        const auto reader = bench.workspace->reader();
        const auto record = (*reader)->record(store::ListOf::Critiques, 1);
        QVERIFY(record && record->reference);
        QCOMPARE(record->reference->author, std::string(kReferenceAuthor));
        QCOMPARE(record->solution->author, std::string("dan"));
    }
};

SCRIT_TEST(EvolutionTest)
#include "evolution_test.moc"
