// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/model_commands.h"
#include "app/cli/validators.h"
#include "core/backend/child_process.h"
#include "core/backend/open_model.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace scrit::cli {
namespace {

using base::Expected;

struct AddArguments {
    std::string workspace;
    std::string name;
    std::string kind;
    std::vector<std::string> urls;
    std::string modelId;
    std::optional<std::string> keyVariable;
    std::optional<std::string> keychainEntry;
    std::optional<double> priceIn;
    std::optional<double> priceOut;
    std::optional<std::int64_t> requestsPerMinute;
    std::optional<std::int64_t> tokensPerMinute;
    std::optional<std::int64_t> inFlight;
    std::optional<std::int64_t> context;
    std::string extraBody;
    std::optional<std::int64_t> timeoutSeconds;
    bool noStream = false;
    std::string modelFile;
    std::vector<std::string> adapters;
    std::vector<std::string> serverArguments;
    std::string program;
    std::optional<std::int64_t> port;
    std::optional<std::int64_t> slots;
    std::optional<std::int64_t> gpuLayers;
    std::vector<std::string> slurm;
    std::vector<std::string> files;
    std::string checkpoint;
    bool replace = false;
};

// Another folder must find the file too.
std::string absolutePath(const std::string& path) {
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    return error ? path : whole.lexically_normal().string();
}

std::vector<std::string> absolutePaths(const std::vector<std::string>& paths) {
    std::vector<std::string> whole;
    whole.reserve(paths.size());
    for (const std::string& path : paths) {
        whole.push_back(absolutePath(path));
    }
    return whole;
}

// "--threads 4" is two words for the server, "--threads=4" and "/my file" are one.
std::vector<std::string> wordsOf(const std::vector<std::string>& arguments) {
    std::vector<std::string> words;
    for (const std::string& argument : arguments) {
        const std::size_t space =
            argument.starts_with('-') ? argument.find(' ') : std::string::npos;
        words.push_back(argument.substr(0, space));
        if (space != std::string::npos) {
            words.emplace_back(base::trimmed(std::string_view(argument).substr(space)));
        }
    }
    return words;
}

// "--slurm 4 --slurm partition=gpu" as the JSON object that is stored.
Expected<Json> slurmGiven(const std::vector<std::string>& given) {
    std::map<std::string, std::string> values;
    for (const std::string& one : given) {
        const std::size_t equals = one.find('=');
        const bool isCount =
            equals == std::string::npos && one.find_first_not_of("0123456789") == std::string::npos;
        if (equals == std::string::npos && !isCount) {
            return base::fail(base::ErrorCode::Invalid,
                              "--slurm " + base::escapeForTerminal(base::excerpt(one, 60)) +
                                  " is neither a number of nodes nor NAME=VALUE",
                              "write it like --slurm 4 --slurm partition=gpu --slurm gres=gpu:1");
        }
        std::string& value = values["slurm." + (isCount ? "nodes" : one.substr(0, equals))];
        value += (value.empty() ? "" : "\n") + (isCount ? one : one.substr(equals + 1));
    }
    const auto settings = backend::slurmSettingsFromValues(values);
    if (!settings) {
        return base::fail(settings.error());
    }
    return Json::parse(backend::slurmSettingsJson(*settings), nullptr, false);
}

backend::ModelKind kindOf(const AddArguments& arguments) {
    if (!arguments.kind.empty()) {
        return backend::modelKindFromName(arguments.kind).value_or(backend::ModelKind::OpenAi);
    }
    return !arguments.modelFile.empty()    ? backend::ModelKind::LlamaServer
           : !arguments.files.empty()      ? backend::ModelKind::Recorded
           : !arguments.checkpoint.empty() ? backend::ModelKind::Builtin
                                           : backend::ModelKind::OpenAi;
}

// What was given, as the JSON that is stored; the kind decides what of it is allowed.
Expected<Json> settingsGiven(const AddArguments& arguments) {
    Json json = Json::object();
    const auto put = [&json](const char* key, const auto& value) {
        if (value) {
            json[key] = *value;
        }
    };
    const auto putText = [&json](const char* key, const auto& value) {
        if (!value.empty()) {
            json[key] = value;
        }
    };
    putText("urls", arguments.urls);
    // A folder with a model is found from elsewhere too; a name at a hub is none.
    std::error_code error;
    const bool isFolder = kindOf(arguments) == backend::ModelKind::Vllm &&
                          std::filesystem::is_directory(arguments.modelId, error);
    putText("model", isFolder ? absolutePath(arguments.modelId) : arguments.modelId);
    put("key_env", arguments.keyVariable);
    put("keychain", arguments.keychainEntry);
    put("price_prompt", arguments.priceIn);
    put("price_completion", arguments.priceOut);
    put("rpm", arguments.requestsPerMinute);
    put("tpm", arguments.tokensPerMinute);
    put("max_in_flight", arguments.inFlight);
    put("context", arguments.context);
    if (!arguments.extraBody.empty()) {
        json["extra_body"] = Json::parse(arguments.extraBody, nullptr, false);
        if (!json["extra_body"].is_object()) {
            return base::fail(base::ErrorCode::Invalid, "--extra-body is no JSON object",
                              "write it like --extra-body '{\"top_k\": 20}'");
        }
    }
    if (arguments.timeoutSeconds) {
        json["deadlines"] = {{"first_byte_ms", *arguments.timeoutSeconds * 1000},
                             {"total_ms", *arguments.timeoutSeconds * 1000}};
    }
    if (arguments.noStream) {
        json["stream"] = false;
    }
    if (!arguments.modelFile.empty()) {
        json["gguf"] = absolutePath(arguments.modelFile);
    }
    putText("lora", absolutePaths(arguments.adapters));
    putText("args", wordsOf(arguments.serverArguments));
    const bool isPath = arguments.program.find('/') != std::string::npos;
    putText("program", isPath ? absolutePath(arguments.program) : arguments.program);
    put("port", arguments.port);
    put("slots", arguments.slots);
    put("gpu_layers", arguments.gpuLayers);
    if (!arguments.slurm.empty()) {
        const Expected<Json> slurm = slurmGiven(arguments.slurm);
        if (!slurm) {
            return base::fail(slurm.error());
        }
        json["slurm"] = *slurm;
    }
    putText("files", absolutePaths(arguments.files));
    if (!arguments.checkpoint.empty()) {
        json["checkpoint"] = absolutePath(arguments.checkpoint);
    }
    return json;
}

Expected<void> checkKeyName(const std::optional<std::string>& name, std::string_view option) {
    if (name && base::trimmed(*name).empty()) {
        return base::fail(base::ErrorCode::Invalid, std::string(option) + " is empty",
                          "give a name, or leave the option out for a server without keys");
    }
    return {};
}

void noteDoubts(backend::ModelKind kind, const backend::ModelSettings& settings) {
    for (const std::string& warning : backend::settingsWarnings(kind, settings)) {
        printNote(warning);
    }
    if (!settings.keyVariable.empty()) {
        if (const auto key = backend::keyFromEnvironment(settings); !key) {
            printNote(key.error().text());
        }
    }
    const std::string program =
        settings.program.empty() ? std::string(backend::name(kind)) : settings.program;
    if (settings.slurm && !backend::findProgram("sbatch")) {
        printNote("Slurm is not installed here: use this model on a login node of the cluster");
    }
    if (backend::isManaged(kind) && !settings.slurm && !backend::findProgram(program)) {
        printNote("the program " + program +
                  " is not on this machine yet: install it, or name it with --program");
    }
}

Expected<void> storeModel(const AddArguments& arguments, model::Model model) {
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    if (arguments.replace) {
        const auto reader = (*workspace)->reader();
        if (!reader) {
            return base::fail(reader.error());
        }
        const auto stored = store::RunReader(**reader).models();
        if (!stored) {
            return base::fail(stored.error());
        }
        for (const model::Model& other : *stored) {
            model.id = other.name == model.name ? other.id : model.id;
        }
    }
    return (*workspace)->write([&](store::Writer& writer) -> Expected<void> {
        store::RunWriter runs(writer);
        if (model.id != 0) {
            return runs.updateModel(model);
        }
        const auto added = runs.addModel(model);
        return added ? Expected<void>{} : base::fail(added.error());
    });
}

Expected<int> add(const Session& session, const AddArguments& arguments) {
    const std::string name(base::trimmed(arguments.name));
    if (name.empty() || name != arguments.name || name.size() > 200 || !base::isValidUtf8(name) ||
        base::escapeForTerminal(name) != name || name.find_first_of("\n\t") != std::string::npos) {
        return base::fail(base::ErrorCode::Invalid, "the name of a model is one line of text",
                          "choose another name");
    }
    for (const auto& checked : {checkKeyName(arguments.keyVariable, "--key-env"),
                                checkKeyName(arguments.keychainEntry, "--keychain")}) {
        if (!checked) {
            return base::fail(checked.error());
        }
    }
    const backend::ModelKind kind = kindOf(arguments);
    const Expected<Json> given = settingsGiven(arguments);
    if (!given) {
        return base::fail(given.error());
    }
    const auto settings = backend::settingsFromJson(kind, dumped(*given));
    if (!settings) {
        return base::fail(settings.error());
    }
    if (const auto files = backend::checkModelFiles(kind, *settings); !files) {
        return base::fail(files.error());
    }
    model::Model model;
    model.name = name;
    model.kind = backend::name(kind);
    model.settings = backend::settingsJson(kind, *settings);
    model.createdAt = base::unixMillis();
    const Expected<void> stored = storeModel(arguments, std::move(model));
    if (!stored) {
        return base::fail(stored.error());
    }
    if (!session.quiet) {
        noteDoubts(kind, *settings);
        print("added " + name + "; scrit model check " +
              base::escapeForTerminal(arguments.workspace) + " " + name + " tries it\n");
    }
    return kOk;
}

void addOptions(CLI::App& command, Session& session, AddArguments& a) {
    const auto number = [&command](const char* name, std::optional<std::int64_t>& value,
                                   const char* description, std::int64_t least) {
        command.add_option(name, value, description)
            ->type_name("N")
            ->check(wholeWithin(least, 1'000'000'000'000));
    };
    const auto text = [&command](const char* name, auto& value, const char* type,
                                 const char* description) {
        return command.add_option(name, value, description)->type_name(type);
    };
    addWorkspace(command, a.workspace);
    text("name", a.name, "NAME", "What the model is called here")->required();
    addChoice(command, session, "--kind", a.kind,
              {"openai", "llama-server", "vllm", "recorded", "builtin"},
              "What it is (default: llama-server with --gguf, recorded with --file, builtin with "
              "--checkpoint, else openai)");
    text("--url", a.urls, "URL", "Base URL with /v1; several make a pool")->allow_extra_args(false);
    text("--model", a.modelId, "ID", "The server's name of the model; vllm: a folder or hub name");
    text("--key-env", a.keyVariable, "VAR",
         "The NAME of the environment variable that holds the API key");
    text("--keychain", a.keychainEntry, "ENTRY",
         "The desktop keychain's entry with the API key (Studio)");
    text("--price-in", a.priceIn, "X", "US dollars for a million prompt tokens");
    text("--price-out", a.priceOut, "X", "US dollars for a million new tokens");
    number("--rpm", a.requestsPerMinute, "Most requests a minute and URL", 0);
    number("--tpm", a.tokensPerMinute, "Most tokens a minute and URL", 0);
    number("--max-in-flight", a.inFlight, "Most requests at once and URL", 1);
    number("--context", a.context, "Tokens that one request may have, prompt and answer", 1);
    number("--timeout", a.timeoutSeconds, "Seconds that one request may take", 1);
    text("--extra-body", a.extraBody, "JSON", "An object merged into each request");
    command.add_flag("--no-stream", a.noStream, "Ask for whole answers instead of streams");
    text("--gguf", a.modelFile, "FILE", "llama-server: the model");
    text("--lora", a.adapters, "FILE", "llama-server: an adapter; may be repeated")
        ->allow_extra_args(false);
    text("--arg", a.serverArguments, "ARG",
         "More for the server's command line: --arg='--threads 4'; wins over what is planned")
        ->allow_extra_args(false);
    text("--program", a.program, "PATH", "The server's program, where it is not on the PATH");
    number("--port", a.port, "The server's port (default: a free one)", 0);
    number("--slots", a.slots, "Requests at once (default: by free memory)", 1);
    number("--gpu-layers", a.gpuLayers, "llama-server: layers on the GPU (default: by free memory)",
           0);
    text("--slurm", a.slurm, "N|NAME=VALUE",
         "llama-server, vllm: serve on N nodes through Slurm; also partition, account, gres, time, "
         "memory, cpus, lines, setup, folder; may be repeated")
        ->allow_extra_args(false);
    text("--file", a.files, "FILE", "recorded: JSON Lines with completions; may be repeated")
        ->allow_extra_args(false);
    text("--checkpoint", a.checkpoint, "FILE",
         "builtin: trained weights of the miniature (default: those that come with scrit)");
    command.add_flag("--replace", a.replace, "Change the model of this name if there is one");
    addQuiet(command, session);
}

} // namespace

void addModelAdd(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<AddArguments>();
    CLI::App* command =
        group.add_subcommand("add", "Add a model: a server, a model file, a record");
    addOptions(*command, session, *arguments);
    command->footer(
        "Keys are never stored: the workspace holds only the name of the variable or entry.\n"
        "A recorded line is {\"prompt_hash\" or \"problem\" [and \"solution\"], \"text\"} and may "
        "have\n"
        "\"seed\", \"finish_reason\", \"prompt_tokens\", \"completion_tokens\".\n"
        "\n"
        "Examples:\n"
        "  scrit model add study.scrit qwen --url http://localhost:8000/v1 --model "
        "Qwen/Qwen2.5-72B\n"
        "  scrit model add study.scrit deepseek --url https://api.deepseek.com/v1 --model "
        "deepseek-chat \\\n"
        "      --key-env DEEPSEEK_API_KEY --price-in 0.27 --price-out 1.10 --max-in-flight 64\n"
        "  scrit model add study.scrit local --gguf qwen2.5-7b-q4.gguf --slots 4 --context 8192\n"
        "  scrit model add study.scrit local --gguf base.gguf --lora round1.gguf "
        "--arg='--threads 8'\n"
        "  scrit model add study.scrit node --kind vllm --model /models/qwen2.5-32b\n"
        "  scrit model add study.scrit pool --kind vllm --model /models/qwen2.5-32b --slurm 4 \\\n"
        "      --slurm partition=gpu --slurm gres=gpu:1 --slurm time=12:00:00\n"
        "  scrit model add study.scrit old --file critiques.jsonl\n"
        "  scrit model add study.scrit mini --kind builtin");
    setAction(*command, session, [&session, arguments] { return add(session, *arguments); });
}

} // namespace scrit::cli
