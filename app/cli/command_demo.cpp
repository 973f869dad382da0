// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/evolution_output.h"
#include "app/cli/funnel.h"
#include "app/cli/json_output.h"
#include "app/cli/open_studio.h"
#include "app/cli/progress_line.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/loop/demo.h"
#include "core/loop/miniature_demo.h"

#include <array>
#include <cstdio>
#include <memory>
#include <optional>

namespace scrit::cli {
namespace {

struct DemoArguments {
    std::string folder = ".";
    std::uint64_t seed = 0;
    bool quick = false;
    std::optional<int> rounds;
    std::string recipe = "scrit";
    bool noSelfValidation = false;
    std::optional<std::int64_t> problems;
    std::optional<std::int64_t> pairs;
    double temperature = 0;
    bool sample = false;
    bool json = false;
    bool open = false;
    bool noOpen = false;
};

// Whoever sits at a terminal with a display wants to look at what was made.
bool shallOpen(const Session& session, const DemoArguments& arguments) {
    return arguments.open || (!arguments.noOpen && !arguments.json && !session.quiet &&
                              stdoutIsTerminal() && hasDisplay() && !studioProgram().empty());
}

// The last thing a demo does; the figures stand, whether a window comes up or not.
base::Expected<int> openAfter(const Session& session, const DemoArguments& arguments,
                              const std::string& workspace, const std::string& page) {
    if (!shallOpen(session, arguments)) {
        return kOk;
    }
    if (!hasDisplay()) {
        return base::fail(base::ErrorCode::NotFound, "there is no display to open Studio on",
                          "set DISPLAY, or run scrit-studio " + workspace + " where there is one");
    }
    if (const auto opened = openStudio(workspace, page); !opened) {
        return base::fail(opened.error());
    }
    if (!arguments.json && !session.quiet) {
        print("\nOpening it in Scrit Studio (--no-open leaves it).\n");
    }
    return kOk;
}

void printSample(const loop::DemoSummary& summary) {
    const std::string name = base::escapeForTerminal(summary.workspace.string());
    print((summary.created ? "Made " : "Completed ") + name +
          " from the recorded sample that ships with the program: problems, candidate\n"
          "solutions and critiques that were written for it; no model was asked.\n\n");
    printFunnel(summary.status);
    print("\nNext:\n"
          "  scrit-studio " +
          name +
          "\n"
          "  scrit list " +
          name +
          " --filter 'verdict:incorrect'\n"
          "  scrit show " +
          name +
          " 1\n"
          "  scrit export " +
          name + " --view openai-chat --out demo-sft --balance 1:1\n");
}

base::Expected<int> sampleDemo(Session& session, const DemoArguments& arguments) {
    ProgressLine progress(session);
    const auto summary = loop::makeDemo(arguments.folder, progress.function(), session.cancel);
    progress.clear();
    if (!summary) {
        return base::fail(summary.error());
    }
    if (summary->verify.cancelled) {
        return base::fail(base::ErrorCode::Cancelled, "interrupted",
                          "run scrit demo again to complete it");
    }
    if (arguments.json) {
        printJson({{"workspace", summary->workspace.string()},
                   {"created", summary->created},
                   {"problems", importJson(summary->problems)},
                   {"critiques", importJson(summary->critiques)},
                   {"verify", verifyJson(summary->verify)},
                   {"status", statusJson(summary->status)}});
    } else if (!session.quiet) {
        printSample(*summary);
    }
    return openAfter(session, arguments, summary->workspace.string(), "traces");
}

loop::MiniatureDemoSettings demoSettings(const DemoArguments& arguments) {
    loop::MiniatureDemoSettings settings =
        arguments.quick ? loop::quickMiniatureDemo() : loop::MiniatureDemoSettings{};
    settings.folder = arguments.folder;
    settings.seed = arguments.seed;
    settings.recipe = arguments.recipe;
    settings.selfValidation = !arguments.noSelfValidation;
    settings.evaluationTemperature = arguments.temperature;
    settings.rounds = arguments.rounds.value_or(settings.rounds);
    settings.problemsPerRound = arguments.problems.value_or(settings.problemsPerRound);
    settings.pairs = arguments.pairs.value_or(settings.pairs);
    return settings;
}

Json difficultyJson(const loop::RoundReport& report) {
    Json list = Json::array();
    for (const loop::ValidationRate& rate : report.byLevel) {
        list.push_back({{"difficulty", rate.group},
                        {"n", rate.n},
                        {"validated", rate.validated},
                        {"rate", valueOrNull(rate.rate())},
                        {"lo", rate.interval().low},
                        {"hi", rate.interval().high}});
    }
    return list;
}

Json demoJson(const DemoArguments& arguments, const loop::MiniatureDemo& demo) {
    Json rounds = Json::array();
    for (const loop::MiniatureRow& row : loop::miniatureTable(demo.evolution)) {
        const auto value = [](const loop::RoundScore* score) {
            return score != nullptr ? valueOrNull(score->value) : Json();
        };
        const auto low = [](const loop::RoundScore* score, bool high) {
            return score != nullptr && score->interval
                       ? Json(high ? score->interval->high : score->interval->low)
                       : Json();
        };
        const loop::RoundReport& report = *row.report;
        rounds.push_back({{"round", row.round},
                          {"ei_f1", value(row.errorIdentification)},
                          {"ei_lo", low(row.errorIdentification, false)},
                          {"ei_hi", low(row.errorIdentification, true)},
                          {"cc_acc", value(row.critiqueCorrect)},
                          {"cc_lo", low(row.critiqueCorrect, false)},
                          {"cc_hi", low(row.critiqueCorrect, true)},
                          {"n", row.n},
                          {"kept", report.kept.value_or(0)},
                          {"validation_rate",
                           report.validation ? valueOrNull(report.validation->rate()) : Json()},
                          {"validation_by_difficulty", difficultyJson(report)},
                          {"details", embedded(loop::reportJson(report))}});
    }
    const double other = demo.seconds - demo.sampling - demo.training;
    const auto share = [&](double seconds) {
        return demo.seconds > 0 ? Json(seconds / demo.seconds) : Json();
    };
    return {{"seconds", demo.seconds},
            {"seed", arguments.seed},
            {"rounds", std::move(rounds)},
            {"recipe", arguments.recipe},
            {"self_validation", !arguments.noSelfValidation},
            {"evaluation_temperature", arguments.temperature},
            {"shares",
             {{"sampling", share(demo.sampling)},
              {"training", share(demo.training)},
              {"other", share(other)}}},
            {"workspace", demo.workspace.string()},
            {"series", demo.evolution.series}};
}

void printDifficultyTable(const std::vector<loop::MiniatureRow>& rows) {
    std::vector<Table::Column> columns{{"round", true}};
    const loop::MiniatureRow& last = rows.back();
    for (const loop::ValidationRate& rate : last.report->byLevel) {
        columns.push_back({base::escapeForTerminal(rate.group), true});
    }
    if (columns.size() == 1) {
        return;
    }
    Table table(std::move(columns));
    for (const loop::MiniatureRow& row : rows) {
        if (row.report->byLevel.empty()) {
            continue;
        }
        std::vector<std::string> cells{std::to_string(row.round)};
        for (const loop::ValidationRate& level : last.report->byLevel) {
            std::optional<loop::ValidationRate> found;
            for (const loop::ValidationRate& rate : row.report->byLevel) {
                found = rate.group == level.group ? std::optional(rate) : found;
            }
            cells.push_back(validationText(found));
        }
        table.add(std::move(cells));
    }
    print("\nSelf-validation by contested facts in the problem (share that passes)\n");
    table.finish();
}

void printDemo(const DemoArguments& arguments, const loop::MiniatureDemo& demo) {
    const std::vector<loop::MiniatureRow> rows = loop::miniatureTable(demo.evolution);
    const std::string name = base::escapeForTerminal(demo.workspace.string());
    print("The miniature taught itself: recipe " + base::escapeForTerminal(arguments.recipe) +
          (arguments.noSelfValidation ? " without self-validation" : "") + ", seed " +
          std::to_string(arguments.seed) + ", " +
          (arguments.temperature > 0 ? "sampled" : "greedy") +
          " evaluation on held-out problems, half of the solutions wrong.\n\n");
    Table table({{"round", true},
                 {"EI-F1 [95 %]", true},
                 {"CC-Acc [95 %]", true},
                 {"n", true},
                 {"critiques", true},
                 {"pass", true},
                 {"kept", true}});
    for (const loop::MiniatureRow& row : rows) {
        const loop::RoundReport& report = *row.report;
        table.add({std::to_string(row.round), roundScoreText(row.errorIdentification),
                   roundScoreText(row.critiqueCorrect), std::to_string(row.n),
                   report.funnel ? std::to_string(report.funnel->critiques) : "–",
                   validationText(report.validation),
                   report.kept ? std::to_string(*report.kept) : "–"});
    }
    table.finish();
    printDifficultyTable(rows);
    if (demo.sampling == 0) {
        print("\nAll of it was there already: nothing was sampled or trained.\n");
    } else {
        std::array<char, 160> time{};
        std::snprintf(time.data(), time.size(),
                      "\n%.0f s: sampling %.0f %%, training %.0f %%, all else %.0f %%\n",
                      demo.seconds, 100 * demo.sampling / demo.seconds,
                      100 * demo.training / demo.seconds,
                      100 * (demo.seconds - demo.sampling - demo.training) / demo.seconds);
        print(time.data());
    }
    print("The world is small: its problems are new in each round, its facts are not. It shows the "
          "mechanism, and says nothing about large models.\n\nNext:\n  scrit-studio " +
          name + "\n  scrit rounds " + name + " " + base::escapeForTerminal(demo.evolution.series) +
          "\n  scrit list " + name + " --filter 'round:1 validated:no'\n");
}

base::Expected<int> demo(Session& session, const DemoArguments& arguments) {
    if (arguments.sample) {
        return sampleDemo(session, arguments);
    }
    const std::int64_t began = base::steadyMillis();
    if (const auto can = loop::canRunMiniatureDemo(); !can) {
        printNote("the miniature cannot run here (" + can.error().text() +
                  "); the recorded sample takes its place");
        return sampleDemo(session, arguments);
    }
    const double opening = static_cast<double>(base::steadyMillis() - began) / 1000; // LibTorch
    session.cancelNow.emplace();
    EvolutionDisplay display(session, false);
    loop::EvolutionContext context;
    context.cancel = session.cancel;
    context.cancelNow = *session.cancelNow;
    context.listener = [&](const loop::EvolutionProgress& progress) {
        if (!arguments.json || stderrIsTerminal()) {
            display.show(progress);
        }
    };
    auto made = loop::runMiniatureDemo(demoSettings(arguments), context);
    display.clear();
    if (!made) {
        base::Error error = made.error();
        if (error.code == base::ErrorCode::Cancelled) {
            error.advice = "run scrit demo again to go on";
        }
        return base::fail(std::move(error));
    }
    made->seconds += opening;
    made->training += opening;
    if (arguments.json) {
        printJson(demoJson(arguments, *made));
    } else if (!session.quiet) {
        printDemo(arguments, *made);
    }
    return openAfter(session, arguments, made->workspace.string(), "rounds");
}

} // namespace

void addDemo(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<DemoArguments>();
    CLI::App* command =
        root.add_subcommand("demo", "Run the whole loop with the builtin miniature, in minutes")
            ->group(std::string(kSetupGroup));
    command->add_option("folder", arguments->folder, "Where demo.scrit goes (default: here)")
        ->type_name("DIR");
    command->add_option("--seed", arguments->seed, "Of problems, sampling and training")
        ->type_name("N")
        ->check(wholeFrom(0));
    command->add_flag("--quick", arguments->quick, "One smaller round, within a minute");
    command->add_option("--rounds", arguments->rounds, "Rounds (default: 3; with --quick 1)")
        ->type_name("N")
        ->check(wholeWithin(1, 100));
    addChoice(*command, session, "--recipe", arguments->recipe,
              {"scrit", "scrit-direct", "scrit-bug-injection"},
              "How critiques are made (default: scrit, contrastive)");
    command->add_flag("--no-self-validation", arguments->noSelfValidation,
                      "Train on all critiques instead of those that pass");
    command
        ->add_option("--problems", arguments->problems,
                     "New problems in each round (default: 600; with --quick 400)")
        ->type_name("N")
        ->check(wholeWithin(1, 1'000'000));
    command
        ->add_option("--pairs", arguments->pairs,
                     "Held-out solutions to measure on (default: 800; with --quick 300)")
        ->type_name("N")
        ->check(wholeWithin(2, 1'000'000));
    command
        ->add_option("--temperature", arguments->temperature,
                     "Of the measured critiques (default: 0, greedy)")
        ->type_name("X")
        ->check(numberWithin(0.0, 5.0));
    command->add_flag("--sample", arguments->sample,
                      "Make a workspace from the recorded sample instead: no model is asked");
    CLI::Option* open = command->add_flag("--open", arguments->open,
                                          "Open it in Studio at the end (default: on a terminal "
                                          "with a display)");
    command->add_flag("--no-open", arguments->noOpen, "Do not open Studio")->excludes(open);
    addJson(*command, arguments->json, "Print the table (or what was done) as one JSON object");
    addQuiet(*command, session);
    command->footer(
        "The miniature is a small transformer that knows a world of prices, half of them "
        "contested. It\n"
        "solves problems of that world, criticises the solutions beside the reference, keeps what\n"
        "passes its own check without the reference, is trained on it, and is measured on "
        "held-out\n"
        "problems. Running it again goes on or adds nothing; another recipe adds a series on the "
        "same\n"
        "problems.\n"
        "\n"
        "Examples:\n"
        "  scrit demo\n"
        "  scrit demo ~/scrit --open\n"
        "  scrit demo /tmp/one --quick --seed 1 --json\n"
        "  scrit demo ~/scrit --recipe scrit-direct\n"
        "  scrit demo ~/sample --sample");
    setAction(*command, session, [&session, arguments] { return demo(session, *arguments); });
}

} // namespace scrit::cli
