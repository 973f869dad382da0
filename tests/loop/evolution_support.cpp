// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/evolution_support.h"

#include <QtGlobal>

#include <fstream>
#include <iterator>
#include <utility>

namespace scrit::test {
namespace {

template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        qFatal("%s", value.error().text().c_str());
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*value);
    }
}

} // namespace

base::Expected<train::Trained> IdleTrainer::run(const train::Job& job,
                                                const train::ProgressFunction& progress,
                                                const base::CancelToken& cancel) {
    if (cancel.isCancelled()) {
        return base::fail(base::ErrorCode::Cancelled, "stopped");
    }
    if (m_script.runError) {
        return base::fail(*std::exchange(m_script.runError, std::nullopt));
    }
    m_script.bases.push_back(job.base.name);
    std::ifstream rows(job.data / "train.jsonl", std::ios::binary);
    m_script.data.emplace_back(std::istreambuf_iterator<char>(rows),
                               std::istreambuf_iterator<char>());
    train::Progress now;
    now.stage = "train";
    now.step = 2;
    now.steps = 2;
    now.loss = 0.5;
    now.losses = {{1, 1.0}, {2, 0.5}};
    progress(now);
    return train::Trained{"openai", R"({"urls":["http://127.0.0.1:9/v1"],"model":"m"})"};
}

EvolutionBench::EvolutionBench() {
    critic = bench.addModel("critic", knowing);
    must(loop::freezeSet(*bench.workspace,
                         {"held", model::SubjectKind::Solution, "problem:1..6", 0, 0, ""}));
}

loop::EvolutionRequest EvolutionBench::request() const {
    loop::EvolutionRequest request;
    request.recipe = must(loop::loadRecipe("scrit"));
    request.base = "critic";
    request.filter = "problem:>6";
    request.sets = {"held"};
    request.evaluation.suites = {loop::Suite::CritiqueCorrect};
    request.evaluation.temperature = 0.5; // at 0 the scripted critic takes it for a validation
    request.trainer.trainer = "idle";
    request.policy.balance = "any";
    // These texts are short and alike.
    request.policy.decontaminate = false;
    request.policy.keepCopies = true;
    request.policy.dropDuplicates = false;
    return request;
}

train::MakeTrainer EvolutionBench::trainers() {
    return [this](std::string_view name) -> base::Expected<std::unique_ptr<train::Trainer>> {
        if (name != "idle") {
            return base::fail(base::ErrorCode::Invalid, "there is no such trainer");
        }
        return std::unique_ptr<train::Trainer>(std::make_unique<IdleTrainer>(script));
    };
}

loop::EvolutionContext EvolutionBench::context() {
    loop::EvolutionContext context;
    context.openModel =
        [this](const model::Model&) -> base::Expected<std::shared_ptr<backend::ModelHandle>> {
        return bench.models.at("critic");
    };
    context.makeTrainer = trainers();
    context.engine = Bench::quick();
    context.patienceMillis = 2000;
    return context;
}

loop::EvolutionState EvolutionBench::evolve(const loop::EvolutionRequest& request) {
    const std::string series = must(loop::createEvolution(*bench.workspace, request, trainers()));
    must(loop::runEvolution(bench.workspace, series, context()));
    return must(loop::readEvolution(*bench.workspace, series));
}

} // namespace scrit::test
