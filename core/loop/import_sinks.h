// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/format/critique_importer.h"
#include "core/format/importer.h"
#include "core/store/reader.h"
#include "core/store/writer.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

// How records of files become rows. Private to core/loop; store() runs inside a write transaction
// on the caller's thread, open() and convert() have no state.
namespace scrit::loop {

struct FileSummary;

struct LineOutcome {
    bool added = false; // at least one new row
    std::string bad;    // not empty: nothing was stored, and why
};

// Problems with candidate solutions and labels.
class ProblemSink {
public:
    using Record = format::ImportedProblem;

    [[nodiscard]] static base::Expected<format::RecordReader>
    open(const std::filesystem::path& path, const format::ImportOptions& options);
    [[nodiscard]] static base::Expected<Record> convert(const format::ImportPlan& plan,
                                                        const format::RawRecord& record);
    void beginBatch() {}
    [[nodiscard]] base::Expected<LineOutcome> store(store::Writer& writer, Record&& record,
                                                    FileSummary& counts);
};

// Recorded critiques, with their problem and solution or with a reference to a stored solution.
class CritiqueSink {
public:
    using Record = format::ImportedCritique;

    // The reader is used during store() only.
    explicit CritiqueSink(store::Reader& reader) : m_reader(reader) {}

    [[nodiscard]] static base::Expected<format::RecordReader>
    open(const std::filesystem::path& path, const format::ImportOptions& options);
    [[nodiscard]] static base::Expected<Record> convert(const format::ImportPlan& plan,
                                                        const format::RawRecord& record);
    void beginBatch() { m_uncommitted.clear(); }
    [[nodiscard]] base::Expected<LineOutcome> store(store::Writer& writer, Record&& record,
                                                    FileSummary& counts);

private:
    struct Known {
        model::Solution solution;
        std::optional<bool> correct;
    };
    // The stored solution with that key or external id; nothing when there is none.
    [[nodiscard]] base::Expected<std::optional<Known>> resolve(store::Writer& writer,
                                                               std::string_view reference);

    store::Reader& m_reader;
    // Solutions of the running transaction, which the reader cannot see yet.
    std::unordered_map<std::int64_t, Known> m_uncommitted;
};

} // namespace scrit::loop
