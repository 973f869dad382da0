// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/base/error.h"
#include "core/loop/run_request.h"
#include "core/loop/run_to_end.h"
#include "core/loop/scores.h"
#include "core/model/evaluation.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Evaluations: a model criticises exactly the solutions of a frozen set, directly, without pairs
// and without validation, in a stored run like any other (resumable, answers from the cache); what
// it said is scored and stored. Its critiques are ordinary rows; that they never become training
// material is told by their problems, which belong to a frozen set (filter word evaluation:yes),
// and exports leave those out.
namespace scrit::loop {

struct EvaluationRequest {
    std::string model; // of the workspace
    std::string set;   // name of a frozen set
    std::vector<Suite> suites{Suite::ErrorIdentification, Suite::CritiqueCorrect,
                              Suite::ConfidenceCritique};
    int samples = 1;        // critiques of each solution; under ei the majority counts
    double temperature = 0; // greedy
    double topP = 1;
    int maxTokens = 4096;
    std::string prompt = "direct_critic"; // a template, as in recipes
    // Also lets the model solve the set's problems and criticise its own solutions (cc-own/1). A
    // set of problems has nothing else to criticise.
    bool own = false;
    std::string studentPrompt = "student_solve"; // of own solutions
    std::uint64_t seed = 0;
    std::optional<std::int64_t> roundId; // the round that it measures
    int round = 0;                       // what its critiques are stored under
    RunCaps caps;
    bool fresh = false;
};

// The evaluation that this request means: one with the same model, set and settings that was begun
// and not finished, else a new one, stored with its run and all its items in one transaction.
// Errors: NotFound (model, set, prompt), Invalid (no suite, samples, prompt fields, a set of
// problems without `own`), Corrupt (the set's members have changed).
[[nodiscard]] base::Expected<std::int64_t> beginEvaluation(store::Workspace& workspace,
                                                           const EvaluationRequest& request);

// A finished evaluation, or how far it is.
struct EvaluationReport {
    model::Evaluation evaluation;
    std::vector<model::EvaluationScore> scores;
    std::int64_t items = 0;   // solutions times samples
    std::int64_t missing = 0; // of these without a usable critique: they count as wrong
    std::int64_t failed = 0;  // of these because their request failed
    // Judgements left out because nothing says (any more) what is right for the solution; of
    // several suites the one that leaves out most.
    std::int64_t unlabelled = 0;
};

// Scores a run that has ended and stores the result; a finished evaluation is given as it is
// stored. Invalid while its run has open items; Server when more than half of its items failed (it
// is Failed then).
[[nodiscard]] base::Expected<EvaluationReport> finishEvaluation(store::Workspace& workspace,
                                                                std::int64_t evaluationId);
// The same for the evaluation that a run belongs to, for whoever went on with the run itself.
// Nothing for other runs and while items are open.
[[nodiscard]] base::Expected<std::optional<EvaluationReport>>
finishEvaluationOf(store::Workspace& workspace, std::int64_t runId);
// As it is stored. NotFound.
[[nodiscard]] base::Expected<EvaluationReport> readEvaluation(store::Workspace& workspace,
                                                              std::int64_t evaluationId);

// Runs an evaluation to its end (also one that was stopped; failed items are planned again) and
// finishes it. Blocks. Errors: those of runToEnd() and finishEvaluation(); the evaluation is
// Stopped with the reason then, and calling this again goes on.
[[nodiscard]] base::Expected<EvaluationReport>
runEvaluation(const std::shared_ptr<store::Workspace>& workspace, std::int64_t evaluationId,
              const backend::OpenModel& openModel, const RunEngine::Listener& show = {},
              const RunToEndOptions& options = {});

// Critiques that are stored already, scored and kept as an evaluation: they must be of one critic
// and round (Invalid, naming those there are). No model is asked.
struct StoredEvaluationRequest {
    std::vector<Suite> suites;
    std::string filter; // of critiques
    std::string set;    // only solutions of this frozen set; empty: all
    std::uint64_t seed = 0;
    std::optional<std::int64_t> roundId;
};
[[nodiscard]] base::Expected<std::int64_t> saveEvaluation(store::Workspace& workspace,
                                                          const StoredEvaluationRequest& request);

// ---- two evaluations side by side

// One item of both, under one protocol.
struct ItemChange {
    std::string protocol;
    std::string dataset;
    std::int64_t problemId = 0;
    std::int64_t solutionBefore = 0; // the same as solutionAfter, except for own solutions
    std::int64_t solutionAfter = 0;
    std::int64_t critiqueBefore = 0; // 0: there was none
    std::int64_t critiqueAfter = 0;
    int sample = 0;      // of cc; ei has one item for all samples
    bool before = false; // a hit, or a right answer
    bool after = false;
    [[nodiscard]] bool isFixed() const { return after && !before; }
    [[nodiscard]] bool isBroken() const { return before && !after; }
};

struct EvaluationComparison {
    model::Evaluation before;
    model::Evaluation after;
    bool sameSet = false;
    bool sameSettings = false;           // samples, sampling, prompt
    std::vector<Difference> differences; // by protocol, data set, metric
    std::vector<ItemChange> items;       // by protocol, then in order of problem and solution
};

// What changed from one finished evaluation to another on the items that both have: each metric
// with its paired bootstrap interval, and the items that were fixed, broken or stayed. NotFound;
// Invalid when one is not finished or they have no item in common.
[[nodiscard]] base::Expected<EvaluationComparison> compareEvaluations(store::Workspace& workspace,
                                                                      std::int64_t before,
                                                                      std::int64_t after,
                                                                      std::uint64_t seed = 0);

} // namespace scrit::loop
