// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/chat.h"
#include "core/net/http_client.h"

#include <string>
#include <string_view>

// The OpenAI chat-completions protocol as spoken by vLLM, SGLang, llama.cpp, Ollama, DashScope,
// DeepSeek and OpenAI: bodies and answers as text, no network. Nothing here throws; unknown fields
// are ignored.
namespace scrit::backend {

struct ChatPiece;

struct OpenAiDialect {
    std::string model; // the "model" field
    bool stream = true;
    std::string extraBody; // a JSON object merged into every body, e.g. {"cache_prompt":false}
};

// The JSON body of POST /chat/completions. Invalid when extraBody or the schema is not JSON.
[[nodiscard]] base::Expected<std::string> chatBody(const ChatRequest& request,
                                                   const OpenAiDialect& dialect);

// Collects an answer, streamed or whole.
class ChatAnswer {
public:
    // One `data:` payload of the stream. An error object inside the stream, a payload that is not
    // JSON and everything after them give the error that finish() returns.
    void takeEvent(std::string_view payload);
    // The body of an answer that was not streamed.
    void takeWhole(std::string_view body);
    // The result, or why there is none: an error object of the server, unreadable JSON, no choices,
    // a stream that ended before its end (retryable).
    [[nodiscard]] ChatOutcome finish();
    // True when the stream's [DONE] was seen; what follows is ignored.
    [[nodiscard]] bool done() const { return m_done; }

private:
    void takePiece(ChatPiece&& piece);

    ChatResult m_result;
    std::optional<ChatError> m_error;
    bool m_done = false;
    bool m_streamed = false;
    bool m_sawChoice = false;
    bool m_sawFinish = false;
};

// The error of an answer with status ≥ 400 (or a 200 that is no JSON): the server's message, its
// code, Retry-After, and whether trying again makes sense: 408, 409, 425, 429 and 5xx do, except
// 501 and a context overflow; 401 and 403 are ErrorCode::Auth; a context overflow is
// ErrorCode::Limit.
[[nodiscard]] ChatError errorFromResponse(const net::HttpResponse& response);

} // namespace scrit::backend
