// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/server_load.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace scrit::backend {
namespace {

struct Metric {
    std::string_view name;
    std::optional<std::int64_t> ServerLoad::*field;
};
constexpr std::array<Metric, 6> kMetrics{{
    {"llamacpp:requests_processing", &ServerLoad::working},
    {"llamacpp:requests_deferred", &ServerLoad::waiting},
    {"llamacpp:tokens_predicted_total", &ServerLoad::generatedTokens},
    {"vllm:num_requests_running", &ServerLoad::working},
    {"vllm:num_requests_waiting", &ServerLoad::waiting},
    {"vllm:generation_tokens_total", &ServerLoad::generatedTokens},
}};

// `name{labels} value [time]` or `name value [time]`: the value, when the line is of that metric.
std::optional<std::int64_t> valueOf(std::string_view line, std::string_view name) {
    if (!line.starts_with(name)) {
        return std::nullopt;
    }
    std::string_view rest = line.substr(name.size());
    if (rest.starts_with('{')) {
        const std::size_t close = rest.rfind('}'); // a label's value may hold one, too
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        rest.remove_prefix(close + 1);
    } else if (!rest.starts_with(' ') && !rest.starts_with('\t')) {
        return std::nullopt; // a longer name
    }
    rest = base::trimmed(rest);
    double value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    constexpr double kMost = 9e15;
    if (error != std::errc() || !std::isfinite(value) || value < 0 || value > kMost) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(value);
}

} // namespace

ServerLoad readServerMetrics(std::string_view text) {
    ServerLoad load;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = base::trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        for (const Metric& metric : kMetrics) {
            if (const std::optional<std::int64_t> value = valueOf(line, metric.name)) {
                load.*metric.field = (load.*metric.field).value_or(0) + *value;
            }
        }
    }
    return load;
}

} // namespace scrit::backend
