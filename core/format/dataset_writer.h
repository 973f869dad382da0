// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/format/exporter.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>

namespace scrit::format {

// Native: the view's own kind of file. Parquet: the same rows, converted by DuckDB's library, which
// is looked for when it is needed.
enum class FileType { Native, Parquet };

// A model that had a part in the data: what the workspace knows of it, without its address.
struct DatasetModel {
    std::string name;
    std::string kind;  // backend
    std::string model; // what its server calls it, or its file; may be empty
};

// What the manifest and the dataset card say about how the data came to be.
struct DatasetInfo {
    std::string title;  // heading of the card; the folder's name when empty
    std::string filter; // the filter expression, as typed
    std::string recipe; // name, may be empty
    std::uint64_t seed = 0;
    // What else was asked for, by name: {"balance", "1:1"} …
    std::vector<std::pair<std::string, std::string>> settings;
    // Counts in order: {"selected", 1200}, {"no-mention", 1180} …
    std::vector<std::pair<std::string, std::uint64_t>> stages;
    std::vector<DatasetModel> models;
    std::string softwareVersion;
    std::int64_t createdAt =
        0;                // unix milliseconds; 0 leaves the time out (same bytes on every run)
    bool replace = false; // a folder with an earlier export may be replaced
    bool ordered = false; // rows are put in order of the key that add() is given
    FileType fileType = FileType::Native;
};

struct DatasetFile {
    std::string name;  // relative to the folder
    std::string split; // "train", "test", …
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::string sha256;
};

struct DatasetSummary {
    std::filesystem::path folder;
    std::uint64_t rows = 0;
    std::vector<DatasetFile> files;
    std::map<std::string, std::uint64_t> dropped; // reason → items that the view has no row for
};

// Whether an export made the folder: only such a one, and nothing else, may be replaced.
[[nodiscard]] bool isEarlierExport(const std::filesystem::path& folder);

// Writes one dataset: a folder with one file per split, manifest.json, README.md (the dataset card)
// and what else the view's trainers want. Everything is written into a hidden folder beside the
// target, which finish() fsyncs and renames, so the target is either whole or not there; without
// finish() the hidden folder is removed. Rows stream: an order costs 24 bytes of memory and twice
// the room on the disk for each row, nothing else grows with them. Used by one thread.
class DatasetWriter {
public:
    // Exists when the folder is there and not empty (and not a replaceable export); Unavailable for
    // Parquet without its library, Invalid where the view has none; else as AtomicFile.
    [[nodiscard]] static base::Expected<DatasetWriter> create(const std::filesystem::path& folder,
                                                              const View& view, DatasetInfo info);
    DatasetWriter(DatasetWriter&&) noexcept;
    DatasetWriter& operator=(DatasetWriter&&) noexcept;
    ~DatasetWriter();

    // Renders and appends one row to the file of the split (made of letters, digits, '-', '_';
    // empty is "train"). True when a row was written, false when the view has none for this item.
    [[nodiscard]] base::Expected<bool> add(const ExportItem& item, std::string_view split = {});
    // Appends a row that was rendered elsewhere (View::render, without line end). `item` is what it
    // was made of, of a pair the chosen one. Smaller keys come first where the rows are ordered;
    // equal ones stay as they were added.
    [[nodiscard]] base::Expected<void> addRow(std::string_view row, const ExportItem& item,
                                              std::string_view split = {}, std::uint64_t key = 0);
    // Counts items that the view has no row for.
    void drop(const std::string& reason, std::uint64_t count = 1);
    // Adds a stage count that is known only while writing.
    void addStage(std::string name, std::uint64_t count);
    // Completes the files, the manifest and the card and puts the folder in place. Cancelled when
    // the token says so before that.
    [[nodiscard]] base::Expected<DatasetSummary> finish(const base::CancelToken& cancel = {});

private:
    struct State;
    explicit DatasetWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace scrit::format
