// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/round_reader.h"

#include "core/store/query_rows.h"

namespace scrit::store {
namespace {

using base::Expected;

#define SCRIT_ROUNDS                                                                               \
    "SELECT id, series, number, recipe, policy, seed, state, stage, base_model_id, "               \
    "result_model_id, report, started_at, finished_at FROM round "
constexpr const char* kRounds = SCRIT_ROUNDS "WHERE series = ? ORDER BY number";
constexpr const char* kRound = SCRIT_ROUNDS "WHERE id = ?";
// With max() SQLite takes the other columns from the row of the maximum.
constexpr const char* kSeries =
    "SELECT series, recipe, state, max(number), ifnull(finished_at, ifnull(started_at, 0)) "
    "FROM round GROUP BY series ORDER BY id DESC";
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

} // namespace

RoundReader::RoundReader(Reader& reader) : m_reader(reader) {}

Expected<std::vector<SeriesRow>> RoundReader::series() {
    return allRows(m_reader.connection(), "cannot list rounds", kSeries, [](const Query& row) {
        return SeriesRow{row.text(0), row.text(1), row.small(3), stateFrom(row.text(2)),
                         row.integer(4)};
    });
}

Expected<std::vector<model::Round>> RoundReader::rounds(const std::string& series) {
    return allRows(m_reader.connection(), "cannot list rounds", kRounds, roundFrom, series);
}

Expected<model::Round> RoundReader::round(std::int64_t roundId) {
    return rowOfId(m_reader.connection(), "round", kRound, roundFrom, roundId);
}

Expected<std::vector<std::int64_t>> RoundReader::runsOf(std::int64_t roundId) {
    return allRows(m_reader.connection(), "cannot list runs", kRunsOf, firstInteger, roundId);
}

Expected<std::vector<model::Training>> RoundReader::trainings() {
    return allRows(m_reader.connection(), "cannot list trainings", kTrainings, trainingFrom);
}

Expected<std::vector<model::Training>> RoundReader::trainingsOf(std::int64_t roundId) {
    return allRows(m_reader.connection(), "cannot list trainings", kTrainingsOf, trainingFrom,
                   roundId);
}

Expected<model::Training> RoundReader::training(std::int64_t trainingId) {
    return rowOfId(m_reader.connection(), "training", kTraining, trainingFrom, trainingId);
}

Expected<std::optional<std::int64_t>> RoundReader::trainingOfModel(std::int64_t modelId) {
    return rowOfId(
        m_reader.connection(), "model", kTrainingOfModel,
        [](const Query& row) { return row.maybe(0); }, modelId);
}

Expected<ExportRow> RoundReader::dataset(std::int64_t exportId) {
    return rowOfId(
        m_reader.connection(), "export", kDataset,
        [](const Query& row) {
            return ExportRow{row.integer(0), row.text(1), row.text(2),
                             row.text(3),    row.text(4), row.integer(5)};
        },
        exportId);
}

} // namespace scrit::store
