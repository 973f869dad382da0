// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/loop/concurrency_window.h"
#include "core/loop/run_meters.h"
#include "core/net/backoff.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrit::loop {

// One server of a model as the scheduler sees it.
struct PoolEndpoint {
    backend::Endpoint info;
    ConcurrencyWindow window;
    RateLimit requests;
    RateLimit tokens;
    RateMeter answersPerSecond;
    RateMeter tokensPerSecond;
    int inFlight = 0;
    bool full = false; // its window was, when sending last stopped
    std::int64_t errors = 0;
    bool gone = false;            // the model has no such endpoint any more
    bool answered = false;        // it has given at least one answer
    int refusals = 0;             // refused keys or unknown models in a row
    std::string blocked;          // why nothing is sent to it until somebody looks at it
    int troubles = 0;             // failures in a row that are the server's, not the request's
    std::int64_t pausedUntil = 0; // steady milliseconds

    explicit PoolEndpoint(backend::Endpoint endpoint);
};

// The endpoints of one model. Not thread-safe; belongs to scrit-run. Times are steady milliseconds.
class EndpointPool {
public:
    EndpointPool(std::string model, std::int64_t modelId,
                 std::shared_ptr<backend::ModelHandle> handle, net::BackoffSettings backoff);

    [[nodiscard]] const std::string& model() const { return m_model; }
    [[nodiscard]] std::int64_t modelId() const { return m_modelId; }
    [[nodiscard]] backend::ModelHandle& handle() const { return *m_handle; }
    [[nodiscard]] const std::vector<std::shared_ptr<PoolEndpoint>>& endpoints() const {
        return m_endpoints;
    }

    // Takes over what the model says now. Gives the endpoints that are gone: what is in flight
    // there will not be answered.
    [[nodiscard]] std::vector<std::shared_ptr<PoolEndpoint>> refresh();
    // Another handle of the same model, for one whose settings were changed.
    void replace(std::shared_ptr<backend::ModelHandle> handle);

    // The endpoint with the most room that may be sent a request of this many tokens now; null when
    // there is none.
    [[nodiscard]] std::shared_ptr<PoolEndpoint> choose(std::int64_t now, std::int64_t tokens) const;
    // When choose() may succeed again without an answer coming in; nothing: not by waiting.
    [[nodiscard]] std::optional<std::int64_t> nextChance(std::int64_t now,
                                                         std::int64_t tokens) const;
    // Requests that may be in flight altogether.
    [[nodiscard]] int capacity() const;
    [[nodiscard]] bool anyReady() const;
    // Why nothing can be sent at all until somebody changes something; empty while there is hope.
    [[nodiscard]] std::string obstacle() const;

    // To be called whenever nothing more can be sent for now: answers that come after this were
    // made under the load of this moment, however many of them are taken at once.
    void noteLoad() const;
    void sent(PoolEndpoint& endpoint, std::int64_t now, std::int64_t tokens) const;
    void succeeded(PoolEndpoint& endpoint, std::int64_t now, double seconds,
                   std::int64_t completionTokens) const;
    // A failure that may pass. After a few in a row the endpoint is left alone for longer and
    // longer, so that a server that is away does not use up the tries of everything that waits. A
    // server that answers, if only with an error, is there: it may be the items that are at fault,
    // and the pauses stay short.
    enum class Trouble {
        Load,  // 429, 503, a broken connection, a passed deadline
        Answer // any other error that the server itself gave
    };
    void troubled(PoolEndpoint& endpoint, std::int64_t now, Trouble kind,
                  std::optional<std::int64_t> retryAfterMillis, std::uint64_t random) const;
    // The server refused the key or does not have the model. True when nothing more must be sent to
    // it: at once while it has never answered, else after a few in a row.
    [[nodiscard]] bool refused(PoolEndpoint& endpoint, const std::string& why) const;
    void unblock();

private:
    std::string m_model;
    std::int64_t m_modelId;
    std::shared_ptr<backend::ModelHandle> m_handle;
    net::BackoffSettings m_backoff;
    std::vector<std::shared_ptr<PoolEndpoint>> m_endpoints;
};

} // namespace scrit::loop
