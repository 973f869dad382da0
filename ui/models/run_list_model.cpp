// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_list_model.h"

#include "ui/models/run_words.h"

#include <QLocale>

#include <algorithm>
#include <utility>

namespace scrit::ui::models {

namespace {

QVariant aligned(bool right) {
    return QVariant::fromValue(
        Qt::Alignment((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

QString stamp(const QDateTime& time) {
    return time.isValid() ? QLocale().toString(time, QLocale::ShortFormat) : QString();
}

} // namespace

RunListModel::RunListModel(QObject* parent) : QAbstractTableModel(parent) {}

void RunListModel::setRuns(RunSummaries runs) {
    const bool sameRows =
        std::equal(runs.begin(), runs.end(), m_runs.begin(), m_runs.end(),
                   [](const RunSummary& a, const RunSummary& b) { return a.id == b.id; });
    // A new run comes on top: everything below keeps its selection.
    const bool oneMore =
        runs.size() == m_runs.size() + 1 &&
        std::equal(runs.begin() + 1, runs.end(), m_runs.begin(), m_runs.end(),
                   [](const RunSummary& a, const RunSummary& b) { return a.id == b.id; });
    if (sameRows) {
        m_runs = std::move(runs);
        if (!m_runs.isEmpty()) {
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        }
    } else if (oneMore) {
        beginInsertRows({}, 0, 0);
        m_runs = std::move(runs);
        endInsertRows();
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    } else {
        beginResetModel();
        m_runs = std::move(runs);
        endResetModel();
    }
}

void RunListModel::setStatus(const RunStatus& status) {
    const int row = rowOf(status.runId);
    if (row < 0) {
        return;
    }
    RunSummary& run = m_runs[row];
    run.state = status.state;
    run.stages = status.stages;
    run.cost = status.cost;
    run.promptTokens = status.promptTokens;
    run.completionTokens = status.completionTokens;
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
}

const RunSummary* RunListModel::runAt(int row) const {
    return row >= 0 && row < m_runs.size() ? &m_runs[row] : nullptr;
}

const RunSummary* RunListModel::run(qint64 id) const {
    return runAt(rowOf(id));
}

int RunListModel::rowOf(qint64 id) const {
    const auto found = std::find_if(m_runs.begin(), m_runs.end(),
                                    [id](const RunSummary& run) { return run.id == id; });
    return found == m_runs.end() ? -1 : static_cast<int>(found - m_runs.begin());
}

int RunListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int RunListModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunListModel::data(const QModelIndex& index, int role) const {
    const RunSummary* run = runAt(index.row());
    if (run == nullptr) {
        return {};
    }
    const RunStage all = sumOf(run->stages);
    switch (role) {
    case Qt::TextAlignmentRole:
        return aligned(index.column() >= Progress);
    case MarkRole:
        return index.column() == State ? static_cast<int>(runStateMark(run->state))
                                       : static_cast<int>(Mark::None);
    case ShareRole:
        return index.column() == Progress && all.total() > 0
                   ? QVariant(static_cast<double>(all.ended()) / static_cast<double>(all.total()))
                   : QVariant();
    case MutedRole:
        return index.column() == Cost || (index.column() == Failed && all.failed == 0);
    case Qt::ToolTipRole:
        return tr("Run %1, %2: %3 of %4 items ended, %5 failed, %6.\n%7\nCreated %8.%9")
            .arg(QString::number(run->id), runStateWord(run->state), grouped(all.ended()),
                 grouped(all.total()), grouped(all.failed), costText(run->cost), settingsText(*run),
                 stamp(run->created),
                 run->error.isEmpty() ? QString() : QLatin1Char('\n') + run->error);
    case Qt::AccessibleTextRole:
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Recipe:
        return tr("%1  %2").arg(QString::number(run->id), run->recipe);
    case State:
        return runStateWord(run->state);
    case Progress:
        return shareText(all.ended(), all.total());
    case Failed:
        return grouped(all.failed);
    case Cost:
        return costText(run->cost);
    default:
        return {};
    }
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(section >= Progress);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Recipe:
        return tr("Run");
    case State:
        return tr("State");
    case Progress:
        return tr("Done");
    case Failed:
        return tr("Failed");
    case Cost:
        return tr("Cost");
    default:
        return {};
    }
}

RunErrorModel::RunErrorModel(QObject* parent) : QAbstractTableModel(parent) {}

void RunErrorModel::setErrors(RunErrors errors) {
    if (errors == m_errors) {
        return;
    }
    const bool sameRows =
        std::equal(errors.begin(), errors.end(), m_errors.begin(), m_errors.end(),
                   [](const RunError& a, const RunError& b) {
                       return a.stage == b.stage && a.code == b.code && a.skipped == b.skipped;
                   });
    if (sameRows) {
        m_errors = std::move(errors);
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_errors = std::move(errors);
    endResetModel();
}

const RunError* RunErrorModel::errorAt(int row) const {
    return row >= 0 && row < m_errors.size() ? &m_errors[row] : nullptr;
}

int RunErrorModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_errors.size());
}

int RunErrorModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunErrorModel::data(const QModelIndex& index, int role) const {
    const RunError* error = errorAt(index.row());
    if (error == nullptr) {
        return {};
    }
    switch (role) {
    case Qt::TextAlignmentRole:
        return aligned(index.column() == Count);
    case MarkRole:
        return static_cast<int>(index.column() != Cause ? Mark::None
                                : error->skipped        ? Mark::Unknown
                                                        : Mark::No);
    case MutedRole:
        return index.column() == Stage;
    case Qt::ToolTipRole:
        return tr("%1 (%2), %3 items in %4.\nItem %5: %6")
            .arg(errorCause(error->code), error->code, grouped(error->count),
                 stageTitle(error->stage), QString::number(error->exampleItem), error->example);
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Cause:
        return error->skipped ? tr("skipped: %1").arg(errorCause(error->code))
                              : errorCause(error->code);
    case Stage:
        return stageTitle(error->stage);
    case Count:
        return grouped(error->count);
    case Example:
        return error->example;
    default:
        return {};
    }
}

QVariant RunErrorModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(section == Count);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Cause:
        return tr("Cause");
    case Stage:
        return tr("Stage");
    case Count:
        return tr("Items");
    case Example:
        return tr("Newest message");
    default:
        return {};
    }
}

RunEndpointModel::RunEndpointModel(QObject* parent) : QAbstractTableModel(parent) {}

void RunEndpointModel::setEndpoints(const QVector<RunEndpoint>& endpoints) {
    const bool sameRows =
        std::equal(endpoints.begin(), endpoints.end(), m_endpoints.begin(), m_endpoints.end(),
                   [](const RunEndpoint& a, const RunEndpoint& b) {
                       return a.model == b.model && a.label == b.label;
                   });
    if (sameRows) {
        m_endpoints = endpoints;
        if (!m_endpoints.isEmpty()) {
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        }
        return;
    }
    beginResetModel();
    m_endpoints = endpoints;
    endResetModel();
}

int RunEndpointModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_endpoints.size());
}

int RunEndpointModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunEndpointModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_endpoints.size()) {
        return {};
    }
    const RunEndpoint& endpoint = m_endpoints[index.row()];
    switch (role) {
    case Qt::TextAlignmentRole:
        return aligned(index.column() >= InFlight);
    case MarkRole:
        return static_cast<int>(index.column() != Ready ? Mark::None
                                : endpoint.ready        ? Mark::Yes
                                                        : Mark::Unknown);
    case ShareRole:
        return index.column() == InFlight && endpoint.window > 0
                   ? QVariant(std::min(1.0, static_cast<double>(endpoint.inFlight) /
                                                static_cast<double>(endpoint.window)))
                   : QVariant();
    case Qt::ToolTipRole:
        return tr("%1 at %2: %3 requests in flight, at most %4 now; the window grows while the "
                  "server keeps up")
            .arg(endpoint.model, endpoint.label, grouped(endpoint.inFlight),
                 grouped(endpoint.window));
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case Name:
        return QString(endpoint.model + QStringLiteral("  ·  ") + endpoint.label);
    case Ready:
        return endpoint.ready ? tr("ready") : tr("starting");
    case InFlight:
        return tr("%1 of %2").arg(grouped(endpoint.inFlight), grouped(endpoint.window));
    case Rate:
        return rateText(endpoint.completionsPerSecond);
    case Tokens:
        return endpoint.tokensPerSecond > 0
                   ? tokensText(static_cast<qint64>(endpoint.tokensPerSecond))
                   : QString();
    case Errors:
        return grouped(endpoint.errors);
    default:
        return {};
    }
}

QVariant RunEndpointModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return aligned(section >= InFlight);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("Endpoint");
    case Ready:
        return tr("State");
    case InFlight:
        return tr("In flight");
    case Rate:
        return tr("Answers");
    case Tokens:
        return tr("Tokens/s");
    case Errors:
        return tr("Errors");
    default:
        return {};
    }
}

} // namespace scrit::ui::models
