// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/formats.h"
#include "core/format/importer.h"
#include "core/format/record_source.h"

#include <deque>
#include <functional>
#include <optional>

// What files of problems and files of critiques share: opening, telling the format, driving the
// sinks.
namespace scrit::format {

// How the two kinds of files differ when they are opened.
struct OpenSettings {
    std::vector<FormatInfo> formats;
    std::vector<std::string_view> mappable;
    std::function<std::string_view(const Fields&)> matching; // format name by keys, or empty
    std::string adviceForUnknown;
};

struct RecordReader::State {
    std::unique_ptr<RecordSource> source;
    std::shared_ptr<const ImportPlan> plan;
    std::deque<RawRecord> peeked;      // read ahead to tell the format
    std::optional<base::Error> failed; // met while reading ahead
    std::uint64_t given = 0;
    bool ended = false;

    [[nodiscard]] static base::Expected<RecordReader> open(const std::filesystem::path& path,
                                                           const ImportOptions& options,
                                                           const OpenSettings& settings);
    [[nodiscard]] base::Expected<std::string> detect(const OpenSettings& settings);
};

// Reads all records, converts each and gives it to a sink; the common part of importFile and
// importCritiques. Progress is told at most 200 times.
template<typename Sinks, typename Convert>
[[nodiscard]] base::Expected<ImportCounts> driveImport(RecordReader& reader, const Sinks& sinks,
                                                       const Convert& convert,
                                                       const base::CancelToken& cancel) {
    ImportCounts counts;
    RawRecord record;
    const ImportProgress start = reader.progress();
    const std::uint64_t every = std::max<std::uint64_t>(start.total / 200, std::uint64_t{1} << 20U);
    std::uint64_t told = 0;
    for (;;) {
        if (cancel.isCancelled()) {
            return base::fail(base::ErrorCode::Cancelled, "the import was stopped");
        }
        const base::Expected<bool> more = reader.next(record);
        if (!more) {
            return base::fail(more.error());
        }
        if (const ImportProgress now = reader.progress();
            sinks.progress && (!*more || now.bytes >= told + every)) {
            told = now.bytes;
            sinks.progress(now);
        }
        if (!*more) {
            return counts;
        }
        ++counts.lines;
        auto converted = convert(*reader.plan(), record);
        base::Expected<void> taken;
        if (converted) {
            ++counts.good;
            taken = sinks.record(std::move(*converted), record.line);
        } else {
            ++counts.bad;
            taken =
                sinks.badLine(BadLine{reader.plan()->file, record.line, converted.error().message});
        }
        if (!taken) {
            return base::fail(taken.error());
        }
    }
}

} // namespace scrit::format
