// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "ui/models/column_table.h"
#include "ui/models/words.h"

#include <QDateTime>
#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>
#include <string>
#include <vector>

// What the Export page shows and asks for, as plain values.
namespace scrit::ui::models {

// One shape of rows that a dataset can have.
struct ExportView {
    QString name;         // "openai-chat"
    QString explanation;  // one line
    QString visible;      // fields that a model sees at inference: "problem, solution"
    QString target;       // fields that it learns to write
    bool pairs = false;   // a row is made of two critiques of one solution
    bool parquet = false; // can be written as Parquet
};

enum class ExportOrder { Stored, EasyFirst, HardFirst, Random };
// What makes a critique the chosen side of a pair.
enum class ExportPreference { SelfValidation, AnswerMatch };

struct ExportForm {
    QString view = QStringLiteral("openai-chat");
    QString filter; // of critiques
    QString folder;
    bool replace = false; // an earlier export in the folder
    bool parquet = false;
    bool keepLeaks = false;
    bool keepCopies = false;
    QStringList evaluationSets; // "filter:source:gsm8k", "frozen:NAME", "file:PATH"
    bool dropDuplicates = true;
    int nearPercent = 0;  // near duplicates go from here on; 0: they stay
    qint64 perSource = 0; // at most; 0: no cap
    qint64 perStudent = 0;
    QString balance = QStringLiteral("1:1"); // correct to incorrect; empty: as they come
    ExportPreference preference = ExportPreference::SelfValidation;
    ExportOrder order = ExportOrder::Stored;
    int validationPercent = 0; // of the problems
    int testPercent = 0;
    quint64 seed = 0;
    friend bool operator==(const ExportForm&, const ExportForm&) = default;
};

// One step from what the filter gives to what is written.
struct ExportStage {
    QString name; // as in the manifest: "selected", "readable", "no-mention" …
    qint64 left = 0;
    qint64 dropped = 0;
    friend bool operator==(const ExportStage&, const ExportStage&) = default;
};
using ExportStages = QVector<ExportStage>;

// A row as the trainer will see it, or one that is dropped, and why.
struct ExportSample {
    struct Turn {
        QString role; // "system", "user", "assistant"; the name of a field for other shapes
        std::string text;
        bool learned = false;             // what the model learns to write
        qint64 tokens = 0;                // about
        std::vector<base::Span> mentions; // of the reference; into the text
        std::vector<base::Span> copies;   // out of it
    };
    qint64 critiqueId = 0;
    qint64 rejectedId = 0; // of the other critique of a pair; else 0
    std::vector<Turn> turns;
    std::string text; // as it stands in the file
    qint64 tokens = 0;
    qint64 learnedTokens = 0;
    QString droppedBy; // name of the stage; empty: it is written
    QString split;

    [[nodiscard]] qint64 leaks() const;
};

struct ExportPreview {
    ExportStages stages; // "selected" first
    bool whole = false;  // all of the filter was looked at
    qint64 rows = 0;
    QVector<QPair<QString, qint64>> splits;
    QVector<ExportSample> samples; // written ones in the order of the file, then dropped ones
    qint64 tokens = 0;             // of the written samples
};

struct ExportResult {
    QString folder;
    qint64 rows = 0;
    QStringList files; // "train.jsonl: 1,155 rows, 3.2 MB"
    ExportStages stages;
    double seconds = 0;
};

// An export that was written earlier.
struct PastExport {
    qint64 id = 0;
    QString folder;
    QString view;
    QString filter;
    qint64 rows = -1; // -1: the manifest does not say
    QDateTime createdAt;
    bool there = true; // the folder still exists
    friend bool operator==(const PastExport&, const PastExport&) = default;
};

// The folder's name; that of a round's data set, which is always "data", with the folders above it
// that tell it from the others: "scrit / round-3 / data".
[[nodiscard]] QString exportTitle(const QString& folder);
// "Selected by the filter", "Reference not mentioned"; the name itself when it is not known.
[[nodiscard]] QString exportStageTitle(const QString& name);
[[nodiscard]] QString exportStageExplanation(const QString& name); // one sentence
// Why a row is dropped by a stage: "mentions the reference".
[[nodiscard]] QString exportDropWords(const QString& name);
[[nodiscard]] QString bytesText(qint64 bytes); // "3.2 MB"

// Rows of the preview. UI thread.
class ExportSampleModel final : public ColumnTable<ExportSample> {
    Q_OBJECT
public:
    enum Column { Row, Fate, Tokens, ColumnCount };
    explicit ExportSampleModel(QObject* parent = nullptr);
    void setRows(const QVector<ExportSample>& rows);
    [[nodiscard]] const ExportSample* rowAt(int row) const; // null: no such row

private:
    [[nodiscard]] QVariant cell(const ExportSample& value, int column, int role) const override;
};

// Exports of the workspace, newest first. UI thread.
class PastExportModel final : public ColumnTable<PastExport> {
    Q_OBJECT
public:
    enum Column { Folder, View, Rows, When, ColumnCount };
    explicit PastExportModel(QObject* parent = nullptr);
    void setExports(const QVector<PastExport>& past);
    [[nodiscard]] const PastExport* exportAt(int row) const; // null: no such row

private:
    [[nodiscard]] QVariant cell(const PastExport& value, int column, int role) const override;
};

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::ExportPreview)
Q_DECLARE_METATYPE(scrit::ui::models::ExportResult)
