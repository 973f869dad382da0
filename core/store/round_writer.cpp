// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/round_writer.h"

#include "core/store/write_call.h"

#include <optional>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr const char* kHasRound = "SELECT 1 FROM round WHERE series = ? AND number = ?";
constexpr const char* kInsertRound =
    "INSERT INTO round (series, number, recipe, policy, seed, state, stage, base_model_id, "
    "result_model_id, report, started_at, finished_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
// What every job's row does with its times: ?1 is the new state, ?2 the time it is.
#define SCRIT_JOB_TIMES                                                                            \
    "state = ?1, started_at = iif(?1 = 'running', ifnull(started_at, ?2), started_at), "           \
    "finished_at = iif(?1 IN ('done', 'failed'), ifnull(finished_at, ?2), NULL) "
constexpr const char* kUpdateRound =
    "UPDATE round SET " SCRIT_JOB_TIMES
    ", policy = ?3, stage = ?4, base_model_id = ?5, result_model_id = ?6, report = ?7 "
    "WHERE id = ?8";
constexpr const char* kRunRound = "UPDATE run SET round_id = ? WHERE id = ?";
constexpr const char* kInsertTraining =
    "INSERT INTO training (round_id, trainer, base_model_id, export_id, settings, state, error, "
    "external_job, output, losses, started_at, finished_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kUpdateTraining =
    "UPDATE training SET " SCRIT_JOB_TIMES ", error = ?3, export_id = ?4, external_job = ?5, "
    "output = ?6, settings = ?7, losses = ?8 WHERE id = ?9";
constexpr const char* kModelOrigin = "UPDATE model SET training_id = ?, parent_id = ? WHERE id = ?";

Expected<void> changedOne(std::int64_t changed, std::string_view what, std::int64_t id) {
    if (changed == 0) {
        return fail(ErrorCode::NotFound, "there is no " + std::string(what) + " " +
                                             std::to_string(id) + " in the workspace");
    }
    return {};
}

} // namespace

RoundWriter::RoundWriter(Writer& writer) : m_connection(writer.m_connection) {}

Expected<std::int64_t> RoundWriter::addRound(const model::Round& round) {
    return writing(m_connection, "cannot store a round", [&]() -> Expected<std::int64_t> {
        if (round.series.empty()) {
            return fail(ErrorCode::Invalid, "a series of rounds needs a name");
        }
        {
            Query has(m_connection.statement(kHasRound));
            if (has.bind(round.series).bind(round.number).step()) {
                return fail(ErrorCode::Exists,
                            "there is a round " + std::to_string(round.number) + " of '" +
                                round.series + "' already",
                            "resume that series, or give the new one another name");
            }
        }
        const std::string state(model::name(round.state));
        const std::string policy = round.policy.empty() ? "{}" : round.policy;
        const std::string report = round.report.empty() ? "{}" : round.report;
        Query insert(m_connection.statement(kInsertRound));
        insert.bind(round.series).bind(round.number).bind(round.recipe).bind(policy);
        insert.bind(static_cast<std::int64_t>(round.seed)).bind(state).bind(round.stage);
        insert.bind(round.baseModelId).bind(round.resultModelId).bind(report);
        insert.bind(unlessZero(round.startedAt)).bind(unlessZero(round.finishedAt)).run();
        return lastId(m_connection);
    });
}

Expected<void> RoundWriter::updateRound(const model::Round& round) {
    return writing(m_connection, "cannot change a round", [&]() -> Expected<void> {
        const std::string state(model::name(round.state));
        const std::string policy = round.policy.empty() ? "{}" : round.policy;
        const std::string report = round.report.empty() ? "{}" : round.report;
        Query update(m_connection.statement(kUpdateRound));
        update.bind(state).bind(base::unixMillis()).bind(policy).bind(round.stage);
        update.bind(round.baseModelId).bind(round.resultModelId).bind(report).bind(round.id);
        return changedOne(update.run(), "round", round.id);
    });
}

Expected<void> RoundWriter::setRunRound(std::int64_t runId, std::int64_t roundId) {
    return writing(m_connection, "cannot change a run", [&]() -> Expected<void> {
        Query update(m_connection.statement(kRunRound));
        return changedOne(update.bind(roundId).bind(runId).run(), "run", runId);
    });
}

Expected<std::int64_t> RoundWriter::addTraining(const model::Training& training) {
    return writing(m_connection, "cannot store a training", [&]() -> Expected<std::int64_t> {
        const std::string state(model::name(training.state));
        const std::string settings = training.settings.empty() ? "{}" : training.settings;
        const std::string losses = training.losses.empty() ? "[]" : training.losses;
        Query insert(m_connection.statement(kInsertTraining));
        insert.bind(training.roundId).bind(training.trainer).bind(training.baseModelId);
        insert.bind(training.exportId).bind(settings).bind(state).bind(training.error);
        insert.bind(training.externalJob).bind(training.output).bind(losses);
        insert.bind(unlessZero(training.startedAt)).bind(unlessZero(training.finishedAt)).run();
        return lastId(m_connection);
    });
}

Expected<void> RoundWriter::updateTraining(const model::Training& training) {
    return writing(m_connection, "cannot change a training", [&]() -> Expected<void> {
        const std::string state(model::name(training.state));
        const std::string settings = training.settings.empty() ? "{}" : training.settings;
        const std::string losses = training.losses.empty() ? "[]" : training.losses;
        Query update(m_connection.statement(kUpdateTraining));
        update.bind(state).bind(base::unixMillis()).bind(training.error).bind(training.exportId);
        update.bind(training.externalJob).bind(training.output).bind(settings).bind(losses);
        update.bind(training.id);
        return changedOne(update.run(), "training", training.id);
    });
}

Expected<void> RoundWriter::setModelOrigin(std::int64_t modelId, std::int64_t trainingId,
                                           std::int64_t parentId) {
    return writing(m_connection, "cannot change a model", [&]() -> Expected<void> {
        Query update(m_connection.statement(kModelOrigin));
        const std::optional<std::int64_t> parent = unlessZero(parentId);
        return changedOne(update.bind(trainingId).bind(parent).bind(modelId).run(), "model",
                          modelId);
    });
}

} // namespace scrit::store
