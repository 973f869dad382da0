// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

// Parquet files by way of DuckDB's library, which the distributions that this program is made for
// do not have: it is looked for when it is needed, and nothing else depends on it.
namespace scrit::format {

// The library's version ("v1.2.0"). Looked for as $SCRIT_DUCKDB (a file), else as libduckdb.so in
// the system's places, once per process. Unavailable, with what to do, when there is none or it
// lacks a function. Any thread.
[[nodiscard]] base::Expected<std::string> parquetLibrary();

// Converts a file of JSON lines to a Parquet file (zstd), rows in their order. `longestRow` in
// bytes: the library holds a few rows of that size. `columns` as View::columns(). The library reads
// and writes these two files and nothing else: it loads no extension and contacts nobody. Errors:
// Unavailable as above, Cancelled, Io with the library's words.
[[nodiscard]] base::Expected<void> writeParquet(const std::filesystem::path& jsonLines,
                                                const std::filesystem::path& parquet,
                                                std::string_view columns, std::uint64_t longestRow,
                                                const base::CancelToken& cancel = {});

} // namespace scrit::format
