// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/evaluation.h"
#include "core/loop/evaluation_set.h"
#include "core/loop/round_report.h"
#include "core/store/round_reader.h"
#include "core/store/round_writer.h"
#include "core/store/run_writer.h"
#include "core/store/workspace.h"
#include "studio_support.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// A workspace with two series of rounds, stored as the engine stores them.
namespace scrit::test {

template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        qFatal("%s", value.error().text().c_str());
    }
    return std::move(*value);
}
inline void must(const base::Expected<void>& value) {
    if (!value) {
        qFatal("%s", value.error().text().c_str());
    }
}

// What is stored of one solution, so that critiques can be made of it.
struct StoredSolution {
    std::int64_t id = 0;
    int problem = 0;
    int pupil = 0;
    bool right = false;
    std::string text;
};

// 48 problems to train on (2 of 3 from gsm8k, the others from math) and 24 held out, each with
// three candidates of three steps. Problem i has 1 + i % 3 different answers among them; pupil 0 is
// right. Series "demo" goes through round 0 and `rounds` rounds; series "direct" stops in its
// round 1. Round n criticises pupils 0 and 2 of each problem to train on; a critique of problem i
// passes self-validation when i % 10 < 8 − 2 · (different answers) + n.
class RoundsWorkspace {
public:
    explicit RoundsWorkspace(const QString& path, int rounds = 3)
        : workspace(must(store::Workspace::create(ui::models::utf8(path)))) {
        addProblems();
        if (rounds == kNoRounds) {
            models.push_back(addModel("base"));
            return;
        }
        loop::FreezeRequest freeze;
        freeze.name = "heldout";
        freeze.filter = "source:held-a OR source:held-b";
        must(loop::freezeSet(*workspace, freeze));
        models.push_back(addModel("base"));
        std::int64_t previous = 0;
        for (int round = 0; round <= rounds; ++round) {
            previous = addRound("demo", "scrit", round, previous);
        }
        addUnfinished();
    }

    std::shared_ptr<store::Workspace> workspace;
    std::vector<std::int64_t> models;      // base, demo-1, …
    std::vector<std::int64_t> roundIds;    // of demo
    std::vector<std::int64_t> runs;        // of demo, from round 1
    std::vector<std::int64_t> evaluations; // of demo, from round 0
    std::int64_t running = 0;              // the training of direct

    static constexpr int kNoRounds = -1; // nor an evaluation set, only problems and a model
    static constexpr int kProblems = 48;
    static constexpr int kHeldOut = 24;
    static int uniqueAnswers(int problem) { return 1 + problem % 3; }
    static bool validates(int problem, int round) {
        return problem % 10 < 8 - 2 * uniqueAnswers(problem) + round;
    }

    void setLosses(int points, model::JobState state) const {
        const auto reader = must(workspace->reader());
        model::Training training = must(store::RoundReader(*reader).training(running));
        training.losses = lossesOf(points, 0.1);
        training.state = state;
        write([&](store::Writer& writer) {
            must(store::RoundWriter(writer).updateTraining(training));
        });
    }

private:
    template<typename Work>
    void write(Work work) const {
        must(workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            work(writer);
            return {};
        }));
    }

    static std::string lossesOf(int points, double offset) {
        std::string json = "[";
        for (int i = 1; i <= points; ++i) {
            json += (i > 1 ? ",[" : "[") + std::to_string(i * 10) + "," +
                    std::to_string(offset + 2.4 / (1 + 0.12 * i) + 0.05 * ((i * 7) % 5)) + "]";
        }
        return json + "]";
    }

    std::int64_t addModel(const std::string& name) const {
        std::int64_t id = 0;
        write([&](store::Writer& writer) {
            model::Model model;
            model.name = name;
            model.kind = "openai";
            model.settings = R"({"urls":["http://127.0.0.1:9/v1"],"model":"m"})";
            id = must(store::RunWriter(writer).addModel(model));
        });
        return id;
    }

    void addProblems() {
        write([&](store::Writer& writer) {
            for (int i = 0; i < kProblems + kHeldOut; ++i) {
                const bool held = i >= kProblems;
                const std::string number = std::to_string(i);
                model::Problem problem;
                problem.key = "problem-" + number;
                problem.source =
                    held ? (i % 2 == 0 ? "held-a" : "held-b") : (i % 3 == 2 ? "math" : "gsm8k");
                problem.text = "Ann buys " + number +
                               " apples for $2$ coins each and a bag for 3 "
                               "coins. How many coins does she pay?";
                problem.referenceAnswer = std::to_string(2 * i + 3);
                const auto stored = must(writer.addProblem(problem));
                for (int pupil = 0; pupil < 3; ++pupil) {
                    addSolution(writer, stored.id, i, pupil);
                }
            }
        });
    }

    void addSolution(store::Writer& writer, std::int64_t problem, int number, int pupil) {
        const int truth = 2 * number + 3;
        // Pupil 0 is right; the others give so many further answers as the problem has.
        const int answers = uniqueAnswers(number);
        const int answer = pupil == 0   ? truth
                           : pupil == 1 ? (answers > 2 ? truth + 5 : truth)
                                        : (answers > 1 ? truth + 1 : truth);
        model::Solution solution;
        solution.problemId = problem;
        solution.key = "solution-" + std::to_string(number) + "-" + std::to_string(pupil);
        solution.author = pupil == 0 ? "small" : pupil == 1 ? "medium" : "large";
        solution.text = "The apples cost " + std::to_string(number) + " times 2, which is " +
                        std::to_string(answer - 3) + ".\n\nThe bag costs 3.\n\nThe answer is " +
                        std::to_string(answer) + ".";
        const std::size_t second = solution.text.find("The bag");
        const std::size_t third = solution.text.find("The answer");
        solution.steps = {{0, second}, {second, third}, {third, solution.text.size()}};
        solution.finalAnswer = std::to_string(answer);
        const std::int64_t id = must(writer.addSolution(solution)).id;
        const bool right = answer == truth;
        (number < kProblems ? m_train : m_held)
            .push_back({id, number, pupil, right, solution.text});
        model::Verdict verdict;
        verdict.subject = model::SubjectKind::Solution;
        verdict.subjectId = id;
        verdict.verifier = model::verifier::kAnswerMatch;
        verdict.protocol = "answer-match/1";
        verdict.outcome = right ? model::Outcome::Yes : model::Outcome::No;
        must(writer.addVerdict(verdict));
        verdict.verifier = model::verifier::kLabel;
        verdict.protocol = "label/first-error";
        verdict.source = "test";
        verdict.step = right ? model::kNoError : 0;
        must(writer.addVerdict(verdict));
    }

    // `step`: where it sees the first error; `mends`: its correction ends with the right answer.
    std::int64_t addCritique(store::Writer& writer, const StoredSolution& of, int round,
                             const std::string& critic, model::CritiqueMode mode, int step,
                             bool mends) const {
        model::Critique critique;
        critique.solutionId = of.id;
        critique.key = "critique-" + std::to_string(of.id) + critic + std::to_string(round) +
                       std::to_string(static_cast<int>(mode));
        critique.mode = mode;
        critique.critic = critic;
        critique.round = round;
        critique.parsed.parser = "test/1";
        for (int i = 0; i < 3 && (step < 0 || i <= step); ++i) {
            const std::size_t begin = critique.text.size();
            critique.text += "### Critique of Step " + std::to_string(i + 1) + "\n";
            critique.text += i == step
                                 ? "This step is wrong: the product is not what it says, as " +
                                       critic + " can tell.\n"
                                 : "This step is right.\n";
            critique.parsed.steps.push_back(
                {i,
                 i == step ? model::StepVerdict::Incorrect : model::StepVerdict::Correct,
                 {begin, critique.text.size()}});
        }
        const int truth = 2 * of.problem + 3;
        const std::size_t conclusion = critique.text.size();
        critique.text += step < 0 ? "## Conclusion\nThe solution is Correct.\n"
                                  : "## Conclusion\nThe solution is Incorrect.\n";
        critique.parsed.conclusionSpan = base::Span{conclusion, critique.text.size()};
        critique.parsed.conclusion =
            step < 0 ? model::Conclusion::Correct : model::Conclusion::Incorrect;
        critique.parsed.firstErrorStep = step;
        critique.parsed.correctionAnswer = std::to_string(mends ? truth : truth + 1);
        const std::size_t correction = critique.text.size();
        critique.text += "The answer is " + critique.parsed.correctionAnswer + ".";
        critique.parsed.correction = base::Span{correction, critique.text.size()};
        critique.parsed.usedEnd = critique.text.size();
        const std::int64_t id = must(writer.addCritique(critique)).id;
        model::Verdict verdict;
        verdict.subjectId = id;
        verdict.verifier = model::verifier::kAnswerMatch;
        verdict.protocol = "answer-match/1";
        verdict.outcome = mends ? model::Outcome::Yes : model::Outcome::No;
        must(writer.addVerdict(verdict));
        return id;
    }

    static std::string nameOf(int round) {
        return round == 0 ? "base" : "demo-" + std::to_string(round);
    }

    // A run with its critiques; those that pass are exported and trained on.
    void runAndTrain(model::Round& round, const std::string& critic,
                     std::vector<store::Writer::ExportMember>& kept) {
        write([&](store::Writer& writer) {
            store::RunWriter runWriter(writer);
            model::Run run;
            run.recipe = round.recipe;
            run.settings = "{}";
            run.roundId = round.id;
            run.state = model::RunState::Done;
            const std::int64_t runId = must(runWriter.addRun(run));
            runs.push_back(runId);
            for (const StoredSolution& solution : m_train) {
                if (solution.pupil == 1) {
                    continue;
                }
                const int step = solution.right ? -1 : (solution.problem + round.number) % 3;
                const std::int64_t critique =
                    addCritique(writer, solution, round.number, critic,
                                model::CritiqueMode::Contrastive, step, solution.problem % 7 != 0);
                must(runWriter.addPair(runId, solution.id, solution.id));
                model::WorkItem item;
                item.runId = runId;
                item.stage = model::stage::kCritique;
                item.subject = model::SubjectKind::Solution;
                item.subjectId = solution.id;
                must(runWriter.planItems(std::span(&item, 1)));
                must(runWriter.endItem(
                    {item.id, model::ItemState::Done, 1, {}, {}, 0, "critique", critique}));
                model::Verdict verdict;
                verdict.subjectId = critique;
                verdict.verifier = model::verifier::kSelfValidation;
                verdict.protocol = "self-validation/1";
                const bool passes = validates(solution.problem, round.number);
                verdict.outcome = passes ? model::Outcome::Yes : model::Outcome::No;
                must(writer.addVerdict(verdict));
                if (passes && (solution.problem % 5 != 0 || !solution.right)) {
                    kept.push_back({critique, "train"});
                }
            }
            must(runWriter.setRunState(runId, model::RunState::Done));
        });
    }

    std::int64_t evaluate(const model::Round& round, const std::string& critic) const {
        write([&](store::Writer& writer) {
            for (const StoredSolution& solution : m_held) {
                // Each round finds some more, and loses one that the one before had.
                const int luck = (solution.problem * 7 + solution.pupil * 3) % 20;
                const bool hits = luck < 7 + 3 * round.number && luck != 3 * round.number;
                const int step = solution.right ? (hits ? -1 : 1) : (hits ? 0 : -1);
                addCritique(writer, solution, round.number, critic, model::CritiqueMode::Direct,
                            step, hits);
            }
        });
        loop::StoredEvaluationRequest request;
        request.suites = {loop::Suite::ErrorIdentification, loop::Suite::CritiqueCorrect};
        request.filter = "mode:direct critic:" + critic + " round:" + std::to_string(round.number);
        request.set = "heldout";
        request.roundId = round.id;
        return must(loop::saveEvaluation(*workspace, request));
    }

    std::int64_t addRound(const std::string& series, const std::string& recipe, int number,
                          std::int64_t previous) {
        model::Round round;
        round.series = series;
        round.number = number;
        round.recipe = recipe;
        round.state = model::JobState::Running;
        round.stage = model::round_stage::kEvaluate;
        round.seed = 7;
        round.baseModelId = models.back();
        write([&](store::Writer& writer) {
            round.id = must(store::RoundWriter(writer).addRound(round));
        });
        roundIds.push_back(round.id);
        loop::RoundReport report;
        report.number = number;
        if (number > 0) {
            const std::string critic = nameOf(number - 1);
            std::vector<store::Writer::ExportMember> kept;
            runAndTrain(round, critic, kept);
            models.push_back(addModel(nameOf(number)));
            write([&](store::Writer& writer) {
                const std::int64_t exported = must(writer.addExport(
                    "/tmp/demo-" + std::to_string(number), "openai-chat", "validated:yes",
                    R"({"files":[{"rows":)" + std::to_string(kept.size()) + "}]}", kept));
                store::RoundWriter rounds(writer);
                model::Training training;
                training.roundId = round.id;
                training.trainer = "builtin";
                training.exportId = exported;
                training.state = model::JobState::Done;
                training.losses = lossesOf(40, 0.05 * (3 - number));
                const std::int64_t id = must(rounds.addTraining(training));
                must(rounds.setModelOrigin(models.back(), id, models[models.size() - 2]));
            });
            must(loop::addRunFigures(*workspace, runs.back(), report));
            report.kept = static_cast<std::int64_t>(kept.size());
            report.curated = {{"duplicates", report.funnel->validated}, {"balance", *report.kept}};
            round.resultModelId = models.back();
        }
        evaluations.push_back(evaluate(round, nameOf(number)));
        must(loop::addEvaluation(*workspace, evaluations.back(),
                                 number > 0 ? evaluations.front() : 0, previous, 1, report));
        round.report = loop::reportJson(report);
        round.state = model::JobState::Done;
        round.stage = "";
        write([&](store::Writer& writer) { must(store::RoundWriter(writer).updateRound(round)); });
        return number > 0 ? evaluations.back() : 0;
    }

    // A series whose first training goes on.
    void addUnfinished() {
        model::Round round;
        round.series = "direct";
        round.number = 1;
        round.recipe = "scrit-direct";
        round.state = model::JobState::Stopped;
        round.stage = model::round_stage::kTrain;
        round.baseModelId = models.front();
        write([&](store::Writer& writer) {
            store::RoundWriter rounds(writer);
            round.id = must(rounds.addRound(round));
            model::Training training;
            training.roundId = round.id;
            training.trainer = "command";
            training.state = model::JobState::Stopped;
            training.losses = lossesOf(5, 0.1);
            running = must(rounds.addTraining(training));
        });
    }

    std::vector<StoredSolution> m_train;
    std::vector<StoredSolution> m_held;
};

} // namespace scrit::test
