// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/busy_time.h"

#include <chrono>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace scrit::loop {

struct BusyTime::Clock {
    using Steady = std::chrono::steady_clock;
    mutable std::mutex mutex;
    int inFlight = 0;
    Steady::time_point since;
    Steady::duration spent{};

    void begin() {
        const std::lock_guard lock(mutex);
        if (inFlight++ == 0) {
            since = Steady::now();
        }
    }
    void end() {
        const std::lock_guard lock(mutex);
        if (--inFlight == 0) {
            spent += Steady::now() - since;
        }
    }
};

namespace {

class TimedBackend final : public backend::Backend {
public:
    TimedBackend(std::shared_ptr<backend::Backend> inner, std::shared_ptr<BusyTime::Clock> clock)
        : m_inner(std::move(inner)), m_clock(std::move(clock)) {}
    RequestId complete(const backend::ChatRequest& request, Done done) override {
        m_clock->begin();
        return m_inner->complete(
            request, [clock = m_clock, done = std::move(done)](backend::ChatOutcome&& outcome) {
                clock->end();
                done(std::move(outcome));
            });
    }
    void cancel(RequestId id) override { m_inner->cancel(id); }

private:
    std::shared_ptr<backend::Backend> m_inner;
    std::shared_ptr<BusyTime::Clock> m_clock;
};

class TimedModel final : public backend::ModelHandle {
public:
    TimedModel(std::shared_ptr<backend::ModelHandle> inner, std::shared_ptr<BusyTime::Clock> clock)
        : m_inner(std::move(inner)), m_clock(std::move(clock)) {}
    // The same wrapper for the same backend each time, so that nobody takes it for a new one.
    [[nodiscard]] std::vector<backend::Endpoint> endpoints() const override {
        std::vector<backend::Endpoint> endpoints = m_inner->endpoints();
        const std::lock_guard lock(m_mutex);
        for (backend::Endpoint& endpoint : endpoints) {
            if (!endpoint.backend) {
                continue;
            }
            auto& timed = m_timed[endpoint.backend.get()];
            if (!timed) {
                timed = std::make_shared<TimedBackend>(endpoint.backend, m_clock);
            }
            endpoint.backend = timed;
        }
        return endpoints;
    }
    void onChange(std::function<void()> listener) override {
        m_inner->onChange(std::move(listener));
    }
    [[nodiscard]] std::optional<base::Error> failure() const override { return m_inner->failure(); }
    [[nodiscard]] backend::Prices prices() const override { return m_inner->prices(); }
    [[nodiscard]] std::string identity() const override { return m_inner->identity(); }
    [[nodiscard]] std::optional<std::int64_t> contextTokens() const override {
        return m_inner->contextTokens();
    }

private:
    std::shared_ptr<backend::ModelHandle> m_inner;
    std::shared_ptr<BusyTime::Clock> m_clock;
    mutable std::mutex m_mutex;
    mutable std::unordered_map<const backend::Backend*, std::shared_ptr<backend::Backend>> m_timed;
};

} // namespace

BusyTime::BusyTime() : m_clock(std::make_shared<Clock>()) {}

backend::OpenModel BusyTime::open(backend::OpenModel inner) const {
    return [inner = std::move(inner), clock = m_clock](
               const model::Model& model) -> base::Expected<std::shared_ptr<backend::ModelHandle>> {
        auto handle = inner(model);
        if (!handle) {
            return handle;
        }
        return std::make_shared<TimedModel>(std::move(*handle), clock);
    };
}

double BusyTime::seconds() const {
    const std::lock_guard lock(m_clock->mutex);
    Clock::Steady::duration spent = m_clock->spent;
    if (m_clock->inFlight > 0) {
        spent += Clock::Steady::now() - m_clock->since;
    }
    return std::chrono::duration<double>(spent).count();
}

} // namespace scrit::loop
