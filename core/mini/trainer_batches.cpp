// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/trainer_batches.h"

#include "core/mini/network_layout.h"
#include "core/mini/random.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace scrit::mini {
namespace {

constexpr std::size_t kPoolBatches = 16; // sorted by length among themselves

template<typename T>
void shuffle(std::vector<T>& values, Random& random) {
    for (std::size_t i = values.size(); i > 1; --i) {
        std::swap(values[i - 1], values[random.below(i)]);
    }
}

} // namespace

Place limited(Place place, const NetworkShape& shape) {
    const auto within = [](std::uint8_t value, int limit) {
        return static_cast<std::uint8_t>(std::min<int>(value, limit - 1));
    };
    return {within(place.segment, shape.segments), within(place.step, shape.steps),
            within(place.offset, shape.offsets)};
}

base::Expected<void> checkExamples(const NetworkShape& shape, std::span<const Sequence> examples) {
    if (examples.empty()) {
        return base::fail(base::ErrorCode::Invalid, "there is no example to learn from",
                          "loosen the filters of the training set");
    }
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const Sequence& example = examples[i];
        const auto bad = [&](const std::string& what) {
            return base::fail(base::ErrorCode::Invalid,
                              "example " + std::to_string(i) + ": " + what);
        };
        if (std::max<std::size_t>(example.learnedBegin, 1) >= example.tokens.size()) {
            return bad("nothing in it is to be learned");
        }
        if (example.tokens.size() > kMaxPositions) {
            return bad("longer than " + std::to_string(kMaxPositions) + " tokens");
        }
        for (const Token token : example.tokens) {
            if (token < 0 || token >= shape.vocabulary) {
                return bad("token " + std::to_string(token) +
                           " is not in the network's vocabulary");
            }
        }
    }
    return {};
}

std::vector<std::vector<std::size_t>>
epochBatches(std::span<const Sequence> examples, std::size_t batch, std::uint64_t seed, int epoch) {
    Random random(seed * 0x100000001B3U + static_cast<std::uint64_t>(epoch));
    std::vector<std::size_t> order(examples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    shuffle(order, random);
    std::vector<std::vector<std::size_t>> batches;
    for (std::size_t begin = 0; begin < order.size(); begin += batch * kPoolBatches) {
        const std::size_t end = std::min(order.size(), begin + batch * kPoolBatches);
        std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(begin),
                         order.begin() + static_cast<std::ptrdiff_t>(end),
                         [&](std::size_t a, std::size_t b) {
                             return examples[a].tokens.size() < examples[b].tokens.size();
                         });
        for (std::size_t i = begin; i < end; i += batch) {
            batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(i),
                                 order.begin() +
                                     static_cast<std::ptrdiff_t>(std::min(end, i + batch)));
        }
    }
    shuffle(batches, random);
    return batches;
}

TrainBatch makeBatch(const NetworkShape& shape, std::span<const Sequence> examples,
                     std::span<const std::size_t> chosen) {
    std::size_t columns = 0;
    for (const std::size_t index : chosen) {
        columns = std::max(columns, examples[index].tokens.size() - 1); // the last is only a target
    }
    TrainBatch batch;
    batch.rows = static_cast<std::int64_t>(chosen.size());
    batch.columns = static_cast<std::int64_t>(columns);
    for (auto* numbers : {&batch.tokens, &batch.segments, &batch.steps, &batch.offsets}) {
        numbers->assign(chosen.size() * columns, 0);
    }
    for (std::size_t row = 0; row < chosen.size(); ++row) {
        const Sequence& example = examples[chosen[row]];
        PlaceTracker tracker;
        for (std::size_t i = 0; i + 1 < example.tokens.size(); ++i) {
            const std::size_t at = row * columns + i;
            const Place place = limited(tracker.push(example.tokens[i]), shape);
            batch.tokens[at] = example.tokens[i];
            batch.segments[at] = place.segment;
            batch.steps[at] = place.step;
            batch.offsets[at] = place.offset;
            if (i + 1 >= example.learnedBegin) {
                batch.learned.push_back(static_cast<std::int64_t>(at));
                batch.targets.push_back(example.tokens[i + 1]);
            }
        }
    }
    return batch;
}

} // namespace scrit::mini
