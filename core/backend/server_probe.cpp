// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/server_probe.h"

#include "core/backend/redact.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <utility>

namespace scrit::backend {
namespace {

using PlainJson = nlohmann::json;

// Waits for an answer; a cancelled wait ends the request and takes its last word.
template<typename Answer>
Answer waitFor(std::future<Answer>& answer, const base::CancelToken& cancel,
               const std::function<void()>& end) {
    bool ended = false;
    while (answer.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
        if (!ended && cancel.isCancelled()) {
            end();
            ended = true;
        }
    }
    return answer.get();
}

base::Expected<net::HttpResponse> fetch(net::HttpClient& http, const OpenAiSettings& settings,
                                        const std::string& url, const base::CancelToken& cancel) {
    net::HttpRequest request;
    request.url = url;
    request.deadlines = {std::min<std::int64_t>(settings.deadlines.connect, 10'000), 15'000, 15'000,
                         20'000};
    if (!settings.apiKey.empty()) {
        request.headers.emplace_back("Authorization", "Bearer " + settings.apiKey);
    }
    std::promise<base::Expected<net::HttpResponse>> promise;
    auto answer = promise.get_future();
    const net::HttpClient::RequestId id =
        http.send(std::move(request), [&promise](base::Expected<net::HttpResponse>&& response) {
            promise.set_value(std::move(response));
        });
    base::Expected<net::HttpResponse> response = waitFor(answer, cancel, [&] { http.cancel(id); });
    if (response) {
        response->body = withoutKey(std::move(response->body), settings.apiKey);
    }
    return response;
}

std::string textAt(const PlainJson& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> probedInteger(const PlainJson& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_number_integer()
               ? std::optional(found->get<std::int64_t>())
               : std::nullopt;
}

std::string softwareOf(const std::string& ownedBy) {
    const std::string owner = base::lowerAscii(ownedBy);
    if (owner == "llamacpp") {
        return "llama-server";
    }
    if (owner == "vllm") {
        return "vLLM";
    }
    if (owner == "sglang") {
        return "SGLang";
    }
    return owner == "library" ? "Ollama" : "OpenAI-compatible";
}

// The models of a server; the context of the one that is asked for.
base::Expected<ServerFacts> factsOfModels(const net::HttpResponse& response,
                                          const std::string& modelId) {
    const PlainJson body = PlainJson::parse(response.body, nullptr, false);
    if (response.status != 200 || !body.is_object() || !body.contains("data") ||
        !body["data"].is_array()) {
        return base::fail(errorFromResponse(response).error);
    }
    ServerFacts facts;
    std::string owner;
    for (const PlainJson& model : body["data"]) {
        const std::string id = textAt(model, "id");
        if (id.empty()) {
            continue;
        }
        facts.models.push_back(id);
        owner = owner.empty() ? textAt(model, "owned_by") : owner;
        if (id == modelId || modelId.empty()) {
            facts.contextTokens = probedInteger(model, "max_model_len");
        }
    }
    facts.software = softwareOf(owner);
    return facts;
}

// llama-server tells its slots and the context of one in /props.
bool takeProps(const net::HttpResponse& response, ServerFacts& facts) {
    const PlainJson props = PlainJson::parse(response.body, nullptr, false);
    if (response.status != 200 || !props.is_object() ||
        !props.contains("default_generation_settings")) {
        return false;
    }
    facts.software = "llama-server";
    facts.version = base::excerpt(textAt(props, "build_info"), 60);
    if (const auto slots = probedInteger(props, "total_slots"); slots && *slots > 0) {
        facts.slots = static_cast<int>(std::min<std::int64_t>(*slots, 1'000'000));
    }
    const auto context = probedInteger(props["default_generation_settings"], "n_ctx");
    facts.contextTokens = context ? context : facts.contextTokens;
    return true;
}

} // namespace

base::Expected<ServerFacts> probeServer(net::HttpClient& http, const OpenAiSettings& settings,
                                        const base::CancelToken& cancel) {
    std::string url = settings.url;
    while (url.ends_with('/')) {
        url.pop_back();
    }
    const auto models = fetch(http, settings, url + "/models", cancel);
    if (!models) {
        return base::fail(models.error());
    }
    base::Expected<ServerFacts> facts = factsOfModels(*models, settings.dialect.model);
    if (!facts) {
        return facts;
    }
    if (!url.ends_with("/v1")) {
        return facts; // where the server's own pages would be is not known
    }
    const std::string root = url.substr(0, url.size() - 3);
    const bool known = facts->software != "OpenAI-compatible";
    if (!known || facts->software == "llama-server") {
        const auto props = fetch(http, settings, root + "/props", cancel);
        if (props && takeProps(*props, *facts)) {
            return facts;
        }
    }
    if (!known || facts->software == "vLLM") {
        const auto version = fetch(http, settings, root + "/version", cancel);
        if (version && version->status == 200) {
            facts->version = base::excerpt(
                textAt(PlainJson::parse(version->body, nullptr, false), "version"), 60);
        }
    }
    if (cancel.isCancelled()) {
        return base::fail(base::ErrorCode::Cancelled, "interrupted");
    }
    return facts;
}

base::Expected<SpeedProbe> measureSpeed(Backend& backend, int maxTokens,
                                        const base::CancelToken& cancel, std::string_view prompt) {
    ChatRequest request;
    request.messages = {{"user", std::string(prompt)}};
    request.sampling.maxTokens = maxTokens;
    std::promise<ChatOutcome> promise;
    auto answer = promise.get_future();
    const Backend::RequestId id = backend.complete(
        request, [&promise](ChatOutcome&& outcome) { promise.set_value(std::move(outcome)); });
    ChatOutcome outcome = waitFor(answer, cancel, [&] { backend.cancel(id); });
    if (!outcome) {
        return base::fail(std::move(outcome.error().error));
    }
    SpeedProbe speed;
    speed.firstTokenSeconds = outcome->firstTokenSeconds;
    speed.totalSeconds = outcome->totalSeconds;
    speed.promptTokens = outcome->promptTokens;
    speed.completionTokens = outcome->completionTokens;
    const double generating = speed.totalSeconds - speed.firstTokenSeconds;
    if (speed.completionTokens.value_or(0) > 1 && generating > 0) {
        // The first token is there before the clock of generation starts.
        const auto tokens = static_cast<double>(*speed.completionTokens) -
                            (speed.firstTokenSeconds > 0 ? 1.0 : 0.0);
        speed.tokensPerSecond = tokens / generating;
    }
    return speed;
}

} // namespace scrit::backend
