// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/decoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace scrit::mini {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kRowsTogether = 96; // a multiple of every rowTile; what is between layers
                                          // fits in the second cache

std::size_t roundedUp(std::size_t value, std::size_t to) {
    return (value + to - 1) / to * to;
}
std::size_t size(int value) {
    return static_cast<std::size_t>(value);
}

} // namespace

AlignedFloats::AlignedFloats(std::size_t count)
    : m_numbers(static_cast<float*>(
          ::operator new[](count * sizeof(float), std::align_val_t{kCacheLine}))) {
    std::fill_n(m_numbers.get(), count, 0.0F);
}
void AlignedFloats::Free::operator()(float* numbers) const {
    ::operator delete[](numbers, std::align_val_t{kCacheLine});
}

PackedWeights::PackedWeights(const NetworkShape& shape, std::span<const float> values,
                             const Kernels& kernels)
    : m_shape(shape), m_kernels(kernels) {
    const NetworkLayout layout = layoutOf(shape);
    const std::size_t panel = kernels.panel;
    std::size_t room = 0; // every tensor begins on a cache line
    for (const TensorPlace& tensor : layout.tensors) {
        room += roundedUp(roundedUp(std::max<std::size_t>(tensor.rows, 1), panel) *
                              roundedUp(tensor.columns, panel),
                          kCacheLine);
    }
    room += roundedUp(size(shape.vocabulary), panel) + kCacheLine; // the head has no bias: zeros
    m_numbers = AlignedFloats(room);
    float* next = m_numbers.data();

    const auto copied = [&](std::size_t index) {
        const TensorPlace& tensor = layout.tensors[index];
        float* to = next;
        std::copy_n(values.data() + tensor.begin, tensor.size(), to);
        next += roundedUp(tensor.size(), kCacheLine);
        return static_cast<const float*>(to);
    };
    const auto packed = [&](std::size_t index) {
        const TensorPlace& tensor = layout.tensors[index];
        Matrix matrix;
        matrix.outputs = roundedUp(tensor.rows, panel);
        matrix.inputs = tensor.columns;
        for (std::size_t out = 0; out < tensor.rows; ++out) {
            const float* row = values.data() + tensor.begin + out * tensor.columns;
            float* to = next + out / panel * panel * tensor.columns + out % panel;
            for (std::size_t in = 0; in < tensor.columns; ++in) {
                to[in * panel] = row[in];
            }
        }
        matrix.panels = next;
        next += roundedUp(matrix.outputs * matrix.inputs, kCacheLine);
        return matrix;
    };
    const auto withBias = [&](std::size_t weight, std::size_t bias) {
        Matrix matrix = packed(weight);
        matrix.bias = copied(bias);
        return matrix;
    };
    m_embeddings = {copied(layout.token), copied(layout.segment), copied(layout.step),
                    copied(layout.offset)};
    for (const LayerLayout& from : layout.layers) {
        Layer layer;
        layer.attentionNorm = {copied(from.attentionGain), copied(from.attentionShift)};
        layer.queryKeyValue = withBias(from.queryKeyValue, from.queryKeyValueBias);
        layer.attentionOut = withBias(from.attentionOut, from.attentionOutBias);
        layer.feedNorm = {copied(from.feedGain), copied(from.feedShift)};
        layer.feedIn = withBias(from.feedIn, from.feedInBias);
        layer.feedOut = withBias(from.feedOut, from.feedOutBias);
        m_layers.push_back(layer);
    }
    m_finalNorm = {copied(layout.finalGain), copied(layout.finalShift)};
    m_head = packed(layout.head);
    m_head.bias = next;
}

namespace {

class CpuDecoder final : public Decoder {
public:
    CpuDecoder(const PackedWeights& weights, int slots, int capacity)
        : m_weights(weights), m_width(size(weights.shape().width)),
          m_capacity(roundedUp(size(capacity), kKeyBlock)), m_slots(size(slots)),
          m_layerNumbers(m_slots * m_capacity * m_width),
          m_keys(m_layerNumbers * weights.layers().size()),
          m_values(m_layerNumbers * weights.layers().size()), m_stream(kRowsTogether * m_width),
          m_normed(kRowsTogether * m_width), m_queries(kRowsTogether * 3 * m_width),
          m_mixed(kRowsTogether * m_width), m_feed(kRowsTogether * m_width * kFeedFactor),
          m_scores(size(weights.shape().heads) * m_capacity),
          m_logits(kRowsTogether * weights.head().outputs) {}

    base::Expected<void> advance(std::span<const DecoderRow> rows,
                                 std::span<float> logits) override {
        float* out = logits.data();
        while (!rows.empty()) {
            const std::size_t count = std::min(rows.size(), kRowsTogether);
            out = pass(rows.first(count), out);
            rows = rows.subspan(count);
        }
        return {};
    }

private:
    void embed(std::span<const DecoderRow> rows) {
        const PackedWeights::Embeddings& from = m_weights.embeddings();
        float* out = m_stream.data();
        for (const DecoderRow& row : rows) {
            const float* token = from.token + static_cast<std::size_t>(row.token) * m_width;
            const float* segment = from.segment + row.place.segment * m_width;
            const float* step = from.step + row.place.step * m_width;
            const float* offset = from.offset + row.place.offset * m_width;
            for (std::size_t i = 0; i < m_width; ++i) {
                *out++ = token[i] + segment[i] + step[i] + offset[i];
            }
        }
    }

    void multiply(const PackedWeights::Matrix& matrix, const float* in, float* out,
                  std::size_t rows, Then then) const {
        m_weights.kernels().multiply(
            {in, matrix.panels, matrix.bias, out, rows, matrix.inputs, matrix.outputs, then});
    }
    void normalise(const PackedWeights::Norm& norm, std::size_t rows) const {
        m_weights.kernels().normalise(
            {m_stream.data(), norm.gain, norm.shift, m_normed.data(), rows, m_width, kNormEpsilon});
    }

    [[nodiscard]] std::size_t cacheBegin(std::size_t layer, const DecoderRow& row) const {
        return layer * m_layerNumbers + size(row.slot) * m_capacity * m_width;
    }
    void remember(std::size_t layer, std::span<const DecoderRow> rows) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::size_t begin = cacheBegin(layer, rows[i]);
            const std::size_t position = size(rows[i].position);
            const float* key = m_queries.data() + i * 3 * m_width + m_width;
            float* keys = m_keys.data() + begin + position / kKeyBlock * kKeyBlock * m_width +
                          position % kKeyBlock;
            for (std::size_t k = 0; k < m_width; ++k) {
                keys[k * kKeyBlock] = key[k];
            }
            std::copy_n(key + m_width, m_width, m_values.data() + begin + position * m_width);
        }
    }
    void attend(std::size_t layer, std::span<const DecoderRow> rows) {
        const std::size_t heads = size(m_weights.shape().heads);
        const std::size_t headWidth = m_width / heads;
        const float scale = 1.0F / std::sqrt(static_cast<float>(headWidth));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::size_t begin = cacheBegin(layer, rows[i]);
            m_weights.kernels().attend({m_queries.data() + i * 3 * m_width, m_keys.data() + begin,
                                        m_values.data() + begin, m_scores.data(),
                                        m_mixed.data() + i * m_width, size(rows[i].position) + 1,
                                        heads, headWidth, scale});
        }
    }

    // At most kRowsTogether rows through all layers. Gives where the next logits go.
    float* pass(std::span<const DecoderRow> rows, float* out) {
        const std::size_t padded = roundedUp(rows.size(), m_weights.kernels().rowTile);
        embed(rows);
        for (std::size_t i = 0; i < m_weights.layers().size(); ++i) {
            const PackedWeights::Layer& layer = m_weights.layers()[i];
            normalise(layer.attentionNorm, rows.size());
            multiply(layer.queryKeyValue, m_normed.data(), m_queries.data(), padded, Then::Store);
            remember(i, rows);
            attend(i, rows);
            multiply(layer.attentionOut, m_mixed.data(), m_stream.data(), padded, Then::Add);
            normalise(layer.feedNorm, rows.size());
            multiply(layer.feedIn, m_normed.data(), m_feed.data(), padded, Then::Gelu);
            multiply(layer.feedOut, m_feed.data(), m_stream.data(), padded, Then::Add);
        }
        return answer(rows, out);
    }

    float* answer(std::span<const DecoderRow> rows, float* out) {
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i].wanted) {
                std::copy_n(m_stream.data() + i * m_width, m_width,
                            m_stream.data() + wanted * m_width);
                ++wanted;
            }
        }
        if (wanted == 0) {
            return out;
        }
        normalise(m_weights.finalNorm(), wanted);
        multiply(m_weights.head(), m_normed.data(), m_logits.data(),
                 roundedUp(wanted, m_weights.kernels().rowTile), Then::Store);
        const std::size_t vocabulary = size(m_weights.shape().vocabulary);
        for (std::size_t i = 0; i < wanted; ++i) {
            out = std::copy_n(m_logits.data() + i * m_weights.head().outputs, vocabulary, out);
        }
        return out;
    }

    const PackedWeights& m_weights;
    std::size_t m_width;
    std::size_t m_capacity;
    std::size_t m_slots;
    std::size_t m_layerNumbers; // of the keys, or values, of one layer
    AlignedFloats m_keys;       // [layer][slot][position / 16][width][16]
    AlignedFloats m_values;     // [layer][slot][position][width]
    // One pass. Rows beyond those asked for hold old numbers: they are computed and not looked at.
    AlignedFloats m_stream, m_normed, m_queries, m_mixed, m_feed, m_scores, m_logits;
};

} // namespace

std::unique_ptr<Decoder> cpuDecoder(const PackedWeights& weights, int slots, int capacity) {
    return std::make_unique<CpuDecoder>(weights, slots, capacity);
}

} // namespace scrit::mini
