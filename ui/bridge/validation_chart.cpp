// SPDX-License-Identifier: GPL-3.0-or-later
// The chart of self-validation: what passes, by how hard the problem is.
#include "ui/bridge/round_chart_parts.h"
#include "ui/bridge/round_charts.h"
#include "ui/models/filter_syntax.h"
#include "ui/models/translated.h"

#include <algorithm>
#include <map>
#include <utility>

namespace scrit::ui::bridge {

using namespace models;
using namespace chart;

namespace {

constexpr int kMostSources = 5; // with all together: as many as there are inks

} // namespace

namespace {

struct Tally {
    qint64 yes = 0;
    qint64 all = 0;
    void add(const RoundCell& cell) {
        all += cell.count;
        yes += cell.validated == model::Outcome::Yes ? cell.count : 0;
    }
    friend bool operator==(const Tally&, const Tally&) = default;
};

// What passed self-validation, in groups.
struct Rates {
    std::map<QString, std::map<int, Tally>> bySource; // by different answers; no name: all together
    std::map<QString, Tally> byLevel;
    std::map<QString, qint64> sizes; // of sources
    bool asThen = true; // the answers known today group it as those known when the round ended
};

Rates ratesOf(const RoundCounts& counts, const RoundInfo* round) {
    Rates rates;
    for (const RoundCell& cell : counts.cells) {
        if (!isJudged(cell)) {
            continue;
        }
        for (const QString& source : {QString(), cell.source}) {
            rates.bySource[source][cell.uniqueAnswers].add(cell);
        }
        if (!cell.level.isEmpty()) {
            rates.byLevel[cell.level].add(cell);
        }
        rates.sizes[cell.source] += cell.count;
    }
    if (round == nullptr || !round->hasStoredRates()) {
        return rates;
    }
    // Later series may give further answers to the same problems; what the round found then stands.
    std::map<int, Tally> then;
    for (const RoundRate& rate : round->byAnswers) {
        then[rate.group.toInt()] = {rate.passed, rate.judged};
    }
    rates.asThen = then == rates.bySource[QString()];
    rates.bySource[QString()] = then;
    rates.byLevel.clear();
    for (const RoundRate& rate : round->byLevel) {
        rates.byLevel[rate.group] = {rate.passed, rate.judged};
    }
    return rates;
}

// Where one student solved each problem there is but one answer: the data sets' levels say more.
ChartValue validationByLevel(const RoundCounts& counts, const std::map<QString, Tally>& levels) {
    ChartValue chart;
    chart.kind = ChartValue::Kind::Bars;
    chart.title = tr("Self-validation by difficulty, %1").arg(roundName(counts.number));
    chart.explanation = tr("Share of critiques that pass, by the level that the data set states.");
    chart.xTitle = tr("level of the problem");
    chart.yTitle = tr("validated");
    ChartSeries bars;
    bars.name = tr("all sources");
    for (const auto& [level, tally] : levels) {
        ChartPoint point;
        point.x = static_cast<double>(chart.categories.size());
        chart.categories << level;
        setShare(point, tally.yes, tally.all);
        point.label = level;
        point.query =
            inRound(counts, QStringLiteral("level:%1 validated:yes").arg(quotedFilterValue(level)));
        point.toolTip =
            withClick(tr("%1\n%2 of %3 validated: %4 % (%5–%6)")
                          .arg(level, grouped(tally.yes), grouped(tally.all), points(point.y),
                               points(*point.low), points(*point.high)));
        bars.points.push_back(point);
    }
    chart.series.push_back(bars);
    return chart;
}

} // namespace

namespace {

ChartPoint answersPoint(const RoundCounts& counts, const Rates& rates, const QString& source,
                        const QString& name, int answers) {
    const Tally& tally = rates.bySource.at(source).at(answers);
    ChartPoint point;
    point.x = answers;
    setShare(point, tally.yes, tally.all);
    point.label = answers == 1 ? tr("1 answer") : tr("%1 different answers").arg(answers);
    point.toolTip = tr("%1, %2\n%3 of %4 validated: %5 % (%6–%7)")
                        .arg(name, point.label, grouped(tally.yes), grouped(tally.all),
                             points(point.y), points(*point.low), points(*point.high));
    if (!rates.asThen) {
        // A filter knows today's answers alone.
        point.toolTip += QLatin1Char('\n') + tr("As it was counted when the round ended");
        return point;
    }
    QString filter = QStringLiteral("unique-answers:%1 validated:yes").arg(answers);
    if (!source.isEmpty()) {
        filter.prepend(QStringLiteral("source:") + quotedFilterValue(source) + QLatin1Char(' '));
    }
    point.query = inRound(counts, filter);
    point.toolTip = withClick(point.toolTip);
    return point;
}

} // namespace

ChartValue validationChart(const RoundCounts& counts, const RoundInfo* round) {
    Rates rates = ratesOf(counts, round);
    if (rates.bySource[QString()].size() == 1 && rates.byLevel.size() > 1) {
        return validationByLevel(counts, rates.byLevel);
    }
    QVector<std::pair<qint64, QString>> largest;
    for (const auto& [source, size] : rates.sizes) {
        largest.push_back({-size, source});
    }
    std::sort(largest.begin(), largest.end());
    ChartValue chart;
    chart.title = tr("Self-validation by difficulty, %1").arg(roundName(counts.number));
    chart.explanation = tr("Share of critiques that pass, by the number of different final answers "
                           "that the candidates of a problem gave: the more, the harder.");
    if (!rates.asThen) {
        chart.explanation +=
            QLatin1Char(' ') + tr("Counted when the round ended. The problems have got further "
                                  "answers since, so that its sources are not shown apart.");
    }
    chart.xTitle = tr("different answers to the problem");
    chart.yTitle = tr("validated");
    chart.empty = tr("This round has no self-validation yet.");
    QStringList order{QString()};
    if (largest.size() > 1 && rates.asThen) { // one source is all of them
        for (const auto& [size, source] : largest.mid(0, kMostSources)) {
            order << source;
        }
    }
    for (const QString& source : std::as_const(order)) {
        ChartSeries line;
        line.name = source.isEmpty() ? tr("all sources") : source;
        line.strong = source.isEmpty();
        line.ink = static_cast<int>(chart.series.size());
        for (const auto& [answers, tally] : rates.bySource[source]) {
            line.points.push_back(answersPoint(counts, rates, source, line.name, answers));
        }
        if (!line.points.isEmpty()) {
            chart.series.push_back(line);
        }
    }
    return chart;
}

} // namespace scrit::ui::bridge
