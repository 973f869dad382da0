// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/round_steps.h"

#include "core/base/clock.h"
#include "core/loop/run_to_end.h"
#include "core/store/evaluation_reader.h"
#include "core/store/round_reader.h"
#include "core/store/round_writer.h"
#include "core/store/run_writer.h"
#include "core/train/loss_curve.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

constexpr auto kPoll = std::chrono::milliseconds(20);

// How much of a round a stage is, about, for a progress bar.
struct StageShare {
    std::string_view stage;
    double before;
    double share;
};
constexpr std::array<StageShare, 5> kShares{{{model::round_stage::kCritique, 0.0, 0.45},
                                             {model::round_stage::kCurate, 0.45, 0.02},
                                             {model::round_stage::kTrain, 0.47, 0.28},
                                             {model::round_stage::kServe, 0.75, 0.02},
                                             {model::round_stage::kEvaluate, 0.77, 0.23}}};
constexpr double kRoundZero = 0.25; // of a whole round

const StageShare& shareOf(std::string_view stage) {
    const auto* found = std::find_if(kShares.begin(), kShares.end(),
                                     [&](const StageShare& one) { return one.stage == stage; });
    return found == kShares.end() ? kShares.back() : *found;
}

std::string_view nextStage(std::string_view stage) {
    const auto* found = std::find_if(kShares.begin(), kShares.end(),
                                     [&](const StageShare& one) { return one.stage == stage; });
    return found == kShares.end() || found + 1 == kShares.end() ? std::string_view{}
                                                                : (found + 1)->stage;
}

Expected<model::Model> modelById(store::RunReader& runs, std::optional<std::int64_t> id) {
    const auto models = runs.models(true);
    if (!models) {
        return fail(models.error());
    }
    const auto found = std::find_if(models->begin(), models->end(),
                                    [&](const model::Model& one) { return id && one.id == *id; });
    if (found == models->end()) {
        return fail(ErrorCode::NotFound, "the round's model is not in the workspace any more");
    }
    return *found;
}

} // namespace

RoundWorker::RoundWorker(std::shared_ptr<store::Workspace> workspace,
                         const EvolutionRequest& request, std::vector<model::Round>& rounds,
                         std::vector<RoundReport>& reports, const EvolutionContext& context)
    : m_workspace(std::move(workspace)), m_request(request), m_rounds(rounds), m_reports(reports),
      m_context(context), m_round(rounds.back()), m_report(reports.back()) {}

Expected<void> RoundWorker::work() {
    m_report.error.clear();
    while (!m_round.stage.empty()) {
        const std::string stage = m_round.stage;
        if (auto saved = save(model::JobState::Running); !saved) {
            return saved;
        }
        tell(0, stage);
        const std::int64_t began = base::steadyMillis();
        Expected<void> done;
        if (stage == model::round_stage::kCritique) {
            done = doCritique();
        } else if (stage == model::round_stage::kCurate) {
            done = doCurate();
        } else if (stage == model::round_stage::kTrain) {
            done = doTrain();
        } else if (stage == model::round_stage::kServe) {
            done = doServe();
        } else if (stage == model::round_stage::kEvaluate) {
            done = doEvaluate();
        } else {
            done = fail(ErrorCode::NewerSchema, "the stage " + stage + " is not known");
        }
        const double spent = static_cast<double>(base::steadyMillis() - began) / 1000;
        const auto known = std::find_if(m_report.seconds.begin(), m_report.seconds.end(),
                                        [&](const auto& one) { return one.first == stage; });
        if (known == m_report.seconds.end()) {
            m_report.seconds.emplace_back(stage, spent);
        } else {
            known->second += spent;
        }
        if (!done) {
            const bool stopped = done.error().code == ErrorCode::Cancelled;
            base::Error error = done.error().withContext(
                m_round.series + ", round " + std::to_string(m_round.number) + ", " + stage);
            m_report.error = error.text();
            // What made it fail counts, also where it cannot be noted.
            static_cast<void>(save(stopped ? model::JobState::Stopped : model::JobState::Failed));
            return fail(std::move(error));
        }
        m_round.stage = nextStage(stage);
        if (auto saved =
                save(m_round.stage.empty() ? model::JobState::Done : model::JobState::Running);
            !saved) {
            return saved;
        }
        if (m_context.listener) {
            EvolutionProgress progress{
                m_request.series, m_round.number, m_request.rounds, m_round.stage, 1, 0,
                stage + " done",  nullptr,        nullptr,          &m_report};
            m_context.listener(progress);
        }
    }
    return {};
}

Expected<void> RoundWorker::save(model::JobState state) {
    m_round.state = state;
    m_round.report = reportJson(m_report);
    return m_workspace->write(
        [&](store::Writer& writer) { return store::RoundWriter(writer).updateRound(m_round); });
}

void RoundWorker::tell(double fraction, std::string message, const RunSnapshot* run,
                       const train::Progress* training) const {
    if (!m_context.listener) {
        return;
    }
    EvolutionProgress progress;
    progress.series = m_request.series;
    progress.round = m_round.number;
    progress.rounds = m_request.rounds;
    progress.stage = m_round.stage;
    progress.fraction = fraction;
    const StageShare& share = shareOf(m_round.stage);
    const double part = std::clamp(fraction, 0.0, 1.0);
    const double all = m_request.rounds + kRoundZero;
    progress.overall =
        m_round.number == 0
            ? kRoundZero * part / all
            : (kRoundZero + m_round.number - 1 + share.before + share.share * part) / all;
    progress.message = std::move(message);
    progress.run = run;
    progress.training = training;
    m_context.listener(progress);
}

void RoundWorker::showRun(const RunSnapshot& snapshot) const {
    std::string message;
    double fraction = 0;
    std::int64_t most = 1; // items of a later stage come as those before it end
    for (const RunSnapshot::Stage& stage : snapshot.stages) {
        const std::int64_t ended = stage.done + stage.failed + stage.skipped;
        const std::int64_t all = ended + stage.planned + stage.running;
        most = std::max(most, all);
        fraction += static_cast<double>(ended) / static_cast<double>(most);
        if (stage.name != model::stage::kSelect && all > 0) {
            message += (message.empty() ? "" : ", ") + stage.name + " " + std::to_string(ended) +
                       " of " + std::to_string(all);
        }
    }
    if (!snapshot.stages.empty()) {
        fraction /= static_cast<double>(snapshot.stages.size());
    }
    if (!snapshot.message.empty()) {
        message += (message.empty() ? "" : "; ") + snapshot.message;
    }
    tell(fraction, std::move(message), &snapshot);
}

RunToEndOptions RoundWorker::runOptions() const {
    RunToEndOptions options;
    options.cancel = m_context.cancel;
    options.cancelNow = m_context.cancelNow;
    options.patienceMillis = m_context.patienceMillis;
    options.engine = m_context.engine;
    return options;
}

// The run that makes the round's critiques; evaluations may have runs of the round, too.
Expected<std::int64_t> RoundWorker::runOfRound() {
    const auto reader = m_workspace->reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto runs = store::RoundReader(**reader).runsOf(m_round.id);
    if (!runs) {
        return fail(runs.error());
    }
    for (const std::int64_t run : *runs) {
        const auto evaluation = store::EvaluationReader(**reader).evaluationOfRun(run);
        if (!evaluation) {
            return fail(evaluation.error());
        }
        if (!*evaluation) {
            return run;
        }
    }
    return 0;
}

// Those with the first places in the series' order that no earlier round has used.
Expected<std::vector<std::int64_t>> RoundWorker::newProblems(store::Reader& reader) const {
    auto problems = trainingProblems(reader, m_request);
    if (!problems || m_request.policy.problemsPerRound == 0) {
        return problems;
    }
    std::set<std::int64_t> used;
    for (const RoundReport& report : m_reports) {
        if (report.runId == 0) {
            continue;
        }
        const auto read = reader.forEachRow(
            {store::ListOf::Items, "run:" + std::to_string(report.runId) + " stage:select",
             store::SortKey::Id, false},
            [&](const store::TraceRow& row) -> Expected<bool> {
                used.insert(row.problemId);
                return true;
            });
        if (!read) {
            return fail(read.error());
        }
    }
    std::erase_if(*problems, [&](std::int64_t id) { return used.contains(id); });
    const auto wanted = static_cast<std::size_t>(m_request.policy.problemsPerRound);
    if (problems->size() < wanted) {
        return fail(ErrorCode::Invalid,
                    "there are " + std::to_string(problems->size()) + " new problems, and " +
                        std::to_string(wanted) + " are wanted in each round",
                    "import more problems");
    }
    problems->resize(wanted);
    return problems;
}

Expected<void> RoundWorker::doCritique() {
    auto found = runOfRound();
    if (found && *found == 0) {
        const auto reader = m_workspace->reader();
        if (!reader) {
            return fail(reader.error());
        }
        store::RunReader runs(**reader);
        const auto critic = modelById(runs, m_round.baseModelId);
        auto recipe = recipeOfRun(m_request);
        auto problems = newProblems(**reader);
        if (!critic || !recipe || !problems) {
            return fail(!critic ? critic.error() : !recipe ? recipe.error() : problems.error());
        }
        RunRequest run;
        run.recipe = std::move(*recipe);
        run.critic = critic->name;
        run.students = m_request.students;
        run.filter = m_request.filter;
        run.problems = std::move(*problems);
        run.seed = m_request.seed;
        run.round = m_round.number;
        run.roundId = m_round.id;
        run.caps = m_request.caps;
        found = createRun(*m_workspace, run);
    }
    if (!found) {
        return fail(found.error());
    }
    const std::int64_t runId = *found;
    // Items that failed are tried again whenever somebody goes on with the round.
    auto planned = m_workspace->write([&](store::Writer& writer) -> Expected<void> {
        const auto count = store::RunWriter(writer).retryFailed(runId);
        return count ? Expected<void>{} : fail(count.error());
    });
    if (!planned) {
        return planned;
    }
    const auto ended = runToEnd(
        m_workspace, runId, m_context.openModel,
        [this](const RunSnapshot& snapshot) { showRun(snapshot); }, runOptions());
    m_served.reset();
    if (!ended) {
        return fail(ended.error());
    }
    if (auto counted = addRunFigures(*m_workspace, runId, m_report); !counted) {
        return counted;
    }
    std::int64_t failed = 0;
    std::int64_t all = 0;
    for (const RunSnapshot::Stage& stage : ended->stages) {
        failed += stage.failed;
        all += stage.name == model::stage::kSelect ? 0 : stage.done + stage.failed;
    }
    if (failed * 2 > all) {
        return fail(ErrorCode::Server,
                    std::to_string(failed) + " of " + std::to_string(all) + " requests of run " +
                        std::to_string(runId) + " failed",
                    "see scrit runs; scrit resume asks for them again");
    }
    return {};
}

Expected<std::int64_t> RoundWorker::trainingOfRound() {
    const auto reader = m_workspace->reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto trainings = store::RoundReader(**reader).trainingsOf(m_round.id);
    if (!trainings) {
        return fail(trainings.error());
    }
    if (!trainings->empty()) {
        return trainings->back().id;
    }
    store::RunReader runs(**reader);
    const auto job = jobOf(*m_workspace, runs, m_request, m_round.number);
    if (!job) {
        return fail(job.error());
    }
    TrainingRequest request;
    request.trainer = m_request.trainer.trainer;
    request.baseModelId = job->base.id;
    request.name = job->name;
    request.roundId = m_round.id;
    request.commandTemplate = job->commandTemplate;
    request.parameters = m_request.trainer.parameters;
    request.parameters.seed = m_request.trainer.parameters.seed.value_or(m_request.seed);
    request.values = job->values;
    request.data = m_report.dataset;
    request.folder = job->folder;
    return createTraining(*m_workspace, request, m_context.makeTrainer, {}, m_context.cancel);
}

Expected<void> RoundWorker::doTrain() {
    m_served.reset(); // the training may need the memory
    const auto trainingId = trainingOfRound();
    if (!trainingId) {
        return fail(trainingId.error());
    }
    m_report.trainingId = *trainingId;
    const auto trained = runTraining(
        m_workspace, *trainingId, m_context.makeTrainer,
        [this](const TrainingProgress& progress) {
            const train::Progress& now = progress.now;
            std::string message = now.stage;
            if (now.step > 0) {
                message += ", step " + std::to_string(now.step) +
                           (now.steps > 0 ? " of " + std::to_string(now.steps) : "");
            }
            if (now.loss) {
                message += ", loss " + std::to_string(*now.loss).substr(0, 6);
            }
            tell(now.steps > 0 ? static_cast<double>(now.step) / static_cast<double>(now.steps)
                               : -1,
                 std::move(message), nullptr, &now);
        },
        m_context.cancel);
    if (!trained) {
        return fail(trained.error());
    }
    m_round.resultModelId = trained->modelId;
    m_report.model = trained->modelName;
    const auto reader = m_workspace->reader();
    const auto row =
        reader ? store::RoundReader(**reader).training(*trainingId) : fail(reader.error());
    if (!row) {
        return fail(row.error());
    }
    if (const auto curve = train::LossCurve::fromJson(row->losses);
        curve && !curve->points().empty()) {
        m_report.steps = curve->points().back().step;
        m_report.firstLoss = curve->points().front().loss;
        m_report.lastLoss = curve->points().back().loss;
    }
    return {};
}

Expected<void> RoundWorker::doServe() {
    const auto reader = m_workspace->reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::RunReader runs(**reader);
    const auto model = modelById(runs, m_round.resultModelId);
    if (!model) {
        return fail(model.error());
    }
    auto opened = m_context.openModel(*model);
    if (!opened) {
        return fail(opened.error().withContext("the model " + model->name));
    }
    const std::int64_t deadline = base::steadyMillis() + m_context.patienceMillis;
    for (;;) {
        const std::vector<backend::Endpoint> endpoints = (*opened)->endpoints();
        if (std::any_of(endpoints.begin(), endpoints.end(),
                        [](const backend::Endpoint& one) { return one.ready; })) {
            m_served = std::move(*opened);
            return {};
        }
        if (const auto failure = (*opened)->failure()) {
            return fail(failure->withContext("the model " + model->name + " does not start"));
        }
        if (m_context.cancel.isCancelled()) {
            return fail(ErrorCode::Cancelled, "stopped while " + model->name + " was loading",
                        "scrit resume goes on");
        }
        if (m_context.patienceMillis > 0 && base::steadyMillis() > deadline) {
            return fail(ErrorCode::Unavailable,
                        "the model " + model->name + " was not ready after " +
                            std::to_string(m_context.patienceMillis / 1000) + " seconds",
                        "scrit model check says why; scrit resume goes on");
        }
        tell(-1, "waiting for " + model->name);
        std::this_thread::sleep_for(kPoll);
    }
}

Expected<std::int64_t> RoundWorker::evaluationOfRound(const std::string& set) {
    const auto reader = m_workspace->reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto known = store::EvaluationReader(**reader).evaluationsOfRound(m_round.id);
    if (!known) {
        return fail(known.error());
    }
    for (const model::Evaluation& evaluation : *known) {
        if (evaluation.set == set) {
            return evaluation.id;
        }
    }
    store::RunReader runs(**reader);
    const auto model = modelById(runs, m_round.resultModelId);
    if (!model) {
        return fail(model.error());
    }
    const EvolutionEvaluation& wanted = m_request.evaluation;
    EvaluationRequest request;
    request.model = model->name;
    request.set = set;
    request.suites = wanted.suites;
    request.samples = wanted.samples;
    request.temperature = wanted.temperature;
    request.topP = wanted.topP;
    request.maxTokens = wanted.maxTokens;
    request.prompt = wanted.prompt;
    request.seed = m_request.seed;
    request.roundId = m_round.id;
    request.round = m_round.number;
    return beginEvaluation(*m_workspace, request);
}

std::int64_t RoundWorker::earlierEvaluation(int round, const std::string& set) const {
    if (round < 0 || round >= m_round.number) {
        return 0;
    }
    const RoundReport& report = m_reports[static_cast<std::size_t>(round)];
    const auto found = std::find_if(report.scores.begin(), report.scores.end(),
                                    [&](const RoundScore& one) { return one.set == set; });
    return found == report.scores.end() ? 0 : found->evaluationId;
}

Expected<void> RoundWorker::doEvaluate() {
    if (m_round.number == 0) {
        const auto reader = m_workspace->reader();
        if (!reader) {
            return fail(reader.error());
        }
        store::RunReader runs(**reader);
        const auto model = modelById(runs, m_round.resultModelId);
        if (!model) {
            return fail(model.error());
        }
        m_report.model = model->name;
    }
    for (const std::string& set : m_request.sets) {
        const auto evaluationId = evaluationOfRound(set);
        if (!evaluationId) {
            return fail(evaluationId.error());
        }
        const auto evaluated = runEvaluation(
            m_workspace, *evaluationId, m_context.openModel,
            [this](const RunSnapshot& snapshot) { showRun(snapshot); }, runOptions());
        if (!evaluated) {
            return fail(evaluated.error());
        }
        if (auto added =
                addEvaluation(*m_workspace, *evaluationId, earlierEvaluation(0, set),
                              earlierEvaluation(m_round.number - 1, set), m_request.seed, m_report);
            !added) {
            return added;
        }
    }
    return {};
}

} // namespace scrit::loop
