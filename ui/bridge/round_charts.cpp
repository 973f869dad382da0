// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/round_charts.h"

#include "core/eval/intervals.h"
#include "ui/bridge/round_chart_parts.h"
#include "ui/models/export_values.h"
#include "ui/models/filter_syntax.h"
#include "ui/models/translated.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

namespace scrit::ui::bridge {

using namespace models;

namespace {

ListQuery critiques(const QString& filter) {
    return {ListKind::Critiques, filter, SortKey::Id, false};
}

} // namespace

namespace chart {

std::optional<ListQuery> inRound(const RoundCounts& counts, const QString& more) {
    const QString made = roundFilter(counts);
    if (made.isEmpty()) {
        return std::nullopt;
    }
    return critiques(more.isEmpty() ? made : QString(made + QLatin1Char(' ') + more));
}

QString roundName(int number) {
    return number == 0 ? tr("before training") : tr("round %1").arg(number);
}

QString withClick(const QString& text) {
    return text + QLatin1Char('\n') + tr("Enter or a click shows its traces");
}

void setShare(ChartPoint& point, qint64 hits, qint64 of) {
    const eval::Interval interval = eval::wilson(hits, of);
    point.y = static_cast<double>(hits) / static_cast<double>(of);
    point.low = interval.low;
    point.high = interval.high;
    point.n = of;
}

bool isJudged(const RoundCell& cell) {
    return cell.validated && *cell.validated != model::Outcome::Undecided;
}

} // namespace chart

using namespace chart;

namespace {

ChartPoint scorePoint(const RoundScore& score) {
    ChartPoint point;
    point.y = *score.value;
    point.low = score.low;
    point.high = score.high;
    point.n = score.n;
    QString filter = QStringLiteral("scored:%1").arg(score.evaluationId);
    if (!score.dataset.isEmpty()) {
        filter += QStringLiteral(" source:") + quotedFilterValue(score.dataset);
    }
    point.query = critiques(filter);
    return point;
}

QString scoreToolTip(const RoundScore& score) {
    QStringList lines{QStringLiteral("%1 %2, n = %3")
                          .arg(scoreName(score.kind), scoreText(score), grouped(score.n)),
                      score.protocol +
                          (score.set.isEmpty() ? QString() : QStringLiteral(" · ") + score.set)};
    if (score.toBase) {
        lines << tr("To the base: ") + deltaSentence(*score.toBase);
    }
    if (score.toPrevious) {
        lines << tr("To the round before: ") + deltaSentence(*score.toPrevious);
    }
    return withClick(lines.join(QLatin1Char('\n')));
}

bool isMeasured(const SeriesInfo& series, const QString& set) {
    return std::any_of(series.rounds.begin(), series.rounds.end(), [&set](const RoundInfo& round) {
        return std::any_of(round.scores.begin(), round.scores.end(), [&set](const RoundScore& one) {
            return one.value && (set.isEmpty() || one.set == set);
        });
    });
}

// Cells of one sweep are named "sweep/what, is, varied"; those that differ in their number of
// examples alone belong together.
QString sweepOf(const SeriesInfo& series) {
    const qsizetype slash = series.name.indexOf(QLatin1Char('/'));
    if (slash <= 0) {
        return {};
    }
    QStringList varied = series.name.mid(slash + 1).split(QStringLiteral(", "));
    varied.erase(
        std::remove_if(varied.begin(), varied.end(),
                       [](const QString& one) { return one.endsWith(QLatin1String(" examples")); }),
        varied.end());
    const QString sweep = series.name.left(slash);
    return varied.isEmpty() ? sweep
                            : sweep + QStringLiteral(", ") + varied.join(QStringLiteral(", "));
}

} // namespace

QStringList measuredSeries(const SeriesInfos& all, const QString& set) {
    QVector<const SeriesInfo*> order;
    for (const SeriesInfo& one : all) {
        if (isMeasured(one, set)) {
            order << &one;
        }
    }
    std::stable_sort(order.begin(), order.end(), [](const SeriesInfo* a, const SeriesInfo* b) {
        return a->changed > b->changed;
    });
    QStringList names;
    for (const SeriesInfo* one : std::as_const(order)) {
        names << one->name;
    }
    return names;
}

QStringList shownSeries(const SeriesInfos& all, const QString& chosen, const QStringList& wanted,
                        const QString& set) {
    QStringList names = measuredSeries(all, set);
    if (!wanted.isEmpty()) {
        names.erase(std::remove_if(names.begin(), names.end(),
                                   [&wanted](const QString& one) { return !wanted.contains(one); }),
                    names.end());
    }
    names.removeAll(chosen);
    names.prepend(chosen);
    return names.mid(0, kMostSeriesShown);
}

ChartValue scoreChart(const SeriesInfos& all, const QString& chosen, const QString& set,
                      ScoreKind kind, const QStringList& names) {
    ChartValue chart;
    chart.title = tr("%1 by round").arg(scoreName(kind));
    chart.explanation = scoreExplanation(kind);
    chart.xTitle = tr("round");
    chart.yTitle = scoreName(kind);
    chart.empty = tr("No round of this series is evaluated yet.");
    for (int at = 0; at < names.size(); ++at) {
        const auto series = std::find_if(
            all.begin(), all.end(), [&](const SeriesInfo& one) { return one.name == names[at]; });
        if (series == all.end()) {
            continue;
        }
        ChartSeries line;
        line.name = series->name +
                    (series->recipe.isEmpty() ? QString() : QStringLiteral(" · ") + series->recipe);
        line.strong = series->name == chosen;
        line.ink = at; // the same in every chart
        for (const RoundInfo& round : series->rounds) {
            const RoundScore* score = round.score(kind, {}, set);
            if (score == nullptr || !score->value) {
                continue;
            }
            ChartPoint point = scorePoint(*score);
            point.x = round.number;
            point.label = roundName(round.number);
            point.toolTip = line.name + QStringLiteral(", ") + point.label + QLatin1Char('\n') +
                            scoreToolTip(*score);
            line.points.push_back(point);
        }
        if (!line.points.isEmpty()) {
            chart.series.push_back(line);
        }
    }
    return chart;
}

ChartValue datasetChart(const SeriesInfo& series, qint64 roundId, const QString& set,
                        ScoreKind kind) {
    ChartValue chart;
    chart.kind = ChartValue::Kind::Bars;
    chart.title = tr("%1 by data set").arg(scoreName(kind));
    chart.explanation = scoreExplanation(kind);
    chart.yTitle = scoreName(kind);
    chart.empty = tr("This round is not evaluated yet.");
    QVector<const RoundInfo*> rounds;
    if (!series.rounds.isEmpty() && series.rounds.first().id != roundId) {
        rounds << &series.rounds.first();
    }
    if (const RoundInfo* round = series.round(roundId)) {
        rounds << round;
    }
    for (const RoundInfo* round : rounds) {
        ChartSeries bars;
        bars.name = roundName(round->number);
        bars.ink = static_cast<int>(chart.series.size());
        for (const RoundScore& score : round->scores) {
            if (score.kind != kind || score.dataset.isEmpty() || !score.value ||
                (!set.isEmpty() && score.set != set)) {
                continue;
            }
            if (!chart.categories.contains(score.dataset)) {
                chart.categories << score.dataset;
            }
            ChartPoint point = scorePoint(score);
            point.x = static_cast<double>(chart.categories.indexOf(score.dataset));
            point.label = score.dataset;
            point.toolTip = score.dataset + QStringLiteral(", ") + bars.name + QLatin1Char('\n') +
                            scoreToolTip(score);
            bars.points.push_back(point);
        }
        if (!bars.points.isEmpty()) {
            chart.series.push_back(bars);
        }
    }
    return chart;
}

ChartValue firstErrorChart(const QVector<const RoundCounts*>& rounds) {
    constexpr int kLastStep = 9; // from there on together
    ChartValue chart;
    chart.kind = ChartValue::Kind::Bars;
    chart.title = tr("First wrong step");
    chart.explanation = tr("Which step critiques call the first wrong one, in shares of those that "
                           "say so.");
    chart.xTitle = tr("step");
    chart.yTitle = tr("critiques");
    chart.empty = tr("No critique of this round says where the error is yet.");
    int last = 0;
    for (const RoundCounts* counts : rounds) {
        for (const RoundCell& cell : counts->cells) {
            last = std::max(last, std::min(kLastStep, cell.firstError.value_or(0)));
        }
    }
    chart.categories << tr("none");
    for (int step = 0; step <= last; ++step) {
        chart.categories << QString::number(step + 1) +
                                (step == kLastStep ? QStringLiteral("+") : QString());
    }
    for (const RoundCounts* counts : rounds) {
        std::map<int, qint64> tally; // category → critiques
        qint64 all = 0;
        for (const RoundCell& cell : counts->cells) {
            if (cell.firstError) {
                tally[std::min(kLastStep, *cell.firstError) + 1] += cell.count;
                all += cell.count;
            }
        }
        if (all == 0) {
            continue;
        }
        ChartSeries bars;
        bars.name = roundName(counts->number);
        bars.ink = static_cast<int>(chart.series.size());
        for (const auto& [category, count] : tally) {
            ChartPoint point;
            point.x = category;
            setShare(point, count, all);
            const int step = category - 1;
            point.label = step < 0            ? tr("no wrong step")
                          : step == kLastStep ? tr("step %1 or later").arg(step + 1)
                                              : tr("step %1").arg(step + 1);
            const QString value = step < 0            ? QStringLiteral("none")
                                  : step == kLastStep ? QStringLiteral(">=%1").arg(step)
                                                      : QString::number(step);
            point.query = inRound(*counts, QStringLiteral("first-error:") + value);
            point.toolTip = withClick(
                tr("%1, %2\n%3 of %4 critiques: %5 %")
                    .arg(bars.name, point.label, grouped(count), grouped(all), points(point.y)));
            bars.points.push_back(point);
        }
        chart.series.push_back(bars);
    }
    return chart;
}

ChartValue compositionChart(const SeriesDetail& detail) {
    ChartValue chart;
    chart.kind = ChartValue::Kind::Stack;
    chart.unit = ChartValue::Unit::Count;
    chart.title = tr("What each training was given");
    chart.explanation = tr("Examples about right and about wrong solutions. One to one is the "
                           "paper's choice.");
    chart.xTitle = tr("round");
    chart.yTitle = tr("examples");
    chart.empty = tr("No round of this series has trained yet.");
    // Blue is right and orange is wrong, as everywhere.
    const std::array<std::tuple<QString, QString, qint64 RoundCounts::*>, 3> parts{{
        {tr("right solution"), QStringLiteral("yes"), &RoundCounts::trainedCorrect},
        {tr("wrong solution"), QStringLiteral("no"), &RoundCounts::trainedIncorrect},
        {tr("not known"), QStringLiteral("unknown"), &RoundCounts::trainedUnknown},
    }};
    QVector<const RoundCounts*> trained;
    for (const RoundCounts& counts : detail.counts) {
        if (counts.trainedCorrect + counts.trainedIncorrect + counts.trainedUnknown > 0) {
            trained.push_back(&counts);
            chart.categories << QString::number(counts.number);
        }
    }
    for (int part = 0; part < static_cast<int>(parts.size()); ++part) {
        const auto& [name, word, field] = parts[static_cast<std::size_t>(part)];
        ChartSeries bars;
        bars.name = name;
        constexpr int kGrey = 4;
        bars.ink = part < 2 ? part : kGrey;
        for (int i = 0; i < trained.size(); ++i) {
            const RoundCounts& counts = *trained[i];
            const qint64 all =
                counts.trainedCorrect + counts.trainedIncorrect + counts.trainedUnknown;
            const qint64 count = counts.*field;
            if (count == 0) {
                continue;
            }
            ChartPoint point;
            point.x = i;
            point.y = static_cast<double>(count);
            point.n = all;
            point.label = roundName(counts.number);
            point.query =
                critiques(QStringLiteral("exported:%1 correct:%2").arg(counts.exportId).arg(word));
            point.toolTip =
                withClick(tr("%1, %2\n%3 of %4 examples: %5 %")
                              .arg(point.label, name, grouped(count), grouped(all),
                                   points(static_cast<double>(count) / static_cast<double>(all))));
            bars.points.push_back(point);
        }
        if (!bars.points.isEmpty()) {
            chart.series.push_back(bars);
        }
    }
    return chart;
}

ChartValue scalingChart(const SeriesInfos& all, const QString& set, ScoreKind kind) {
    ChartValue chart;
    chart.scale = ChartValue::Scale::Log;
    chart.title = tr("%1 by examples trained on").arg(scoreName(kind));
    chart.explanation = scoreExplanation(kind);
    chart.xTitle = tr("examples");
    chart.yTitle = scoreName(kind);
    chart.empty = tr("No model that was trained here is evaluated yet.");
    // Sizes are compared within a sweep; a series of its own has a line of its own.
    std::map<QString, int> trained; // rounds of a sweep's busiest cell
    for (const SeriesInfo& series : all) {
        const auto rounds = std::count_if(series.rounds.begin(), series.rounds.end(),
                                          [](const RoundInfo& one) { return one.kept > 0; });
        int& most = trained[sweepOf(series)];
        most = std::max(most, static_cast<int>(rounds));
    }
    std::map<std::pair<QString, int>, ChartSeries> groups;
    std::map<std::pair<QString, int>, QDateTime> changed;
    for (const SeriesInfo& series : all) {
        for (const RoundInfo& round : series.rounds) {
            const RoundScore* score = round.score(kind, {}, set);
            if (score == nullptr || !score->value) {
                continue;
            }
            if (round.number == 0 && !chart.level) {
                chart.level = *score->value;
                chart.levelName = tr("before training");
            }
            if (round.kept <= 0) {
                continue;
            }
            const QString recipe = round.recipe.isEmpty() ? series.recipe : round.recipe;
            const QString sweep = sweepOf(series);
            const bool byRound = !sweep.isEmpty() && trained[sweep] > 1;
            const std::pair key(sweep.isEmpty() ? series.name : sweep + QLatin1Char('/'),
                                byRound ? round.number : 0);
            ChartSeries& group = groups[key];
            changed[key] = std::max(changed[key], series.changed);
            group.name = (sweep.isEmpty() ? series.name : sweep) + QStringLiteral(" · ") + recipe;
            if (byRound) {
                group.name += QStringLiteral(", ") + roundName(round.number);
            }
            ChartPoint point = scorePoint(*score);
            point.x = static_cast<double>(round.kept);
            point.label = QStringLiteral("%1, %2: %3")
                              .arg(series.name, roundName(round.number),
                                   tr("%1 examples").arg(grouped(round.kept)));
            point.toolTip = point.label + QLatin1Char('\n') + scoreToolTip(*score);
            group.points.push_back(point);
        }
    }
    QVector<std::pair<QDateTime, std::pair<QString, int>>> newest;
    for (const auto& [key, time] : changed) {
        newest.push_back({time, key});
    }
    std::stable_sort(newest.begin(), newest.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [time, key] : newest.mid(0, kMostSeriesShown)) {
        ChartSeries& group = groups[key];
        std::sort(group.points.begin(), group.points.end(),
                  [](const ChartPoint& a, const ChartPoint& b) {
                      return std::tie(a.x, a.label) < std::tie(b.x, b.label);
                  });
        group.ink = static_cast<int>(chart.series.size());
        group.strong = group.ink == 0;
        chart.series.push_back(group);
    }
    if (newest.size() > kMostSeriesShown) {
        chart.title += tr(", the newest %1 of %2").arg(kMostSeriesShown).arg(newest.size());
    }
    return chart;
}

ChartValue lossChart(const SeriesDetail& detail) {
    ChartValue chart;
    chart.unit = ChartValue::Unit::Number;
    chart.scale = ChartValue::Scale::Value;
    chart.title = tr("Training loss");
    chart.explanation = tr("Loss by training step, as the trainer reports it; it grows while a "
                           "training goes on.");
    chart.xTitle = tr("step");
    chart.yTitle = tr("loss");
    chart.empty = tr("No training of this series has reported a loss yet.");
    const qsizetype first = std::max<qsizetype>(0, detail.trainings.size() - kMostSeriesShown);
    for (qsizetype i = first; i < detail.trainings.size(); ++i) {
        const TrainingInfo& training = detail.trainings[i];
        if (training.losses.isEmpty()) {
            continue;
        }
        ChartSeries line;
        line.name = roundName(training.round) + QStringLiteral(" · ") + training.trainer;
        line.ink = static_cast<int>(i - first);
        line.strong = i + 1 == detail.trainings.size();
        line.marks = false;
        for (const QPointF& loss : training.losses) {
            ChartPoint point;
            point.x = loss.x();
            point.y = loss.y();
            point.label = tr("step %1").arg(grouped(std::llround(loss.x())));
            point.toolTip = QStringLiteral("%1, %2\n").arg(line.name, point.label) +
                            tr("loss %1").arg(chartFigure(chart.unit, loss.y()));
            if (training.exportId != 0) {
                point.query = critiques(QStringLiteral("exported:%1").arg(training.exportId));
                point.toolTip +=
                    QLatin1Char('\n') + tr("Enter or a click shows what it was trained on");
            }
            line.points.push_back(point);
        }
        chart.series.push_back(line);
    }
    return chart;
}

QVector<FunnelStep> roundFunnel(const RoundInfo& round, const RoundCounts& counts) {
    qint64 made = 0;
    qint64 read = 0;
    qint64 passed = 0;
    qint64 judged = 0;
    qint64 kept = 0;
    for (const RoundCell& cell : counts.cells) {
        const bool parsed = cell.conclusion && cell.firstError;
        made += cell.count;
        read += parsed ? cell.count : 0;
        judged += isJudged(cell) ? cell.count : 0;
        passed += parsed && cell.validated == model::Outcome::Yes ? cell.count : 0;
        kept += cell.kept ? cell.count : 0;
    }
    QVector<FunnelStep> steps;
    const auto add = [&](const QString& title, qint64 left, bool narrows, const QString& tip,
                         std::optional<ListQuery> query = std::nullopt) {
        FunnelStep step;
        step.title = title;
        step.left = left;
        step.dropped = narrows ? std::max<qint64>(0, steps.last().left - left) : 0;
        step.toolTip = query ? withClick(tip) : tip;
        step.query = std::move(query);
        steps.push_back(step);
    };
    for (const RoundStep& step : round.before) {
        if (step.left > 0) {
            add(step.name, step.left, false, {});
        }
    }
    if (made == 0) {
        return steps;
    }
    add(tr("Critiques"), made, false, tr("What the critic wrote"), inRound(counts, QString()));
    add(tr("Read"), read, true, tr("Verdict and first error step could both be read"),
        inRound(counts, QStringLiteral("parsed:yes")));
    if (judged > 0) {
        add(tr("Self-validated"), passed, true,
            tr("The critic accepts its own correction without the reference"),
            inRound(counts, QStringLiteral("parsed:yes validated:yes")));
    }
    for (const RoundStep& step : round.curated) {
        if (step.left <= steps.last().left) { // what was read together with older rounds is more
            const QString why = exportStageExplanation(step.name);
            add(exportStageTitle(step.name), step.left, true,
                why.isEmpty() ? tr("What this rule of the round left") : why);
        }
    }
    if (counts.exportId != 0) {
        add(tr("Trained on"), kept, true,
            tr("Of this round's critiques, what its training was given"),
            inRound(counts, QStringLiteral("exported:%1").arg(counts.exportId)));
    }
    return steps;
}

} // namespace scrit::ui::bridge
