// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/model_commands.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/backend/open_model.h"
#include "core/backend/recorded_backend.h"
#include "core/backend/server_probe.h"
#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/mini/problems.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

namespace scrit::cli {
namespace {

using base::Expected;

constexpr int kProbeTokens = 64;

struct CheckArguments {
    std::string workspace;
    std::string name;
    std::int64_t waitSeconds = 600;
    bool noRequest = false;
    bool json = false;
};

// One endpoint as it was found.
struct Finding {
    std::string url;
    backend::ServerFacts facts;
    std::optional<backend::SpeedProbe> speed;
    std::string warning;
    std::optional<base::Error> error;
};

struct Report {
    std::vector<Finding> endpoints;
    std::optional<backend::ServerPlan> plan; // of a server that was started for this
    std::optional<std::size_t> recorded;     // completions in files
};

std::string oneDecimal(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

std::string unlisted(const std::string& modelId, const std::vector<std::string>& listed) {
    if (modelId.empty() || listed.empty() ||
        std::find(listed.begin(), listed.end(), modelId) != listed.end()) {
        return {};
    }
    std::string near = base::nearest(modelId, listed);
    near = near.empty() && listed.size() == 1 ? listed.front() : near;
    return "the server does not list the model " + modelId +
           (near.empty() ? "" : ": did you mean " + near + "?");
}

Finding lookAt(net::HttpClient& http, const backend::OpenAiSettings& open,
               const std::shared_ptr<backend::Backend>& backend, const CheckArguments& arguments,
               const base::CancelToken& cancel) {
    Finding finding;
    finding.url = open.url;
    const Expected<backend::ServerFacts> facts = backend::probeServer(http, open, cancel);
    if (facts) {
        finding.facts = *facts;
        // llama-server answers to any name.
        finding.warning =
            facts->software == "llama-server" ? "" : unlisted(open.dialect.model, facts->models);
    } else {
        finding.error = facts.error();
        // Some gateways have no /models; whether they answer is what counts.
        const bool reached = facts.error().code == base::ErrorCode::Server;
        if (!reached || arguments.noRequest) {
            return finding;
        }
    }
    if (!arguments.noRequest) {
        const Expected<backend::SpeedProbe> speed =
            backend::measureSpeed(*backend, kProbeTokens, cancel);
        if (speed) {
            finding.speed = *speed;
            finding.error.reset();
        } else {
            finding.error = speed.error();
        }
    }
    return finding;
}

Expected<Report> lookAtOwn(const KnownModel& model, const CheckArguments& arguments,
                           const base::CancelToken& cancel) {
    const auto http = std::make_shared<net::HttpClient>();
    backend::ModelServers servers(http);
    const auto served = servers.openServed(model.model);
    if (!served) {
        return base::fail(served.error());
    }
    const std::int64_t ticks = arguments.waitSeconds * 10;
    bool ready = false;
    for (std::int64_t i = 0; i < ticks && !ready && !(*served)->failure() && !cancel.isCancelled();
         ++i) {
        ready = (*served)->waitReady(100);
    }
    if (cancel.isCancelled()) {
        return base::fail(base::ErrorCode::Cancelled, "interrupted");
    }
    if (!ready) {
        const std::optional<base::Error> failure = (*served)->failure();
        return base::fail(failure ? *failure
                                  : base::Error{base::ErrorCode::Limit,
                                                "the server was not ready in time",
                                                "give it longer with --wait SECONDS", false});
    }
    backend::OpenAiSettings open;
    open.url = (*served)->server().url;
    open.apiKey = (*served)->apiKey();
    open.dialect.model = model.settings.modelId;
    Report report;
    report.plan = (*served)->plan();
    report.endpoints.push_back(
        lookAt(*http, open, (*served)->endpoints().front().backend, arguments, cancel));
    return report;
}

// The servers of a pool that are ready once the first of them is.
Expected<Report> lookAtPool(const KnownModel& model, const CheckArguments& arguments,
                            const base::CancelToken& cancel) {
    const auto http = std::make_shared<net::HttpClient>();
    backend::ModelServers servers(http);
    const auto pool = servers.openPooled(model.model);
    if (!pool) {
        return base::fail(pool.error());
    }
    const std::int64_t ticks = arguments.waitSeconds * 10;
    bool ready = false;
    for (std::int64_t i = 0; i < ticks && !ready && !(*pool)->failure() && !cancel.isCancelled();
         ++i) {
        ready = (*pool)->waitReady(1, 100);
    }
    const backend::ServingSnapshot serving = (*pool)->serving();
    if (cancel.isCancelled()) {
        return base::fail(base::ErrorCode::Cancelled, "interrupted");
    }
    if (!ready) {
        const std::optional<base::Error> failure = (*pool)->failure();
        return base::fail(failure ? *failure
                                  : base::Error{base::ErrorCode::Limit,
                                                "no server was ready in time: " + serving.message,
                                                "give it longer with --wait SECONDS", false});
    }
    Report report;
    const std::vector<backend::Endpoint> endpoints = (*pool)->endpoints();
    for (const backend::ServingTask& task : serving.tasks) {
        if (!task.ready) {
            continue;
        }
        const auto endpoint =
            std::find_if(endpoints.begin(), endpoints.end(), [&](const backend::Endpoint& one) {
                return one.label.find(backend::hostOf(task.url)) != std::string::npos;
            });
        backend::OpenAiSettings open;
        open.url = task.url;
        open.apiKey = (*pool)->apiKey();
        open.dialect.model = model.settings.modelId;
        if (endpoint != endpoints.end()) {
            report.endpoints.push_back(lookAt(*http, open, endpoint->backend, arguments, cancel));
        }
    }
    return report;
}

Expected<Report> lookAtRemote(const KnownModel& model, const CheckArguments& arguments,
                              const base::CancelToken& cancel) {
    const auto http = std::make_shared<net::HttpClient>();
    backend::ModelServers servers(http);
    const auto handle = servers.open(model.model);
    if (!handle) {
        return base::fail(handle.error());
    }
    const Expected<std::string> key = backend::keyFromEnvironment(model.settings);
    if (!key) {
        return base::fail(key.error());
    }
    Report report;
    const std::vector<backend::Endpoint> endpoints = (*handle)->endpoints();
    for (std::size_t i = 0; i < model.settings.urls.size() && i < endpoints.size(); ++i) {
        backend::OpenAiSettings open;
        open.url = model.settings.urls[i];
        open.apiKey = *key;
        open.dialect.model = model.settings.modelId;
        open.deadlines = model.settings.deadlines;
        report.endpoints.push_back(lookAt(*http, open, endpoints[i].backend, arguments, cancel));
        if (cancel.isCancelled()) {
            return base::fail(base::ErrorCode::Cancelled, "interrupted");
        }
    }
    return report;
}

// The miniature knows only problems of its own world.
Expected<Report> lookAtBuiltin(const KnownModel& model, const CheckArguments& arguments,
                               const base::CancelToken& cancel) {
    backend::ModelServers servers(std::make_shared<net::HttpClient>());
    const auto handle = servers.open(model.model);
    if (!handle) {
        return base::fail(handle.error());
    }
    const backend::Endpoint endpoint = (*handle)->endpoints().front();
    Finding finding;
    finding.url = endpoint.label;
    if (!arguments.noRequest) {
        const mini::ProblemItem item = mini::makeProblems(0, 1, mini::Split::Train).front();
        const Expected<backend::SpeedProbe> speed =
            backend::measureSpeed(*endpoint.backend, kProbeTokens, cancel, item.problem.text);
        if (speed) {
            finding.speed = *speed;
        } else {
            finding.error = speed.error();
        }
    }
    Report report;
    report.endpoints.push_back(std::move(finding));
    return report;
}

Expected<Report> lookAtModel(const KnownModel& model, const CheckArguments& arguments,
                             const base::CancelToken& cancel) {
    if (model.settings.slurm) {
        return lookAtPool(model, arguments, cancel);
    }
    switch (model.kind) {
    case backend::ModelKind::LlamaServer:
    case backend::ModelKind::Vllm:
        return lookAtOwn(model, arguments, cancel);
    case backend::ModelKind::OpenAi:
        return lookAtRemote(model, arguments, cancel);
    case backend::ModelKind::Recorded: {
        const auto recorded = backend::RecordedBackend::open(model.settings.files);
        if (!recorded) {
            return base::fail(recorded.error());
        }
        Report report;
        report.recorded = (*recorded)->size();
        return report;
    }
    case backend::ModelKind::Builtin:
        break;
    }
    return lookAtBuiltin(model, arguments, cancel);
}

Json speedJson(const std::optional<backend::SpeedProbe>& speed) {
    if (!speed) {
        return nullptr;
    }
    return {{"first_token_seconds",
             speed->firstTokenSeconds > 0 ? Json(speed->firstTokenSeconds) : Json()},
            {"total_seconds", speed->totalSeconds},
            {"tokens_per_second", valueOrNull(speed->tokensPerSecond)},
            {"prompt_tokens", valueOrNull(speed->promptTokens)},
            {"completion_tokens", valueOrNull(speed->completionTokens)}};
}

Json reportJson(const KnownModel& model, const Report& report) {
    Json endpoints = Json::array();
    bool ok = true;
    for (const Finding& finding : report.endpoints) {
        ok = ok && !finding.error;
        endpoints.push_back({{"url", finding.url},
                             {"ok", !finding.error},
                             {"error", finding.error ? Json(finding.error->text()) : Json()},
                             {"software", textOrNull(finding.facts.software)},
                             {"version", textOrNull(finding.facts.version)},
                             {"models", finding.facts.models},
                             {"context", valueOrNull(finding.facts.contextTokens)},
                             {"slots", valueOrNull(finding.facts.slots)},
                             {"speed", speedJson(finding.speed)},
                             {"warning", textOrNull(finding.warning)}});
    }
    Json json{{"name", model.model.name},
              {"kind", model.model.kind},
              {"ok", ok},
              {"key", keyJson(model.settings)},
              {"endpoints", std::move(endpoints)}};
    if (report.plan) {
        json["plan"] = {
            {"gpu_layers", report.plan->gpuLayers},  {"slots", report.plan->slots},
            {"context", report.plan->contextTokens}, {"arguments", report.plan->arguments},
            {"reason", report.plan->reason},         {"warning", textOrNull(report.plan->warning)}};
    }
    if (report.recorded) {
        json["completions"] = *report.recorded;
    }
    return json;
}

std::string safe(std::string_view text) {
    return base::escapeForTerminal(base::excerpt(text, 300));
}

void addFinding(Table& table, const Finding& finding) {
    table.add({"server", safe(finding.url)});
    if (finding.error) {
        table.add({"error", safe(finding.error->text())});
    }
    if (!finding.facts.software.empty()) {
        table.add({"software", safe(finding.facts.software + " " + finding.facts.version)});
    }
    if (finding.facts.contextTokens) {
        table.add({"context", std::to_string(*finding.facts.contextTokens) + " tokens a request"});
    }
    if (finding.facts.slots) {
        table.add({"slots", std::to_string(*finding.facts.slots) + " requests at once"});
    }
    if (!finding.facts.models.empty()) {
        std::string models;
        for (const std::string& id : finding.facts.models) {
            models += (models.empty() ? "" : ", ") + id;
        }
        table.add({"models", safe(models)});
    }
    if (finding.speed) {
        std::string speed = finding.speed->firstTokenSeconds > 0
                                ? "first token after " +
                                      oneDecimal(finding.speed->firstTokenSeconds * 1000) + " ms, "
                                : "";
        speed += "answer after " + oneDecimal(finding.speed->totalSeconds * 1000) + " ms";
        if (finding.speed->tokensPerSecond) {
            speed += ", " + oneDecimal(*finding.speed->tokensPerSecond) + " tokens/s";
        }
        table.add({"speed", speed});
    }
}

void printReport(const KnownModel& model, const Report& report) {
    Table table({{"what"}, {"found", false, true}});
    table.add({"model", safe(model.model.name) + " (" + model.model.kind + ")"});
    table.add({"key", keyText(model.settings)});
    if (report.plan) {
        table.add({"started with", safe(report.plan->reason)});
    }
    if (report.recorded) {
        table.add({"completions", std::to_string(*report.recorded)});
    }
    for (const Finding& finding : report.endpoints) {
        addFinding(table, finding);
    }
    table.finish();
}

Expected<int> check(const Session& session, const CheckArguments& arguments) {
    const auto model = findModel(arguments.workspace, arguments.name);
    if (!model) {
        return base::fail(model.error());
    }
    const Expected<Report> report = lookAtModel(*model, arguments, session.cancel);
    if (!report) {
        return base::fail(report.error());
    }
    if (arguments.json) {
        printJson(reportJson(*model, *report));
    } else {
        printReport(*model, *report);
    }
    if (report->plan && !report->plan->warning.empty()) {
        printNote(report->plan->warning);
    }
    for (const Finding& finding : report->endpoints) {
        if (!finding.warning.empty()) {
            printNote(finding.warning);
        }
    }
    for (const Finding& finding : report->endpoints) {
        if (finding.error) {
            return base::fail(finding.error->withContext(finding.url));
        }
    }
    return kOk;
}

} // namespace

void addModelCheck(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<CheckArguments>();
    CLI::App* command = group.add_subcommand(
        "check", "Try a model: what answers, its context and slots, the speed of one request");
    addWorkspace(*command, arguments->workspace);
    command->add_option("name", arguments->name, "The model")->type_name("NAME")->required();
    command
        ->add_option("--wait", arguments->waitSeconds,
                     "Seconds that a server of ours may take to load its model")
        ->type_name("SECONDS")
        ->check(wholeWithin(1, 86'400));
    command->add_flag("--no-request", arguments->noRequest,
                      "Ask only what the server is; send no prompt");
    addJson(*command, arguments->json, "Print the findings as one JSON object");
    command->footer(
        "Sends one short prompt with at most 64 new tokens, which may cost a little. A\n"
        "llama-server or vLLM is started for it and stopped again.\n"
        "\n"
        "Examples:\n"
        "  scrit model check study.scrit qwen\n"
        "  scrit model check study.scrit qwen --json | jq .endpoints[0].speed");
    setAction(*command, session, [&session, arguments] { return check(session, *arguments); });
}

} // namespace scrit::cli
