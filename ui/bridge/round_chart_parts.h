// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/chart_value.h"
#include "ui/models/round_values.h"

// What the charts of rounds share. Pure.
namespace scrit::ui::bridge::chart {

// Critiques of a round that a filter gives besides; nothing for a round without a run.
[[nodiscard]] std::optional<models::ListQuery> inRound(const models::RoundCounts& counts,
                                                       const QString& more);
[[nodiscard]] QString roundName(int number); // "before training", "round 2"
[[nodiscard]] QString withClick(const QString& text);
// `hits` of `of` with a Wilson interval.
void setShare(models::ChartPoint& point, qint64 hits, qint64 of);
// Self-validation said yes or no; what stayed undecided is in no rate, as in the round's report.
[[nodiscard]] bool isJudged(const models::RoundCell& cell);

} // namespace scrit::ui::bridge::chart
