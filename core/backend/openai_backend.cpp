// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/openai_backend.h"

#include "core/base/clock.h"
#include "core/net/server_sent_events.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace scrit::backend {
namespace {

// Everything one streamed answer needs, alive until its callback.
struct Streaming {
    ChatAnswer answer;
    net::ServerSentEventParser parser{[this](net::ServerSentEvent&& event) {
        sawEvents = true;
        answer.takeEvent(event.data);
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
    if (!m_settings.dialect.stream) {
        return m_http->send(std::move(http), [done = std::move(done)](
                                                 base::Expected<net::HttpResponse>&& response) {
            if (!response) {
                done(tl::unexpected(transportError(std::move(response.error()))));
            } else if (response->status != 200) {
                done(tl::unexpected(errorFromResponse(*response)));
            } else {
                ChatAnswer answer;
                answer.takeWhole(response->body);
                done(finished(answer, *response));
            }
        });
    }
    const auto stream = std::make_shared<Streaming>();
    http.onData = [stream](std::string_view bytes) {
        return stream->take(bytes);
    };
    return m_http->send(std::move(http), [stream, done = std::move(done)](
                                             base::Expected<net::HttpResponse>&& response) {
        if (!response) {
            done(tl::unexpected(transportError(std::move(response.error()))));
            return;
        }
        if (response->status == 200 && !isEventStream(*response)) {
            // A server that ignores "stream": its whole answer went through the event parser
            // unseen.
            response->body = std::move(stream->beforeEvents);
            ChatAnswer whole;
            whole.takeWhole(response->body);
            ChatOutcome outcome = finished(whole, *response);
            done(outcome ? std::move(outcome)
                         : ChatOutcome(tl::unexpected(errorFromResponse(*response))));
            return;
        }
        if (response->status != 200) {
            // An overflow or an overload comes as plain JSON also when a stream was asked for.
            done(tl::unexpected(errorFromResponse(*response)));
            return;
        }
        stream->parser.finish();
        ChatOutcome outcome = finished(stream->answer, *response);
        if (outcome && stream->firstAt > 0) {
            outcome->firstTokenSeconds =
                static_cast<double>(stream->firstAt - stream->startedAt) / 1000;
        }
        done(std::move(outcome));
    });
}

void OpenAiBackend::cancel(RequestId id) {
    m_http->cancel(id);
}

void OpenAiBackend::describe(std::function<void(tl::expected<ServerInfo, ChatError>&&)> done) {
    m_http->send(request("GET", "/models"), [done = std::move(done)](
                                                base::Expected<net::HttpResponse>&& response) {
        if (!response) {
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
