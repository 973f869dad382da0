// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/round_reader.h"
#include "core/store/round_writer.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <QDir>

using namespace scrit;
using namespace scrit::test;
using base::ErrorCode;
using base::Expected;
using model::JobState;
using store::RoundReader;
using store::RoundWriter;
using store::RunWriter;
using store::Workspace;
using store::Writer;

namespace {

model::Round makeRound(const std::string& series, int number) {
    model::Round round;
    round.series = series;
    round.number = number;
    round.recipe = "scrit";
    round.policy = R"({"from":"base"})";
    round.seed = 18446744073709551615ULL;
    round.state = JobState::Planned;
    round.stage = model::round_stage::kCritique;
    return round;
}

// Of a model whose weights are in a folder beside the workspace; the folder is spelled as in JSON.
std::string settingsBelow(const std::string& folder) {
    return "{\"checkpoint\":\"" + folder + "/w.scrit.rounds/model.safetensors\"," +
           "\"device\":\"/elsewhere/{workspace}/x\"}";
}

} // namespace

class StoreRoundsTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;
    std::int64_t m_base = 0;
    std::int64_t m_tuned = 0;

    // One transaction; the id that `work` gives, or the error.
    template<typename Work>
    Expected<std::int64_t> write(Work&& work) {
        std::int64_t id = 0;
        const auto done = m_workspace->write([&](Writer& writer) -> Expected<void> {
            RoundWriter rounds(writer);
            const auto result = work(writer, rounds);
            if (!result) {
                return base::fail(result.error());
            }
            if constexpr (!std::is_void_v<typename std::decay_t<decltype(result)>::value_type>) {
                id = *result;
            }
            return {};
        });
        return done ? Expected<std::int64_t>(id) : base::fail(done.error());
    }
    Expected<std::int64_t> add(const model::Round& round) {
        return write([&](Writer&, RoundWriter& rounds) { return rounds.addRound(round); });
    }
    Expected<std::int64_t> update(const model::Round& round) {
        return write([&](Writer&, RoundWriter& rounds) { return rounds.updateRound(round); });
    }
    Expected<std::int64_t> update(const model::Training& training) {
        return write([&](Writer&, RoundWriter& rounds) { return rounds.updateTraining(training); });
    }
    Expected<std::int64_t> addModel(const std::string& name) {
        return write([&](Writer& writer, RoundWriter&) {
            model::Model added;
            added.name = name;
            added.kind = "builtin";
            added.settings = "{}";
            return RunWriter(writer).addModel(added);
        });
    }

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        SCRIT_TRY(workspace, Workspace::create(inside(*m_folder)));
        m_workspace = std::move(workspace);
        SCRIT_TRY(reader, m_workspace->reader());
        m_reader = std::move(reader);
        SCRIT_TRY(base, addModel("base"));
        SCRIT_TRY(tuned, addModel("tuned"));
        m_base = base;
        m_tuned = tuned;
    }
    void cleanup() {
        m_reader.reset();
        m_workspace.reset();
    }

    // A trained model lies beside the workspace; both are moved.
    void modelsMoveWithTheirWorkspace() {
        const QDir here(m_folder->path());
        QVERIFY(here.mkdir(QStringLiteral("old ü")));
        {
            SCRIT_TRY(made, Workspace::create(
                                here.filePath(QStringLiteral("old ü/w.scrit")).toStdString()));
            const auto written = made->write([&](Writer& writer) -> Expected<void> {
                model::Model model;
                model.name = "tuned";
                model.kind = "builtin";
                model.settings =
                    settingsBelow(here.filePath(QStringLiteral("old ü")).toStdString());
                const auto added = RunWriter(writer).addModel(model);
                return added ? Expected<void>{} : base::fail(added.error());
            });
            QVERIFY(written.has_value());
            SCRIT_TRY(reader, made->reader());
            SCRIT_TRY(same, store::RunReader(*reader).model("tuned"));
            QCOMPARE(same.settings,
                     settingsBelow(here.filePath(QStringLiteral("old ü")).toStdString()));
        }
        QVERIFY(QDir().rename(here.filePath(QStringLiteral("old ü")),
                              here.filePath(QStringLiteral("new \"place\""))));
        SCRIT_TRY(moved, Workspace::open(
                             here.filePath(QStringLiteral("new \"place\"/w.scrit")).toStdString()));
        SCRIT_TRY(reader, moved->reader());
        SCRIT_TRY(model, store::RunReader(*reader).model("tuned"));
        QCOMPARE(model.settings,
                 settingsBelow(m_folder->path().toStdString() + "/new \\\"place\\\""));
    }

    void roundComesBackAsStored() {
        model::Round round = makeRound("first", 1);
        round.baseModelId = m_base;
        SCRIT_TRY(id, add(round));
        SCRIT_TRY(stored, RoundReader(*m_reader).round(id));
        QCOMPARE(stored.series, std::string("first"));
        QCOMPARE(stored.number, 1);
        QCOMPARE(stored.policy, round.policy);
        QCOMPARE(stored.seed, round.seed);
        QCOMPARE(stored.state, JobState::Planned);
        QCOMPARE(stored.stage, std::string("critique"));
        QCOMPARE(stored.baseModelId, std::optional(m_base));
        QVERIFY(!stored.resultModelId);
        QCOMPARE(stored.report, std::string("{}"));
        QCOMPARE(stored.startedAt, std::int64_t{0});
    }
    void aNumberIsTakenOnceInASeries() {
        SCRIT_OK(add(makeRound("first", 1)));
        const auto twice = add(makeRound("first", 1));
        QVERIFY(!twice);
        QCOMPARE(twice.error().code, ErrorCode::Exists);
        SCRIT_OK(add(makeRound("second", 1)));
        SCRIT_OK(add(makeRound("first", 2)));
    }
    void timesFollowTheState() {
        model::Round round = makeRound("first", 1);
        SCRIT_TRY(id, add(round));
        round.id = id;
        RoundReader reader(*m_reader);
        const auto after = [&](JobState state) {
            round.state = state;
            return update(round) ? reader.round(id) : base::fail(ErrorCode::Internal, "no update");
        };
        SCRIT_TRY(running, after(JobState::Running));
        QVERIFY(running.startedAt > 0);
        QCOMPARE(running.finishedAt, std::int64_t{0});
        SCRIT_TRY(failed, after(JobState::Failed));
        QVERIFY(failed.finishedAt >= running.startedAt);
        SCRIT_TRY(again, after(JobState::Running));
        QCOMPARE(again.startedAt, running.startedAt);
        QCOMPARE(again.finishedAt, std::int64_t{0});
    }
    void seriesAreListedNewestFirst() {
        SCRIT_OK(add(makeRound("old", 0)));
        SCRIT_OK(add(makeRound("new", 0)));
        model::Round last = makeRound("old", 1);
        last.recipe = "scrit-direct";
        last.state = JobState::Done;
        SCRIT_OK(add(last));
        RoundReader reader(*m_reader);
        SCRIT_TRY(series, reader.series());
        QCOMPARE(series.size(), std::size_t{2});
        QCOMPARE(series[0].name, std::string("old"));
        QCOMPARE(series[0].rounds, 1);
        QCOMPARE(series[0].recipe, std::string("scrit-direct"));
        QCOMPARE(series[0].state, JobState::Done);
        QCOMPARE(series[1].rounds, 0);
        SCRIT_TRY(rounds, reader.rounds("old"));
        QCOMPARE(rounds.size(), std::size_t{2});
        QCOMPARE(rounds[1].number, 1);
        SCRIT_TRY(none, reader.rounds("unknown"));
        QVERIFY(none.empty());
    }
    void runsBelongToARound() {
        SCRIT_TRY(id, add(makeRound("first", 1)));
        SCRIT_TRY(run, write([](Writer& writer, RoundWriter&) {
                      model::Run added;
                      added.recipe = "scrit";
                      return RunWriter(writer).addRun(added);
                  }));
        const std::int64_t runId = run;
        const std::int64_t roundId = id;
        SCRIT_OK(write(
            [&](Writer&, RoundWriter& rounds) { return rounds.setRunRound(runId, roundId); }));
        SCRIT_TRY(runs, RoundReader(*m_reader).runsOf(roundId));
        QCOMPARE(runs, std::vector{runId});
        SCRIT_TRY(stored, store::RunReader(*m_reader).run(runId));
        QCOMPARE(stored.roundId, std::optional(roundId));
    }
    void trainingIsTheOriginOfItsModel() {
        SCRIT_TRY(roundId, add(makeRound("first", 1)));
        model::Training training;
        training.roundId = roundId;
        training.trainer = "builtin";
        training.baseModelId = m_base;
        SCRIT_TRY(
            id, write([&](Writer&, RoundWriter& rounds) { return rounds.addTraining(training); }));
        training.id = id;
        training.state = JobState::Done;
        training.losses = "[[1,2.5],[2,1.25]]";
        training.output = "out";
        training.externalJob = "17";
        SCRIT_OK(update(training));
        RoundReader reader(*m_reader);
        SCRIT_TRY(stored, reader.training(training.id));
        QCOMPARE(stored.losses, training.losses);
        QCOMPARE(stored.externalJob, std::string("17"));
        QCOMPARE(stored.state, JobState::Done);
        QVERIFY(stored.finishedAt > 0);
        SCRIT_TRY(before, reader.trainingOfModel(m_tuned));
        QVERIFY(!before);
        SCRIT_OK(write([&](Writer&, RoundWriter& rounds) {
            return rounds.setModelOrigin(m_tuned, training.id, m_base);
        }));
        SCRIT_TRY(origin, reader.trainingOfModel(m_tuned));
        QCOMPARE(origin, std::optional(training.id));
        SCRIT_TRY(tuned, store::RunReader(*m_reader).model("tuned"));
        QCOMPARE(tuned.parentId, std::optional(m_base));
        SCRIT_TRY(ofRound, reader.trainingsOf(roundId));
        QCOMPARE(ofRound.size(), std::size_t{1});
    }
    void unknownIdsAreNotFound() {
        RoundReader reader(*m_reader);
        QCOMPARE(reader.round(7).error().code, ErrorCode::NotFound);
        QCOMPARE(reader.training(7).error().code, ErrorCode::NotFound);
        QCOMPARE(reader.dataset(7).error().code, ErrorCode::NotFound);
        QCOMPARE(reader.trainingOfModel(77).error().code, ErrorCode::NotFound);
        model::Round round = makeRound("first", 1);
        round.id = 7;
        QCOMPARE(update(round).error().code, ErrorCode::NotFound);
        model::Training training;
        training.id = 7;
        QCOMPARE(update(training).error().code, ErrorCode::NotFound);
    }
};

SCRIT_TEST(StoreRoundsTest)
#include "store_rounds_test.moc"
