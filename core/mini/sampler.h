// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/decoder.h"
#include "core/mini/random.h"
#include "core/mini/sequence.h"

#include <cstddef>
#include <span>
#include <vector>

namespace scrit::mini {

// Draws a token from the network's logits. Keeps its working memory; one thread uses an instance.
class Chooser {
public:
    // temperature 0: the most likely token, the first of equals, and `random` is not asked. topP
    // below 1: only the fewest likeliest tokens that have this probability together (nucleus
    // sampling, Holtzman and others 2020).
    [[nodiscard]] Token choose(std::span<const float> logits, double temperature, double topP,
                               Random& random);

private:
    std::vector<float> m_weights;
    std::vector<std::size_t> m_order;
};

} // namespace scrit::mini
