// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What every language-model backend takes and gives. Plain values.
namespace scrit::backend {

struct ChatMessage {
    std::string role; // system, user, assistant
    std::string content;
};

struct Sampling {
    double temperature = 0;
    double topP = 1;
    int maxTokens = 4096;
    std::optional<std::int64_t> seed;
    std::vector<std::string> stop;
    int topLogprobs = -1; // −1: no log probabilities; 0: of the chosen tokens only
};

struct ChatRequest {
    std::vector<ChatMessage> messages;
    Sampling sampling;
    std::string jsonSchema; // a JSON schema that the answer must follow; empty: free text
};

enum class FinishReason { Stop, Length, Filtered, Other };
[[nodiscard]] std::string_view name(FinishReason reason); // stop, length, filtered, other

struct ChatResult {
    std::string text;
    std::string reasoning; // of servers that deliver it apart; empty elsewhere
    FinishReason finish = FinishReason::Other;
    std::string model; // as the server names itself
    std::optional<std::int64_t> promptTokens;
    std::optional<std::int64_t> completionTokens;
    std::string logprobs; // JSON array of the protocol's token objects; empty when not asked for
    bool repairedUtf8 = false;    // bytes that are not UTF-8 were made visible as \xNN
    double firstTokenSeconds = 0; // since the request was sent; 0 when not streamed
    double totalSeconds = 0;
};

// Why a request failed. error.retryable says whether the same request may succeed later.
struct ChatError {
    base::Error error;
    int httpStatus = 0;     // 0: no answer
    std::string serverCode; // the server's own word, e.g. "exceed_context_size_error"
    std::optional<std::int64_t> retryAfterMillis; // what the server asked for
};

using ChatOutcome = tl::expected<ChatResult, ChatError>;

// One endpoint of one model. Thread rule: complete() and cancel() may be called from any thread;
// `done` is called exactly once, on a thread of the backend, never under a lock, and must not
// block.
class Backend {
public:
    using Done = std::function<void(ChatOutcome&&)>;
    using RequestId = std::uint64_t;

    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    virtual RequestId complete(const ChatRequest& request, Done done) = 0;
    // Ends a request with ErrorCode::Cancelled unless it has ended already.
    virtual void cancel(RequestId id) = 0;
};

} // namespace scrit::backend
