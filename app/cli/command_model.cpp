// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/model_commands.h"
#include "app/cli/terminal.h"
#include "core/backend/gguf.h"
#include "core/backend/gpu.h"
#include "core/backend/server_plan.h"
#include "core/base/text.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

namespace scrit::cli {
namespace {

using base::Expected;

struct ModelArguments {
    std::string workspace;
    std::string name;
    bool json = false;
};

Expected<std::vector<model::Model>> storedModels(const std::string& path) {
    const auto workspace = openToRead(path);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    return store::RunReader(**reader).models();
}

Expected<KnownModel> known(model::Model model) {
    Expected<backend::ModelSettings> settings = backend::settingsOf(model);
    if (!settings) {
        return base::fail(std::move(settings.error()));
    }
    const auto kind = backend::modelKindFromName(model.kind).value_or(backend::ModelKind::OpenAi);
    return KnownModel{std::move(model), kind, std::move(*settings)};
}

Json modelJson(const KnownModel& model) {
    return {{"name", model.model.name},       {"kind", model.model.kind},
            {"place", placeOf(model)},        {"model", textOrNull(model.settings.modelId)},
            {"key", keyJson(model.settings)}, {"settings", embedded(model.model.settings)}};
}

Expected<int> listModels(const ModelArguments& arguments) {
    const auto models = knownModels(arguments.workspace);
    if (!models) {
        return base::fail(models.error());
    }
    if (arguments.json) {
        for (const KnownModel& model : *models) {
            printJson(modelJson(model));
        }
        return kOk;
    }
    Table table({{"model"}, {"kind"}, {"asks for"}, {"where", false, true}, {"key"}});
    for (const KnownModel& model : *models) {
        table.add({base::escapeForTerminal(base::excerpt(model.model.name, 60)), model.model.kind,
                   base::escapeForTerminal(base::excerpt(model.settings.modelId, 60)),
                   base::escapeForTerminal(placeOf(model)), keyText(model.settings)});
    }
    table.finish();
    return kOk;
}

Expected<int> showModel(const ModelArguments& arguments) {
    const auto model = findModel(arguments.workspace, arguments.name);
    if (!model) {
        return base::fail(model.error());
    }
    const std::string plan = planText(*model);
    const std::vector<std::string> warnings =
        backend::settingsWarnings(model->kind, model->settings);
    if (arguments.json) {
        Json json = modelJson(*model);
        json["plan"] = textOrNull(plan);
        json["warnings"] = warnings;
        printJson(json);
        return kOk;
    }
    Table table({{"setting"}, {"value", false, true}});
    table.add({"name", base::escapeForTerminal(base::excerpt(model->model.name, 200))});
    table.add({"kind", model->model.kind});
    table.add({"key", keyText(model->settings)});
    const Json settings = embedded(model->model.settings);
    for (const auto& [key, value] : settings.items()) {
        table.add({key, base::escapeForTerminal(value.is_string() ? value.get<std::string>()
                                                                  : dumped(value))});
    }
    if (!plan.empty()) {
        table.add({"would run", base::escapeForTerminal(plan)});
    }
    table.finish();
    for (const std::string& warning : warnings) {
        printNote(warning);
    }
    return kOk;
}

Expected<int> removeModel(const Session& session, const ModelArguments& arguments) {
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto model = store::RunReader(**reader).model(arguments.name);
    if (!model) {
        return base::fail(model.error());
    }
    const auto written = (*workspace)->write([&](store::Writer& writer) {
        return store::RunWriter(writer).retireModel(model->id, true);
    });
    if (!written) {
        return base::fail(written.error());
    }
    if (!session.quiet) {
        print("removed " + base::escapeForTerminal(model->name) + "; what it wrote stays\n");
    }
    return kOk;
}

void addModelName(CLI::App& command, ModelArguments& arguments) {
    addWorkspace(command, arguments.workspace);
    command.add_option("name", arguments.name, "The model")->type_name("NAME")->required();
}

} // namespace

Expected<KnownModel> findModel(const std::string& workspace, const std::string& name) {
    const auto opened = openToRead(workspace);
    if (!opened) {
        return base::fail(opened.error());
    }
    const auto reader = (*opened)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    Expected<model::Model> model = store::RunReader(**reader).model(name);
    return model ? known(std::move(*model)) : base::fail(std::move(model.error()));
}

Expected<std::vector<KnownModel>> knownModels(const std::string& workspace) {
    Expected<std::vector<model::Model>> stored = storedModels(workspace);
    if (!stored) {
        return base::fail(std::move(stored.error()));
    }
    std::vector<KnownModel> models;
    for (model::Model& model : *stored) {
        Expected<KnownModel> one = known(std::move(model));
        if (!one) {
            return base::fail(std::move(one.error()));
        }
        models.push_back(std::move(*one));
    }
    return models;
}

std::string placeOf(const KnownModel& model) {
    const auto joined = [](const std::vector<std::string>& texts) {
        std::string all;
        for (const std::string& text : texts) {
            all += (all.empty() ? "" : ", ") + text;
        }
        return all;
    };
    if (model.settings.slurm) {
        const int nodes = std::max(model.settings.slurm->nodes, 1);
        return "Slurm, " + std::to_string(nodes) + (nodes == 1 ? " node" : " nodes");
    }
    switch (model.kind) {
    case backend::ModelKind::OpenAi:
        return joined(model.settings.urls);
    case backend::ModelKind::LlamaServer:
        return model.settings.modelFile;
    case backend::ModelKind::Recorded:
        return joined(model.settings.files);
    case backend::ModelKind::Builtin:
        return model.settings.checkpoint.empty() ? "the shipped checkpoint"
                                                 : model.settings.checkpoint;
    case backend::ModelKind::Vllm:
        break;
    }
    return "this machine";
}

std::string keyText(const backend::ModelSettings& settings) {
    if (!settings.keychainEntry.empty()) {
        return "keychain " + base::escapeForTerminal(settings.keychainEntry);
    }
    if (settings.keyVariable.empty()) {
        return "none";
    }
    const char* value = std::getenv(settings.keyVariable.c_str());
    const std::string state = value == nullptr               ? " (not set)"
                              : base::trimmed(value).empty() ? " (empty)"
                                                             : " (set)";
    return "$" + settings.keyVariable + state;
}

Json keyJson(const backend::ModelSettings& settings) {
    if (!settings.keychainEntry.empty()) {
        return {{"source", "keychain"}, {"name", settings.keychainEntry}, {"present", nullptr}};
    }
    if (settings.keyVariable.empty()) {
        return {{"source", nullptr}, {"name", nullptr}, {"present", nullptr}};
    }
    const char* value = std::getenv(settings.keyVariable.c_str());
    return {{"source", "environment"},
            {"name", settings.keyVariable},
            {"present", value != nullptr && !base::trimmed(value).empty()}};
}

std::string planText(const KnownModel& model) {
    if (!backend::isManaged(model.kind) || model.settings.slurm) {
        return {};
    }
    const backend::PlanWishes wishes{model.settings.slots, model.settings.contextTokens,
                                     model.settings.gpuLayers, model.settings.extraArguments};
    backend::ServerPlan plan;
    if (model.kind == backend::ModelKind::LlamaServer) {
        const auto info = backend::readGgufFile(model.settings.modelFile);
        if (!info) {
            return info.error().text();
        }
        plan = backend::planLlamaServer(backend::factsOf(*info), backend::thisMachine(), wishes);
    } else {
        const auto facts = backend::readHubFolder(model.settings.modelId);
        plan = backend::planVllm(facts ? std::optional(*facts) : std::nullopt,
                                 backend::thisMachine(), wishes);
    }
    return plan.reason + (plan.warning.empty() ? "" : "; but " + plan.warning);
}

void addModel(CLI::App& root, Session& session) {
    CLI::App* group = root.add_subcommand("model", "The language models that a workspace knows")
                          ->group(std::string(kLoopGroup))
                          ->require_subcommand(1)
                          ->footer("Examples:\n"
                                   "  scrit model add study.scrit qwen --url "
                                   "http://localhost:8000/v1\n"
                                   "  scrit model check study.scrit qwen\n"
                                   "  scrit model list study.scrit");
    addModelAdd(*group, session);

    const auto list = std::make_shared<ModelArguments>();
    CLI::App* listing = group->add_subcommand("list", "List the models");
    addWorkspace(*listing, list->workspace);
    addJson(*listing, list->json, "Print one JSON object a model and line");
    listing->footer("Examples:\n"
                    "  scrit model list study.scrit\n"
                    "  scrit model list study.scrit --json | jq -r .name");
    setAction(*listing, session, [list] { return listModels(*list); });

    const auto show = std::make_shared<ModelArguments>();
    CLI::App* showing = group->add_subcommand(
        "show", "Show a model's settings and how its server would be started");
    addModelName(*showing, *show);
    addJson(*showing, show->json, "Print one JSON object");
    showing->footer("Examples:\n"
                    "  scrit model show study.scrit qwen");
    setAction(*showing, session, [show] { return showModel(*show); });

    addModelCheck(*group, session);
    addModelServe(*group, session);

    const auto remove = std::make_shared<ModelArguments>();
    CLI::App* removing = group->add_subcommand(
        "remove", "Offer a model no longer; its completions and critiques stay");
    addModelName(*removing, *remove);
    addQuiet(*removing, session);
    removing->footer("Examples:\n"
                     "  scrit model remove study.scrit qwen");
    setAction(*removing, session, [&session, remove] { return removeModel(session, *remove); });
}

} // namespace scrit::cli
