// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/openai_backend.h"
#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/net/http_client.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::backend {

// What a running server says about itself.
struct ServerFacts {
    std::string software; // "llama-server", "vLLM", "SGLang", …, else "OpenAI-compatible"
    std::string version;  // empty: it does not say
    std::vector<std::string> models;
    std::optional<std::int64_t> contextTokens; // of one request
    std::optional<int> slots;                  // requests at once
};
// One small request and how fast it was answered.
struct SpeedProbe {
    double firstTokenSeconds = 0; // 0: it did not stream
    double totalSeconds = 0;
    std::optional<double> tokensPerSecond; // of the completion, after the first token
    std::optional<std::int64_t> promptTokens;
    std::optional<std::int64_t> completionTokens;
};

// Asks /models, /props (llama-server) and /version (vLLM) below the URL; nothing else is contacted.
// Blocks; not on a callback's thread. Errors are those of /models; a server without /models but
// with a working chat is told by measureSpeed().
[[nodiscard]] base::Expected<ServerFacts>
probeServer(net::HttpClient& http, const OpenAiSettings& settings, const base::CancelToken& cancel);
inline constexpr std::string_view kSpeedPrompt = "Count from 1 to 50, separated by spaces.";
// Sends one request of at most `maxTokens` new tokens, which may cost money. Blocks.
[[nodiscard]] base::Expected<SpeedProbe> measureSpeed(Backend& backend, int maxTokens,
                                                      const base::CancelToken& cancel,
                                                      std::string_view prompt = kSpeedPrompt);

} // namespace scrit::backend
