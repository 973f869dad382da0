// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/chat.h"
#include "core/base/error.h"
#include "core/model/run.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrit::backend {

// Prices in US dollars per million tokens; 0: free or not known.
struct Prices {
    double promptPerMillion = 0;
    double completionPerMillion = 0;
};

// One server that answers for a model. Several endpoints of one model form a pool.
struct Endpoint {
    std::string label; // for people: host and port, never a key
    std::shared_ptr<Backend> backend;
    int largestWindow = 512;            // never more requests in flight
    std::int64_t requestsPerMinute = 0; // 0: no limit
    std::int64_t tokensPerMinute = 0;   // 0: no limit
    bool ready = true;                  // false: starting or restarting; nothing is sent to it
};

// A model that can be asked. A model whose server this program owns starts that server in the
// background when it is opened and stops it when the last handle goes. Any thread.
class ModelHandle {
public:
    ModelHandle() = default;
    ModelHandle(const ModelHandle&) = delete;
    ModelHandle& operator=(const ModelHandle&) = delete;
    virtual ~ModelHandle() = default;

    // The endpoints as they are now: a restarted server has another URL, so ask again after a
    // change. Cheap.
    [[nodiscard]] virtual std::vector<Endpoint> endpoints() const = 0;
    // Called on a thread of the backend whenever endpoints() would answer differently; one
    // listener.
    virtual void onChange(std::function<void()> listener) = 0;
    // Why no endpoint will ever be ready (a bad model file, too many restarts); nothing while there
    // is hope.
    [[nodiscard]] virtual std::optional<base::Error> failure() const = 0;
    [[nodiscard]] virtual Prices prices() const = 0;
    // What identifies this model to the completion cache: model id at the server, file and adapter,
    // not where it happens to run.
    [[nodiscard]] virtual std::string identity() const = 0;
    // The context of one request in tokens, where known.
    [[nodiscard]] virtual std::optional<std::int64_t> contextTokens() const = 0;
};

// Opens a stored model. Tests and benchmarks give their own.
using OpenModel =
    std::function<base::Expected<std::shared_ptr<ModelHandle>>(const model::Model& model)>;

} // namespace scrit::backend
