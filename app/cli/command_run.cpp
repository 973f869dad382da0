// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/evaluate_output.h"
#include "app/cli/evolution_output.h"
#include "app/cli/json_output.h"
#include "app/cli/run_output.h"
#include "app/cli/run_watch.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/base/text.h"
#include "core/loop/evaluation.h"
#include "core/loop/run_request.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrit::cli {
namespace {

struct RunArguments {
    std::string workspace;
    std::string recipe = "scrit";
    std::string critic;
    std::string validator;
    std::vector<std::string> students;
    std::string filter;
    std::int64_t limit = 0;
    std::optional<std::uint64_t> seed;
    int round = 0;
    loop::RunCaps caps;
    bool fresh = false;
    bool solveOnly = false;
    bool preview = false;
    bool json = false;
};

struct ResumeArguments {
    std::string workspace;
    std::int64_t run = 0;
    std::optional<std::string> retry;
    std::optional<std::int64_t> maxRequests;
    std::optional<std::int64_t> maxTokens;
    std::optional<double> maxCost;
    bool json = false;
};

base::Expected<int> run(Session& session, const RunArguments& arguments) {
    auto recipe = loop::loadRecipe(arguments.recipe);
    if (!recipe) {
        return base::fail(recipe.error());
    }
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    loop::RunRequest request;
    request.recipe = std::move(*recipe);
    request.critic = arguments.critic;
    request.validator = arguments.validator;
    request.students = arguments.students;
    request.filter = arguments.filter;
    request.limit = arguments.limit;
    request.seed = arguments.seed;
    request.round = arguments.round;
    request.caps = arguments.caps;
    request.fresh = arguments.fresh;
    request.solveOnly = arguments.solveOnly;
    if (arguments.preview) {
        const auto preview = loop::previewRun(**workspace, request);
        if (!preview) {
            return base::fail(preview.error());
        }
        if (arguments.json) {
            printJson(previewJson(*preview));
        } else {
            printPreview(*preview);
        }
        return kOk;
    }
    const auto runId = loop::createRun(**workspace, request);
    if (!runId) {
        return base::fail(runId.error());
    }
    return watchRun(session, *workspace, *runId, arguments.json);
}

// The run that `scrit resume` means: the one named, else the newest that has not ended.
base::Expected<model::Run> chosenRun(store::RunReader& reader, std::int64_t named) {
    if (named > 0) {
        auto run = reader.run(named);
        if (!run && run.error().code == base::ErrorCode::NotFound && run.error().advice.empty()) {
            run.error().advice = "scrit runs lists those there are";
        }
        return run;
    }
    auto open = reader.lastOpenRun();
    if (!open) {
        return base::fail(open.error());
    }
    if (!*open) {
        return base::fail(base::ErrorCode::NotFound, "no run is open in this workspace",
                          "start one with scrit run; a finished run with failed items is taken up "
                          "by its number, see scrit runs");
    }
    return std::move(**open);
}

// A series of rounds that is not done holds its open run.
base::Expected<int> resumeEvolution(Session& session,
                                    const std::shared_ptr<store::Workspace>& workspace,
                                    const loop::EvolutionState& state,
                                    const ResumeArguments& arguments) {
    if (arguments.maxRequests || arguments.maxTokens || arguments.maxCost) {
        return base::fail(base::ErrorCode::Invalid,
                          "the series " + state.series + " is open, which has caps of its own",
                          "name the number of a run to change that run's caps");
    }
    return state.request.sweep.empty()
               ? watchEvolution(session, workspace, state.series, arguments.json)
               : watchSweep(session, workspace, state.request.sweep, arguments.json);
}

base::Expected<int> resume(Session& session, const ResumeArguments& arguments) {
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    if (arguments.run == 0) {
        const auto open = loop::openEvolution(**workspace);
        if (!open) {
            return base::fail(open.error());
        }
        if (*open) {
            return resumeEvolution(session, *workspace, **open, arguments);
        }
    }
    store::RunReader runs(**reader);
    const auto chosen = chosenRun(runs, arguments.run);
    if (!chosen) {
        return base::fail(chosen.error());
    }
    if (arguments.maxRequests || arguments.maxTokens || arguments.maxCost) {
        auto request = loop::requestOfRun(*chosen);
        if (!request) {
            return base::fail(request.error());
        }
        loop::RunCaps caps = request->caps;
        caps.requests = arguments.maxRequests.value_or(caps.requests);
        caps.tokens = arguments.maxTokens.value_or(caps.tokens);
        caps.cost = arguments.maxCost.value_or(caps.cost);
        if (const auto changed = loop::changeCaps(**workspace, chosen->id, caps); !changed) {
            return base::fail(changed.error());
        }
    }
    if (arguments.retry) {
        const auto planned =
            (*workspace)->write([&](store::Writer& writer) -> base::Expected<void> {
                const std::string& code = *arguments.retry;
                const auto count = store::RunWriter(writer).retryFailed(
                    chosen->id, code.empty() || code == "all"
                                    ? std::nullopt
                                    : std::optional<std::string_view>(code));
                if (!count) {
                    return base::fail(count.error());
                }
                if (!session.quiet && !arguments.json) {
                    printNote(std::to_string(*count) + " failed items are planned again");
                }
                return {};
            });
        if (!planned) {
            return base::fail(planned.error());
        }
    }
    auto code = watchRun(session, *workspace, chosen->id, arguments.json);
    if (!code) {
        return code;
    }
    const auto finished = loop::finishEvaluationOf(**workspace, chosen->id);
    if (!finished) {
        return base::fail(finished.error());
    }
    if (*finished && !arguments.json) {
        printReport(**finished);
    }
    return code;
}

void addCaps(CLI::App& command, auto& maxRequests, auto& maxTokens, auto& maxCost) {
    command
        .add_option("--max-requests", maxRequests, "Stop before more than N requests (0: no cap)")
        ->type_name("N")
        ->check(wholeFrom(0));
    command.add_option("--max-tokens", maxTokens, "Stop before more than N tokens, both ways")
        ->type_name("N")
        ->check(wholeFrom(0));
    command
        .add_option("--max-cost", maxCost,
                    "Stop before more than this many US dollars, by the prices of the models")
        ->type_name("X")
        ->check(numberFrom(0));
}

} // namespace

void addRun(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<RunArguments>();
    CLI::App* command =
        root.add_subcommand("run", "Make critiques with language models and validate them")
            ->group(std::string(kLoopGroup));
    addWorkspace(*command, arguments->workspace);
    command
        ->add_option("--recipe", arguments->recipe,
                     "A recipe by name (scrit, scrit-direct, scrit-bug-injection) or a TOML file")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_option("--critic", arguments->critic, "The model that criticises and validates")
        ->type_name("MODEL");
    command
        ->add_option("--validator", arguments->validator,
                     "Another model for the validation (the method wants the critic itself)")
        ->type_name("MODEL");
    command
        ->add_option("--student", arguments->students,
                     "A model that solves the problems first; may be repeated (default: use the "
                     "solutions that are there)")
        ->type_name("MODEL")
        ->allow_extra_args(false);
    command->add_option("--filter", arguments->filter, "Only these problems")->type_name("EXPR");
    command->add_option("--limit", arguments->limit, "At most N problems")
        ->type_name("N")
        ->check(wholeFrom(0));
    command->add_option("--seed", arguments->seed, "Instead of the recipe's seed")
        ->type_name("N")
        ->check(wholeFrom(0));
    command->add_option("--round", arguments->round, "The round that the critiques belong to")
        ->type_name("N")
        ->check(wholeFrom(0));
    addCaps(*command, arguments->caps.requests, arguments->caps.tokens, arguments->caps.cost);
    command->add_flag("--solve-only", arguments->solveOnly,
                      "Only let the students solve the problems; no critic is needed");
    command->add_flag("--fresh", arguments->fresh,
                      "Ask again also where an answer to the same request is stored");
    command->add_flag("--preview", arguments->preview,
                      "Only say how many requests it would take and what they would cost");
    addJson(*command, arguments->json,
            "Print one JSON object a second while it runs, and one at the end");
    addQuiet(*command, session);
    command->footer(
        "Ctrl+C stops in two steps: once waits for the answers that are under way, twice drops "
        "them.\nNothing finished is lost; scrit resume goes on.\n"
        "\n"
        "Examples:\n"
        "  scrit run study.scrit --critic qwen --limit 20 --preview\n"
        "  scrit run study.scrit --critic qwen --student qwen --student llama --max-cost 5\n"
        "  scrit run study.scrit --recipe scrit-direct --critic qwen --filter 'source:gsm8k'");
    setAction(*command, session, [&session, arguments] { return run(session, *arguments); });
}

void addResume(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<ResumeArguments>();
    CLI::App* command =
        root.add_subcommand("resume", "Go on with a run, rounds or a sweep that were stopped")
            ->group(std::string(kLoopGroup));
    addWorkspace(*command, arguments->workspace);
    command
        ->add_option("run", arguments->run,
                     "Its number (default: the open series of rounds, else the newest open run)")
        ->type_name("RUN")
        ->check(wholeFrom(1));
    command
        ->add_option("--retry", arguments->retry,
                     "Plan failed items again first: those with this error code, or all")
        ->type_name("CODE|all");
    addCaps(*command, arguments->maxRequests, arguments->maxTokens, arguments->maxCost);
    addJson(*command, arguments->json,
            "Print one JSON object a second while it runs, and one at the end");
    addQuiet(*command, session);
    command->footer("Examples:\n"
                    "  scrit resume study.scrit\n"
                    "  scrit resume study.scrit 3 --retry all\n"
                    "  scrit resume study.scrit --max-cost 10");
    setAction(*command, session, [&session, arguments] { return resume(session, *arguments); });
}

void addRuns(CLI::App& root, Session& session) {
    struct RunsArguments {
        std::string workspace;
        bool json = false;
    };
    const auto arguments = std::make_shared<RunsArguments>();
    CLI::App* command =
        root.add_subcommand("runs", "List the runs of a workspace")->group(std::string(kLoopGroup));
    addWorkspace(*command, arguments->workspace);
    addJson(*command, arguments->json, "Print one JSON object a line");
    command->footer("Examples:\n"
                    "  scrit runs study.scrit\n"
                    "  scrit runs study.scrit --json");
    setAction(*command, session, [arguments]() -> base::Expected<int> {
        const auto workspace = openToRead(arguments->workspace);
        if (!workspace) {
            return base::fail(workspace.error());
        }
        return printRuns(**workspace, arguments->json);
    });
}

} // namespace scrit::cli
