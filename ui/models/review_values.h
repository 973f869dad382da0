// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_row.h"
#include "ui/models/words.h"

#include <QDateTime>
#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

// What the Review page shows and asks for, as plain values. Steps count from 0, -1 = no wrong step.
// Texts that come from files or people are visible text already.
namespace scrit::ui::models {

enum class Agreement { Agree, Disagree, Unsure }; // with the self-validation
enum class Validity { Valid, Invalid, Unsure };   // of the critique itself
enum class StepLabel { Correct, Wrong, Unsure };

// What a reviewer says about one critique. Absent: not said.
struct Judgement {
    std::optional<Agreement> agreement;
    std::optional<Validity> validity; // what is said where the self-validation is not known
    std::optional<int> firstError;    // the candidate's first wrong step
    QVector<QPair<int, StepLabel>> steps;
    std::optional<bool> correctionUsable;
    std::optional<QString> repairedAnswer; // of the problem; empty: wrong, the right one not known
    QStringList tags;
    QString comment;
    double seconds = 0; // spent on the item

    // Nothing is said at all; time alone says nothing.
    [[nodiscard]] bool isEmpty() const;
    friend bool operator==(const Judgement&, const Judgement&) = default;
};

// How the items of a queue are chosen.
enum class QueueStrategy { Everything, Disagreement, RedFlag, Random, Stratified };
// What strata are made of.
enum class Stratum { Source, Difficulty, Round, Verdict, Validated, Mode, Student, Critic };
enum class Quota { Proportional, Equal, Given };

// What somebody asks for in the form of a new queue.
struct QueueForm {
    QString name;
    QString filter; // of critiques
    QueueStrategy strategy = QueueStrategy::Random;
    QVector<Stratum> strata; // of a stratified queue
    Quota quota = Quota::Proportional;
    QString quotas; // given ones: "gsm8k=30, math=50"
    int size = 100; // items at most, gold ones not counted; 0: all of them
    quint64 seed = 0;
    bool blind = true;
    int gold = 0; // items with a known answer, mixed in
    friend bool operator==(const QueueForm&, const QueueForm&) = default;
};

// What a form would give.
struct QueuePreview {
    struct Part {
        QString name; // of the stratum
        qint64 available = 0;
        qint64 chosen = 0;
        friend bool operator==(const Part&, const Part&) = default;
    };
    qint64 matching = 0; // critiques of the filter
    qint64 chosen = 0;
    qint64 gold = 0;
    QVector<Part> parts; // of a stratified queue
    friend bool operator==(const QueuePreview&, const QueuePreview&) = default;
};

// A queue as the list of queues shows it.
struct QueueInfo {
    qint64 id = 0;
    QString name;
    QString filter;
    QueueStrategy strategy = QueueStrategy::Random;
    bool blind = false;
    quint64 seed = 0;
    qint64 items = 0;
    qint64 gold = 0;
    qint64 mine = 0;   // judged by this reviewer
    qint64 anyone = 0; // judged by somebody
    QDateTime createdAt;
    friend bool operator==(const QueueInfo&, const QueueInfo&) = default;
};
using QueueInfos = QVector<QueueInfo>;

// One place of a queue as its reviewer may see it.
struct ReviewItem {
    enum class State { Open, Done, Skipped };
    qint64 critiqueId = 0;
    qint64 position = 0; // in the queue, 0-based; does not change
    State state = State::Open;
    bool hideVerdicts = false; // what machines say is not shown: blind, and not judged yet
    std::optional<Judgement> mine;
    friend bool operator==(const ReviewItem&, const ReviewItem&) = default;
};
using ReviewItems = QVector<ReviewItem>;

// How far the reviewer is.
struct ReviewProgress {
    qint64 items = 0;
    qint64 mine = 0;
    qint64 skipped = 0; // by this reviewer, to come back to
    qint64 anyone = 0;
    qint64 goldSeen = 0; // gold items that this reviewer has judged
    qint64 goldRight = 0;
    friend bool operator==(const ReviewProgress&, const ReviewProgress&) = default;
};

// What became of a judgement, for the history: what the machines had said, and whether the two
// differ. Known only once the reviewer has judged.
struct HistoryEntry {
    qint64 position = -1;
    qint64 critiqueId = 0;
    Judgement judgement;
    bool skipped = false;
    std::optional<model::Outcome> validated; // self-validation
    std::optional<int> critiqueStep;         // first error step of the critique
    bool differs = false;                    // from what the machines had said
    std::optional<bool> goldRight;           // of a gold item; absent: no gold item
    friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};
using ReviewHistory = QVector<HistoryEntry>; // newest first

// What is around the item on screen: the next ones to fetch, the last ones judged.
struct ReviewAround {
    ReviewItems ahead;
    ReviewHistory history;
};

// An open queue.
struct ReviewSession {
    QueueInfo queue;
    QString annotator;
    std::optional<ReviewItem> item; // to look at first; absent: nothing is left
    ReviewProgress progress;
    ReviewAround around;
};

// The end of one step of a session. Everything it says is stored already.
struct ReviewStep {
    enum class Kind { Judged, Skipped, Undone, Moved };
    quint64 token = 0;
    Kind kind = Kind::Moved;
    std::optional<ReviewItem> item;    // to look at now; absent: there is none
    std::optional<HistoryEntry> entry; // of what was judged
    std::optional<ReviewProgress> progress;
    qint64 rescored = 0; // verdicts added because the problem's answer changed
};

// Agreement of two reviewers or of all, with its 95 % interval.
struct AgreementFigure {
    QString name; // "Percent agreement", "Cohen's κ", "Krippendorff's α"
    QString who;  // "ada and bo"; "all reviewers"
    std::optional<double> value;
    double low = 0;
    double high = 0;
    qint64 items = 0; // judged by both, or by two at least
    bool percent = false;
    friend bool operator==(const AgreementFigure&, const AgreementFigure&) = default;
};

// An item on which reviewers disagree.
struct Disagreement {
    struct Side {
        QString annotator;
        Judgement judgement;
        QDateTime at;
    };
    qint64 critiqueId = 0;
    QStringList about;   // "verdict", "first wrong step", "correction"
    QVector<Side> sides; // two at least
    std::optional<Judgement> adjudicated;
};

struct AgreementReport {
    QStringList annotators;
    QVector<AgreementFigure> figures;
    QVector<Disagreement> disagreements;
    qint64 items = 0; // judged by two reviewers at least
};

// What a merge of answers did.
struct MergeResult {
    QString file;
    QString queue;    // its name here; empty when it is not here
    qint64 items = 0; // in the file
    qint64 itemsAdded = 0;
    qint64 answers = 0; // in the file
    qint64 added = 0;
    qint64 existing = 0;
    qint64 unknown = 0; // about critiques that this workspace does not have
    qint64 bad = 0;     // lines that could not be read
    QStringList problems;
};

// What a pack holds.
struct PackResult {
    QString file;
    qint64 items = 0;
    qint64 answers = 0;
    qint64 bytes = 0;
};

// ---- words

[[nodiscard]] QString agreementWord(Agreement agreement); // "agree", "disagree", "unsure"
[[nodiscard]] Mark agreementMark(Agreement agreement);
[[nodiscard]] QString validityWord(Validity validity); // "right", "wrong", "unsure"
[[nodiscard]] Mark validityMark(Validity validity);
[[nodiscard]] QString stepLabelWord(StepLabel label); // "correct", "wrong", "unsure"
[[nodiscard]] Mark stepLabelMark(StepLabel label);
[[nodiscard]] QString strategyWord(QueueStrategy strategy);
[[nodiscard]] QString strategyExplanation(QueueStrategy strategy); // one sentence
[[nodiscard]] QString stratumWord(Stratum stratum);
// The mark that stands for a judgement: of its verdict, else of the first wrong step.
[[nodiscard]] Mark judgementMark(const Judgement& judgement);
// "disagree, step 2", "step 3", "no error", "skipped".
[[nodiscard]] QString judgementPhrase(const Judgement& judgement);
// The judgement in full, a line each, for tooltips and for adjudication.
[[nodiscard]] QString judgementText(const Judgement& judgement);
// The judgement and what the machines had said, a line each.
[[nodiscard]] QString historyText(const HistoryEntry& entry);

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::Judgement)
Q_DECLARE_METATYPE(scrit::ui::models::QueuePreview)
Q_DECLARE_METATYPE(scrit::ui::models::ReviewSession)
Q_DECLARE_METATYPE(scrit::ui::models::ReviewAround)
Q_DECLARE_METATYPE(scrit::ui::models::ReviewStep)
Q_DECLARE_METATYPE(scrit::ui::models::AgreementReport)
Q_DECLARE_METATYPE(scrit::ui::models::MergeResult)
Q_DECLARE_METATYPE(scrit::ui::models::PackResult)
