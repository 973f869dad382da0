// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/export_options.h"
#include "app/cli/progress_line.h"
#include "app/cli/terminal.h"
#include "app/cli/train_output.h"
#include "app/cli/validators.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/loop/training.h"
#include "core/store/round_reader.h"
#include "core/store/run_reader.h"
#include "core/train/command_template.h"
#include "core/train/trainer.h"

#include <cstdio>
#include <memory>

namespace scrit::cli {
namespace {

struct TrainArguments {
    std::string workspace;
    std::string base;
    std::vector<std::string> values; // NAME=VALUE
    std::string data;
    std::string folder;
    std::int64_t resume = 0;
    bool list = false;
    bool json = false;
    CurationArguments curation;
    loop::TrainingRequest request; // what needs no translation
};

// Shows a training while it runs, and the rows while the data set is written.
class TrainingDisplay {
public:
    TrainingDisplay(const Session& session, bool json)
        : m_json(json), m_line(!json && !session.quiet && stderrIsTerminal()) {}
    ~TrainingDisplay() { clear(); }
    TrainingDisplay(const TrainingDisplay&) = delete;
    TrainingDisplay& operator=(const TrainingDisplay&) = delete;

    void show(const loop::TrainingProgress& progress) {
        const std::int64_t time = base::steadyMillis();
        if ((!m_json && !m_line) || time - m_shownAt < (m_json ? 1000 : 200)) {
            return;
        }
        m_shownAt = time;
        if (m_json) {
            printJson(trainingProgressJson(progress));
            pushOutput();
        } else {
            const std::string text = base::escapeForTerminal(trainingLine(progress));
            std::fputs(("\r\x1b[K" + fitted(text, terminalWidth() - 1)).c_str(), stderr);
            std::fflush(stderr);
        }
    }
    void clear() const {
        if (m_line) {
            std::fputs("\r\x1b[K", stderr);
            std::fflush(stderr);
        }
    }

private:
    bool m_json;
    bool m_line;
    std::int64_t m_shownAt = 0;
};

train::MakeTrainer trainerMaker() {
    return [](std::string_view name) {
        return train::makeTrainer(name);
    };
}

base::Expected<std::map<std::int64_t, std::string>> modelNames(store::Reader& reader) {
    const auto models = store::RunReader(reader).models(true);
    if (!models) {
        return base::fail(models.error());
    }
    std::map<std::int64_t, std::string> names;
    for (const model::Model& model : *models) {
        names[model.id] = model.name;
    }
    return names;
}

base::Expected<int> listTrainings(const TrainArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto trainings = store::RoundReader(**reader).trainings();
    const auto names = modelNames(**reader);
    if (!trainings || !names) {
        return base::fail(!trainings ? trainings.error() : names.error());
    }
    if (!arguments.json) {
        printTrainings(*trainings, *names);
        return kOk;
    }
    for (const model::Training& training : *trainings) {
        printJson(trainingJson(training, *names));
    }
    return kOk;
}

base::Expected<loop::TrainingRequest> trainingRequest(store::Reader& reader,
                                                      const TrainArguments& arguments) {
    loop::TrainingRequest request = arguments.request;
    for (const auto& [value, option] : {std::pair{std::as_const(request.trainer), "--trainer"},
                                        {arguments.base, "--base"},
                                        {std::as_const(request.name), "--name"}}) {
        if (value.empty()) {
            return base::fail(base::ErrorCode::Invalid, std::string(option) + " is missing",
                              "see scrit train --help");
        }
    }
    const auto base = store::RunReader(reader).model(arguments.base);
    auto dataset = curationOf(arguments.curation);
    if (!base || !dataset) {
        return base::fail(!base ? base.error() : dataset.error());
    }
    request.baseModelId = base->id;
    request.dataset = std::move(*dataset);
    request.dataset.title = "Training set of " + request.name;
    request.data = arguments.data;
    request.folder = arguments.folder;
    for (const std::string& pair : arguments.values) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || equals == 0) {
            return base::fail(base::ErrorCode::Invalid,
                              "--trainer-value takes NAME=VALUE, not \"" + base::excerpt(pair, 60) +
                                  "\"",
                              "for example --trainer-value gpus=4");
        }
        request.values[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return request;
}

base::Expected<int> trainModel(Session& session, const TrainArguments& arguments) {
    if (arguments.list) {
        return listTrainings(arguments);
    }
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    std::int64_t id = arguments.resume;
    if (id == 0) {
        const auto request = trainingRequest(**reader, arguments);
        if (!request) {
            return base::fail(request.error());
        }
        ProgressLine progress(session);
        const auto created = loop::createTraining(
            **workspace, *request, trainerMaker(),
            arguments.json ? loop::ProgressFunction{} : progress.function(), session.cancel);
        progress.clear();
        if (!created) {
            return base::fail(created.error());
        }
        id = *created;
    }
    TrainingDisplay display(session, arguments.json);
    const auto result = loop::runTraining(
        *workspace, id, trainerMaker(),
        [&display](const loop::TrainingProgress& progress) { display.show(progress); },
        session.cancel);
    display.clear();
    if (!result) {
        base::Error error = result.error().withContext("training " + std::to_string(id));
        if (error.code == base::ErrorCode::Cancelled) {
            error.advice = "scrit train W.scrit --resume " + std::to_string(id) + " goes on";
        }
        return base::fail(std::move(error));
    }
    const auto training = store::RoundReader(**reader).training(id);
    const auto names = modelNames(**reader);
    if (!training || !names) {
        return base::fail(!training ? training.error() : names.error());
    }
    if (arguments.json) {
        Json last = trainingJson(*training, *names);
        last["model"] = result->modelName;
        last["kind"] = result->kind;
        printJson(last);
    } else if (!session.quiet) {
        print("Training " + std::to_string(id) + " has made the model " +
              base::escapeForTerminal(result->modelName) + " (" + result->kind + ").\n");
    }
    return kOk;
}

std::string templatesText() {
    std::string text;
    const auto names = train::commandTemplateNames();
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        const auto form = train::loadCommandTemplate(name);
        text += "  " + padded(name, 24) + wrapped(form ? form->description : "", 72, 26) + "\n";
    }
    return text.empty() ? text : "Templates of the trainers command and slurm:\n" + text + "\n";
}

void addHyperParameters(CLI::App& command, train::Parameters& parameters) {
    command.add_option("--epochs", parameters.epochs, "Passes over the training set")
        ->type_name("N");
    command.add_option("--batch", parameters.batch, "Examples of one step, over all devices")
        ->type_name("N");
    command.add_option("--lr,--learning-rate", parameters.learningRate, "Its peak")->type_name("X");
    command.add_option("--warm-up", parameters.warmUp, "Share of the steps until it is reached")
        ->type_name("X");
    command.add_option("--max-length", parameters.maxLength, "Of one example, in tokens")
        ->type_name("N");
    command.add_option("--lora-rank", parameters.loraRank, "Of an adapter; 0: all weights")
        ->type_name("N");
    command.add_option("--training-seed", parameters.seed, "Seed of the training")
        ->type_name("N")
        ->check(wholeFrom(0));
}

} // namespace

void addTrain(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<TrainArguments>();
    loop::TrainingRequest& request = arguments->request;
    CLI::App* command =
        root.add_subcommand("train", "Train a model on critiques and add it to the workspace")
            ->group(std::string(kLoopGroup));
    addWorkspace(*command, arguments->workspace);
    std::vector<std::string> names(train::trainerNames().begin(), train::trainerNames().end());
    addChoice(*command, session, "--trainer", request.trainer, std::move(names), "Who trains");
    command->add_option("--base", arguments->base, "The model that is trained further")
        ->type_name("MODEL");
    command->add_option("--name", request.name, "Of the new model")->type_name("NAME");
    command
        ->add_option("--template", request.commandTemplate,
                     "command, slurm: what to start, a shipped template or a TOML file")
        ->type_name("NAME|FILE");
    addHyperParameters(*command, request.parameters);
    command
        ->add_option("--trainer-value", arguments->values,
                     "More for the trainer: gpus=4, micro_batch=2, model=FOLDER (template), "
                     "slurm.partition=gpu, device=cuda (builtin), learning_rate_multiplier=0.5 "
                     "(openai-ft); may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command
        ->add_option("--data", arguments->data,
                     "Train on this export of the workspace instead of making one")
        ->type_name("DIR");
    command
        ->add_option("--folder", arguments->folder,
                     "Of data, log and weights (default: NAME in W.trainings beside the workspace)")
        ->type_name("DIR");
    addCurationOptions(*command, session, arguments->curation);
    command->add_option("--resume", arguments->resume, "Go on with this training")
        ->type_name("ID")
        ->check(wholeFrom(1))
        ->excludes("--trainer")
        ->excludes("--name");
    command->add_flag("--list", arguments->list, "List the trainings and do nothing else");
    addJson(*command, arguments->json,
            "Print one JSON object a second while it trains, and one at the end");
    addQuiet(*command, session);
    command->footer(
        templatesText() +
        "The data set is written first, in the view that the trainer reads; rows of frozen\n"
        "evaluation sets are refused. The model is added once its weights are whole. A training\n"
        "that was stopped, killed or failed goes on with --resume. Where nothing is given, the\n"
        "paper's hyper-parameters hold (batch 256, rate 5e-6, 1 epoch, warm-up 0.03); the builtin\n"
        "trainer has its own (16, 6e-4, 2 epochs), a server of openai-ft chooses.\n"
        "\n"
        "Examples:\n"
        "  scrit train study.scrit --trainer builtin --base builtin --name round1 --filter "
        "'validated:yes evaluation:no' --balance 1:1\n"
        "  scrit train study.scrit --trainer command --template llama-factory-lora --base qwen "
        "--name qwen-1 --trainer-value gpus=4\n"
        "  scrit train study.scrit --trainer openai-ft --base gpt --name gpt-1 --data sft\n"
        "  scrit train study.scrit --list\n"
        "  scrit train study.scrit --resume 3");
    setAction(*command, session, [&session, arguments] { return trainModel(session, *arguments); });
}

} // namespace scrit::cli
