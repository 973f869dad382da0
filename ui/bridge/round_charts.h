// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/chart_value.h"
#include "ui/models/round_values.h"

// Rounds → charts. Pure functions, any thread. Every mark knows the filter that shows its traces,
// unless what it was counted from is in no list.
namespace scrit::ui::bridge {

// So many lines can be told apart.
inline constexpr int kMostSeriesShown = 6;
// Series with a figure on a set, the newest first.
[[nodiscard]] QStringList measuredSeries(const models::SeriesInfos& all, const QString& set);
// Those that a chart shows: the chosen one, then of `wanted` (empty: of all) the newest, as many as
// there is room for.
[[nodiscard]] QStringList shownSeries(const models::SeriesInfos& all, const QString& chosen,
                                      const QStringList& wanted, const QString& set);
// A figure by round, a line for each of the series `names` in their order, the chosen one strong.
// Everywhere an empty `set` is the first one.
[[nodiscard]] models::ChartValue scoreChart(const models::SeriesInfos& all, const QString& chosen,
                                            const QString& set, models::ScoreKind kind,
                                            const QStringList& names);
// A figure of a round by data set.
[[nodiscard]] models::ChartValue datasetChart(const models::SeriesInfo& series, qint64 roundId,
                                              const QString& set, models::ScoreKind kind);
// Share of a round's critiques that its self-validation let through, by how many different answers
// their problem got: all together, and each of the largest sources. Of a round that is done the
// rates are those of its report: what other series answer later does not change them.
[[nodiscard]] models::ChartValue validationChart(const models::RoundCounts& counts,
                                                 const models::RoundInfo* round = nullptr);
// Where critiques see the first wrong step, in shares of those that say; the rounds given, beside
// one another.
[[nodiscard]] models::ChartValue firstErrorChart(const QVector<const models::RoundCounts*>& rounds);
// What each round's training was given: examples about right and about wrong solutions.
[[nodiscard]] models::ChartValue compositionChart(const models::SeriesDetail& detail);
// A figure against the number of examples trained on, on a logarithmic axis: a line for each series
// and for the cells of each sweep.
[[nodiscard]] models::ChartValue scalingChart(const models::SeriesInfos& all, const QString& set,
                                              models::ScoreKind kind);
// The loss of each training of the series by step.
[[nodiscard]] models::ChartValue lossChart(const models::SeriesDetail& detail);

// A round from its pairs to what its training was given.
struct FunnelStep {
    QString title;
    QString toolTip;
    qint64 left = 0;
    qint64 dropped = 0;
    std::optional<models::ListQuery> query;
    friend bool operator==(const FunnelStep&, const FunnelStep&) = default;
};
[[nodiscard]] QVector<FunnelStep> roundFunnel(const models::RoundInfo& round,
                                              const models::RoundCounts& counts);

} // namespace scrit::ui::bridge
