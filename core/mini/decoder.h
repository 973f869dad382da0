// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/mini/decoder_kernels.h"
#include "core/mini/network.h"
#include "core/mini/network_layout.h"
#include "core/mini/sequence.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

// The network's forward pass with a cache of keys and values: what sampling is made of.
namespace scrit::mini {

// One token to be read by the network.
struct DecoderRow {
    int slot = 0;     // which of the decoder's sequences it belongs to
    int position = 0; // index within that sequence
    Token token = 0;
    Place place;
    bool wanted = false; // whether its logits (about the token that follows) are asked for
};

// Several sequences (slots) that grow independently. A slot begins again at position 0. One thread
// uses an instance.
class Decoder {
public:
    virtual ~Decoder() = default;
    // Reads the rows; those of one slot must stand together in order of position and go on where
    // that slot ended. `logits` gets, for each wanted row in order, one number per word of the
    // vocabulary. Precondition: rows are within slots, capacity and shape.
    // Errors: Limit (memory of the device), Internal.
    [[nodiscard]] virtual base::Expected<void> advance(std::span<const DecoderRow> rows,
                                                       std::span<float> logits) = 0;
};

// Floats that begin on a cache line, zero at first.
class AlignedFloats {
public:
    AlignedFloats() = default;
    explicit AlignedFloats(std::size_t count);
    [[nodiscard]] float* data() const { return m_numbers.get(); }

private:
    struct Free {
        void operator()(float* numbers) const;
    };
    std::unique_ptr<float[], Free> m_numbers;
};

// The kernels that this processor runs, best first; the last runs everywhere.
[[nodiscard]] std::span<const Kernels* const> availableKernels();

// Weights in the order in which kernels read them.
class PackedWeights {
public:
    struct Matrix {
        const float* panels = nullptr; // [output / panel][input][panel], padded with zeros
        const float* bias = nullptr;   // as long as the padded output
        std::size_t outputs = 0;       // padded
        std::size_t inputs = 0;
    };
    struct Norm {
        const float* gain = nullptr;
        const float* shift = nullptr;
    };
    struct Layer {
        Norm attentionNorm, feedNorm;
        Matrix queryKeyValue, attentionOut, feedIn, feedOut;
    };
    struct Embeddings {
        const float* token = nullptr;
        const float* segment = nullptr;
        const float* step = nullptr;
        const float* offset = nullptr;
    };

    PackedWeights(const NetworkShape& shape, std::span<const float> values, const Kernels& kernels);
    PackedWeights(const PackedWeights&) = delete;
    PackedWeights& operator=(const PackedWeights&) = delete;

    [[nodiscard]] const NetworkShape& shape() const { return m_shape; }
    [[nodiscard]] const Kernels& kernels() const { return m_kernels; }
    [[nodiscard]] const std::vector<Layer>& layers() const { return m_layers; }
    [[nodiscard]] const Embeddings& embeddings() const { return m_embeddings; }
    [[nodiscard]] const Norm& finalNorm() const { return m_finalNorm; }
    [[nodiscard]] const Matrix& head() const { return m_head; }

private:
    NetworkShape m_shape;
    const Kernels& m_kernels;
    AlignedFloats m_numbers;
    std::vector<Layer> m_layers;
    Embeddings m_embeddings;
    Norm m_finalNorm;
    Matrix m_head;
};

// The decoder on the processor. Each row's numbers come from the same instructions in the same
// order whatever else is in the batch, so they are the same bits alone, among others, and whether a
// sequence is read at once or token by token. `weights` must outlive it.
[[nodiscard]] std::unique_ptr<Decoder> cpuDecoder(const PackedWeights& weights, int slots,
                                                  int capacity);

} // namespace scrit::mini
