// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/run_plan.h"
#include "core/loop/run_task.h"
#include "core/store/run_reader.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

// From ids to requests that can be sent: reads the texts of a batch of items in a few queries,
// renders their prompts and answers from the cache what was asked before. Runs on a worker with a
// reader of its own.
namespace scrit::loop {

struct PrepareJob {
    int stage = 0;
    std::vector<OpenItem> items;
    ModelFacts model; // of stages that ask one
};

struct PreparedBatch {
    int stage = 0;
    std::size_t asked = 0;                          // items of the job
    std::vector<std::unique_ptr<Task>> tasks;       // to be sent
    std::vector<std::unique_ptr<Outcome>> outcomes; // ended without a request
    std::vector<Selected> selected;                 // of a select stage
    std::optional<base::Error> error; // the workspace cannot be read; nothing else is set
};

// An item whose texts cannot be read fails alone.
[[nodiscard]] PreparedBatch prepareBatch(const RunPlan& plan, store::RunReader& reader,
                                         PrepareJob&& job);

// The selection of all problems at once, where the cap per student and class counts over all of
// them. Constant memory apart from a few words for each candidate.
[[nodiscard]] base::Expected<std::vector<Selected>>
selectOverAll(const RunPlan& plan, store::RunReader& reader, std::vector<OpenItem>&& items);

// What selection may choose from: solutions that are known to be correct or incorrect and are not
// themselves products of bug injection. A problem's own reference is taken as correct unless it is
// known not to be.
[[nodiscard]] std::vector<Candidate>
selectable(std::span<const store::SelectableSolution> solutions);

} // namespace scrit::loop
