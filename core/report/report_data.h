// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/eval/audit.h"
#include "core/model/flags.h"
#include "core/store/reader.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scrit::report {

// How many critiques of one kind the self-validation let pass, of those it decided.
struct ValidationRate {
    std::string name;
    std::int64_t validated = 0;
    std::int64_t decided = 0;
};

// What a report shows: figures of the critiques of a filter, and of the whole workspace in
// `status`. Grows with the number of names and problems, not with the critiques.
struct ReportData {
    store::Status status;
    std::int64_t critiques = 0; // of the filter
    std::vector<ValidationRate>
        bySource; // most critiques first, the smallest summed up as "others"
    std::vector<ValidationRate> byCritic;        // critic, mode and round
    std::vector<ValidationRate> byDifficulty;    // "1", "2" … different answers of the students
    std::map<int, std::int64_t> firstErrorSteps; // as critiques say, counting from 0
    std::int64_t noError = 0;
    std::int64_t noStep = 0;                                 // the critique does not say
    std::vector<std::pair<model::Flag, std::int64_t>> flags; // in bit order, those that occur
    std::optional<eval::AuditFigures> audit;                 // absent without judged critiques
    std::int64_t unsure = 0;                // judged, but neither agreed nor disagreed
    std::vector<store::TraceRecord> traces; // a sample
};

struct DataOptions {
    std::string filter;     // over critiques
    std::size_t traces = 8; // at most so many: of each cell of validated × answer as many
    std::uint64_t seed = 0; // of the sample
};

// Reads all that a report shows: one pass over the filter's rows, one over the solutions. The same
// workspace, filter and seed give the same data. Errors: Invalid (the filter), Cancelled, those of
// the workspace.
[[nodiscard]] base::Expected<ReportData> readReportData(store::Reader& reader,
                                                        const DataOptions& options,
                                                        const base::CancelToken& cancel = {});

} // namespace scrit::report
