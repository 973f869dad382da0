// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace scrit::base {

// Wall-clock time in milliseconds since 1970-01-01 UTC; for stamps that people read.
[[nodiscard]] std::int64_t unixMillis();
// Milliseconds of a clock that never jumps; for durations and deadlines.
[[nodiscard]] std::int64_t steadyMillis();
// "2026-11-22T03:40:00Z"
[[nodiscard]] std::string isoUtc(std::int64_t unixMillis);

} // namespace scrit::base
