// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/report_data.h"

#include <cstdint>
#include <string>

// A workspace's figures as one page to send to a colleague.
namespace scrit::report {

struct ReportInfo {
    std::string title;
    std::string softwareVersion;
    std::int64_t createdAt = 0; // unix milliseconds; 0 leaves the time out
};

// One HTML file that needs nothing else: no script, nothing from the network (its content security
// policy forbids both), charts as inline SVG, light and dark by what the reader's system prefers.
// Every text of the workspace is escaped. Pure.
[[nodiscard]] std::string reportPage(const ReportData& data, const DataOptions& options,
                                     const ReportInfo& info);

} // namespace scrit::report
