// SPDX-License-Identifier: GPL-3.0-or-later
// How many different answers a problem got is counted in one way wherever it is used: the filter
// word, the order of exports, the report, the figures and the charts of a round.
#include "core/loop/export_driver.h"
#include "core/loop/round_report.h"
#include "core/report/report_data.h"
#include "core/store/round_charts.h"
#include "core/store/round_writer.h"
#include "core/store/run_writer.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <map>

using namespace scrit;
using namespace scrit::test;
using base::Expected;
using store::ListOf;

namespace {

struct CandidateTried {
    const char* author;
    const char* answer;
    std::optional<model::Outcome> match = std::nullopt;
};

struct Problem {
    const char* name;
    int answers; // different ones
    std::vector<CandidateTried> candidates;
};

constexpr auto kRight = model::Outcome::Yes;
constexpr auto kWrong = model::Outcome::No;

const std::vector<Problem>& problems() {
    static const std::vector<Problem> kProblems{
        {"three", 3, {{"ann", "1"}, {"bob", "2"}, {"carl", "3"}, {"dora", "2"}}},
        {"right answers in many spellings",
         1,
         {{"ann", "1/2", kRight}, {"bob", "0.5", kRight}, {"carl", "50\\%", kRight}}},
        {"right, and wrong in two spellings",
         2,
         {{"ann", "\\frac12", kRight},
          {"bob", "0.5", kRight},
          {"carl", " $7$.", kWrong},
          {"dora", "7", kWrong}}},
        {"not compared, in three spellings",
         1,
         {{"ann", "\\dfrac{1}{2}"}, {"bob", "$\\frac{1} {2}$"}, {"carl", "\\frac{1}{2}."}}},
        {"looks", 1, {{"ann", "\\left(1,\\,2\\right)"}, {"bob", "(1, 2)"}}},
        {"arrows are not looks", 2, {{"ann", "\\leftarrow"}, {"bob", "arrow"}}},
        {"undecided", 2, {{"ann", "x", model::Outcome::Undecided}, {"bob", "y"}}},
        {"without an answer", 1, {{"ann", ""}, {"bob", "2"}}},
        {"nobody's", 0, {{"reference", "4", kRight}}},
        {"reference and bug",
         1,
         {{"ann", "5", kRight}, {"reference", "6"}, {"ann+bug", "9", kWrong}}}};
    return kProblems;
}

} // namespace

class UniqueAnswersTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;
    std::map<std::int64_t, const Problem*> m_problems; // by id
    std::int64_t m_round = 0;
    std::int64_t m_run = 0;

    template<typename T>
    static T need(Expected<T> value) {
        if (!value) {
            qFatal("%s", value.error().text().c_str());
        }
        return std::move(*value);
    }
    // A critique of a problem's first candidate, which the run made and validated.
    void criticise(store::Writer& writer, std::int64_t problem, std::int64_t solution) const {
        model::Critique critique = makeCritique(solution, "of " + std::to_string(problem));
        critique.parsed.parser = "test/1";
        critique.parsed.conclusion = model::Conclusion::Correct;
        critique.parsed.firstErrorStep = model::kNoError;
        const std::int64_t id = idOf(writer.addCritique(critique));
        need(writer.addVerdict(makeVerdict(model::SubjectKind::Critique, id,
                                           model::verifier::kSelfValidation, kRight)));
        store::RunWriter runs(writer);
        std::array<model::WorkItem, 2> items;
        items[0].stage = model::stage::kSelect;
        items[0].subject = model::SubjectKind::Problem;
        items[0].subjectId = problem;
        items[1].stage = model::stage::kCritique;
        items[1].subject = model::SubjectKind::Solution;
        items[1].subjectId = solution;
        items[0].runId = items[1].runId = m_run;
        need(runs.planItems(items));
        const auto ended =
            runs.endItem({items[1].id, model::ItemState::Done, 1, {}, {}, 0, "critique", id});
        if (!ended) {
            qFatal("%s", ended.error().text().c_str());
        }
    }
    std::vector<std::int64_t> allIds() const {
        std::vector<std::int64_t> ids;
        for (const auto& entry : m_problems) {
            ids.push_back(entry.first);
        }
        return ids;
    }
    // Problems by their number of different answers.
    static std::map<int, int> expected() {
        std::map<int, int> groups;
        for (const Problem& problem : problems()) {
            ++groups[problem.answers];
        }
        return groups;
    }

private Q_SLOTS:
    void initTestCase() {
        SCRIT_TRY(workspace, store::Workspace::create(inside(m_folder)));
        m_workspace = workspace;
        SCRIT_TRY(reader, m_workspace->reader());
        m_reader = std::move(reader);
        SCRIT_OK(m_workspace->write([&](store::Writer& writer) -> Expected<void> {
            model::Round round;
            round.series = "s";
            round.number = 1;
            round.recipe = "scrit";
            m_round = need(store::RoundWriter(writer).addRound(round));
            model::Run run;
            run.recipe = "scrit";
            run.settings = "{}";
            run.roundId = m_round;
            m_run = need(store::RunWriter(writer).addRun(run));
            for (const Problem& problem : problems()) {
                const std::int64_t id = idOf(writer.addProblem(makeProblem(problem.name)));
                m_problems[id] = &problem;
                std::int64_t first = 0;
                for (const CandidateTried& candidate : problem.candidates) {
                    model::Solution solution =
                        makeSolution(id, std::string("says ") + candidate.answer, candidate.author);
                    solution.finalAnswer = candidate.answer;
                    const std::int64_t stored = idOf(writer.addSolution(solution));
                    first = first == 0 ? stored : first;
                    if (candidate.match) {
                        need(writer.addVerdict(makeVerdict(model::SubjectKind::Solution, stored,
                                                           model::verifier::kAnswerMatch,
                                                           *candidate.match)));
                    }
                }
                criticise(writer, id, first);
            }
            return {};
        }));
    }

    void countsOfTheWorkspaceAndOfSome() {
        SCRIT_TRY(all, m_reader->uniqueAnswers());
        SCRIT_TRY(some, m_reader->uniqueAnswersOf(allIds()));
        QCOMPARE(some.size(), m_problems.size());
        for (const auto& [id, problem] : m_problems) {
            QVERIFY2(some.at(id) == problem->answers, problem->name);
            QVERIFY2(all.contains(id) == (problem->answers > 0), problem->name);
            QVERIFY2(problem->answers == 0 || all.at(id) == problem->answers, problem->name);
        }
        SCRIT_TRY(none, m_reader->uniqueAnswersOf({}));
        QVERIFY(none.empty());
        const base::CancelToken stop;
        stop.cancel();
        const auto stopped = m_reader->uniqueAnswers(stop);
        QVERIFY(!stopped && stopped.error().code == base::ErrorCode::Cancelled);
    }

    void filter() {
        for (const auto& [answers, count] : expected()) {
            const std::string word = "unique-answers:" + std::to_string(answers);
            for (const ListOf of : {ListOf::Problems, ListOf::Critiques}) {
                SCRIT_TRY(found, m_reader->count({of, word}));
                QCOMPARE(found, count);
            }
        }
    }

    void orderOfExports_data() {
        QTest::addColumn<bool>("hard");
        QTest::newRow("easy first") << false;
        QTest::newRow("hard first") << true;
    }
    void orderOfExports() {
        QFETCH(bool, hard);
        loop::ExportJobOptions options;
        options.view = "jsonl-full";
        options.order = hard ? curate::Order::HardFirst : curate::Order::EasyFirst;
        options.folder =
            m_folder.filePath(QString::fromLatin1(QTest::currentDataTag())).toStdString();
        SCRIT_TRY(summary, loop::exportDataset(*m_workspace, options));
        QCOMPARE(summary.dataset.rows, m_problems.size());
        QFile file(QString::fromStdString((options.folder / "train.jsonl").string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        std::vector<int> order;
        const QList<QByteArray> lines = file.readAll().split('\n');
        for (const QByteArray& line : lines) {
            for (const Problem& problem : problems()) {
                if (line.contains('"' + QByteArray(problem.name) + '"')) {
                    order.push_back(hard ? -problem.answers : problem.answers);
                }
            }
        }
        QCOMPARE(order.size(), m_problems.size());
        QVERIFY(std::is_sorted(order.begin(), order.end()));
    }

    void report() {
        SCRIT_TRY(data, report::readReportData(*m_reader, {}));
        std::map<int, int> found;
        for (const report::ValidationRate& rate : data.byDifficulty) {
            found[std::stoi(rate.name)] = static_cast<int>(rate.decided);
        }
        QVERIFY(found == expected());
    }

    void figuresAndChartsOfARound() {
        loop::RoundReport figures;
        SCRIT_OK(loop::addRunFigures(*m_workspace, m_run, figures));
        std::map<int, int> found;
        for (const loop::ValidationRate& rate : figures.byAnswers) {
            found[std::stoi(rate.group)] = static_cast<int>(rate.n);
        }
        QVERIFY(found == expected());
        SCRIT_TRY(counts, store::RoundCharts(*m_reader).counts(m_round));
        found.clear();
        for (const store::RoundCell& cell : counts.cells) {
            found[cell.uniqueAnswers] += static_cast<int>(cell.count);
        }
        QVERIFY(found == expected());
    }
};

SCRIT_TEST(UniqueAnswersTest)
#include "unique_answers_test.moc"
