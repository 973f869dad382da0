// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/format/critique_importer.h"
#include "core/format/importer.h"
#include "core/loop/progress.h"
#include "core/store/workspace.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Files → workspace. Lines are read and written on the caller's thread and converted on a small
// pool; memory is bounded by the pool's queue, whatever the size of the files. Each batch of lines
// is one transaction, so that a kill at any moment leaves whole batches and an import row that is
// still "running" (Status::unfinishedImports); importing again adds only what is missing.
namespace scrit::loop {

struct ImportJobOptions {
    format::ImportOptions format;
    bool strict = false;            // the first bad line ends the import with its reason
    std::size_t batchRecords = 500; // records of one transaction, at most
    std::size_t batchBytes = std::size_t{4} << 20U; // their text, about
    std::size_t maxBadLines = 10'000;               // how many bad lines are kept with their reason
    int threads = 0; // of the conversion; 0: by the machine, at most 4
};

// What one file gave. lines = added + existing + bad. A line is `added` when it stored at least one
// new row (problem, solution, critique, verdict), `existing` when all of it was there already.
// Blank lines do not count. Only committed lines are counted.
struct FileSummary {
    std::string file;
    std::string format;
    std::uint64_t lines = 0;
    std::uint64_t added = 0;
    std::uint64_t existing = 0;
    std::uint64_t bad = 0;
    std::uint64_t problems = 0; // rows added, by kind
    std::uint64_t solutions = 0;
    std::uint64_t critiques = 0;
    std::uint64_t verdicts = 0;
    std::uint64_t repaired =
        0; // good lines in which something was repaired, e.g. bytes not in UTF-8
    std::optional<base::Error> error; // the file could not be opened or read to its end
};

struct ImportSummary {
    std::vector<FileSummary> files; // in the order given; files that were not begun are left out
    FileSummary total;              // sums; `file` and `format` are empty
    std::vector<format::BadLine> badLines; // at most maxBadLines, in order
    std::uint64_t badLinesLeftOut = 0;
    bool cancelled = false; // stopped by the token; what was committed stays
    // Why the whole import ended early: the workspace could not be written, or a bad line under
    // strict. What was committed before stays and the import row says "failed" where that could
    // still be written.
    std::optional<base::Error> stopped;

    // True when every line of every file is accounted for.
    [[nodiscard]] bool complete() const;
};

// Imports files of problems and candidate solutions. A file that cannot be opened or read is noted
// in its FileSummary and the next one goes on. Never two imports into one workspace at a time.
[[nodiscard]] ImportSummary importFiles(store::Workspace& workspace,
                                        const std::vector<std::filesystem::path>& files,
                                        const ImportJobOptions& options,
                                        const ProgressFunction& progress = {},
                                        const base::CancelToken& cancel = {});

// The same for files of recorded critiques. A critique that names its solution finds it by content
// key or by external id; one whose solution is not in the workspace is a bad line. Each critique is
// parsed on the way in.
[[nodiscard]] ImportSummary importCritiqueFiles(store::Workspace& workspace,
                                                const std::vector<std::filesystem::path>& files,
                                                const ImportJobOptions& options,
                                                const ProgressFunction& progress = {},
                                                const base::CancelToken& cancel = {});

} // namespace scrit::loop
