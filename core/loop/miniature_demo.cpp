// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/miniature_demo.h"

#include "core/backend/builtin_backend.h"
#include "core/backend/open_model.h"
#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/eval/critique_correct.h"
#include "core/eval/error_identification.h"
#include "core/loop/busy_time.h"
#include "core/loop/evaluation_set.h"
#include "core/loop/miniature.h"
#include "core/loop/run_to_end.h"
#include "core/mini/language.h"
#include "core/mini/network.h"
#include "core/mini/problems.h"
#include "core/net/http_client.h"
#include "core/store/evaluation_reader.h"
#include "core/store/round_reader.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

namespace scrit::loop {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr std::string_view kTestProblems = "source:miniature split:test";
constexpr std::string_view kTrainProblems = "source:miniature split:train";
// A third of the student's solutions is right, and half of the pairs shall be.
constexpr double kProblemsPerPair = 1.9;

Expected<std::shared_ptr<store::Workspace>> openDemo(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return fail(base::systemError(error.value(), "cannot create the folder", folder.string()));
    }
    const fs::path file = folder / "demo.scrit";
    return fs::exists(file, error) ? store::Workspace::open(file) : store::Workspace::create(file);
}

std::string seriesOf(const MiniatureDemoSettings& settings) {
    return settings.recipe + (settings.selfValidation ? "" : "-unvalidated") +
           (settings.evaluationTemperature > 0 ? "-sampled" : "");
}

EvolutionRequest evolutionOf(const MiniatureDemoSettings& settings, Recipe recipe) {
    EvolutionRequest request;
    request.series = seriesOf(settings);
    request.rounds = settings.rounds;
    request.recipe = std::move(recipe);
    request.base = kMiniatureModel;
    request.students = {std::string(kMiniatureModel)};
    request.filter = kTrainProblems;
    request.sets = {std::string(kMiniatureSet)};
    request.evaluation.temperature = settings.evaluationTemperature;
    request.trainer.trainer = "builtin";
    request.seed = settings.seed;
    EvolutionPolicy& policy = request.policy;
    policy.selfValidation = settings.selfValidation;
    policy.alwaysValidate = true; // the table says how many would have passed
    policy.problemsPerRound = settings.problemsPerRound;
    policy = miniaturePolicy(policy);
    return request;
}

class DemoMaker {
public:
    DemoMaker(std::shared_ptr<store::Workspace> workspace, const MiniatureDemoSettings& settings,
              const Recipe& recipe, const EvolutionContext& context)
        : m_workspace(std::move(workspace)), m_settings(settings), m_recipe(recipe),
          m_context(context) {}

    // Problems, model and the frozen set of held-out pairs.
    Expected<void> prepare() {
        const auto reader = m_workspace->reader();
        if (!reader) {
            return fail(reader.error());
        }
        if (auto same = refuseOtherSeed(**reader); !same) {
            return same;
        }
        tell("problems");
        if (auto added = addProblems(); !added) {
            return added;
        }
        const auto sets = store::EvaluationReader(**reader).sets();
        if (!sets) {
            return fail(sets.error());
        }
        if (std::any_of(sets->begin(), sets->end(),
                        [](const model::FrozenSet& set) { return set.name == kMiniatureSet; })) {
            return {};
        }
        auto done = solveHeldOut(**reader);
        done = done ? labelHeldOut(**reader) : done;
        return done ? freeze() : done;
    }

private:
    void tell(std::string message) const {
        if (m_context.listener) {
            EvolutionProgress progress;
            progress.series = seriesOf(m_settings);
            progress.rounds = m_settings.rounds;
            progress.stage = "prepare";
            progress.message = std::move(message);
            m_context.listener(progress);
        }
    }

    Expected<void> refuseOtherSeed(store::Reader& reader) const {
        const auto all = store::RoundReader(reader).series();
        if (!all) {
            return fail(all.error());
        }
        for (const store::SeriesRow& row : *all) {
            const auto state = readEvolution(*m_workspace, row.name);
            if (!state) {
                return fail(state.error());
            }
            if (state->request.seed != m_settings.seed ||
                state->request.policy.problemsPerRound != m_settings.problemsPerRound) {
                return fail(ErrorCode::Exists,
                            m_workspace->path().string() + " holds a demo of another " +
                                (state->request.seed != m_settings.seed ? "seed" : "size"),
                            "choose another folder");
            }
        }
        return {};
    }

    Expected<void> addProblems() const {
        const auto train = static_cast<std::size_t>(m_settings.problemsPerRound) *
                           static_cast<std::size_t>(m_settings.rounds);
        const auto test = static_cast<std::size_t>(
            std::ceil(static_cast<double>(m_settings.pairs) * kProblemsPerPair));
        return m_workspace->write([&](store::Writer& writer) -> Expected<void> {
            for (const auto& [split, count] :
                 {std::pair(mini::Split::Train, train), std::pair(mini::Split::Test, test)}) {
                const std::uint64_t seed = base::hash64(
                    split == mini::Split::Train ? "demo-train" : "demo-test", m_settings.seed);
                for (const mini::ProblemItem& item : mini::makeProblems(seed, count, split)) {
                    if (const auto added = writer.addProblem(item.problem); !added) {
                        return fail(added.error());
                    }
                }
            }
            model::Model miniature;
            miniature.name = kMiniatureModel;
            miniature.kind = "builtin";
            miniature.settings = "{}";
            miniature.createdAt = base::unixMillis();
            const auto added = store::RunWriter(writer).addModel(miniature);
            const bool there = !added && added.error().code == ErrorCode::Exists;
            return added || there ? Expected<void>{} : fail(added.error());
        });
    }

    // The student's solutions to the held-out problems, by a run that does nothing else.
    Expected<void> solveHeldOut(store::Reader& reader) const {
        std::int64_t runId = 0;
        const auto runs = store::RunReader(reader).runs();
        if (!runs) {
            return fail(runs.error());
        }
        for (const model::Run& run : *runs) {
            const auto request = requestOfRun(run);
            if (request && request->solveOnly) {
                runId = run.id;
            }
        }
        if (runId == 0) {
            RunRequest request;
            request.recipe = m_recipe;
            request.students = {std::string(kMiniatureModel)};
            request.filter = kTestProblems;
            request.seed = m_settings.seed;
            request.solveOnly = true;
            const auto created = createRun(*m_workspace, request);
            if (!created) {
                return fail(created.error());
            }
            runId = *created;
        }
        RunToEndOptions options;
        options.cancel = m_context.cancel;
        options.cancelNow = m_context.cancelNow;
        options.engine = m_context.engine;
        const auto ended = runToEnd(
            m_workspace, runId, m_context.openModel,
            [this](const RunSnapshot& snapshot) {
                const std::int64_t done =
                    snapshot.stages.empty() ? 0 : snapshot.stages.front().done;
                tell(std::to_string(done) + " held-out solutions");
            },
            options);
        return ended ? Expected<void>{} : fail(ended.error());
    }

    // The world knows which step is the first with a wrong price.
    Expected<void> labelHeldOut(store::Reader& reader) const {
        std::vector<model::Verdict> labels;
        auto read = reader.forEachRecord(
            {store::ListOf::Solutions,
             std::string(kTestProblems) + " student:" + std::string(kMiniatureModel),
             store::SortKey::Id, false},
            [&](store::TraceRecord&& record) -> Expected<bool> {
                const auto problem = mini::readProblem(record.problem.text);
                if (!problem || !record.solution) {
                    return true;
                }
                const auto tokens = mini::solutionTokens(*problem, record.solution->text);
                if (!tokens) {
                    return true; // nonsense has no step that could be named
                }
                const std::vector<int> prices = mini::pricesOf(*tokens);
                const int step = mini::firstWrongPrice(*problem, prices);
                if (step < 0 && prices.size() != problem->trades.size()) {
                    return true;
                }
                model::Verdict& label = labels.emplace_back();
                label.subject = model::SubjectKind::Solution;
                label.subjectId = record.solution->id;
                label.verifier = model::verifier::kLabel;
                label.protocol = "label/first-error";
                label.outcome = step < 0 ? model::Outcome::Yes : model::Outcome::No;
                label.step = step;
                label.source = mini::kSource;
                label.createdAt = base::unixMillis();
                return true;
            });
        if (!read) {
            return read;
        }
        return m_workspace->write([&](store::Writer& writer) -> Expected<void> {
            for (const model::Verdict& label : labels) {
                if (const auto added = writer.addVerdict(label); !added) {
                    return fail(added.error());
                }
            }
            return {};
        });
    }

    Expected<void> freeze() const {
        FreezeRequest request;
        request.name = kMiniatureSet;
        // Two wrong prices can make a right answer; what is right here has no wrong step.
        request.filter = std::string(kTestProblems) + " student:" + std::string(kMiniatureModel) +
                         " ((correct:yes label-step:none) OR (correct:no label-step:>=0))";
        request.limit = m_settings.pairs;
        request.seed = m_settings.seed;
        request.balance = "1:1";
        const auto frozen = freezeSet(*m_workspace, request);
        return frozen ? Expected<void>{} : fail(frozen.error());
    }

    std::shared_ptr<store::Workspace> m_workspace;
    const MiniatureDemoSettings& m_settings;
    const Recipe& m_recipe;
    const EvolutionContext& m_context;
};

// Adds up the time of each round's training stage, from its first word to the next stage's.
class TrainingTime {
public:
    void see(const EvolutionProgress& progress) {
        const std::int64_t now = base::steadyMillis();
        m_spent += m_since >= 0 ? now - m_since : 0;
        m_since = progress.stage == model::round_stage::kTrain ? now : -1;
    }
    [[nodiscard]] double seconds() const { return static_cast<double>(m_spent) / 1000; }

private:
    std::int64_t m_since = -1;
    std::int64_t m_spent = 0;
};

} // namespace

MiniatureDemoSettings quickMiniatureDemo() {
    MiniatureDemoSettings settings;
    settings.rounds = 1;
    settings.problemsPerRound = 400;
    settings.pairs = 300;
    return settings;
}

Expected<void> canRunMiniatureDemo() {
    if (auto can = mini::canTrain(); !can) {
        return can;
    }
    const auto weights = backend::builtinCheckpoint({});
    return weights ? Expected<void>{} : fail(weights.error());
}

Expected<MiniatureDemo> runMiniatureDemo(const MiniatureDemoSettings& settings,
                                         const EvolutionContext& context) {
    const std::int64_t began = base::steadyMillis();
    if (auto can = canRunMiniatureDemo(); !can) {
        return fail(std::move(can.error()));
    }
    auto recipe = loadRecipe(settings.recipe);
    recipe = recipe ? miniatureRecipe(*recipe) : recipe;
    const auto workspace = recipe ? openDemo(settings.folder) : fail(recipe.error());
    if (!workspace) {
        return fail(workspace.error());
    }
    std::optional<backend::ModelServers> servers;
    EvolutionContext inner = context;
    if (!inner.openModel) {
        servers.emplace(std::make_shared<net::HttpClient>());
        inner.openModel = servers->opener();
    }
    if (!inner.makeTrainer) {
        inner.makeTrainer = [](std::string_view name) {
            return train::makeTrainer(name);
        };
    }
    const BusyTime busy;
    inner.openModel = busy.open(inner.openModel);
    TrainingTime trained;
    inner.listener = [&](const EvolutionProgress& progress) {
        trained.see(progress);
        if (context.listener) {
            context.listener(progress);
        }
    };
    if (auto ready = DemoMaker(*workspace, settings, *recipe, inner).prepare(); !ready) {
        return fail(std::move(ready.error()));
    }
    const auto series =
        createEvolution(**workspace, evolutionOf(settings, std::move(*recipe)), inner.makeTrainer);
    if (!series) {
        return fail(series.error());
    }
    if (auto ran = runEvolution(*workspace, *series, inner); !ran) {
        return fail(std::move(ran.error()));
    }
    auto state = readEvolution(**workspace, *series);
    if (!state) {
        return fail(std::move(state.error()));
    }
    MiniatureDemo demo;
    demo.workspace = (*workspace)->path();
    demo.evolution = std::move(*state);
    demo.seconds = static_cast<double>(base::steadyMillis() - began) / 1000;
    demo.sampling = busy.seconds();
    demo.training = trained.seconds();
    return demo;
}

std::vector<MiniatureRow> miniatureTable(const EvolutionState& state) {
    std::vector<MiniatureRow> rows;
    for (std::size_t i = 0; i < state.rounds.size(); ++i) {
        if (state.rounds[i].state != model::JobState::Done) {
            continue;
        }
        const RoundReport& report = state.reports[i];
        MiniatureRow row;
        row.round = report.number;
        row.report = &report;
        row.errorIdentification = report.score(
            kMiniatureSet, eval::protocolId(eval::IdentificationProtocol::Strict), "f1");
        row.critiqueCorrect = report.score(kMiniatureSet, eval::kCritiqueCorrectProtocol, "cc_acc");
        row.n = row.critiqueCorrect != nullptr ? row.critiqueCorrect->n : 0;
        rows.push_back(row);
    }
    return rows;
}

} // namespace scrit::loop
