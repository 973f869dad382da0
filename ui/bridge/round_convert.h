// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/evaluation.h"
#include "core/loop/round_report.h"
#include "core/store/reader.h"
#include "core/store/round_charts.h"
#include "ui/models/round_values.h"

// Rounds as the engine knows them → values for the screen. Pure but for the readers they are given;
// any thread.
namespace scrit::ui::bridge {

// All series with their rounds and scores, newest first. A report that cannot be read leaves its
// round without figures.
[[nodiscard]] base::Expected<models::SeriesInfos> seriesInfos(store::Reader& reader);
// Trainings of a series, oldest first, with their losses.
[[nodiscard]] base::Expected<QVector<models::TrainingInfo>>
seriesTrainings(store::Reader& reader, const models::SeriesInfo& series);
[[nodiscard]] models::RoundCounts roundCounts(const models::RoundInfo& round,
                                              const store::RoundCounts& counts);
// [[step, loss], …]; what is no such list gives no points.
[[nodiscard]] QVector<QPointF> lossPoints(const std::string& json);
// Items without their excerpts, broken ones first, then fixed ones.
[[nodiscard]] models::RoundComparison roundComparison(const loop::EvaluationComparison& comparison);

} // namespace scrit::ui::bridge
