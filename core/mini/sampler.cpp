// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/sampler.h"

#include "core/mini/network_layout.h"
#include "core/mini/random.h"
#include "core/mini/trainer_batches.h"
#include "core/mini/trainer_module.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace scrit::mini {
namespace {

constexpr std::size_t kMostThreads = 64;
constexpr std::size_t kMostBatch = 256;
constexpr std::size_t kWholeVectors = 16; // Kernels::exponentials wants whole registers

base::Expected<void> checkRequests(const NetworkShape& shape,
                                   std::span<const SampleRequest> requests) {
    for (const SampleRequest& request : requests) {
        if (request.prompt.empty()) {
            return base::fail(base::ErrorCode::Invalid, "a prompt without tokens");
        }
        if (request.prompt.size() + request.maxTokens > kMaxPositions) {
            return base::fail(base::ErrorCode::Invalid, "prompt and answer are longer than " +
                                                            std::to_string(kMaxPositions) +
                                                            " tokens together");
        }
        if (!(request.temperature >= 0) || !std::isfinite(request.temperature) ||
            !(request.topP > 0)) {
            return base::fail(base::ErrorCode::Invalid,
                              "temperature must be 0 or more and top p above 0");
        }
        for (const Token token : request.prompt) {
            if (token < 0 || token >= shape.vocabulary) {
                return base::fail(base::ErrorCode::Invalid,
                                  "token " + std::to_string(token) +
                                      " is not in the network's vocabulary");
            }
        }
    }
    return {};
}

// A sequence that is being written.
struct Active {
    std::size_t request = 0;
    PlaceTracker tracker;
    Random random{0};
    int position = 0;
    Token last = 0;
    SampleResult result;
};

// One thread's share of the requests: takes the next one whenever a slot is free.
class Worker {
public:
    struct Shared {
        const NetworkShape& shape;
        std::span<const SampleRequest> requests;
        std::span<SampleResult> results;
        const base::CancelToken& cancel;
        const SampleSettings& settings;
        std::atomic<std::size_t> next{0};
        std::mutex mutex; // of problem and of settings.finished
        std::optional<base::Error> problem;
    };

    Worker(Shared& shared, std::unique_ptr<Decoder> decoder, std::size_t slots)
        : m_shared(shared), m_decoder(std::move(decoder)), m_active(slots) {}

    void run() {
        const auto vocabulary = static_cast<std::size_t>(m_shared.shape.vocabulary);
        while (!m_shared.cancel.isCancelled() && collect()) {
            m_logits.resize(m_wanted.size() * vocabulary);
            if (auto read = m_decoder->advance(m_rows, m_logits); !read) {
                const std::scoped_lock lock(m_shared.mutex);
                m_shared.problem = std::move(read.error());
                m_shared.next = m_shared.requests.size();
                return;
            }
            for (std::size_t i = 0; i < m_wanted.size(); ++i) {
                write(m_wanted[i], std::span(m_logits).subspan(i * vocabulary, vocabulary));
            }
        }
    }

private:
    // What is to be read next, in m_rows; false when all is done.
    bool collect() {
        m_rows.clear();
        m_wanted.clear();
        for (std::size_t slot = 0; slot < m_active.size(); ++slot) {
            if (!m_active[slot] && !begin(slot)) {
                continue;
            }
            Active& active = *m_active[slot];
            if (active.position == 0) {
                for (const Token token : m_shared.requests[active.request].prompt) {
                    read(slot, active, token);
                }
            } else {
                read(slot, active, active.last);
            }
            m_rows.back().wanted = true;
            m_wanted.push_back(slot);
        }
        return !m_rows.empty();
    }
    bool begin(std::size_t slot) {
        while (true) {
            const std::size_t request = m_shared.next.fetch_add(1);
            if (request >= m_shared.requests.size()) {
                return false;
            }
            Active active;
            active.request = request;
            active.random = Random(m_shared.requests[request].seed);
            if (m_shared.requests[request].maxTokens == 0) {
                finish(active);
                continue;
            }
            m_active[slot] = std::move(active);
            return true;
        }
    }
    void read(std::size_t slot, Active& active, Token token) {
        const Place place = limited(active.tracker.push(token), m_shared.shape);
        m_rows.push_back({static_cast<int>(slot), active.position, token, place, false});
        ++active.position;
    }
    void write(std::size_t slot, std::span<const float> logits) {
        Active& active = *m_active[slot];
        const SampleRequest& request = m_shared.requests[active.request];
        active.last = m_chooser.choose(logits, request.temperature, request.topP, active.random);
        active.result.tokens.push_back(active.last);
        active.result.ended = active.last == request.end;
        if (active.result.ended || active.result.tokens.size() == request.maxTokens) {
            finish(active);
            m_active[slot].reset();
        }
    }
    void finish(Active& active) {
        SampleResult& result = m_shared.results[active.request];
        result = std::move(active.result);
        if (m_shared.settings.finished) {
            const std::scoped_lock lock(m_shared.mutex);
            m_shared.settings.finished(active.request, result);
        }
    }

    Shared& m_shared;
    std::unique_ptr<Decoder> m_decoder;
    std::vector<std::optional<Active>> m_active; // by slot
    std::vector<DecoderRow> m_rows;
    std::vector<std::size_t> m_wanted; // slots, in the order of their logits
    std::vector<float> m_logits;
    Chooser m_chooser;
};

base::Expected<std::unique_ptr<Decoder>>
decoderFor(const Network& network, const std::string& device, std::size_t slots, int capacity) {
    if (device == "cpu") {
        return cpuDecoder(network.packed(), static_cast<int>(slots), capacity);
    }
    return torchDecoder(network, device, static_cast<int>(slots), capacity);
}

} // namespace

Token Chooser::choose(std::span<const float> logits, double temperature, double topP,
                      Random& random) {
    const auto most = std::max_element(logits.begin(), logits.end()); // the first of equals
    if (temperature <= 0) {
        return static_cast<Token>(most - logits.begin());
    }
    m_weights.assign((logits.size() + kWholeVectors - 1) / kWholeVectors * kWholeVectors, *most);
    std::copy(logits.begin(), logits.end(), m_weights.begin());
    availableKernels().front()->exponentials(m_weights.data(), m_weights.size(), *most,
                                             static_cast<float>(1 / temperature));
    m_weights.resize(logits.size());
    m_order.resize(logits.size());
    std::iota(m_order.begin(), m_order.end(), std::size_t{0});
    double total = std::accumulate(m_weights.begin(), m_weights.end(), 0.0);
    std::size_t kept = m_order.size();
    if (topP < 1) {
        std::stable_sort(m_order.begin(), m_order.end(),
                         [&](std::size_t a, std::size_t b) { return m_weights[a] > m_weights[b]; });
        const double enough = topP * total;
        double sum = 0;
        kept = 0;
        while (kept < m_order.size() && (kept == 0 || sum < enough)) {
            sum += static_cast<double>(m_weights[m_order[kept++]]);
        }
        total = sum;
    }
    double left = random.unit() * total;
    for (std::size_t i = 0; i + 1 < kept; ++i) {
        left -= static_cast<double>(m_weights[m_order[i]]);
        if (left < 0) {
            return static_cast<Token>(m_order[i]);
        }
    }
    return static_cast<Token>(m_order[kept - 1]);
}

base::Expected<std::vector<SampleResult>> sample(const Network& network,
                                                 std::span<const SampleRequest> requests,
                                                 const base::CancelToken& cancel,
                                                 const SampleSettings& settings) {
    if (auto checked = checkRequests(network.shape(), requests); !checked) {
        return base::fail(std::move(checked.error()));
    }
    std::vector<SampleResult> results(requests.size());
    if (requests.empty()) {
        return results;
    }
    std::size_t longest = 0;
    for (const SampleRequest& request : requests) {
        longest = std::max(longest, request.prompt.size() + request.maxTokens);
    }
    const bool own = settings.device == "cpu";
    const std::size_t threads =
        own ? std::clamp<std::size_t>(static_cast<std::size_t>(std::max(settings.threads, 1)), 1,
                                      std::min(requests.size(), kMostThreads))
            : 1;
    const std::size_t share = (requests.size() + threads - 1) / threads;
    const std::size_t slots =
        std::min(std::clamp<std::size_t>(settings.batch, 1, kMostBatch), share);

    Worker::Shared shared{network.shape(), requests, results, cancel, settings, {}, {}, {}};
    std::vector<Worker> workers;
    for (std::size_t i = 0; i < threads; ++i) {
        auto decoder = decoderFor(network, settings.device, slots, static_cast<int>(longest));
        if (!decoder) {
            return base::fail(std::move(decoder.error()));
        }
        workers.emplace_back(shared, std::move(*decoder), slots);
    }
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < threads; ++i) {
            others.emplace_back([&worker = workers[i]] { worker.run(); });
            const std::string name = "scrit-sample-" + std::to_string(i);
            pthread_setname_np(others.back().native_handle(), name.c_str());
        }
        workers.front().run();
    }
    if (shared.problem) {
        return base::fail(std::move(*shared.problem));
    }
    if (cancel.isCancelled()) {
        return base::fail(base::ErrorCode::Cancelled, "sampling was stopped");
    }
    return results;
}

} // namespace scrit::mini
