// SPDX-License-Identifier: GPL-3.0-or-later
// The module scrit-torch.so: the network in LibTorch, for training and for sampling on CUDA. The
// one file that sees LibTorch's headers.
#include "core/mini/network_layout.h"
#include "core/mini/trainer_engine.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

// OpenBLAS has threads of its own, which LibTorch does not know of. Null with another BLAS.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));

namespace scrit::mini {
namespace {

using torch::Tensor;

// Runs `work`, which may throw what LibTorch throws.
template<typename Work>
auto guarded(Work&& work) -> base::Expected<decltype(work())> {
    try {
        if constexpr (std::is_void_v<decltype(work())>) {
            work();
            return {};
        } else {
            return work();
        }
    } catch (const c10::OutOfMemoryError&) {
        return base::fail(base::ErrorCode::Limit, "the device is out of memory");
    } catch (const std::bad_alloc&) {
        return base::fail(base::ErrorCode::Limit, "out of memory");
    } catch (const c10::Error& error) {
        return base::fail(base::ErrorCode::Internal,
                          std::string("LibTorch: ") + error.what_without_backtrace());
    } catch (const std::exception& error) {
        return base::fail(base::ErrorCode::Internal, std::string("LibTorch: ") + error.what());
    }
}

base::Expected<torch::Device> deviceFor(const std::string& name) {
    if (name == "cpu") {
        return torch::Device(torch::kCPU);
    }
    if (name == "cuda" || name == "auto") {
        if (torch::cuda::is_available()) {
            return torch::Device(torch::kCUDA);
        }
        if (name == "auto") {
            return torch::Device(torch::kCPU);
        }
        return base::fail(base::ErrorCode::Unavailable,
                          "there is no CUDA device, or this LibTorch cannot use it",
                          "use the device cpu, or build with the CUDA version of LibTorch");
    }
    return base::fail(base::ErrorCode::Invalid, "there is no device “" + name + "”",
                      "use auto, cpu or cuda");
}

void useThreads(int threads) {
    at::set_num_threads(threads);
    if (openblas_set_num_threads != nullptr) {
        openblas_set_num_threads(threads);
    }
}

Tensor copied(std::span<const float> values) {
    return torch::from_blob(const_cast<float*>(values.data()), // NOLINT: only read
                            {static_cast<std::int64_t>(values.size())}, torch::kFloat)
        .clone();
}
Tensor indices(const std::vector<std::int64_t>& values, torch::Device device) {
    return torch::from_blob(const_cast<std::int64_t*>(values.data()), // NOLINT: only read
                            {static_cast<std::int64_t>(values.size())}, torch::kLong)
        .to(device, false, true);
}
std::vector<float> numbers(const Tensor& flat) {
    const Tensor here = flat.detach().to(torch::kCPU).contiguous();
    const float* begin = here.data_ptr<float>();
    return {begin, begin + here.numel()};
}

// Tokens and places of rows × columns tokens.
struct Block {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    Tensor tokens, segments, steps, offsets;
};

// The tensors of a network, as parts of one flat tensor, and what is computed with them. The same
// for training and sampling, on every device.
class TorchNetwork {
public:
    TorchNetwork(const NetworkShape& shape, const Tensor& flat)
        : m_shape(shape), m_layout(layoutOf(shape)) {
        for (const TensorPlace& place : m_layout.tensors) {
            m_tensors.push_back(part(flat, place).detach());
        }
    }

    [[nodiscard]] static Tensor part(const Tensor& flat, const TensorPlace& place) {
        const Tensor values = flat.narrow(0, static_cast<std::int64_t>(place.begin),
                                          static_cast<std::int64_t>(place.size()));
        return place.rows == 0 ? values
                               : values.view({static_cast<std::int64_t>(place.rows),
                                              static_cast<std::int64_t>(place.columns)});
    }
    [[nodiscard]] const NetworkLayout& layout() const { return m_layout; }
    [[nodiscard]] std::vector<Tensor>& tensors() { return m_tensors; }

    // The stream after all layers and the last norm, [rows][columns][width]. `mask` is added to the
    // scores; `remember(layer, keys, values)` may replace both by more of them.
    template<typename Remember>
    Tensor forward(const Block& block, const Tensor& mask, Remember&& remember) const {
        Tensor stream = torch::embedding(at(m_layout.token), block.tokens) +
                        torch::embedding(at(m_layout.segment), block.segments) +
                        torch::embedding(at(m_layout.step), block.steps) +
                        torch::embedding(at(m_layout.offset), block.offsets);
        stream = stream.view({block.rows, block.columns, m_shape.width});
        for (std::size_t i = 0; i < m_layout.layers.size(); ++i) {
            const LayerLayout& layer = m_layout.layers[i];
            const Tensor mixed = attention(
                layer, i, norm(stream, layer.attentionGain, layer.attentionShift), mask, remember);
            stream =
                stream + torch::linear(mixed, at(layer.attentionOut), at(layer.attentionOutBias));
            const Tensor inner =
                torch::gelu(torch::linear(norm(stream, layer.feedGain, layer.feedShift),
                                          at(layer.feedIn), at(layer.feedInBias)),
                            "tanh");
            stream = stream + torch::linear(inner, at(layer.feedOut), at(layer.feedOutBias));
        }
        return norm(stream, m_layout.finalGain, m_layout.finalShift);
    }
    [[nodiscard]] Tensor logits(const Tensor& stream) const {
        return torch::linear(stream, at(m_layout.head));
    }

private:
    [[nodiscard]] const Tensor& at(std::size_t index) const { return m_tensors[index]; }
    [[nodiscard]] Tensor norm(const Tensor& in, std::size_t gain, std::size_t shift) const {
        return torch::layer_norm(in, {m_shape.width}, at(gain), at(shift),
                                 static_cast<double>(kNormEpsilon));
    }
    template<typename Remember>
    Tensor attention(const LayerLayout& layer, std::size_t index, const Tensor& in,
                     const Tensor& mask, Remember&& remember) const {
        const std::int64_t rows = in.size(0);
        const std::int64_t columns = in.size(1);
        const std::int64_t headWidth = m_shape.width / m_shape.heads;
        const Tensor all = torch::linear(in, at(layer.queryKeyValue), at(layer.queryKeyValueBias))
                               .view({rows, columns, 3, m_shape.heads, headWidth})
                               .permute({2, 0, 3, 1, 4}); // [3][rows][heads][columns][headWidth]
        Tensor keys = all.select(0, 1);
        Tensor values = all.select(0, 2);
        remember(index, keys, values);
        const double scale = 1.0 / std::sqrt(static_cast<double>(headWidth));
        const Tensor scores =
            torch::matmul(all.select(0, 0) * scale, keys.transpose(-2, -1)) + mask;
        return torch::matmul(torch::softmax(scores, -1), values)
            .transpose(1, 2)
            .reshape({rows, columns, m_shape.width});
    }

    NetworkShape m_shape;
    NetworkLayout m_layout;
    std::vector<Tensor> m_tensors;
};

class TorchEngine final : public TrainEngine {
public:
    TorchEngine(const NetworkShape& shape, std::span<const float> weights, torch::Device device,
                int threads)
        : m_device(device), m_threads(threads), m_flat(copied(weights).to(device)),
          m_gradient(torch::zeros_like(m_flat)), m_moment1(torch::zeros_like(m_flat)),
          m_moment2(torch::zeros_like(m_flat)), m_network(shape, m_flat) {
        // Gradients are parts of one flat tensor as well, so that an update is a few long loops.
        for (std::size_t i = 0; i < m_network.tensors().size(); ++i) {
            Tensor& tensor = m_network.tensors()[i];
            tensor.set_requires_grad(true);
            tensor.mutable_grad() = TorchNetwork::part(m_gradient, m_network.layout().tensors[i]);
        }
    }

    base::Expected<double> accumulate(const TrainBatch& batch, double weight) override {
        return guarded([&] {
            useThreads(m_threads);
            const Block block{batch.rows,
                              batch.columns,
                              indices(batch.tokens, m_device),
                              indices(batch.segments, m_device),
                              indices(batch.steps, m_device),
                              indices(batch.offsets, m_device)};
            const Tensor mask =
                torch::full({batch.columns, batch.columns}, -std::numeric_limits<float>::infinity(),
                            m_flat.options())
                    .triu(1);
            const Tensor stream =
                m_network.forward(block, mask, [](std::size_t, Tensor&, Tensor&) {});
            const Tensor learned = stream.view({batch.rows * batch.columns, -1})
                                       .index_select(0, indices(batch.learned, m_device));
            const Tensor loss =
                torch::cross_entropy_loss(m_network.logits(learned),
                                          indices(batch.targets, m_device), {}, at::Reduction::Sum);
            (loss * weight).backward();
            return static_cast<double>(loss.item<float>());
        });
    }

    base::Expected<void> forgetGradient() override {
        return guarded([&] { m_gradient.zero_(); });
    }

    base::Expected<double> update(double learningRate) override {
        return guarded([&] {
            const torch::NoGradGuard noGradient;
            useThreads(m_threads);
            const auto norm = m_gradient.norm().item<double>();
            if (std::isfinite(norm)) {
                apply(learningRate, std::min(1.0, kClipNorm / (norm + 1e-6)));
            }
            m_gradient.zero_();
            return norm;
        });
    }

    base::Expected<TrainState> state() const override {
        return guarded([&] {
            return TrainState{m_step, numbers(m_flat), numbers(m_moment1), numbers(m_moment2)};
        });
    }
    base::Expected<void> restore(const TrainState& state) override {
        return guarded([&] {
            const torch::NoGradGuard noGradient;
            m_step = state.step;
            m_flat.copy_(copied(state.weights));
            m_moment1.copy_(copied(state.firstMoment));
            m_moment2.copy_(copied(state.secondMoment));
            m_gradient.zero_();
        });
    }

private:
    // AdamW (Loshchilov and Hutter 2019) on the gradient times `factor`.
    void apply(double learningRate, double factor) {
        ++m_step;
        const auto step = static_cast<double>(m_step);
        m_gradient.mul_(factor);
        m_moment1.mul_(kBeta1).add_(m_gradient, 1 - kBeta1);
        m_moment2.mul_(kBeta2).addcmul_(m_gradient, m_gradient, 1 - kBeta2);
        const double correction1 = 1 - std::pow(kBeta1, step);
        const double correction2 = 1 - std::pow(kBeta2, step);
        const Tensor deviation = m_moment2.sqrt().div_(std::sqrt(correction2)).add_(kAdamEpsilon);
        m_flat.mul_(1 - learningRate * kWeightDecay);
        m_flat.addcdiv_(m_moment1, deviation, -learningRate / correction1);
    }

    torch::Device m_device;
    int m_threads;
    std::int64_t m_step = 0;
    Tensor m_flat, m_gradient, m_moment1, m_moment2;
    TorchNetwork m_network;
};

class TorchDecoder final : public Decoder {
public:
    TorchDecoder(const NetworkShape& shape, std::span<const float> weights, torch::Device device,
                 int slots, int capacity)
        : m_device(device), m_shape(shape), m_flat(copied(weights).to(device)),
          m_network(shape, m_flat) {
        const std::int64_t headWidth = shape.width / shape.heads;
        for (int i = 0; i < shape.layers; ++i) {
            for (auto* cache : {&m_keys, &m_values}) {
                cache->push_back(
                    torch::zeros({slots, capacity, shape.heads, headWidth}, m_flat.options()));
            }
        }
    }

    base::Expected<void> advance(std::span<const DecoderRow> rows,
                                 std::span<float> logits) override {
        return guarded([&] {
            const torch::NoGradGuard noGradient;
            useThreads(1); // more only wait for each other at this size
            read(rows, logits);
        });
    }

private:
    // The rows as a block, one row of it for each slot, filled up at the right with its last token
    // again, which gives the same keys and values for the same position.
    struct Filled {
        TrainBatch batch;
        std::vector<std::int64_t> slots;     // of each row
        std::vector<std::int64_t> positions; // rows × columns
        std::int64_t longest = 0;            // positions looked at
    };
    [[nodiscard]] Filled fill(std::span<const DecoderRow> rows) const {
        Filled filled;
        std::vector<std::span<const DecoderRow>> runs;
        for (std::size_t begin = 0; begin < rows.size();) {
            std::size_t end = begin + 1;
            while (end < rows.size() && rows[end].slot == rows[begin].slot) {
                ++end;
            }
            runs.push_back(rows.subspan(begin, end - begin));
            begin = end;
        }
        std::size_t columns = 0;
        for (const auto& run : runs) {
            columns = std::max(columns, run.size());
            filled.slots.push_back(run.front().slot);
            filled.longest = std::max<std::int64_t>(filled.longest, run.back().position + 1);
        }
        TrainBatch& batch = filled.batch;
        batch.rows = static_cast<std::int64_t>(runs.size());
        batch.columns = static_cast<std::int64_t>(columns);
        for (const auto& run : runs) {
            for (std::size_t i = 0; i < columns; ++i) {
                const DecoderRow& row = run[std::min(i, run.size() - 1)];
                const bool real = i < run.size();
                if (real && row.wanted) {
                    batch.learned.push_back(static_cast<std::int64_t>(batch.tokens.size()));
                }
                batch.tokens.push_back(row.token);
                batch.segments.push_back(row.place.segment);
                batch.steps.push_back(row.place.step);
                batch.offsets.push_back(row.place.offset);
                filled.positions.push_back(row.position);
            }
        }
        return filled;
    }

    void read(std::span<const DecoderRow> rows, std::span<float> logits) {
        const Filled filled = fill(rows);
        const TrainBatch& batch = filled.batch;
        const Block block{batch.rows,
                          batch.columns,
                          indices(batch.tokens, m_device),
                          indices(batch.segments, m_device),
                          indices(batch.steps, m_device),
                          indices(batch.offsets, m_device)};
        const Tensor slots = indices(filled.slots, m_device);
        const Tensor positions =
            indices(filled.positions, m_device).view({batch.rows, batch.columns});
        const Tensor places = torch::arange(filled.longest, positions.options());
        const Tensor mask =
            torch::zeros({batch.rows, 1, batch.columns, filled.longest}, m_flat.options())
                .masked_fill_(places.view({1, 1, 1, -1}) >
                                  positions.view({batch.rows, 1, batch.columns, 1}),
                              -std::numeric_limits<float>::infinity());
        const Tensor stream =
            m_network.forward(block, mask, [&](std::size_t layer, Tensor& keys, Tensor& values) {
                const Tensor rowSlots = slots.view({-1, 1});
                for (auto [cache, now] :
                     {std::pair(&m_keys[layer], &keys), std::pair(&m_values[layer], &values)}) {
                    cache->index_put_({rowSlots, positions}, now->transpose(1, 2));
                    *now =
                        cache->narrow(1, 0, filled.longest).index_select(0, slots).transpose(1, 2);
                }
            });
        if (batch.learned.empty()) {
            return;
        }
        const Tensor wanted = stream.reshape({batch.rows * batch.columns, m_shape.width})
                                  .index_select(0, indices(batch.learned, m_device));
        const Tensor here = m_network.logits(wanted).to(torch::kCPU).contiguous();
        std::copy_n(here.data_ptr<float>(), here.numel(), logits.data());
    }

    torch::Device m_device;
    NetworkShape m_shape;
    Tensor m_flat;
    TorchNetwork m_network;
    std::vector<Tensor> m_keys, m_values; // by layer, [slots][capacity][heads][headWidth]
};

std::string describe() {
    return std::string("LibTorch ") + TORCH_VERSION +
           (torch::cuda::is_available() ? ", CUDA" : ", CPU");
}

base::Expected<std::unique_ptr<TrainEngine>> makeEngine(const NetworkShape& shape,
                                                        std::span<const float> weights,
                                                        const std::string& device, int threads) {
    const auto chosen = deviceFor(device);
    if (!chosen) {
        return base::fail(chosen.error());
    }
    return guarded([&]() -> std::unique_ptr<TrainEngine> {
        useThreads(threads);
        return std::make_unique<TorchEngine>(shape, weights, *chosen, threads);
    });
}

base::Expected<std::unique_ptr<Decoder>> makeDecoder(const NetworkShape& shape,
                                                     std::span<const float> weights,
                                                     const std::string& device, int slots,
                                                     int capacity) {
    const auto chosen = deviceFor(device);
    if (!chosen) {
        return base::fail(chosen.error());
    }
    return guarded([&]() -> std::unique_ptr<Decoder> {
        const torch::NoGradGuard noGradient;
        return std::make_unique<TorchDecoder>(shape, weights, *chosen, slots, capacity);
    });
}

} // namespace
} // namespace scrit::mini

extern "C" __attribute__((visibility("default"))) const scrit::mini::TorchModule*
scritTorchModule() {
    static const scrit::mini::TorchModule module = {scrit::mini::kTorchModuleVersion,
                                                    scrit::mini::describe, scrit::mini::makeEngine,
                                                    scrit::mini::makeDecoder};
    return &module;
}
