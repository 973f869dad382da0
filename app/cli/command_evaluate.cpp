// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/evaluate_output.h"
#include "app/cli/json_output.h"
#include "app/cli/run_output.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/backend/open_model.h"
#include "core/base/text.h"
#include "core/loop/evaluation.h"
#include "core/loop/evaluation_set.h"
#include "core/net/http_client.h"
#include "core/store/evaluation_reader.h"

#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

namespace scrit::cli {
namespace {

using base::ErrorCode;
using base::Expected;

struct EvaluateArguments {
    std::string workspace;
    std::string suite;
    std::string filter;
    std::optional<std::string> against;
    std::string set;
    std::string model;
    loop::EvaluationRequest settings; // of generation
    std::int64_t patience = 600;      // seconds
    bool save = false;
    std::string freeze;
    std::string of = "solutions";
    std::int64_t limit = 0;
    std::string balance;
    bool sets = false;
    bool list = false;
    std::vector<std::int64_t> compare;
    bool json = false;
};

// ---- frozen sets

Expected<int> freezeMembers(const Session& session, const EvaluateArguments& arguments) {
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    loop::FreezeRequest request;
    request.name = arguments.freeze;
    request.members =
        arguments.of == "problems" ? model::SubjectKind::Problem : model::SubjectKind::Solution;
    request.filter = arguments.filter;
    request.limit = arguments.limit;
    request.seed = arguments.settings.seed;
    request.balance = arguments.balance;
    const auto frozen = loop::freezeSet(**workspace, request);
    if (!frozen) {
        return base::fail(frozen.error());
    }
    if (arguments.json) {
        Json json = frozenSetJson(frozen->set);
        json["added"] = frozen->added;
        json["problems_exported"] = frozen->problemsExported;
        printJson(json);
    } else {
        printFrozenSets({frozen->set});
    }
    if (!session.quiet && !frozen->added) {
        printNote("the same set was frozen before");
    }
    if (!session.quiet && frozen->problemsExported > 0) {
        printNote(std::to_string(frozen->problemsExported) +
                  " of its problems are in data sets that were exported: it cannot measure what "
                  "was trained on those");
    }
    return kOk;
}

Expected<int> listKept(const EvaluateArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    const auto reader = workspace ? (*workspace)->reader() : base::fail(workspace.error());
    if (!reader) {
        return base::fail(reader.error());
    }
    store::EvaluationReader evaluations(**reader);
    if (arguments.sets) {
        const auto sets = evaluations.sets();
        if (!sets) {
            return base::fail(sets.error());
        }
        if (!arguments.json) {
            printFrozenSets(*sets);
            return kOk;
        }
        for (const model::FrozenSet& set : *sets) {
            printJson(frozenSetJson(set));
        }
        return kOk;
    }
    const auto all = evaluations.evaluations();
    if (!all) {
        return base::fail(all.error());
    }
    if (!arguments.json) {
        printEvaluations(*all);
        return kOk;
    }
    for (const model::Evaluation& evaluation : *all) {
        const auto report = loop::readEvaluation(**workspace, evaluation.id);
        if (!report) {
            return base::fail(report.error());
        }
        printJson(reportJson(*report));
    }
    return kOk;
}

// ---- comparisons of kept evaluations

Expected<int> compareTwo(const EvaluateArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto comparison = loop::compareEvaluations(
        **workspace, arguments.compare.at(0), arguments.compare.at(1), arguments.settings.seed);
    if (!comparison) {
        return base::fail(comparison.error());
    }
    if (arguments.json) {
        printJson(comparisonJson(*comparison, {}));
    } else {
        printComparison(*comparison, {});
    }
    return kOk;
}

// With what an evaluation is compared: its name and number.
using Opponents = std::vector<std::pair<std::string, std::int64_t>>;

Expected<Opponents> opponentsOf(store::Workspace& workspace, const model::Evaluation& evaluation,
                                const std::optional<std::string>& against) {
    const auto reader = workspace.reader();
    const auto lines = reader ? store::EvaluationReader(**reader).baselines(evaluation)
                              : base::fail(reader.error());
    if (!lines) {
        return base::fail(lines.error());
    }
    Opponents opponents;
    if (!against || *against == "base") {
        if (lines->base) {
            opponents.emplace_back("base", *lines->base);
        }
        if (!against && lines->previous && lines->previous != lines->base) {
            opponents.emplace_back("previous", *lines->previous);
        }
    } else if (*against == "previous") {
        if (lines->previous) {
            opponents.emplace_back("previous", *lines->previous);
        }
    } else {
        std::int64_t id = 0;
        const char* end = against->data() + against->size();
        const auto [stop, error] = std::from_chars(against->data(), end, id);
        if (error != std::errc() || stop != end) {
            return base::fail(
                ErrorCode::Invalid,
                "--against takes the number of an evaluation, base or previous, not " + *against,
                "scrit evaluate --list shows the numbers");
        }
        opponents.emplace_back("", id);
    }
    if (against && opponents.empty()) {
        return base::fail(ErrorCode::NotFound,
                          "there is no evaluation of the " + *against + " model on this set",
                          "evaluate that model first");
    }
    return opponents;
}

Expected<int> showEvaluation(const Session& session, store::Workspace& workspace,
                             const loop::EvaluationReport& report,
                             const EvaluateArguments& arguments) {
    const auto opponents = opponentsOf(workspace, report.evaluation, arguments.against);
    if (!opponents) {
        return base::fail(opponents.error());
    }
    Json json = reportJson(report);
    json["comparisons"] = Json::array();
    if (!arguments.json) {
        printReport(report);
    }
    for (const auto& [name, id] : *opponents) {
        const auto comparison =
            loop::compareEvaluations(workspace, id, report.evaluation.id, arguments.settings.seed);
        if (!comparison) {
            return base::fail(comparison.error());
        }
        if (arguments.json) {
            json["comparisons"].push_back(comparisonJson(*comparison, name));
        } else {
            printComparison(*comparison, name);
        }
    }
    if (arguments.json) {
        printJson(json);
    }
    if (!session.quiet && report.failed > 0) {
        printNote(std::to_string(report.failed) +
                  " items failed and count as wrong: see scrit list --of items --filter "
                  "state:failed");
    }
    if (!session.quiet && report.unlabelled > 0) {
        printNote(std::to_string(report.unlabelled) + " left out: nothing says what is right");
    }
    return kOk;
}

// ---- with generation

Expected<int> evaluateModel(Session& session, const EvaluateArguments& arguments) {
    auto suites = loop::suitesNamed(arguments.suite.empty() ? "ei,cc,clcs" : arguments.suite);
    if (!suites) {
        return base::fail(suites.error());
    }
    if (arguments.set.empty()) {
        return base::fail(ErrorCode::Invalid, "--set is missing",
                          "name a frozen set; scrit evaluate --freeze makes one");
    }
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    loop::EvaluationRequest request = arguments.settings;
    request.model = arguments.model;
    request.set = arguments.set;
    request.suites = std::move(*suites);
    const auto id = loop::beginEvaluation(**workspace, request);
    if (!id) {
        return base::fail(id.error());
    }
    session.cancelNow.emplace();
    loop::RunToEndOptions options;
    options.cancel = session.cancel;
    options.cancelNow = *session.cancelNow;
    options.patienceMillis = arguments.patience * 1000;
    const bool line = !arguments.json && !session.quiet && stderrIsTerminal();
    const auto toStderr = [line](const std::string& text) {
        if (line) {
            std::fwrite(text.data(), 1, text.size(), stderr);
            std::fflush(stderr);
        }
    };
    backend::ModelServers models(std::make_shared<net::HttpClient>());
    const auto report = loop::runEvaluation(
        *workspace, *id, models.opener(),
        [&](const loop::RunSnapshot& snapshot) {
            toStderr("\r\x1b[K" +
                     fitted(base::escapeForTerminal(snapshotLine(snapshot)), terminalWidth() - 1));
        },
        options);
    toStderr("\r\x1b[K");
    if (!report) {
        base::Error error = report.error();
        error.message = "evaluation " + std::to_string(*id) + ": " + error.message;
        if (error.code == ErrorCode::Cancelled) {
            error.advice = "everything finished is stored; the same command goes on";
        }
        return base::fail(std::move(error));
    }
    return showEvaluation(session, **workspace, *report, arguments);
}

// ---- of stored critiques

Expected<int> keepStored(const Session& session, const EvaluateArguments& arguments,
                         const std::vector<loop::Suite>& suites) {
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto id = loop::saveEvaluation(
        **workspace, {suites, arguments.filter, arguments.set, arguments.settings.seed, {}});
    const auto report = id ? loop::readEvaluation(**workspace, *id) : base::fail(id.error());
    return report ? showEvaluation(session, **workspace, *report, arguments)
                  : base::fail(report.error());
}

Expected<int> evaluateStoredCritiques(const Session& session, const EvaluateArguments& arguments) {
    const std::string names = arguments.suite.empty() ? "ei" : arguments.suite;
    const auto suites = loop::suitesNamed(names);
    if (!suites) {
        return base::fail(suites.error());
    }
    if (arguments.save) {
        return keepStored(session, arguments, *suites);
    }
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto evaluation =
        loop::evaluateStored(**workspace, {*suites, arguments.filter, arguments.set,
                                           arguments.against, arguments.settings.seed});
    if (!evaluation) {
        return base::fail(evaluation.error());
    }
    if (evaluation->critiques == 0) {
        return base::fail(ErrorCode::NotFound, "there is no critique to evaluate",
                          arguments.filter.empty() && arguments.set.empty()
                              ? "import critiques, or let a model write some with scrit run"
                              : "no critique passes the filter or is about the set");
    }
    if (arguments.json) {
        printJson({{"suite", names},
                   {"filter", arguments.filter},
                   {"set", textOrNull(arguments.set)},
                   {"seed", arguments.settings.seed},
                   {"critiques", evaluation->critiques},
                   {"judgements", evaluation->judgements},
                   {"unlabelled", evaluation->unlabelled},
                   {"scores", scoresJson(evaluation->scores)},
                   {"differences", differencesJson(evaluation->differences)}});
        return kOk;
    }
    printScores(evaluation->scores);
    if (arguments.against) {
        print("\n");
        printDifferences(evaluation->differences);
    }
    if (!session.quiet) {
        std::string note = std::to_string(evaluation->critiques) +
                           (evaluation->critiques == 1 ? " critique, " : " critiques, ") +
                           std::to_string(evaluation->judgements) +
                           (evaluation->judgements == 1 ? " judgement" : " judgements");
        if (evaluation->unlabelled > 0) {
            note += ", " + std::to_string(evaluation->unlabelled) +
                    " left out: nothing says what is right";
        }
        printNote(note);
    }
    return kOk;
}

Expected<int> evaluate(Session& session, const EvaluateArguments& arguments) {
    if (arguments.sets || arguments.list) {
        return listKept(arguments);
    }
    if (!arguments.compare.empty()) {
        return compareTwo(arguments);
    }
    if (!arguments.freeze.empty()) {
        return freezeMembers(session, arguments);
    }
    return arguments.model.empty() ? evaluateStoredCritiques(session, arguments)
                                   : evaluateModel(session, arguments);
}

void addModelOptions(CLI::App& command, EvaluateArguments& arguments) {
    loop::EvaluationRequest& settings = arguments.settings;
    CLI::Option* model =
        command
            .add_option("--model", arguments.model,
                        "Ask this model for critiques of the set's solutions first")
            ->type_name("NAME");
    const auto number = [&](const char* name, auto& into, const char* what, auto&& check) {
        command.add_option(name, into, what)->type_name("N")->check(check)->needs(model);
    };
    number("--samples", settings.samples,
           "Critiques of each solution; under ei the majority counts", wholeWithin(1, 1000));
    number("--temperature", settings.temperature, "0, the default, is greedy",
           numberWithin(0.0, 5.0));
    number("--top-p", settings.topP, "Nucleus sampling", numberWithin(0.0, 1.0));
    number("--max-tokens", settings.maxTokens, "Of one critique", wholeWithin(1, 10'000'000));
    number("--round", settings.round, "The round that the critiques are stored under",
           wholeFrom(0));
    number("--max-requests", settings.caps.requests, "Stop before more than N requests",
           wholeFrom(0));
    number("--max-cost", settings.caps.cost, "Stop before more than this many US dollars",
           numberFrom(0));
    number("--patience", arguments.patience,
           "Give up after N seconds in which the model's servers only failed (0: never)",
           wholeFrom(0));
    command.add_option("--prompt", settings.prompt, "Template of the critic, as in recipes")
        ->type_name("NAME|FILE")
        ->needs(model);
    command
        .add_flag("--own", settings.own,
                  "Let the model also solve the set's problems and criticise its own solutions")
        ->needs(model);
    command
        .add_flag("--fresh", settings.fresh,
                  "Ask again also where an answer to the same request is stored")
        ->needs(model);
}

void addSetOptions(CLI::App& command, Session& session, EvaluateArguments& arguments) {
    CLI::Option* freeze =
        command
            .add_option("--freeze", arguments.freeze,
                        "Make an evaluation set of this name from what --filter takes, for ever")
            ->type_name("NAME");
    addChoice(command, session, "--of", arguments.of, {"solutions", "problems"},
              "What to freeze (default: solutions)")
        ->needs(freeze);
    command.add_option("--limit", arguments.limit, "Freeze at most N, chosen at random by --seed")
        ->type_name("N")
        ->check(wholeFrom(0))
        ->needs(freeze);
    command
        .add_option("--balance", arguments.balance,
                    "Freeze correct to incorrect solutions in this ratio, e.g. 1:1")
        ->type_name("A:B")
        ->needs(freeze);
    command.add_flag("--sets", arguments.sets, "List the frozen sets");
}

} // namespace

void addEvaluate(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<EvaluateArguments>();
    CLI::App* command =
        root.add_subcommand("evaluate", "Measure critics, with intervals: on a frozen set or on "
                                        "stored critiques")
            ->group(std::string(kReadGroup));
    addWorkspace(*command, arguments->workspace);
    command
        ->add_option("--suite", arguments->suite,
                     "With commas: ei, the first wrong step; cc, the corrections' answers; clcs, "
                     "confidence and critique (default: ei; with --model all)")
        ->type_name("NAMES");
    command
        ->add_option("--filter", arguments->filter,
                     "Only these critiques; with --freeze these solutions (or problems)")
        ->type_name("EXPR");
    command->add_option("--set", arguments->set, "Only solutions of this frozen set")
        ->type_name("NAME");
    command
        ->add_option("--against", arguments->against,
                     "Compare with these critiques, solution by solution; with --model or --save "
                     "with an evaluation by its number, base or previous")
        ->type_name("EXPR|N");
    addModelOptions(*command, *arguments);
    command->add_flag("--save", arguments->save,
                      "Keep the scores of stored critiques (of one critic and round) as an "
                      "evaluation");
    addSetOptions(*command, session, *arguments);
    command->add_flag("--list", arguments->list, "List the evaluations that are kept");
    command
        ->add_option("--compare", arguments->compare,
                     "Two evaluations side by side: what was fixed and broken")
        ->type_name("N N")
        ->expected(2);
    command
        ->add_option("--seed", arguments->settings.seed,
                     "Of the bootstrap, of --freeze and of sampling (default: 0)")
        ->type_name("N")
        ->check(wholeFrom(0));
    addJson(*command, arguments->json, "Print one JSON object (lists: one a line)");
    addQuiet(*command, session);
    command->footer(
        "ei has two protocols that must not be compared with each other: ei-processbench/1 wants "
        "the exact step, ei-scrit/1 forgives one step and wants a right correction. cc has cc/1 "
        "(all solutions), cc-incorrect/1, cc-balanced/1 (each class weighs half) and cc-own/1. "
        "What is missing or unreadable counts as wrong. Only --model asks a model; stopped with "
        "Ctrl+C, the same command goes on where it was. A frozen set never changes, and exports "
        "leave its problems out.\n"
        "\n"
        "Examples:\n"
        "  scrit evaluate study.scrit --freeze heldout --filter split:test --balance 1:1 --limit "
        "200\n"
        "  scrit evaluate study.scrit --model qwen --set heldout --suite ei,cc\n"
        "  scrit evaluate study.scrit --model qwen-r1 --set heldout --samples 8 --temperature 0.7 "
        "--against base\n"
        "  scrit evaluate study.scrit --compare 1 4 --json | jq '.items[] | "
        "select(.change==\"broken\")'\n"
        "  scrit evaluate study.scrit --suite ei --filter critic:qwen --set heldout --save\n"
        "  scrit evaluate study.scrit --suite cc --filter round:2 --against round:1\n"
        "  scrit evaluate study.scrit --suite clcs --json | jq .scores");
    setAction(*command, session, [arguments, &session] { return evaluate(session, *arguments); });
}

} // namespace scrit::cli
