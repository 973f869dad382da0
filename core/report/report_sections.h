// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/reader.h"

#include <string>
#include <string_view>
#include <vector>

// Private to core/report.
namespace scrit::report {

// A section with a heading and a sentence that says what is seen; empty for an empty body.
[[nodiscard]] std::string section(std::string_view id, std::string_view heading,
                                  std::string_view about, const std::string& body);

// The sample: problem, candidate, critique and verdicts of each, folded.
[[nodiscard]] std::string tracesSection(const std::vector<store::TraceRecord>& traces);

} // namespace scrit::report
