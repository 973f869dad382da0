// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/endpoint_pool.h"

#include <algorithm>
#include <utility>

namespace scrit::loop {
namespace {

constexpr int kFirstWindow = 16;
constexpr double kGraceSeconds = 0.25;
constexpr int kTroublesBeforePause = 3;
constexpr int kRefusalsBeforeBlock = 8;
constexpr std::int64_t kLongestPauseOfAnswering = 1000;

bool usable(const PoolEndpoint& endpoint) {
    return endpoint.info.ready && endpoint.blocked.empty();
}

// A server that just failed several times is asked one thing at a time until it answers.
int roomOf(const PoolEndpoint& endpoint) {
    const int limit = endpoint.troubles >= kTroublesBeforePause ? 1 : endpoint.window.limit();
    return limit - endpoint.inFlight;
}

} // namespace

PoolEndpoint::PoolEndpoint(backend::Endpoint endpoint)
    : info(std::move(endpoint)), window({.first = std::min(kFirstWindow, info.largestWindow),
                                         .largest = info.largestWindow,
                                         .graceSeconds = kGraceSeconds}),
      requests(info.requestsPerMinute), tokens(info.tokensPerMinute) {}

EndpointPool::EndpointPool(std::string model, std::int64_t modelId,
                           std::shared_ptr<backend::ModelHandle> handle,
                           net::BackoffSettings backoff)
    : m_model(std::move(model)), m_modelId(modelId), m_handle(std::move(handle)),
      m_backoff(backoff) {}

std::vector<std::shared_ptr<PoolEndpoint>> EndpointPool::refresh() {
    std::vector<std::shared_ptr<PoolEndpoint>> present;
    for (backend::Endpoint& info : m_handle->endpoints()) {
        const auto known =
            std::find_if(m_endpoints.begin(), m_endpoints.end(), [&](const auto& endpoint) {
                return endpoint != nullptr && endpoint->info.backend == info.backend;
            });
        if (known != m_endpoints.end()) {
            (*known)->info = std::move(info);
            present.push_back(std::exchange(*known, nullptr));
        } else {
            present.push_back(std::make_shared<PoolEndpoint>(std::move(info)));
        }
    }
    std::erase(m_endpoints, nullptr);
    for (const auto& endpoint : m_endpoints) {
        endpoint->gone = true;
    }
    std::swap(m_endpoints, present);
    return present;
}

void EndpointPool::replace(std::shared_ptr<backend::ModelHandle> handle) {
    m_handle = std::move(handle);
}

std::shared_ptr<PoolEndpoint> EndpointPool::choose(std::int64_t now, std::int64_t tokens) const {
    std::shared_ptr<PoolEndpoint> best;
    int bestRoom = 0;
    for (const auto& endpoint : m_endpoints) {
        const int room = roomOf(*endpoint);
        if (room > bestRoom && usable(*endpoint) && endpoint->pausedUntil <= now &&
            endpoint->requests.waitMillis(now, 1) == 0 &&
            endpoint->tokens.waitMillis(now, tokens) == 0) {
            best = endpoint;
            bestRoom = room;
        }
    }
    return best;
}

std::optional<std::int64_t> EndpointPool::nextChance(std::int64_t now, std::int64_t tokens) const {
    std::optional<std::int64_t> next;
    for (const auto& endpoint : m_endpoints) {
        if (!usable(*endpoint) || roomOf(*endpoint) <= 0) {
            continue;
        }
        const std::int64_t at =
            std::max({endpoint->pausedUntil, now + endpoint->requests.waitMillis(now, 1),
                      now + endpoint->tokens.waitMillis(now, tokens)});
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

int EndpointPool::capacity() const {
    int sum = 0;
    for (const auto& endpoint : m_endpoints) {
        sum += usable(*endpoint) ? endpoint->window.limit() : 0;
    }
    return sum;
}

bool EndpointPool::anyReady() const {
    return std::any_of(m_endpoints.begin(), m_endpoints.end(),
                       [](const auto& endpoint) { return usable(*endpoint); });
}

std::string EndpointPool::obstacle() const {
    if (const auto failure = m_handle->failure()) {
        return failure->text();
    }
    std::string why;
    for (const auto& endpoint : m_endpoints) {
        if (endpoint->blocked.empty()) {
            return {};
        }
        why = endpoint->blocked;
    }
    return why;
}

void EndpointPool::noteLoad() const {
    for (const auto& endpoint : m_endpoints) {
        endpoint->full = endpoint->inFlight >= endpoint->window.limit();
    }
}

void EndpointPool::sent(PoolEndpoint& endpoint, std::int64_t now, std::int64_t tokens) const {
    ++endpoint.inFlight;
    endpoint.requests.spend(now, 1);
    endpoint.tokens.spend(now, tokens);
}

void EndpointPool::succeeded(PoolEndpoint& endpoint, std::int64_t now, double seconds,
                             std::int64_t completionTokens) const {
    endpoint.window.succeeded(seconds, completionTokens,
                              endpoint.full ? endpoint.window.limit() : 0);
    endpoint.answersPerSecond.add(now, 1);
    endpoint.tokensPerSecond.add(now, completionTokens);
    endpoint.answered = true;
    endpoint.refusals = 0;
    endpoint.troubles = 0;
}

void EndpointPool::troubled(PoolEndpoint& endpoint, std::int64_t now, Trouble kind,
                            std::optional<std::int64_t> retryAfterMillis,
                            std::uint64_t random) const {
    ++endpoint.errors;
    if (kind == Trouble::Load) {
        endpoint.window.overloaded(now);
    }
    if (retryAfterMillis) {
        endpoint.pausedUntil = std::max(endpoint.pausedUntil, now + *retryAfterMillis);
        return;
    }
    // One outage fails everything in flight: that counts once.
    if (endpoint.pausedUntil > now) {
        return;
    }
    ++endpoint.troubles;
    if (endpoint.troubles >= kTroublesBeforePause) {
        net::BackoffSettings backoff = m_backoff;
        if (kind == Trouble::Answer) {
            backoff.maxMillis = std::min(backoff.maxMillis, kLongestPauseOfAnswering);
        }
        endpoint.pausedUntil =
            now + net::backoffMillis(endpoint.troubles - kTroublesBeforePause + 1, random, backoff);
    }
}

bool EndpointPool::refused(PoolEndpoint& endpoint, const std::string& why) const {
    ++endpoint.errors;
    ++endpoint.refusals;
    if (endpoint.answered && endpoint.refusals < kRefusalsBeforeBlock) {
        return false;
    }
    endpoint.blocked = m_model + ": " + why;
    return true;
}

void EndpointPool::unblock() {
    for (const auto& endpoint : m_endpoints) {
        endpoint->blocked.clear();
        endpoint->refusals = 0;
    }
}

} // namespace scrit::loop
