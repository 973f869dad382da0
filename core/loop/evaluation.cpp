// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/evaluation.h"

#include "core/loop/score_items.h"
#include "core/store/evaluation_reader.h"
#include "core/store/evaluation_writer.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <utility>

namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::JobState;
using Json = nlohmann::ordered_json;

std::string namesOf(const std::vector<Suite>& suites) {
    std::string names;
    for (const Suite suite : suites) {
        names += (names.empty() ? "" : ",") + std::string(name(suite));
    }
    return names;
}

std::string textOf(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What tells two evaluations of one model and set apart.
std::string settingsOf(const EvaluationRequest& request) {
    Json json{{"samples", request.samples},
              {"temperature", request.temperature},
              {"top_p", request.topP},
              {"max_tokens", request.maxTokens},
              {"prompt", request.prompt},
              {"own", request.own},
              {"student_prompt", request.studentPrompt},
              {"seed", request.seed},
              {"round", request.round},
              {"fresh", request.fresh}};
    if (!request.own) {
        json.erase("student_prompt");
    }
    return textOf(json);
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "\"";
}

// Every run has a recipe; that of an evaluation is made of its settings.
Expected<Recipe> recipeOf(const EvaluationRequest& request) {
    std::ostringstream toml;
    toml.imbue(std::locale::classic());
    const auto role = [&](const char* name, const std::string& prompt, int samples) {
        toml << std::showpoint << "\n[" << name << "]\nprompt = " << quoted(prompt)
             << "\ntemperature = " << request.temperature << "\ntop_p = " << request.topP
             << "\nmax_tokens = " << request.maxTokens << "\nsamples = " << samples << "\n";
    };
    toml << "name = \"evaluate\"\n"
            "description = \"Direct critiques of the solutions of a frozen set\"\n"
            "mode = \"direct\"\nseed = "
         << request.seed << "\n";
    if (request.own) {
        role("student", request.studentPrompt, 1);
    }
    role("critic", request.prompt, request.samples);
    toml << "\n[validator]\nenabled = false\n";
    auto recipe = parseRecipe(toml.str());
    return recipe ? recipe : fail(recipe.error().withContext("the settings of the evaluation"));
}

// One with the same model, set and settings that was begun and not finished.
Expected<std::optional<model::Evaluation>> begunAlready(store::EvaluationReader& evaluations,
                                                        const EvaluationRequest& request) {
    const auto all = evaluations.evaluations();
    if (!all) {
        return fail(all.error());
    }
    const std::string settings = settingsOf(request);
    const auto found = std::find_if(all->begin(), all->end(), [&](const model::Evaluation& one) {
        return one.runId && one.state != JobState::Done && one.critic == request.model &&
               one.set == request.set && one.suites == namesOf(request.suites) &&
               one.settings == settings && one.roundId == request.roundId;
    });
    return found == all->end() ? std::nullopt : std::optional(*found);
}

Expected<void> setState(store::Workspace& workspace, model::Evaluation& evaluation, JobState state,
                        const std::string& error) {
    evaluation.state = state;
    evaluation.error = error;
    return workspace.write([&](store::Writer& writer) {
        return store::EvaluationWriter(writer).updateEvaluation(evaluation);
    });
}

// How the items of a run stand.
struct RunStand {
    std::int64_t open = 0;
    std::int64_t failed = 0;
    std::int64_t all = 0;
};
Expected<RunStand> standOf(store::Reader& reader, std::int64_t runId) {
    const auto counts = store::RunReader(reader).stageCounts(runId);
    if (!counts) {
        return fail(counts.error());
    }
    RunStand stand;
    for (const store::StageCount& count : *counts) {
        stand.all += count.count;
        if (count.state == model::ItemState::Failed) {
            stand.failed += count.count;
        } else if (count.state == model::ItemState::Planned ||
                   count.state == model::ItemState::Running) {
            stand.open += count.count;
        }
    }
    return stand;
}

std::vector<model::EvaluationScore> toStore(const std::vector<Score>& scores) {
    std::vector<model::EvaluationScore> rows;
    for (const Score& score : scores) {
        model::EvaluationScore& row = rows.emplace_back();
        row.protocol = score.protocol;
        row.dataset = score.dataset;
        row.metric = score.metric;
        row.n = score.n;
        row.value = score.value;
        if (score.interval) {
            row.low = score.interval->low;
            row.high = score.interval->high;
        }
    }
    return rows;
}

std::vector<model::EvaluationScore> scoresOf(const std::vector<Suite>& suites,
                                             const Judgements& judgements, std::uint64_t seed) {
    std::vector<Score> scores;
    for (const Suite suite : suites) {
        SuiteScores one = scoreSuite(suite, judgements, seed);
        std::move(one.scores.begin(), one.scores.end(), std::back_inserter(scores));
    }
    return toStore(scores);
}

// Judgements (ei) or items (cc, clcs) without a label, of the suite that has most of them.
std::int64_t leftOut(const std::vector<Suite>& suites,
                     const std::vector<model::EvaluationItem>& items) {
    std::int64_t most = 0;
    for (const Suite suite : suites) {
        const bool steps = suite == Suite::ErrorIdentification;
        most = std::max<std::int64_t>(
            most, std::count_if(items.begin(), items.end(), [&](const auto& item) {
                return steps ? item.given && item.sample == 0 && !item.goldStep
                             : !item.solutionCorrect;
            }));
    }
    return most;
}

std::uint64_t seedOf(const model::Evaluation& evaluation) {
    const Json settings = Json::parse(evaluation.settings, nullptr, false);
    return settings.is_object() ? settings.value("seed", std::uint64_t{0}) : 0;
}

Expected<EvaluationReport> report(store::Reader& reader, const model::Evaluation& evaluation) {
    store::EvaluationReader evaluations(reader);
    const auto items = evaluations.items(evaluation.id);
    auto scores = evaluations.scores(evaluation.id);
    const auto suites = suitesNamed(evaluation.suites);
    if (!items || !scores || !suites) {
        return fail(!items ? items.error() : !scores ? scores.error() : suites.error());
    }
    EvaluationReport result;
    result.evaluation = evaluation;
    result.scores = std::move(*scores);
    result.items = static_cast<std::int64_t>(items->size());
    result.missing = std::count_if(items->begin(), items->end(),
                                   [](const auto& item) { return !item.critiqueId; });
    result.unlabelled = leftOut(*suites, *items);
    if (evaluation.runId) {
        const auto stand = standOf(reader, *evaluation.runId);
        if (!stand) {
            return fail(stand.error());
        }
        result.failed = stand->failed;
    }
    return result;
}

Expected<model::Evaluation> newEvaluation(store::Reader& reader, const EvaluationRequest& request) {
    store::EvaluationReader sets(reader);
    const auto set = sets.set(request.set);
    if (!set) {
        return fail(set.error());
    }
    if (auto intact = sets.checkSet(*set); !intact) {
        return fail(std::move(intact.error()));
    }
    const auto known = store::RunReader(reader).model(request.model);
    if (!known) {
        return fail(known.error());
    }
    model::Evaluation evaluation;
    evaluation.suites = namesOf(request.suites);
    evaluation.critic = request.model;
    evaluation.modelId = known->id;
    evaluation.roundId = request.roundId;
    evaluation.setId = set->id;
    evaluation.set = set->name;
    evaluation.settings = settingsOf(request);
    return evaluation;
}

} // namespace

Expected<std::int64_t> beginEvaluation(store::Workspace& workspace,
                                       const EvaluationRequest& request) {
    if (request.suites.empty()) {
        return fail(ErrorCode::Invalid, "the evaluation has no suite", "there are ei, cc and clcs");
    }
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::EvaluationReader evaluations(**reader);
    const auto begun = begunAlready(evaluations, request);
    if (!begun) {
        return fail(begun.error());
    }
    if (*begun) {
        auto changed = changeCaps(workspace, *(*begun)->runId, request.caps);
        return changed ? Expected<std::int64_t>((*begun)->id) : fail(std::move(changed.error()));
    }
    auto evaluation = newEvaluation(**reader, request);
    if (!evaluation) {
        return fail(std::move(evaluation.error()));
    }
    auto recipe = recipeOf(request);
    if (!recipe) {
        return fail(std::move(recipe.error()));
    }
    RunRequest run;
    run.recipe = std::move(*recipe);
    run.critic = request.model;
    run.round = request.round;
    run.roundId = request.roundId;
    run.caps = request.caps;
    run.fresh = request.fresh;
    run.evaluation = RunEvaluation{request.set, request.own};
    std::int64_t evaluationId = 0;
    const auto created =
        createRun(workspace, run, [&](store::Writer& writer, std::int64_t runId) -> Expected<void> {
            evaluation->runId = runId;
            const auto added = store::EvaluationWriter(writer).addEvaluation(*evaluation);
            evaluationId = added.value_or(0);
            return added ? Expected<void>{} : fail(added.error());
        });
    return created ? Expected<std::int64_t>(evaluationId) : fail(created.error());
}

Expected<EvaluationReport> readEvaluation(store::Workspace& workspace, std::int64_t evaluationId) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto evaluation = store::EvaluationReader(**reader).evaluation(evaluationId);
    return evaluation ? report(**reader, *evaluation) : fail(evaluation.error());
}

Expected<EvaluationReport> finishEvaluation(store::Workspace& workspace,
                                            std::int64_t evaluationId) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::EvaluationReader evaluations(**reader);
    auto evaluation = evaluations.evaluation(evaluationId);
    if (!evaluation) {
        return fail(std::move(evaluation.error()));
    }
    if (evaluation->state == JobState::Done) {
        return report(**reader, *evaluation);
    }
    const std::string what = "evaluation " + std::to_string(evaluationId);
    if (!evaluation->runId) {
        return fail(ErrorCode::Invalid, what + " was not finished and has no run",
                    "evaluate again");
    }
    const auto stand = standOf(**reader, *evaluation->runId);
    if (!stand) {
        return fail(stand.error());
    }
    if (stand->open > 0) {
        return fail(ErrorCode::Invalid,
                    what + " is not finished: " + std::to_string(stand->open) + " items are open",
                    "scrit resume goes on with run " + std::to_string(*evaluation->runId));
    }
    if (stand->failed * 2 > stand->all) {
        const base::Error error{ErrorCode::Server,
                                what + ": " + std::to_string(stand->failed) + " of " +
                                    std::to_string(stand->all) + " items failed",
                                "see scrit list --of items --filter state:failed; the same command "
                                "asks them again",
                                false};
        auto stored = setState(workspace, *evaluation, JobState::Failed, error.message);
        return stored ? fail(error) : fail(std::move(stored.error()));
    }
    auto items = evaluations.itemsOfRun(*evaluation->runId, evaluation->setId);
    const auto suites = suitesNamed(evaluation->suites);
    if (!items || !suites) {
        return fail(items ? suites.error() : items.error());
    }
    const Judgements judgements = bySolution(std::move(*items));
    const auto scores = scoresOf(*suites, judgements, seedOf(*evaluation));
    evaluation->state = JobState::Done;
    evaluation->error.clear();
    const auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
        store::EvaluationWriter to(writer);
        auto stored = to.addResults(evaluationId, judgements.items(), scores);
        return stored ? to.updateEvaluation(*evaluation) : stored;
    });
    return written ? readEvaluation(workspace, evaluationId) : fail(written.error());
}

Expected<std::optional<EvaluationReport>> finishEvaluationOf(store::Workspace& workspace,
                                                             std::int64_t runId) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto evaluation = store::EvaluationReader(**reader).evaluationOfRun(runId);
    if (!evaluation) {
        return fail(evaluation.error());
    }
    const auto stand = *evaluation ? standOf(**reader, runId) : Expected<RunStand>(RunStand{});
    if (!stand) {
        return fail(stand.error());
    }
    if (!*evaluation || stand->open > 0) {
        return std::optional<EvaluationReport>{};
    }
    auto finished = finishEvaluation(workspace, (*evaluation)->id);
    return finished ? Expected<std::optional<EvaluationReport>>(std::move(*finished))
                    : fail(std::move(finished.error()));
}

Expected<EvaluationReport> runEvaluation(const std::shared_ptr<store::Workspace>& workspace,
                                         std::int64_t evaluationId,
                                         const backend::OpenModel& openModel,
                                         const RunEngine::Listener& show,
                                         const RunToEndOptions& options) {
    auto begun = readEvaluation(*workspace, evaluationId);
    if (!begun) {
        return begun;
    }
    model::Evaluation& evaluation = begun->evaluation;
    if (evaluation.state == JobState::Done || !evaluation.runId) {
        return finishEvaluation(*workspace, evaluationId);
    }
    const auto planned = workspace->write([&](store::Writer& writer) -> Expected<void> {
        const auto again = store::RunWriter(writer).retryFailed(*evaluation.runId);
        evaluation.state = JobState::Running;
        evaluation.error.clear();
        return again ? store::EvaluationWriter(writer).updateEvaluation(evaluation)
                     : fail(again.error());
    });
    if (!planned) {
        return fail(planned.error());
    }
    const auto ended = runToEnd(workspace, *evaluation.runId, openModel, show, options);
    if (!ended) {
        if (auto stored =
                setState(*workspace, evaluation, JobState::Stopped, ended.error().message);
            !stored) {
            return fail(std::move(stored.error()));
        }
        return fail(ended.error());
    }
    return finishEvaluation(*workspace, evaluationId);
}

Expected<std::int64_t> saveEvaluation(store::Workspace& workspace,
                                      const StoredEvaluationRequest& request) {
    const auto reader = workspace.reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto wanted = memberTest(**reader, request.set);
    auto judged = wanted ? readJudgements(**reader, request.filter, *wanted) : fail(wanted.error());
    if (!judged) {
        return fail(std::move(judged.error()));
    }
    if (judged->critics.empty()) {
        return fail(ErrorCode::Invalid, "no critique matches: there is nothing to keep",
                    "change the filter or the set");
    }
    if (judged->critics.size() > 1) {
        std::string who;
        for (const auto& [critic, round] : judged->critics) {
            who += (who.empty() ? "" : ", ") + critic + " (round " + std::to_string(round) + ")";
        }
        return fail(ErrorCode::Invalid,
                    "an evaluation is kept of one critic and round, and these are of " + who,
                    "name one with critic:NAME round:N");
    }
    model::Evaluation evaluation;
    evaluation.suites = namesOf(request.suites);
    evaluation.critic = judged->critics.front().first;
    evaluation.roundId = request.roundId;
    evaluation.state = JobState::Done;
    evaluation.settings = textOf({{"filter", request.filter},
                                  {"seed", request.seed},
                                  {"round", judged->critics.front().second}});
    if (const auto known = store::RunReader(**reader).model(evaluation.critic)) {
        evaluation.modelId = known->id;
    }
    if (!request.set.empty()) {
        const auto set = store::EvaluationReader(**reader).set(request.set);
        if (!set) {
            return fail(set.error());
        }
        evaluation.setId = set->id;
    }
    const auto scores = scoresOf(request.suites, judged->judgements, request.seed);
    const auto written = workspace.write([&](store::Writer& writer) -> Expected<void> {
        store::EvaluationWriter to(writer);
        const auto added = to.addEvaluation(evaluation);
        if (!added) {
            return fail(added.error());
        }
        evaluation.id = *added;
        auto stored = to.addResults(evaluation.id, judged->judgements.items(), scores);
        return stored ? to.updateEvaluation(evaluation) : stored;
    });
    return written ? Expected<std::int64_t>(evaluation.id) : fail(written.error());
}

} // namespace scrit::loop
