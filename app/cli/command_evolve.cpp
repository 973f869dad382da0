// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/evolution_options.h"
#include "app/cli/evolution_output.h"
#include "app/cli/terminal.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/store/round_reader.h"

#include <memory>

namespace scrit::cli {
namespace {

base::Expected<int> evolve(Session& session, const EvolutionArguments& arguments) {
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto miniature = isMiniature(**workspace, arguments);
    const auto request =
        miniature ? evolutionRequest(arguments, *miniature) : base::fail(miniature.error());
    if (!request) {
        return base::fail(request.error());
    }
    const train::MakeTrainer trainers = [](std::string_view name) {
        return train::makeTrainer(name);
    };
    if (arguments.preview) {
        const auto preview = loop::previewEvolution(**workspace, *request, trainers);
        return preview ? printEvolutionPreview(*preview, *request, arguments.json)
                       : base::fail(preview.error());
    }
    const auto series = loop::createEvolution(**workspace, *request, trainers);
    return series ? watchEvolution(session, *workspace, *series, arguments.json)
                  : base::fail(series.error());
}

base::Expected<int> listSeries(store::Workspace& workspace, bool json) {
    const auto reader = workspace.reader();
    const auto all = reader ? store::RoundReader(**reader).series() : base::fail(reader.error());
    if (!all) {
        return base::fail(all.error());
    }
    if (all->empty() && !json) {
        printNote("no rounds yet: begin a series with scrit evolve");
        return kOk;
    }
    Table table({{"series", false, true}, {"recipe"}, {"round", true}, {"state"}, {"changed"}});
    for (const store::SeriesRow& row : *all) {
        const std::string changed = row.changedAt > 0 ? base::isoUtc(row.changedAt) : "";
        if (json) {
            printJson({{"series", row.name},
                       {"recipe", row.recipe},
                       {"round", row.rounds},
                       {"state", model::name(row.state)},
                       {"changed", textOrNull(changed)}});
        } else {
            table.add({base::escapeForTerminal(row.name), base::escapeForTerminal(row.recipe),
                       std::to_string(row.rounds), std::string(model::name(row.state)), changed});
        }
    }
    if (!json) {
        table.finish();
    }
    return kOk;
}

base::Expected<int> showRounds(const std::string& path, const std::string& series, bool json) {
    const auto workspace = openToRead(path);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    if (series.empty()) {
        return listSeries(**workspace, json);
    }
    if (const auto sweep = loop::readSweep(**workspace, series)) {
        if (json) {
            printJson(sweepJson(*sweep));
        } else {
            printSweep(*sweep);
        }
        return kOk;
    }
    const auto state = loop::readEvolution(**workspace, series);
    if (!state) {
        return base::fail(state.error());
    }
    if (json) {
        printJson(evolutionJson(*state));
    } else {
        printEvolution(*state);
    }
    return kOk;
}

} // namespace

void addEvolve(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<EvolutionArguments>();
    CLI::App* command =
        root.add_subcommand("evolve", "Rounds of critique, validation, training and evaluation")
            ->group(std::string(kLoopGroup));
    addEvolutionOptions(*command, session, *arguments, false);
    command
        ->add_option("--series", arguments->request.series,
                     "Its name (default: the recipe's). The same name and settings go on with it, "
                     "also with more rounds")
        ->type_name("NAME");
    command->footer(
        "A round criticises and validates with the model of the round before, writes what passes "
        "as a\n"
        "training set, trains, and measures the new model on the evaluation sets. Round 0 measures "
        "the\n"
        "base model. Where it stands is in the workspace: after Ctrl+C, an error or a crash scrit "
        "resume\n"
        "goes on, and nothing that was finished is done twice.\n"
        "\n"
        "Examples:\n"
        "  scrit evolve study.scrit --rounds 3 --critic qwen --student qwen --trainer command\n"
        "    --template llama-factory-lora --set heldout --filter 'source:gsm8k -evaluation:yes'\n"
        "  scrit evolve study.scrit --critic base --trainer slurm --template trl-lora --set "
        "heldout\n"
        "    --trainer-value slurm.partition=gpu --preview\n"
        "  scrit evolve study.scrit --recipe scrit-direct --critic qwen --trainer command\n"
        "    --template trl-lora --set heldout --examples 10000 --from base --data accumulate\n"
        "  scrit rounds study.scrit scrit");
    setAction(*command, session, [&session, arguments] { return evolve(session, *arguments); });
}

void addRounds(CLI::App& root, Session& session) {
    struct RoundsArguments {
        std::string workspace;
        std::string series;
        bool json = false;
    };
    const auto arguments = std::make_shared<RoundsArguments>();
    CLI::App* command = root.add_subcommand("rounds", "The rounds and sweeps of a workspace")
                            ->group(std::string(kLoopGroup));
    addWorkspace(*command, arguments->workspace);
    command
        ->add_option("series", arguments->series,
                     "A series or a sweep: its tables (default: the list of series)")
        ->type_name("SERIES");
    addJson(*command, arguments->json, "Print JSON: one object, or for the list one a line");
    command->footer("Examples:\n"
                    "  scrit rounds study.scrit\n"
                    "  scrit rounds study.scrit scrit\n"
                    "  scrit rounds study.scrit sweep --json");
    setAction(*command, session, [arguments] {
        return showRounds(arguments->workspace, arguments->series, arguments->json);
    });
}

} // namespace scrit::cli
