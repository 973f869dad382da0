// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/round_convert.h"

#include "core/store/round_reader.h"
#include "core/store/run_reader.h"
#include "ui/bridge/convert.h"
#include "ui/models/translated.h"
#include "ui/models/visible_text.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <unordered_map>

namespace scrit::ui::bridge {

namespace {

using base::Expected;
using base::fail;
using ModelNames = std::unordered_map<std::int64_t, QString>;

constexpr std::size_t kNameLength = 80;

QString label(std::string_view utf8) {
    return models::labelText(utf8, kNameLength);
}

std::optional<models::RoundDelta> delta(const std::optional<loop::ScoreChange>& change) {
    if (!change) {
        return std::nullopt;
    }
    return models::RoundDelta{
        change->value,       change->interval.low,      change->interval.high,
        change->significant, change->fixed.value_or(0), change->broken.value_or(0)};
}

void addScores(const loop::RoundReport& report, models::RoundInfo& info) {
    for (const loop::RoundScore& score : report.scores) {
        const auto kind = models::scoreKind(text(score.protocol), text(score.metric));
        if (!kind) {
            continue;
        }
        models::RoundScore out;
        out.kind = *kind;
        out.set = label(score.set);
        out.protocol = label(score.protocol);
        out.dataset = text(score.dataset);
        out.n = score.n;
        out.value = score.value;
        if (score.interval) {
            out.low = score.interval->low;
            out.high = score.interval->high;
        }
        out.evaluationId = score.evaluationId;
        out.toBase = delta(score.toBase);
        out.toPrevious = delta(score.toPrevious);
        info.scores.push_back(out);
    }
}

void addReport(const model::Round& round, models::RoundInfo& info) {
    const auto report = loop::reportOfRound(round);
    if (!report) {
        return;
    }
    addScores(*report, info);
    info.error = models::labelText(report->error);
    info.kept = report->kept.value_or(-1);
    if (report->funnel) {
        info.before = {{tr("Problems"), report->funnel->problems},
                       {tr("Candidate solutions"), report->funnel->solutions},
                       {tr("To be criticised"), report->funnel->selected}};
    }
    const auto ratesOf = [](const std::vector<loop::ValidationRate>& rates) {
        QVector<models::RoundRate> out;
        for (const loop::ValidationRate& rate : rates) {
            out.push_back({text(rate.group), rate.n, rate.validated});
        }
        return out;
    };
    info.byAnswers = ratesOf(report->byAnswers);
    info.byLevel = ratesOf(report->byLevel);
    for (const auto& [step, left] : report->curated) {
        info.curated.push_back({label(step), left});
    }
}

models::RoundInfo roundInfo(const model::Round& round, const ModelNames& names) {
    const auto named = [&names](const std::optional<std::int64_t>& id) {
        const auto found = id ? names.find(*id) : names.end();
        return found == names.end() ? QString() : found->second;
    };
    models::RoundInfo info;
    info.id = round.id;
    info.number = round.number;
    info.recipe = label(round.recipe);
    info.state = round.state;
    info.stage = text(round.stage);
    info.baseModel = named(round.baseModelId);
    info.resultModel = named(round.resultModelId);
    info.seed = round.seed;
    info.policy = text(round.policy);
    info.started = timeOf(round.startedAt);
    info.finished = timeOf(round.finishedAt);
    addReport(round, info);
    return info;
}

} // namespace

Expected<models::SeriesInfos> seriesInfos(store::Reader& reader) {
    store::RoundReader rounds(reader);
    const auto rows = rounds.series();
    if (!rows) {
        return fail(rows.error());
    }
    models::SeriesInfos all;
    if (rows->empty()) {
        return all;
    }
    const auto known = store::RunReader(reader).models(true);
    if (!known) {
        return fail(known.error());
    }
    ModelNames names;
    for (const model::Model& model : *known) {
        names[model.id] = label(model.name);
    }
    for (const store::SeriesRow& row : *rows) {
        const auto stored = rounds.rounds(row.name);
        if (!stored) {
            return fail(stored.error());
        }
        models::SeriesInfo series;
        series.name = text(row.name);
        series.recipe = label(row.recipe);
        series.state = row.state;
        series.changed = timeOf(row.changedAt);
        for (const model::Round& round : *stored) {
            series.rounds.push_back(roundInfo(round, names));
        }
        all.push_back(series);
    }
    return all;
}

Expected<QVector<models::TrainingInfo>> seriesTrainings(store::Reader& reader,
                                                        const models::SeriesInfo& series) {
    QVector<models::TrainingInfo> all;
    store::RoundReader rounds(reader);
    for (const models::RoundInfo& round : series.rounds) {
        const auto stored = rounds.trainingsOf(round.id);
        if (!stored) {
            return fail(stored.error());
        }
        for (const model::Training& one : *stored) {
            models::TrainingInfo info;
            info.id = one.id;
            info.round = round.number;
            info.trainer = label(one.trainer);
            info.baseModel = round.baseModel;
            info.state = one.state;
            info.error = models::labelText(one.error);
            info.exportId = one.exportId.value_or(0);
            info.losses = lossPoints(one.losses);
            all.push_back(info);
        }
    }
    return all;
}

models::RoundCounts roundCounts(const models::RoundInfo& round, const store::RoundCounts& counts) {
    models::RoundCounts out;
    out.roundId = round.id;
    out.number = round.number;
    out.runs = QVector<qint64>(counts.runs.begin(), counts.runs.end());
    out.pairs = counts.pairs;
    out.exportId = counts.exportId.value_or(0);
    out.trainedCorrect = counts.trainedCorrect;
    out.trainedIncorrect = counts.trainedIncorrect;
    out.trainedUnknown = counts.trainedUnknown;
    for (const store::RoundCell& cell : counts.cells) {
        out.cells.push_back({text(cell.source), cell.uniqueAnswers, text(cell.level), cell.correct,
                             cell.mode, cell.conclusion, cell.firstErrorStep, cell.validated,
                             cell.answer, cell.kept, cell.count});
    }
    return out;
}

QVector<QPointF> lossPoints(const std::string& json) {
    QVector<QPointF> points;
    const QJsonArray rows =
        QJsonDocument::fromJson(
            QByteArray::fromRawData(json.data(), static_cast<qsizetype>(json.size())))
            .array();
    points.reserve(rows.size());
    for (const auto& row : rows) {
        const QJsonArray pair = row.toArray();
        if (pair.size() == 2 && pair[0].isDouble() && pair[1].isDouble()) {
            points << QPointF(pair[0].toDouble(), pair[1].toDouble());
        }
    }
    return points;
}

models::RoundComparison roundComparison(const loop::EvaluationComparison& comparison) {
    models::RoundComparison out;
    out.before = comparison.before.id;
    out.after = comparison.after.id;
    out.sameSet = comparison.sameSet;
    out.sameSettings = comparison.sameSettings;
    for (const loop::Difference& one : comparison.differences) {
        const auto kind = models::scoreKind(text(one.protocol), text(one.metric));
        if (kind) {
            out.scores.push_back(
                {*kind,
                 text(one.dataset),
                 one.n,
                 one.before,
                 one.after,
                 {one.after - one.before, one.interval.low, one.interval.high, one.significant,
                  static_cast<qint64>(one.fixed.size()), static_cast<qint64>(one.broken.size())}});
        }
    }
    for (const loop::ItemChange& item : comparison.items) {
        const QString protocol = text(item.protocol);
        auto kind = models::scoreKind(protocol, QStringLiteral("f1"));
        if (!kind) {
            kind = models::scoreKind(protocol, QStringLiteral("cc_acc"));
        }
        if (!kind) {
            continue; // own solutions are no common items
        }
        using Kind = models::ItemChange::Kind;
        out.items.push_back({item.isFixed()    ? Kind::Fixed
                             : item.isBroken() ? Kind::Broken
                             : item.after      ? Kind::StillRight
                                               : Kind::StillWrong,
                             *kind, text(item.dataset), item.problemId, item.solutionBefore,
                             item.solutionAfter, item.critiqueBefore, item.critiqueAfter,
                             item.sample, QString()});
    }
    return out;
}

} // namespace scrit::ui::bridge
