// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "core/loop/evaluation.h"
#include "core/loop/evaluation_set.h"
#include "core/loop/scores.h"

#include <string>
#include <vector>

// How scores, frozen sets and evaluations look in a terminal and in JSON; keys are a contract.
namespace scrit::cli {

// One figure of whatever kind: rows of stored scores and of fresh ones look the same.
[[nodiscard]] Json scoresJson(const std::vector<loop::Score>& scores);
[[nodiscard]] Json scoresJson(const std::vector<model::EvaluationScore>& scores);
[[nodiscard]] Json differencesJson(const std::vector<loop::Difference>& differences);
void printScores(const std::vector<loop::Score>& scores);
void printScores(const std::vector<model::EvaluationScore>& scores);
void printDifferences(const std::vector<loop::Difference>& differences);

[[nodiscard]] Json frozenSetJson(const model::FrozenSet& set);
void printFrozenSets(const std::vector<model::FrozenSet>& sets);

[[nodiscard]] Json evaluationJson(const model::Evaluation& evaluation);
void printEvaluations(const std::vector<model::Evaluation>& evaluations);
[[nodiscard]] Json reportJson(const loop::EvaluationReport& report);
void printReport(const loop::EvaluationReport& report);

// `to` says what it is compared with: "base", "previous", or empty.
[[nodiscard]] Json comparisonJson(const loop::EvaluationComparison& comparison,
                                  const std::string& to);
void printComparison(const loop::EvaluationComparison& comparison, const std::string& to);

} // namespace scrit::cli
