// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

// The rows of the view jsonl-full, which this program reads back; README.md describes them. Written
// by view_jsonl_full.cpp, read by full_row_reader.cpp.
namespace scrit::format {

inline constexpr std::string_view kFullRowKey = "scrit";
inline constexpr std::string_view kFullRowVersion = "lineage/1";

} // namespace scrit::format
