// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/exporter.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>

namespace scrit::format {

// What the manifest and the dataset card say about how the data came to be.
struct DatasetInfo {
    std::string title;  // heading of the card; the folder's name when empty
    std::string filter; // the filter expression, as typed
    std::string recipe; // name, may be empty
    std::uint64_t seed = 0;
    std::vector<std::pair<std::string, std::uint64_t>>
        stages; // counts before writing, in order:
                // {"selected", 1200}, {"leak", 1180} …
    std::string softwareVersion;
    std::int64_t createdAt =
        0;                // unix milliseconds; 0 leaves the time out (same bytes on every run)
    bool replace = false; // a folder with an earlier export may be replaced
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

// Writes one dataset: a folder with one file per split, manifest.json and README.md (the dataset
// card). Everything is written into a hidden folder beside the target, which finish() fsyncs and
// renames, so the target is either whole or not there; without finish() the hidden folder is
// removed. Rows stream in constant memory. Used by one thread.
class DatasetWriter {
public:
    // Exists when the folder is there and not empty (and not a replaceable export); else as
    // AtomicFile.
    [[nodiscard]] static base::Expected<DatasetWriter> create(const std::filesystem::path& folder,
                                                              const View& view, DatasetInfo info);
    DatasetWriter(DatasetWriter&&) noexcept;
    DatasetWriter& operator=(DatasetWriter&&) noexcept;
    ~DatasetWriter();

    // Renders and appends one row to the file of the split (made of letters, digits, '-', '_';
    // empty is "train"). True when a row was written, false when the view has none for this item.
    [[nodiscard]] base::Expected<bool> add(const ExportItem& item, std::string_view split = {});
    // Adds a stage count that is known only while writing.
    void addStage(std::string name, std::uint64_t count);
    // Completes the files, the manifest and the card and puts the folder in place.
    [[nodiscard]] base::Expected<DatasetSummary> finish();

private:
    struct State;
    explicit DatasetWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

// "train" or "test" by a hash of the problem alone, so that all critiques of one problem are on one
// side, on every machine. testShare in [0, 1].
[[nodiscard]] std::string_view splitForProblem(std::string_view problemKey, double testShare,
                                               std::uint64_t seed);

} // namespace scrit::format
