// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/run_convert.h"

#include "core/loop/recipe.h"
#include "core/model/names.h"
#include "ui/bridge/convert.h"
#include "ui/models/visible_text.h"

#include <algorithm>

namespace scrit::ui::bridge {

namespace {

QString label(const std::string& utf8) {
    return models::labelText(utf8);
}

// In the order in which an item passes the stages; those of several students by name.
int stageOrder(const QString& name) {
    static const QStringList kOrder{QStringLiteral("solve"), QStringLiteral("select"),
                                    QStringLiteral("inject"), QStringLiteral("critique"),
                                    QStringLiteral("validate")};
    const auto found = kOrder.indexOf(name.section(QLatin1Char('/'), 0, 0));
    return found < 0 ? static_cast<int>(kOrder.size()) : static_cast<int>(found);
}

void addCount(models::RunStages& stages, const store::StageCount& count) {
    const QString name = label(count.stage);
    auto found = std::find_if(stages.begin(), stages.end(),
                              [&name](const auto& stage) { return stage.name == name; });
    if (found == stages.end()) {
        models::RunStage stage;
        stage.name = name;
        stages.push_back(stage);
        found = stages.end() - 1;
    }
    switch (count.state) {
    case model::ItemState::Planned:
        found->planned += count.count;
        break;
    case model::ItemState::Running:
        found->running += count.count;
        break;
    case model::ItemState::Done:
        found->done += count.count;
        break;
    case model::ItemState::Failed:
        found->failed += count.count;
        break;
    case model::ItemState::Skipped:
        found->skipped += count.count;
        break;
    }
}

} // namespace

models::RunStatus runStatus(const loop::RunSnapshot& snapshot) {
    models::RunStatus out;
    out.runId = snapshot.runId;
    out.state = snapshot.state;
    out.stopping = snapshot.stopping;
    out.message = label(snapshot.message);
    for (const loop::RunSnapshot::Stage& stage : snapshot.stages) {
        models::RunStage one;
        one.name = label(stage.name);
        one.planned = stage.planned;
        one.running = stage.running;
        one.done = stage.done;
        one.failed = stage.failed;
        one.skipped = stage.skipped;
        one.perSecond = stage.perSecond;
        out.stages.push_back(one);
    }
    for (const loop::RunSnapshot::Endpoint& endpoint : snapshot.endpoints) {
        models::RunEndpoint one;
        one.model = label(endpoint.model);
        one.label = label(endpoint.label);
        one.ready = endpoint.ready;
        one.inFlight = endpoint.inFlight;
        one.window = endpoint.window;
        one.completionsPerSecond = endpoint.completionsPerSecond;
        one.tokensPerSecond = endpoint.tokensPerSecond;
        one.errors = endpoint.errors;
        out.endpoints.push_back(one);
    }
    out.fromCache = snapshot.fromCache;
    out.requests = snapshot.requests;
    out.retries = snapshot.retries;
    out.promptTokens = snapshot.promptTokens;
    out.completionTokens = snapshot.completionTokens;
    out.cost = snapshot.cost;
    out.wouldBeLost = snapshot.wouldBeLost;
    out.queueSeconds = snapshot.queueSecondsMedian;
    out.latencySeconds = snapshot.latencySecondsMedian;
    out.seconds = snapshot.seconds;
    out.secondsLeft = snapshot.secondsLeft;
    return out;
}

models::RunPreview runPreview(const loop::RunPreview& preview) {
    models::RunPreview out;
    out.problems = preview.problems;
    out.solutions = preview.solutions;
    out.solutionsUnknown = preview.solutionsUnknown;
    for (const loop::RunPreview::Stage& stage : preview.stages) {
        out.stages.push_back({label(stage.name), stage.calls, stage.upperBound, stage.promptTokens,
                              stage.completionTokensMax, stage.costMax});
    }
    for (const std::string& warning : preview.warnings) {
        out.warnings << label(warning);
    }
    return out;
}

models::RunErrors runErrors(const std::vector<store::ErrorGroup>& groups) {
    models::RunErrors out;
    for (const store::ErrorGroup& group : groups) {
        models::RunError one;
        one.stage = label(group.stage);
        one.skipped = group.state == model::ItemState::Skipped;
        one.code = label(group.code);
        one.example = label(group.example);
        one.exampleItem = group.exampleItem;
        one.count = group.count;
        out.push_back(one);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const models::RunError& a, const models::RunError& b) {
                         return std::pair(a.skipped, -a.count) < std::pair(b.skipped, -b.count);
                     });
    return out;
}

base::Expected<loop::RunRequest> runRequest(const models::RunForm& form) {
    auto recipe = loop::loadRecipe(models::utf8(form.recipe));
    if (!recipe) {
        return base::fail(recipe.error());
    }
    loop::RunRequest request;
    request.recipe = std::move(*recipe);
    request.critic = models::utf8(form.critic);
    request.validator = models::utf8(form.validator);
    for (const QString& student : form.students) {
        request.students.push_back(models::utf8(student));
    }
    request.filter = models::utf8(form.filter);
    request.limit = form.limit;
    if (form.seed) {
        request.seed = *form.seed;
    }
    request.caps = {form.caps.requests, form.caps.tokens, form.caps.cost};
    request.fresh = form.fresh;
    return request;
}

models::RecipeInfo recipeInfo(const QString& choice) {
    models::RecipeInfo info;
    info.choice = choice;
    info.name = choice;
    const auto recipe = loop::loadRecipe(models::utf8(choice));
    if (!recipe) {
        info.error = text(recipe.error().text());
        return info;
    }
    info.name = label(recipe->name);
    info.description = label(recipe->description);
    info.mode = text(model::name(recipe->mode));
    return info;
}

base::Expected<ErrorSubjects> errorSubjects(const store::Workspace& workspace, qint64 runId,
                                            const models::RunError& error) {
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    store::ListQuery items;
    items.of = store::ListOf::Items;
    items.filter = error.skipped ? "state:skipped" : "state:failed";
    constexpr std::size_t kMost = 100;
    const std::string stage = models::utf8(error.stage);
    const std::string code = models::utf8(error.code);
    models::ListKind kind = models::ListKind::Problems;
    std::vector<std::int64_t> ids;
    const auto walked =
        (*reader)->forEachRow(items, [&](const store::TraceRow& row) -> base::Expected<bool> {
            if (row.runId != runId || row.stage != stage || row.errorCode != code) {
                return true;
            }
            kind = row.critiqueId != 0   ? models::ListKind::Critiques
                   : row.solutionId != 0 ? models::ListKind::Solutions
                                         : models::ListKind::Problems;
            ids.push_back(row.critiqueId != 0   ? row.critiqueId
                          : row.solutionId != 0 ? row.solutionId
                                                : row.problemId);
            return ids.size() < kMost;
        });
    if (!walked) {
        return base::fail(walked.error());
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    ErrorSubjects out;
    out.query.kind = kind;
    out.shown = static_cast<qint64>(ids.size());
    QStringList terms;
    for (const std::int64_t id : ids) {
        terms << QStringLiteral("id:") + QString::number(id);
    }
    out.query.filter = terms.join(QStringLiteral(" OR "));
    return out;
}

base::Expected<models::RunSummary> runSummary(store::RunReader& reader, const model::Run& run) {
    models::RunSummary out;
    out.id = run.id;
    out.recipe = label(run.recipe);
    if (const auto recipe = loop::parseRecipe(run.recipeText)) {
        out.mode = text(model::name(recipe->mode));
    }
    if (const auto request = loop::requestOfRun(run)) {
        out.critic = label(request->critic);
        out.validator = label(request->validator);
        for (const std::string& student : request->students) {
            out.students << label(student);
        }
        out.limit = request->limit;
        out.caps = {request->caps.requests, request->caps.tokens, request->caps.cost};
    }
    out.filter = label(run.filter);
    out.seed = run.seed;
    out.state = run.state;
    out.error = label(run.error);
    out.created = timeOf(run.createdAt);
    out.started = timeOf(run.startedAt);
    out.finished = timeOf(run.finishedAt);
    const auto counts = reader.stageCounts(run.id);
    if (!counts) {
        return base::fail(counts.error());
    }
    for (const store::StageCount& count : *counts) {
        addCount(out.stages, count);
    }
    std::stable_sort(out.stages.begin(), out.stages.end(),
                     [](const models::RunStage& a, const models::RunStage& b) {
                         return std::pair(stageOrder(a.name), a.name) <
                                std::pair(stageOrder(b.name), b.name);
                     });
    const auto usage = reader.usage(run.id);
    if (!usage) {
        return base::fail(usage.error());
    }
    out.completions = usage->completions;
    out.promptTokens = usage->promptTokens;
    out.completionTokens = usage->completionTokens;
    out.cost = usage->cost;
    return out;
}

} // namespace scrit::ui::bridge
