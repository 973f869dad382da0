// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/names.h"
#include "core/model/round.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Evaluations of critics on frozen sets. Plain data. Ids are rows of one workspace, 0 = not stored
// yet. Times are unix milliseconds, 0 = not yet.
namespace scrit::model {

// An evaluation set. Its members never change after it was stored, and the problems they belong to
// never enter training.
struct FrozenSet {
    std::int64_t id = 0;
    std::string name;                            // unique in the workspace
    std::string hash;                            // of the members' content keys, 32 hex digits
    SubjectKind members = SubjectKind::Solution; // solutions or problems
    std::string filter;                          // that drew it
    std::string settings;                        // JSON object: "limit", "seed", "balance"
    std::int64_t size = 0;                       // members
    std::int64_t problems = 0;                   // that they belong to
    std::int64_t createdAt = 0;
};

// One evaluation: the critiques of one critic on one set, scored under one or several suites.
struct Evaluation {
    std::int64_t id = 0;
    std::string suites;                  // "ei,cc,clcs"
    std::string critic;                  // name of the model whose critiques they are
    std::optional<std::int64_t> modelId; // absent: the critic is no model of the workspace
    std::optional<std::int64_t> roundId;
    std::optional<std::int64_t> runId; // that asked the model; absent: of stored critiques
    std::optional<std::int64_t> setId;
    std::string set;      // its name
    std::string settings; // JSON object, see core/loop/evaluation.h
    JobState state = JobState::Planned;
    std::string error; // why it is Failed or Stopped
    std::int64_t createdAt = 0;
    std::int64_t finishedAt = 0;
};

// One sample of the critic for one solution, with all that scores need, as it was known when the
// evaluation was finished: what is repaired later does not change a stored evaluation. Steps count
// from 0, kNoError = none.
struct EvaluationItem {
    std::int64_t solutionId = 0;
    std::int64_t problemId = 0;
    int sample = 0;
    std::optional<std::int64_t> critiqueId; // absent: the critic gave no answer that could be used
    std::string dataset;
    std::optional<int> goldStep;         // the data's first wrong step; absent: not labelled
    std::optional<bool> solutionCorrect; // by its final answer; absent: not known
    std::optional<int> saidStep;         // what the critique says; absent: not readable
    std::optional<bool> answerRight;     // of the correction; absent: none, or undecided
    bool own = false;                    // the solution was written by the critic itself …
    bool given = true;                   // … and is one of the set's (both can be)
};

// One figure of an evaluation. `value` is absent where its denominator is empty.
struct EvaluationScore {
    std::string protocol; // "ei-processbench/1", "ei-scrit/1", "cc/1", "cc-own/1", "clcs/1" …
    std::string dataset;  // empty: all
    std::string metric;   // "f1", "cc_acc", "i_to_c", "cl" …
    std::int64_t n = 0;   // its denominator
    std::optional<double> value;
    std::optional<double> low; // 95 % interval
    std::optional<double> high;
    std::string details; // JSON object; "{}" when there is nothing to add
};

} // namespace scrit::model
