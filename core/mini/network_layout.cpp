// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/network_layout.h"

#include <limits>
#include <utility>

namespace scrit::mini {
namespace {

class Builder {
public:
    explicit Builder(NetworkLayout& layout) : m_layout(layout) {}

    std::size_t add(std::string name, std::size_t rows, std::size_t columns) {
        TensorPlace place{std::move(name), m_layout.total, rows, columns};
        m_layout.total += place.size();
        m_layout.tensors.push_back(std::move(place));
        return m_layout.tensors.size() - 1;
    }

private:
    NetworkLayout& m_layout;
};

} // namespace

base::Expected<void> checkShape(const NetworkShape& shape) {
    const auto within = [](int value, int least, int most) {
        return value >= least && value <= most;
    };
    if (!within(shape.vocabulary, 1, std::numeric_limits<Token>::max()) ||
        !within(shape.segments, 1, 256) || !within(shape.steps, 1, 256) ||
        !within(shape.offsets, 1, 256) || !within(shape.layers, 1, 32) ||
        !within(shape.heads, 1, 64) || !within(shape.width, 16, 1024) || shape.width % 32 != 0 ||
        shape.width % (16 * shape.heads) != 0) {
        return base::fail(base::ErrorCode::Invalid, "a network of this shape cannot be");
    }
    return {};
}

NetworkLayout layoutOf(const NetworkShape& shape) {
    const auto size = [](int value) {
        return static_cast<std::size_t>(value);
    };
    const std::size_t width = size(shape.width);
    const std::size_t feed = width * kFeedFactor;
    NetworkLayout layout;
    Builder builder(layout);
    layout.token = builder.add("embed.token", size(shape.vocabulary), width);
    layout.segment = builder.add("embed.segment", size(shape.segments), width);
    layout.step = builder.add("embed.step", size(shape.steps), width);
    layout.offset = builder.add("embed.offset", size(shape.offsets), width);
    for (int i = 0; i < shape.layers; ++i) {
        const std::string prefix = "layers." + std::to_string(i) + ".";
        LayerLayout layer;
        layer.attentionGain = builder.add(prefix + "attention.norm.gain", 0, width);
        layer.attentionShift = builder.add(prefix + "attention.norm.shift", 0, width);
        layer.queryKeyValue = builder.add(prefix + "attention.qkv", 3 * width, width);
        layer.queryKeyValueBias = builder.add(prefix + "attention.qkv.bias", 0, 3 * width);
        layer.attentionOut = builder.add(prefix + "attention.out", width, width);
        layer.attentionOutBias = builder.add(prefix + "attention.out.bias", 0, width);
        layer.feedGain = builder.add(prefix + "feed.norm.gain", 0, width);
        layer.feedShift = builder.add(prefix + "feed.norm.shift", 0, width);
        layer.feedIn = builder.add(prefix + "feed.in", feed, width);
        layer.feedInBias = builder.add(prefix + "feed.in.bias", 0, feed);
        layer.feedOut = builder.add(prefix + "feed.out", width, feed);
        layer.feedOutBias = builder.add(prefix + "feed.out.bias", 0, width);
        layout.layers.push_back(layer);
    }
    layout.finalGain = builder.add("norm.gain", 0, width);
    layout.finalShift = builder.add("norm.shift", 0, width);
    layout.head = builder.add("head", size(shape.vocabulary), width);
    return layout;
}

} // namespace scrit::mini
