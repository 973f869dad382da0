// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/loop/export_driver.h"
#include "ui/models/export_values.h"

// Exports as the engine knows them ⇄ values for the screen. Pure functions, any thread.
namespace scrit::ui::bridge {

[[nodiscard]] QVector<models::ExportView> exportViews();
// Invalid where balance or an evaluation set cannot be read.
[[nodiscard]] base::Expected<loop::ExportJobOptions> exportOptions(const models::ExportForm& form);
[[nodiscard]] models::ExportPreview exportPreview(const loop::ExportPreview& preview);
[[nodiscard]] models::ExportResult exportResult(const loop::ExportSummary& summary, double seconds);

} // namespace scrit::ui::bridge
