// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/network.h"
#include "core/mini/random.h"
#include "core/mini/vocabulary.h"

#include <algorithm>
#include <memory>
#include <vector>

// What the tests of the network share: small shapes and random texts.
namespace scrit::mini::test {

inline NetworkShape smallShape() {
    NetworkShape shape;
    shape.vocabulary = 150;
    shape.segments = kSegments;
    shape.steps = kStepPlaces;
    shape.offsets = kOffsets;
    shape.width = 64;
    shape.layers = 2;
    shape.heads = 2;
    return shape;
}

inline std::shared_ptr<const Network> smallNetwork(std::uint64_t seed = 1) {
    return Network::fresh(smallShape(), seed).value();
}

inline std::vector<Token> randomTokens(Random& random, std::size_t count, int vocabulary = 150) {
    std::vector<Token> tokens(count);
    for (Token& token : tokens) {
        token = static_cast<Token>(random.below(static_cast<std::size_t>(vocabulary)));
    }
    return tokens;
}

} // namespace scrit::mini::test
