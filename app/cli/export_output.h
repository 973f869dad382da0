// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "core/loop/export_driver.h"

// What `scrit export` prints.
namespace scrit::cli {

[[nodiscard]] Json exportJson(const loop::ExportSummary& summary);
[[nodiscard]] Json previewJson(const loop::ExportPreview& preview);
void printExport(const loop::ExportSummary& summary);
void printPreview(const loop::ExportPreview& preview);

} // namespace scrit::cli
