// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/server_plan.h"

#include "core/base/resources.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <initializer_list>
#include <system_error>

namespace scrit::backend {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUsualContext = 8192;    // prompts and critiques of mathematics are shorter
constexpr std::int64_t kLongestChoice = 32'768; // vLLM gives it only to requests that need it
constexpr std::int64_t kMostSequences = 256;

const std::vector<std::string> kLayerNames{"-ngl", "--gpu-layers", "--n-gpu-layers"};
const std::vector<std::string> kContextNames{"-c", "--ctx-size"};
const std::vector<std::string> kSlotNames{"-np", "--parallel"};

// What a GPU has for weights and cache: the rest is for the driver's context and for intermediate
// results, which both grow with the card in practice.
std::uint64_t budgetOf(const Gpu& gpu) {
    const std::uint64_t reserve = (std::uint64_t{512} << 20U) + gpu.totalBytes / 20;
    return gpu.freeBytes > reserve ? gpu.freeBytes - reserve : 0;
}

std::optional<std::int64_t> integerOf(const std::optional<std::string>& text) {
    std::int64_t value = 0;
    if (!text || text->empty()) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    return error == std::errc{} && end == text->data() + text->size() ? std::optional(value)
                                                                      : std::nullopt;
}

std::string gpusText(const std::vector<Gpu>& gpus) {
    std::string text;
    for (const Gpu& gpu : gpus) {
        text += (text.empty() ? "GPU " : ", GPU ") + std::to_string(gpu.index) + " (" + gpu.name +
                ", " + bytesText(gpu.freeBytes) + " free)";
    }
    return text;
}

void addSentence(std::string& text, std::string_view more) {
    text += text.empty() ? "" : "; ";
    text += more;
}

// One llama-server, one machine: everything the choice turns on.
class LlamaPlanner {
public:
    LlamaPlanner(const ModelFacts& facts, const Machine& machine, const PlanWishes& wishes)
        : m_facts(facts), m_machine(machine), m_wishes(wishes),
          m_layersArgument(argumentValue(wishes.extraArguments, kLayerNames)),
          m_contextArgument(argumentValue(wishes.extraArguments, kContextNames)),
          m_slotsArgument(argumentValue(wishes.extraArguments, kSlotNames)) {}

    ServerPlan plan() {
        m_context = chooseContext();
        chooseSlotsAndLayers();
        if (m_contextArgument) { // it is the sum over all slots, as llama-server counts
            const std::int64_t sum = integerOf(m_contextArgument).value_or(0);
            m_context = m_slots > 0 && sum > 0 ? sum / m_slots : 0;
        }
        m_plan.slots = m_slots;
        m_plan.contextTokens = m_context;
        m_plan.cacheBytes = cacheBytes(m_slots);
        explain();
        writeArguments();
        return m_plan;
    }

private:
    [[nodiscard]] std::int64_t chooseContext() {
        if (m_wishes.contextTokens > 0) {
            if (m_facts.trainedContext > 0 && m_wishes.contextTokens > m_facts.trainedContext) {
                addSentence(m_plan.warning, "the model was trained for a context of " +
                                                std::to_string(m_facts.trainedContext) +
                                                " tokens, not of " +
                                                std::to_string(m_wishes.contextTokens));
            }
            return m_wishes.contextTokens;
        }
        return m_facts.trainedContext > 0 ? std::min(m_facts.trainedContext, kUsualContext)
                                          : kUsualContext;
    }

    [[nodiscard]] std::uint64_t cacheBytes(int slots) const {
        if (const std::int64_t sum = integerOf(m_contextArgument).value_or(0); sum > 0) {
            return cacheBytesPerToken(m_facts) * static_cast<std::uint64_t>(sum);
        }
        return cacheBytesPerToken(m_facts) * static_cast<std::uint64_t>(m_context) *
               static_cast<std::uint64_t>(std::max(slots, 0));
    }
    [[nodiscard]] std::uint64_t restBytes() const {
        return m_facts.weightBytes - std::min(m_facts.layerBytes, m_facts.weightBytes);
    }
    // Weights and cache of one repeating layer.
    [[nodiscard]] std::uint64_t layerCost(int slots) const {
        const auto layers = static_cast<std::uint64_t>(std::max<std::int64_t>(m_facts.layers, 1));
        return (m_facts.layerBytes + cacheBytes(slots)) / layers + 1;
    }
    // How many repeating layers the GPUs hold; with the rest of the model on the largest of them
    // or without.
    [[nodiscard]] std::int64_t layersOnGpus(int slots, bool withRest) const {
        std::uint64_t layers = 0;
        std::uint64_t largest = 0;
        for (const Gpu& gpu : m_machine.gpus) {
            largest = std::max(largest, budgetOf(gpu));
            layers += budgetOf(gpu) / layerCost(slots);
        }
        if (withRest) {
            if (largest < restBytes()) {
                return 0;
            }
            layers -= largest / layerCost(slots);
            layers += (largest - restBytes()) / layerCost(slots);
        }
        return static_cast<std::int64_t>(std::min<std::uint64_t>(layers, 100'000));
    }
    [[nodiscard]] bool allFit(int slots) const {
        return layersOnGpus(slots, true) >= m_facts.layers;
    }
    [[nodiscard]] bool fitsMemory(int slots) const {
        const std::uint64_t needed = m_facts.weightBytes + cacheBytes(slots);
        return m_machine.freeMemory == 0 || needed <= m_machine.freeMemory / 10 * 9;
    }

    template<typename Fits>
    [[nodiscard]] int mostSlots(std::initializer_list<int> choices, Fits fits) const {
        for (const int slots : choices) {
            if (fits(slots)) {
                return slots;
            }
        }
        return 1;
    }

    void chooseSlotsAndLayers() {
        m_slots = static_cast<int>(
            std::clamp<std::int64_t>(integerOf(m_slotsArgument).value_or(m_wishes.slots), 0, 4096));
        const bool slotsChosen = m_slots == 0 && !m_slotsArgument;
        if (m_machine.gpus.empty() || m_facts.layers <= 0) {
            if (slotsChosen) {
                m_slots = mostSlots({4, 2, 1}, [this](int slots) { return fitsMemory(slots); });
            }
            if (!fitsMemory(m_slots)) {
                warnOfMemory(m_facts.weightBytes + cacheBytes(m_slots));
            }
            m_plan.gpuLayers = m_wishes.gpuLayers;
            return;
        }
        if (slotsChosen) {
            m_slots = mostSlots({8, 4, 2, 1}, [this](int slots) { return allFit(slots); });
        }
        const std::int64_t most = allFit(m_slots)
                                      ? m_facts.layers + 1
                                      : std::min(layersOnGpus(m_slots, false), m_facts.layers - 1);
        std::int64_t layers = m_wishes.gpuLayers >= 0 ? m_wishes.gpuLayers : most;
        if (m_layersArgument) {
            layers = integerOf(m_layersArgument).value_or(most);
        }
        if (std::min(layers, m_facts.layers + 1) > most) {
            addSentence(m_plan.warning, "probably only " +
                                            std::to_string(std::min(most, m_facts.layers)) +
                                            " layers fit onto the GPU");
        }
        m_plan.gpuLayers = static_cast<int>(std::clamp<std::int64_t>(layers, 0, 100'000));
        const std::int64_t left = std::max<std::int64_t>(m_facts.layers - layers, 0);
        const std::uint64_t inMemory =
            left == 0 ? 0 : restBytes() + static_cast<std::uint64_t>(left) * layerCost(m_slots);
        if (m_machine.freeMemory > 0 && inMemory > m_machine.freeMemory / 10 * 9) {
            warnOfMemory(inMemory);
        }
    }

    void warnOfMemory(std::uint64_t needed) {
        addSentence(m_plan.warning, "it needs " + bytesText(needed) + " of memory, " +
                                        bytesText(m_machine.freeMemory) + " are free");
    }

    void explain() {
        std::string& reason = m_plan.reason;
        const std::string slots =
            m_slots == 0
                ? "slots as the server likes"
                : std::to_string(m_slots) + (m_slots == 1 ? " slot" : " slots") +
                      (m_context > 0 ? " of " + std::to_string(m_context) + " tokens" : "");
        const std::string needs =
            bytesText(m_facts.weightBytes) + " of weights, " + slots +
            (m_plan.cacheBytes > 0 ? " (" + bytesText(m_plan.cacheBytes) + " of cache)" : "");
        if (m_machine.gpus.empty()) {
            reason = "layers where the server likes (" +
                     (m_machine.gpuError.empty() ? "no NVIDIA GPU" : m_machine.gpuError) + ")";
            if (m_plan.gpuLayers >= 0) {
                reason = std::to_string(m_plan.gpuLayers) + " layers on the GPU as asked for";
            }
        } else if (m_facts.layers <= 0) {
            reason = "layers where the server likes (the model file does not say how many it has)";
        } else if (m_plan.gpuLayers == 0) {
            reason = "no layer on " + gpusText(m_machine.gpus);
        } else if (m_plan.gpuLayers > m_facts.layers) {
            reason =
                "all " + std::to_string(m_facts.layers) + " layers on " + gpusText(m_machine.gpus);
        } else {
            reason = std::to_string(m_plan.gpuLayers) + " of " + std::to_string(m_facts.layers) +
                     " layers on " + gpusText(m_machine.gpus) + ", the others on the processor";
        }
        reason += "; " + needs;
    }

    void writeArguments() {
        const auto add = [this](const char* option, std::int64_t value) {
            m_plan.arguments.insert(m_plan.arguments.end(), {option, std::to_string(value)});
        };
        if (!m_layersArgument && m_plan.gpuLayers >= 0) {
            add("--n-gpu-layers", m_plan.gpuLayers);
        }
        if (!m_slotsArgument && m_slots > 0) {
            add("--parallel", m_slots);
        }
        if (!m_contextArgument && m_slots > 0 && m_context > 0) {
            add("--ctx-size", m_context * m_slots);
        }
    }

    const ModelFacts& m_facts;
    const Machine& m_machine;
    const PlanWishes& m_wishes;
    std::optional<std::string> m_layersArgument;
    std::optional<std::string> m_contextArgument;
    std::optional<std::string> m_slotsArgument;
    ServerPlan m_plan;
    std::int64_t m_context = 0;
    int m_slots = 0;
};

// The smallest number of GPUs, a power of two that divides the heads, whose memory holds the
// weights; all that may be used where none does.
int tensorParallel(const ModelFacts& facts, const std::vector<Gpu>& gpus) {
    int best = 1;
    for (int count = 1; count <= static_cast<int>(gpus.size()); count *= 2) {
        if (facts.heads > 0 && facts.heads % count != 0) {
            break;
        }
        best = count;
        std::uint64_t budget = 0;
        for (int i = 0; i < count; ++i) {
            budget += budgetOf(gpus[static_cast<std::size_t>(i)]);
        }
        if (facts.weightBytes + facts.weightBytes / 10 <= budget) {
            break;
        }
    }
    return best;
}

std::int64_t integerAt(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer()
               ? std::clamp<std::int64_t>(found->get<std::int64_t>(), 0, 1'000'000'000)
               : 0;
}

} // namespace

ModelFacts factsOf(const GgufInfo& info) {
    return {info.tensorBytes, info.layerBytes, info.layers,      info.heads,
            info.kvHeads,     info.keyLength,  info.valueLength, info.trainedContext};
}

base::Expected<ModelFacts> readHubFolder(const fs::path& folder) {
    const base::Expected<std::string> text =
        base::readFile(folder / "config.json", std::uintmax_t{4} << 20U);
    if (!text) {
        return base::fail(text.error());
    }
    nlohmann::json config = nlohmann::json::parse(*text, nullptr, false);
    if (!config.is_object()) {
        return base::fail(base::ErrorCode::Corrupt,
                          base::makeVisibleUtf8((folder / "config.json").string()) +
                              " is no JSON object");
    }
    if (const auto inner = config.find("text_config"); // models that also see pictures
        inner != config.end() && inner->is_object()) {
        config = nlohmann::json(*inner);
    }
    ModelFacts facts;
    facts.layers = integerAt(config, "num_hidden_layers");
    facts.heads = integerAt(config, "num_attention_heads");
    facts.kvHeads = integerAt(config, "num_key_value_heads");
    facts.kvHeads = facts.kvHeads > 0 ? facts.kvHeads : facts.heads;
    facts.keyLength = integerAt(config, "head_dim");
    if (facts.keyLength == 0 && facts.heads > 0) {
        facts.keyLength = integerAt(config, "hidden_size") / facts.heads;
    }
    facts.valueLength = facts.keyLength;
    facts.trainedContext = integerAt(config, "max_position_embeddings");
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".safetensors") {
            const std::uintmax_t size = entry.file_size(error);
            facts.weightBytes += error ? 0 : size;
        }
    }
    facts.layerBytes = facts.weightBytes;
    return facts;
}

std::uint64_t cacheBytesPerToken(const ModelFacts& facts) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(facts.layers, 0)) *
           static_cast<std::uint64_t>(std::max<std::int64_t>(facts.kvHeads, 0)) *
           static_cast<std::uint64_t>(
               std::max<std::int64_t>(facts.keyLength + facts.valueLength, 0)) *
           2;
}

ServerPlan planLlamaServer(const ModelFacts& facts, const Machine& machine,
                           const PlanWishes& wishes) {
    return LlamaPlanner(facts, machine, wishes).plan();
}

ServerPlan planVllm(const std::optional<ModelFacts>& facts, const Machine& machine,
                    const PlanWishes& wishes) {
    ServerPlan plan;
    const auto add = [&](const char* option, std::string value) {
        if (!argumentValue(wishes.extraArguments, {option})) {
            plan.arguments.insert(plan.arguments.end(), {option, std::move(value)});
        }
    };
    const ModelFacts known = facts.value_or(ModelFacts{});
    plan.contextTokens = wishes.contextTokens;
    plan.slots = wishes.slots;
    if (machine.gpus.empty()) {
        plan.reason = "no GPU: vLLM decides by itself";
        plan.warning = machine.gpuError.empty() ? "vLLM needs an NVIDIA GPU in most of its builds"
                                                : machine.gpuError;
    } else {
        const bool isSplit =
            argumentValue(wishes.extraArguments, {"--tensor-parallel-size", "-tp"}).has_value();
        const int count =
            isSplit ? static_cast<int>(machine.gpus.size()) : tensorParallel(known, machine.gpus);
        const std::vector<Gpu> used(machine.gpus.begin(), machine.gpus.begin() + count);
        double share = 0.95;
        std::uint64_t budget = 0;
        for (const Gpu& gpu : used) {
            budget += budgetOf(gpu);
            share = std::min(share, gpu.totalBytes > 0 ? static_cast<double>(budgetOf(gpu)) /
                                                             static_cast<double>(gpu.totalBytes)
                                                       : 0.0);
        }
        std::array<char, 16> shareText{};
        std::snprintf(shareText.data(), shareText.size(), "%.2f", std::max(share - 0.005, 0.05));
        add("--gpu-memory-utilization", shareText.data());
        if (count > 1 && !isSplit) {
            add("--tensor-parallel-size", std::to_string(count));
        }
        plan.reason = std::string(shareText.data()) + " of the memory of " + gpusText(used);
        if (known.weightBytes > 0) {
            plan.reason += "; " + bytesText(known.weightBytes) + " of weights";
        }
        const std::uint64_t perToken = cacheBytesPerToken(known);
        if (known.weightBytes >= budget && known.weightBytes > 0) {
            plan.warning = "the weights do not fit";
        } else if (perToken > 0) {
            const auto tokens = static_cast<std::int64_t>((budget - known.weightBytes) / perToken);
            if (plan.contextTokens == 0) {
                plan.contextTokens = known.trainedContext > 0
                                         ? std::min(known.trainedContext, kLongestChoice)
                                         : kUsualContext;
                while (plan.contextTokens > tokens && plan.contextTokens > 1024) {
                    plan.contextTokens /= 2;
                }
            }
            if (plan.contextTokens > tokens) {
                plan.warning = "the cache holds " + std::to_string(tokens) + " tokens only";
            }
            if (plan.slots == 0) { // few requests ever use their whole context
                plan.slots = static_cast<int>(
                    std::clamp<std::int64_t>(4 * tokens / plan.contextTokens, 1, kMostSequences));
            }
            plan.cacheBytes = budget - known.weightBytes;
        }
    }
    if (plan.contextTokens > 0) {
        add("--max-model-len", std::to_string(plan.contextTokens));
        plan.reason += "; " + std::to_string(plan.contextTokens) + " tokens a request";
    }
    if (plan.slots > 0) {
        add("--max-num-seqs", std::to_string(plan.slots));
        plan.reason += ", " + std::to_string(plan.slots) + " at once";
    }
    return plan;
}

std::optional<std::string> argumentValue(const std::vector<std::string>& arguments,
                                         const std::vector<std::string>& names) {
    std::optional<std::string> value;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        for (const std::string& name : names) {
            if (arguments[i] == name) {
                value = i + 1 < arguments.size() ? arguments[i + 1] : std::string();
            } else if (arguments[i].starts_with(name + "=")) {
                value = arguments[i].substr(name.size() + 1);
            }
        }
    }
    return value;
}

} // namespace scrit::backend
