// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mini/trainer.h"

#include "core/mini/trainer_batches.h"
#include "core/mini/trainer_module.h"
#include "core/mini/trainer_state.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace scrit::mini {
namespace {

base::Expected<void> checkSettings(const TrainSettings& settings) {
    const auto rate = [](double value) {
        return std::isfinite(value) && value >= 0;
    };
    if (!rate(settings.learningRate) || !rate(settings.finalLearningRate) || settings.epochs < 1 ||
        settings.batch < 1 || settings.warmupSteps < 0 || settings.checkpointEvery < 1) {
        return base::fail(base::ErrorCode::Invalid, "settings of a training that make no sense",
                          "learning rates are 0 or more; epochs, batch and the steps between "
                          "checkpoints at least 1");
    }
    return {};
}

// Of the update that comes after `step` updates.
double learningRate(const TrainSettings& settings, std::int64_t step, std::int64_t steps) {
    if (step < settings.warmupSteps) {
        return settings.learningRate * static_cast<double>(step + 1) /
               static_cast<double>(settings.warmupSteps);
    }
    const auto left = static_cast<double>(steps - step);
    const auto all = static_cast<double>(std::max<std::int64_t>(1, steps - settings.warmupSteps));
    return settings.finalLearningRate +
           (settings.learningRate - settings.finalLearningRate) * left / all;
}

class Training {
public:
    Training(TrainEngine& engine, const Network& start, std::span<const Sequence> examples,
             const TrainSettings& settings, const std::function<void(const TrainProgress&)>& report)
        : m_engine(engine), m_shape(start.shape()), m_examples(examples), m_settings(settings),
          m_report(report) {
        const auto batch = static_cast<std::size_t>(settings.batch);
        const auto perEpoch =
            static_cast<std::int64_t>(epochBatches(examples, batch, settings.seed, 0).size());
        m_perEpoch = perEpoch;
        m_progress.steps = perEpoch * settings.epochs;
        m_progress.batch = settings.batch;
        if (!settings.checkpoint.empty()) {
            m_key = trainingKey(start, examples, settings);
        }
    }

    base::Expected<void> resume(std::size_t weights) {
        if (m_key.empty()) {
            return {};
        }
        const auto state = loadState(m_settings.checkpoint, m_key, weights);
        if (!state) {
            return base::fail(state.error());
        }
        if (!*state) {
            return {};
        }
        if ((*state)->step > m_progress.steps) {
            return base::fail(base::ErrorCode::Corrupt,
                              m_settings.checkpoint.string() + " is beyond the training's end",
                              "remove the file to begin this training anew");
        }
        m_progress.step = (*state)->step;
        return m_engine.restore(**state);
    }

    base::Expected<void> run(const base::CancelToken& cancel) {
        const auto begin = std::chrono::steady_clock::now();
        std::int64_t tokens = 0;
        std::int64_t saved = m_progress.step;
        while (m_progress.step < m_progress.steps) {
            if (cancel.isCancelled()) {
                if (auto kept = save(); !kept) {
                    return kept;
                }
                return base::fail(base::ErrorCode::Cancelled, "the training was stopped");
            }
            const std::vector<std::size_t>& chosen = examplesOfStep();
            const auto loss = step(chosen);
            if (!loss) {
                return base::fail(loss.error());
            }
            ++m_progress.step;
            for (const std::size_t index : chosen) {
                tokens += static_cast<std::int64_t>(m_examples[index].tokens.size());
            }
            const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
            m_progress.loss = *loss;
            m_progress.tokensPerSecond =
                static_cast<double>(tokens) / std::max(spent.count(), 1e-9);
            if (m_report) {
                m_report(m_progress);
            }
            if (m_progress.step - saved >= m_settings.checkpointEvery ||
                m_progress.step == m_progress.steps) {
                if (auto kept = save(); !kept) {
                    return kept;
                }
                saved = m_progress.step;
            }
        }
        return {};
    }

private:
    const std::vector<std::size_t>& examplesOfStep() {
        const auto epoch = static_cast<int>(m_progress.step / m_perEpoch);
        if (epoch != m_epoch) {
            m_batches = epochBatches(m_examples, static_cast<std::size_t>(m_settings.batch),
                                     m_settings.seed, epoch);
            m_epoch = epoch;
        }
        return m_batches[static_cast<std::size_t>(m_progress.step % m_perEpoch)];
    }

    // One update. Where memory runs out, the same examples again in smaller parts, which is the
    // same gradient but for rounding; the parts stay small from then on.
    base::Expected<double> step(const std::vector<std::size_t>& chosen) {
        base::Expected<double> loss = gradient(chosen);
        while (!loss && loss.error().code == base::ErrorCode::Limit) {
            if (m_progress.batch == 1) {
                return base::fail(base::ErrorCode::Limit,
                                  "the device's memory does not hold a single example",
                                  "train on the processor (device cpu) or free the device");
            }
            m_progress.batch =
                std::max(1, std::min(m_progress.batch, static_cast<int>(chosen.size())) / 2);
            if (auto forgotten = m_engine.forgetGradient(); !forgotten) {
                return base::fail(forgotten.error());
            }
            loss = gradient(chosen);
        }
        if (!loss) {
            return loss;
        }
        const auto norm =
            m_engine.update(learningRate(m_settings, m_progress.step, m_progress.steps));
        if (!norm) {
            return base::fail(norm.error());
        }
        if (!std::isfinite(*loss) || !std::isfinite(*norm)) {
            return base::fail(base::ErrorCode::Internal,
                              "the loss is not a number at step " +
                                  std::to_string(m_progress.step + 1),
                              "lower the learning rate");
        }
        return loss;
    }

    base::Expected<double> gradient(const std::vector<std::size_t>& chosen) {
        std::size_t learned = 0;
        for (const std::size_t index : chosen) {
            const Sequence& example = m_examples[index];
            learned += example.tokens.size() - std::max<std::size_t>(example.learnedBegin, 1);
        }
        const double weight = 1.0 / static_cast<double>(learned);
        const auto part = static_cast<std::size_t>(m_progress.batch);
        double sum = 0;
        for (std::size_t begin = 0; begin < chosen.size(); begin += part) {
            const auto rows =
                std::span(chosen).subspan(begin, std::min(part, chosen.size() - begin));
            auto loss = m_engine.accumulate(makeBatch(m_shape, m_examples, rows), weight);
            if (!loss) {
                return loss;
            }
            sum += *loss;
        }
        return sum * weight;
    }

    base::Expected<void> save() {
        if (m_key.empty()) {
            return {};
        }
        auto state = m_engine.state();
        if (!state) {
            return base::fail(state.error());
        }
        state->step = m_progress.step;
        if (m_settings.beforeCheckpoint) {
            m_settings.beforeCheckpoint();
        }
        auto saved = saveState(m_settings.checkpoint, m_key, *state);
        if (!saved) {
            return base::fail(saved.error().withContext("the training's checkpoint"));
        }
        return {};
    }

    TrainEngine& m_engine;
    NetworkShape m_shape;
    std::span<const Sequence> m_examples;
    const TrainSettings& m_settings;
    const std::function<void(const TrainProgress&)>& m_report;
    std::string m_key; // empty: no checkpoints
    std::int64_t m_perEpoch = 0;
    TrainProgress m_progress;
    int m_epoch = -1;
    std::vector<std::vector<std::size_t>> m_batches; // of m_epoch
};

} // namespace

base::Expected<std::shared_ptr<const Network>>
trainWith(TrainEngine& engine, const Network& start, std::span<const Sequence> examples,
          const TrainSettings& settings, const std::function<void(const TrainProgress&)>& progress,
          const base::CancelToken& cancel) {
    if (auto checked = checkSettings(settings); !checked) {
        return base::fail(checked.error());
    }
    if (auto checked = checkExamples(start.shape(), examples); !checked) {
        return base::fail(checked.error());
    }
    Training training(engine, start, examples, settings, progress);
    if (auto resumed = training.resume(start.values().size()); !resumed) {
        return base::fail(resumed.error());
    }
    if (auto done = training.run(cancel); !done) {
        return base::fail(done.error());
    }
    auto state = engine.state();
    if (!state) {
        return base::fail(state.error());
    }
    return Network::fromValues(start.shape(), std::move(state->weights));
}

base::Expected<void> canTrain() {
    const auto module = torchModule();
    if (!module) {
        return base::fail(module.error());
    }
    return {};
}

base::Expected<std::shared_ptr<const Network>>
train(const Network& start, std::span<const Sequence> examples, const TrainSettings& settings,
      const std::function<void(const TrainProgress&)>& progress, const base::CancelToken& cancel) {
    const auto module = torchModule();
    if (!module) {
        return base::fail(module.error());
    }
    auto engine = (*module)->engine(start.shape(), start.values(), settings.device,
                                    std::max(settings.threads, 1));
    if (!engine) {
        return base::fail(engine.error());
    }
    return trainWith(**engine, start, examples, settings, progress, cancel);
}

} // namespace scrit::mini
