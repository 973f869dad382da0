// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/loop/evaluation_set.h"
#include "core/loop/evolution.h"
#include "tests/loop/run_support.h"

#include <functional>
#include <optional>
#include <string>

// Evolutions with scripted models and a trainer that trains nothing.
namespace scrit::test {

// The models it makes are answered for by the critic.
class IdleTrainer final : public train::Trainer {
public:
    struct Script {
        std::optional<base::Error> checkError;
        std::optional<base::Error> runError; // of the next run alone
        std::vector<std::string> bases;      // what was trained further, in order
        std::vector<std::string> data;       // the training sets, as texts
    };
    explicit IdleTrainer(Script& script) : m_script(script) {}
    [[nodiscard]] std::string_view name() const override { return "idle"; }
    [[nodiscard]] base::Expected<std::string> exportView(const train::Job&) const override {
        return std::string("openai-chat");
    }
    [[nodiscard]] base::Expected<train::Parameters> defaults(const train::Job&) const override {
        return train::paperParameters();
    }
    [[nodiscard]] base::Expected<void> check(const train::Job&) const override {
        return m_script.checkError ? base::fail(*m_script.checkError) : base::Expected<void>{};
    }
    [[nodiscard]] base::Expected<train::Trained> run(const train::Job& job,
                                                     const train::ProgressFunction& progress,
                                                     const base::CancelToken& cancel) override;

private:
    Script& m_script;
};

// Problems 1 … 6 are held out (set "held", 18 solutions); 7 … 24 are trained on: of each residue by
// six three problems with a right, a wrong and another right solution.
struct EvolutionBench {
    Bench bench{24};
    std::shared_ptr<ScriptedBackend> critic;
    IdleTrainer::Script script;

    EvolutionBench();
    [[nodiscard]] loop::EvolutionRequest request() const;
    [[nodiscard]] train::MakeTrainer trainers();
    [[nodiscard]] loop::EvolutionContext context();
    // Creates and runs it to its end; fails the test program when that is an error.
    loop::EvolutionState evolve(const loop::EvolutionRequest& request);
};

} // namespace scrit::test
