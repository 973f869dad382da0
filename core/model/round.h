// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/run.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Self-evolution: rounds of a series and the trainings in them (SCRIT, arXiv 2501.05727, section
// 3.4). Plain data. Ids are rows of one workspace, 0 = not stored yet. Times are unix milliseconds,
// 0 = not yet.
namespace scrit::model {

// Of rounds, trainings and evaluations.
enum class JobState { Planned, Running, Stopped, Done, Failed };
[[nodiscard]] std::string_view name(JobState state); // planned, running, stopped, done, failed
[[nodiscard]] std::optional<JobState> jobStateFromName(std::string_view text);

// The stages of a round in their order; Round::stage is the first that is not finished, or empty
// when all are.
namespace round_stage {
inline constexpr std::string_view kCritique = "critique"; // students, critiques and self-validation
inline constexpr std::string_view kCurate = "curate";     // the data set is written
inline constexpr std::string_view kTrain = "train";
inline constexpr std::string_view kServe = "serve"; // the trained model answers
inline constexpr std::string_view kEvaluate = "evaluate";
} // namespace round_stage

// One evolution round. Round 0 of a series holds what was measured before any training: it has no
// run and no training, and its result is the base model.
struct Round {
    std::int64_t id = 0;
    std::string series; // name of the evolution it belongs to; unique with `number`
    int number = 0;     // from 0
    std::string recipe; // its name
    std::string policy; // JSON object, see core/loop/evolution.h
    std::uint64_t seed = 0;
    JobState state = JobState::Planned;
    std::string stage;
    std::optional<std::int64_t> baseModelId;   // what criticises and validates in this round
    std::optional<std::int64_t> resultModelId; // what the training made
    std::string report; // JSON object of counts and scores; "{}" until there are any
    std::int64_t startedAt = 0;
    std::int64_t finishedAt = 0;
};

// One training of one model on one data set.
struct Training {
    std::int64_t id = 0;
    std::optional<std::int64_t> roundId;
    std::string trainer; // builtin, command, slurm, openai-ft
    std::optional<std::int64_t> baseModelId;
    std::optional<std::int64_t> exportId; // the data set: a row of dataset_export
    std::string settings;                 // JSON object, see core/train/trainer.h; never a secret
    JobState state = JobState::Planned;
    std::string error;
    std::string externalJob; // id at Slurm or at the server; empty elsewhere
    std::string output;      // the folder of the job
    std::string losses;      // JSON list of [step, loss]
    std::int64_t startedAt = 0;
    std::int64_t finishedAt = 0;
};

} // namespace scrit::model
