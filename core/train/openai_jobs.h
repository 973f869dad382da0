// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_settings.h"
#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/net/http_client.h"
#include "core/train/openai_fine_tuning.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace scrit::train {

// The calls of the fine-tuning protocol, blocking. What may be tried again is, with back-off and as
// long as Retry-After says. Nothing that comes out holds the key. Private to core/train; one
// thread.
class OpenAiJobs {
public:
    OpenAiJobs(std::shared_ptr<net::HttpClient> http, const backend::ModelSettings& model,
               std::string key, const FineTuningSettings& settings, base::CancelToken cancel);

    // The id of the uploaded file. Auth, Server, Network, Io, Cancelled.
    [[nodiscard]] base::Expected<std::string> upload(const std::filesystem::path& file);
    // The id of a job on this file that has not failed; empty when there is none. As upload().
    [[nodiscard]] base::Expected<std::string> findJob(const std::string& fileId);
    // Creates a job once, or gives the one that an earlier try has made after all.
    [[nodiscard]] base::Expected<std::string> create(const nlohmann::json& body);
    [[nodiscard]] base::Expected<nlohmann::json> job(const std::string& jobId);
    // Events, oldest first, up to the one of the id `known` (not included; empty: the newest page).
    [[nodiscard]] base::Expected<std::vector<nlohmann::json>> events(const std::string& jobId,
                                                                     const std::string& known);
    // Asks once or twice, also when the token says stop.
    [[nodiscard]] base::Expected<void> cancelJob(const std::string& jobId);

private:
    struct Failure {
        base::Error error;
        std::int64_t waitMillis = 0; // what the server asked for; 0: nothing
    };
    using Outcome = tl::expected<nlohmann::json, Failure>;
    [[nodiscard]] net::HttpRequest request(std::string method, const std::string& path) const;
    [[nodiscard]] Outcome once(net::HttpRequest request, bool heedCancel = true);
    // `tries` 0: until giveUpMillis have passed.
    [[nodiscard]] base::Expected<nlohmann::json> ask(const net::HttpRequest& request, int tries);
    [[nodiscard]] bool waitBefore(int attempt, std::int64_t asked);

    std::shared_ptr<net::HttpClient> m_http;
    std::string m_url; // without / at its end
    std::string m_key;
    const FineTuningSettings& m_settings;
    base::CancelToken m_cancel;
    std::mt19937_64 m_random{std::random_device{}()};
};

// A text at a key of an object; empty when it is none.
[[nodiscard]] std::string textAt(const nlohmann::json& object, const char* key);

} // namespace scrit::train
