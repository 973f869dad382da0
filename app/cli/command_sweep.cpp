// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/evolution_options.h"
#include "app/cli/evolution_output.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"

#include <memory>

namespace scrit::cli {
namespace {

struct SweepArguments {
    EvolutionArguments evolution;
    std::string name;
    std::vector<std::string> selfValidation;
};

base::Expected<loop::SweepRequest> sweepRequest(const SweepArguments& arguments, bool miniature) {
    const EvolutionArguments& given = arguments.evolution;
    auto common = evolutionRequest(given, miniature);
    if (!common) {
        return base::fail(common.error());
    }
    loop::SweepRequest request;
    request.name = arguments.name;
    request.common = std::move(*common);
    for (const std::string& name : given.recipes) {
        auto recipe = recipeOf(given, name, miniature);
        if (!recipe) {
            return base::fail(recipe.error());
        }
        request.recipes.push_back(std::move(*recipe));
    }
    for (const std::string& with : arguments.selfValidation) {
        request.selfValidation.push_back(with == "yes");
    }
    request.examples = given.examples;
    request.balances = given.balances;
    for (const std::string& order : given.orders) {
        request.orders.push_back(loop::orderFromName(order).value_or(curate::Order::Random));
    }
    for (const std::string& from : given.from) {
        request.from.push_back(loop::trainFromName(from).value_or(loop::TrainFrom::Last));
    }
    for (const std::string& use : given.data) {
        request.data.push_back(loop::dataUseFromName(use).value_or(loop::DataUse::Replace));
    }
    return request;
}

base::Expected<int> previewSweep(store::Workspace& workspace, const loop::SweepRequest& request,
                                 const train::MakeTrainer& trainers, bool json) {
    const auto cells = loop::cellsOf(request);
    if (!cells) {
        return base::fail(cells.error());
    }
    Json list = Json::array();
    Table table({{"series"}, {"policy", false, true}});
    for (const loop::EvolutionRequest& cell : *cells) {
        if (const auto preview = loop::previewEvolution(workspace, cell, trainers); !preview) {
            return base::fail(preview.error());
        }
        list.push_back(cell.series);
        table.add({base::escapeForTerminal(cell.series),
                   base::escapeForTerminal(cell.recipe.name + ", " + text(cell.policy))});
    }
    if (json) {
        printJson({{"sweep", cells->front().sweep}, {"cells", std::move(list)}});
    } else {
        table.finish();
    }
    return kOk;
}

base::Expected<int> sweep(Session& session, const SweepArguments& arguments) {
    const auto workspace = openToWrite(arguments.evolution.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto miniature = isMiniature(**workspace, arguments.evolution);
    const auto request =
        miniature ? sweepRequest(arguments, *miniature) : base::fail(miniature.error());
    if (!request) {
        return base::fail(request.error());
    }
    const train::MakeTrainer trainers = [](std::string_view name) {
        return train::makeTrainer(name);
    };
    if (arguments.evolution.preview) {
        return previewSweep(**workspace, *request, trainers, arguments.evolution.json);
    }
    const auto name = loop::createSweep(**workspace, *request, trainers);
    return name ? watchSweep(session, *workspace, *name, arguments.evolution.json)
                : base::fail(name.error());
}

} // namespace

void addSweep(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<SweepArguments>();
    CLI::App* command =
        root.add_subcommand("sweep",
                            "A grid of recipes and policies on identical items, as a table")
            ->group(std::string(kLoopGroup));
    addEvolutionOptions(*command, session, arguments->evolution, true);
    addChoices(*command, session, "--self-validation", arguments->selfValidation, {"yes", "no"},
               "Train on critiques that pass, or on all of them; several with commas");
    command
        ->add_option("--name", arguments->name,
                     "Of the sweep (default: sweep). The same name and settings go on with it")
        ->type_name("NAME");
    command->footer(
        "Every combination is a series of its own; solutions, critiques and validations that "
        "several\n"
        "have in common are asked for once. The first value of each option makes the first cell, "
        "with\n"
        "which the others are compared on the same items.\n"
        "\n"
        "Examples:\n"
        "  scrit sweep study.scrit --critic qwen --trainer command --template trl-lora\n"
        "    --set heldout --recipe scrit,scrit-direct,scrit-bug-injection\n"
        "  scrit sweep study.scrit --critic qwen --trainer builtin --set heldout\n"
        "    --self-validation yes,no --balance 1:1,3:1,1:3 --examples 0,100,1000\n"
        "  scrit rounds study.scrit sweep");
    setAction(*command, session, [&session, arguments] { return sweep(session, *arguments); });
}

} // namespace scrit::cli
