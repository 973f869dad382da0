// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/evolution_options.h"

#include "app/cli/run_output.h"
#include "app/cli/validators.h"
#include "core/base/text.h"
#include "core/loop/miniature.h"
#include "core/store/run_reader.h"

#include <filesystem>

namespace scrit::cli {
namespace {

void addModels(CLI::App& command, EvolutionArguments& arguments) {
    loop::EvolutionRequest& request = arguments.request;
    command
        .add_option("--critic,--base", request.base,
                    "The model that criticises, validates and is trained")
        ->type_name("MODEL")
        ->required();
    command
        .add_option("--student", request.students,
                    "A model that solves the problems first; may be repeated (default: use the "
                    "solutions that are there)")
        ->type_name("MODEL")
        ->allow_extra_args(false);
    command.add_option("--filter", request.filter, "Problems to train on (default: all)")
        ->type_name("EXPR");
    command.add_option("--limit", request.limit, "At most N problems")
        ->type_name("N")
        ->check(wholeFrom(0));
    command
        .add_option("--set", request.sets,
                    "A frozen evaluation set of solutions; may be repeated. Its problems never "
                    "enter training")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->required();
    command
        .add_option("--rounds", request.rounds, "Rounds after the measurement of the base model")
        ->type_name("N")
        ->check(wholeWithin(1, 1000))
        ->capture_default_str();
    command.add_option("--seed", request.seed, "Of all random choices")
        ->type_name("N")
        ->check(wholeFrom(0));
    command
        .add_option("--folder", arguments.folder,
                    "Where data sets and trained models go (default: W.scrit.rounds beside the "
                    "workspace)")
        ->type_name("DIR");
}

void addTrainer(CLI::App& command, Session& session, EvolutionArguments& arguments) {
    loop::EvolutionTrainer& trainer = arguments.request.trainer;
    std::vector<std::string> names;
    for (const std::string_view name : train::trainerNames()) {
        names.emplace_back(name);
    }
    addChoice(command, session, "--trainer", trainer.trainer, std::move(names), "Who trains")
        ->required();
    command
        .add_option("--template", trainer.commandTemplate,
                    "command, slurm: a template by name or a TOML file")
        ->type_name("NAME");
    train::Parameters& parameters = trainer.parameters;
    command.add_option("--epochs", parameters.epochs, "Passes over the training set")
        ->type_name("N");
    command.add_option("--batch", parameters.batch, "Examples of one step, over all devices")
        ->type_name("N");
    command.add_option("--learning-rate", parameters.learningRate, "Its peak")->type_name("X");
    command.add_option("--lora-rank", parameters.loraRank, "0: all weights are trained")
        ->type_name("N");
    command.add_option("--max-length", parameters.maxLength, "Of one example, in tokens")
        ->type_name("N");
    command
        .add_option("--trainer-value", arguments.trainerValues,
                    "A value of the template or the trainer, for example slurm.partition=gpu; may "
                    "be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
}

base::Expected<std::pair<std::string, std::string>> keyAndValue(const std::string& text,
                                                                std::string_view option) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        return base::fail(base::ErrorCode::Invalid,
                          std::string(option) + " wants NAME=VALUE, not \"" + text + "\"");
    }
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

// Numbers, truth values and what is in quotes already stay as they are.
std::string asToml(const std::string& value) {
    const bool number =
        !value.empty() && value.find_first_not_of("0123456789.-+e_") == std::string::npos;
    const bool plain = number || value == "true" || value == "false" || value.starts_with('"');
    return plain ? value : "\"" + value + "\"";
}

// One value for `scrit evolve`, several for `scrit sweep`.
void once(CLI::Option* option, bool several) {
    if (!several) {
        option->expected(1);
    }
}

void addPolicy(CLI::App& command, Session& session, EvolutionArguments& arguments, bool several) {
    loop::EvolutionPolicy& policy = arguments.request.policy;
    const std::string list = several ? "; several with commas" : "";
    once(addChoices(command, session, "--from", arguments.from, {"last", "base"},
                    "What each round's training starts from" + list + " (default: last)"),
         several);
    once(addChoices(command, session, "--data", arguments.data, {"replace", "accumulate"},
                    "Train on the round's own critiques, or on those of earlier rounds, too" +
                        list + " (default: replace)"),
         several);
    once(addChoices(command, session, "--order", arguments.orders,
                    {"random", "easy-first", "hard-first", "stored"},
                    "Order of the training set, by the number of different answers to a problem" +
                        list + " (default: random)"),
         several);
    once(command
             .add_option("--balance", arguments.balances,
                         "Critiques that say correct against incorrect, for example 1:1, or any" +
                             list + " (default: the recipe's)")
             ->type_name("C:I")
             ->delimiter(',')
             ->allow_extra_args(false),
         several);
    once(command
             .add_option("--examples", arguments.examples,
                         "At most N examples in a training set, 0: all" + list)
             ->type_name("N")
             ->delimiter(',')
             ->allow_extra_args(false),
         several);
    command
        .add_option("--problems-per-round", policy.problemsPerRound,
                    "New problems in each round, so many (default: all problems each time)")
        ->type_name("N")
        ->check(wholeFrom(0));
    if (!several) {
        command.add_flag("--no-self-validation", arguments.noSelfValidation,
                         "Train on all critiques instead of those that pass");
    }
    command.add_flag("--keep-copies", policy.keepCopies,
                     "Keep targets that share twelve words in a row with the reference");
    command.add_flag("--keep-leaks", policy.keepLeaks, "Keep targets that mention the reference");
    command.add_flag("--keep-duplicates", arguments.keepDuplicates, "Keep exact duplicates");
    command.add_flag("--no-decontamination", arguments.noDecontamination,
                     "Keep what shares 13 words in a row with an evaluation problem (problems of "
                     "evaluation sets stay out in any case)");
}

void addMeasurement(CLI::App& command, Session& session, EvolutionArguments& arguments) {
    loop::EvolutionEvaluation& evaluation = arguments.request.evaluation;
    addChoices(command, session, "--suite", arguments.suites, {"ei", "cc", "clcs"},
               "What is measured after each round (default: ei,cc)");
    command.add_option("--samples", evaluation.samples, "Critiques of each solution of the set")
        ->type_name("N")
        ->check(wholeWithin(1, 1000));
    command
        .add_option("--temperature", evaluation.temperature,
                    "Of the measured critiques (default: 0, greedy)")
        ->type_name("X")
        ->check(numberWithin(0.0, 5.0));
    command.add_option("--max-tokens", evaluation.maxTokens, "Of a measured critique")
        ->type_name("N")
        ->check(wholeFrom(1));
    loop::RunCaps& caps = arguments.request.caps;
    command
        .add_option("--max-requests", caps.requests,
                    "Stop a round's critiques before more than N requests")
        ->type_name("N")
        ->check(wholeFrom(0));
    command
        .add_option("--max-run-tokens", caps.tokens,
                    "Stop a round's critiques before more than N tokens, both ways")
        ->type_name("N")
        ->check(wholeFrom(0));
    command
        .add_option("--max-cost", caps.cost,
                    "Stop a round's critiques before more than this many US dollars")
        ->type_name("X")
        ->check(numberFrom(0));
}

} // namespace

void addEvolutionOptions(CLI::App& command, Session& session, EvolutionArguments& arguments,
                         bool several) {
    addWorkspace(command, arguments.workspace);
    once(command
             .add_option("--recipe", arguments.recipes,
                         several ? "Recipes by name or TOML file; several with commas"
                                 : "A recipe by name or a TOML file")
             ->type_name("NAME")
             ->delimiter(',')
             ->allow_extra_args(false)
             ->capture_default_str(),
         several);
    addModels(command, arguments);
    addChoice(command, session, "--reference", arguments.reference,
              {"solutions", "problem", "either"},
              "What a contrastive critic is shown: another correct solution, the problem's own "
              "reference solution, or that where there is one (default: as the recipe says)");
    command
        .add_option("--recipe-value", arguments.recipeValues,
                    "Another value in the recipes, for example critic.temperature=1.0; may be "
                    "repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    addTrainer(command, session, arguments);
    addPolicy(command, session, arguments, several);
    addMeasurement(command, session, arguments);
    command.add_flag("--preview,--dry-run", arguments.preview,
                     "Check everything and only say what would be done");
    addJson(command, arguments.json,
            "Print one JSON object a second while it runs, and one at the end");
    addQuiet(command, session);
}

base::Expected<bool> isMiniature(store::Workspace& workspace, const EvolutionArguments& arguments) {
    const auto reader = workspace.reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto model = store::RunReader(**reader).model(arguments.request.base);
    return model && loop::isMiniature(*model); // that there is none is told later
}

base::Expected<loop::Recipe> recipeOf(const EvolutionArguments& arguments, const std::string& name,
                                      bool miniature) {
    auto recipe = loop::loadRecipe(name);
    if (recipe && miniature) {
        recipe = loop::miniatureRecipe(*recipe);
    }
    std::vector<std::pair<std::string, std::string>> values;
    if (!arguments.reference.empty()) {
        values.emplace_back("select.reference", "\"" + arguments.reference + "\"");
    }
    for (const std::string& given : arguments.recipeValues) {
        const auto value = keyAndValue(given, "--recipe-value");
        if (!value) {
            return base::fail(value.error());
        }
        values.emplace_back(value->first, asToml(value->second));
    }
    return recipe && !values.empty() ? loop::changedRecipe(*recipe, values) : recipe;
}

base::Expected<loop::EvolutionRequest> evolutionRequest(const EvolutionArguments& arguments,
                                                        bool miniature) {
    loop::EvolutionRequest request = arguments.request;
    auto recipe = recipeOf(arguments, arguments.recipes.front(), miniature);
    if (!recipe) {
        return base::fail(recipe.error());
    }
    request.recipe = std::move(*recipe);
    loop::EvolutionPolicy& policy = request.policy;
    policy.selfValidation = !arguments.noSelfValidation;
    policy.dropDuplicates = !arguments.keepDuplicates;
    policy.decontaminate = !arguments.noDecontamination;
    if (miniature) {
        policy = loop::miniaturePolicy(policy);
    }
    if (arguments.from.size() == 1) {
        policy.from = loop::trainFromName(arguments.from.front()).value_or(policy.from);
    }
    if (arguments.data.size() == 1) {
        policy.data = loop::dataUseFromName(arguments.data.front()).value_or(policy.data);
    }
    if (arguments.orders.size() == 1) {
        policy.order = loop::orderFromName(arguments.orders.front()).value_or(policy.order);
    }
    if (arguments.balances.size() == 1) {
        policy.balance = arguments.balances.front();
    }
    if (arguments.examples.size() == 1) {
        policy.examples = arguments.examples.front();
    }
    if (!arguments.suites.empty()) {
        request.evaluation.suites.clear();
        for (const std::string& name : arguments.suites) {
            const auto suite = loop::suiteNamed(name);
            if (!suite) {
                return base::fail(suite.error());
            }
            request.evaluation.suites.push_back(*suite);
        }
    }
    for (const std::string& value : arguments.trainerValues) {
        auto pair = keyAndValue(value, "--trainer-value");
        if (!pair) {
            return base::fail(pair.error());
        }
        request.trainer.values[pair->first] = pair->second;
    }
    if (!arguments.folder.empty()) {
        std::error_code error;
        request.folder = std::filesystem::absolute(arguments.folder, error);
    }
    return request;
}

base::Expected<int> printEvolutionPreview(const loop::EvolutionPreview& preview,
                                          const loop::EvolutionRequest& request, bool json) {
    if (json) {
        Json sets = Json::array();
        for (const auto& set : preview.sets) {
            sets.push_back({{"name", set.name}, {"size", set.size}});
        }
        printJson({{"series", preview.series},
                   {"exists", preview.exists},
                   {"rounds", request.rounds},
                   {"problems", preview.problems},
                   {"problems_in_round", preview.problemsInRound},
                   {"view", preview.view},
                   {"sets", std::move(sets)},
                   {"first_round", previewJson(preview.run)}});
        return kOk;
    }
    print((preview.exists ? "Goes on with the series " : "Begins the series ") +
          base::escapeForTerminal(preview.series) + ": " + std::to_string(request.rounds) +
          " rounds on " + std::to_string(preview.problems) + " problems (" +
          std::to_string(preview.problemsInRound) + " in each), " + text(request.policy) +
          ".\nTraining data in the view " + preview.view + "; measured on ");
    for (std::size_t i = 0; i < preview.sets.size(); ++i) {
        print((i > 0 ? ", " : "") + base::escapeForTerminal(preview.sets[i].name) + " (" +
              std::to_string(preview.sets[i].size) + " solutions)");
    }
    print(".\n\nThe first round's critiques:\n");
    printPreview(preview.run);
    return kOk;
}

} // namespace scrit::cli
