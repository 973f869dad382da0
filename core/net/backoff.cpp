// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/backoff.h"

#include "core/base/text.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace scrit::net {
namespace {

constexpr std::int64_t kLongestWait = 3'600'000;

std::optional<std::int64_t> dateMillis(std::string_view text) {
    const std::string copy(text);
    const time_t seconds = curl_getdate(copy.c_str(), nullptr);
    if (seconds < 0) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(seconds) * 1000;
}

} // namespace

std::int64_t backoffMillis(int attempt, std::uint64_t random, const BackoffSettings& settings) {
    const int doublings = std::clamp(attempt - 1, 0, 30);
    const std::int64_t ceiling = std::min(settings.maxMillis, settings.firstMillis << doublings);
    constexpr std::int64_t kShortest = 50;
    if (ceiling <= kShortest) {
        return kShortest;
    }
    return std::max(kShortest,
                    static_cast<std::int64_t>(random % static_cast<std::uint64_t>(ceiling + 1)));
}

std::optional<std::int64_t> retryAfterMillis(std::string_view retryAfter,
                                             std::string_view dateHeader,
                                             std::int64_t nowUnixMillis) {
    retryAfter = base::trimmed(retryAfter);
    if (retryAfter.empty()) {
        return std::nullopt;
    }
    double seconds = 0;
    const char* end = retryAfter.data() + retryAfter.size();
    if (const auto [stop, error] = std::from_chars(retryAfter.data(), end, seconds);
        error == std::errc{} && stop == end) {
        if (!(seconds >= 0)) {
            return std::nullopt;
        }
        return static_cast<std::int64_t>(
            std::min(seconds * 1000, static_cast<double>(kLongestWait)));
    }
    const std::optional<std::int64_t> until = dateMillis(retryAfter);
    if (!until) {
        return std::nullopt;
    }
    const std::int64_t now = dateMillis(dateHeader).value_or(nowUnixMillis);
    return std::clamp<std::int64_t>(*until - now, 0, kLongestWait);
}

} // namespace scrit::net
