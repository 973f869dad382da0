// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/evolution.h"
#include "core/loop/round_report.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// A small grid of evolutions on identical items: the ablation table of the paper for one's own
// data. Each cell is a series of its own, "SWEEP/CELL"; what cells have in common (solutions,
// critiques, validations) is asked for once, because the requests are the same and their answers
// are stored.
namespace scrit::loop {

// An empty list: the value of the request.
struct SweepRequest {
    std::string name; // empty: "sweep"
    EvolutionRequest common;
    std::vector<Recipe> recipes;
    std::vector<bool> selfValidation;
    std::vector<std::uint64_t> examples;
    std::vector<std::string> balances;
    std::vector<curate::Order> orders;
    std::vector<TrainFrom> from;
    std::vector<DataUse> data;
};

// The cells in the order in which they are worked on, their series named; the first one is what the
// others are compared with. Invalid when there are more than 100.
[[nodiscard]] base::Expected<std::vector<EvolutionRequest>> cellsOf(const SweepRequest& request);

// Checks and stores all cells; gives the name of the sweep. Cells that are there already with the
// same settings stay. Errors as createEvolution().
[[nodiscard]] base::Expected<std::string> createSweep(store::Workspace& workspace,
                                                      const SweepRequest& request,
                                                      const train::MakeTrainer& makeTrainer);

// Works on all cells that are not done. A cell that fails is passed over and tried again the next
// time; Cancelled ends the sweep. Errors: NotFound, Server (cells failed, with how many and the
// first error).
[[nodiscard]] base::Expected<void> runSweep(const std::shared_ptr<store::Workspace>& workspace,
                                            const std::string& sweep,
                                            const EvolutionContext& context);

// One line of the table: a cell at its last finished round.
struct SweepRow {
    std::string series;
    std::string cell; // what sets it apart: "scrit-direct, 1:3"
    EvolutionRequest request;
    model::JobState state = model::JobState::Planned;
    std::string error;
    RoundReport report; // of its newest round that is done after round 0
    // Its f1 and cc_acc against the first cell's on the same items; empty for the first.
    std::vector<RoundScore> against;
};
struct SweepTable {
    std::string sweep;
    std::vector<RoundScore> base; // round 0 of the first cell
    std::vector<SweepRow> rows;
    bool done = false;
};
[[nodiscard]] base::Expected<SweepTable> readSweep(store::Workspace& workspace,
                                                   const std::string& sweep); // NotFound

} // namespace scrit::loop
