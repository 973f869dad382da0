// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <QPair>
#include <QString>
#include <QStringList>
#include <QVector>

// Values that the bridge hands to pages about the workspace as a whole and about long jobs.
namespace scrit::ui::models {

// What Overview shows; the counts of `scrit status`.
struct WorkspaceFacts {
    qint64 problems = 0;
    qint64 solutions = 0;
    qint64 solutionsCorrect = 0;
    qint64 solutionsIncorrect = 0;
    qint64 critiques = 0;
    qint64 critiquesParsed = 0;
    qint64 selfValidated = 0;
    qint64 answerMatched = 0;
    qint64 annotations = 0;
    qint64 validatedMatch = 0;
    qint64 validatedMismatch = 0;
    qint64 rejectedMatch = 0;
    qint64 rejectedMismatch = 0;
    QVector<QPair<QString, qint64>> sources; // problems by source, most first
    qint64 unfinishedImports = 0;
    qint64 fileBytes = 0;
    friend bool operator==(const WorkspaceFacts&, const WorkspaceFacts&) = default;
};

// What can go wrong, as a page shows it: what happened and what to do. The offer says which button
// would help.
struct Trouble {
    enum class Offer { None, OpenReadOnly, Retry };
    QString message;
    QString advice;
    Offer offer = Offer::None;
    QString path; // of the workspace the offer is about
};

// Where a long job stands.
struct JobState {
    QString title;    // "Importing", "Verifying"
    QString subject;  // file that is being read
    qint64 done = 0;  // units so far
    qint64 total = 0; // 0: not known
    qint64 items = 0; // lines or rows so far
    qint64 bad = 0;
    double seconds = 0; // since the job began

    // Items a second; 0 before the first half second.
    [[nodiscard]] double rate() const;
    // Seconds still to go, absent (-1) while that is a guess.
    [[nodiscard]] double remaining() const;
};

struct BadLine {
    QString file;
    qint64 line = 0;
    QString reason;
};

// One file of a finished import.
struct ImportedFile {
    QString file;
    QString format;
    qint64 lines = 0;
    qint64 added = 0;
    qint64 existing = 0;
    qint64 bad = 0;
    QString error; // the file could not be read to its end
};

// What an import did; shown until dismissed.
struct ImportResult {
    QVector<ImportedFile> files;
    QVector<BadLine> badLines;
    qint64 badLinesLeftOut = 0;
    bool cancelled = false;
    QString stopped; // why the whole import ended early; empty otherwise
    qint64 added = 0;
    qint64 existing = 0;
    qint64 bad = 0;
    qint64 lines = 0;
    double seconds = 0;
};

// What one verifier found about one kind of subject.
struct VerifiedCount {
    QString what; // "answers of solutions"
    qint64 yes = 0;
    qint64 no = 0;
    qint64 undecided = 0;
    qint64 added = 0; // verdicts that were not there before
};

// What a verification did; shown until dismissed.
struct VerifyResult {
    QString filter; // empty: everything
    qint64 solutions = 0;
    qint64 critiques = 0;
    qint64 reparsed = 0; // critiques whose parse or flags changed
    QVector<VerifiedCount> counts;
    bool cancelled = false;
    double seconds = 0;
};

// A workspace that was opened.
struct WorkspaceInfo {
    QString path;
    bool readOnly = false;
};

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::WorkspaceFacts)
Q_DECLARE_METATYPE(scrit::ui::models::Trouble)
Q_DECLARE_METATYPE(scrit::ui::models::JobState)
Q_DECLARE_METATYPE(scrit::ui::models::ImportResult)
Q_DECLARE_METATYPE(scrit::ui::models::VerifyResult)
Q_DECLARE_METATYPE(scrit::ui::models::WorkspaceInfo)
