// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/import_driver.h"

#include "core/loop/import_sinks.h"
#include "core/loop/ordered_pool.h"
#include "core/loop/progress_throttle.h"
#include "core/store/writer.h"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

namespace scrit::loop {
namespace {

namespace fs = std::filesystem;

struct RawBatch {
    std::vector<format::RawRecord> records;
    format::ImportProgress progress; // of the reader after the last record
};

template<typename T>
struct ConvertedLine {
    std::uint64_t line = 0;
    base::Expected<T> value;
};

template<typename T>
struct ConvertedBatch {
    std::vector<ConvertedLine<T>> lines;
    format::ImportProgress progress;
};

std::uint64_t sizeOnDisk(const fs::path& path) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(path, error);
    return error ? 0 : size;
}

void addTo(FileSummary& sum, const FileSummary& part) {
    sum.lines += part.lines;
    sum.added += part.added;
    sum.existing += part.existing;
    sum.bad += part.bad;
    sum.problems += part.problems;
    sum.solutions += part.solutions;
    sum.critiques += part.critiques;
    sum.verdicts += part.verdicts;
    sum.repaired += part.repaired;
}

// One import job. `Sink` knows how one kind of record is opened, converted and stored; see
// import_sinks.h.
template<typename Sink>
class ImportJob {
    using Record = typename Sink::Record;

public:
    ImportJob(store::Workspace& workspace, Sink& sink, const ImportJobOptions& options,
              const ProgressFunction& progress, base::CancelToken cancel)
        : m_workspace(workspace), m_sink(sink), m_options(options), m_throttle(progress),
          m_cancel(std::move(cancel)) {}

    ImportSummary run(const std::vector<fs::path>& files) {
        for (const fs::path& file : files) {
            m_progress.total += sizeOnDisk(file);
        }
        m_progress.stage = "import";
        for (const fs::path& file : files) {
            importOne(file);
            if (m_summary.stopped || m_summary.cancelled) {
                break;
            }
        }
        m_progress.items = m_summary.total.lines;
        m_throttle.tellNow(m_progress);
        return std::move(m_summary);
    }

private:
    void importOne(const fs::path& path) {
        m_file = FileSummary{};
        m_file.file = path.string();
        if (m_cancel.isCancelled()) {
            m_summary.cancelled = true;
            return;
        }
        const std::uint64_t bytesBefore = m_progress.done;
        base::Expected<format::RecordReader> reader = Sink::open(path, m_options.format);
        if (!reader) {
            m_file.error = std::move(reader.error());
        } else {
            m_file.format = reader->plan()->format;
            importOpened(*reader);
        }
        if (m_file.error && m_options.strict && !m_summary.stopped) {
            m_summary.stopped = m_file.error;
        }
        addTo(m_summary.total, m_file);
        m_progress.done = bytesBefore + sizeOnDisk(path);
        m_summary.files.push_back(std::move(m_file));
    }

    void importOpened(format::RecordReader& reader) {
        std::int64_t importId = 0;
        const base::Expected<void> begun =
            m_workspace.write([&](store::Writer& writer) -> base::Expected<void> {
                const base::Expected<std::int64_t> id =
                    writer.beginImport(m_file.file, m_file.format);
                if (!id) {
                    return base::fail(id.error());
                }
                importId = *id;
                return {};
            });
        if (!begun) {
            m_summary.stopped = begun.error();
            return;
        }
        std::string_view state = "done";
        if (const base::Expected<void> ended = streamLines(reader); !ended) {
            m_summary.stopped = ended.error();
            state = "failed";
        } else if (m_file.error) {
            state = "failed";
        } else if (m_summary.cancelled) {
            state = "cancelled";
        }
        const store::Writer::ImportTotals totals = {
            static_cast<std::int64_t>(m_file.lines), static_cast<std::int64_t>(m_file.added),
            static_cast<std::int64_t>(m_file.existing), static_cast<std::int64_t>(m_file.bad)};
        const base::Expected<void> closed =
            m_workspace.write([&](store::Writer& writer) -> base::Expected<void> {
                return writer.endImport(importId, totals, state);
            });
        if (!closed && !m_summary.stopped) { // the row stays "running": visible as unfinished
            m_summary.stopped = closed.error();
        }
    }

    // Reads, converts and stores. The error is the workspace's or, under strict, the bad line's;
    // an error of the file goes to m_file.error.
    base::Expected<void> streamLines(format::RecordReader& reader) {
        const std::shared_ptr<const format::ImportPlan> plan = reader.plan();
        const int threads = workerThreads(m_options.threads);
        OrderedPool<RawBatch, ConvertedBatch<Record>> pool(
            threads, static_cast<std::size_t>(threads) + 1,
            [this, plan](RawBatch&& batch) {
                ConvertedBatch<Record> out;
                out.progress = batch.progress;
                out.lines.reserve(batch.records.size());
                for (const format::RawRecord& record : batch.records) {
                    out.lines.push_back({record.line, m_sink.convert(*plan, record)});
                }
                return out;
            },
            [this](ConvertedBatch<Record>&& batch) { return storeBatch(std::move(batch)); });
        for (bool more = true; more;) {
            RawBatch batch = readBatch(reader, more);
            if (m_cancel.isCancelled()) {
                m_summary.cancelled = true;
                return {};
            }
            if (!batch.records.empty()) {
                if (auto pushed = pool.push(std::move(batch)); !pushed) {
                    return pushed;
                }
            }
        }
        return pool.drain();
    }

    // An error of the file ends it after this batch: lines before it are good.
    RawBatch readBatch(format::RecordReader& reader, bool& more) {
        RawBatch batch;
        std::size_t bytes = 0;
        while (batch.records.size() < m_options.batchRecords && bytes < m_options.batchBytes &&
               !m_cancel.isCancelled()) {
            format::RawRecord record;
            base::Expected<bool> read = reader.next(record);
            if (!read) {
                m_file.error = std::move(read.error());
            }
            if (!read || !*read) {
                more = false;
                break;
            }
            bytes += record.text.size();
            batch.records.push_back(std::move(record));
        }
        batch.progress = reader.progress();
        return batch;
    }

    base::Expected<void> storeBatch(ConvertedBatch<Record>&& batch) {
        if (m_cancel.isCancelled()) {
            m_summary.cancelled = true;
            return {};
        }
        FileSummary counts;
        std::vector<format::BadLine> bad;
        base::Expected<void> written =
            m_workspace.write([&](store::Writer& writer) -> base::Expected<void> {
                m_sink.beginBatch();
                for (ConvertedLine<Record>& line : batch.lines) {
                    if (auto stored = storeLine(writer, line, counts, bad); !stored) {
                        return stored;
                    }
                    if (m_options.strict && !bad.empty()) {
                        break;
                    }
                }
                return {};
            });
        if (!written) {
            return written;
        }
        addTo(m_file, counts);
        for (format::BadLine& line : bad) {
            if (m_summary.badLines.size() < m_options.maxBadLines) {
                m_summary.badLines.push_back(line);
            } else {
                ++m_summary.badLinesLeftOut;
            }
        }
        tellProgress(batch.progress);
        if (m_options.strict && !bad.empty()) {
            return base::fail(base::ErrorCode::Parse,
                              bad.front().file + ":" + std::to_string(bad.front().line) + ": " +
                                  bad.front().reason,
                              "correct the line, or import without --strict");
        }
        return {};
    }

    base::Expected<void> storeLine(store::Writer& writer, ConvertedLine<Record>& line,
                                   FileSummary& counts, std::vector<format::BadLine>& bad) {
        ++counts.lines;
        std::string reason;
        if (!line.value) {
            reason = line.value.error().message;
        } else {
            const bool repaired = !line.value->notes.empty();
            base::Expected<LineOutcome> outcome =
                m_sink.store(writer, std::move(*line.value), counts);
            if (!outcome) {
                return base::fail(outcome.error());
            }
            reason = std::move(outcome->bad);
            if (reason.empty()) {
                ++(outcome->added ? counts.added : counts.existing);
                counts.repaired += repaired ? 1 : 0;
            }
        }
        if (!reason.empty()) {
            ++counts.bad;
            bad.push_back({m_file.file, line.line, std::move(reason)});
        }
        return {};
    }

    void tellProgress(const format::ImportProgress& ofFile) {
        JobProgress now = m_progress;
        now.subject = m_file.file;
        now.done += ofFile.bytes;
        now.items = m_summary.total.lines + m_file.lines;
        now.bad = m_summary.total.bad + m_file.bad;
        m_throttle.tell(now);
    }

    store::Workspace& m_workspace;
    Sink& m_sink;
    const ImportJobOptions& m_options;
    ProgressThrottle m_throttle;
    base::CancelToken m_cancel;
    ImportSummary m_summary;
    FileSummary m_file;
    JobProgress m_progress;
};

} // namespace

bool ImportSummary::complete() const {
    return !cancelled && !stopped && std::ranges::none_of(files, [](const FileSummary& file) {
        return file.error.has_value();
    });
}

ImportSummary importFiles(store::Workspace& workspace, const std::vector<fs::path>& files,
                          const ImportJobOptions& options, const ProgressFunction& progress,
                          const base::CancelToken& cancel) {
    ProblemSink sink;
    return ImportJob<ProblemSink>(workspace, sink, options, progress, cancel).run(files);
}

ImportSummary importCritiqueFiles(store::Workspace& workspace, const std::vector<fs::path>& files,
                                  const ImportJobOptions& options, const ProgressFunction& progress,
                                  const base::CancelToken& cancel) {
    CritiqueSink sink(workspace);
    return ImportJob<CritiqueSink>(workspace, sink, options, progress, cancel).run(files);
}

} // namespace scrit::loop
