// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/round_charts.h"

#include "core/eval/intervals.h"
#include "ui/models/filter_syntax.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

namespace scrit::ui::bridge {

using namespace models;

namespace {

constexpr int kMostSeries = 6;
constexpr int kMostSources = 5; // with all together: as many as there are inks

QString tr(const char* words) {
    return QCoreApplication::translate("Rounds", words);
}

ListQuery critiques(const QString& filter) {
    return {ListKind::Critiques, filter, SortKey::Id, false};
}

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

QVector<const SeriesInfo*> chosenFirst(const SeriesInfos& all, const QString& chosen, bool only) {
    QVector<const SeriesInfo*> order;
    for (const SeriesInfo& one : all) {
        if (one.name == chosen) {
            order.prepend(&one);
        } else if (!only) {
            order.push_back(&one);
        }
    }
    return order;
}

} // namespace

ChartValue scoreChart(const SeriesInfos& all, const QString& chosen, const QString& set,
                      ScoreKind kind, bool onlyChosen) {
    ChartValue chart;
    chart.title = tr("%1 by round").arg(scoreName(kind));
    chart.explanation = scoreExplanation(kind);
    chart.xTitle = tr("round");
    chart.yTitle = scoreName(kind);
    chart.empty = tr("No round of this series is evaluated yet.");
    for (const SeriesInfo* series : chosenFirst(all, chosen, onlyChosen)) {
        ChartSeries line;
        line.name = series->name +
                    (series->recipe.isEmpty() ? QString() : QStringLiteral(" · ") + series->recipe);
        line.strong = series->name == chosen;
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
        if (!line.points.isEmpty() && chart.series.size() < kMostSeries) {
            line.ink = static_cast<int>(chart.series.size());
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

namespace {

struct Tally {
    qint64 yes = 0;
    qint64 all = 0;
    void add(const RoundCell& cell) {
        all += cell.count;
        yes += cell.validated == model::Outcome::Yes ? cell.count : 0;
    }
};

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

ChartValue validationChart(const RoundCounts& counts) {
    std::map<QString, std::map<int, Tally>> bySource; // empty name: all together
    std::map<QString, Tally> byLevel;
    std::map<QString, qint64> sizes;
    for (const RoundCell& cell : counts.cells) {
        if (!cell.validated) {
            continue;
        }
        for (const QString& source : {QString(), cell.source}) {
            bySource[source][cell.uniqueAnswers].add(cell);
        }
        if (!cell.level.isEmpty()) {
            byLevel[cell.level].add(cell);
        }
        sizes[cell.source] += cell.count;
    }
    if (bySource[QString()].size() == 1 && byLevel.size() > 1) {
        return validationByLevel(counts, byLevel);
    }
    QVector<std::pair<qint64, QString>> largest;
    for (const auto& [source, size] : sizes) {
        largest.push_back({-size, source});
    }
    std::sort(largest.begin(), largest.end());
    ChartValue chart;
    chart.title = tr("Self-validation by difficulty, %1").arg(roundName(counts.number));
    chart.explanation = tr("Share of critiques that pass, by the number of different final answers "
                           "that the candidates of a problem gave: the more, the harder.");
    chart.xTitle = tr("different answers to the problem");
    chart.yTitle = tr("validated");
    chart.empty = tr("This round has no self-validation yet.");
    QStringList order{QString()};
    if (largest.size() > 1) { // one source is all of them
        for (const auto& [size, source] : largest.mid(0, kMostSources)) {
            order << source;
        }
    }
    for (const QString& source : order) {
        ChartSeries line;
        line.name = source.isEmpty() ? tr("all sources") : source;
        line.strong = source.isEmpty();
        line.ink = static_cast<int>(chart.series.size());
        for (const auto& [answers, tally] : bySource[source]) {
            ChartPoint point;
            point.x = answers;
            setShare(point, tally.yes, tally.all);
            point.label = answers == 1 ? tr("1 answer") : tr("%1 different answers").arg(answers);
            QString filter = QStringLiteral("unique-answers:%1 validated:yes").arg(answers);
            if (!source.isEmpty()) {
                filter.prepend(QStringLiteral("source:") + quotedFilterValue(source) +
                               QLatin1Char(' '));
            }
            point.query = inRound(counts, filter);
            point.toolTip =
                withClick(tr("%1, %2\n%3 of %4 validated: %5 % (%6–%7)")
                              .arg(line.name, point.label, grouped(tally.yes), grouped(tally.all),
                                   points(point.y), points(*point.low), points(*point.high)));
            line.points.push_back(point);
        }
        if (!line.points.isEmpty()) {
            chart.series.push_back(line);
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
    // Sizes are compared across series of one recipe where there are several, within one otherwise.
    int trained = 0;
    for (const SeriesInfo& series : all) {
        trained += std::any_of(series.rounds.begin(), series.rounds.end(),
                               [](const RoundInfo& one) { return one.kept > 0; })
                       ? 1
                       : 0;
    }
    std::map<std::pair<QString, int>, ChartSeries> groups;
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
            ChartSeries& group = groups[{recipe, trained > 1 ? round.number : 0}];
            group.name = trained > 1 ? tr("%1, round %2").arg(recipe).arg(round.number)
                                     : series.name + QStringLiteral(" · ") + recipe;
            ChartPoint point = scorePoint(*score);
            point.x = static_cast<double>(round.kept);
            point.label = QStringLiteral("%1, %2: %3")
                              .arg(series.name, roundName(round.number),
                                   tr("%1 examples").arg(grouped(round.kept)));
            point.toolTip = point.label + QLatin1Char('\n') + scoreToolTip(*score);
            group.points.push_back(point);
        }
    }
    for (auto& [key, group] : groups) {
        std::stable_sort(group.points.begin(), group.points.end(),
                         [](const ChartPoint& a, const ChartPoint& b) { return a.x < b.x; });
        group.ink = static_cast<int>(chart.series.size());
        group.strong = group.ink == 0;
        if (group.ink < kMostSeries) {
            chart.series.push_back(group);
        }
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
    const qsizetype first = std::max<qsizetype>(0, detail.trainings.size() - kMostSeries);
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
        judged += cell.validated ? cell.count : 0;
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
            add(step.name, step.left, true, tr("What this rule of the round left"));
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
