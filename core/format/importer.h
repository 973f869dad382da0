// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/format/line_reader.h"
#include "core/model/lineage.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Files of problems and candidate solutions → model values. Nothing here knows the workspace:
// values go to callbacks with ids 0 and content keys set.
namespace scrit::format {

struct ImportOptions {
    std::string as = "auto"; // a name of importFormats(), or "auto"
    std::map<std::string, std::string>
        fieldMap;       // our field → key of the file; see mappableFields()
    std::string source; // data set name; empty: the record's own, else the file's
    std::string split;  // empty: the record's own, else what the file name says
    std::size_t maxLineBytes = kMaxLineBytes;
    // What the user can do where the format of a file cannot be told; empty: the formats and field
    // maps that there are.
    std::string unknownFormatAdvice;
};

// A candidate solution and what its data set says about it. Labels are verdicts of verifier "label"
// about the solution: protocol "label/answer" (Yes: the final answer is right) and
// "label/first-error" (step = first wrong step or kNoError; Yes when there is none).
struct ImportedSolution {
    model::Solution solution;
    std::vector<model::Verdict> labels;
};

// One record of a file: a problem and its candidate solutions (often one, possibly none). All keys
// are set; every id is 0.
struct ImportedProblem {
    model::Problem problem;
    std::vector<ImportedSolution> solutions;
    std::vector<std::string>
        notes; // what was repaired, e.g. "bytes that are not UTF-8 were made visible"
};

// A line that gave nothing. `line` counts from 1; for a record over several lines it is its first.
struct BadLine {
    std::string file;
    std::uint64_t line = 0;
    std::string reason;
};

struct ImportProgress {
    std::uint64_t lines = 0; // records read so far, good and bad; blank lines do not count
    std::uint64_t bytes = 0; // bytes of the file on disk used so far
    std::uint64_t total = 0; // size of the file on disk, 0 when not known
};

// Name and one line of description, for help texts and choosers.
struct FormatInfo {
    std::string_view name;
    std::string_view description;
};
// realcritic, processbench, gsm8k, math, prm800k, scrit, generic.
[[nodiscard]] const std::vector<FormatInfo>& importFormats();
// The fields that ImportOptions::fieldMap may name: problem, solution, steps, answer,
// reference_solution, author, source, split, id, correct, first_error_step, choices, subject,
// level.
[[nodiscard]] const std::vector<std::string_view>& mappableFields();

// One record as it stands in the file, before conversion.
struct RawRecord {
    std::uint64_t line = 0;
    std::string text;
    std::string bad; // not empty: the reader itself could not take it (too long, unclosed quote);
                     // the reason
};

// What the conversion of one file's records needs to know. Immutable and shared freely between
// threads.
struct ImportPlan {
    std::string file;   // as given
    std::string format; // a name of importFormats(), never "auto"
    ImportOptions options;
    std::vector<std::string> header; // column names of a CSV file; empty for JSON
    char delimiter = ',';            // between the cells of a CSV file
};

// The records of one file, in order and in constant memory: lines of JSON Lines, elements of one
// JSON array or of pretty-printed JSON objects in a row, rows of a CSV file (RFC 4180, quoted
// fields may span lines). Used by one thread; the records may be converted on any.
class RecordReader {
public:
    // Opens the file and decides its layout and format. Invalid: unknown format or field name, or a
    // format that cannot be told; other errors as LineReader::open. An empty file is no error.
    [[nodiscard]] static base::Expected<RecordReader> open(const std::filesystem::path& path,
                                                           const ImportOptions& options);
    RecordReader(RecordReader&&) noexcept;
    RecordReader& operator=(RecordReader&&) noexcept;
    ~RecordReader();

    [[nodiscard]] const std::shared_ptr<const ImportPlan>& plan() const;
    // True and the next record, or false at the end; blank lines are passed over.
    [[nodiscard]] base::Expected<bool> next(RawRecord& record);
    [[nodiscard]] ImportProgress progress() const;

    struct State; // private to this folder (record_reader_state.h)

private:
    explicit RecordReader(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

// The model values of one record; pure, so that it may run on any thread. The error (code Parse) is
// the reason why the record is bad and names the field or the column.
[[nodiscard]] base::Expected<ImportedProblem> convertRecord(const ImportPlan& plan,
                                                            const RawRecord& record);

// Called on the caller's thread, in file order. A sink that returns an error ends the import with
// it: that is how a full disk or --strict stops it.
struct ImportSinks {
    std::function<base::Expected<void>(ImportedProblem&&, std::uint64_t line)> record;
    std::function<base::Expected<void>(const BadLine&)> badLine;
    std::function<void(const ImportProgress&)>
        progress; // may be empty; called a few hundred times at most
};

struct ImportCounts {
    std::uint64_t lines = 0; // = good + bad
    std::uint64_t good = 0;
    std::uint64_t bad = 0;
};

// Reads the whole file through the sinks. Cancelled when the token says so, else the errors of the
// reader or of a sink; what was given to the sinks before stays given.
[[nodiscard]] base::Expected<ImportCounts> importFile(const std::filesystem::path& path,
                                                      const ImportOptions& options,
                                                      const ImportSinks& sinks,
                                                      const base::CancelToken& cancel = {});

// The name of the format that a file's first readable records have, or Invalid with the keys that
// were seen. "generic" where the fields can be guessed.
[[nodiscard]] base::Expected<std::string> detectFormat(const std::filesystem::path& path);

// The content identities of core/model/lineage.h.
[[nodiscard]] std::string problemKey(const model::Problem& problem);
[[nodiscard]] std::string solutionKey(std::string_view problemKey, const model::Solution& solution);

} // namespace scrit::format
