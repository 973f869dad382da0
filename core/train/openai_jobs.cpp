// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/openai_jobs.h"

#include "core/backend/openai_protocol.h"
#include "core/backend/redact.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/net/backoff.h"
#include "core/net/multipart.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace scrit::train {
namespace {

using base::ErrorCode;
using nlohmann::json;

constexpr int kTries = 5;

base::Error cancelled() {
    return {ErrorCode::Cancelled, "the training was stopped", "it can be resumed", false};
}

// Where the answer to a request is waited for.
struct Answer {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<base::Expected<net::HttpResponse>> response;
};

// A day for a large file on a slow line; while it is sent, the stall counts.
constexpr std::int64_t kUploadMillis = 86'400'000;

} // namespace

std::string textAt(const json& object, const char* key) {
    if (!object.is_object() || !object.contains(key) || !object[key].is_string()) {
        return {};
    }
    return object[key].get<std::string>();
}

OpenAiJobs::OpenAiJobs(std::shared_ptr<net::HttpClient> http, const backend::ModelSettings& model,
                       std::string key, const FineTuningSettings& settings,
                       base::CancelToken cancel)
    : m_http(std::move(http)), m_url(model.urls.empty() ? "" : model.urls.front()),
      m_key(std::move(key)), m_settings(settings), m_cancel(std::move(cancel)) {
    while (m_url.ends_with('/')) {
        m_url.pop_back();
    }
}

net::HttpRequest OpenAiJobs::request(std::string method, const std::string& path) const {
    net::HttpRequest request;
    request.method = std::move(method);
    request.url = m_url + path;
    request.deadlines.firstByte = 120'000;
    if (!m_key.empty()) {
        request.headers.emplace_back("Authorization", "Bearer " + m_key);
    }
    return request;
}

OpenAiJobs::Outcome OpenAiJobs::once(net::HttpRequest request, bool heedCancel) {
    const auto answer = std::make_shared<Answer>();
    const auto id =
        m_http->send(std::move(request), [answer](base::Expected<net::HttpResponse>&& response) {
            const std::lock_guard lock(answer->mutex);
            answer->response = std::move(response);
            answer->arrived.notify_all();
        });
    std::unique_lock lock(answer->mutex);
    bool aborted = false;
    while (!answer->arrived.wait_for(lock, std::chrono::milliseconds(50),
                                     [&] { return answer->response.has_value(); })) {
        if (heedCancel && !aborted && m_cancel.isCancelled()) {
            aborted = true;
            lock.unlock();
            m_http->cancel(id);
            lock.lock();
        }
    }
    if (aborted) {
        return tl::unexpected(Failure{cancelled()});
    }
    base::Expected<net::HttpResponse>& response = *answer->response;
    if (!response) {
        base::Error error = response.error();
        error.message = backend::withoutKey(std::move(error.message), m_key);
        return tl::unexpected(Failure{std::move(error)});
    }
    response->body = backend::withoutKey(std::move(response->body), m_key);
    if (response->status < 200 || response->status > 299) {
        backend::ChatError error = backend::errorFromResponse(*response);
        if (error.serverCode == "insufficient_quota") { // is a 429, too
            error.error.retryable = false;
            error.error.advice = "the account behind the key has no credit left";
        }
        return tl::unexpected(Failure{std::move(error.error), error.retryAfterMillis.value_or(0)});
    }
    json body = json::parse(response->body, nullptr, false);
    if (!body.is_object()) {
        return tl::unexpected(
            Failure{{ErrorCode::Server,
                     "the server's answer is no JSON object: " +
                         base::excerpt(base::makeVisibleUtf8(response->body), 80),
                     "does the URL lead to a server that can fine-tune?", false}});
    }
    return body;
}

bool OpenAiJobs::waitBefore(int attempt, std::int64_t asked) {
    const std::int64_t backoff = net::backoffMillis(
        attempt, m_random(), {m_settings.firstPollMillis, m_settings.mostPollMillis});
    return m_settings.sleep(std::max(asked, backoff), m_cancel);
}

base::Expected<json> OpenAiJobs::ask(const net::HttpRequest& request, int tries) {
    const std::int64_t since = base::steadyMillis();
    for (int attempt = 1;; ++attempt) {
        Outcome outcome = once(request);
        if (outcome) {
            return std::move(*outcome);
        }
        const bool over =
            tries > 0 ? attempt >= tries : base::steadyMillis() - since > m_settings.giveUpMillis;
        const base::Error& error = outcome.error().error;
        if (!error.retryable || over) {
            return base::fail(error);
        }
        if (!waitBefore(attempt, outcome.error().waitMillis)) {
            return base::fail(cancelled());
        }
    }
}

base::Expected<std::string> OpenAiJobs::upload(const std::filesystem::path& file) {
    net::HttpRequest upload = request("POST", "/files");
    std::string boundary = "scrit-";
    for (int i = 0; i < 4; ++i) {
        boundary += std::to_string(m_random());
    }
    upload.deadlines.firstByte = 0;
    upload.deadlines.total = kUploadMillis;
    net::setMultipart(upload, {{"purpose", "fine-tune"}}, "file", file.filename().string(), file,
                      boundary);
    const base::Expected<json> answer = ask(upload, kTries);
    if (!answer) {
        return base::fail(answer.error().withContext("uploading " + file.filename().string()));
    }
    std::string id = textAt(*answer, "id");
    if (id.empty()) {
        return base::fail(ErrorCode::Server, "the server took the file and gave it no id");
    }
    return id;
}

base::Expected<std::string> OpenAiJobs::findJob(const std::string& fileId) {
    const base::Expected<json> list = ask(request("GET", "/fine_tuning/jobs?limit=100"), kTries);
    if (!list) {
        return base::fail(list.error());
    }
    for (const json& job : list->value("data", json::array())) {
        const std::string status = textAt(job, "status");
        const bool ended = status == "failed" || status == "cancelled";
        if (!ended && textAt(job, "training_file") == fileId) {
            return textAt(job, "id");
        }
    }
    return std::string();
}

base::Expected<std::string> OpenAiJobs::create(const json& body) {
    net::HttpRequest creation = request("POST", "/fine_tuning/jobs");
    creation.once = true; // each job is paid
    creation.headers.emplace_back("Content-Type", "application/json");
    creation.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    for (int attempt = 1;; ++attempt) {
        const Outcome outcome = once(creation);
        if (outcome) {
            std::string id = textAt(*outcome, "id");
            return id.empty() ? base::fail(ErrorCode::Server,
                                           "the server started a training and gave it no id")
                              : base::Expected<std::string>(std::move(id));
        }
        const Failure& failure = outcome.error();
        if (!failure.error.retryable || attempt >= kTries) {
            return base::fail(failure.error.withContext("starting the training"));
        }
        if (!waitBefore(attempt, failure.waitMillis)) {
            return base::fail(cancelled());
        }
        // The server may have started it and its answer got lost: a second one would be paid, too.
        base::Expected<std::string> made = findJob(textAt(body, "training_file"));
        if (!made || !made->empty()) {
            return made;
        }
    }
}

base::Expected<json> OpenAiJobs::job(const std::string& jobId) {
    return ask(request("GET", "/fine_tuning/jobs/" + jobId), 0);
}

base::Expected<std::vector<json>> OpenAiJobs::events(const std::string& jobId,
                                                     const std::string& known) {
    constexpr int kMostPages = 50;
    std::vector<json> events; // newest first, as they come
    std::string after;
    for (int page = 0; page < kMostPages; ++page) {
        const std::string path = "/fine_tuning/jobs/" + jobId + "/events?limit=100" +
                                 (after.empty() ? "" : "&after=" + after);
        const base::Expected<json> list = ask(request("GET", path), 0);
        if (!list) {
            return base::fail(list.error());
        }
        const json data = list->value("data", json::array());
        bool reached = known.empty() || !data.is_array() || data.empty();
        for (const json& event : data) {
            if (!known.empty() && textAt(event, "id") == known) {
                reached = true;
                break;
            }
            events.push_back(event);
        }
        after = data.is_array() && !data.empty() ? textAt(data.back(), "id") : "";
        const json more = list->value("has_more", json(false));
        if (reached || after.empty() || more != true) {
            break;
        }
    }
    std::reverse(events.begin(), events.end());
    return events;
}

base::Expected<void> OpenAiJobs::cancelJob(const std::string& jobId) {
    net::HttpRequest stop = request("POST", "/fine_tuning/jobs/" + jobId + "/cancel");
    stop.deadlines.connect = 3000;
    stop.deadlines.total = 10'000;
    Outcome outcome = once(stop, false);
    if (!outcome && outcome.error().error.retryable) {
        outcome = once(stop, false);
    }
    return outcome ? base::Expected<void>{} : base::fail(outcome.error().error);
}

} // namespace scrit::train
