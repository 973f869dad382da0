// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/gpu.h"
#include "core/backend/managed_server.h"
#include "core/backend/model_handle.h"
#include "core/backend/model_settings.h"
#include "core/backend/server_plan.h"
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
    };
    ModelServers(std::shared_ptr<net::HttpClient> http, Options options);
    explicit ModelServers(std::shared_ptr<net::HttpClient> http);
    ~ModelServers();
    ModelServers(const ModelServers&) = delete;
    ModelServers& operator=(const ModelServers&) = delete;

    // Errors: Invalid (settings), Auth (no key), NotFound (model file, adapter, recorded file),
    // Unavailable (a program that is not installed; the builtin model).
    [[nodiscard]] base::Expected<std::shared_ptr<ModelHandle>> open(const model::Model& model);
    // The same for a model whose server is ours; Invalid for other kinds.
    [[nodiscard]] base::Expected<std::shared_ptr<ServedModel>>
    openServed(const model::Model& model);
    // open() as a function, for the engine. It keeps this object alive no longer than its caller
    // does: the ModelServers must outlive it.
    [[nodiscard]] OpenModel opener();

private:
    struct Registry;
    std::shared_ptr<Registry> m_registry;
};

// That the files which the settings name are there and are what they should be: a model, adapters,
// records. Errors: NotFound, Permission, Io, Corrupt, Parse, Invalid (an adapter in the place of a
// model or the other way round).
[[nodiscard]] base::Expected<void> checkModelFiles(ModelKind kind, const ModelSettings& settings);

// What identifies a model to the completion cache, see ModelHandle::identity(). Reads model,
// adapter and recorded files in part. NotFound when one is missing.
[[nodiscard]] base::Expected<std::string> modelIdentity(ModelKind kind,
                                                        const ModelSettings& settings);

} // namespace scrit::backend
