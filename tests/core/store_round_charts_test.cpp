// SPDX-License-Identifier: GPL-3.0-or-later
// What a round made, counted; and the filter words that show the same rows.
#include "core/store/evaluation_writer.h"
#include "core/store/round_charts.h"
#include "core/store/round_writer.h"
#include "core/store/run_writer.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace scrit;
using namespace scrit::test;
using base::Expected;
using store::ListOf;
using store::Workspace;
using store::Writer;

class StoreRoundChartsTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::shared_ptr<Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;
    std::int64_t m_round = 0;
    std::int64_t m_run = 0;
    std::int64_t m_export = 0;
    std::vector<std::int64_t> m_critiques;
    std::vector<std::int64_t> m_solutions;

    template<typename Work>
    void write(Work work) {
        SCRIT_OK(m_workspace->write([&](Writer& writer) -> Expected<void> {
            work(writer);
            return {};
        }));
    }
    template<typename T>
    static T need(Expected<T> value) {
        if (!value) {
            qFatal("%s", value.error().text().c_str());
        }
        return *value;
    }
    std::int64_t count(ListOf of, const std::string& filter) {
        return need(m_reader->count({of, filter}));
    }
    std::int64_t addRun(Writer& writer) const {
        model::Run run;
        run.recipe = "scrit";
        run.settings = "{}";
        run.roundId = m_round;
        return need(store::RunWriter(writer).addRun(run));
    }
    // A critique that a run made; validated when `passes`.
    std::int64_t addCritique(Writer& writer, std::int64_t run, std::int64_t solution,
                             const std::string& name, int step, bool passes) {
        model::Critique critique;
        critique.solutionId = solution;
        critique.key = base::contentHash({"critique", name});
        critique.mode = model::CritiqueMode::Contrastive;
        critique.critic = "critic";
        critique.text = name;
        critique.parsed.parser = "test/1";
        critique.parsed.conclusion =
            step < 0 ? model::Conclusion::Correct : model::Conclusion::Incorrect;
        critique.parsed.firstErrorStep = step;
        const std::int64_t id = need(writer.addCritique(critique)).id;
        model::Verdict verdict;
        verdict.subjectId = id;
        verdict.verifier = model::verifier::kSelfValidation;
        verdict.protocol = "self-validation/1";
        verdict.outcome = passes ? model::Outcome::Yes : model::Outcome::No;
        need(writer.addVerdict(verdict));
        store::RunWriter runs(writer);
        model::WorkItem item;
        item.runId = run;
        item.stage = model::stage::kCritique;
        item.subject = model::SubjectKind::Solution;
        item.subjectId = solution;
        need(runs.planItems(std::span(&item, 1)));
        const auto ended =
            runs.endItem({item.id, model::ItemState::Done, 1, {}, {}, 0, "critique", id});
        if (!ended) {
            qFatal("%s", ended.error().text().c_str());
        }
        return id;
    }

private Q_SLOTS:
    // Two problems: of the first three students give 2 different answers (written in 4 ways), of
    // the second one 1. A reference solution and one with a bug count for neither.
    void initTestCase() {
        SCRIT_TRY(workspace,
                  Workspace::create(m_folder.filePath(QStringLiteral("w.scrit")).toStdString()));
        m_workspace = workspace;
        SCRIT_TRY(reader, m_workspace->reader());
        m_reader = std::move(reader);
        write([&](Writer& writer) {
            const char* answers[2][5] = {{"7", " $7$.", "x + 1", "99", "98"},
                                         {"5", "5", "5 ", "3", "2"}};
            const char* authors[5] = {"ann", "bob", "carl", "reference", "ann+bug"};
            for (int i = 0; i < 2; ++i) {
                const auto problem = need(writer.addProblem(
                    makeProblem("problem " + std::to_string(i), i == 0 ? "gsm8k" : "math")));
                for (int j = 0; j < 5; ++j) {
                    model::Solution solution;
                    solution.problemId = problem.id;
                    solution.author = authors[j];
                    solution.text = std::string("says ") + answers[i][j];
                    solution.finalAnswer = answers[i][j];
                    solution.key =
                        base::contentHash({"solution", std::to_string(i), std::to_string(j)});
                    m_solutions.push_back(need(writer.addSolution(solution)).id);
                }
                for (int j = 0; j < 3; ++j) {
                    model::Verdict right;
                    right.subject = model::SubjectKind::Solution;
                    right.subjectId =
                        m_solutions[5 * static_cast<std::size_t>(i) + static_cast<std::size_t>(j)];
                    right.verifier = model::verifier::kAnswerMatch;
                    right.protocol = "answer-match/1";
                    right.outcome = i == 0 && j < 2 ? model::Outcome::Yes : model::Outcome::No;
                    need(writer.addVerdict(right));
                }
            }
            model::Round round;
            round.series = "demo";
            round.number = 1;
            round.recipe = "scrit";
            store::RoundWriter rounds(writer);
            m_round = need(rounds.addRound(round));
            m_run = addRun(writer);
            m_critiques = {addCritique(writer, m_run, m_solutions[0], "a", -1, true),
                           addCritique(writer, m_run, m_solutions[1], "b", 2, false),
                           addCritique(writer, m_run, m_solutions[5], "c", 0, true)};
            need(store::RunWriter(writer).addPair(m_run, m_solutions[0], m_solutions[3]));
            const store::Writer::ExportMember members[] = {{m_critiques[0], "train"},
                                                           {m_critiques[2], "train"}};
            m_export = need(writer.addExport("/data", "openai-chat", "", "{}", members));
            model::Training training;
            training.roundId = m_round;
            training.trainer = "builtin";
            training.exportId = m_export;
            need(rounds.addTraining(training));
        });
    }

    void countsWhatARoundMade() {
        SCRIT_TRY(counts, store::RoundCharts(*m_reader).counts(m_round));
        QCOMPARE(counts.runs, std::vector{m_run});
        QCOMPARE(counts.pairs, 1);
        QCOMPARE(counts.exportId.value_or(0), m_export);
        QCOMPARE(counts.trainedCorrect, 1);
        QCOMPARE(counts.trainedIncorrect, 1);
        QCOMPARE(counts.trainedUnknown, 0);
        QCOMPARE(counts.cells.size(), std::size_t{3});
        std::int64_t kept = 0;
        for (const store::RoundCell& cell : counts.cells) {
            QCOMPARE(cell.count, 1);
            QCOMPARE(cell.uniqueAnswers, cell.source == "gsm8k" ? 2 : 1);
            QVERIFY(cell.mode == model::CritiqueMode::Contrastive);
            QVERIFY(cell.validated.has_value());
            QCOMPARE(cell.validated == model::Outcome::Yes, cell.firstErrorStep != 2);
            kept += cell.kept ? cell.count : 0;
        }
        QCOMPARE(kept, 2);
        SCRIT_TRY(exported, store::RoundCharts(*m_reader).exported(m_export));
        QCOMPARE(exported, 2);
        SCRIT_TRY(nothing, store::RoundCharts(*m_reader).counts(99));
        QVERIFY(nothing.cells.empty() && nothing.runs.empty() && !nothing.exportId);
    }

    // A run that only measures belongs to the round, too; its critiques are no material.
    void leavesEvaluationsOut() {
        std::int64_t evaluation = 0;
        write([&](Writer& writer) {
            const std::int64_t run = addRun(writer);
            const std::int64_t critique =
                addCritique(writer, run, m_solutions[2], "measured", 1, false);
            model::Evaluation row;
            row.suites = "ei";
            row.roundId = m_round;
            row.runId = run;
            store::EvaluationWriter evaluations(writer);
            evaluation = need(evaluations.addEvaluation(row));
            model::EvaluationItem item;
            item.solutionId = m_solutions[2];
            item.critiqueId = critique;
            const auto stored = evaluations.addResults(evaluation, std::span(&item, 1), {});
            if (!stored) {
                qFatal("%s", stored.error().text().c_str());
            }
        });
        SCRIT_TRY(counts, store::RoundCharts(*m_reader).counts(m_round));
        QCOMPARE(counts.runs, std::vector{m_run});
        QCOMPARE(counts.cells.size(), std::size_t{3});
        const std::string number = std::to_string(evaluation);
        QCOMPARE(count(ListOf::Critiques, "scored:" + number), 1);
        QCOMPARE(count(ListOf::Solutions, "scored:" + number), 1);
        QCOMPARE(count(ListOf::Critiques, "scored:99"), 0);
    }

    void filtersShowTheSame() {
        QCOMPARE(count(ListOf::Problems, "unique-answers:2"), 1);
        QCOMPARE(count(ListOf::Problems, "unique-answers:>=1"), 2);
        QCOMPARE(count(ListOf::Solutions, "unique-answers:1"), 5);
        const std::string run = "run:" + std::to_string(m_run);
        QCOMPARE(count(ListOf::Critiques, run + " unique-answers:2"), 2);
        QCOMPARE(count(ListOf::Critiques, run + " unique-answers:2 validated:yes"), 1);
        const std::string exported = "exported:" + std::to_string(m_export);
        QCOMPARE(count(ListOf::Critiques, exported), 2);
        QCOMPARE(count(ListOf::Critiques, exported + " correct:yes"), 1);
        QCOMPARE(count(ListOf::Critiques, "-" + exported + " " + run), 1);
        QVERIFY(!m_reader->count({ListOf::Problems, exported}).has_value());
    }

    // The last test: it changes the file by other means.
    void numbersOfADamagedFileAreNoValues() {
        SQLite::Database database(m_workspace->path().string(), SQLite::OPEN_READWRITE);
        database.exec("UPDATE critique_row SET mode = 9, conclusion = 7, validated = -1");
        SCRIT_TRY(counts, store::RoundCharts(*m_reader).counts(m_round));
        QVERIFY(!counts.cells.empty());
        for (const store::RoundCell& cell : counts.cells) {
            QVERIFY(cell.mode == model::CritiqueMode::Recorded);
            QVERIFY(!cell.conclusion && !cell.validated);
        }
    }
};

SCRIT_TEST(StoreRoundChartsTest)
#include "store_round_charts_test.moc"
