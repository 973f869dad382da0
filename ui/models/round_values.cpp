// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/round_values.h"

#include "ui/models/figures.h"
#include "ui/models/translated.h"

#include <algorithm>
#include <cmath>

namespace scrit::ui::models {

namespace {

QString signedPoints(double share) {
    return (share < 0 ? QStringLiteral("−") : QStringLiteral("+")) + hundredths(std::abs(share));
}

} // namespace

QString scoreName(ScoreKind kind) {
    switch (kind) {
    case ScoreKind::CcAcc:
        return QStringLiteral("CC-Acc");
    case ScoreKind::EiF1:
        return tr("EI-F1 ±1");
    case ScoreKind::EiStrict:
        break;
    }
    return tr("EI-F1 strict");
}

QString scoreExplanation(ScoreKind kind) {
    switch (kind) {
    case ScoreKind::CcAcc:
        return tr("Share of critiques whose correction ends with the right answer (protocol cc).");
    case ScoreKind::EiF1:
        return tr("F1 of finding the first wrong step: within one step, and the correction must be "
                  "right (protocol ei-scrit). Not comparable with the strict one.");
    case ScoreKind::EiStrict:
        break;
    }
    return tr("F1 of finding the first wrong step exactly, as ProcessBench counts it (protocol "
              "ei-processbench).");
}

std::optional<ScoreKind> scoreKind(const QString& protocol, const QString& metric) {
    if (protocol.startsWith(QLatin1String("cc/")) && metric == QLatin1String("cc_acc")) {
        return ScoreKind::CcAcc;
    }
    if (metric == QLatin1String("f1") && protocol.startsWith(QLatin1String("ei-scrit/"))) {
        return ScoreKind::EiF1;
    }
    if (metric == QLatin1String("f1") && protocol.startsWith(QLatin1String("ei-processbench/"))) {
        return ScoreKind::EiStrict;
    }
    return std::nullopt;
}

const RoundScore* RoundInfo::score(ScoreKind kind, const QString& dataset,
                                   const QString& set) const {
    const auto found = std::find_if(scores.begin(), scores.end(), [&](const RoundScore& one) {
        return one.kind == kind && one.dataset == dataset && (set.isEmpty() || one.set == set);
    });
    return found == scores.end() ? nullptr : &*found;
}

QStringList SeriesInfo::sets() const {
    QStringList names;
    for (const RoundInfo& round : rounds) {
        for (const RoundScore& score : round.scores) {
            if (!names.contains(score.set)) {
                names << score.set;
            }
        }
    }
    return names;
}

const RoundInfo* SeriesInfo::round(qint64 id) const {
    const auto found = std::find_if(rounds.begin(), rounds.end(),
                                    [id](const RoundInfo& one) { return one.id == id; });
    return found == rounds.end() ? nullptr : &*found;
}

bool RoundInfo::hasStoredRates() const {
    // Group 0: the report was written where the answers to the problems were not known.
    return state == model::JobState::Done && !byAnswers.isEmpty() &&
           std::all_of(byAnswers.begin(), byAnswers.end(),
                       [](const RoundRate& one) { return one.group.toInt() > 0; });
}

bool SeriesInfo::isRunning() const {
    return std::any_of(rounds.begin(), rounds.end(),
                       [](const RoundInfo& one) { return one.state == model::JobState::Running; });
}

bool SeriesInfo::isOpen() const {
    return std::any_of(rounds.begin(), rounds.end(),
                       [](const RoundInfo& one) { return one.state != model::JobState::Done; });
}

const RoundCounts* SeriesDetail::round(qint64 id) const {
    const auto found = std::find_if(counts.begin(), counts.end(),
                                    [id](const RoundCounts& one) { return one.roundId == id; });
    return found == counts.end() ? nullptr : &*found;
}

bool SeriesDetail::isTraining() const {
    return std::any_of(trainings.begin(), trainings.end(), [](const TrainingInfo& one) {
        return one.state == model::JobState::Running;
    });
}

QString changeWord(ItemChange::Kind kind) {
    switch (kind) {
    case ItemChange::Kind::Fixed:
        return tr("fixed");
    case ItemChange::Kind::Broken:
        return tr("broken");
    case ItemChange::Kind::StillRight:
        return tr("still right");
    case ItemChange::Kind::StillWrong:
        break;
    }
    return tr("still wrong");
}

QString jobStateWord(model::JobState state) {
    switch (state) {
    case model::JobState::Planned:
        return tr("planned");
    case model::JobState::Running:
        return tr("running");
    case model::JobState::Stopped:
        return tr("stopped");
    case model::JobState::Done:
        return tr("done");
    case model::JobState::Failed:
        break;
    }
    return tr("failed");
}

Mark jobStateMark(model::JobState state) {
    switch (state) {
    case model::JobState::Done:
        return Mark::Yes;
    case model::JobState::Failed:
        return Mark::No;
    default:
        return Mark::None;
    }
}

QString stageWord(const QString& stage) {
    if (stage == QLatin1String("critique")) {
        return tr("critique");
    }
    if (stage == QLatin1String("curate")) {
        return tr("curate");
    }
    if (stage == QLatin1String("train")) {
        return tr("train");
    }
    if (stage == QLatin1String("serve")) {
        return tr("serve");
    }
    if (stage == QLatin1String("evaluate")) {
        return tr("evaluate");
    }
    return stage;
}

QString points(double share) {
    return hundredths(share);
}

QString scoreText(const RoundScore& score) {
    return score.value ? QStringLiteral("%1 (%2–%3)")
                             .arg(points(*score.value), points(score.low), points(score.high))
                       : QStringLiteral("–");
}

QString deltaFigure(const RoundDelta& delta) {
    return signedPoints(delta.change);
}

QString deltaSentence(const RoundDelta& delta) {
    QString text =
        tr("%1 points (95 %: %2 to %3): ")
            .arg(signedPoints(delta.change), signedPoints(delta.low), signedPoints(delta.high));
    text += !delta.significant ? tr("not more than chance")
            : delta.change < 0 ? tr("a significant regression")
                               : tr("a significant gain");
    if (delta.fixed + delta.broken > 0) {
        text += tr("; %1 items fixed, %2 broken").arg(grouped(delta.fixed), grouped(delta.broken));
    }
    return text;
}

QString roundFilter(const RoundCounts& counts) {
    QStringList runs;
    for (const qint64 run : counts.runs) {
        runs << QStringLiteral("run:%1").arg(run);
    }
    return runs.size() > 1 ? QLatin1Char('(') + runs.join(QStringLiteral(" OR ")) + QLatin1Char(')')
                           : runs.value(0);
}

} // namespace scrit::ui::models
