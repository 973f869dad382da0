// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/gguf.h"
#include "core/backend/gpu.h"
#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// How a local server is started: what goes onto the GPU, how many requests at once, how much
// context for each. Pure, any thread, except readHubFolder().
namespace scrit::backend {

// What a plan needs to know of a model; 0: not known.
struct ModelFacts {
    std::uint64_t weightBytes = 0;
    std::uint64_t layerBytes = 0; // of them, those of repeating layers
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t keyLength = 0;   // of one head
    std::int64_t valueLength = 0; // of one head
    std::int64_t trainedContext = 0;
};
[[nodiscard]] ModelFacts factsOf(const GgufInfo& info);
// config.json and the sizes of *.safetensors in a folder as vLLM takes it. NotFound when there is
// no config.json.
[[nodiscard]] base::Expected<ModelFacts> readHubFolder(const std::filesystem::path& folder);

// What somebody asked for.
struct PlanWishes {
    int slots = 0;                           // 0: choose
    std::int64_t contextTokens = 0;          // of one request; 0: choose
    int gpuLayers = -1;                      // −1: choose
    std::vector<std::string> extraArguments; // options in here win; they are not given twice
};

struct ServerPlan {
    std::vector<std::string> arguments; // to be put before the extra arguments
    int gpuLayers = -1;                 // −1: left to the server
    int slots = 0;                      // 0: left to the server
    std::int64_t contextTokens = 0;     // of one request; 0: left to the server
    std::uint64_t cacheBytes = 0;       // of the KV cache, all slots; 0: not known
    std::string reason;                 // one sentence for people
    std::string warning;                // what will probably go wrong; empty: nothing
};

// Bytes of the key-value cache for one token: layers · kv heads · (key length + value length) · 2
// bytes (16-bit). Shazeer, arXiv 1911.02150, section 2.4; Ainslie et al., arXiv 2305.13245.
[[nodiscard]] std::uint64_t cacheBytesPerToken(const ModelFacts& facts);

// llama-server: --n-gpu-layers, --parallel, --ctx-size. All layers on GPUs where they fit with at
// least one slot, then as many slots as fit; else as many layers as fit with the slots asked for
// (or one). Without an NVIDIA GPU the layers are left to the server, which may know another kind.
[[nodiscard]] ServerPlan planLlamaServer(const ModelFacts& facts, const Machine& machine,
                                         const PlanWishes& wishes);
// vLLM: --gpu-memory-utilization, --max-model-len, --max-num-seqs, --tensor-parallel-size.
[[nodiscard]] ServerPlan planVllm(const std::optional<ModelFacts>& facts, const Machine& machine,
                                  const PlanWishes& wishes);

// The value of an option in a list of arguments ("-c 5", "--ctx-size=5"): the last one counts;
// nothing when it is not there, an empty text when it has no value.
[[nodiscard]] std::optional<std::string> argumentValue(const std::vector<std::string>& arguments,
                                                       const std::vector<std::string>& names);

} // namespace scrit::backend
