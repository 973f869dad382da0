// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/network.h"

#include "core/base/hash.h"
#include "core/mini/decoder.h"
#include "core/mini/network_layout.h"
#include "core/mini/random.h"
#include "core/mini/safetensors.h"

#include <charconv>
#include <cmath>
#include <mutex>
#include <string_view>
#include <utility>

namespace scrit::mini {
namespace {

constexpr std::string_view kNetworkKind = "scrit-mini-network/1";
// Of fresh weights; chosen by trying.
constexpr float kEmbeddingDeviation = 0.5F;
constexpr float kHeadDeviation = 0.02F;

struct ShapeField {
    const char* name;
    int NetworkShape::*value;
};
constexpr ShapeField kShapeFields[] = {
    {"vocabulary", &NetworkShape::vocabulary}, {"segments", &NetworkShape::segments},
    {"steps", &NetworkShape::steps},           {"offsets", &NetworkShape::offsets},
    {"width", &NetworkShape::width},           {"layers", &NetworkShape::layers},
    {"heads", &NetworkShape::heads},
};

std::string identityOf(const NetworkShape& shape, std::span<const float> values) {
    std::string text(kNetworkKind);
    for (const ShapeField& field : kShapeFields) {
        text += ' ' + std::to_string(shape.*field.value);
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes of floats
    const auto* bytes = reinterpret_cast<const char*>(values.data());
    return base::contentHash({text, std::string_view(bytes, values.size() * sizeof(float))});
}

base::Expected<NetworkShape> shapeFrom(const std::map<std::string, std::string>& metadata) {
    const auto bad = [](const std::string& what) {
        return base::fail(base::ErrorCode::Corrupt, "not a network of the miniature: " + what,
                          "choose a checkpoint that this program wrote");
    };
    const auto kind = metadata.find("kind");
    if (kind == metadata.end() || kind->second != kNetworkKind) {
        return bad("its metadata does not say “" + std::string(kNetworkKind) + "”");
    }
    NetworkShape shape;
    for (const ShapeField& field : kShapeFields) {
        const auto found = metadata.find(field.name);
        if (found == metadata.end()) {
            return bad(std::string("its metadata has no ") + field.name);
        }
        const std::string& text = found->second;
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), shape.*field.value);
        if (error != std::errc{} || end != text.data() + text.size()) {
            return bad(std::string(field.name) + " is not a number");
        }
    }
    if (const auto checked = checkShape(shape); !checked) {
        return bad(checked.error().message);
    }
    return shape;
}

// Close to normal, with variance 1: a sum of twelve, which is the same bits on every machine, as
// logarithms and cosines are not.
float normal(Random& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
        sum += random.unit();
    }
    return static_cast<float>(sum);
}

} // namespace

struct Network::Packed {
    std::once_flag once;
    std::unique_ptr<PackedWeights> weights;
};

Network::Network(const NetworkShape& shape, std::vector<float> values)
    : m_shape(shape), m_values(std::move(values)), m_identity(identityOf(shape, m_values)),
      m_packed(std::make_unique<Packed>()) {}

Network::~Network() = default;

const PackedWeights& Network::packed() const {
    std::call_once(m_packed->once, [this] {
        m_packed->weights =
            std::make_unique<PackedWeights>(m_shape, m_values, *availableKernels().front());
    });
    return *m_packed->weights;
}

base::Expected<std::shared_ptr<const Network>> Network::fromValues(const NetworkShape& shape,
                                                                   std::vector<float> values) {
    if (const auto checked = checkShape(shape); !checked) {
        return base::fail(checked.error());
    }
    if (values.size() != layoutOf(shape).total) {
        return base::fail(base::ErrorCode::Invalid, "the weights do not fit the network's shape");
    }
    return std::shared_ptr<const Network>(new Network(shape, std::move(values)));
}

base::Expected<std::shared_ptr<const Network>> Network::fresh(const NetworkShape& shape,
                                                              std::uint64_t seed) {
    if (const auto checked = checkShape(shape); !checked) {
        return base::fail(checked.error());
    }
    const NetworkLayout layout = layoutOf(shape);
    std::vector<float> values(layout.total, 0.0F);
    Random random(seed);
    const auto fill = [&](std::size_t index, float deviation) {
        const TensorPlace& tensor = layout.tensors[index];
        for (std::size_t i = 0; i < tensor.size(); ++i) {
            values[tensor.begin + i] = deviation * normal(random);
        }
    };
    const auto ones = [&](std::size_t index) {
        const TensorPlace& tensor = layout.tensors[index];
        std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(tensor.begin), tensor.size(),
                    1.0F);
    };
    const auto width = static_cast<float>(shape.width);
    const float even = 1.0F / std::sqrt(width); // keeps the variance of what passes
    const float toStream = even / std::sqrt(2.0F * static_cast<float>(shape.layers));
    fill(layout.token, kEmbeddingDeviation);
    fill(layout.segment, kEmbeddingDeviation);
    fill(layout.step, kEmbeddingDeviation);
    fill(layout.offset, kEmbeddingDeviation);
    for (const LayerLayout& layer : layout.layers) {
        ones(layer.attentionGain);
        ones(layer.feedGain);
        fill(layer.queryKeyValue, even);
        fill(layer.attentionOut, toStream);
        fill(layer.feedIn, even);
        fill(layer.feedOut, toStream / 2); // its input is four times as wide
    }
    ones(layout.finalGain);
    fill(layout.head, kHeadDeviation);
    // Keys like queries in the first layer: tokens attend to tokens like them from the start
    // (Trockman and Kolter, Mimetic initialization, 2023). Without it, comparing is not learned.
    const TensorPlace& first = layout.tensors[layout.layers.front().queryKeyValue];
    const std::size_t square = first.columns * first.columns;
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(first.begin), square,
                values.begin() + static_cast<std::ptrdiff_t>(first.begin + square));
    return std::shared_ptr<const Network>(new Network(shape, std::move(values)));
}

base::Expected<std::shared_ptr<const Network>> Network::load(const std::filesystem::path& file) {
    const auto stored = readSafetensors(file);
    if (!stored) {
        return base::fail(stored.error());
    }
    const auto shape = shapeFrom(stored->metadata);
    if (!shape) {
        return base::fail(shape.error().withContext(file.string()));
    }
    const auto bad = [&](const std::string& what) {
        return base::fail(base::ErrorCode::Corrupt, file.string() + ": " + what,
                          "copy or train it again");
    };
    const NetworkLayout layout = layoutOf(*shape);
    if (stored->tensors.size() != layout.tensors.size()) {
        return bad("it has more or fewer tensors than its shape asks for");
    }
    std::vector<float> values(layout.total);
    for (const TensorPlace& place : layout.tensors) {
        const Tensor* tensor = stored->find(place.name);
        const std::vector<std::size_t> expected =
            place.rows == 0 ? std::vector{place.columns} : std::vector{place.rows, place.columns};
        if (tensor == nullptr || tensor->shape != expected) {
            return bad("tensor “" + place.name + "” is missing or of another shape");
        }
        for (std::size_t i = 0; i < tensor->values.size(); ++i) {
            if (!std::isfinite(tensor->values[i])) {
                return bad("tensor “" + place.name + "” has values that are not numbers");
            }
            values[place.begin + i] = tensor->values[i];
        }
    }
    return std::shared_ptr<const Network>(new Network(*shape, std::move(values)));
}

base::Expected<void> Network::save(const std::filesystem::path& file) const {
    std::map<std::string, std::string> metadata = {{"kind", std::string(kNetworkKind)},
                                                   {"identity", m_identity}};
    for (const ShapeField& field : kShapeFields) {
        metadata[field.name] = std::to_string(m_shape.*field.value);
    }
    std::vector<TensorView> views;
    for (const TensorPlace& place : layoutOf(m_shape).tensors) {
        views.push_back(
            {place.name,
             place.rows == 0 ? std::vector{place.columns} : std::vector{place.rows, place.columns},
             std::span(m_values).subspan(place.begin, place.size())});
    }
    return writeSafetensors(file, metadata, views);
}

} // namespace scrit::mini
