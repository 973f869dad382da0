// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/curate/difficulty.h"
#include "core/loop/evaluation.h"
#include "core/loop/recipe.h"
#include "core/loop/round_report.h"
#include "core/loop/run_engine.h"
#include "core/loop/training.h"
#include "core/model/round.h"
#include "core/store/workspace.h"
#include "core/train/trainer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Self-evolution (SCRIT, arXiv 2501.05727, section 3): rounds of critique, self-validation,
// curation, training and evaluation. Where a series stands is in its rows alone (round, run,
// training, evaluation), so that a process that is killed at any moment is gone on with by calling
// runEvolution() again: nothing that was finished is done twice.
namespace scrit::loop {

// What a round's training starts from.
enum class TrainFrom { Last, Base };
[[nodiscard]] std::string_view name(TrainFrom from); // last, base
[[nodiscard]] std::optional<TrainFrom> trainFromName(std::string_view text);
// Whether a round trains on its own critiques alone or also on those of the rounds before.
enum class DataUse { Replace, Accumulate };
[[nodiscard]] std::string_view name(DataUse use); // replace, accumulate
[[nodiscard]] std::optional<DataUse> dataUseFromName(std::string_view text);
// stored, easy-first, hard-first, random.
[[nodiscard]] std::optional<curate::Order> orderFromName(std::string_view text);

// What becomes training data, and how. The mode of the critiques is the recipe's.
struct EvolutionPolicy {
    TrainFrom from = TrainFrom::Last;
    DataUse data = DataUse::Replace;
    std::uint64_t examples = 0; // of one round's training set, at most; 0: all
    std::string balance;        // correct:incorrect, "any" as they come; empty: the recipe's
    curate::Order order = curate::Order::Random;
    // Only critiques that pass self-validation. Without it the run does not validate at all, unless
    // `alwaysValidate` wants to know how many would have passed.
    bool selfValidation = true;
    bool alwaysValidate = false;
    bool dropDuplicates = true;
    bool keepLeaks = false;  // see ExportJobOptions
    bool keepCopies = false; // short worlds of few words repeat the reference without copying it
    // Leave out what shares 13 words with an evaluation set. Problems of evaluation sets never
    // enter, with or without this.
    bool decontaminate = true;
    // New problems in each round, so many; 0: all problems again in each round, as in the paper.
    std::int64_t problemsPerRound = 0;
    friend bool operator==(const EvolutionPolicy&, const EvolutionPolicy&) = default;
};

struct EvolutionEvaluation {
    std::vector<Suite> suites{Suite::ErrorIdentification, Suite::CritiqueCorrect};
    int samples = 1;
    double temperature = 0; // greedy
    double topP = 1;
    int maxTokens = 4096;
    std::string prompt = "direct_critic";
};

struct EvolutionTrainer {
    std::string trainer; // see train::trainerNames()
    std::string commandTemplate;
    train::Parameters parameters;
    std::map<std::string, std::string> values; // see train::Job::values
};

struct EvolutionRequest {
    std::string series; // empty: named after the recipe
    int rounds = 1;     // after round 0, which measures the base model
    Recipe recipe;
    std::string base;                  // model: critic, validator and what is trained
    std::vector<std::string> students; // empty: the solutions that are there
    std::string filter;                // of problems
    std::int64_t limit = 0;            // problems; 0: all
    std::vector<std::string> sets;     // frozen evaluation sets, at least one
    EvolutionEvaluation evaluation;
    EvolutionTrainer trainer;
    EvolutionPolicy policy;
    std::uint64_t seed = 0;
    RunCaps caps; // of each round's run
    // Data sets, training jobs and trained models. Empty: WORKSPACE.rounds/SERIES beside it.
    std::filesystem::path folder;
    std::string sweep; // the sweep that it is a cell of; see sweep.h
};
// What model::Round::policy holds, a JSON object with all of the request: "rounds", "base",
// "students", "filter", "sets", "trainer", "policy", "evaluation", "recipe" (its text) …
[[nodiscard]] std::string policyJson(const EvolutionRequest& request);
// Invalid when it cannot be read.
[[nodiscard]] base::Expected<EvolutionRequest> requestOfRound(const model::Round& round);
// "from last, replace, 1:1, random, self-validated": the policy in one line for people.
[[nodiscard]] std::string text(const EvolutionPolicy& policy);

// What a series would do, before anything is paid.
struct EvolutionPreview {
    std::string series;
    bool exists = false;              // it would be gone on with
    std::int64_t problems = 0;        // of training
    std::int64_t problemsInRound = 0; // of one round
    std::string view;                 // of the training data
    train::Parameters parameters;     // of the training, completed
    RunPreview run;                   // of the first round
    struct Set {
        std::string name;
        std::int64_t size = 0; // members
    };
    std::vector<Set> sets;
    std::vector<std::string> warnings;
};
[[nodiscard]] base::Expected<EvolutionPreview>
previewEvolution(store::Workspace& workspace, const EvolutionRequest& request,
                 const train::MakeTrainer& makeTrainer);

// Checks everything that can be told beforehand and stores the series with its round 0; gives its
// name. A series of the same name and settings is gone on with, also with more rounds than before.
// Errors: Invalid (recipe, filter, policy, no evaluation set; a training problem belongs to an
// evaluation set, with the names and what to add to the filter; not enough problems for new ones in
// each round), NotFound (model, set), Exists (the series was begun with other settings, with the
// first that differs), those of train::Trainer::check() ("the trainer is missing").
[[nodiscard]] base::Expected<std::string> createEvolution(store::Workspace& workspace,
                                                          const EvolutionRequest& request,
                                                          const train::MakeTrainer& makeTrainer);

// Where an evolution stands. The pointers are valid during the call alone.
struct EvolutionProgress {
    std::string series;
    int round = 0;
    int rounds = 0;                            // the last one's number
    std::string stage;                         // see model::round_stage; empty: the round has ended
    double fraction = -1;                      // of the stage; −1: not known
    double overall = 0;                        // of the series
    std::string message;                       // "critiques 210 of 600"
    const RunSnapshot* run = nullptr;          // while a run goes on
    const train::Progress* training = nullptr; // while a training goes on
    const RoundReport* report = nullptr;       // when a stage has ended
};
using EvolutionListener = std::function<void(const EvolutionProgress&)>;

// What an evolution needs of its surroundings.
struct EvolutionContext {
    backend::OpenModel openModel;
    train::MakeTrainer makeTrainer;
    EvolutionListener listener;
    base::CancelToken cancel;              // ends in order: what is under way is finished or kept
    base::CancelToken cancelNow;           // drops requests in flight, too
    std::int64_t patienceMillis = 600'000; // for a model that does not become ready
    RunEngineOptions engine;
};

// Works on a series until its last round is done. Blocks; the listener is called on this thread. An
// error names round and stage, is kept in the round's report, and leaves the series so that calling
// this again goes on. Errors: NotFound (series), Invalid "the training set is empty" (with what
// took the critiques away), Unavailable (a model that never became ready), Cancelled, those of
// runToEnd(), exportDataset(), createTraining(), runTraining() and runEvaluation().
[[nodiscard]] base::Expected<void> runEvolution(const std::shared_ptr<store::Workspace>& workspace,
                                                const std::string& series,
                                                const EvolutionContext& context);

// A series as its rows tell it.
struct EvolutionState {
    std::string series;
    EvolutionRequest request; // of the newest round
    std::vector<model::Round> rounds;
    std::vector<RoundReport> reports; // of each
    bool done = false;                // its last round is done
    bool failed = false;              // its newest round is Failed; it can be gone on with
};
[[nodiscard]] base::Expected<EvolutionState> readEvolution(store::Workspace& workspace,
                                                           const std::string& series); // NotFound
// The series that is not done and was changed last; nothing when all are done.
[[nodiscard]] base::Expected<std::optional<EvolutionState>>
openEvolution(store::Workspace& workspace);

} // namespace scrit::loop
