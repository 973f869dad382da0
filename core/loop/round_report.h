// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/eval/intervals.h"
#include "core/model/round.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scrit::loop {

// Passes of self-validation among critiques that were judged. Wilson interval, 95 %.
struct ValidationRate {
    std::string group; // number of different answers, or a level; empty: all
    std::int64_t n = 0;
    std::int64_t validated = 0;
    [[nodiscard]] std::optional<double> rate() const; // absent for n = 0
    [[nodiscard]] eval::Interval interval() const;
};

// From problems to examples: each number counts what is left of the one before it, unless it says
// otherwise.
struct RoundFunnel {
    std::int64_t problems = 0;
    std::int64_t solutions = 0; // of students, to these problems, known to be right or wrong
    std::int64_t solutionsCorrect = 0;
    std::int64_t solutionsIncorrect = 0;
    std::int64_t selected = 0;         // solutions that were to be criticised (bugs are put into)
    std::int64_t critiques = 0;        // that were written
    std::int64_t parsed = 0;           // of these: conclusion and first error step could be read
    std::int64_t answerMatched = 0;    // of these: the correction's answer is right
    std::int64_t judged = 0;           // of `critiques`: self-validation said yes or no
    std::int64_t validated = 0;        // of `judged`: yes
    std::int64_t validatedMatched = 0; // of `validated`: the correction's answer is right
    std::int64_t failed = 0;           // items of the run that failed
};

// A difference of one score to an earlier round on the same items.
struct ScoreChange {
    double value = 0;
    eval::Interval interval; // paired bootstrap, 95 %
    bool significant = false;
    std::optional<std::int64_t> fixed; // items; absent for metrics of whole questions
    std::optional<std::int64_t> broken;
};

struct RoundScore {
    std::string set;
    std::string protocol; // "ei-processbench/1" …
    std::string dataset;  // empty: all
    std::string metric;   // "f1", "cc_acc" …
    std::int64_t n = 0;
    std::optional<double> value;
    std::optional<eval::Interval> interval;
    std::optional<ScoreChange> toBase;     // f1 and cc_acc, from round 1 on
    std::optional<ScoreChange> toPrevious; // from round 2 on
    std::int64_t evaluationId = 0;
};

// What a round is judged by in a short table: F1 under both protocols of error identification and
// the accuracy of corrections, each over all data sets.
[[nodiscard]] bool isHeadline(const RoundScore& score);

// What a round has found out so far; parts that are not there yet are empty. A value.
struct RoundReport {
    int number = 0;
    std::string model; // what was measured: its result
    std::int64_t runId = 0;
    std::int64_t trainingId = 0;
    std::optional<RoundFunnel> funnel;
    std::optional<ValidationRate> validation; // absent: nothing was validated
    std::vector<ValidationRate> byAnswers;    // by different final answers of the students
    std::vector<ValidationRate> byLevel;      // by the data set's level, where it states one
    // Steps of the export with the critiques left after each, and the examples of the training set.
    std::vector<std::pair<std::string, std::int64_t>> curated;
    std::optional<std::int64_t> kept;
    std::string dataset;    // its folder
    std::int64_t steps = 0; // of the training
    std::optional<double> firstLoss;
    std::optional<double> lastLoss;
    std::vector<RoundScore> scores;
    std::vector<std::pair<std::string, double>> seconds; // by stage, over all processes
    std::string error; // why it stopped or failed; empty again when it goes on

    // The score of a metric over all data sets; null when it is not there.
    [[nodiscard]] const RoundScore* score(std::string_view set, std::string_view protocol,
                                          std::string_view metric) const;
    // Scores that are significantly lower than before.
    [[nodiscard]] std::vector<const RoundScore*> regressions() const;
};

// What model::Round::report holds. Rates stand with their denominators and intervals; what is not
// known is null. Keys: "run", "training", "model", "funnel", "validation", "validation_by_answers",
// "validation_by_level", "curated", "kept", "dataset", "losses", "scores", "regressions",
// "seconds", "error".
[[nodiscard]] std::string reportJson(const RoundReport& report);
// Invalid when it cannot be read.
[[nodiscard]] base::Expected<RoundReport> reportOfRound(const model::Round& round);

// Counts what a run has done, from its rows.
[[nodiscard]] base::Expected<void> addRunFigures(store::Workspace& workspace, std::int64_t runId,
                                                 RoundReport& report);
// Scores of a finished evaluation; with the evaluations of round 0 and of the round before (0:
// none) their differences.
[[nodiscard]] base::Expected<void> addEvaluation(store::Workspace& workspace,
                                                 std::int64_t evaluationId, std::int64_t base,
                                                 std::int64_t previous, std::uint64_t seed,
                                                 RoundReport& report);

} // namespace scrit::loop
