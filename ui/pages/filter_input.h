// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_row.h"

namespace scrit::ui::widgets {
class FilterEdit;
class FormGrid;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

struct PageContext;

// Gives a filter line of a form the language of the workspace and completes its values; what is
// wrong with the filter stands beside its row. UI thread.
void serveFilter(widgets::FilterEdit& edit, models::ListKind kind, PageContext& context);
void showFilterProblem(widgets::FilterEdit& edit, widgets::FormGrid& grid, int row);

} // namespace scrit::ui::pages
