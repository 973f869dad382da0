// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace scrit::backend {

// What a model server says about its work on /metrics. Absent: it does not say.
struct ServerLoad {
    std::optional<std::int64_t> working;         // requests that it works on
    std::optional<std::int64_t> waiting;         // requests in its own queue
    std::optional<std::int64_t> generatedTokens; // since it started
    std::optional<double> tokensPerSecond;       // generated, over the last seconds

    friend bool operator==(const ServerLoad&, const ServerLoad&) = default;
};

// Reads Prometheus' text format as llama-server (llamacpp:…) and vLLM (vllm:…) write it; the values
// of one name with several label sets are added. Lines that cannot be read are passed over.
// tokensPerSecond stays absent: it takes two of these.
[[nodiscard]] ServerLoad readServerMetrics(std::string_view text);

} // namespace scrit::backend
