// SPDX-License-Identifier: GPL-3.0-or-later
// bench_mini [FILE.safetensors]: tokens per second of the miniature's sampling and training on one
// thread, in seconds of processor time, which other programs on the machine disturb less.
// mini_peer.py does the same with the same model in Python; see README.md.
#include "core/mini/network.h"
#include "core/mini/random.h"
#include "core/mini/vocabulary.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace scrit;

// The same in mini_peer.py.
constexpr std::size_t kRequests = 256;
constexpr std::size_t kPrompt = 40;
constexpr std::size_t kAnswer = 40;
constexpr std::size_t kExamples = 640;
constexpr std::size_t kExampleLength = 65; // 64 are read
constexpr int kTrainBatch = 16;
constexpr int kRepeats = 5;

double now() { // processor seconds of this process
    std::timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// The middle one of kRepeats rates.
void report(const char* what, const std::function<std::size_t()>& work) {
    std::vector<double> rates;
    for (int i = 0; i < kRepeats; ++i) {
        const double begin = now();
        const std::size_t tokens = work();
        rates.push_back(static_cast<double>(tokens) / (now() - begin));
    }
    std::sort(rates.begin(), rates.end());
    std::printf("%-34s %9.0f tokens/s (%.0f to %.0f)\n", what, rates[kRepeats / 2], rates.front(),
                rates.back());
    std::fflush(stdout);
}

std::vector<mini::Token> randomTokens(mini::Random& random, std::size_t count) {
    std::vector<mini::Token> tokens(count);
    for (mini::Token& token : tokens) {
        token = static_cast<mini::Token>(
            random.below(static_cast<std::size_t>(mini::vocabularySize())));
    }
    return tokens;
}

[[noreturn]] void stop(const base::Error& error) {
    std::fprintf(stderr, "%s\n", error.text().c_str());
    std::exit(EXIT_FAILURE);
}

void benchSampling(const mini::Network& network, const char* device, std::size_t batch) {
    mini::Random random(1);
    std::vector<mini::SampleRequest> requests(kRequests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        requests[i].prompt = randomTokens(random, kPrompt);
        requests[i].end = -1;
        requests[i].temperature = 1;
        requests[i].seed = i;
        requests[i].maxTokens = kAnswer;
    }
    mini::SampleSettings settings;
    settings.device = device;
    settings.batch = batch;
    const std::string what =
        std::string("sampling, ") + device + ", batch " + std::to_string(batch);
    report(what.c_str(), [&] {
        const auto results = mini::sample(network, requests, {}, settings);
        if (!results) {
            stop(results.error());
        }
        return kRequests * kAnswer;
    });
}

void benchTraining(const mini::Network& network) {
    mini::Random random(1);
    std::vector<mini::Sequence> examples(kExamples);
    for (mini::Sequence& example : examples) {
        example.tokens = randomTokens(random, kExampleLength);
        example.learnedBegin = kExampleLength / 2;
    }
    mini::TrainSettings settings;
    settings.epochs = 1;
    settings.batch = kTrainBatch;
    settings.device = "cpu";
    report("training, batch 16 of 64", [&] {
        const auto trained = mini::train(network, examples, settings);
        if (!trained) {
            stop(trained.error());
        }
        return kExamples * (kExampleLength - 1);
    });
}

} // namespace

int main(int argc, char** argv) {
    mini::NetworkShape shape;
    shape.vocabulary = mini::vocabularySize();
    shape.segments = mini::kSegments;
    shape.steps = mini::kStepPlaces;
    shape.offsets = mini::kOffsets;
    const double begin = now();
    const auto network = argc > 1 ? mini::Network::load(argv[1]) : mini::Network::fresh(shape, 1);
    if (!network) {
        stop(network.error());
    }
    std::printf("%-34s %9.1f ms\n", argc > 1 ? "loading the checkpoint" : "a fresh network",
                1000 * (now() - begin));
    for (const std::size_t batch :
         {std::size_t{1}, std::size_t{8}, std::size_t{16}, std::size_t{32}, std::size_t{64}}) {
        benchSampling(**network, "cpu", batch);
    }
    const double opening = now();
    if (const auto can = mini::canTrain(); !can) {
        std::printf("no training: %s\n", can.error().text().c_str());
        return EXIT_SUCCESS;
    }
    std::printf("%-34s %9.0f ms\n", "opening LibTorch", 1000 * (now() - opening));
    benchSampling(**network, "torch-cpu", 64);
    benchTraining(**network);
    return EXIT_SUCCESS;
}
