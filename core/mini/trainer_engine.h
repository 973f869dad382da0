// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/mini/decoder.h"
#include "core/mini/network.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

// What a training asks of LibTorch. It lives in a module of its own, which is opened when it is
// needed: linking LibTorch would cost every start of every program about a second and 160 MB.
// No header of LibTorch appears here.
namespace scrit::mini {

// Some examples side by side, filled up at the right to the length of the longest.
struct TrainBatch {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<std::int64_t> tokens, segments, steps, offsets; // rows × columns
    std::vector<std::int64_t> learned; // indices (row · columns + column) of what is learned from …
    std::vector<std::int64_t> targets; // … and the token that follows each
};

// Everything that a training is in the middle of, apart from its settings and examples.
struct TrainState {
    std::int64_t step = 0; // updates done
    std::vector<float> weights, firstMoment, secondMoment;
};

// A copy of a network on a device, with its optimiser. One thread uses an instance.
class TrainEngine {
public:
    virtual ~TrainEngine() = default;
    // Adds the gradient of weight · Σ loss over the batch's learned tokens; gives Σ loss in nats.
    // Limit: the device's memory does not hold so many rows; the gradient is then unspecified.
    [[nodiscard]] virtual base::Expected<double> accumulate(const TrainBatch& batch,
                                                            double weight) = 0;
    [[nodiscard]] virtual base::Expected<void> forgetGradient() = 0;
    // One step of AdamW, then forgets the gradient. Gives the gradient's norm before it was
    // clipped; where that is not finite, nothing is changed.
    [[nodiscard]] virtual base::Expected<double> update(double learningRate) = 0;
    [[nodiscard]] virtual base::Expected<TrainState> state() const = 0;
    [[nodiscard]] virtual base::Expected<void> restore(const TrainState& state) = 0;
};

inline constexpr double kBeta1 = 0.9;
inline constexpr double kBeta2 = 0.98;
inline constexpr double kAdamEpsilon = 1e-8;
inline constexpr double kWeightDecay = 0.01;
inline constexpr double kClipNorm = 1;

// What the module gives. Devices: "auto", "cpu" or "cuda"; Unavailable for a device that is not
// there.
struct TorchModule {
    int version = 0;           // kTorchModuleVersion of the module
    std::string (*describe)(); // "LibTorch 1.13.1, CPU"
    base::Expected<std::unique_ptr<TrainEngine>> (*engine)(const NetworkShape& shape,
                                                           std::span<const float> weights,
                                                           const std::string& device, int threads);
    base::Expected<std::unique_ptr<Decoder>> (*decoder)(const NetworkShape& shape,
                                                        std::span<const float> weights,
                                                        const std::string& device, int slots,
                                                        int capacity);
};
// To be raised whenever something in this header or in decoder.h changes.
inline constexpr int kTorchModuleVersion = 1;
inline constexpr char kTorchModuleEntry[] = "scritTorchModule"; // const TorchModule*()

} // namespace scrit::mini
