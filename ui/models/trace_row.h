// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/flags.h"
#include "core/model/names.h"

#include <QMetaType>
#include <QString>
#include <QVector>

#include <optional>

// What the table of traces shows, ready for the screen: texts are visible text already. Plain
// values, made on the reading thread and handed over whole.
namespace scrit::ui::models {

// What the table has one row of.
enum class ListKind { Critiques, Solutions, Problems };

// Orders that the workspace offers.
enum class SortKey { Id, Source, FirstErrorStep, Tokens, Round };

// What the table shows: one filter, one kind of row, one order.
struct ListQuery {
    ListKind kind = ListKind::Critiques;
    QString filter;
    SortKey sort = SortKey::Id;
    bool descending = false;
    friend bool operator==(const ListQuery&, const ListQuery&) = default;
};

// One row. Fields that do not apply to the kind of row stay empty; steps are 0-based, -1 = no
// error.
struct TraceRow {
    qint64 id = 0;
    qint64 problemId = 0;
    qint64 solutionId = 0;
    qint64 critiqueId = 0;
    QString source;
    QString split;
    QString subject;
    QString level;
    QString student;
    std::optional<bool> solutionCorrect;
    std::optional<int> labelStep;
    model::CritiqueMode mode = model::CritiqueMode::Recorded;
    QString critic;
    int round = 0;
    std::optional<model::Conclusion> conclusion;
    std::optional<int> firstErrorStep;
    std::optional<model::Outcome> validated;
    std::optional<model::Outcome> answerMatch;
    model::Flags flags;
    QString annotation;
    qint64 tokens = 0;
    int critiqueCount = 0;
    QString excerpt;
};

using TraceRows = QVector<TraceRow>;
using RowIds = QVector<qint64>;

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::ListQuery)
Q_DECLARE_METATYPE(scrit::ui::models::TraceRows)
