// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/run_engine.h"
#include "core/loop/run_request.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"
#include "ui/models/run_values.h"
#include "ui/models/trace_row.h"

// Runs as the engine knows them → values for the screen. Pure functions, any thread.
namespace scrit::ui::bridge {

[[nodiscard]] models::RunStatus runStatus(const loop::RunSnapshot& snapshot);
[[nodiscard]] models::RunPreview runPreview(const loop::RunPreview& preview);
[[nodiscard]] models::RunErrors runErrors(const std::vector<store::ErrorGroup>& groups);
// The recipe of a form is loaded from its file. Errors are those of loadRecipe().
[[nodiscard]] base::Expected<loop::RunRequest> runRequest(const models::RunForm& form);
[[nodiscard]] models::RecipeInfo recipeInfo(const QString& choice);
// Asks the reader for the counts and the usage of the run.
[[nodiscard]] base::Expected<models::RunSummary> runSummary(store::RunReader& reader,
                                                            const model::Run& run);

// A list of what failed items of one cause are about: critiques, solutions or problems by number.
struct ErrorSubjects {
    models::ListQuery query;
    qint64 shown = 0; // a filter holds so many at most
};
[[nodiscard]] base::Expected<ErrorSubjects>
errorSubjects(const store::Workspace& workspace, qint64 runId, const models::RunError& error);

} // namespace scrit::ui::bridge
