// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/served_model.h"

#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace scrit::backend {
namespace {

ChatError refusal(base::ErrorCode code, std::string message, bool retryable) {
    ChatError error;
    error.error = {code, std::move(message), {}, retryable};
    return error;
}

ManagedServerSettings serverSettings(ModelKind kind, const ModelSettings& settings) {
    ManagedServerSettings server;
    server.kind = kind == ModelKind::Vllm ? ServerKind::Vllm : ServerKind::LlamaServer;
    server.program = settings.program;
    server.modelFile = kind == ModelKind::Vllm ? settings.modelId : settings.modelFile;
    for (const std::string& adapter : settings.loraFiles) {
        server.extraArguments.insert(server.extraArguments.end(), {"--lora", adapter});
    }
    server.extraArguments.insert(server.extraArguments.end(), settings.extraArguments.begin(),
                                 settings.extraArguments.end());
    server.port = settings.port;
    return server;
}

} // namespace

std::string bodyWithoutCache(const std::string& extraBody) {
    nlohmann::ordered_json body =
        nlohmann::ordered_json::parse(extraBody.empty() ? "{}" : extraBody, nullptr, false);
    if (!body.is_object()) {
        return extraBody;
    }
    body["cache_prompt"] = false;
    return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Backend::RequestId ServedBackend::complete(const ChatRequest& request, Done done) {
    RequestId id = 0;
    std::shared_ptr<OpenAiBackend> target;
    ChatError error;
    {
        const std::lock_guard lock(m_mutex);
        if (m_closed) {
            error = refusal(base::ErrorCode::Cancelled, "the server was stopped", false);
        } else if (!m_target) {
            error = refusal(base::ErrorCode::Network, m_why, true);
        } else {
            id = ++m_last;
            target = m_target;
            m_open[id].target = target;
        }
    }
    if (!target) {
        done(tl::unexpected(std::move(error)));
        return 0;
    }
    const RequestId inner = target->complete(
        request, [self = shared_from_this(), id, done = std::move(done)](ChatOutcome&& outcome) {
            {
                const std::lock_guard lock(self->m_mutex);
                self->m_open.erase(id);
            }
            done(std::move(outcome));
        });
    bool cancelled = false;
    {
        const std::lock_guard lock(m_mutex);
        if (const auto found = m_open.find(id); found != m_open.end()) {
            found->second.inner = inner;
            cancelled = found->second.cancelled;
        }
    }
    if (cancelled) {
        target->cancel(inner);
    }
    return id;
}

void ServedBackend::cancel(RequestId id) {
    Open open;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_open.find(id);
        if (found == m_open.end()) {
            return;
        }
        found->second.cancelled = true;
        open = found->second;
    }
    if (open.inner != 0) {
        open.target->cancel(open.inner);
    }
}

void ServedBackend::setTarget(std::shared_ptr<OpenAiBackend> target, std::string why) {
    const std::lock_guard lock(m_mutex);
    m_target = std::move(target);
    m_why = std::move(why);
}

void ServedBackend::abortAll() {
    std::vector<RequestId> ids;
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        for (const auto& [id, open] : m_open) {
            ids.push_back(id);
        }
    }
    for (const RequestId id : ids) {
        cancel(id);
    }
}

std::size_t ServedBackend::openCount() const {
    const std::lock_guard lock(m_mutex);
    return m_open.size();
}

OwnedServer::OwnedServer(std::shared_ptr<net::HttpClient> http, ModelKind kind,
                         ModelSettings settings, std::string identity,
                         const ModelServers::Options& options)
    : m_http(std::move(http)), m_kind(kind), m_settings(std::move(settings)),
      m_identity(std::move(identity)), m_machine(options.machine) {
    ManagedServerSettings server = serverSettings(kind, m_settings);
    server.maxRestarts = options.maxRestarts;
    server.prepare = [this] {
        return prepare();
    };
    // Its listener waits here until m_server is there.
    const std::lock_guard lock(m_mutex);
    m_server = std::make_unique<ManagedServer>(
        m_http, std::move(server), [this](const ServerSnapshot& snapshot) { changed(snapshot); });
}

OwnedServer::~OwnedServer() {
    m_backend->abortAll();
    m_server->stop();
}

ServerPlan OwnedServer::plan() const {
    const std::lock_guard lock(m_mutex);
    return m_plan;
}

Endpoint OwnedServer::endpoint() const {
    Endpoint endpoint;
    endpoint.label = std::string(name(m_kind)) + " on this machine";
    endpoint.backend = m_backend;
    endpoint.requestsPerMinute = m_settings.requestsPerMinute;
    endpoint.tokensPerMinute = m_settings.tokensPerMinute;
    const std::lock_guard lock(m_mutex);
    endpoint.ready = m_ready;
    // Twice the slots: one request waits at the server while another is worked on.
    endpoint.largestWindow = m_settings.largestWindow > 0 ? m_settings.largestWindow
                             : m_plan.slots > 0           ? m_plan.slots * 2
                                                          : 256;
    return endpoint;
}

base::Expected<std::vector<std::string>> OwnedServer::prepare() {
    const PlanWishes wishes{m_settings.slots, m_settings.contextTokens, m_settings.gpuLayers,
                            m_settings.extraArguments};
    ServerPlan plan;
    if (m_kind == ModelKind::LlamaServer) {
        const base::Expected<GgufInfo> info = readGgufFile(m_settings.modelFile);
        if (!info) {
            return base::fail(info.error());
        }
        plan = planLlamaServer(factsOf(*info), m_machine(), wishes);
    } else {
        const base::Expected<ModelFacts> facts = readHubFolder(m_settings.modelId);
        plan = planVllm(facts ? std::optional(*facts) : std::nullopt, m_machine(), wishes);
    }
    std::vector<std::string> arguments = plan.arguments;
    {
        const std::lock_guard lock(m_mutex);
        m_plan = std::move(plan);
    }
    return arguments;
}

void OwnedServer::changed(const ServerSnapshot& snapshot) {
    const bool ready = snapshot.state == ServerState::Ready;
    bool isNews = false;
    {
        const std::lock_guard lock(m_mutex);
        isNews = ready != m_ready || snapshot.state == ServerState::Failed;
        m_ready = ready;
        if (ready) {
            OpenAiSettings open;
            open.url = snapshot.url;
            open.apiKey = m_server->apiKey();
            open.dialect.model = m_settings.modelId.empty()
                                     ? std::filesystem::path(m_settings.modelFile).stem().string()
                                     : m_settings.modelId;
            open.dialect.stream = m_settings.stream;
            open.dialect.extraBody = m_settings.loraFiles.empty()
                                         ? m_settings.extraBody
                                         : bodyWithoutCache(m_settings.extraBody);
            open.deadlines = m_settings.deadlines;
            m_backend->setTarget(std::make_shared<OpenAiBackend>(m_http, std::move(open)), {});
        } else {
            m_backend->setTarget(
                nullptr, std::string(name(m_kind)) + " is " + std::string(name(snapshot.state)) +
                             (snapshot.message.empty() ? "" : ": ") + snapshot.message);
        }
    }
    if (isNews) {
        m_listeners.tell();
    }
}

std::optional<base::Error> OwnedModel::failure() const {
    const ServerSnapshot snapshot = m_server->server().snapshot();
    if (snapshot.state != ServerState::Failed) {
        return std::nullopt;
    }
    return base::Error{base::ErrorCode::Unavailable, snapshot.message,
                       "correct the model's settings, or look at the server's log", false};
}

std::optional<std::int64_t> OwnedModel::contextTokens() const {
    const ServerPlan plan = m_server->plan();
    return plan.contextTokens > 0 ? std::optional(plan.contextTokens) : std::nullopt;
}

} // namespace scrit::backend
