// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/concurrency_window.h"

#include <algorithm>

namespace scrit::loop {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kShrinkPauseMillis = 1000;

} // namespace

ConcurrencyWindow::ConcurrencyWindow(const WindowSettings& settings)
    : m_settings(settings), m_window(settings.first) {}

void ConcurrencyWindow::succeeded(double seconds, std::int64_t tokens, int inFlight) {
    m_roundSum += tokens > 0 ? seconds / static_cast<double>(tokens) : seconds;
    m_roundSeconds += seconds;
    m_roundCount += 1;
    const bool full = inFlight + 1 >= limit(); // growing while half empty would measure nothing
    if (m_roundCount >= m_roundSize) {
        const double mean = m_roundSum / m_roundCount;
        const bool quick = m_roundSeconds / m_roundCount < m_settings.graceSeconds;
        m_best = m_best <= 0 ? mean : std::min(m_best, mean);
        beginRound();
        if (mean > m_best * m_settings.inflation && !quick) {
            m_doubling = false;
            m_window = std::max(1.0, m_window * 0.9);
            return;
        }
    }
    if (full) {
        m_window += m_doubling ? 1.0 : 1.0 / m_window;
        m_window = std::min(m_window, static_cast<double>(m_settings.largest));
    }
}

void ConcurrencyWindow::overloaded(std::int64_t nowMillis) {
    if (nowMillis - m_shrunkAt < kShrinkPauseMillis) {
        return;
    }
    m_shrunkAt = nowMillis;
    m_doubling = false;
    m_window = std::max(1.0, m_window / 2);
    beginRound();
}

void ConcurrencyWindow::beginRound() {
    m_roundSum = 0;
    m_roundSeconds = 0;
    m_roundCount = 0;
    m_roundSize = std::max(4, limit());
}

std::int64_t RateLimit::waitMillis(std::int64_t nowMillis, std::int64_t amount) const {
    if (m_perMinute <= 0) {
        return 0;
    }
    const std::int64_t wanted = std::min(amount, m_perMinute);
    std::int64_t sum = m_sum;
    for (const Spent& spent : m_spent) { // oldest first
        const std::int64_t freeAt = spent.at + kMinute;
        if (freeAt <= nowMillis) {
            sum -= spent.amount;
            continue;
        }
        if (sum + wanted <= m_perMinute) {
            return 0;
        }
        sum -= spent.amount;
        if (sum + wanted <= m_perMinute) {
            return freeAt - nowMillis;
        }
    }
    return 0;
}

void RateLimit::spend(std::int64_t nowMillis, std::int64_t amount) {
    if (m_perMinute <= 0) {
        return;
    }
    while (!m_spent.empty() && m_spent.front().at + kMinute <= nowMillis) {
        m_sum -= m_spent.front().amount;
        m_spent.pop_front();
    }
    m_spent.push_back({nowMillis, amount});
    m_sum += amount;
}

} // namespace scrit::loop
