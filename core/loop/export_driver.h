// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/curate/difficulty.h"
#include "core/curate/selection.h"
#include "core/format/dataset_writer.h"
#include "core/loop/progress.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A filter over critiques → a dataset folder, or a look at what would be in it.
namespace scrit::loop {

using curate::Balance;
using curate::parseBalance;

// Problems that must not be trained on.
struct EvaluationSet {
    enum class Kind {
        Filter, // problems of the workspace: a filter over problems
        Frozen, // a frozen set of the workspace, by name
        File    // a file that `scrit import` reads, or plain text with one problem a line
    };
    Kind kind = Kind::Filter;
    std::string value;
    friend bool operator==(const EvaluationSet&, const EvaluationSet&) = default;
};
// "filter:EXPR", "frozen:NAME", "file:PATH"; a bare path is a file. Invalid for an empty one.
[[nodiscard]] base::Expected<EvaluationSet> parseEvaluationSet(std::string_view text);
[[nodiscard]] std::string text(const EvaluationSet& set);

// What makes a critique the chosen or the rejected side of a pair (views of pairs alone).
enum class Preference {
    SelfValidation, // validated against rejected
    AnswerMatch     // its correction's answer is right against wrong
};

// The defaults give every critique of the filter that has a row in the view and leaks nothing.
struct ExportJobOptions {
    std::string view = "openai-chat";
    std::filesystem::path folder; // of no meaning for a preview
    std::string filter;
    std::uint64_t seed = 0; // of everything random
    format::FileType fileType = format::FileType::Native;

    // The steps, in this order. What a step takes away, later ones do not see.
    bool keepHeldOut = false; // keep problems of frozen sets; views that are not for training do
    bool keepLeaks = false;   // keep targets that mention the reference solution
    bool keepCopies = false;  // keep targets that copy long spans of it
    std::vector<EvaluationSet> evaluationSets; // drop what shares 13 words with one of these
    bool dropDuplicates = false;               // of problem, solution and target; the first stays
    std::optional<double> nearDuplicates;      // drop from this similarity on, in (0, 1]
    std::uint64_t perSource = 0;               // at most so many of each data set; 0: all
    std::uint64_t perStudent = 0;              // at most so many of each student; 0: all
    std::optional<Balance> balance;            // not for views of pairs
    std::uint64_t examples = 0; // at most so many altogether, by the balance; 0: all; not for
                                // views of pairs
    Preference preference = Preference::SelfValidation; // views of pairs
    std::uint64_t pairsPerSolution = 0;                 // views of pairs; 0: as many as there are
    curate::Order order = curate::Order::Stored;
    double validationShare = 0; // of the problems, by hash; 0: none
    double testShare = 0;

    bool replace = false; // an earlier export in the folder may be replaced
    std::string title;
    std::string softwareVersion;
};

// The steps of an export that take critiques away, in their order. Names are stable: they stand in
// manifests and JSON.
namespace export_stage {
inline constexpr std::string_view kSelected = "selected";      // the filter gave them
inline constexpr std::string_view kReadable = "readable";      // the view has a row for them
inline constexpr std::string_view kTrainable = "trainable";    // no problem of a frozen set
inline constexpr std::string_view kNoMention = "no-mention";   // no mention of the reference
inline constexpr std::string_view kNoCopy = "no-copy";         // no long span copied out of it
inline constexpr std::string_view kClean = "decontaminated";   // nothing of an evaluation set
inline constexpr std::string_view kDistinct = "distinct";      // no exact duplicate
inline constexpr std::string_view kDissimilar = "dissimilar";  // no near duplicate
inline constexpr std::string_view kSourceCap = "per-source";   // not too many of one data set
inline constexpr std::string_view kStudentCap = "per-student"; // not too many of one student
inline constexpr std::string_view kBalanced = "balanced";      // the ratio of conclusions
inline constexpr std::string_view kSized = "sized";            // not more than asked for
inline constexpr std::string_view kPaired = "paired";          // critiques that are in a pair
} // namespace export_stage
// "mention the reference solution": what is wrong with those that the stage takes away.
[[nodiscard]] std::string_view dropReason(std::string_view stage);

struct ExportStage {
    std::string name;          // see export_stage
    std::uint64_t left = 0;    // critiques left after this step
    std::uint64_t dropped = 0; // critiques that this step took away
};

struct ExportSummary {
    std::vector<ExportStage> funnel; // the steps that were asked for, "selected" first
    format::DatasetSummary dataset;  // what was written; rows are pairs in views of pairs
    // Of the step; 0 when there was no such step.
    [[nodiscard]] std::uint64_t dropped(std::string_view stage) const;
    [[nodiscard]] std::uint64_t selected() const;
};

// Writes the dataset, records it in the workspace and leaves either a whole folder or none. Rows
// stream; memory does not grow with the texts: steps that must see all candidates first (caps,
// balance, pairs) keep 48 bytes of each, an order 24 of each row, duplicates what
// curate/duplicates.h says. The same workspace, options and seed give the same bytes. A workspace
// that is open read-only does not record the export. Errors: Invalid (view, filter, an option that
// the view has no use for), Exists (folder not empty), NotFound (evaluation set), Unavailable
// (Parquet without DuckDB's library), Cancelled, those of the workspace and of the file system.
[[nodiscard]] base::Expected<ExportSummary> exportDataset(store::Workspace& workspace,
                                                          const ExportJobOptions& options,
                                                          const ProgressFunction& progress = {},
                                                          const base::CancelToken& cancel = {});

// One turn of a row as the trainer will see it, with what it gives away marked (byte offsets into
// `text`; only in what is learned).
struct PreviewTurn {
    std::string role; // "system", "user", "assistant"; in other views the name of the field
    std::string text;
    bool learned = false;             // the loss is computed on it
    std::size_t tokens = 0;           // about
    std::vector<base::Span> mentions; // of the reference solution
    std::vector<base::Span> copies;   // long spans copied out of it
};

struct PreviewRow {
    std::int64_t critiqueId = 0;
    std::int64_t rejectedId = 0; // of the other critique of a pair; else 0
    std::int64_t solutionId = 0;
    std::int64_t problemId = 0;
    std::string droppedBy; // a stage; empty: this row will be written
    std::string split;     // "train" …
    std::string text;      // the row as it stands in the file; empty when it has none
    std::vector<PreviewTurn> turns;
    std::size_t tokens = 0;        // about, of all turns
    std::size_t learnedTokens = 0; // about
};

struct PreviewOptions {
    std::size_t rows = 20;           // at most so many rows
    std::size_t droppedPerStage = 3; // and so many examples of what each step takes away
    // Go through all critiques of the filter, so that the funnel is exact and the rows are the
    // first of the file. Otherwise the look ends with the last row wanted, steps that must see all
    // candidates (caps, balance, order) are left out, and the funnel counts what was looked at.
    bool wholeFunnel = true;
};

struct ExportPreview {
    std::vector<ExportStage> funnel;
    bool funnelIsWhole = false;
    std::uint64_t rows = 0; // that would be written (of those looked at)
    std::map<std::string, std::uint64_t> rowsBySplit;
    std::vector<PreviewRow> examples; // in the order of the file
    std::vector<PreviewRow> dropped;  // examples by stage, in order of the stages
    std::size_t tokens = 0;           // about, of the examples together
};

// What exportDataset() with these options would write, without writing anything anywhere. Errors as
// there, without those of the folder.
[[nodiscard]] base::Expected<ExportPreview> previewExport(store::Workspace& workspace,
                                                          const ExportJobOptions& options,
                                                          const PreviewOptions& preview = {},
                                                          const ProgressFunction& progress = {},
                                                          const base::CancelToken& cancel = {});

} // namespace scrit::loop
