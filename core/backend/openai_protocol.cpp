// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/openai_protocol.h"

#include "core/backend/chat_piece.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/net/backoff.h"

#include <nlohmann/json.hpp>

namespace scrit::backend {
namespace {

using PlainJson = nlohmann::json;

// JSON text whose invalid bytes became visible \xNN inside its strings.
std::string readable(std::string_view payload) {
    std::string out;
    const std::string visible = base::makeVisibleUtf8(payload);
    // makeVisibleUtf8 writes "\xNN", which JSON would refuse: \x is no escape of JSON, so every
    // "\x" here that is not itself escaped came from a broken byte.
    bool escaped = false;
    for (std::size_t i = 0; i < visible.size(); ++i) {
        const char c = visible[i];
        if (c == '\\' && !escaped && i + 1 < visible.size() && visible[i + 1] == 'x') {
            out += "\\\\";
            continue;
        }
        escaped = c == '\\' && !escaped;
        out += c;
    }
    return out;
}

// Discarded instead of an exception.
PlainJson parse(std::string_view payload, bool& repaired) {
    if (base::isValidUtf8(payload)) {
        return PlainJson::parse(payload, nullptr, false);
    }
    repaired = true;
    return PlainJson::parse(readable(payload), nullptr, false);
}

std::string stringAt(const PlainJson& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::optional<std::int64_t> integerAt(const PlainJson& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (found == object.end() || !found->is_number()) {
        return std::nullopt;
    }
    return found->get<std::int64_t>();
}

const PlainJson& childAt(const PlainJson& object, const char* key) {
    static const PlainJson kNone;
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() ? *found : kNone;
}

FinishReason finishReason(const std::string& text) {
    if (text == "stop" || text == "eos" || text == "tool_calls") {
        return FinishReason::Stop;
    }
    if (text == "length") {
        return FinishReason::Length;
    }
    return text == "content_filter" ? FinishReason::Filtered : FinishReason::Other;
}

bool isContextOverflow(std::string_view code, std::string_view message) {
    return code == "exceed_context_size_error" || code == "context_length_exceeded" ||
           message.find("maximum context length") != std::string_view::npos ||
           message.find("exceeds the available context size") != std::string_view::npos;
}

// The error of a JSON body {"error": {...}}, {"error": "..."}, {"message": ...} or {"detail": ...}.
ChatError serverError(const PlainJson& body, int status, std::string_view fallback) {
    const PlainJson& inner = childAt(body, "error");
    std::string message = inner.is_string() ? inner.get<std::string>() : stringAt(inner, "message");
    for (const char* key : {"message", "detail"}) {
        message = message.empty() ? stringAt(body, key) : message;
    }
    ChatError error;
    error.httpStatus = status;
    error.serverCode = stringAt(inner, "code");
    if (error.serverCode.empty()) {
        error.serverCode = stringAt(inner, "type");
    }
    if (status == 0 || status == 200) { // an error inside a stream carries its status in the object
        error.httpStatus = static_cast<int>(integerAt(inner, "code").value_or(status));
    }
    const int code = error.httpStatus;
    error.error.message = "the server answered " +
                          (code >= 400 ? std::to_string(code) : std::string("with an error"));
    const std::string detail =
        message.empty() ? base::excerpt(fallback, 200) : base::excerpt(message, 500);
    if (!detail.empty()) {
        error.error.message += ": " + detail;
    }
    if (isContextOverflow(error.serverCode, message)) {
        error.error.code = base::ErrorCode::Limit;
        error.error.advice =
            "the prompt is longer than the server's context: give the server more context";
    } else if (code == 401 || code == 403) {
        error.error.code = base::ErrorCode::Auth;
        error.error.advice = "check the API key of this model";
    } else {
        error.error.code = base::ErrorCode::Server;
        error.error.retryable = code == 408 || code == 409 || code == 425 || code == 429 ||
                                (code >= 500 && code != 501) || code < 400;
        if (code == 404) {
            error.error.advice = "check the URL (it ends in /v1) and the model's name";
        }
    }
    return error;
}

ChatError unreadable(std::string what, std::string_view sample) {
    ChatError error;
    error.error.code = base::ErrorCode::Server;
    error.error.message = std::move(what);
    if (!sample.empty()) {
        error.error.message += ": " + base::excerpt(base::makeVisibleUtf8(sample), 120);
    }
    error.error.retryable = true;
    return error;
}

// Puts the messages into a JSON object that is not empty. They are nearly all of a request's bytes,
// so that they are written once, where they belong.
void appendMessages(std::string& object, const std::vector<ChatMessage>& messages) {
    std::size_t bytes = 0;
    for (const ChatMessage& message : messages) {
        bytes += message.content.size() + message.content.size() / 8 + 64;
    }
    object.reserve(object.size() + bytes);
    object.pop_back();
    object += ",\"messages\":[";
    for (const ChatMessage& message : messages) {
        object += &message == messages.data() ? "{\"role\":" : ",{\"role\":";
        appendJsonString(object, message.role);
        object += ",\"content\":";
        appendJsonString(object, message.content);
        object += '}';
    }
    object += "]}";
}

} // namespace

base::Expected<std::string> chatBody(const ChatRequest& request, const OpenAiDialect& dialect) {
    PlainJson body{{"model", dialect.model},
                   {"temperature", request.sampling.temperature},
                   {"max_tokens", request.sampling.maxTokens},
                   {"stream", dialect.stream}};
    if (request.sampling.topP < 1) {
        body["top_p"] = request.sampling.topP;
    }
    if (request.sampling.seed) {
        body["seed"] = *request.sampling.seed;
    }
    if (!request.sampling.stop.empty()) {
        body["stop"] = request.sampling.stop;
    }
    if (request.sampling.topLogprobs >= 0) {
        body["logprobs"] = true;
        body["top_logprobs"] = request.sampling.topLogprobs;
    }
    if (dialect.stream) {
        body["stream_options"] = {{"include_usage", true}};
    }
    if (!request.jsonSchema.empty()) {
        PlainJson schema = PlainJson::parse(request.jsonSchema, nullptr, false);
        if (schema.is_discarded()) {
            return base::fail(base::ErrorCode::Invalid, "the answer's JSON schema is not JSON",
                              "correct the recipe");
        }
        body["response_format"] = {
            {"type", "json_schema"},
            {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", std::move(schema)}}}};
    }
    if (!dialect.extraBody.empty()) {
        const PlainJson extra = PlainJson::parse(dialect.extraBody, nullptr, false);
        if (!extra.is_object()) {
            return base::fail(base::ErrorCode::Invalid,
                              "the model's extra body is not a JSON object",
                              "correct the model's settings");
        }
        body.update(extra);
    }
    // Texts come from files and models: bytes that are not UTF-8 are replaced instead of thrown at
    // us.
    std::string text = body.dump(-1, ' ', false, PlainJson::error_handler_t::replace);
    if (!body.contains("messages")) { // else the extra body brings its own
        appendMessages(text, request.messages);
    }
    return text;
}

void ChatAnswer::takeEvent(std::string_view payload) {
    m_streamed = true;
    if (m_done || m_error) {
        return;
    }
    if (base::trimmed(payload) == "[DONE]") {
        m_done = true;
        return;
    }
    if (base::isValidUtf8(payload)) {
        if (std::optional<ChatPiece> piece = readChatPiece(payload, "delta")) {
            takePiece(std::move(*piece));
            return;
        }
    }
    const PlainJson chunk = parse(payload, m_result.repairedUtf8);
    if (!chunk.is_object()) {
        m_error = unreadable("a piece of the stream could not be read", payload);
        return;
    }
    if (!childAt(chunk, "error").is_null()) {
        m_error = serverError(chunk, 200, payload);
        return;
    }
    if (m_result.model.empty()) {
        m_result.model = stringAt(chunk, "model");
    }
    if (const PlainJson& usage = childAt(chunk, "usage"); usage.is_object()) {
        m_result.promptTokens = integerAt(usage, "prompt_tokens");
        m_result.completionTokens = integerAt(usage, "completion_tokens");
    }
    const PlainJson& choices = childAt(chunk, "choices");
    if (!choices.is_array() || choices.empty()) {
        return; // the usage chunk
    }
    const PlainJson& choice = choices.front();
    m_sawChoice = true;
    const PlainJson& delta = childAt(choice, "delta");
    m_result.text += stringAt(delta, "content");
    m_result.reasoning += stringAt(delta, "reasoning_content");
    if (const PlainJson& tokens = childAt(childAt(choice, "logprobs"), "content");
        tokens.is_array()) {
        for (const PlainJson& token : tokens) {
            m_result.logprobs += (m_result.logprobs.empty() ? "[" : ",") +
                                 token.dump(-1, ' ', false, PlainJson::error_handler_t::replace);
        }
    }
    if (const std::string reason = stringAt(choice, "finish_reason"); !reason.empty()) {
        m_result.finish = finishReason(reason);
        m_sawFinish = true;
    }
}

void ChatAnswer::takePiece(ChatPiece&& piece) {
    if (m_result.model.empty()) {
        m_result.model = std::move(piece.model);
    }
    if (piece.hasUsage) {
        m_result.promptTokens = piece.promptTokens;
        m_result.completionTokens = piece.completionTokens;
    }
    m_sawChoice = m_sawChoice || piece.hasChoice;
    m_result.text += piece.content;
    m_result.reasoning += piece.reasoning;
    if (!piece.finishReason.empty()) {
        m_result.finish = finishReason(piece.finishReason);
        m_sawFinish = true;
    }
}

void ChatAnswer::takeWhole(std::string_view body) {
    if (base::isValidUtf8(body)) {
        if (std::optional<ChatPiece> piece = readChatPiece(body, "message")) {
            takePiece(std::move(*piece));
            m_sawFinish = m_sawChoice;
            return;
        }
    }
    const PlainJson answer = parse(body, m_result.repairedUtf8);
    if (!answer.is_object()) {
        m_error = unreadable("the answer is not JSON", body);
        return;
    }
    if (!childAt(answer, "error").is_null()) {
        m_error = serverError(answer, 200, body);
        return;
    }
    m_result.model = stringAt(answer, "model");
    const PlainJson& usage = childAt(answer, "usage");
    m_result.promptTokens = integerAt(usage, "prompt_tokens");
    m_result.completionTokens = integerAt(usage, "completion_tokens");
    const PlainJson& choices = childAt(answer, "choices");
    if (!choices.is_array() || choices.empty()) {
        return;
    }
    const PlainJson& choice = choices.front();
    m_sawChoice = true;
    m_sawFinish = true;
    const PlainJson& message = childAt(choice, "message");
    m_result.text = stringAt(message, "content");
    m_result.reasoning = stringAt(message, "reasoning_content");
    m_result.finish = finishReason(stringAt(choice, "finish_reason"));
    if (const PlainJson& tokens = childAt(childAt(choice, "logprobs"), "content");
        tokens.is_array()) {
        m_result.logprobs = tokens.dump(-1, ' ', false, PlainJson::error_handler_t::replace);
    }
}

ChatOutcome ChatAnswer::finish() {
    if (m_error) {
        return tl::unexpected(std::move(*m_error));
    }
    if (m_streamed && !m_done && !m_sawFinish) {
        return tl::unexpected(unreadable("the stream ended before the answer did", {}));
    }
    if (!m_sawChoice) {
        return tl::unexpected(unreadable("the answer holds no choices", {}));
    }
    if (m_streamed && !m_result.logprobs.empty()) {
        m_result.logprobs += ']';
    }
    return std::move(m_result);
}

ChatError errorFromResponse(const net::HttpResponse& response) {
    bool repaired = false;
    ChatError error = serverError(parse(response.body, repaired), response.status, response.body);
    if (response.status == 200) {
        error.error.message = "the server's answer is no chat completion: " +
                              base::excerpt(base::makeVisibleUtf8(response.body), 120);
    }
    error.retryAfterMillis =
        net::retryAfterMillis(net::headerValue(response.headers, "retry-after"),
                              net::headerValue(response.headers, "date"), base::unixMillis());
    return error;
}

} // namespace scrit::backend
