// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/open_model.h"

#include "core/backend/builtin_backend.h"
#include "core/backend/child_process.h"
#include "core/backend/gguf.h"
#include "core/backend/openai_backend.h"
#include "core/backend/recorded_backend.h"
#include "core/backend/served_model.h"
#include "core/backend/slurm_serving.h"
#include "core/base/text.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

namespace scrit::backend {
namespace {

constexpr int kUsualWindow = 512;

// A model whose endpoints never change.
class SteadyModel final : public ModelHandle {
public:
    SteadyModel(std::vector<Endpoint> endpoints, const ModelSettings& settings,
                std::string identity)
        : m_endpoints(std::move(endpoints)), m_prices(settings.prices),
          m_context(settings.contextTokens), m_identity(std::move(identity)) {}

    [[nodiscard]] std::vector<Endpoint> endpoints() const override { return m_endpoints; }
    void onChange(std::function<void()>) override {}
    [[nodiscard]] std::optional<base::Error> failure() const override { return std::nullopt; }
    [[nodiscard]] Prices prices() const override { return m_prices; }
    [[nodiscard]] std::string identity() const override { return m_identity; }
    [[nodiscard]] std::optional<std::int64_t> contextTokens() const override {
        return m_context > 0 ? std::optional(m_context) : std::nullopt;
    }

private:
    std::vector<Endpoint> m_endpoints;
    Prices m_prices;
    std::int64_t m_context;
    std::string m_identity;
};

base::Expected<void> checkProgram(ModelKind kind, const ModelSettings& settings) {
    const std::string program =
        settings.program.empty() ? std::string(name(kind)) : settings.program;
    if (findProgram(program)) {
        return {};
    }
    return base::fail(base::ErrorCode::Unavailable,
                      "the program " + base::makeVisibleUtf8(program) + " was not found",
                      kind == ModelKind::Vllm
                          ? "install vLLM, or name its program with --program"
                          : "install llama.cpp, or name its llama-server with --program");
}

} // namespace

std::string_view name(ServingState state) {
    switch (state) {
    case ServingState::Submitting:
        return "submitting";
    case ServingState::Waiting:
        return "waiting";
    case ServingState::Starting:
        return "starting";
    case ServingState::Serving:
        return "serving";
    case ServingState::Stopped:
        return "stopped";
    case ServingState::Failed:
        return "failed";
    }
    return "failed";
}

base::Expected<std::string> keyFromEnvironment(const ModelSettings& settings) {
    if (!settings.keychainEntry.empty()) {
        return base::fail(base::ErrorCode::Auth,
                          "the key of this model is in the desktop's keychain, which only Studio "
                          "can read",
                          "put it into an environment variable and name that with --key-env");
    }
    if (settings.keyVariable.empty()) {
        return std::string();
    }
    const char* value = std::getenv(settings.keyVariable.c_str());
    const std::string key(base::trimmed(value == nullptr ? "" : value));
    if (key.empty()) {
        return base::fail(base::ErrorCode::Auth,
                          "the environment variable " + settings.keyVariable +
                              (value == nullptr ? " is not set" : " is empty"),
                          "export " + settings.keyVariable + "=… with the model's API key first");
    }
    return key;
}

base::Expected<void> checkModelFiles(ModelKind kind, const ModelSettings& settings) {
    if (kind == ModelKind::Recorded) {
        const auto recorded = RecordedBackend::open(settings.files);
        return recorded ? base::Expected<void>{} : base::fail(recorded.error());
    }
    if (kind == ModelKind::Builtin) {
        const auto network = loadBuiltin(settings.checkpoint);
        return network ? base::Expected<void>{} : base::fail(network.error());
    }
    if (kind != ModelKind::LlamaServer) {
        return {};
    }
    const base::Expected<GgufInfo> model = readGgufFile(settings.modelFile);
    if (!model) {
        return base::fail(model.error());
    }
    if (model->isAdapter) {
        return base::fail(base::ErrorCode::Invalid,
                          base::makeVisibleUtf8(settings.modelFile) + " is an adapter, not a model",
                          "give it with --lora and the model that it belongs to with --gguf");
    }
    for (const std::string& path : settings.loraFiles) {
        const base::Expected<GgufInfo> adapter = readGgufFile(path);
        if (!adapter) {
            return base::fail(adapter.error());
        }
        if (!adapter->isAdapter) {
            return base::fail(base::ErrorCode::Invalid,
                              base::makeVisibleUtf8(path) + " is no LoRA adapter",
                              "give an adapter in GGUF form");
        }
    }
    return {};
}

struct ModelServers::Registry {
    std::shared_ptr<net::HttpClient> http;
    Options options;
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<OwnedServer>> servers; // by kind and settings
    std::map<std::string, std::weak_ptr<Backend>> networks;    // builtin ones, by identity
    std::map<std::string, std::weak_ptr<SlurmServing>> servings;

    base::Expected<std::shared_ptr<ServedModel>> served(const model::Model& model, ModelKind kind,
                                                        ModelSettings settings) {
        base::Expected<void> can = checkProgram(kind, settings);
        can = can ? checkModelFiles(kind, settings) : can;
        if (!can) {
            return base::fail(can.error().withContext("model " + base::excerpt(model.name, 80)));
        }
        base::Expected<std::string> identity = modelIdentity(kind, settings);
        if (!identity) {
            return base::fail(std::move(identity.error()));
        }
        const std::string key = std::string(name(kind)) + ' ' + settingsJson(kind, settings);
        const std::lock_guard lock(mutex);
        std::erase_if(servers, [](const auto& entry) { return entry.second.expired(); });
        std::shared_ptr<OwnedServer> server = servers[key].lock();
        if (!server) {
            server = std::make_shared<OwnedServer>(http, kind, std::move(settings),
                                                   std::move(*identity), options);
            servers[key] = server;
        }
        return std::make_shared<OwnedModel>(std::move(server));
    }

    base::Expected<std::shared_ptr<PooledModel>> pooled(const model::Model& model, ModelKind kind,
                                                        ModelSettings settings) {
        const std::string& programs = options.slurm.client.folder;
        if (!findProgram(programs.empty() ? "sbatch" : programs + "/sbatch")) {
            return base::fail(base::ErrorCode::Unavailable,
                              "model " + base::excerpt(model.name, 80) +
                                  " is served through Slurm, which is not installed here",
                              "run this on a login node of the cluster");
        }
        if (const base::Expected<void> can = checkModelFiles(kind, settings); !can) {
            return base::fail(can.error().withContext("model " + base::excerpt(model.name, 80)));
        }
        base::Expected<std::string> identity = modelIdentity(kind, settings);
        if (!identity) {
            return base::fail(std::move(identity.error()));
        }
        const std::string key = std::string(name(kind)) + ' ' + settingsJson(kind, settings);
        const std::lock_guard lock(mutex);
        std::erase_if(servings, [](const auto& entry) { return entry.second.expired(); });
        std::shared_ptr<SlurmServing> serving = servings[key].lock();
        if (!serving) {
            serving = std::make_shared<SlurmServing>(
                http, kind, std::move(settings), std::move(*identity), model.name, options.slurm);
            servings[key] = serving;
        }
        return std::make_shared<SlurmModel>(std::move(serving));
    }

    // Handles of the same weights share one thread.
    base::Expected<std::shared_ptr<ModelHandle>> builtin(const ModelSettings& settings) {
        base::Expected<std::shared_ptr<const mini::Network>> network =
            loadBuiltin(settings.checkpoint);
        if (!network) {
            return base::fail(std::move(network.error()));
        }
        const std::string identity = builtinIdentity(**network);
        Endpoint endpoint;
        endpoint.label = "builtin";
        {
            const std::lock_guard lock(mutex);
            std::erase_if(networks, [](const auto& entry) { return entry.second.expired(); });
            std::shared_ptr<Backend> backend = networks[identity].lock();
            if (!backend) {
                backend = std::make_shared<BuiltinBackend>(std::move(*network));
                networks[identity] = backend;
            }
            endpoint.backend = std::move(backend);
        }
        return std::make_shared<SteadyModel>(std::vector<Endpoint>{std::move(endpoint)}, settings,
                                             identity);
    }

    [[nodiscard]] base::Expected<std::shared_ptr<ModelHandle>> remote(const ModelSettings& settings,
                                                                      std::string identity) const {
        base::Expected<std::string> key = options.key(settings);
        if (!key) {
            return base::fail(std::move(key.error()));
        }
        std::vector<Endpoint> endpoints;
        for (const std::string& url : settings.urls) {
            OpenAiSettings open;
            open.url = url;
            open.apiKey = *key;
            open.dialect = {settings.modelId, settings.stream, settings.extraBody};
            open.deadlines = settings.deadlines;
            Endpoint endpoint;
            endpoint.label = hostOf(url);
            endpoint.backend = std::make_shared<OpenAiBackend>(http, std::move(open));
            endpoint.largestWindow =
                settings.largestWindow > 0 ? settings.largestWindow : kUsualWindow;
            endpoint.requestsPerMinute = settings.requestsPerMinute;
            endpoint.tokensPerMinute = settings.tokensPerMinute;
            endpoints.push_back(std::move(endpoint));
        }
        return std::make_shared<SteadyModel>(std::move(endpoints), settings, std::move(identity));
    }
};

ModelServers::ModelServers(std::shared_ptr<net::HttpClient> http, Options options)
    : m_registry(std::make_shared<Registry>()) {
    m_registry->http = std::move(http);
    m_registry->options = std::move(options);
}

ModelServers::ModelServers(std::shared_ptr<net::HttpClient> http)
    : ModelServers(std::move(http), Options{}) {}

ModelServers::~ModelServers() = default;

base::Expected<std::shared_ptr<ServedModel>> ModelServers::openServed(const model::Model& model) {
    base::Expected<ModelSettings> settings = settingsOf(model);
    if (!settings) {
        return base::fail(std::move(settings.error()));
    }
    const ModelKind kind = modelKindFromName(model.kind).value_or(ModelKind::OpenAi);
    if (settings->slurm) {
        return base::fail(base::ErrorCode::Invalid,
                          "model " + base::excerpt(model.name, 80) +
                              " is served through Slurm, not on this machine",
                          "start its servers with scrit model serve");
    }
    if (!isManaged(kind)) {
        return base::fail(base::ErrorCode::Invalid,
                          "model " + base::excerpt(model.name, 80) + " is of kind " +
                              std::string(name(kind)) + ": its server is not started here",
                          "start it where it runs");
    }
    return m_registry->served(model, kind, std::move(*settings));
}

base::Expected<std::shared_ptr<PooledModel>> ModelServers::openPooled(const model::Model& model) {
    base::Expected<ModelSettings> settings = settingsOf(model);
    if (!settings) {
        return base::fail(std::move(settings.error()));
    }
    if (!settings->slurm) {
        return base::fail(base::ErrorCode::Invalid,
                          "model " + base::excerpt(model.name, 80) + " is not served through Slurm",
                          "add it with --slurm");
    }
    return m_registry->pooled(model, modelKindFromName(model.kind).value_or(ModelKind::OpenAi),
                              std::move(*settings));
}

base::Expected<std::shared_ptr<ModelHandle>> ModelServers::open(const model::Model& model) {
    base::Expected<ModelSettings> settings = settingsOf(model);
    if (!settings) {
        return base::fail(std::move(settings.error()));
    }
    const ModelKind kind = modelKindFromName(model.kind).value_or(ModelKind::OpenAi);
    const std::string context = "model " + base::excerpt(model.name, 80);
    if (kind == ModelKind::Builtin) {
        base::Expected<std::shared_ptr<ModelHandle>> handle = m_registry->builtin(*settings);
        return handle ? std::move(handle) : base::fail(handle.error().withContext(context));
    }
    if (settings->slurm) {
        return m_registry->pooled(model, kind, std::move(*settings));
    }
    if (isManaged(kind)) {
        return m_registry->served(model, kind, std::move(*settings));
    }
    base::Expected<std::string> identity = modelIdentity(kind, *settings);
    if (!identity) {
        return base::fail(identity.error().withContext(context));
    }
    if (kind == ModelKind::Recorded) {
        base::Expected<std::shared_ptr<RecordedBackend>> backend =
            RecordedBackend::open(settings->files);
        if (!backend) {
            return base::fail(backend.error().withContext(context));
        }
        Endpoint endpoint;
        endpoint.label = "recorded";
        endpoint.backend = std::move(*backend);
        return std::make_shared<SteadyModel>(std::vector<Endpoint>{std::move(endpoint)}, *settings,
                                             std::move(*identity));
    }
    base::Expected<std::shared_ptr<ModelHandle>> handle =
        m_registry->remote(*settings, std::move(*identity));
    return handle ? std::move(handle) : base::fail(handle.error().withContext(context));
}

OpenModel ModelServers::opener() {
    return [this](const model::Model& model) {
        return open(model);
    };
}

} // namespace scrit::backend
