// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "core/base/error.h"
#include "core/loop/run_engine.h"
#include "core/loop/run_request.h"
#include "core/model/run.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"

#include <string>
#include <vector>

// How runs look in a terminal and in JSON; keys are a contract.
namespace scrit::cli {

[[nodiscard]] Json previewJson(const loop::RunPreview& preview);
void printPreview(const loop::RunPreview& preview);

[[nodiscard]] Json snapshotJson(const loop::RunSnapshot& snapshot);
// "critique 120/400, validate 80/120  12.3/s  0:45 left  $0.12  3 failed". Pure.
[[nodiscard]] std::string snapshotLine(const loop::RunSnapshot& snapshot);
// Stages, usage and errors by cause after the end.
void printRunSummary(const loop::RunSnapshot& snapshot,
                     const std::vector<store::ErrorGroup>& errors);
[[nodiscard]] Json errorsJson(const std::vector<store::ErrorGroup>& errors);

// The list of runs with their counts.
[[nodiscard]] base::Expected<int> printRuns(const store::Workspace& workspace, bool json);

} // namespace scrit::cli
