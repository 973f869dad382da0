// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include <cmath>

namespace scrit::train {
namespace {

tl::unexpected<base::Error> refuse(std::string what, std::string advice) {
    return base::fail(base::ErrorCode::Invalid, std::move(what), std::move(advice));
}

} // namespace

Parameters paperParameters() {
    Parameters paper;
    paper.epochs = 1;
    paper.batch = 256;
    paper.learningRate = 5e-6;
    paper.warmUp = 0.03;
    return paper;
}

Parameters merged(const Parameters& given, const Parameters& defaults) {
    Parameters result = given;
    const auto fill = [](auto& value, const auto& usual) {
        if (!value) {
            value = usual;
        }
    };
    fill(result.epochs, defaults.epochs);
    fill(result.batch, defaults.batch);
    fill(result.learningRate, defaults.learningRate);
    fill(result.warmUp, defaults.warmUp);
    fill(result.maxLength, defaults.maxLength);
    fill(result.loraRank, defaults.loraRank);
    fill(result.seed, defaults.seed);
    return result;
}

base::Expected<void> checkParameters(const Parameters& parameters) {
    const auto within = [](const std::optional<int>& value, int least, int most) {
        return !value || (*value >= least && *value <= most);
    };
    if (!within(parameters.epochs, 1, 10'000)) {
        return refuse("a training takes 1 to 10000 epochs", "give --epochs 1 or more");
    }
    if (!within(parameters.batch, 1, 10'000'000)) {
        return refuse("a batch has 1 to 10000000 sequences", "give --batch 1 or more");
    }
    const double rate = parameters.learningRate.value_or(1);
    if (!std::isfinite(rate) || rate <= 0 || rate > 10) {
        return refuse("the learning rate is a number above 0",
                      "give for example --learning-rate 5e-6");
    }
    const double warmUp = parameters.warmUp.value_or(0);
    if (!std::isfinite(warmUp) || warmUp < 0 || warmUp > 1) {
        return refuse("the warm-up is a share of the steps from 0 to 1",
                      "give for example --warm-up 0.03");
    }
    if (!within(parameters.maxLength, 1, 100'000'000)) {
        return refuse("an example may have 1 token or more", "give for example --max-length 4096");
    }
    if (!within(parameters.loraRank, 0, 65'536)) {
        return refuse("the rank of an adapter is 0 (all weights) to 65536",
                      "give for example --lora-rank 16");
    }
    return {};
}

} // namespace scrit::train
