// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// When to try again. Pure functions, any thread.
namespace scrit::net {

struct BackoffSettings {
    std::int64_t firstMillis = 500;
    std::int64_t maxMillis = 60'000;
};

// Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015):
// uniform in [0, min(max, first · 2^(attempt−1))], never under 50 ms. `attempt` counts from 1;
// `random` is any 64 random bits, so that callers decide about the seed.
[[nodiscard]] std::int64_t backoffMillis(int attempt, std::uint64_t random,
                                         const BackoffSettings& settings = {});

// The value of a Retry-After header (RFC 9110, 10.2.3) as milliseconds from now: seconds, or an
// HTTP date measured against the server's own Date header where there is one, since clocks differ.
// Nothing when it cannot be read; never negative; at most one hour.
[[nodiscard]] std::optional<std::int64_t> retryAfterMillis(std::string_view retryAfter,
                                                           std::string_view dateHeader,
                                                           std::int64_t nowUnixMillis);

} // namespace scrit::net
