// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/round_reader.h"

#include "core/store/connection.h"

#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

#define SCRIT_ROUNDS                                                                               \
    "SELECT id, series, number, recipe, policy, seed, state, stage, base_model_id, "               \
    "result_model_id, report, started_at, finished_at FROM round "
constexpr const char* kRounds = SCRIT_ROUNDS "WHERE series = ? ORDER BY number";
constexpr const char* kRound = SCRIT_ROUNDS "WHERE id = ?";
// With max() SQLite takes the other columns from the row of the maximum.
constexpr const char* kSeries =
    "SELECT series, recipe, state, max(number), ifnull(finished_at, ifnull(started_at, 0)) "
    "FROM round GROUP BY series ORDER BY max(id) DESC";
constexpr const char* kRunsOf = "SELECT id FROM run WHERE round_id = ? ORDER BY id";

#define SCRIT_TRAININGS                                                                            \
    "SELECT id, round_id, trainer, base_model_id, export_id, settings, state, error, "             \
    "external_job, output, losses, started_at, finished_at FROM training "
constexpr const char* kTrainings = SCRIT_TRAININGS "ORDER BY id DESC";
constexpr const char* kTrainingsOf = SCRIT_TRAININGS "WHERE round_id = ? ORDER BY id";
constexpr const char* kTraining = SCRIT_TRAININGS "WHERE id = ?";
constexpr const char* kTrainingOfModel = "SELECT training_id FROM model WHERE id = ?";
constexpr const char* kDataset =
    "SELECT id, folder, view, filter, manifest, created_at FROM dataset_export WHERE id = ?";

model::JobState stateFrom(const std::string& name) {
    return model::jobStateFromName(name).value_or(model::JobState::Failed);
}

model::Round roundFrom(const Query& row) {
    model::Round round;
    round.id = row.integer(0);
    round.series = row.text(1);
    round.number = row.small(2);
    round.recipe = row.text(3);
    round.policy = row.text(4);
    round.seed = static_cast<std::uint64_t>(row.integer(5));
    round.state = stateFrom(row.text(6));
    round.stage = row.text(7);
    round.baseModelId = row.maybe(8);
    round.resultModelId = row.maybe(9);
    round.report = row.text(10);
    round.startedAt = row.maybe(11).value_or(0);
    round.finishedAt = row.maybe(12).value_or(0);
    return round;
}

model::Training trainingFrom(const Query& row) {
    model::Training training;
    training.id = row.integer(0);
    training.roundId = row.maybe(1);
    training.trainer = row.text(2);
    training.baseModelId = row.maybe(3);
    training.exportId = row.maybe(4);
    training.settings = row.text(5);
    training.state = stateFrom(row.text(6));
    training.error = row.text(7);
    training.externalJob = row.text(8);
    training.output = row.text(9);
    training.losses = row.text(10);
    training.startedAt = row.maybe(11).value_or(0);
    training.finishedAt = row.maybe(12).value_or(0);
    return training;
}

std::vector<model::Training> allTrainings(Query& query) {
    std::vector<model::Training> trainings;
    while (query.step()) {
        trainings.push_back(trainingFrom(query));
    }
    return trainings;
}

Expected<void> noSuch(std::string_view what, std::int64_t id) {
    return fail(ErrorCode::NotFound, "there is no " + std::string(what) + " " + std::to_string(id) +
                                         " in the workspace");
}

} // namespace

RoundReader::RoundReader(Reader& reader) : m_reader(reader) {}

Expected<std::vector<SeriesRow>> RoundReader::series() {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot list rounds", [&]() -> Expected<std::vector<SeriesRow>> {
        std::vector<SeriesRow> rows;
        Query query(connection.statement(kSeries));
        while (query.step()) {
            rows.push_back({query.text(0), query.text(1), query.small(3), stateFrom(query.text(2)),
                            query.integer(4)});
        }
        return rows;
    });
}

Expected<std::vector<model::Round>> RoundReader::rounds(const std::string& series) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot list rounds", [&]() -> Expected<std::vector<model::Round>> {
        std::vector<model::Round> rounds;
        Query query(connection.statement(kRounds));
        query.bind(series);
        while (query.step()) {
            rounds.push_back(roundFrom(query));
        }
        return rounds;
    });
}

Expected<model::Round> RoundReader::round(std::int64_t roundId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a round", [&]() -> Expected<model::Round> {
        Query query(connection.statement(kRound));
        if (!query.bind(roundId).step()) {
            return fail(noSuch("round", roundId).error());
        }
        return roundFrom(query);
    });
}

Expected<std::vector<std::int64_t>> RoundReader::runsOf(std::int64_t roundId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot list runs", [&]() -> Expected<std::vector<std::int64_t>> {
        std::vector<std::int64_t> runs;
        Query query(connection.statement(kRunsOf));
        query.bind(roundId);
        while (query.step()) {
            runs.push_back(query.integer(0));
        }
        return runs;
    });
}

Expected<std::vector<model::Training>> RoundReader::trainings() {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot list trainings",
                   [&]() -> Expected<std::vector<model::Training>> {
                       Query query(connection.statement(kTrainings));
                       return allTrainings(query);
                   });
}

Expected<std::vector<model::Training>> RoundReader::trainingsOf(std::int64_t roundId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot list trainings",
                   [&]() -> Expected<std::vector<model::Training>> {
                       Query query(connection.statement(kTrainingsOf));
                       query.bind(roundId);
                       return allTrainings(query);
                   });
}

Expected<model::Training> RoundReader::training(std::int64_t trainingId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a training", [&]() -> Expected<model::Training> {
        Query query(connection.statement(kTraining));
        if (!query.bind(trainingId).step()) {
            return fail(noSuch("training", trainingId).error());
        }
        return trainingFrom(query);
    });
}

Expected<std::optional<std::int64_t>> RoundReader::trainingOfModel(std::int64_t modelId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a model",
                   [&]() -> Expected<std::optional<std::int64_t>> {
                       Query query(connection.statement(kTrainingOfModel));
                       if (!query.bind(modelId).step()) {
                           return fail(noSuch("model", modelId).error());
                       }
                       return query.maybe(0);
                   });
}

Expected<ExportRow> RoundReader::dataset(std::int64_t exportId) {
    Connection& connection = m_reader.connection();
    return reading(connection, "cannot read a data set", [&]() -> Expected<ExportRow> {
        Query query(connection.statement(kDataset));
        if (!query.bind(exportId).step()) {
            return fail(noSuch("export", exportId).error());
        }
        return ExportRow{query.integer(0), query.text(1), query.text(2),
                         query.text(3),    query.text(4), query.integer(5)};
    });
}

} // namespace scrit::store
