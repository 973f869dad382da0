// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/gpu.h"
#include "core/backend/managed_server.h"
#include "core/backend/model_handle.h"
#include "core/backend/model_settings.h"
#include "core/backend/server_plan.h"
#include "core/backend/slurm_client.h"
#include "core/base/error.h"
#include "core/model/run.h"
#include "core/net/http_client.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace scrit::backend {

// The API key of a model; an empty text when it needs none. Auth when it is named but not there.
using KeyResolver = std::function<base::Expected<std::string>(const ModelSettings& settings)>;
// Reads the variable that the settings name. A model whose key is in the desktop's keychain is an
// error here: Studio brings a resolver that can look there.
[[nodiscard]] base::Expected<std::string> keyFromEnvironment(const ModelSettings& settings);

// A model whose server this program owns. All handles of one model share one server.
class ServedModel : public ModelHandle {
public:
    [[nodiscard]] virtual ServerSnapshot server() const = 0;
    // How it was started and why so; empty reason before that.
    [[nodiscard]] virtual ServerPlan plan() const = 0;
    // Lines of its log from number `from` on, as far as they are kept.
    [[nodiscard]] virtual ServerLog logSince(std::uint64_t from) const = 0;
    // The random key that requests to it carry. Never to be shown or written.
    [[nodiscard]] virtual std::string apiKey() const = 0;
    // Blocks until it is ready (true), has failed, or the time is over.
    [[nodiscard]] virtual bool waitReady(std::int64_t millis) const = 0;
};

enum class ServingState { Submitting, Waiting, Starting, Serving, Stopped, Failed };
[[nodiscard]] std::string_view name(ServingState state);

// One server of a pool on a cluster.
struct ServingTask {
    std::string
        state;        // for people: "ready", "waiting: Resources (no nodes are free)", how it ended
    std::string node; // empty: none yet
    std::string url;  // with /v1; empty unless it is ready
    bool ready = false;
    bool over = false; // it has ended and does not come back
};

struct ServingSnapshot {
    ServingState state = ServingState::Submitting;
    std::string message;   // one line: how many are ready, what is waited for, why it failed
    std::string advice;    // when it failed
    std::string trouble;   // while Slurm does not answer: running servers go on
    std::string job;       // Slurm's id of the job array; empty until it was submitted
    std::string folder;    // with logs, "log-0" …, and the servers' key, "key"
    bool wasThere = false; // another process had started it
    std::vector<ServingTask> tasks;
};

// A model whose servers run as a job array on a cluster, started through Slurm. All handles of one
// model share the array, in all processes of one user: who comes later uses the servers that are
// there, also those that a killed process left behind, and the last one to go cancels the job.
class PooledModel : public ModelHandle {
public:
    [[nodiscard]] virtual ServingSnapshot serving() const = 0;
    // The random key that requests to the servers carry. Never to be shown or written.
    [[nodiscard]] virtual std::string apiKey() const = 0;
    // Blocks until so many servers (or all there are) are ready: true; has failed, or the time is
    // over: false.
    [[nodiscard]] virtual bool waitReady(int servers, std::int64_t millis) const = 0;
    // From now on no server takes a new request; waits until those in flight are answered. False
    // when some are left after `millis`. For good.
    [[nodiscard]] virtual bool drain(std::int64_t millis) = 0;
    // Whether the job stays when its last user has gone. False at first, unless an earlier user
    // said otherwise.
    virtual void keepRunning(bool keep) = 0;
};

struct SlurmServingOptions {
    SlurmClient::Options client;
    std::int64_t pollMillis = 5000;       // between questions to Slurm
    std::int64_t tickMillis = 1000;       // between looks into the folder
    std::int64_t startMillis = 1'800'000; // that a server may take to load, once it runs
};
// Cancels the job array that serves a model, waits until it is gone and takes its traces away. Its
// id; nothing when none ran. Locked while another process uses it.
[[nodiscard]] base::Expected<std::optional<std::string>>
stopServing(const model::Model& model, const SlurmServingOptions& options = {});

// Opens models and keeps the servers that it started for them: two handles of the same model (a
// critic and a validator) share one server, which starts in the background with the first handle
// and stops when the last is gone; requests in flight are aborted first. Any thread; but the last
// handle must not be let go on a callback's thread, since stopping a server waits for it.
class ModelServers {
public:
    struct Options {
        KeyResolver key = keyFromEnvironment;
        // The machine as plans see it; asked on the server's own thread before each start.
        std::function<Machine()> machine = thisMachine;
        int maxRestarts = 5; // in a row without being ready in between
        SlurmServingOptions slurm;
    };
    ModelServers(std::shared_ptr<net::HttpClient> http, Options options);
    explicit ModelServers(std::shared_ptr<net::HttpClient> http);
    ~ModelServers();
    ModelServers(const ModelServers&) = delete;
    ModelServers& operator=(const ModelServers&) = delete;

    // Errors: Invalid (settings), Auth (no key), NotFound (model file, adapter, recorded file,
    // checkpoint), Corrupt (checkpoint), Unavailable (a program that is not installed).
    [[nodiscard]] base::Expected<std::shared_ptr<ModelHandle>> open(const model::Model& model);
    // The same for a model whose server is ours; Invalid for other kinds.
    [[nodiscard]] base::Expected<std::shared_ptr<ServedModel>>
    openServed(const model::Model& model);
    // The same for a model that is served through Slurm; Invalid for others.
    [[nodiscard]] base::Expected<std::shared_ptr<PooledModel>>
    openPooled(const model::Model& model);
    // open() as a function, for the engine. It keeps this object alive no longer than its caller
    // does: the ModelServers must outlive it.
    [[nodiscard]] OpenModel opener();

private:
    struct Registry;
    std::shared_ptr<Registry> m_registry;
};

// That the files which the settings name are there and are what they should be: a model, adapters,
// records, a checkpoint of the miniature. Errors: NotFound, Permission, Io, Corrupt, Parse, Invalid
// (an adapter in the place of a model or the other way round).
[[nodiscard]] base::Expected<void> checkModelFiles(ModelKind kind, const ModelSettings& settings);

// What identifies a model to the completion cache, see ModelHandle::identity(). Reads model,
// adapter and recorded files in part. NotFound when one is missing.
[[nodiscard]] base::Expected<std::string> modelIdentity(ModelKind kind,
                                                        const ModelSettings& settings);

} // namespace scrit::backend
