// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/change_listeners.h"
#include "core/backend/managed_server.h"
#include "core/backend/open_model.h"
#include "core/backend/openai_backend.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// Private to core/backend: what open_model.h gives for models whose server is ours.
namespace scrit::backend {

// One backend for the whole life of a server that we own, through its restarts: requests go to
// where it runs now, are refused (retryable) while it does not, and can all be aborted at once.
class ServedBackend final : public Backend, public std::enable_shared_from_this<ServedBackend> {
public:
    RequestId complete(const ChatRequest& request, Done done) override;
    void cancel(RequestId id) override;

    // Where requests go from now on; null: nowhere, because `why`.
    void setTarget(std::shared_ptr<OpenAiBackend> target, std::string why);
    // Ends all requests with Cancelled and refuses later ones.
    void abortAll();
    // Requests that are not answered yet.
    [[nodiscard]] std::size_t openCount() const;

private:
    struct Open {
        std::shared_ptr<OpenAiBackend> target;
        RequestId inner = 0; // 0: not known yet
        bool cancelled = false;
    };
    mutable std::mutex m_mutex; // guards all below
    std::map<RequestId, Open> m_open;
    std::shared_ptr<OpenAiBackend> m_target;
    std::string m_why = "the server has not started yet";
    RequestId m_last = 0;
    bool m_closed = false;
};

// The body with "cache_prompt": false: a cache that was filled under another adapter would give
// wrong answers.
[[nodiscard]] std::string bodyWithoutCache(const std::string& extraBody);

// The server of one model and the plan it was started with; shared by the handles of the model. The
// destructor aborts what is in flight and stops the server.
class OwnedServer {
public:
    OwnedServer(std::shared_ptr<net::HttpClient> http, ModelKind kind, ModelSettings settings,
                std::string identity, const ModelServers::Options& options);
    ~OwnedServer();
    OwnedServer(const OwnedServer&) = delete;
    OwnedServer& operator=(const OwnedServer&) = delete;

    [[nodiscard]] const ModelSettings& settings() const { return m_settings; }
    [[nodiscard]] const std::string& identity() const { return m_identity; }
    [[nodiscard]] ManagedServer& server() const { return *m_server; }
    [[nodiscard]] ServerPlan plan() const;
    [[nodiscard]] Endpoint endpoint() const;
    [[nodiscard]] ChangeListeners& listeners() { return m_listeners; }

private:
    [[nodiscard]] base::Expected<std::vector<std::string>> prepare();
    void changed(const ServerSnapshot& snapshot);

    std::shared_ptr<net::HttpClient> m_http;
    ModelKind m_kind;
    ModelSettings m_settings;
    std::string m_identity;
    std::function<Machine()> m_machine;
    std::shared_ptr<ServedBackend> m_backend = std::make_shared<ServedBackend>();

    mutable std::mutex m_mutex; // guards the two members below
    ServerPlan m_plan;
    bool m_ready = false;

    ChangeListeners m_listeners;
    std::unique_ptr<ManagedServer> m_server; // last: its thread uses the members above
};

// A handle to a model whose server we own.
class OwnedModel final : public ServedModel {
public:
    explicit OwnedModel(std::shared_ptr<OwnedServer> server) : m_server(std::move(server)) {}
    ~OwnedModel() override { m_server->listeners().listen(this, {}); }

    [[nodiscard]] std::vector<Endpoint> endpoints() const override {
        return {m_server->endpoint()};
    }
    void onChange(std::function<void()> listener) override {
        m_server->listeners().listen(this, std::move(listener));
    }
    [[nodiscard]] std::optional<base::Error> failure() const override;
    [[nodiscard]] Prices prices() const override { return m_server->settings().prices; }
    [[nodiscard]] std::string identity() const override { return m_server->identity(); }
    [[nodiscard]] std::optional<std::int64_t> contextTokens() const override;

    [[nodiscard]] ServerSnapshot server() const override { return m_server->server().snapshot(); }
    [[nodiscard]] ServerPlan plan() const override { return m_server->plan(); }
    [[nodiscard]] ServerLog logSince(std::uint64_t from) const override {
        return m_server->server().logSince(from);
    }
    [[nodiscard]] std::string apiKey() const override { return m_server->server().apiKey(); }
    [[nodiscard]] bool waitReady(std::int64_t millis) const override {
        return m_server->server().waitReady(millis);
    }

private:
    std::shared_ptr<OwnedServer> m_server;
};

} // namespace scrit::backend
