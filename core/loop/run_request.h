// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/recipe.h"
#include "core/model/run.h"
#include "core/store/workspace.h"
#include "core/store/writer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// What somebody asks for with `scrit run` or Studio's new-run form, and how it becomes a stored
// run.
namespace scrit::loop {

// Where a run stops by itself; 0: no cap. Nothing is sent that could pass a cap: what is in flight
// counts with its largest possible size.
struct RunCaps {
    std::int64_t requests = 0;
    std::int64_t tokens = 0;
    double cost = 0; // US dollars
};

// What a run that measures its critic works on, instead of a filter's problems: exactly the
// solutions of a frozen set, without selection, pairs and validation.
struct RunEvaluation {
    std::string set;  // its name
    bool own = false; // the critic also solves the set's problems and judges its own solutions
};

struct RunRequest {
    Recipe recipe;
    std::string critic;                 // model names of the workspace
    std::string validator;              // empty: the critic itself, as the method wants
    std::vector<std::string> students;  // empty: only solutions that are there
    std::string filter;                 // which problems
    std::int64_t limit = 0;             // problems; 0: all
    std::vector<std::int64_t> problems; // exactly these, instead of filter and limit
    std::optional<std::uint64_t> seed;  // else the recipe's
    int round = 0;
    std::optional<std::int64_t> roundId; // the row it belongs to, when it is part of a round
    RunCaps caps;
    bool fresh = false;     // do not answer from the completion cache
    bool solveOnly = false; // the students solve and nothing is criticised: no critic is needed
    // Set: students, filter and limit are not used, and the recipe is a direct one. What such a run
    // makes is told from training material by its problems (filter word evaluation:yes).
    std::optional<RunEvaluation> evaluation;
};

// What a run would do, before anything is paid. Counts of later stages are upper bounds where they
// depend on what models answer.
struct RunPreview {
    std::int64_t problems = 0;
    std::int64_t solutions = 0;        // of these problems, there already
    std::int64_t solutionsUnknown = 0; // not known whether correct: not selected
    struct Stage {
        std::string name;
        std::int64_t calls = 0;
        bool upperBound = false;
        std::int64_t promptTokens = 0;        // estimate: bytes / 4 (say so)
        std::int64_t completionTokensMax = 0; // calls · max_tokens
        double costMax = 0;
    };
    std::vector<Stage> stages;
    std::vector<std::string> warnings; // "no problem has both classes", "critic has no price", …
};
[[nodiscard]] base::Expected<RunPreview> previewRun(store::Workspace& workspace,
                                                    const RunRequest& request);

// Checks models, prompts and filter, then stores the run with its first items in one transaction,
// together with what `alongside` stores about it. Errors: NotFound (model, recipe, set), Invalid
// (filter, prompt fields, no problem matches), those of `alongside`.
using StoreAlongside = std::function<base::Expected<void>(store::Writer&, std::int64_t runId)>;
[[nodiscard]] base::Expected<std::int64_t> createRun(store::Workspace& workspace,
                                                     const RunRequest& request,
                                                     const StoreAlongside& alongside = {});

// The request of a stored run, so that it can be resumed.
[[nodiscard]] base::Expected<RunRequest> requestOfRun(const model::Run& run);

// Sets the caps of a stored run: a run that stopped at one goes on with a higher one. NotFound.
[[nodiscard]] base::Expected<void> changeCaps(store::Workspace& workspace, std::int64_t runId,
                                              const RunCaps& caps);

} // namespace scrit::loop
