// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/trainer_state.h"

#include "core/base/hash.h"
#include "core/mini/safetensors.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>
#include <utility>

namespace scrit::mini {
namespace {

constexpr std::string_view kTrainingKind = "scrit-mini-training/1";
constexpr char kAdvice[] = "remove the file to begin this training anew";

std::string exact(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.begin(), text.end(), value).ptr;
    return {text.begin(), end};
}

} // namespace

std::string trainingKey(const Network& start, std::span<const Sequence> examples,
                        const TrainSettings& settings) {
    std::string data;
    for (const Sequence& example : examples) {
        data += std::to_string(example.tokens.size()) + ' ' + std::to_string(example.learnedBegin);
        for (const Token token : example.tokens) {
            data += ' ' + std::to_string(token);
        }
        data += '\n';
    }
    const std::string numbers =
        exact(settings.learningRate) + ' ' + exact(settings.finalLearningRate) + ' ' +
        std::to_string(settings.warmupSteps) + ' ' + std::to_string(settings.epochs) + ' ' +
        std::to_string(settings.batch) + ' ' + std::to_string(settings.seed);
    return base::contentHash({kTrainingKind, start.identity(), numbers, data});
}

base::Expected<void> saveState(const std::filesystem::path& file, const std::string& key,
                               const TrainState& state) {
    const std::vector<std::size_t> shape = {state.weights.size()};
    const TensorView views[] = {{"training.weights", shape, state.weights},
                                {"training.moment1", shape, state.firstMoment},
                                {"training.moment2", shape, state.secondMoment}};
    return writeSafetensors(
        file,
        {{"kind", std::string(kTrainingKind)}, {"key", key}, {"step", std::to_string(state.step)}},
        views);
}

base::Expected<std::optional<TrainState>> loadState(const std::filesystem::path& file,
                                                    const std::string& key, std::size_t weights) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return std::nullopt;
    }
    auto stored = readSafetensors(file);
    if (!stored) {
        return base::fail(stored.error());
    }
    const auto bad = [&](const char* what) {
        return base::fail(base::ErrorCode::Corrupt, file.string() + ": " + what, kAdvice);
    };
    if (stored->metadata["kind"] != kTrainingKind) {
        return bad("not the state of a training");
    }
    if (stored->metadata["key"] != key) {
        return base::fail(base::ErrorCode::Invalid,
                          file.string() + " is the state of another training", kAdvice);
    }
    TrainState state;
    const std::string& step = stored->metadata["step"];
    const auto read = std::from_chars(step.data(), step.data() + step.size(), state.step);
    if (read.ec != std::errc{} || read.ptr != step.data() + step.size() || state.step < 0) {
        return bad("its step is not a number");
    }
    for (Tensor& tensor : stored->tensors) {
        for (const float value : tensor.values) {
            if (!std::isfinite(value)) {
                return bad("it has values that are not numbers");
            }
        }
        if (tensor.name == "training.weights") {
            state.weights = std::move(tensor.values);
        } else if (tensor.name == "training.moment1") {
            state.firstMoment = std::move(tensor.values);
        } else if (tensor.name == "training.moment2") {
            state.secondMoment = std::move(tensor.values);
        }
    }
    if (state.weights.size() != weights || state.firstMoment.size() != weights ||
        state.secondMoment.size() != weights) {
        return bad("its numbers do not fit the network");
    }
    return state;
}

} // namespace scrit::mini
