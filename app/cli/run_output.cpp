// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/run_output.h"

#include "app/cli/session.h"
#include "app/cli/terminal.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#include <cmath>
#include <cstdio>
#include <map>

namespace scrit::cli {
namespace {

std::string dollars(double cost) {
    char text[32];
    std::snprintf(text, sizeof text, cost < 1 ? "$%.4f" : "$%.2f", cost);
    return text;
}

std::string rate(double perSecond) {
    char text[32];
    std::snprintf(text, sizeof text, perSecond < 10 ? "%.1f/s" : "%.0f/s", perSecond);
    return text;
}

std::string minutes(double seconds) {
    const std::int64_t whole = std::llround(seconds);
    char text[32];
    if (whole >= 3600) {
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(whole / 3600),
                      static_cast<long long>(whole / 60 % 60), static_cast<long long>(whole % 60));
    } else {
        std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(whole / 60),
                      static_cast<long long>(whole % 60));
    }
    return text;
}

std::int64_t total(const loop::RunSnapshot::Stage& stage) {
    return stage.planned + stage.running + stage.done + stage.failed + stage.skipped;
}

} // namespace

Json previewJson(const loop::RunPreview& preview) {
    Json stages = Json::array();
    for (const auto& stage : preview.stages) {
        stages.push_back({{"stage", stage.name},
                          {"calls", stage.calls},
                          {"upper_bound", stage.upperBound},
                          {"prompt_tokens_estimate", stage.promptTokens},
                          {"completion_tokens_max", stage.completionTokensMax},
                          {"cost_max", stage.costMax}});
    }
    return {{"problems", preview.problems},
            {"solutions", preview.solutions},
            {"solutions_unknown", preview.solutionsUnknown},
            {"stages", std::move(stages)},
            {"warnings", preview.warnings}};
}

void printPreview(const loop::RunPreview& preview) {
    print(std::to_string(preview.problems) + " problems, " + std::to_string(preview.solutions) +
          " solutions (" + std::to_string(preview.solutionsUnknown) +
          " of them not known to be right or wrong)\n\n");
    Table table({{"stage"},
                 {"calls", true},
                 {"prompt tokens, about", true},
                 {"answer tokens, at most", true},
                 {"cost, at most", true}});
    double cost = 0;
    for (const auto& stage : preview.stages) {
        table.add({base::escapeForTerminal(stage.name),
                   (stage.upperBound ? "≤ " : "") + std::to_string(stage.calls),
                   std::to_string(stage.promptTokens), std::to_string(stage.completionTokensMax),
                   dollars(stage.costMax)});
        cost += stage.costMax;
    }
    table.finish();
    print("\ntogether at most " + dollars(cost) + "\n");
    for (const std::string& warning : preview.warnings) {
        printNote(warning);
    }
}

Json snapshotJson(const loop::RunSnapshot& snapshot) {
    Json stages = Json::array();
    for (const auto& stage : snapshot.stages) {
        stages.push_back({{"stage", stage.name},
                          {"planned", stage.planned},
                          {"running", stage.running},
                          {"done", stage.done},
                          {"failed", stage.failed},
                          {"skipped", stage.skipped},
                          {"per_second", stage.perSecond}});
    }
    Json endpoints = Json::array();
    for (const auto& endpoint : snapshot.endpoints) {
        endpoints.push_back({{"model", endpoint.model},
                             {"endpoint", endpoint.label},
                             {"ready", endpoint.ready},
                             {"in_flight", endpoint.inFlight},
                             {"window", endpoint.window},
                             {"completions_per_second", endpoint.completionsPerSecond},
                             {"tokens_per_second", endpoint.tokensPerSecond},
                             {"errors", endpoint.errors}});
    }
    return {{"run", snapshot.runId},
            {"state", model::name(snapshot.state)},
            {"stopping", snapshot.stopping},
            {"message", snapshot.message},
            {"stages", std::move(stages)},
            {"endpoints", std::move(endpoints)},
            {"from_cache", snapshot.fromCache},
            {"requests", snapshot.requests},
            {"retries", snapshot.retries},
            {"prompt_tokens", snapshot.promptTokens},
            {"completion_tokens", snapshot.completionTokens},
            {"cost", snapshot.cost},
            {"would_be_lost", snapshot.wouldBeLost},
            {"queue_seconds_median", snapshot.queueSecondsMedian},
            {"latency_seconds_median", snapshot.latencySecondsMedian},
            {"seconds", snapshot.seconds},
            {"seconds_left", snapshot.secondsLeft < 0 ? Json() : Json(snapshot.secondsLeft)}};
}

std::string snapshotLine(const loop::RunSnapshot& snapshot) {
    std::string line = "run " + std::to_string(snapshot.runId);
    double perSecond = 0;
    std::int64_t failed = 0;
    const char* separator = "  ";
    for (const auto& stage : snapshot.stages) {
        const std::int64_t all = total(stage);
        failed += stage.failed;
        perSecond += stage.perSecond;
        if (all > 0) {
            line += separator + stage.name + " " +
                    std::to_string(all - stage.planned - stage.running) + "/" + std::to_string(all);
            separator = ", ";
        }
    }
    line += "  " + rate(perSecond);
    if (snapshot.secondsLeft >= 0) {
        line += "  " + minutes(snapshot.secondsLeft) + " left";
    }
    if (snapshot.cost > 0) {
        line += "  " + dollars(snapshot.cost);
    }
    if (failed > 0) {
        line += "  " + std::to_string(failed) + " failed";
    }
    if (snapshot.stopping) {
        line +=
            "  stopping, " + std::to_string(snapshot.wouldBeLost) + " under way (again: drop them)";
    } else if (!snapshot.message.empty()) {
        line += "  " + snapshot.message;
    }
    return line;
}

void printRunSummary(const loop::RunSnapshot& snapshot,
                     const std::vector<store::ErrorGroup>& errors) {
    Table stages({{"stage"}, {"done", true}, {"failed", true}, {"skipped", true}, {"left", true}});
    for (const auto& stage : snapshot.stages) {
        stages.add({base::escapeForTerminal(stage.name), std::to_string(stage.done),
                    std::to_string(stage.failed), std::to_string(stage.skipped),
                    std::to_string(stage.planned + stage.running)});
    }
    stages.finish();
    print("\n" + std::to_string(snapshot.requests) + " requests, " +
          std::to_string(snapshot.fromCache) + " answers from the cache, " +
          std::to_string(snapshot.promptTokens) + " + " +
          std::to_string(snapshot.completionTokens) + " tokens, " + dollars(snapshot.cost) + ", " +
          minutes(snapshot.seconds) + "\n");
    if (errors.empty()) {
        return;
    }
    print("\n");
    Table table({{"stage"}, {"state"}, {"code"}, {"items", true}, {"what happened", false, true}});
    for (const auto& group : errors) {
        table.add({base::escapeForTerminal(group.stage), std::string(model::name(group.state)),
                   base::escapeForTerminal(group.code), std::to_string(group.count),
                   base::escapeForTerminal(group.example)});
    }
    table.finish();
}

Json errorsJson(const std::vector<store::ErrorGroup>& errors) {
    Json list = Json::array();
    for (const auto& group : errors) {
        list.push_back({{"stage", group.stage},
                        {"state", model::name(group.state)},
                        {"code", group.code},
                        {"count", group.count},
                        {"example", group.example}});
    }
    return list;
}

base::Expected<int> printRuns(const store::Workspace& workspace, bool json) {
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    store::RunReader runReader(**reader);
    const auto runs = runReader.runs();
    if (!runs) {
        return base::fail(runs.error());
    }
    if (runs->empty() && !json) {
        printNote("no runs yet: start one with scrit run");
        return kOk;
    }
    Table table({{"run", true},
                 {"recipe"},
                 {"state"},
                 {"started"},
                 {"done", true},
                 {"failed", true},
                 {"left", true},
                 {"cost", true},
                 {"message", false, true}});
    for (const model::Run& run : *runs) {
        const auto counts = runReader.stageCounts(run.id);
        if (!counts) {
            return base::fail(counts.error());
        }
        std::map<model::ItemState, std::int64_t> by;
        for (const store::StageCount& count : *counts) {
            by[count.state] += count.count;
        }
        const std::string started = run.startedAt > 0 ? base::isoUtc(run.startedAt) : "";
        if (json) {
            printJson(
                {{"run", run.id},
                 {"recipe", run.recipe},
                 {"state", model::name(run.state)},
                 {"started", textOrNull(started)},
                 {"finished", textOrNull(run.finishedAt > 0 ? base::isoUtc(run.finishedAt) : "")},
                 {"planned", by[model::ItemState::Planned]},
                 {"running", by[model::ItemState::Running]},
                 {"done", by[model::ItemState::Done]},
                 {"failed", by[model::ItemState::Failed]},
                 {"skipped", by[model::ItemState::Skipped]},
                 {"cost", run.cost},
                 {"message", run.error}});
            continue;
        }
        table.add({std::to_string(run.id), base::escapeForTerminal(run.recipe),
                   std::string(model::name(run.state)), started,
                   std::to_string(by[model::ItemState::Done]),
                   std::to_string(by[model::ItemState::Failed]),
                   std::to_string(by[model::ItemState::Planned] + by[model::ItemState::Running]),
                   dollars(run.cost), base::escapeForTerminal(run.error)});
    }
    if (!json) {
        table.finish();
    }
    return kOk;
}

} // namespace scrit::cli
