// SPDX-License-Identifier: GPL-3.0-or-later
// Evaluations of models on frozen sets, against a scripted critic whose answers are known, so that
// every figure can be computed by hand.
#include "core/loop/evaluation.h"
#include "core/loop/evaluation_set.h"
#include "core/loop/export_driver.h"
#include "core/store/evaluation_reader.h"
#include "core/store/run_writer.h"
#include "tests/loop/run_support.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <algorithm>
#include <atomic>

using namespace scrit;
using namespace scrit::test;
using loop::Suite;

namespace {

template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        qFatal("%s", value.error().text().c_str());
    }
    return std::move(*value);
}

// What the critic says of a solution (or its student answers): step counts from 1, 0: it is fine.
struct Saying {
    int step;
    int answer; // of the correction
};

// A critic by what it is shown: `shown` is the solution's answer.
Answer saying(std::function<Saying(const Seen&)> critic) {
    return [critic = std::move(critic)](const Seen& seen) {
        if (seen.role == "student") {
            return says(solutionText(seen.number % 2 == 0 ? seen.truth() : seen.truth() + 9));
        }
        const Saying said = critic(seen);
        return says(said.step == 0
                        ? critiqueText(-1, "The student solution is correct. The final answer is "
                                           "\\boxed{" +
                                               std::to_string(said.answer) + "}.")
                        : critiqueText(said.step, "===CORRECTION_START===\n" +
                                                      solutionText(said.answer) +
                                                      "\n===CORRECTION_END===\n"));
    };
}

// Four problems with two right solutions (ann, carl) and a wrong one (bob), whose second step is
// labelled as the first wrong one; a set "held" of ann's and bob's solutions.
struct ScoredStudy : Bench {
    ScoredStudy() : Bench(4) {
        const auto reader = must(workspace->reader());
        std::vector<model::Verdict> labels;
        for (const std::int64_t id : must(reader->ids({store::ListOf::Solutions, ""}))) {
            const auto record = must(reader->record(store::ListOf::Solutions, id));
            model::Verdict label;
            label.subject = model::SubjectKind::Solution;
            label.subjectId = id;
            label.verifier = model::verifier::kLabel;
            label.protocol = "label/first-error";
            label.step = record.solution->author == "bob" ? 1 : model::kNoError;
            label.outcome = *label.step < 0 ? model::Outcome::Yes : model::Outcome::No;
            label.source = "test";
            label.createdAt = 1;
            labels.push_back(label);
        }
        const auto written = workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            for (const model::Verdict& label : labels) {
                must(writer.addVerdict(label));
            }
            return {};
        });
        if (!written) {
            qFatal("%s", written.error().text().c_str());
        }
        freeze("held", "student:ann OR student:bob");
    }
    loop::FrozenResult freeze(const std::string& name, const std::string& filter) {
        loop::FreezeRequest request;
        request.name = name;
        request.filter = filter;
        return must(loop::freezeSet(*workspace, request));
    }
    static loop::EvaluationRequest ask(const std::string& model) {
        loop::EvaluationRequest request;
        request.model = model;
        request.set = "held";
        return request;
    }
    static loop::RunToEndOptions quickly() {
        loop::RunToEndOptions options;
        options.engine = quick();
        return options;
    }
    base::Expected<loop::EvaluationReport>
    evaluate(const loop::EvaluationRequest& request,
             const loop::RunToEndOptions& options = quickly()) {
        const auto id = loop::beginEvaluation(*workspace, request);
        return id ? loop::runEvaluation(workspace, *id, opener(), {}, options)
                  : base::fail(id.error());
    }
    std::vector<model::EvaluationItem> items(std::int64_t evaluation) const {
        return must(store::EvaluationReader(*must(workspace->reader())).items(evaluation));
    }
};

std::optional<double> valueOf(const loop::EvaluationReport& report, const std::string& protocol,
                              const std::string& metric, const std::string& dataset = {}) {
    for (const model::EvaluationScore& score : report.scores) {
        if (score.protocol == protocol && score.metric == metric && score.dataset == dataset) {
            return score.value;
        }
    }
    return std::nullopt;
}

const loop::Difference* differenceOf(const loop::EvaluationComparison& comparison,
                                     const std::string& protocol, const std::string& metric) {
    for (const loop::Difference& row : comparison.differences) {
        if (row.protocol == protocol && row.metric == metric && row.dataset.empty()) {
            return &row;
        }
    }
    return nullptr;
}

// Finds and mends bob's error in problems 1 and 2, is one step off in 3 (and mends it), approves 4;
// rejects ann's solution of problem 4.
Saying known(const Seen& seen) {
    if (seen.shownCorrect()) {
        return seen.number == 4 ? Saying{1, 77} : Saying{0, seen.shown};
    }
    return seen.number <= 2   ? Saying{2, seen.truth()}
           : seen.number == 3 ? Saying{1, seen.truth()}
                              : Saying{0, seen.shown};
}

} // namespace

class EvaluationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Erroneous: strict 2 of 4, with one step forgiven 3 of 4; correct 3 of 4. Corrections: kept 3
    // of 4, mended 3 of 4.
    void scoresByHand() {
        ScoredStudy study;
        const auto backend = study.addModel("critic", saying(known));
        const auto report = must(study.evaluate(ScoredStudy::ask("critic")));
        QVERIFY(report.evaluation.state == model::JobState::Done);
        QCOMPARE(report.items, 8);
        QCOMPARE(report.missing, 0);
        QCOMPARE(report.failed, 0);
        QCOMPARE(report.unlabelled, 0);
        QCOMPARE(valueOf(report, "ei-processbench/1", "erroneous_acc"), std::optional(0.5));
        QCOMPARE(valueOf(report, "ei-processbench/1", "correct_acc"), std::optional(0.75));
        QCOMPARE(valueOf(report, "ei-processbench/1", "f1"), std::optional(0.6));
        QCOMPARE(valueOf(report, "ei-scrit/1", "f1"), std::optional(0.75));
        QCOMPARE(valueOf(report, "cc/1", "cc_acc"), std::optional(0.75));
        QCOMPARE(valueOf(report, "cc/1", "cc_acc", "sums"), std::optional(0.75));
        QCOMPARE(valueOf(report, "cc/1", "c_to_i"), std::optional(0.25));
        QCOMPARE(valueOf(report, "cc-incorrect/1", "cc_acc"), std::optional(0.75));
        QCOMPARE(valueOf(report, "cc-balanced/1", "cc_acc"), std::optional(0.75));
        QVERIFY(!valueOf(report, "cc-own/1", "cc_acc"));
        QCOMPARE(valueOf(report, "clcs/1", "acc1"), std::optional(0.5));
        QCOMPARE(valueOf(report, "clcs/1", "cl"), std::optional(0.75));
        QCOMPARE(backend->requests(), 8);
        // Direct critiques of exactly the set's solutions, nothing else.
        for (const Seen& seen : backend->log()) {
            QCOMPARE(seen.role, std::string("direct"));
        }
        const auto reader = must(study.workspace->reader());
        QCOMPARE(must(reader->count({store::ListOf::Critiques, "set:held mode:direct"})), 8);
        QCOMPARE(must(reader->status()).pairs, 0);
        QCOMPARE(must(reader->status()).selfValidated, 0);
        // Once more with the same model: another evaluation, and nothing is paid twice.
        const auto again = must(study.evaluate(ScoredStudy::ask("critic")));
        QVERIFY(again.evaluation.id != report.evaluation.id);
        QCOMPARE(backend->requests(), 8);
        QCOMPARE(valueOf(again, "cc/1", "cc_acc"), std::optional(0.75));
    }

    // Three samples: two say step 2, one approves.
    void theMajorityOfSamplesCounts() {
        ScoredStudy study;
        std::atomic<int> asked = 0;
        study.addModel("critic", saying([&](const Seen& seen) {
                           if (seen.shownCorrect()) {
                               return Saying{0, seen.shown};
                           }
                           return seen.seed % 3 == 0 || ++asked < 0 ? Saying{0, seen.shown}
                                                                    : Saying{2, seen.truth()};
                       }));
        auto request = ScoredStudy::ask("critic");
        request.samples = 5;
        request.temperature = 0.7;
        const auto report = must(study.evaluate(request));
        QCOMPARE(report.items, 40);
        // By the items themselves: whose majority names step 1 (from 0)?
        std::map<std::int64_t, int> votes;
        std::int64_t mended = 0;
        for (const model::EvaluationItem& item : study.items(report.evaluation.id)) {
            if (item.goldStep == 1) {
                votes[item.solutionId] += item.saidStep == 1 ? 1 : 0;
                mended += item.answerRight == true ? 1 : 0;
            }
        }
        QCOMPARE(votes.size(), std::size_t{4});
        const auto hits = std::count_if(votes.begin(), votes.end(),
                                        [](const auto& one) { return one.second >= 3; });
        QCOMPARE(valueOf(report, "ei-processbench/1", "erroneous_acc"),
                 std::optional(static_cast<double>(hits) / 4));
        QCOMPARE(valueOf(report, "cc/1", "i_to_c"),
                 std::optional(static_cast<double>(mended) / 20));
    }

    // The student is right where the number is even; its critic approves everything.
    void ownSolutions() {
        ScoredStudy study;
        study.addModel("critic", saying([](const Seen& seen) { return Saying{0, seen.shown}; }));
        auto request = ScoredStudy::ask("critic");
        request.own = true;
        request.suites = {Suite::CritiqueCorrect, Suite::ConfidenceCritique};
        const auto report = must(study.evaluate(request));
        QCOMPARE(report.items, 12); // 8 given, 4 own
        QCOMPARE(valueOf(report, "cc/1", "cc_acc"), std::optional(0.5));
        QCOMPARE(valueOf(report, "cc-own/1", "cc_acc"), std::optional(0.5));
        QCOMPARE(valueOf(report, "cc-own/1", "c_to_c"), std::optional(1.0));
        QCOMPARE(valueOf(report, "clcs-own/1", "acc1"), std::optional(0.5));
        QVERIFY(!valueOf(report, "ei-scrit/1", "f1"));
        // A set of problems has own solutions alone.
        loop::FreezeRequest problems;
        problems.name = "problems";
        problems.members = model::SubjectKind::Problem;
        QVERIFY(must(loop::freezeSet(*study.workspace, problems)).added);
        request.set = "problems";
        const auto own = must(study.evaluate(request));
        QCOMPARE(own.items, 4);
        QVERIFY(!valueOf(own, "cc/1", "cc_acc"));
        QCOMPARE(valueOf(own, "cc-own/1", "cc_acc"), std::optional(0.5));
        request.own = false;
        QCOMPARE(study.evaluate(request).error().code, base::ErrorCode::Invalid);
    }

    void twoModelsSideBySide() {
        ScoredStudy study;
        study.addModel("critic", saying(known));
        // Mends problem 4 as well, breaks the right solution of problem 1.
        study.addModel("better", saying([](const Seen& seen) {
                           if (seen.shownCorrect()) {
                               return seen.number == 1 ? Saying{1, 77} : Saying{0, seen.shown};
                           }
                           return Saying{2, seen.truth()};
                       }));
        const auto first = must(study.evaluate(ScoredStudy::ask("critic")));
        const auto second = must(study.evaluate(ScoredStudy::ask("better")));
        const auto comparison = must(
            loop::compareEvaluations(*study.workspace, first.evaluation.id, second.evaluation.id));
        QVERIFY(comparison.sameSet && comparison.sameSettings);
        const loop::Difference* strict = differenceOf(comparison, "ei-processbench/1", "f1");
        QVERIFY(strict != nullptr);
        QCOMPARE(strict->n, 8);
        QCOMPARE(strict->before, 0.6);
        QCOMPARE(strict->fixed.size(), std::size_t{3});  // bob's in 3 and 4, ann's in 4
        QCOMPARE(strict->broken.size(), std::size_t{1}); // ann's in 1
        const loop::Difference* corrections = differenceOf(comparison, "cc/1", "cc_acc");
        QVERIFY(corrections != nullptr);
        QCOMPARE(corrections->after, 7.0 / 8);
        QCOMPARE(corrections->fixed.size(), std::size_t{2});
        const auto broken =
            std::find_if(comparison.items.begin(), comparison.items.end(), [](const auto& item) {
                return item.protocol == "cc/1" && item.isBroken();
            });
        QVERIFY(broken != comparison.items.end());
        const auto reader = must(study.workspace->reader());
        const auto before = must(reader->record(store::ListOf::Critiques, broken->critiqueBefore));
        const auto after = must(reader->record(store::ListOf::Critiques, broken->critiqueAfter));
        QCOMPARE(before.critique->critic, std::string("critic"));
        QCOMPARE(after.critique->critic, std::string("better"));
        QCOMPARE(before.problem.id, broken->problemId);
        QCOMPARE(before.solution->id, broken->solutionAfter);
        // Unchanged items are there, too: 8 for each of three protocols.
        QCOMPARE(comparison.items.size(), std::size_t{24});
        QCOMPARE(loop::compareEvaluations(*study.workspace, 1, 99).error().code,
                 base::ErrorCode::NotFound);
    }

    void stoppedAndResumed() {
        ScoredStudy study;
        const auto backend = study.addModel("critic", saying(known));
        backend->hold();
        loop::RunToEndOptions options = ScoredStudy::quickly();
        options.cancel.cancel();
        options.cancelNow.cancel();
        const auto request = ScoredStudy::ask("critic");
        const auto stopped = study.evaluate(request, options);
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, base::ErrorCode::Cancelled);
        const auto id = must(loop::beginEvaluation(*study.workspace, request));
        const auto between = must(loop::readEvaluation(*study.workspace, id));
        QVERIFY(between.evaluation.state == model::JobState::Stopped);
        QVERIFY(between.scores.empty());
        QCOMPARE(loop::finishEvaluation(*study.workspace, id).error().code,
                 base::ErrorCode::Invalid);
        QCOMPARE(loop::compareEvaluations(*study.workspace, id, id).error().code,
                 base::ErrorCode::Invalid);
        backend->release();
        const auto report = must(study.evaluate(request));
        QCOMPARE(report.evaluation.id, id); // the same one went on
        QCOMPARE(valueOf(report, "cc/1", "cc_acc"), std::optional(0.75));
        const auto finished = must(loop::finishEvaluation(*study.workspace, id));
        QCOMPARE(finished.scores.size(), report.scores.size());
    }

    // What fails counts as wrong and is told; when most fails there is no score.
    void failures() {
        ScoredStudy study;
        study.addModel("critic", [](const Seen& seen) {
            return seen.number == 1 ? failsWith(400, false) : saying(known)(seen);
        });
        const auto report = must(study.evaluate(ScoredStudy::ask("critic")));
        QCOMPARE(report.failed, 2);
        QCOMPARE(report.missing, 2);
        QCOMPARE(valueOf(report, "cc/1", "cc_acc"), std::optional(0.5));
        QCOMPARE(valueOf(report, "cc/1", "missing"), std::optional(2.0));

        const auto broken =
            study.addModel("broken", [](const Seen&) { return failsWith(400, false); });
        const auto failed = study.evaluate(ScoredStudy::ask("broken"));
        QVERIFY(!failed);
        QCOMPARE(failed.error().code, base::ErrorCode::Server);
        broken->setAnswer(saying(known)); // mended: the same request goes on and asks again
        const auto mended = must(study.evaluate(ScoredStudy::ask("broken")));
        QCOMPARE(mended.failed, 0);
        QCOMPARE(valueOf(mended, "cc/1", "cc_acc"), std::optional(0.75));
    }

    void aModelThatNeverAnswers() {
        ScoredStudy study;
        study.addModel("away", [](const Seen&) { return breaksDown(); });
        loop::RunToEndOptions options = ScoredStudy::quickly();
        options.engine.tries = 1000;
        options.patienceMillis = 300;
        const auto report = study.evaluate(ScoredStudy::ask("away"), options);
        QVERIFY(!report);
        QCOMPARE(report.error().code, base::ErrorCode::Unavailable);
        QVERIFY(!report.error().text().empty() &&
                report.error().text().find('\n') == std::string::npos);
        study.addModel("dead", saying(known));
        study.models["dead"]->fail(
            {base::ErrorCode::Unavailable, "the server exits at once", "", false});
        study.models["dead"]->change([](auto& endpoints) { endpoints.clear(); });
        const auto dead = study.evaluate(ScoredStudy::ask("dead"));
        QVERIFY(!dead);
        const auto all =
            must(store::EvaluationReader(*must(study.workspace->reader())).evaluations());
        QVERIFY(all.front().state != model::JobState::Done);
    }

    void labelsThatAreGone() {
        ScoredStudy study;
        study.addModel("critic", saying(known));
        const auto before = must(study.evaluate(ScoredStudy::ask("critic")));
        // A person says that nothing can be said of solution 1, and the step label is taken back.
        const auto written =
            study.workspace->write([](store::Writer& writer) -> base::Expected<void> {
                model::Verdict label;
                label.subject = model::SubjectKind::Solution;
                label.subjectId = 1;
                label.verifier = model::verifier::kLabel;
                label.protocol = "label/first-error";
                label.outcome = model::Outcome::Undecided;
                label.source = "test";
                label.createdAt = 9;
                must(writer.addVerdict(label));
                return {};
            });
        QVERIFY(written);
        const auto after = must(study.evaluate(ScoredStudy::ask("critic")));
        QCOMPARE(after.unlabelled, 1);
        for (const model::EvaluationScore& score : after.scores) {
            if (score.protocol == "ei-scrit/1" && score.metric == "f1") {
                QCOMPARE(score.n, 7);
            }
        }
        // What was stored before does not change.
        const auto stored = must(loop::readEvaluation(*study.workspace, before.evaluation.id));
        QCOMPARE(stored.unlabelled, 0);
        QCOMPARE(valueOf(stored, "ei-scrit/1", "f1"), std::optional(0.75));
    }

    void storedCritiquesAreKept() {
        ScoredStudy study;
        study.addModel("critic", saying(known));
        const auto run = must(study.evaluate(ScoredStudy::ask("critic")));
        loop::StoredEvaluationRequest request;
        request.suites = {Suite::ErrorIdentification, Suite::CritiqueCorrect,
                          Suite::ConfidenceCritique};
        request.set = "held";
        const auto id = must(loop::saveEvaluation(*study.workspace, request));
        const auto kept = must(loop::readEvaluation(*study.workspace, id));
        QVERIFY(kept.evaluation.state == model::JobState::Done);
        QCOMPARE(kept.evaluation.critic, std::string("critic"));
        QVERIFY(kept.evaluation.modelId.has_value() && !kept.evaluation.runId);
        QCOMPARE(kept.scores.size(), run.scores.size());
        for (std::size_t i = 0; i < kept.scores.size(); ++i) {
            QCOMPARE(kept.scores[i].value, run.scores[i].value);
            QCOMPARE(kept.scores[i].low, run.scores[i].low);
        }
        const auto same = must(loop::compareEvaluations(*study.workspace, run.evaluation.id, id));
        QVERIFY(same.sameSet && !same.sameSettings);
        QVERIFY(std::none_of(same.items.begin(), same.items.end(),
                             [](const auto& item) { return item.before != item.after; }));
        // Of two critics nothing can be kept as one.
        study.addModel("other", saying(known));
        must(study.evaluate(ScoredStudy::ask("other")));
        const auto mixed = loop::saveEvaluation(*study.workspace, request);
        QCOMPARE(mixed.error().code, base::ErrorCode::Invalid);
        QVERIFY(mixed.error().text().find("other") != std::string::npos);
        request.filter = "critic:nobody";
        QCOMPARE(loop::saveEvaluation(*study.workspace, request).error().code,
                 base::ErrorCode::Invalid);
    }

    void sets() {
        ScoredStudy study;
        loop::FreezeRequest request;
        request.name = "balanced";
        request.balance = "1:1";
        request.limit = 6;
        const auto balanced = must(loop::freezeSet(*study.workspace, request));
        QCOMPARE(balanced.set.size, 6);
        const auto reader = must(study.workspace->reader());
        QCOMPARE(must(reader->count({store::ListOf::Solutions, "set:balanced correct:yes"})), 3);
        QVERIFY(!must(loop::freezeSet(*study.workspace, request)).added); // the same draw
        request.seed = 5;
        request.limit = 2;
        QCOMPARE(loop::freezeSet(*study.workspace, request).error().code,
                 base::ErrorCode::Exists); // the name has other members
        request.name = "bad";
        request.filter = "student:nobody";
        QCOMPARE(loop::freezeSet(*study.workspace, request).error().code,
                 base::ErrorCode::NotFound);
        request.filter = "nonsense:1";
        QCOMPARE(loop::freezeSet(*study.workspace, request).error().code, base::ErrorCode::Invalid);
        request.filter = "correct:yes";
        QCOMPARE(loop::freezeSet(*study.workspace, request).error().code,
                 base::ErrorCode::NotFound); // nothing incorrect to balance with
        const auto refused = loop::refuseFrozen(*study.workspace, store::ListOf::Problems, "id:1");
        QVERIFY(!refused && refused.error().text().find("held") != std::string::npos);
        QVERIFY(loop::refuseFrozen(*study.workspace, store::ListOf::Problems, "evaluation:no"));
        auto unknown = ScoredStudy::ask("nobody");
        QCOMPARE(study.evaluate(unknown).error().code, base::ErrorCode::NotFound);
        unknown.set = "none";
        QCOMPARE(study.evaluate(unknown).error().code, base::ErrorCode::NotFound);
        study.addModel("critic", saying(known));
        auto none = ScoredStudy::ask("critic");
        none.suites.clear();
        QCOMPARE(study.evaluate(none).error().code, base::ErrorCode::Invalid);
        none = ScoredStudy::ask("critic");
        none.samples = 0;
        QCOMPARE(study.evaluate(none).error().code, base::ErrorCode::Invalid);
    }

    // Critiques of an evaluation never become training data, and a copy keeps them.
    void exportsLeaveSetsOut() {
        ScoredStudy study;
        study.addModel("critic", saying(known));
        must(study.evaluate(ScoredStudy::ask("critic")));
        loop::ExportJobOptions options;
        options.keepLeaks = options.keepCopies = true;
        const auto written = [&](const char* view, const char* folder, bool keep) {
            options.view = view;
            options.keepHeldOut = keep;
            options.folder = study.folder.filePath(QString::fromLatin1(folder)).toStdString();
            return must(loop::exportDataset(*study.workspace, options));
        };
        const auto training = written("openai-chat", "a", false);
        QCOMPARE(training.dataset.rows, std::uint64_t{0});
        QCOMPARE(training.dropped(loop::export_stage::kTrainable), training.selected());
        QVERIFY(written("openai-chat", "b", true).dataset.rows > 0);
        QVERIFY(written("jsonl-full", "c", false).dataset.rows > 0);
        // A set that is frozen after its problems were exported says so.
        QVERIFY(study.freeze("late", "student:carl").problemsExported == 4);
    }
};

SCRIT_TEST(EvaluationTest)
#include "evaluation_test.moc"
