// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/loop/run_request.h"
#include "core/loop/run_task.h"

#include <cstdint>
#include <optional>
#include <string>

namespace scrit::loop {

// What one request costs, or may cost.
struct Spending {
    std::int64_t requests = 0;
    std::int64_t tokens = 0;
    double cost = 0;
};

[[nodiscard]] inline double costOf(const backend::Prices& prices, std::int64_t promptTokens,
                                   std::int64_t completionTokens) {
    return (static_cast<double>(promptTokens) * prices.promptPerMillion +
            static_cast<double>(completionTokens) * prices.completionPerMillion) /
           1e6;
}

// The most that a request can cost.
[[nodiscard]] inline Spending mostOf(const RequestSize& size, const backend::Prices& prices) {
    return {1, size.promptTokensMost + size.completionTokensMost,
            costOf(prices, size.promptTokensMost, size.completionTokensMost)};
}

// Keeps a run below its caps: a request is reserved at its largest possible size before it is sent,
// and settled with what it really took. Not thread-safe.
class RunBudget {
public:
    RunBudget(const RunCaps& caps, const Spending& spent) : m_caps(caps), m_spent(spent) {}

    // The cap that one more request would pass ("100 requests"); nothing when it fits.
    [[nodiscard]] std::optional<std::string> refuses(const Spending& most) const {
        if (m_caps.requests > 0 && sum(&Spending::requests, most) > m_caps.requests) {
            return std::to_string(m_caps.requests) + " requests";
        }
        if (m_caps.tokens > 0 && sum(&Spending::tokens, most) > m_caps.tokens) {
            return std::to_string(m_caps.tokens) + " tokens";
        }
        // A billionth of a dollar of rounding is nobody's cap.
        if (m_caps.cost > 0 && sum(&Spending::cost, most) > m_caps.cost + 1e-9) {
            std::string text = std::to_string(m_caps.cost);
            text.erase(text.find_last_not_of('0') + 1);
            return text + (text.ends_with('.') ? "00" : "") + " dollars";
        }
        return std::nullopt;
    }
    void reserve(const Spending& most) { add(m_reserved, most, 1); }
    void settle(const Spending& most, const Spending& real) {
        add(m_reserved, most, -1);
        add(m_spent, real, 1);
    }
    [[nodiscard]] bool anyReserved() const { return m_reserved.requests > 0; }

private:
    template<typename Number>
    [[nodiscard]] Number sum(Number Spending::*field, const Spending& more) const {
        return m_spent.*field + m_reserved.*field + more.*field;
    }
    static void add(Spending& to, const Spending& what, int sign) {
        to.requests += sign * what.requests;
        to.tokens += sign * what.tokens;
        to.cost += sign * what.cost;
    }

    RunCaps m_caps;
    Spending m_spent;
    Spending m_reserved;
};

} // namespace scrit::loop
