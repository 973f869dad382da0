// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/builtin_backend.h"

#include "core/backend/recorded_backend.h"
#include "core/base/cancellation.h"
#include "core/base/hash.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/mini/language.h"
#include "core/mini/vocabulary.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace scrit::backend {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostAtOnce = 256;
// How long the thread waits for more requests before it begins with those that are there: a few
// sampled alone take nearly as long as many.
constexpr std::chrono::microseconds kPause{500};
constexpr int kMostPauses = 8;

ChatError failed(base::Error error) {
    ChatError chat;
    chat.error = std::move(error);
    return chat;
}

ChatError ended() {
    return failed({base::ErrorCode::Cancelled, "the request was ended", {}, false});
}

// The user's last turn: what the shipped prompts put the exercise into.
std::string_view userText(const ChatRequest& request) {
    const auto last =
        std::find_if(request.messages.rbegin(), request.messages.rend(),
                     [](const ChatMessage& message) { return message.role == "user"; });
    return last != request.messages.rend() ? std::string_view(last->content) : std::string_view();
}

base::Expected<mini::Request> meaningOf(const ChatRequest& request) {
    if (!request.jsonSchema.empty()) {
        return base::fail(base::ErrorCode::Invalid, "the builtin miniature writes no JSON",
                          "ask it without a schema, or choose another model");
    }
    base::Expected<mini::Request> meaning = mini::readRequest(userText(request));
    constexpr int kMostPrompt = mini::kMostTokens - mini::kMostAnswerTokens;
    if (meaning && mini::promptTokens(*meaning).size() > kMostPrompt) {
        return base::fail(base::ErrorCode::Invalid,
                          "the request is too long for the builtin miniature",
                          "a solution of its world has a few dozen tokens");
    }
    return meaning;
}

mini::SampleRequest sampleRequest(const mini::Request& meaning, const ChatRequest& request) {
    const Sampling& sampling = request.sampling;
    mini::SampleRequest sample;
    sample.prompt = mini::promptTokens(meaning);
    sample.end = mini::token::kEnd;
    sample.temperature = sampling.temperature;
    sample.topP = sampling.topP;
    sample.seed = sampling.seed ? static_cast<std::uint64_t>(*sampling.seed)
                                : base::hash64(promptHashOf(request.messages));
    sample.maxTokens =
        static_cast<std::size_t>(std::clamp(sampling.maxTokens, 1, mini::kMostAnswerTokens));
    return sample;
}

ChatResult resultOf(const mini::Request& meaning, const mini::SampleRequest& sample,
                    const mini::SampleResult& sampled, Clock::time_point begin) {
    ChatResult result;
    result.text = mini::answerText(meaning, sampled.tokens);
    result.finish = sampled.ended ? FinishReason::Stop : FinishReason::Length;
    result.model = "miniature";
    result.promptTokens = static_cast<std::int64_t>(sample.prompt.size());
    result.completionTokens = static_cast<std::int64_t>(sampled.tokens.size());
    result.totalSeconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return result;
}

} // namespace

base::Expected<fs::path> builtinCheckpoint(const std::string& file) {
    if (!file.empty()) {
        return fs::path(file);
    }
    const base::Expected<fs::path> resources = base::resourceFolder();
    if (!resources) {
        return base::fail(resources.error());
    }
    return *resources / "mini" / "base.safetensors";
}

base::Expected<std::shared_ptr<const mini::Network>> loadBuiltin(const std::string& file) {
    const base::Expected<fs::path> path = builtinCheckpoint(file);
    if (!path) {
        return base::fail(path.error());
    }
    base::Expected<std::shared_ptr<const mini::Network>> network = mini::Network::load(*path);
    if (!network) {
        return network;
    }
    const mini::NetworkShape& shape = (*network)->shape();
    if (shape.vocabulary != mini::vocabularySize() || shape.segments != mini::kSegments ||
        shape.steps != mini::kStepPlaces || shape.offsets != mini::kOffsets) {
        return base::fail(base::ErrorCode::Invalid,
                          base::makeVisibleUtf8(path->string()) +
                              " is no checkpoint of this program's miniature",
                          "give one that a training with the trainer builtin has made");
    }
    return network;
}

std::string builtinIdentity(const mini::Network& network) {
    return "miniature:" + network.identity();
}

struct BuiltinBackend::State {
    struct Waiting {
        RequestId id = 0;
        ChatRequest request;
        Done done;
        Clock::time_point begin;
    };
    // A request that is being sampled.
    struct Taken {
        Waiting waiting;
        mini::Request meaning;
    };

    std::shared_ptr<const mini::Network> network; // not changed
    base::CancelToken stopped;

    std::mutex mutex; // guards the members below
    std::condition_variable changed;
    std::deque<Waiting> queue;
    std::set<RequestId> open;      // not answered yet
    std::set<RequestId> cancelled; // of those
    RequestId lastId = 0;
    bool stopping = false;
    std::thread thread;

    // Waits for requests and takes those that come close together; none when it is over.
    std::vector<Waiting> take() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopping || !queue.empty(); });
        for (int pause = 0; pause < kMostPauses && !stopping && queue.size() < kMostAtOnce;
             ++pause) {
            const std::size_t before = queue.size();
            (void)changed.wait_for(lock, kPause,
                                   [&] { return stopping || queue.size() >= kMostAtOnce; });
            if (queue.size() == before) {
                break;
            }
        }
        std::vector<Waiting> taken;
        while (!queue.empty() && taken.size() < kMostAtOnce) {
            taken.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        return taken;
    }

    // Answers one request, with Cancelled if that was asked for meanwhile.
    void finish(Waiting& waiting, ChatOutcome&& outcome) {
        bool wasCancelled = false;
        {
            const std::lock_guard lock(mutex);
            open.erase(waiting.id);
            wasCancelled = cancelled.erase(waiting.id) > 0;
        }
        const Done done = std::exchange(waiting.done, nullptr);
        done(wasCancelled ? ChatOutcome(tl::unexpected(ended())) : std::move(outcome));
    }

    bool isCancelled(RequestId id) {
        const std::lock_guard lock(mutex);
        return cancelled.contains(id);
    }

    void answer(std::vector<Waiting> batch) {
        std::vector<Taken> taken;
        std::vector<mini::SampleRequest> samples;
        for (Waiting& waiting : batch) {
            base::Expected<mini::Request> meaning = meaningOf(waiting.request);
            if (!meaning || isCancelled(waiting.id)) {
                finish(waiting, tl::unexpected(meaning ? ended() : failed(meaning.error())));
                continue;
            }
            samples.push_back(sampleRequest(*meaning, waiting.request));
            taken.push_back({std::move(waiting), std::move(*meaning)});
        }
        mini::SampleSettings settings;
        settings.finished = [&](std::size_t index, const mini::SampleResult& sampled) {
            Taken& one = taken[index];
            finish(one.waiting, resultOf(one.meaning, samples[index], sampled, one.waiting.begin));
        };
        const auto sampled = mini::sample(*network, samples, stopped, settings);
        for (Taken& one : taken) { // those that an error left without an answer
            if (one.waiting.done) {
                finish(one.waiting, tl::unexpected(sampled ? ended() : failed(sampled.error())));
            }
        }
    }

    void run() {
        while (true) {
            std::vector<Waiting> batch = take();
            if (batch.empty()) {
                return;
            }
            if (stopped.isCancelled()) {
                for (Waiting& waiting : batch) {
                    finish(waiting, tl::unexpected(ended()));
                }
                continue;
            }
            answer(std::move(batch));
        }
    }
};

BuiltinBackend::BuiltinBackend(std::shared_ptr<const mini::Network> network)
    : m_state(std::make_unique<State>()) {
    m_state->network = std::move(network);
    m_state->thread = std::thread([state = m_state.get()] { state->run(); });
    pthread_setname_np(m_state->thread.native_handle(), "scrit-mini");
}

BuiltinBackend::~BuiltinBackend() {
    m_state->stopped.cancel();
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->stopping = true;
    }
    m_state->changed.notify_all();
    m_state->thread.join();
}

Backend::RequestId BuiltinBackend::complete(const ChatRequest& request, Done done) {
    RequestId id = 0;
    {
        const std::lock_guard lock(m_state->mutex);
        id = ++m_state->lastId;
        m_state->open.insert(id);
        m_state->queue.push_back({id, request, std::move(done), Clock::now()});
    }
    m_state->changed.notify_one();
    return id;
}

void BuiltinBackend::cancel(RequestId id) {
    const std::lock_guard lock(m_state->mutex);
    if (m_state->open.contains(id)) {
        m_state->cancelled.insert(id); // answered by the thread, as everything is
    }
}

} // namespace scrit::backend
