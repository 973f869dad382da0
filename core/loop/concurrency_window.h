// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>

namespace scrit::loop {

struct WindowSettings {
    int first = 4;
    int largest = 512;
    double inflation =
        2.0; // how far latency may rise above the best seen before the window stops growing
    // Requests that take less than this on average are no sign of a queue, however much faster the
    // very first ones were.
    double graceSeconds = 0;
};

// How many requests one endpoint may have in flight. Servers that refuse (429, 503) shrink it at
// once; servers of one's own queue instead of refusing, so the window also stops growing when the
// latency per token rises above what the server showed at its best, and gives way slowly when it
// stays there (after TCP Vegas, Brakmo and Peterson 1995: latency tells of a queue before loss
// does). Not thread-safe; belongs to the thread that steps the run.
class ConcurrencyWindow {
public:
    explicit ConcurrencyWindow(const WindowSettings& settings = {});

    [[nodiscard]] int limit() const { return static_cast<int>(m_window); }
    // One request went well: its time and the tokens it made (0: unknown; then the plain time
    // counts).
    void succeeded(double seconds, std::int64_t tokens, int inFlight);
    // The server refused for load (429, 503) or broke under it. At most one shrink per second of
    // `nowMillis`, since one overload refuses a whole window of requests.
    void overloaded(std::int64_t nowMillis);

private:
    void beginRound();

    WindowSettings m_settings;
    double m_window;
    bool m_doubling = true; // grow by one per answer until the first sign of load, then by 1/window
    double m_best = 0;      // smallest mean seconds per token over a round of answers
    double m_roundSum = 0;
    double m_roundSeconds = 0;
    int m_roundCount = 0;
    int m_roundSize = 4; // fixed when the round begins: a growing window must not outrun it
    std::int64_t m_shrunkAt = -1'000'000;
};

// Requests or tokens per minute: a sliding window of one minute over what was spent. Not
// thread-safe.
class RateLimit {
public:
    // 0: no limit.
    explicit RateLimit(std::int64_t perMinute = 0) : m_perMinute(perMinute) {}
    // How long to wait before `amount` more may be spent; 0 = now. An amount above the whole limit
    // waits for an empty minute instead of for ever.
    [[nodiscard]] std::int64_t waitMillis(std::int64_t nowMillis, std::int64_t amount) const;
    void spend(std::int64_t nowMillis, std::int64_t amount);

private:
    struct Spent {
        std::int64_t at;
        std::int64_t amount;
    };
    std::int64_t m_perMinute;
    std::int64_t m_sum = 0;
    std::deque<Spent> m_spent;
};

} // namespace scrit::loop
