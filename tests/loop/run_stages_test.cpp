// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/step_splitter.h"
#include "core/format/importer.h"
#include "core/loop/endpoint_pool.h"
#include "core/loop/run_budget.h"
#include "core/loop/run_inputs.h"
#include "core/loop/run_items.h"
#include "core/loop/run_plan.h"
#include "core/loop/run_prompts.h"
#include "core/loop/run_results.h"
#include "tests/loop/run_support.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <set>

using namespace scrit;
using namespace scrit::test;
using model::ItemState;
using model::Outcome;

namespace {

loop::RunPlan planFor(const char* recipe, std::vector<std::string> students = {}) {
    loop::RunRequest request;
    request.recipe = *loop::loadRecipe(recipe);
    request.critic = "critic";
    request.students = std::move(students);
    return *loop::makePlan({request, *loop::loadPrompts(request.recipe), false}, 7);
}

std::int16_t stageOf(const loop::RunPlan& plan, loop::StageKind kind) {
    return static_cast<std::int16_t>(plan.indexOf(kind));
}

model::Solution solution(const std::string& text, const std::string& answer) {
    model::Solution one;
    one.id = 21;
    one.problemId = 11;
    one.key = "k-" + text;
    one.text = text;
    one.steps = critique::splitSteps(text);
    one.finalAnswer = answer;
    return one;
}

loop::Task taskOf(const loop::RunPlan& plan, loop::StageKind kind) {
    loop::Task task;
    task.item.id = 1;
    task.item.stage = stageOf(plan, kind);
    task.problem.id = 11;
    task.problem.key = "problem-key";
    task.problem.text = "What is 2 + 1?";
    task.problem.referenceAnswer = "3";
    task.solution = solution(solutionText(5), "5");
    task.reference = solution(solutionText(3), "3");
    task.reference.id = 22;
    task.subjectKey = task.solution.key;
    task.correct = false;
    return task;
}

model::Completion answering(std::string text) {
    model::Completion completion;
    completion.text = std::move(text);
    return completion;
}

} // namespace

class RunStagesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void plansHaveTheirStages() {
        const auto names = [](const loop::RunPlan& plan) {
            QStringList list;
            for (const loop::StagePlan& stage : plan.stages) {
                list << QString::fromStdString(stage.name);
            }
            return list.join(QLatin1Char(' '));
        };
        QCOMPARE(names(planFor("scrit")), QStringLiteral("select critique validate"));
        QCOMPARE(names(planFor("scrit", {"a", "b"})),
                 QStringLiteral("solve/a solve/b select critique validate"));
        QCOMPARE(names(planFor("scrit-bug-injection")),
                 QStringLiteral("select inject critique validate"));
    }

    void badPromptsAreRefused_data() {
        QTest::addColumn<QString>("role");
        QTest::addColumn<QString>("prompt");
        QTest::addColumn<QString>("complaint");
        QTest::newRow("unknown field")
            << QStringLiteral("critic")
            << QStringLiteral("{{problem}} {{solution}} {{reference}} {{hint}}")
            << QStringLiteral("asks for {{hint}}");
        QTest::newRow("missing field")
            << QStringLiteral("critic") << QStringLiteral("{{problem}} {{solution}}")
            << QStringLiteral("lacks {{reference}}");
        QTest::newRow("validator with reference")
            << QStringLiteral("validator")
            << QStringLiteral("{{problem}} {{solution}} {{reference}}")
            << QStringLiteral("asks for {{reference}}");
        QTest::newRow("typo") << QStringLiteral("critic") << QStringLiteral("{{problem")
                              << QStringLiteral("the prompt of the critic");
    }
    void badPromptsAreRefused() {
        QFETCH(QString, role);
        QFETCH(QString, prompt);
        QFETCH(QString, complaint);
        loop::RunRequest request;
        request.recipe = *loop::loadRecipe("scrit");
        request.critic = "critic";
        loop::PromptTexts prompts = *loop::loadPrompts(request.recipe);
        prompts[role.toStdString()] = prompt.toStdString();
        const auto plan = loop::makePlan({request, prompts, false}, 1);
        QVERIFY(!plan);
        QCOMPARE(plan.error().code, base::ErrorCode::Invalid);
        QVERIFY2(plan.error().message.find(complaint.toStdString()) != std::string::npos,
                 plan.error().message.c_str());
    }

    void promptsBesideTheRecipe() {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("mine.txt")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{{problem}} / {{solution}}");
        file.close();
        loop::Recipe recipe = *loop::loadRecipe("scrit-direct");
        recipe.folder = folder.path().toStdString();
        recipe.critic.prompt = "mine.txt";
        const auto prompts = loop::loadPrompts(recipe);
        QVERIFY(prompts.has_value());
        QCOMPARE(prompts->at("critic"), std::string("{{problem}} / {{solution}}"));
        recipe.critic.prompt = "no_such_prompt";
        const auto missing = loop::loadPrompts(recipe);
        QVERIFY(!missing);
        QVERIFY(missing.error().text().find("no_such_prompt") != std::string::npos);
    }

    void settingsComeBack() {
        loop::RunRequest request;
        request.recipe = *loop::loadRecipe("scrit");
        request.critic = "c";
        request.validator = "v";
        request.students = {"a", "b"};
        request.limit = 5;
        request.round = 2;
        request.caps = {1, 2, 3.5};
        request.fresh = true;
        model::Run run;
        run.recipeText = request.recipe.text;
        run.seed = 9;
        run.filter = "source:x";
        run.settings = loop::settingsJson({request, *loop::loadPrompts(request.recipe), true});
        const auto back = loop::settingsOfRun(run);
        QVERIFY(back.has_value());
        QCOMPARE(back->request.critic, request.critic);
        QCOMPARE(back->request.validator, request.validator);
        QVERIFY(back->request.students == request.students);
        QCOMPARE(back->request.limit, request.limit);
        QCOMPARE(back->request.round, 2);
        QCOMPARE(back->request.caps.cost, 3.5);
        QCOMPARE(back->request.filter, run.filter);
        QVERIFY(back->request.seed == std::optional<std::uint64_t>(9));
        QVERIFY(back->request.fresh && back->capOverAll);
        QCOMPARE(back->prompts.size(), std::size_t{3});
        run.settings = "{";
        QVERIFY(!loop::settingsOfRun(run));
    }

    void requestsAreTheSameForTheSameContents() {
        const loop::RunPlan plan = planFor("scrit");
        loop::ModelFacts model{1, "critic", "identity", std::nullopt};
        const auto keyOf = [&](auto&& change) {
            loop::Task task = taskOf(plan, loop::StageKind::Critique);
            loop::ModelFacts facts = model;
            change(task, facts);
            if (loop::prepareRequest(plan, facts, task)) {
                qFatal("refused");
            }
            return task.cacheKey;
        };
        const std::string key = keyOf([](auto&, auto&) {});
        QCOMPARE(key.size(), std::size_t{32});
        // Rows do not matter.
        QCOMPARE(keyOf([](auto& task, auto&) {
                     task.item.id = 99;
                     task.solution.id = 5;
                 }),
                 key);
        std::set<std::string> keys{key};
        keys.insert(keyOf([](auto& task, auto&) { task.item.sample = 1; }));
        keys.insert(keyOf([](auto& task, auto&) { task.solution.text += " "; }));
        keys.insert(keyOf([](auto& task, auto&) { task.reference.text += " "; }));
        keys.insert(keyOf([](auto& task, auto&) { task.subjectKey = "other"; }));
        keys.insert(keyOf([](auto&, auto& facts) { facts.identity = "other"; }));
        QCOMPARE(keys.size(), std::size_t{6});
        QVERIFY(loop::requestSeed(1, "critique", "k", 0) !=
                loop::requestSeed(2, "critique", "k", 0));
        QVERIFY(loop::requestSeed(1, "critique", "k", 0) !=
                loop::requestSeed(1, "validate", "k", 0));
        QVERIFY(loop::requestSeed(1, "critique", "k", 0) >= 0);
    }

    void directPromptsShowNoReference() {
        for (const char* recipe : {"scrit", "scrit-direct"}) {
            const loop::RunPlan plan = planFor(recipe);
            loop::Task task = taskOf(plan, loop::StageKind::Critique);
            if (plan.recipe().mode == model::CritiqueMode::Direct) {
                task.reference = {};
            }
            QVERIFY(!loop::prepareRequest(plan, {1, "critic", "i", {}}, task));
            const std::string& user = task.request.messages.back().content;
            QCOMPARE(user.find("boxed{3}") != std::string::npos,
                     plan.recipe().mode == model::CritiqueMode::Contrastive);
            QVERIFY(user.find("boxed{5}") != std::string::npos);
            QVERIFY(task.promptText.find(user) != std::string::npos);
        }
    }

    void longPromptsAreRefusedNotCut() {
        const loop::RunPlan plan = planFor("scrit");
        loop::Task task = taskOf(plan, loop::StageKind::Critique);
        task.solution.text = std::string(40'000, 'x');
        const auto refusal = loop::prepareRequest(plan, {1, "critic", "i", 8000}, task);
        QVERIFY(refusal.has_value());
        QCOMPARE(refusal->state, ItemState::Skipped);
        QCOMPARE(refusal->code, std::string("context-too-small"));
    }

    void whatIsJudged_data() {
        QTest::addColumn<QString>("critique");
        QTest::addColumn<int>("setting");
        QTest::addColumn<QString>("result"); // the code of the refusal, or what is judged
        const auto row = [](const char* name, const std::string& critique,
                            loop::ValidateCorrect setting, const char* result) {
            QTest::newRow(name) << QString::fromStdString(critique) << static_cast<int>(setting)
                                << QString::fromLatin1(result);
        };
        using loop::ValidateCorrect;
        const std::string wrong = critiqueText(2, "===CORRECTION_START===\n" + solutionText(3) +
                                                      "\n===CORRECTION_END===\n");
        const std::string approval =
            critiqueText(-1, "The student solution is correct. The final answer is \\boxed{5}.");
        row("incorrect", wrong, ValidateCorrect::Solution, "correction");
        row("incorrect, skip", wrong, ValidateCorrect::Skip, "correction");
        row("correct, solution", approval, ValidateCorrect::Solution, "solution");
        row("correct, correction", approval, ValidateCorrect::Correction, "correction");
        row("correct, skip", approval, ValidateCorrect::Skip, "called-correct");
        row("no correction", critiqueText(2, ""), ValidateCorrect::Solution, "no-correction");
        row("nonsense", "Hello.", ValidateCorrect::Solution, "no-correction");
        row("correct without correction", critiqueText(-1, ""), ValidateCorrect::Correction,
            "no-correction");
    }
    void whatIsJudged() {
        QFETCH(QString, critique);
        QFETCH(int, setting);
        QFETCH(QString, result);
        const loop::RunPlan plan = planFor("scrit");
        loop::Task task = taskOf(plan, loop::StageKind::Validate);
        loop::Task source = taskOf(plan, loop::StageKind::Critique);
        const loop::Outcome outcome =
            loop::evaluate(plan, std::move(source), answering(critique.toStdString()));
        const auto refusal = loop::chooseJudged(static_cast<loop::ValidateCorrect>(setting),
                                                *outcome.critique, task);
        QCOMPARE(QString::fromStdString(refusal ? refusal->code : task.judgedWhat), result);
        if (!refusal && result == QStringLiteral("correction") &&
            critique.contains(QStringLiteral("Incorrect"))) {
            QCOMPARE(task.judged, solutionText(3)); // without markers and headings
            QCOMPARE(task.judgedSteps.size(), std::size_t{2});
        }
    }

    void validationsAreRead_data() {
        QTest::addColumn<QString>("answer");
        QTest::addColumn<int>("outcome");
        QTest::addColumn<QString>("rule");
        const auto row = [](const char* name, const std::string& answer, Outcome outcome,
                            const char* rule) {
            QTest::newRow(name) << QString::fromStdString(answer) << static_cast<int>(outcome)
                                << QString::fromLatin1(rule);
        };
        row("correct", critiqueText(-1, "Fine."), Outcome::Yes, "judged-correct");
        row("incorrect", critiqueText(2, "No."), Outcome::No, "judged-incorrect");
        row("thinking first",
            "<think>The solution is Incorrect. First error step number: 1</think>\n" +
                critiqueText(-1, "Fine."),
            Outcome::Yes, "judged-correct");
        row("contradiction",
            "### Critique of Step 1\nok\n## Conclusion of Critique\nThe solution is Correct.\n"
            "The first error step number: 2\n",
            Outcome::No, "contradictory");
        row("no step", "## Conclusion of Critique\nThe solution is Correct.\n", Outcome::Undecided,
            "unreadable");
        row("nonsense", "Hello.", Outcome::Undecided, "unreadable");
        row("nothing", "", Outcome::Undecided, "unreadable");
    }
    void validationsAreRead() {
        QFETCH(QString, answer);
        QFETCH(int, outcome);
        QFETCH(QString, rule);
        const loop::RunPlan plan = planFor("scrit");
        loop::Task task = taskOf(plan, loop::StageKind::Validate);
        task.critiqueId = 31;
        task.judged = solutionText(3);
        task.judgedSteps = critique::splitSteps(task.judged);
        task.judgedWhat = "correction";
        const loop::Outcome out =
            loop::evaluate(plan, std::move(task), answering(answer.toStdString()));
        QCOMPARE(out.verdicts.size(), std::size_t{1});
        QCOMPARE(static_cast<int>(out.verdicts[0].outcome), outcome);
        QCOMPARE(QString::fromStdString(out.verdicts[0].rule), rule);
        QCOMPARE(out.verdicts[0].subjectId, std::int64_t{31});
        QCOMPARE(out.verdicts[0].subject, model::SubjectKind::Critique);
        QVERIFY(out.next.empty());
    }

    void injectionsAreKeptHonest_data() {
        QTest::addColumn<QString>("answer");
        QTest::addColumn<QString>("code"); // empty: done
        QTest::addColumn<int>("step");     // of the label; -2: none
        const auto row = [](const char* name, const std::string& answer, const char* code,
                            int step) {
            QTest::newRow(name) << QString::fromStdString(answer) << QString::fromLatin1(code)
                                << step;
        };
        const std::string form = "## Changed Step\n2\n\n## Changed Solution\n";
        row("bug", form + solutionText(8), "", 1);
        row("bold headings", "**Changed Step:**\nStep 1\n**Changed Solution:**\n" + solutionText(8),
            "", 0);
        row("no step", "## Changed Solution\n" + solutionText(8), "", -2);
        row("step out of range", "## Changed Step\n9\n## Changed Solution\n" + solutionText(8), "",
            -2);
        row("no effect", form + solutionText(3), "bug-without-effect", -2);
        row("no answer", form + "We add.", "bug-undecided", -2);
        row("no section", solutionText(8), "no-changed-solution", -2);
        row("empty", "", "no-changed-solution", -2);
    }
    void injectionsAreKeptHonest() {
        QFETCH(QString, answer);
        QFETCH(QString, code);
        QFETCH(int, step);
        const loop::RunPlan plan = planFor("scrit-bug-injection");
        const loop::Outcome out = loop::evaluate(plan, taskOf(plan, loop::StageKind::Inject),
                                                 answering(answer.toStdString()));
        QCOMPARE(QString::fromStdString(out.errorCode), code);
        QCOMPARE(out.state, code.isEmpty() ? ItemState::Done : ItemState::Skipped);
        QCOMPARE(out.solution.has_value(), code.isEmpty());
        QVERIFY(out.completion.has_value()); // it was paid for
        QCOMPARE(out.next.size(), code.isEmpty() ? std::size_t{1} : std::size_t{0});
        std::optional<int> labelled;
        for (const model::Verdict& verdict : out.verdicts) {
            QCOMPARE(verdict.outcome, Outcome::No);
            if (verdict.protocol == "label/first-error") {
                labelled = verdict.step;
            }
        }
        QCOMPARE(labelled.value_or(-2), step);
        if (code.isEmpty()) {
            QCOMPARE(out.solution->author, std::string("critic+bug"));
            QCOMPARE(out.solution->finalAnswer, std::string("8"));
        }
    }

    void solutionsAreClassified() {
        const loop::RunPlan plan = planFor("scrit", {"dan"});
        const auto evaluated = [&](const std::string& text) {
            return loop::evaluate(plan, taskOf(plan, loop::StageKind::Solve), answering(text));
        };
        const loop::Outcome right = evaluated(solutionText(3));
        QCOMPARE(right.solution->author, std::string("dan"));
        QCOMPARE(right.solution->steps.size(), std::size_t{2});
        QCOMPARE(right.verdicts.at(0).outcome, Outcome::Yes);
        QCOMPARE(evaluated(solutionText(4)).verdicts.at(0).outcome, Outcome::No);
        QCOMPARE(evaluated("No idea.").verdicts.at(0).outcome, Outcome::Undecided);
        const loop::Outcome nothing = evaluated(" \n");
        QCOMPARE(nothing.state, ItemState::Skipped);
        QCOMPARE(nothing.errorCode, std::string("empty-answer"));
        const loop::Outcome broken = evaluated("\xff\\boxed{3}");
        QCOMPARE(broken.solution->text, std::string("\\xff\\boxed{3}"));
        QCOMPARE(broken.completion->text, std::string("\xff\\boxed{3}"));
    }

    void selectionWaitsForItsSolutions() {
        const loop::RunPlan plan = planFor("scrit", {"a", "b"});
        loop::RunItems items(plan, false);
        const int select = plan.indexOf(loop::StageKind::Select);
        std::int64_t id = 0;
        const auto add = [&](int stage, std::int64_t subject) {
            items.add({++id, subject, 0, static_cast<std::int16_t>(stage), 0, 0});
        };
        for (const int stage : {0, 1, select}) {
            add(stage, 100);
            add(stage, 200);
        }
        add(select, 300);
        items.settle();
        QCOMPARE(items.ready(select), std::size_t{1}); // problem 300 has nothing to solve
        QCOMPARE(items.take(0, 10).size(), std::size_t{2});
        items.solved(100);
        QCOMPARE(items.ready(select), std::size_t{1});
        items.solved(100);
        QCOMPARE(items.ready(select), std::size_t{2}); // though 200 is not done
        items.addDelayed({1, 200, 0, 0, 1, 0}, 5000);
        items.wake(4999);
        QCOMPARE(items.ready(0), std::size_t{0});
        QVERIFY(items.nextDue() == std::optional<std::int64_t>(5000));
        items.wake(5000);
        QCOMPARE(items.ready(0), std::size_t{1});
    }

    void selectionTogetherWaitsForAll() {
        const loop::RunPlan plan = planFor("scrit", {"a"});
        loop::RunItems items(plan, true);
        const auto select = static_cast<std::int16_t>(plan.indexOf(loop::StageKind::Select));
        items.add({1, 100, 0, 0, 0, 0});
        items.add({2, 100, 0, select, 0, 0});
        items.add({3, 200, 0, select, 0, 0});
        items.settle();
        QVERIFY(items.takeSelections().empty());
        QCOMPARE(items.take(0, 5).size(), std::size_t{1});
        QVERIFY(items.takeSelections().empty());
        items.solved(100);
        QCOMPARE(items.ready(select), std::size_t{0});
        QVERIFY(!items.empty());
        QCOMPARE(items.takeSelections().size(), std::size_t{2});
        QVERIFY(items.empty());
    }

    void budgetsCountWhatIsInFlight() {
        loop::RunBudget budget({3, 0, 0}, {1, 0, 0});
        const loop::Spending one{1, 100, 0.5};
        QVERIFY(!budget.refuses(one));
        budget.reserve(one);
        budget.reserve(one);
        QVERIFY(budget.refuses(one) == std::optional<std::string>("3 requests"));
        loop::RunBudget tokens({0, 250, 0}, {});
        tokens.reserve(one);
        tokens.reserve(one);
        QVERIFY(tokens.refuses(one).has_value());
        tokens.settle(one, {1, 20, 0.1}); // smaller than it could have been
        QVERIFY(!tokens.refuses(one));
        loop::RunBudget cost({0, 0, 1.2}, {});
        cost.reserve(one);
        cost.reserve(one);
        QVERIFY(cost.refuses(one) == std::optional<std::string>("1.2 dollars"));
    }

    void aServerThatIsAwayIsAskedOneThingAtATime() {
        auto backend = std::make_shared<ScriptedBackend>(knowing);
        auto model = std::make_shared<ScriptedModel>(std::vector{backend});
        loop::EndpointPool pool("m", 1, model, {1000, 8000});
        QVERIFY(pool.refresh().empty());
        loop::PoolEndpoint& endpoint = *pool.endpoints().front();
        std::int64_t now = 1'000'000;
        QVERIFY(pool.choose(now, 10) != nullptr);
        for (int i = 0; i < 3; ++i) {
            pool.sent(endpoint, now, 10);
            pool.troubled(endpoint, now, loop::EndpointPool::Trouble::Load, std::nullopt, 999);
        }
        QVERIFY(pool.choose(now, 10) == nullptr); // it is left alone
        endpoint.inFlight = 0;
        now = endpoint.pausedUntil;
        QVERIFY(pool.choose(now, 10) != nullptr);
        pool.sent(endpoint, now, 10);
        QVERIFY(pool.choose(now, 10) == nullptr); // one only
        --endpoint.inFlight;
        pool.succeeded(endpoint, now, 0.1, 10);
        pool.sent(endpoint, now, 10);
        QVERIFY(pool.choose(now, 10) != nullptr);
        pool.troubled(endpoint, now, loop::EndpointPool::Trouble::Load, 30'000, 0);
        QVERIFY(pool.choose(now, 10) == nullptr);
        QVERIFY(pool.nextChance(now, 10) == std::optional<std::int64_t>(now + 30'000));
    }

    // Items that make a server fail must not slow the others down.
    void aServerThatAnswersWithErrorsIsAskedAgainSoon() {
        auto backend = std::make_shared<ScriptedBackend>(knowing);
        auto model = std::make_shared<ScriptedModel>(std::vector{backend});
        loop::EndpointPool pool("m", 1, model, {1000, 60'000});
        QVERIFY(pool.refresh().empty());
        loop::PoolEndpoint& endpoint = *pool.endpoints().front();
        std::int64_t now = 1'000'000;
        for (int i = 0; i < 20; ++i) {
            pool.troubled(endpoint, now, loop::EndpointPool::Trouble::Answer, std::nullopt,
                          999'999'999'999);
            QVERIFY(endpoint.pausedUntil <= now + 1000);
            now = std::max(now, endpoint.pausedUntil);
        }
    }

    void theFreestEndpointIsChosen() {
        auto a = std::make_shared<ScriptedBackend>(knowing);
        auto b = std::make_shared<ScriptedBackend>(knowing);
        auto model = std::make_shared<ScriptedModel>(std::vector{a, b});
        loop::EndpointPool pool("m", 1, model, {});
        QVERIFY(pool.refresh().empty());
        pool.sent(*pool.endpoints()[0], 1000, 1);
        QVERIFY(pool.choose(1000, 1) == pool.endpoints()[1]);
        model->change([](auto& endpoints) { endpoints[1].ready = false; });
        QVERIFY(pool.refresh().empty());
        QVERIFY(pool.choose(1000, 1) == pool.endpoints()[0]);
        QCOMPARE(pool.endpoints()[0]->inFlight, 1); // the same one as before
        model->change([](auto& endpoints) { endpoints.erase(endpoints.begin()); });
        const auto gone = pool.refresh();
        QCOMPARE(gone.size(), std::size_t{1});
        QVERIFY(gone.front()->gone);
        QVERIFY(pool.choose(1000, 1) == nullptr);
    }

    void errorsHaveNames_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("name");
        const auto row = [](int status, base::ErrorCode code, const char* name) {
            QTest::newRow(name) << status << static_cast<int>(code) << QString::fromLatin1(name);
        };
        row(429, base::ErrorCode::Server, "http-429");
        row(401, base::ErrorCode::Auth, "http-401");
        row(0, base::ErrorCode::Network, "network");
        row(200, base::ErrorCode::Server, "bad-answer");
        row(400, base::ErrorCode::Limit, "context-too-small");
        row(0, base::ErrorCode::NotFound, "not-found");
    }
    void errorsHaveNames() {
        QFETCH(int, status);
        QFETCH(int, code);
        QFETCH(QString, name);
        backend::ChatError error;
        error.httpStatus = status;
        error.error.code = static_cast<base::ErrorCode>(code);
        QCOMPARE(QString::fromStdString(loop::errorCodeOf(error)), name);
    }
};

SCRIT_TEST(RunStagesTest)
#include "run_stages_test.moc"
