// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/recorded_backend.h"

#include "core/base/hash.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>
#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace scrit::backend {
namespace {

using PlainJson = nlohmann::json;

constexpr std::size_t kMostLineBytes = std::size_t{64} << 20U;

tl::unexpected<base::Error> unreadable(std::string what) {
    return base::fail(base::ErrorCode::Parse, std::move(what));
}

// The text at a key; nothing with `bad` set when it is something else.
std::string textAt(const PlainJson& object, const char* key, bool& bad) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) {
        return {};
    }
    bad = bad || !found->is_string();
    return found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> integerOrBad(const PlainJson& object, const char* key, bool& bad) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) {
        return std::nullopt;
    }
    bad = bad || !found->is_number_integer();
    return found->is_number_integer() ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}

FinishReason finishReasonOf(const std::string& text) {
    for (const FinishReason reason :
         {FinishReason::Length, FinishReason::Filtered, FinishReason::Other}) {
        if (text == name(reason)) {
            return reason;
        }
    }
    return FinishReason::Stop;
}

ChatError failed(base::ErrorCode code, std::string message, std::string advice = {}) {
    ChatError error;
    error.error = {code, std::move(message), std::move(advice), false};
    return error;
}

} // namespace

base::Expected<RecordedCompletion> recordedCompletion(std::string_view line) {
    const PlainJson object = PlainJson::parse(line, nullptr, false);
    if (!object.is_object()) {
        return unreadable("it is no JSON object");
    }
    bool bad = false;
    RecordedCompletion record;
    record.promptHash = base::lowerAscii(textAt(object, "prompt_hash", bad));
    record.problem = textAt(object, "problem", bad);
    record.solution = textAt(object, "solution", bad);
    record.seed = integerOrBad(object, "seed", bad);
    record.result.text = textAt(object, "text", bad);
    record.result.reasoning = textAt(object, "reasoning", bad);
    record.result.model = textAt(object, "model", bad);
    record.result.finish = finishReasonOf(textAt(object, "finish_reason", bad));
    record.result.promptTokens = integerOrBad(object, "prompt_tokens", bad);
    record.result.completionTokens = integerOrBad(object, "completion_tokens", bad);
    if (bad) {
        return unreadable("a key has a value of the wrong type");
    }
    if (!object.contains("text")) {
        return unreadable("it has no \"text\"");
    }
    if (record.promptHash.empty() && record.problem.empty()) {
        return unreadable("it has neither \"prompt_hash\" nor \"problem\"");
    }
    return record;
}

std::string promptHashOf(const std::vector<ChatMessage>& messages) {
    std::string hash = base::contentHash({"prompt"});
    for (const ChatMessage& message : messages) {
        hash = base::contentHash({hash, message.role, message.content});
    }
    return hash;
}

struct RecordedBackend::State {
    struct Waiting {
        RequestId id = 0;
        ChatRequest request;
        Done done;
        bool cancelled = false;
    };

    std::vector<RecordedCompletion> records; // not changed after the start
    std::map<std::string, std::vector<std::size_t>> byHash;
    std::vector<std::size_t> byTexts;         // those without a hash
    std::map<std::string, std::size_t> given; // scrit-recorded only: answers a prompt got

    std::mutex mutex; // guards the members below
    std::condition_variable changed;
    std::deque<Waiting> queue;
    RequestId lastId = 0;
    bool stopping = false;
    std::thread thread;

    [[nodiscard]] std::vector<std::size_t> matches(const ChatRequest& request,
                                                   const std::string& hash) const {
        if (const auto found = byHash.find(hash); found != byHash.end()) {
            return found->second;
        }
        const auto holds = [&request](const std::string& text) {
            return std::any_of(request.messages.begin(), request.messages.end(),
                               [&text](const ChatMessage& message) {
                                   return message.content.find(text) != std::string::npos;
                               });
        };
        std::vector<std::size_t> found;
        for (const std::size_t index : byTexts) {
            if (holds(records[index].problem) && holds(records[index].solution)) {
                found.push_back(index);
            }
        }
        return found;
    }

    ChatOutcome answer(const ChatRequest& request) {
        const std::string hash = promptHashOf(request.messages);
        std::vector<std::size_t> found = matches(request, hash);
        const std::optional<std::int64_t> seed = request.sampling.seed;
        const bool forSeed = std::any_of(found.begin(), found.end(), [&](std::size_t index) {
            return records[index].seed && records[index].seed == seed;
        });
        std::erase_if(found, [&](std::size_t index) {
            return forSeed ? records[index].seed != seed : records[index].seed.has_value();
        });
        if (found.empty()) {
            return tl::unexpected(
                failed(base::ErrorCode::NotFound, "no recorded completion for prompt " + hash,
                       "add a line with this prompt_hash to the file of recorded completions"));
        }
        const std::string key = forSeed ? hash + ':' + std::to_string(*seed) : hash;
        return records[found[given[key]++ % found.size()]].result;
    }

    void run() {
        std::unique_lock lock(mutex);
        while (true) {
            changed.wait(lock, [this] { return stopping || !queue.empty(); });
            if (queue.empty()) {
                return;
            }
            Waiting next = std::move(queue.front());
            queue.pop_front();
            const bool cancelled = next.cancelled || stopping;
            lock.unlock();
            next.done(cancelled ? ChatOutcome(tl::unexpected(
                                      failed(base::ErrorCode::Cancelled, "the request was ended")))
                                : answer(next.request));
            lock.lock();
        }
    }
};

base::Expected<std::shared_ptr<RecordedBackend>>
RecordedBackend::open(const std::vector<std::string>& files) {
    std::vector<RecordedCompletion> records;
    for (const std::string& path : files) {
        std::ifstream file(path, std::ios::binary);
        if (!file) {
            return base::fail(base::systemError(errno, "cannot read", path));
        }
        std::string line;
        for (std::int64_t number = 1; std::getline(file, line); ++number) {
            if (base::trimmed(line).empty()) {
                continue;
            }
            base::Expected<RecordedCompletion> record = line.size() > kMostLineBytes
                                                            ? unreadable("it is too long")
                                                            : recordedCompletion(line);
            if (!record) {
                return base::fail(record.error().withContext(base::makeVisibleUtf8(path) +
                                                             ": line " + std::to_string(number)));
            }
            records.push_back(std::move(*record));
        }
        if (file.bad()) {
            return base::fail(base::systemError(EIO, "cannot read", path));
        }
    }
    if (records.empty()) {
        return unreadable("no recorded completion in " +
                          base::makeVisibleUtf8(files.empty() ? "no file" : files.front()));
    }
    return std::make_shared<RecordedBackend>(std::move(records));
}

RecordedBackend::RecordedBackend(std::vector<RecordedCompletion> records)
    : m_state(std::make_unique<State>()) {
    m_state->records = std::move(records);
    for (std::size_t i = 0; i < m_state->records.size(); ++i) {
        const std::string& hash = m_state->records[i].promptHash;
        (hash.empty() ? m_state->byTexts : m_state->byHash[hash]).push_back(i);
    }
    m_state->thread = std::thread([state = m_state.get()] { state->run(); });
    pthread_setname_np(m_state->thread.native_handle(), "scrit-recorded");
}

RecordedBackend::~RecordedBackend() {
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->stopping = true;
    }
    m_state->changed.notify_all();
    m_state->thread.join();
}

Backend::RequestId RecordedBackend::complete(const ChatRequest& request, Done done) {
    RequestId id = 0;
    {
        const std::lock_guard lock(m_state->mutex);
        id = ++m_state->lastId;
        m_state->queue.push_back({id, request, std::move(done), false});
    }
    m_state->changed.notify_one();
    return id;
}

void RecordedBackend::cancel(RequestId id) {
    const std::lock_guard lock(m_state->mutex);
    for (State::Waiting& waiting : m_state->queue) {
        waiting.cancelled = waiting.cancelled || waiting.id == id;
    }
}

std::size_t RecordedBackend::size() const {
    return m_state->records.size();
}

} // namespace scrit::backend
