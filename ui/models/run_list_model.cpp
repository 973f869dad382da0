// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_list_model.h"

#include "ui/models/run_words.h"

#include <QLocale>

#include <algorithm>
#include <utility>

namespace scrit::ui::models {

namespace {

QString stamp(const QDateTime& time) {
    return time.isValid() ? QLocale().toString(time, QLocale::ShortFormat) : QString();
}

} // namespace

RunListModel::RunListModel(QObject* parent)
    : ColumnTable({{tr("Run"), TableColumn::Align::Left},
                   {tr("State"), TableColumn::Align::Left},
                   {tr("Done"), TableColumn::Align::Right},
                   {tr("Failed"), TableColumn::Align::Right},
                   {tr("Cost"), TableColumn::Align::Right}},
                  parent) {}

void RunListModel::setRuns(RunSummaries runs) {
    refill(std::move(runs), [](const RunSummary& a, const RunSummary& b) { return a.id == b.id; });
}

void RunListModel::setStatus(const RunStatus& status) {
    const int row = rowOf(status.runId);
    if (row < 0) {
        return;
    }
    RunSummary& run = valueRef(row);
    run.state = status.state;
    run.stages = status.stages;
    run.cost = status.cost;
    run.promptTokens = status.promptTokens;
    run.completionTokens = status.completionTokens;
    contentsChanged(row, row);
}

const RunSummary* RunListModel::runAt(int row) const {
    return valueAt(row);
}

const RunSummary* RunListModel::run(qint64 id) const {
    return runAt(rowOf(id));
}

int RunListModel::rowOf(qint64 id) const {
    return rowWhere([id](const RunSummary& run) { return run.id == id; });
}

QVariant RunListModel::cell(const RunSummary& value, int column, int role) const {
    const RunStage all = sumOf(value.stages);
    switch (role) {
    case MarkRole:
        return column == State ? static_cast<int>(runStateMark(value.state))
                               : static_cast<int>(Mark::None);
    case ShareRole:
        return column == Progress && all.total() > 0
                   ? QVariant(static_cast<double>(all.ended()) / static_cast<double>(all.total()))
                   : QVariant();
    case MutedRole:
        return column == Cost || (column == Failed && all.failed == 0);
    case Qt::ToolTipRole:
        return tr("Run %1, %2: %3 of %4 items ended, %5 failed, %6.\n%7\nCreated %8.%9")
            .arg(QString::number(value.id), runStateWord(value.state), grouped(all.ended()),
                 grouped(all.total()), grouped(all.failed), costText(value.cost),
                 settingsText(value), stamp(value.created),
                 value.error.isEmpty() ? QString() : QLatin1Char('\n') + value.error);
    case Qt::AccessibleTextRole:
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Recipe:
        return tr("%1  %2").arg(QString::number(value.id), value.recipe);
    case State:
        return runStateWord(value.state);
    case Progress:
        return shareText(all.ended(), all.total());
    case Failed:
        return grouped(all.failed);
    case Cost:
        return costText(value.cost);
    default:
        return {};
    }
}

RunErrorModel::RunErrorModel(QObject* parent)
    : ColumnTable({{tr("Cause"), TableColumn::Align::Left},
                   {tr("Stage"), TableColumn::Align::Left},
                   {tr("Items"), TableColumn::Align::Right},
                   {tr("Newest message"), TableColumn::Align::Left}},
                  parent) {}

void RunErrorModel::setErrors(RunErrors errors) {
    if (errors != values()) {
        refill(std::move(errors), [](const RunError& a, const RunError& b) {
            return a.stage == b.stage && a.code == b.code && a.skipped == b.skipped;
        });
    }
}

const RunError* RunErrorModel::errorAt(int row) const {
    return valueAt(row);
}

QVariant RunErrorModel::cell(const RunError& value, int column, int role) const {
    switch (role) {
    case MarkRole:
        return static_cast<int>(column != Cause ? Mark::None
                                : value.skipped ? Mark::Unknown
                                                : Mark::No);
    case MutedRole:
        return column == Stage;
    case Qt::ToolTipRole:
        return tr("%1 (%2), %3 items in %4.\nItem %5: %6")
            .arg(errorCause(value.code), value.code, grouped(value.count), stageTitle(value.stage),
                 QString::number(value.exampleItem), value.example);
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Cause:
        return value.skipped ? tr("skipped: %1").arg(errorCause(value.code))
                             : errorCause(value.code);
    case Stage:
        return stageTitle(value.stage);
    case Count:
        return grouped(value.count);
    case Example:
        return value.example;
    default:
        return {};
    }
}

RunEndpointModel::RunEndpointModel(QObject* parent)
    : ColumnTable({{tr("Endpoint"), TableColumn::Align::Left},
                   {tr("State"), TableColumn::Align::Left},
                   {tr("In flight"), TableColumn::Align::Right},
                   {tr("Answers"), TableColumn::Align::Right},
                   {tr("Tokens/s"), TableColumn::Align::Right},
                   {tr("Errors"), TableColumn::Align::Right}},
                  parent) {}

void RunEndpointModel::setEndpoints(const QVector<RunEndpoint>& endpoints) {
    refill(endpoints, [](const RunEndpoint& a, const RunEndpoint& b) {
        return a.model == b.model && a.label == b.label;
    });
}

QVariant RunEndpointModel::cell(const RunEndpoint& value, int column, int role) const {
    switch (role) {
    case MarkRole:
        return static_cast<int>(column != Ready ? Mark::None
                                : value.ready   ? Mark::Yes
                                                : Mark::Unknown);
    case ShareRole:
        return column == InFlight && value.window > 0
                   ? QVariant(std::min(1.0, static_cast<double>(value.inFlight) /
                                                static_cast<double>(value.window)))
                   : QVariant();
    case Qt::ToolTipRole:
        return tr("%1 at %2: %3 requests in flight, at most %4 now; the window grows while the "
                  "server keeps up")
            .arg(value.model, value.label, grouped(value.inFlight), grouped(value.window));
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (column) {
    case Name:
        return QString(value.model + QStringLiteral("  ·  ") + value.label);
    case Ready:
        return value.ready ? tr("ready") : tr("starting");
    case InFlight:
        return tr("%1 of %2").arg(grouped(value.inFlight), grouped(value.window));
    case Rate:
        return rateText(value.completionsPerSecond);
    case Tokens:
        return value.tokensPerSecond > 0 ? tokensText(static_cast<qint64>(value.tokensPerSecond))
                                         : QString();
    case Errors:
        return grouped(value.errors);
    default:
        return {};
    }
}

} // namespace scrit::ui::models
