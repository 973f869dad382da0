// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/chat.h"
#include "core/backend/openai_protocol.h"
#include "core/net/http_client.h"

#include <memory>
#include <string>
#include <vector>

namespace scrit::backend {

struct OpenAiSettings {
    std::string url;    // base URL including /v1, e.g. http://127.0.0.1:8000/v1
    std::string apiKey; // sent as Bearer; never logged, never stored
    OpenAiDialect dialect;
    net::Deadlines deadlines;
};

// What a server says about itself.
struct ServerInfo {
    std::vector<std::string> models;
    std::optional<std::int64_t> contextTokens; // of one request, where the server tells
    double seconds = 0;                        // of this look-up
};

// A chat model behind an OpenAI-compatible server. The HttpClient is shared between backends;
// callbacks run on its thread (see Backend). The API key appears in no error and no log.
class OpenAiBackend final : public Backend {
public:
    OpenAiBackend(std::shared_ptr<net::HttpClient> http, OpenAiSettings settings);

    RequestId complete(const ChatRequest& chat, Done done) override;
    void cancel(RequestId id) override;

    // GET /models.
    void describe(std::function<void(tl::expected<ServerInfo, ChatError>&&)> done);

private:
    [[nodiscard]] net::HttpRequest request(std::string method, std::string_view path) const;

    std::shared_ptr<net::HttpClient> m_http;
    OpenAiSettings m_settings;
};

} // namespace scrit::backend
