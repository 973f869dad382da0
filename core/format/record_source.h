// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/importer.h"

#include <memory>
#include <string>
#include <vector>

namespace scrit::format {

// The raw records of one file in file order. Constant memory: at most one record and one block.
// Used by one thread.
class RecordSource {
public:
    RecordSource() = default;
    RecordSource(const RecordSource&) = delete;
    RecordSource& operator=(const RecordSource&) = delete;
    virtual ~RecordSource() = default;

    // True and the next record, or false at the end.
    [[nodiscard]] virtual base::Expected<bool> next(RawRecord& record) = 0;
    [[nodiscard]] virtual std::uint64_t bytesConsumed() const = 0;
    [[nodiscard]] virtual std::uint64_t bytesTotal() const = 0;
};

// A file whose layout has been decided: one JSON object a line; JSON values one after the other or
// in one list; or CSV, which is the only one with a header.
struct OpenedRecords {
    std::unique_ptr<RecordSource> source;
    std::vector<std::string> header;
    char delimiter = ',';
};

// Decides the layout by the first 64 KiB: text that starts with "[" or with an object over several
// lines is JSON values, other text with "{" is lines; the rest is CSV when the file is named so or
// its first line has one of the `knownColumns`, else lines. Invalid for a CSV header with an empty
// or double name.
[[nodiscard]] base::Expected<OpenedRecords>
openRecords(const std::filesystem::path& path, std::size_t maxRecordBytes,
            const std::vector<std::string_view>& knownColumns);

} // namespace scrit::format
