// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"
#include "core/mini/sequence.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

// The miniature's network: a decoder of about a million parameters, sampled and trained in this
// process. No header of LibTorch appears here.
namespace scrit::mini {

class PackedWeights;

struct NetworkShape {
    int vocabulary = 0;
    int segments = 0; // limits of Place
    int steps = 0;
    int offsets = 0;
    int width = 128; // a multiple of 32 and of 16 · heads
    int layers = 4;
    int heads = 4;
    friend bool operator==(const NetworkShape&, const NetworkShape&) = default;
};

// Weights with their shape. Immutable once made, shared between threads by shared_ptr.
class Network {
public:
    // A network that has learned nothing yet; the same (shape, seed) gives the same weights on
    // every machine. Invalid: a shape that cannot be.
    [[nodiscard]] static base::Expected<std::shared_ptr<const Network>>
    fresh(const NetworkShape& shape, std::uint64_t seed);
    // From weights in the order of network_layout.h. Invalid: the shape, or not as many as it has.
    [[nodiscard]] static base::Expected<std::shared_ptr<const Network>>
    fromValues(const NetworkShape& shape, std::vector<float> values);
    // Reads a checkpoint (safetensors). NotFound, Corrupt (not safetensors, truncated, tensors or
    // shape missing, values that are not finite, the state of a training that has not ended), Io.
    [[nodiscard]] static base::Expected<std::shared_ptr<const Network>>
    load(const std::filesystem::path& file);
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    // Writes one, whole or not at all (temporary name, fsync, rename). Io, DiskFull, Permission.
    [[nodiscard]] base::Expected<void> save(const std::filesystem::path& file) const;
    [[nodiscard]] const NetworkShape& shape() const { return m_shape; }
    // All weights, in the order of network_layout.h.
    [[nodiscard]] std::span<const float> values() const { return m_values; }
    // Content hash of shape and weights: what identifies this model to the completion cache.
    [[nodiscard]] const std::string& identity() const { return m_identity; }
    // The weights as the decoder of this processor wants them; made on first use, any thread.
    [[nodiscard]] const PackedWeights& packed() const;

private:
    Network(const NetworkShape& shape, std::vector<float> values);
    struct Packed;

    NetworkShape m_shape;
    std::vector<float> m_values;
    std::string m_identity;
    std::unique_ptr<Packed> m_packed;
};

struct SampleRequest {
    std::vector<Token> prompt; // at least one token
    Token end = 0;             // sampling stops after this token
    double temperature = 0;    // 0: the most likely token
    double topP = 1;
    std::uint64_t seed = 0; // of this request alone
    std::size_t maxTokens = 128;
};
struct SampleResult {
    std::vector<Token> tokens; // without the prompt, with the end token where it came
    bool ended = false;        // false: cut by maxTokens
};
struct SampleSettings {
    std::string device = "cpu"; // cpu (own decoder), cuda or torch-cpu (LibTorch, see canTrain)
    int threads = 1;            // of the own decoder
    std::size_t batch = 32;     // requests decoded side by side, of each thread
    // Each request's index and result as it is done, in any order; one call at a time.
    std::function<void(std::size_t, const SampleResult&)> finished;
};

// Samples many continuations at once with a cache of keys and values. On the processor, what one
// request gives does not depend on which others are in the batch nor on `threads`: it is
// deterministic in (network, request) on one kind of processor. Blocks; callbacks run on the
// sampling threads.
// Errors: Invalid (a token out of range, an empty prompt, prompt and answer too long), Unavailable
// (a device that is not there), Cancelled.
[[nodiscard]] base::Expected<std::vector<SampleResult>>
sample(const Network& network, std::span<const SampleRequest> requests,
       const base::CancelToken& cancel = {}, const SampleSettings& settings = {});

struct TrainSettings {
    double learningRate = 6e-4;   // reached after the warm-up, then falls linearly …
    double finalLearningRate = 0; // … to this at the last step
    int warmupSteps = 0;
    int epochs = 2;
    int batch = 16; // examples of a step
    std::uint64_t seed = 0;
    int threads = 1;
    std::string device = "auto"; // auto (cuda where there is one), cpu, cuda
    // Where a stopped training goes on from; empty: none is kept. It stays when training ends, and
    // a training that finds its own finished state there ends at once: who registers the result
    // removes the file.
    std::filesystem::path checkpoint;
    int checkpointEvery = 50; // steps
    // Called before each writing of it, after the progress of all its steps was reported.
    std::function<void()> beforeCheckpoint;
};
struct TrainProgress {
    std::int64_t step = 0; // done
    std::int64_t steps = 0;
    double loss = 0;            // mean over the learned tokens of this batch, nats
    double tokensPerSecond = 0; // of all tokens, without padding, since the start or resumption
    int batch = 0; // examples computed at once: smaller than asked for once memory ran out
};
// Whether training is possible in this build and installation, and why not (Unavailable). Loads
// LibTorch on first use (about a second).
[[nodiscard]] base::Expected<void> canTrain();

// Trains a copy of `start` on the examples (AdamW 0.9/0.98, weight decay 0.01, clip 1). The same
// settings, examples and start give the same weights on one machine (CPU, one thread), whether or
// not the training was stopped and resumed in between.
// Errors: Invalid (no example, token out of range, nothing to learn, a checkpoint of another
// training), Unavailable (built without LibTorch, no such device), Cancelled (the checkpoint is
// kept), Internal "the loss is not a number at step N", Limit (memory of the device), Corrupt (the
// checkpoint), DiskFull, Io.
[[nodiscard]] base::Expected<std::shared_ptr<const Network>>
train(const Network& start, std::span<const Sequence> examples, const TrainSettings& settings,
      const std::function<void(const TrainProgress&)>& progress = {},
      const base::CancelToken& cancel = {});

} // namespace scrit::mini
