// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/column_table.h"
#include "ui/models/words.h"

#include <QMetaType>
#include <QString>
#include <QVector>

#include <optional>
#include <string>

// The answer bench: final answers that two judges see differently, as plain values. Texts that come
// from files are visible text already, but for the answers, which are shown typeset.
namespace scrit::ui::models {

// What one judge says: a verifier under one protocol, or a data set's label.
struct BenchVerdict {
    QString judge; // "answer-match/2", "label of gsm8k"
    Mark mark = Mark::None;
    QString word;     // "right", "wrong", "undecided"
    QString rule;     // what decided; may be empty
    QString goldRead; // the two answers as the judge read them; may be empty
    QString answerRead;
    friend bool operator==(const BenchVerdict&, const BenchVerdict&) = default;
};

struct BenchRow {
    bool ofCritique = false; // the answer of a critique's correction, else of a solution
    qint64 subjectId = 0;
    std::string gold; // as stored
    std::string answer;
    BenchVerdict older;
    BenchVerdict newer;
    std::optional<bool> decided; // what a person said
    QString decidedBy;
    friend bool operator==(const BenchRow&, const BenchRow&) = default;
};

struct BenchQuery {
    bool ofCritiques = false;
    QString filter;
    bool undecided = false; // undecided against right or wrong counts as well
    QString between;        // two judges, see BenchPair; empty: all
    friend bool operator==(const BenchQuery&, const BenchQuery&) = default;
};

// Two judges and how often they disagree.
struct BenchPair {
    QString name; // "label of gsm8k ≠ answer-match/2"
    qint64 count = 0;
    friend bool operator==(const BenchPair&, const BenchPair&) = default;
};

struct BenchReport {
    QVector<BenchRow> rows;   // the first of them, in order of id
    QVector<BenchPair> pairs; // of all, whatever BenchQuery::between says; most frequent first
    qint64 total = 0;         // rows there are
    bool complete = false;    // false: still looking
};

// The rows of the bench. UI thread.
class BenchModel final : public ColumnTable<BenchRow> {
    Q_OBJECT
public:
    enum Column { Id, Gold, Answer, Older, Newer, Decided, ColumnCount };
    explicit BenchModel(QObject* parent = nullptr);
    // Rows that follow the ones there already are appended, so that selection and scroll stay.
    void setRows(const QVector<BenchRow>& rows);
    // A decision of that subject, in all of its rows.
    void setDecided(qint64 subjectId, std::optional<bool> right, const QString& person);
    [[nodiscard]] const BenchRow* rowAt(int row) const; // null: no such row

private:
    [[nodiscard]] QVariant cell(const BenchRow& value, int column, int role) const override;
};

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::BenchReport)
