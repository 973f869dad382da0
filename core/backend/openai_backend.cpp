// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/openai_backend.h"

#include "core/backend/redact.h"
#include "core/base/clock.h"
#include "core/net/server_sent_events.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace scrit::backend {
namespace {

// Everything one answer needs, alive until its callback.
struct Streaming {
    Streaming(bool streamed, std::string apiKey) : askedFor(streamed), key(std::move(apiKey)) {}

    bool askedFor;
    std::string key;
    ChatAnswer answer;
    net::ServerSentEventParser parser{[this](net::ServerSentEvent&& event) {
        sawEvents = true;
        answer.takeEvent(withoutKey(std::move(event.data), key));
    }};
    std::int64_t startedAt = base::steadyMillis();
    std::int64_t firstAt = 0;
    bool sawEvents = false;
    std::string beforeEvents; // the answer as long as it is no event stream

    [[nodiscard]] bool take(std::string_view bytes) {
        firstAt = firstAt == 0 ? base::steadyMillis() : firstAt;
        if (!sawEvents) {
            beforeEvents.append(bytes);
        }
        return parser.feed(bytes);
    }
};

ChatError transportError(base::Error&& error) {
    ChatError out;
    out.error = std::move(error);
    return out;
}

bool isEventStream(const net::HttpResponse& response) {
    return net::headerValue(response.headers, "content-type").starts_with("text/event-stream");
}

ChatOutcome finished(ChatAnswer& answer, const net::HttpResponse& response) {
    ChatOutcome outcome = answer.finish();
    if (outcome) {
        outcome->totalSeconds = response.totalSeconds;
    } else if (outcome.error().httpStatus == 0) {
        outcome.error().httpStatus = response.status;
    }
    return outcome;
}

// What became of a request; `stream` has taken the pieces of an answer that was streamed.
ChatOutcome outcomeOf(base::Expected<net::HttpResponse>&& response, Streaming& stream) {
    if (!response) {
        return tl::unexpected(transportError(std::move(response.error())));
    }
    if (response->status != 200) {
        // An overflow or an overload comes as plain JSON also when a stream was asked for.
        response->body = withoutKey(std::move(response->body), stream.key);
        return tl::unexpected(errorFromResponse(*response));
    }
    if (!stream.askedFor || !isEventStream(*response)) {
        if (stream.askedFor) { // a server that ignores "stream": the event parser saw no events
            response->body = std::move(stream.beforeEvents);
        }
        response->body = withoutKey(std::move(response->body), stream.key);
        ChatAnswer whole;
        whole.takeWhole(response->body);
        ChatOutcome outcome = finished(whole, *response);
        return outcome || !stream.askedFor
                   ? std::move(outcome)
                   : ChatOutcome(tl::unexpected(errorFromResponse(*response)));
    }
    stream.parser.finish();
    ChatOutcome outcome = finished(stream.answer, *response);
    if (outcome && stream.firstAt > 0) {
        outcome->firstTokenSeconds = static_cast<double>(stream.firstAt - stream.startedAt) / 1000;
    }
    return outcome;
}

} // namespace

OpenAiBackend::OpenAiBackend(std::shared_ptr<net::HttpClient> http, OpenAiSettings settings)
    : m_http(std::move(http)), m_settings(std::move(settings)) {
    while (m_settings.url.ends_with('/')) {
        m_settings.url.pop_back();
    }
}

net::HttpRequest OpenAiBackend::request(std::string method, std::string_view path) const {
    net::HttpRequest request;
    request.method = std::move(method);
    request.url = m_settings.url + std::string(path);
    request.deadlines = m_settings.deadlines;
    request.headers.emplace_back("Content-Type", "application/json");
    if (!m_settings.apiKey.empty()) {
        request.headers.emplace_back("Authorization", "Bearer " + m_settings.apiKey);
    }
    return request;
}

Backend::RequestId OpenAiBackend::complete(const ChatRequest& chat, Done done) {
    net::HttpRequest http = request("POST", "/chat/completions");
    base::Expected<std::string> body = chatBody(chat, m_settings.dialect);
    if (!body) {
        done(tl::unexpected(transportError(std::move(body.error()))));
        return 0;
    }
    http.body = std::move(*body);
    const auto stream = std::make_shared<Streaming>(m_settings.dialect.stream, m_settings.apiKey);
    if (stream->askedFor) {
        http.onData = [stream](std::string_view bytes) {
            return stream->take(bytes);
        };
    }
    return m_http->send(std::move(http), [stream, done = std::move(done)](
                                             base::Expected<net::HttpResponse>&& response) {
        ChatOutcome outcome = outcomeOf(std::move(response), *stream);
        hideKey(outcome, stream->key);
        done(std::move(outcome));
    });
}

void OpenAiBackend::cancel(RequestId id) {
    m_http->cancel(id);
}

void OpenAiBackend::describe(std::function<void(tl::expected<ServerInfo, ChatError>&&)> done) {
    m_http->send(request("GET", "/models"), [key = m_settings.apiKey, done = std::move(done)](
                                                base::Expected<net::HttpResponse>&& response) {
        if (response) {
            response->body = withoutKey(std::move(response->body), key);
        } else {
            done(tl::unexpected(transportError(std::move(response.error()))));
            return;
        }
        const nlohmann::json body = nlohmann::json::parse(response->body, nullptr, false);
        if (response->status != 200 || !body.is_object() || !body.contains("data") ||
            !body["data"].is_array()) {
            done(tl::unexpected(errorFromResponse(*response)));
            return;
        }
        ServerInfo info;
        info.seconds = response->totalSeconds;
        for (const nlohmann::json& model : body["data"]) {
            if (!model.is_object()) {
                continue;
            }
            if (const auto id = model.find("id"); id != model.end() && id->is_string()) {
                info.models.push_back(id->get<std::string>());
            }
            // vLLM states max_model_len; llama.cpp puts n_ctx_train under meta, which is not the
            // slot's.
            if (const auto length = model.find("max_model_len");
                length != model.end() && length->is_number_integer()) {
                info.contextTokens = length->get<std::int64_t>();
            }
        }
        done(std::move(info));
    });
}

} // namespace scrit::backend
