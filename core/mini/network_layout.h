// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/mini/network.h"

#include <cstddef>
#include <string>
#include <vector>

// Where each weight of a network lies in its one vector of numbers, and what it is called in a
// checkpoint. Pure functions.
namespace scrit::mini {

struct TensorPlace {
    std::string name;
    std::size_t begin = 0; // index of its first number
    std::size_t rows = 0;  // 0: a vector of `columns` numbers
    std::size_t columns = 0;
    [[nodiscard]] std::size_t size() const { return (rows == 0 ? 1 : rows) * columns; }
};

// One layer; indices into NetworkLayout::tensors. Matrices are rows × columns = out × in.
struct LayerLayout {
    std::size_t attentionGain = 0, attentionShift = 0; // norm before
    std::size_t queryKeyValue = 0, queryKeyValueBias = 0;
    std::size_t attentionOut = 0, attentionOutBias = 0;
    std::size_t feedGain = 0, feedShift = 0;
    std::size_t feedIn = 0, feedInBias = 0;
    std::size_t feedOut = 0, feedOutBias = 0;
};

struct NetworkLayout {
    std::vector<TensorPlace> tensors;
    std::size_t token = 0, segment = 0, step = 0, offset = 0; // embeddings, one row each
    std::vector<LayerLayout> layers;
    std::size_t finalGain = 0, finalShift = 0;
    std::size_t head = 0;  // vocabulary × width
    std::size_t total = 0; // numbers
};

inline constexpr float kNormEpsilon = 1e-5F;
inline constexpr int kFeedFactor = 4;      // width of the feed-forward layer over the network's
inline constexpr int kMaxPositions = 1024; // of prompt and answer together

// Invalid: no vocabulary, limits of Place outside 1 … 256, a width that is not a multiple of
// 32 and of 16 · heads, or sizes beyond 1024 wide and 32 deep.
[[nodiscard]] base::Expected<void> checkShape(const NetworkShape& shape);
// `shape` must have passed checkShape().
[[nodiscard]] NetworkLayout layoutOf(const NetworkShape& shape);

} // namespace scrit::mini
