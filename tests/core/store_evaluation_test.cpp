// SPDX-License-Identifier: GPL-3.0-or-later
// Frozen sets and evaluations as rows: what is frozen stays, and what may be trained on is told
// from what may not.
#include "core/store/evaluation_reader.h"
#include "core/store/evaluation_writer.h"
#include "core/store/round_writer.h"
#include "core/store/run_writer.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

using namespace scrit;
using namespace scrit::test;
using base::ErrorCode;
using model::SubjectKind;
using store::EvaluationReader;
using store::EvaluationWriter;
using store::ListOf;
using store::Writer;

namespace {

// Problems 1 and 2 with two solutions each (1, 2 and 3, 4), the first of each right, and a critique
// of each.
struct World {
    QTemporaryDir folder;
    std::shared_ptr<store::Workspace> workspace;
    std::unique_ptr<store::Reader> reader;

    World() {
        workspace = std::move(*store::Workspace::create(inside(folder)));
        const auto written = workspace->write([](Writer& writer) -> base::Expected<void> {
            for (int p = 1; p <= 2; ++p) {
                const std::string name = std::to_string(p);
                const auto problem = idOf(writer.addProblem(makeProblem("problem " + name)));
                for (const bool right : {true, false}) {
                    const std::string text = (right ? "right " : "wrong ") + name;
                    const auto solution = idOf(writer.addSolution(makeSolution(problem, text)));
                    idOf(writer.addVerdict(
                        makeVerdict(SubjectKind::Solution, solution, model::verifier::kAnswerMatch,
                                    right ? model::Outcome::Yes : model::Outcome::No)));
                    idOf(writer.addCritique(makeCritique(solution, "critique of " + text)));
                }
            }
            return {};
        });
        if (!written) {
            qFatal("%s", written.error().text().c_str());
        }
        reader = std::move(*workspace->reader());
    }
    base::Expected<store::Stored> freeze(const std::string& name, std::vector<std::int64_t> members,
                                         SubjectKind kind = SubjectKind::Solution) {
        model::FrozenSet set;
        set.name = name;
        set.members = kind;
        base::Expected<store::Stored> stored;
        const auto written = workspace->write([&](Writer& writer) -> base::Expected<void> {
            stored = EvaluationWriter(writer).addSet(set, members);
            return stored ? base::Expected<void>{} : base::fail(stored.error());
        });
        return written ? stored : base::fail(written.error());
    }
    std::int64_t count(ListOf of, const char* filter) const {
        const auto found = reader->count({of, filter, {}, false});
        if (!found) {
            qFatal("%s", found.error().text().c_str());
        }
        return *found;
    }
    std::int64_t evaluate(const model::Evaluation& evaluation) {
        std::int64_t id = 0;
        const auto written = workspace->write([&](Writer& writer) -> base::Expected<void> {
            const auto added = EvaluationWriter(writer).addEvaluation(evaluation);
            id = added.value_or(0);
            return added ? base::Expected<void>{} : base::fail(added.error());
        });
        if (!written) {
            qFatal("%s", written.error().text().c_str());
        }
        return id;
    }
};

} // namespace

class StoreEvaluationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSetIsFrozenOnce() {
        World world;
        SCRIT_TRY(first, world.freeze("held out", {2, 1, 2}));
        QVERIFY(first.added);
        SCRIT_TRY(again, world.freeze("held out", {1, 2}));
        QVERIFY(!again.added && again.id == first.id);
        QCOMPARE(world.freeze("held out", {1, 3}).error().code, ErrorCode::Exists);
        const auto renamed = world.freeze("other", {1, 2});
        QCOMPARE(renamed.error().code, ErrorCode::Exists);
        QVERIFY(renamed.error().message.find("held out") != std::string::npos);
        QCOMPARE(world.freeze("empty", {}).error().code, ErrorCode::Invalid);
        QCOMPARE(world.freeze(" ", {1}).error().code, ErrorCode::Invalid);
        QCOMPARE(world.freeze("unknown", {99}).error().code, ErrorCode::NotFound);

        EvaluationReader sets(*world.reader);
        SCRIT_TRY(set, sets.set("held out"));
        QCOMPARE(set.size, 2);
        QCOMPARE(set.problems, 1);
        QCOMPARE(set.hash.size(), 32U);
        SCRIT_TRY(members, sets.solutions(set.id));
        QCOMPARE(members, (std::vector<std::int64_t>{1, 2}));
        SCRIT_OK(sets.checkSet(set));
        const auto none = sets.set("nothing");
        QCOMPARE(none.error().code, ErrorCode::NotFound);
        QVERIFY(none.error().advice.find("held out") != std::string::npos);
    }

    void theHashIsThatOfTheContents() {
        World one;
        World two;
        SCRIT_OK(two.workspace->write([](Writer& writer) -> base::Expected<void> {
            idOf(writer.addSolution(makeSolution(1, "something else")));
            return {};
        }));
        SCRIT_OK(one.freeze("a", {1, 4}));
        SCRIT_OK(two.freeze("b", {4, 1}));
        SCRIT_TRY(setOne, EvaluationReader(*one.reader).set("a"));
        SCRIT_TRY(setTwo, EvaluationReader(*two.reader).set("b"));
        QCOMPARE(setOne.hash, setTwo.hash);
        SCRIT_OK(two.freeze("problems", {1, 2}, SubjectKind::Problem));
        SCRIT_TRY(problems, EvaluationReader(*two.reader).set("problems"));
        QVERIFY(problems.hash != setTwo.hash);
    }

    void whatIsFrozenStays() {
        World world;
        SCRIT_OK(world.freeze("held out", {1, 2}));
        EvaluationReader sets(*world.reader);
        SCRIT_TRY(set, sets.set("held out"));
        world.workspace.reset();
        {
            SQLite::Database database(inside(world.folder).string(), SQLite::OPEN_READWRITE);
            for (const char* sql :
                 {"DELETE FROM frozen_set_member", "UPDATE frozen_set_member SET subject_id = 4",
                  "UPDATE frozen_set SET name = 'x'", "DELETE FROM frozen_set"}) {
                QVERIFY_THROWS_EXCEPTION(SQLite::Exception, database.exec(sql));
            }
            database.exec("INSERT INTO frozen_set_member VALUES (1, 1, 4)");
        }
        const auto changed = sets.checkSet(set);
        QVERIFY(!changed);
        QCOMPARE(changed.error().code, ErrorCode::Corrupt);
    }

    // Another solution of a frozen solution's problem is held out, too.
    void problemsOfASetAreHeldOut() {
        World world;
        QCOMPARE(world.count(ListOf::Critiques, "evaluation:no"), 4);
        SCRIT_OK(world.freeze("held out", {2}));
        QCOMPARE(world.count(ListOf::Critiques, "evaluation:yes"), 2);
        QCOMPARE(world.count(ListOf::Critiques, "evaluation:no"), 2);
        QCOMPARE(world.count(ListOf::Solutions, "evaluation:yes"), 2);
        QCOMPARE(world.count(ListOf::Problems, "evaluation:yes"), 1);
        QCOMPARE(world.count(ListOf::Problems, "-evaluation:yes"), 1);
        QCOMPARE(world.count(ListOf::Solutions, "set:\"held out\""), 1);
        QCOMPARE(world.count(ListOf::Critiques, "set:held*"), 1);
        QCOMPARE(world.count(ListOf::Problems, "set:\"held out\""), 1);
        SCRIT_OK(world.freeze("problems", {2}, SubjectKind::Problem));
        QCOMPARE(world.count(ListOf::Critiques, "set:problems"), 2);

        EvaluationReader sets(*world.reader);
        SCRIT_TRY(overlaps, sets.overlap(ListOf::Critiques, "correct:yes"));
        QCOMPARE(overlaps.size(), 2U);
        QCOMPARE(overlaps[0].set, "held out");
        QCOMPARE(overlaps[0].problems, (std::vector<std::int64_t>{1}));
        QCOMPARE(overlaps[1].problems, (std::vector<std::int64_t>{2}));
        SCRIT_TRY(none, sets.overlap(ListOf::Critiques, "evaluation:no"));
        QVERIFY(none.empty());
        const std::vector<std::int64_t> ids{2, 77};
        SCRIT_TRY(byId, sets.overlap(ids));
        QCOMPARE(byId.size(), 1U);
        QCOMPARE(sets.overlap(ListOf::Critiques, "nonsense:1").error().code, ErrorCode::Invalid);
        SCRIT_TRY(all, sets.allProblems());
        QCOMPARE(all, (std::vector<std::int64_t>{1, 2}));
    }

    void exportsRememberWhatIsInThem() {
        World world;
        SCRIT_OK(world.workspace->write([](Writer& writer) -> base::Expected<void> {
            const std::vector<Writer::ExportMember> members{
                {1, "train"}, {3, "train"}, {1, "test"}};
            const auto added = writer.addExport("out", "openai-chat", "", "{}", members);
            return added ? base::Expected<void>{} : base::fail(added.error());
        }));
        EvaluationReader sets(*world.reader);
        SCRIT_TRY(before, sets.overlapOfExport(1));
        QVERIFY(before.empty());
        SCRIT_OK(world.freeze("late", {2})); // of problem 1, whose critique 1 was exported
        SCRIT_TRY(after, sets.overlapOfExport(1));
        QCOMPARE(after.size(), 1U);
        QCOMPARE(after[0].problems, (std::vector<std::int64_t>{1}));
        SCRIT_TRY(set, sets.set("late"));
        SCRIT_TRY(exported, sets.problemsExported(set.id));
        QCOMPARE(exported, 1);
    }

    void resultsComeBackAsTheyWere() {
        World world;
        model::EvaluationItem full{1, 1, 0, 1, "gsm8k", 2, false, -1, true, true, false};
        model::EvaluationItem bare{3, 2, 1, {}, "a \"b\"", {}, {}, {}, {}, false, true};
        const std::vector<model::EvaluationItem> items{full, bare};
        const std::vector<model::EvaluationScore> scores{
            {"ei-scrit/1", "", "f1", 2, 0.5, 0.25, 0.75, "{}"},
            {"cc/1", "a", "cc_acc", 0, {}, {}, {}, "{}"}};
        model::Evaluation evaluation;
        evaluation.suites = "ei,cc";
        evaluation.critic = "qwen";
        const std::int64_t id = world.evaluate(evaluation);
        const auto store = [&] {
            return world.workspace->write([&](Writer& writer) {
                return EvaluationWriter(writer).addResults(id, items, scores);
            });
        };
        SCRIT_OK(store());
        QCOMPARE(store().error().code, ErrorCode::Exists);
        EvaluationReader evaluations(*world.reader);
        SCRIT_TRY(read, evaluations.items(id));
        QCOMPARE(read.size(), 2U);
        QCOMPARE(read[0].goldStep, full.goldStep);
        QCOMPARE(read[0].saidStep, full.saidStep);
        QCOMPARE(read[0].solutionCorrect, full.solutionCorrect);
        QCOMPARE(read[0].answerRight, full.answerRight);
        QVERIFY(read[0].own && !read[0].given);
        QCOMPARE(read[1].problemId, 2);
        QCOMPARE(read[1].dataset, bare.dataset);
        QVERIFY(!read[1].critiqueId && !read[1].goldStep && !read[1].answerRight);
        SCRIT_TRY(figures, evaluations.scores(id));
        QCOMPARE(figures.size(), 2U);
        QCOMPARE(figures[0].low, std::optional(0.25));
        QVERIFY(!figures[1].value);
        SCRIT_TRY(stored, evaluations.evaluation(id));
        QCOMPARE(stored.critic, "qwen");
        QCOMPARE(evaluations.evaluation(99).error().code, ErrorCode::NotFound);
    }

    // By round where there are rounds, else by the models' descent.
    void baselines() {
        World world;
        SCRIT_OK(world.freeze("s", {1}));
        std::int64_t child = 0;
        std::int64_t grandchild = 0;
        SCRIT_OK(world.workspace->write([&](Writer& writer) -> base::Expected<void> {
            store::RunWriter runs(writer);
            model::Model base{0, "base", "openai", "{}", {}, 1, false};
            base.id = *runs.addModel(base);
            model::Model one{0, "one", "openai", "{}", base.id, 1, false};
            child = *runs.addModel(one);
            model::Model two{0, "two", "openai", "{}", child, 1, false};
            grandchild = *runs.addModel(two);
            for (int number = 0; number < 3; ++number) {
                model::Round round;
                round.series = "r";
                round.number = number;
                round.recipe = "scrit";
                *store::RoundWriter(writer).addRound(round);
            }
            return {};
        }));
        const auto add = [&](std::int64_t modelId, std::optional<std::int64_t> round,
                             model::JobState state = model::JobState::Done) {
            model::Evaluation evaluation;
            evaluation.suites = "ei";
            evaluation.modelId = modelId;
            evaluation.roundId = round;
            evaluation.setId = 1;
            evaluation.state = state;
            return world.evaluate(evaluation);
        };
        EvaluationReader evaluations(*world.reader);
        const auto of = [&](std::int64_t id) {
            return *evaluations.baselines(*evaluations.evaluation(id));
        };
        const std::int64_t ofBase = add(1, {});
        const std::int64_t ofOne = add(child, {});
        add(child, {}, model::JobState::Stopped); // not finished: nothing to compare with
        const std::int64_t ofTwo = add(grandchild, {});
        QVERIFY(!of(ofBase).base && !of(ofBase).previous);
        QCOMPARE(of(ofOne).base, std::optional(ofBase));
        QCOMPARE(of(ofOne).previous, std::optional(ofBase));
        QCOMPARE(of(ofTwo).base, std::optional(ofBase));
        QCOMPARE(of(ofTwo).previous, std::optional(ofOne));
        // Trained from the base each time: the round before is not the parent.
        const std::int64_t zero = add(1, 1);
        const std::int64_t one = add(child, 2);
        const std::int64_t two = add(child, 3);
        QCOMPARE(of(two).base, std::optional(zero));
        QCOMPARE(of(two).previous, std::optional(one));
    }
};

SCRIT_TEST(StoreEvaluationTest)
#include "store_evaluation_test.moc"
