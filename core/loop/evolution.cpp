// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/evolution.h"

#include "core/base/hash.h"
#include "core/loop/round_steps.h"
#include "core/loop/run_problems.h"
#include "core/store/evaluation_reader.h"
#include "core/store/round_reader.h"
#include "core/store/round_writer.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// Letters, digits and a few signs; runs of others become one dash. For names of models and folders.
std::string plainName(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_';
        if (plain) {
            name += c;
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    while (!name.empty() && name.back() == '-') {
        name.pop_back();
    }
    return name.empty() || name.front() == '.' ? "series" + name : name;
}

Expected<void> checkRequest(store::Reader& reader, const EvolutionRequest& request) {
    if (request.rounds < 1 || request.rounds > 1000) {
        return fail(ErrorCode::Invalid, "an evolution has 1 to 1000 rounds");
    }
    if (request.sets.empty()) {
        return fail(ErrorCode::Invalid, "no evaluation set is named",
                    "freeze one with scrit evaluate and name it with --set");
    }
    if (std::set<std::string>(request.sets.begin(), request.sets.end()).size() !=
        request.sets.size()) {
        return fail(ErrorCode::Invalid, "an evaluation set is named twice");
    }
    if (request.evaluation.suites.empty()) {
        return fail(ErrorCode::Invalid, "no evaluation suite is named", "take ei, cc or both");
    }
    store::EvaluationReader evaluations(reader);
    for (const std::string& name : request.sets) {
        const auto set = evaluations.set(name);
        const auto same = set ? evaluations.checkSet(*set) : fail(set.error());
        if (!same) {
            return fail(same.error());
        }
        if (set->members != model::SubjectKind::Solution) {
            return fail(ErrorCode::Invalid,
                        "the evaluation set " + name + " holds problems, not solutions",
                        "rounds are measured on critiques of solutions that stay the same");
        }
    }
    store::RunReader runs(reader);
    std::vector<std::string> models = request.students;
    models.push_back(request.base);
    for (const std::string& name : models) {
        if (const auto model = runs.model(name); !model) {
            return fail(model.error());
        }
    }
    const EvolutionPolicy& policy = request.policy;
    if (policy.selfValidation && !request.recipe.validate) {
        return fail(ErrorCode::Invalid, "the recipe " + request.recipe.name + " does not validate",
                    "leave the self-validation out of the policy, or take another recipe");
    }
    const auto balance = balanceOf(request);
    return balance ? Expected<void>{} : fail(balance.error());
}

Expected<void> checkTraining(const store::Workspace& workspace, store::RunReader& runs,
                             const EvolutionRequest& request, const train::MakeTrainer& makeTrainer,
                             EvolutionPreview& preview) {
    auto trainer = makeTrainer(request.trainer.trainer);
    if (!trainer) {
        return fail(std::move(trainer.error()));
    }
    auto job = jobOf(workspace, runs, request, 1);
    if (!job) {
        return fail(std::move(job.error()));
    }
    const auto defaults = (*trainer)->defaults(*job);
    const auto view = defaults ? (*trainer)->exportView(*job) : fail(defaults.error());
    if (!view) {
        return fail(view.error());
    }
    job->parameters = train::merged(job->parameters, *defaults);
    preview.view = *view;
    preview.parameters = job->parameters;
    return (*trainer)->check(*job);
}

// The rows of a series with their reports; empty when there is none.
Expected<EvolutionState> stateOf(store::Reader& reader, const std::string& series) {
    auto rounds = store::RoundReader(reader).rounds(series);
    if (!rounds) {
        return fail(std::move(rounds.error()));
    }
    EvolutionState state;
    state.series = series;
    state.rounds = std::move(*rounds);
    for (const model::Round& round : state.rounds) {
        auto report = reportOfRound(round);
        if (!report) {
            return fail(std::move(report.error()));
        }
        state.reports.push_back(std::move(*report));
    }
    if (state.rounds.empty()) {
        return state;
    }
    const model::Round& newest = state.rounds.back();
    auto request = requestOfRound(newest);
    if (!request) {
        return fail(std::move(request.error()));
    }
    state.request = std::move(*request);
    state.done = newest.state == model::JobState::Done && newest.number >= state.request.rounds;
    state.failed = newest.state == model::JobState::Failed;
    return state;
}

// The series that the request means: the one it names, else the first of recipe, recipe-2, … that
// is new or was begun with these settings.
Expected<EvolutionState> chooseSeries(store::Reader& reader, EvolutionRequest& request) {
    const bool named = !request.series.empty();
    const std::string stem = named ? request.series : request.recipe.name;
    for (int number = 1;; ++number) {
        request.series = number == 1 ? stem : stem + "-" + std::to_string(number);
        auto state = stateOf(reader, request.series);
        if (!state) {
            return state;
        }
        if (state->rounds.empty()) {
            const std::string model = modelNameOf(request.series, 1);
            if (!store::RunReader(reader).model(model)) {
                return state;
            }
            if (named) {
                return fail(ErrorCode::Exists, "a model " + model + " is in the workspace already",
                            "give the series another name");
            }
            continue;
        }
        const auto differs = differingSetting(state->rounds.back().policy, policyJson(request));
        if (!differs) {
            return state;
        }
        if (named) {
            return fail(ErrorCode::Exists,
                        "the series " + request.series + " was begun with another " + *differs,
                        "give a new series another name; scrit resume goes on with this one");
        }
    }
}

Expected<EvolutionPreview> checked(store::Workspace& workspace, store::Reader& reader,
                                   EvolutionRequest& request, const train::MakeTrainer& makeTrainer,
                                   EvolutionState& state) {
    if (auto fine = checkRequest(reader, request); !fine) {
        return fail(std::move(fine.error()));
    }
    auto known = chooseSeries(reader, request);
    if (!known) {
        return fail(std::move(known.error()));
    }
    state = std::move(*known);
    EvolutionPreview preview;
    preview.series = request.series;
    preview.exists = !state.rounds.empty();
    auto problems = trainingProblems(reader, request);
    auto recipe = problems ? recipeOfRun(request) : fail(problems.error());
    if (!recipe) {
        return fail(std::move(recipe.error()));
    }
    preview.problems = static_cast<std::int64_t>(problems->size());
    const std::int64_t fresh = request.policy.problemsPerRound;
    if (fresh * request.rounds > preview.problems) {
        return fail(ErrorCode::Invalid,
                    std::to_string(request.rounds) + " rounds with " + std::to_string(fresh) +
                        " new problems each need " + std::to_string(fresh * request.rounds) +
                        " problems; there are " + std::to_string(preview.problems),
                    "import more, or take fewer in each round");
    }
    if (fresh > 0) {
        problems->resize(static_cast<std::size_t>(fresh));
    }
    preview.problemsInRound = static_cast<std::int64_t>(problems->size());
    store::RunReader runs(reader);
    if (auto fine = checkTraining(workspace, runs, request, makeTrainer, preview); !fine) {
        return fail(std::move(fine.error()));
    }
    RunRequest run;
    run.recipe = std::move(*recipe);
    run.critic = request.base;
    run.students = request.students;
    run.problems = std::move(*problems);
    run.seed = request.seed;
    auto first = previewRun(workspace, run);
    if (!first) {
        return fail(std::move(first.error()));
    }
    preview.run = std::move(*first);
    preview.warnings = preview.run.warnings;
    store::EvaluationReader evaluations(reader);
    for (const std::string& name : request.sets) {
        const auto set = evaluations.set(name);
        if (!set) {
            return fail(set.error());
        }
        preview.sets.push_back({name, set->size});
    }
    return preview;
}

Expected<void> storeRound(store::Workspace& workspace, model::Round& round) {
    return workspace.write([&](store::Writer& writer) -> Expected<void> {
        const auto added = store::RoundWriter(writer).addRound(round);
        if (!added) {
            return fail(added.error());
        }
        round.id = *added;
        return {};
    });
}

Expected<void> beginNextRound(store::Workspace& workspace, EvolutionState& state) {
    const model::Round& last = state.rounds.back();
    model::Round next;
    next.series = last.series;
    next.number = last.number + 1;
    next.recipe = last.recipe;
    next.policy = last.policy;
    next.seed = last.seed;
    next.stage = model::round_stage::kCritique;
    next.baseModelId = last.resultModelId;
    if (auto stored = storeRound(workspace, next); !stored) {
        return stored;
    }
    RoundReport report;
    report.number = next.number;
    state.rounds.push_back(std::move(next));
    state.reports.push_back(std::move(report));
    return {};
}

} // namespace

std::string modelNameOf(const std::string& series, int round) {
    return plainName(series) + "-r" + std::to_string(round);
}

std::filesystem::path folderOf(const store::Workspace& workspace, const EvolutionRequest& request,
                               int round) {
    std::filesystem::path folder = request.folder;
    if (folder.empty()) {
        folder = workspace.path();
        folder += ".rounds";
        folder /= plainName(request.series);
    }
    return folder / ("round-" + std::to_string(round));
}

Expected<Recipe> recipeOfRun(const EvolutionRequest& request) {
    const EvolutionPolicy& policy = request.policy;
    if (policy.selfValidation || policy.alwaysValidate || !request.recipe.validate) {
        return request.recipe;
    }
    return changedRecipe(request.recipe, {{"validator.enabled", "false"}});
}

Expected<std::optional<Balance>> balanceOf(const EvolutionRequest& request) {
    const std::string& asked =
        request.policy.balance.empty() ? request.recipe.balance : request.policy.balance;
    if (asked.empty() || asked == "any") {
        return std::optional<Balance>();
    }
    const auto balance = parseBalance(asked);
    return balance ? Expected<std::optional<Balance>>(*balance) : fail(balance.error());
}

Expected<std::vector<std::int64_t>> trainingProblems(store::Reader& reader,
                                                     const EvolutionRequest& request) {
    store::RunReader runs(reader);
    auto problems = runs.problemIds(request.filter, request.limit);
    if (!problems) {
        return problems;
    }
    if (problems->empty()) {
        return fail(ErrorCode::Invalid, "no problem matches",
                    request.filter.empty() ? "import problems first" : "change the filter");
    }
    const auto overlap = store::EvaluationReader(reader).overlap(std::span(*problems));
    if (!overlap) {
        return fail(overlap.error());
    }
    if (!overlap->empty()) {
        std::string sets;
        for (const store::FrozenOverlap& one : *overlap) {
            sets += (sets.empty() ? "" : ", ") + std::to_string(one.problems.size()) +
                    " of the evaluation set " + one.set;
        }
        return fail(ErrorCode::Invalid, "problems of training are problems of evaluation: " + sets,
                    "add -evaluation:yes to the filter of the training problems");
    }
    if (request.policy.problemsPerRound == 0) {
        return problems;
    }
    std::vector<std::pair<std::uint64_t, std::int64_t>> places;
    for (std::size_t at = 0; at < problems->size(); at += kProblemsAtOnce) {
        const auto rows = runs.problems(
            std::span(*problems).subspan(at, std::min(kProblemsAtOnce, problems->size() - at)));
        if (!rows) {
            return fail(rows.error());
        }
        for (const model::Problem& row : *rows) {
            places.emplace_back(base::hash64(row.key, request.seed), row.id);
        }
    }
    std::sort(places.begin(), places.end());
    std::transform(places.begin(), places.end(), problems->begin(),
                   [](const auto& place) { return place.second; });
    return problems;
}

Expected<train::Job> jobOf(const store::Workspace& workspace, store::RunReader& runs,
                           const EvolutionRequest& request, int round) {
    const bool fromLast = request.policy.from == TrainFrom::Last && round > 1;
    auto model = runs.model(fromLast ? modelNameOf(request.series, round - 1) : request.base);
    if (!model) {
        return fail(std::move(model.error()));
    }
    const std::filesystem::path folder = folderOf(workspace, request, round);
    train::Job job;
    job.base = std::move(*model);
    job.name = modelNameOf(request.series, round);
    job.data = folder / "data";
    job.folder = folder / "training";
    job.parameters = request.trainer.parameters;
    job.commandTemplate = request.trainer.commandTemplate;
    job.values = request.trainer.values;
    return job;
}

std::string datasetFilter(const EvolutionPolicy& policy, const std::vector<std::int64_t>& runs) {
    std::string filter;
    for (const std::int64_t run : runs) {
        filter += (filter.empty() ? "run:" : " OR run:") + std::to_string(run);
    }
    if (runs.size() > 1) {
        filter = "(" + filter + ")";
    }
    return policy.selfValidation ? filter + " validated:yes" : filter;
}

Expected<EvolutionPreview> previewEvolution(store::Workspace& workspace,
                                            const EvolutionRequest& request,
                                            const train::MakeTrainer& makeTrainer) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    EvolutionRequest wanted = request;
    EvolutionState state;
    return checked(workspace, **reader, wanted, makeTrainer, state);
}

Expected<std::string> createEvolution(store::Workspace& workspace, const EvolutionRequest& request,
                                      const train::MakeTrainer& makeTrainer) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    EvolutionRequest wanted = request;
    EvolutionState state;
    if (const auto fine = checked(workspace, **reader, wanted, makeTrainer, state); !fine) {
        return fail(fine.error());
    }
    if (!state.rounds.empty()) {
        model::Round& newest = state.rounds.back();
        wanted.folder = wanted.folder.empty() ? state.request.folder : wanted.folder;
        wanted.sweep = wanted.sweep.empty() ? state.request.sweep : wanted.sweep;
        newest.policy = policyJson(wanted);
        const auto stored = workspace.write(
            [&](store::Writer& writer) { return store::RoundWriter(writer).updateRound(newest); });
        return stored ? Expected<std::string>(wanted.series) : fail(stored.error());
    }
    const auto base = store::RunReader(**reader).model(wanted.base);
    if (!base) {
        return fail(base.error());
    }
    model::Round round;
    round.series = wanted.series;
    round.recipe = wanted.recipe.name;
    round.policy = policyJson(wanted);
    round.seed = wanted.seed;
    round.stage = model::round_stage::kEvaluate;
    round.baseModelId = base->id;
    round.resultModelId = base->id;
    const auto stored = storeRound(workspace, round);
    return stored ? Expected<std::string>(wanted.series) : fail(stored.error());
}

Expected<void> runEvolution(const std::shared_ptr<store::Workspace>& workspace,
                            const std::string& series, const EvolutionContext& context) {
    auto state = readEvolution(*workspace, series);
    if (!state) {
        return fail(std::move(state.error()));
    }
    while (!state->done) {
        if (state->rounds.back().state == model::JobState::Done) {
            if (auto begun = beginNextRound(*workspace, *state); !begun) {
                return begun;
            }
        }
        RoundWorker worker(workspace, state->request, state->rounds, state->reports, context);
        if (auto worked = worker.work(); !worked) {
            return worked;
        }
        state->done = state->rounds.back().number >= state->request.rounds;
    }
    return {};
}

Expected<EvolutionState> readEvolution(store::Workspace& workspace, const std::string& series) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    auto state = stateOf(**reader, series);
    if (state && state->rounds.empty()) {
        const auto all = store::RoundReader(**reader).series();
        std::string names;
        for (const store::SeriesRow& row : all ? *all : std::vector<store::SeriesRow>{}) {
            names += (names.empty() ? "" : ", ") + row.name;
        }
        return fail(ErrorCode::NotFound, "there is no series " + series,
                    names.empty() ? "scrit evolve begins one" : "there are " + names);
    }
    return state;
}

Expected<std::optional<EvolutionState>> openEvolution(store::Workspace& workspace) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto all = store::RoundReader(**reader).series();
    if (!all) {
        return fail(all.error());
    }
    for (const store::SeriesRow& row : *all) {
        auto state = stateOf(**reader, row.name);
        if (!state) {
            return fail(std::move(state.error()));
        }
        if (!state->done) {
            return std::optional(std::move(*state));
        }
    }
    return std::optional<EvolutionState>();
}

} // namespace scrit::loop
