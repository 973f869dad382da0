// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"
#include "core/model/round.h"
#include "ui/models/trace_row.h"
#include "ui/models/words.h"

#include <QDateTime>
#include <QMetaType>
#include <QPointF>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

// What the Rounds page shows, as plain values. Texts that come from files or models are visible
// text already. Shares are 0 to 1, steps 0-based with -1 = none, times local.
namespace scrit::ui::models {

// The figures that rounds are compared by.
enum class ScoreKind {
    CcAcc,    // share of right corrections (cc)
    EiStrict, // the first wrong step exactly (ei, as ProcessBench)
    EiF1,     // first wrong step within one and a right correction (ei, as SCRIT)
};
inline constexpr int kScoreKinds = 3;
[[nodiscard]] QString scoreName(ScoreKind kind);        // "CC-Acc", "EI-F1 strict", "EI-F1 ±1"
[[nodiscard]] QString scoreExplanation(ScoreKind kind); // a sentence, with the protocol
// Which of them a protocol and a metric are; nothing for any other figure.
[[nodiscard]] std::optional<ScoreKind> scoreKind(const QString& protocol, const QString& metric);

// How a figure changed on the items that two evaluations share.
struct RoundDelta {
    double change = 0; // of the share: 0.05 are 5 points
    double low = 0;    // 95 % interval, by a paired bootstrap
    double high = 0;
    bool significant = false;
    qint64 fixed = 0; // items that were wrong before
    qint64 broken = 0;
    friend bool operator==(const RoundDelta&, const RoundDelta&) = default;
};

// One figure of an evaluation. Without a value there was nothing to divide by.
struct RoundScore {
    ScoreKind kind = ScoreKind::CcAcc;
    QString set;      // the frozen set it was measured on
    QString protocol; // with its version
    QString dataset;  // empty: all
    qint64 n = 0;
    std::optional<double> value;
    double low = 0; // 95 % interval
    double high = 1;
    qint64 evaluationId = 0;
    std::optional<RoundDelta> toBase;     // to round 0
    std::optional<RoundDelta> toPrevious; // to the round before, where that is not round 0
    friend bool operator==(const RoundScore&, const RoundScore&) = default;
};

// Passes of self-validation in a group: a number of different answers, or a level.
struct RoundRate {
    QString group;
    qint64 judged = 0; // yes or no; what stayed undecided does not count
    qint64 passed = 0;
    friend bool operator==(const RoundRate&, const RoundRate&) = default;
};

// A step of a selection and what it left.
struct RoundStep {
    QString name;
    qint64 left = 0;
    friend bool operator==(const RoundStep&, const RoundStep&) = default;
};

struct RoundInfo {
    qint64 id = 0;
    int number = 0; // 0: before any training
    QString recipe;
    model::JobState state = model::JobState::Planned;
    QString stage;       // the first that is not finished; empty: all are
    QString baseModel;   // what criticises in it
    QString resultModel; // what its training made
    quint64 seed = 0;
    QString policy;   // JSON object
    QString error;    // why it stopped or failed, as far as that is stored
    qint64 kept = -1; // examples it was trained on; -1: not trained yet
    qint64 exportId = 0;
    QDateTime started;
    QDateTime finished;
    QVector<RoundScore> scores; // of all data sets and of each
    // Before the critiques: problems, candidates, those to criticise; and what curation left, step
    // by step.
    QVector<RoundStep> before;
    QVector<RoundStep> curated;
    // Self-validation as it was counted when the round ended; later series do not change it.
    QVector<RoundRate> byAnswers;
    QVector<RoundRate> byLevel;

    [[nodiscard]] bool hasStoredRates() const;
    // Null where it is not measured. Without a set: on the first one.
    [[nodiscard]] const RoundScore* score(ScoreKind kind, const QString& dataset = {},
                                          const QString& set = {}) const;
    friend bool operator==(const RoundInfo&, const RoundInfo&) = default;
};

// One evolution.
struct SeriesInfo {
    QString name;
    QString recipe;
    model::JobState state = model::JobState::Planned; // of its newest round
    QDateTime changed;
    QVector<RoundInfo> rounds; // by number

    [[nodiscard]] const RoundInfo* round(qint64 id) const;
    [[nodiscard]] bool isRunning() const;
    // A resume would go on with it.
    [[nodiscard]] bool isOpen() const;
    [[nodiscard]] QStringList sets() const; // that it was measured on
    friend bool operator==(const SeriesInfo&, const SeriesInfo&) = default;
};
using SeriesInfos = QVector<SeriesInfo>;

// Critiques of a round that are alike.
struct RoundCell {
    QString source;
    int uniqueAnswers = 0;       // different final answers to their problem
    QString level;               // of their problem, as its data set states it; may be empty
    std::optional<bool> correct; // the solution
    model::CritiqueMode mode = model::CritiqueMode::Direct;
    std::optional<model::Conclusion> conclusion;
    std::optional<int> firstError;
    std::optional<model::Outcome> validated;
    std::optional<model::Outcome> answer;
    bool kept = false; // the round's training has them
    qint64 count = 0;
    friend bool operator==(const RoundCell&, const RoundCell&) = default;
};

// What a round made, counted.
struct RoundCounts {
    qint64 roundId = 0;
    int number = 0;
    QVector<qint64> runs; // that made it
    qint64 pairs = 0;
    qint64 exportId = 0;       // what its training was given; 0: nothing yet
    qint64 trainedCorrect = 0; // examples about right solutions
    qint64 trainedIncorrect = 0;
    qint64 trainedUnknown = 0;
    QVector<RoundCell> cells;
    friend bool operator==(const RoundCounts&, const RoundCounts&) = default;
};

struct TrainingInfo {
    qint64 id = 0;
    int round = 0;
    QString trainer;
    QString baseModel;
    model::JobState state = model::JobState::Planned;
    QString error;
    qint64 exportId = 0;
    QVector<QPointF> losses; // step, loss
    friend bool operator==(const TrainingInfo&, const TrainingInfo&) = default;
};

// What is shown of one series alone.
struct SeriesDetail {
    QString series;
    QVector<RoundCounts> counts;
    QVector<TrainingInfo> trainings; // oldest first
    [[nodiscard]] const RoundCounts* round(qint64 id) const;
    [[nodiscard]] bool isTraining() const;
    friend bool operator==(const SeriesDetail&, const SeriesDetail&) = default;
};

// An item of two evaluations.
struct ItemChange {
    enum class Kind { Fixed, Broken, StillRight, StillWrong };
    Kind kind = Kind::StillRight;
    ScoreKind score = ScoreKind::CcAcc;
    QString dataset;
    qint64 problemId = 0;
    qint64 solutionBefore = 0;
    qint64 solutionAfter = 0;
    qint64 critiqueBefore = 0; // 0: there was none
    qint64 critiqueAfter = 0;
    int sample = 0;
    QString excerpt; // of the problem
    friend bool operator==(const ItemChange&, const ItemChange&) = default;
};
[[nodiscard]] QString changeWord(ItemChange::Kind kind);

// A figure of two evaluations on the items that both have.
struct ComparedScore {
    ScoreKind kind = ScoreKind::CcAcc;
    QString dataset; // empty: all
    qint64 n = 0;
    double before = 0;
    double after = 0;
    RoundDelta delta;
    friend bool operator==(const ComparedScore&, const ComparedScore&) = default;
};

struct RoundComparison {
    qint64 before = 0; // evaluations
    qint64 after = 0;
    bool sameSet = true;
    bool sameSettings = true;
    QVector<ComparedScore> scores;
    QVector<ItemChange> items;
};

// ---- words

[[nodiscard]] QString jobStateWord(model::JobState state);
[[nodiscard]] Mark jobStateMark(model::JobState state); // Done: Yes, Failed: No, else None
[[nodiscard]] QString stageWord(const QString& stage);  // "critique", "curate" …; "all" for none
[[nodiscard]] QString points(double share);             // "58.3": percentage points
[[nodiscard]] QString scoreText(const RoundScore& score);   // "58.3 (55.1–61.4)"
[[nodiscard]] QString deltaFigure(const RoundDelta& delta); // "+5.3", "−1.2": points
// "+5.3 points (95 %: +2.1 to +8.4): a significant gain; 12 items fixed, 3 broken"
[[nodiscard]] QString deltaSentence(const RoundDelta& delta);

// ---- filters that show what is counted

// Critiques that a round's runs made; empty when it has no run.
[[nodiscard]] QString roundFilter(const RoundCounts& counts);

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::SeriesInfos)
Q_DECLARE_METATYPE(scrit::ui::models::SeriesDetail)
Q_DECLARE_METATYPE(scrit::ui::models::RoundComparison)
