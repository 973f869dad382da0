// SPDX-License-Identifier: GPL-3.0-or-later
// scrit-mini-base FILE.safetensors: trains the miniature's base checkpoint from nothing on the base
// corpus, measures it on problems of the test split, and writes it with a log beside it (FILE.log).
// It is not installed; it made resources/mini/base.safetensors.
#include "core/base/atomic_file.h"
#include "core/mini/corpus.h"
#include "core/mini/network.h"
#include "core/mini/trial.h"
#include "core/mini/vocabulary.h"

#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace scrit;

// One stretch of training at one learning rate; the optimiser begins anew in each.
struct Phase {
    std::size_t documents = 0;
    double rate = 0;
    double finalRate = 0;
};

struct Options {
    std::string file;
    std::uint64_t seed = 1;
    int batch = 16;
    int warmup = 100;
    std::array<Phase, 2> phases{{{28'000, 2.5e-3, 2.5e-3}, {19'000, 1.5e-3, 0}}};
    int pairs = 2000;
    std::string start; // go on from this checkpoint
};

// To the terminal and to the log.
class Log {
public:
    __attribute__((format(printf, 2, 3))) void line(const char* format, ...) {
        std::array<char, 1024> text{};
        std::va_list arguments;
        va_start(arguments, format);
        std::vsnprintf(text.data(), text.size(), format, arguments);
        va_end(arguments);
        std::printf("%s\n", text.data());
        std::fflush(stdout);
        m_text += text.data();
        m_text += '\n';
    }
    [[nodiscard]] base::Expected<void> write(const std::string& file) const {
        auto out = base::AtomicFile::create(file);
        if (!out) {
            return base::fail(out.error());
        }
        if (auto written = out->write(m_text); !written) {
            return written;
        }
        return out->commit();
    }

private:
    std::string m_text;
};

base::Expected<std::shared_ptr<const mini::Network>> startOf(const Options& options) {
    if (!options.start.empty()) {
        return mini::Network::load(options.start);
    }
    mini::NetworkShape shape;
    shape.vocabulary = mini::vocabularySize();
    shape.segments = mini::kSegments;
    shape.steps = mini::kStepPlaces;
    shape.offsets = mini::kOffsets;
    return mini::Network::fresh(shape, options.seed);
}

base::Expected<void> measure(const mini::Network& network, int pairs, std::uint64_t seed,
                             Log& log) {
    const mini::Sampler sampler = [&](std::span<const mini::SampleRequest> requests) {
        return mini::sample(network, requests);
    };
    for (const double temperature : {0.0, 1.0}) {
        mini::TrialSettings settings;
        settings.seed = seed;
        settings.pairs = pairs;
        settings.temperature = temperature;
        const auto scores = mini::measureTrial(sampler, settings);
        if (!scores) {
            return base::fail(scores.error());
        }
        log.line("critics at temperature %.0f: %s", temperature, mini::describe(*scores).c_str());
    }
    return {};
}

base::Expected<void> run(const Options& options, Log& log) {
    auto network = startOf(options);
    if (!network) {
        return base::fail(network.error());
    }
    const mini::CorpusSettings corpusSettings;
    mini::BaseCorpus corpus(corpusSettings, options.seed);
    log.line("seed %llu, %zu weights, corpus: %s", static_cast<unsigned long long>(options.seed),
             (*network)->values().size(), mini::describe(corpusSettings).c_str());
    for (const Phase& phase : options.phases) {
        if (phase.documents == 0) {
            continue;
        }
        std::vector<mini::Sequence> documents;
        std::size_t tokens = 0;
        for (std::size_t i = 0; i < phase.documents; ++i) {
            documents.push_back(corpus.next());
            tokens += documents.back().tokens.size();
        }
        log.line("%zu documents, %zu tokens, batch %d, learning rate %g to %g", phase.documents,
                 tokens, options.batch, phase.rate, phase.finalRate);
        mini::TrainSettings settings;
        settings.learningRate = phase.rate;
        settings.finalLearningRate = phase.finalRate;
        settings.warmupSteps = options.warmup;
        settings.epochs = 1;
        settings.batch = options.batch;
        settings.seed = options.seed;
        double loss = 0;
        const auto report = [&](const mini::TrainProgress& progress) {
            loss += progress.loss;
            if (progress.step % 100 == 0) {
                log.line("step %lld of %lld, loss %.4f, %.0f tokens/s",
                         static_cast<long long>(progress.step),
                         static_cast<long long>(progress.steps), loss / 100,
                         progress.tokensPerSecond);
                loss = 0;
            }
        };
        network = mini::train(**network, documents, settings, report);
        if (!network) {
            return base::fail(network.error());
        }
    }
    if (auto measured = measure(**network, options.pairs, options.seed, log); !measured) {
        log.line("not measured: %s", measured.error().text().c_str());
    }
    log.line("identity %s", (*network)->identity().c_str());
    if (auto saved = (*network)->save(options.file); !saved) {
        return saved;
    }
    return log.write(options.file.substr(0, options.file.rfind('.')) + ".log");
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Trains the miniature's base checkpoint");
    app.add_option("file", options.file, "where the checkpoint is written")->required();
    app.add_option("--seed", options.seed, "of weights, corpus and order");
    app.add_option("--batch", options.batch, "documents of a step");
    app.add_option("--warmup", options.warmup, "steps");
    app.add_option("--first", options.phases[0].documents, "documents of the first phase");
    app.add_option("--second", options.phases[1].documents, "documents of the second phase");
    app.add_option("--first-rate", options.phases[0].rate, "learning rate of the first phase");
    app.add_option("--second-rate", options.phases[1].rate, "where the second phase begins");
    app.add_option("--pairs", options.pairs, "solutions criticised in a measurement");
    app.add_option("--start", options.start, "go on from this checkpoint");
    CLI11_PARSE(app, argc, argv);
    options.phases[0].finalRate = options.phases[0].rate;
    Log log;
    const auto begin = std::chrono::steady_clock::now();
    const auto done = run(options, log);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    std::printf("%.0f s\n", spent.count());
    if (!done) {
        std::fprintf(stderr, "%s\n", done.error().text().c_str());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
