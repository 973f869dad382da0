// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/json_output.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"
#include "core/loop/scores.h"

#include <array>
#include <cstdio>
#include <memory>

namespace scrit::cli {
namespace {

using base::Expected;

struct EvaluateArguments {
    std::string workspace;
    std::string suite = "ei";
    std::string filter;
    std::optional<std::string> against;
    std::uint64_t seed = 0;
    bool json = false;
};

std::string percent(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%", value * 100);
    return text.data();
}

std::string intervalText(const std::optional<eval::Interval>& interval) {
    std::array<char, 48> text{};
    if (interval) {
        std::snprintf(text.data(), text.size(), "%.1f – %.1f", interval->low * 100,
                      interval->high * 100);
    }
    return text.data();
}

std::string datasetText(const std::string& dataset) {
    return dataset.empty() ? "all" : base::escapeForTerminal(dataset);
}

Json intervalJson(const std::optional<eval::Interval>& interval) {
    return interval ? Json::array({interval->low, interval->high}) : Json();
}

Json evaluationJson(const EvaluateArguments& arguments, const loop::Evaluation& evaluation) {
    Json scores = Json::array();
    for (const loop::Score& score : evaluation.scores) {
        scores.push_back({{"protocol", score.protocol},
                          {"dataset", textOrNull(score.dataset)},
                          {"metric", score.metric},
                          {"n", score.n},
                          {"value", valueOrNull(score.value)},
                          {"interval", intervalJson(score.interval)}});
    }
    Json differences = Json::array();
    for (const loop::Difference& row : evaluation.differences) {
        differences.push_back({{"protocol", row.protocol},
                               {"dataset", textOrNull(row.dataset)},
                               {"metric", row.metric},
                               {"n", row.n},
                               {"before", row.before},
                               {"after", row.after},
                               {"difference", row.after - row.before},
                               {"interval", intervalJson(row.interval)},
                               {"significant", row.significant},
                               {"fixed", row.fixed},
                               {"broken", row.broken}});
    }
    return {{"suite", arguments.suite},
            {"filter", arguments.filter},
            {"seed", arguments.seed},
            {"critiques", evaluation.critiques},
            {"judgements", evaluation.judgements},
            {"unlabelled", evaluation.unlabelled},
            {"scores", std::move(scores)},
            {"differences", std::move(differences)}};
}

void printScores(const loop::Evaluation& evaluation) {
    Table table(
        {{"protocol"}, {"data set"}, {"metric"}, {"n", true}, {"value", true}, {"95 %", true}});
    for (const loop::Score& score : evaluation.scores) {
        const bool isCount = score.metric == "missing";
        if (isCount && score.value == 0.0) {
            continue;
        }
        table.add({score.protocol, datasetText(score.dataset), score.metric,
                   std::to_string(score.n),
                   !score.value ? "–"
                   : isCount    ? std::to_string(static_cast<std::int64_t>(*score.value))
                                : percent(*score.value),
                   intervalText(score.interval)});
    }
    table.finish();
}

void printDifferences(const loop::Evaluation& evaluation) {
    print("\n");
    Table table({{"protocol"},
                 {"data set"},
                 {"metric"},
                 {"n", true},
                 {"before", true},
                 {"after", true},
                 {"change, 95 %", true},
                 {"fixed", true},
                 {"broken", true},
                 {""}});
    for (const loop::Difference& row : evaluation.differences) {
        const bool worse = row.significant && row.after < row.before;
        table.add({row.protocol, datasetText(row.dataset), row.metric, std::to_string(row.n),
                   percent(row.before), percent(row.after), intervalText(row.interval),
                   std::to_string(row.fixed.size()), std::to_string(row.broken.size()),
                   worse             ? "regression"
                   : row.significant ? "significant"
                                     : ""});
    }
    table.finish();
}

Expected<int> evaluate(const Session& session, const EvaluateArguments& arguments) {
    const auto suite = loop::suiteNamed(arguments.suite);
    if (!suite) {
        return base::fail(suite.error());
    }
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto evaluation = loop::evaluateStored(
        **workspace, {*suite, arguments.filter, arguments.against, arguments.seed});
    if (!evaluation) {
        return base::fail(evaluation.error());
    }
    if (arguments.json) {
        printJson(evaluationJson(arguments, *evaluation));
        return kOk;
    }
    printScores(*evaluation);
    if (arguments.against) {
        printDifferences(*evaluation);
    }
    if (!session.quiet) {
        printNote(std::to_string(evaluation->critiques) + " critiques, " +
                  std::to_string(evaluation->judgements) + " judgements, " +
                  std::to_string(evaluation->unlabelled) + " left out: nothing says what is right");
    }
    return kOk;
}

} // namespace

void addEvaluate(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<EvaluateArguments>();
    CLI::App* command = root.add_subcommand("evaluate", "Score stored critiques, with intervals")
                            ->group(std::string(kReadGroup));
    addWorkspace(*command, arguments->workspace);
    command
        ->add_option("--suite", arguments->suite,
                     "ei: the first wrong step; cc: the corrections' answers; clcs: confidence and "
                     "critique (default: ei)")
        ->type_name("NAME");
    command->add_option("--filter", arguments->filter, "Only these critiques")->type_name("EXPR");
    command
        ->add_option("--against", arguments->against,
                     "Compare with these critiques, solution by solution")
        ->type_name("EXPR");
    command->add_option("--seed", arguments->seed, "Of the bootstrap (default: 0)")->type_name("N");
    addJson(*command, arguments->json, "Print one JSON object");
    command->footer(
        "ei has two protocols that must not be compared with each other: ei-processbench/1 wants "
        "the exact step, ei-scrit/1 forgives one step and wants a right correction. What is "
        "missing "
        "or unreadable counts as wrong. No model is asked.\n"
        "\n"
        "Examples:\n"
        "  scrit evaluate study.scrit --suite ei --filter critic:qwen\n"
        "  scrit evaluate study.scrit --suite cc --filter round:2 --against round:1\n"
        "  scrit evaluate study.scrit --suite clcs --json | jq .scores");
    setAction(*command, session, [arguments, &session] { return evaluate(session, *arguments); });
}

} // namespace scrit::cli
