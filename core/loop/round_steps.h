// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_handle.h"
#include "core/base/error.h"
#include "core/loop/evolution.h"
#include "core/loop/round_report.h"
#include "core/model/round.h"
#include "core/store/run_reader.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Private to core/loop: what createEvolution() and runEvolution() share, and the stages of a round.
namespace scrit::loop {

// The first setting, "policy.order", in which two texts of policyJson() differ, of those that
// change what a series means; nothing when they mean the same.
[[nodiscard]] std::optional<std::string> differingSetting(const std::string& stored,
                                                          const std::string& wanted);

// What the training of one round is named, and where it happens.
[[nodiscard]] std::string modelNameOf(const std::string& series, int round);
[[nodiscard]] std::filesystem::path folderOf(const store::Workspace& workspace,
                                             const EvolutionRequest& request, int round);
// The recipe of a round's run: without validation where nobody asks for it.
[[nodiscard]] base::Expected<Recipe> recipeOfRun(const EvolutionRequest& request);
// Absent: as they come. Invalid.
[[nodiscard]] base::Expected<std::optional<Balance>> balanceOf(const EvolutionRequest& request);
// The training problems of a series in the order in which new ones are taken (all of them, in order
// of id, when every round uses all). Invalid when one belongs to a frozen set or there are none.
[[nodiscard]] base::Expected<std::vector<std::int64_t>>
trainingProblems(store::Reader& reader, const EvolutionRequest& request);
// The job as a trainer would get it, for its check.
[[nodiscard]] base::Expected<train::Job> jobOf(const store::Workspace& workspace,
                                               store::RunReader& runs,
                                               const EvolutionRequest& request, int round);
// What a round trains on: the critiques of these runs that the policy lets through.
[[nodiscard]] std::string datasetFilter(const EvolutionPolicy& policy,
                                        const std::vector<std::int64_t>& runs);

// Works on one round of a series, stage by stage. One thread.
class RoundWorker {
public:
    // `rounds` are those of the series with their reports, the one to work on last; they and the
    // context must live as long.
    RoundWorker(std::shared_ptr<store::Workspace> workspace, const EvolutionRequest& request,
                std::vector<model::Round>& rounds, std::vector<RoundReport>& reports,
                const EvolutionContext& context);

    // Does the stages that are left. The round is Done then; on an error Stopped or Failed.
    [[nodiscard]] base::Expected<void> work();

private:
    [[nodiscard]] base::Expected<void> doCritique();
    [[nodiscard]] base::Expected<void> doCurate();
    [[nodiscard]] base::Expected<void> doTrain();
    [[nodiscard]] base::Expected<void> doServe();
    [[nodiscard]] base::Expected<void> doEvaluate();

    [[nodiscard]] base::Expected<std::int64_t> runOfRound();
    [[nodiscard]] base::Expected<std::vector<std::int64_t>>
    newProblems(store::Reader& reader) const;
    [[nodiscard]] base::Expected<std::int64_t> trainingOfRound();
    [[nodiscard]] base::Expected<std::int64_t> evaluationOfRound(const std::string& set);
    // The finished evaluation of an earlier round on a set; 0 when there is none.
    [[nodiscard]] std::int64_t earlierEvaluation(int round, const std::string& set) const;
    [[nodiscard]] base::Expected<void> save(model::JobState state);
    [[nodiscard]] RunToEndOptions runOptions() const;
    void tell(double fraction, std::string message, const RunSnapshot* run = nullptr,
              const train::Progress* training = nullptr) const;
    void showRun(const RunSnapshot& snapshot) const;

    std::shared_ptr<store::Workspace> m_workspace;
    const EvolutionRequest& m_request;
    std::vector<model::Round>& m_rounds;
    std::vector<RoundReport>& m_reports;
    const EvolutionContext& m_context;
    model::Round& m_round;
    RoundReport& m_report;
    std::shared_ptr<backend::ModelHandle> m_served; // keeps its server running between stages
};

} // namespace scrit::loop
