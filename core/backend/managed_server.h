// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/child_process.h"
#include "core/backend/server_load.h"
#include "core/base/error.h"
#include "core/net/http_client.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace scrit::backend {

enum class ServerKind { LlamaServer, Vllm };
[[nodiscard]] std::string_view name(ServerKind kind); // "llama-server", "vllm"

struct ManagedServerSettings {
    ServerKind kind = ServerKind::LlamaServer;
    std::string program;   // empty: the kind's own name on PATH
    std::string modelFile; // a GGUF file, or what vLLM takes as model
    std::vector<std::string> extraArguments;
    // Asked before each start, on the server's thread: more arguments, put before the extra ones.
    // An error ends the server as Failed.
    std::function<base::Expected<std::vector<std::string>>()> prepare;
    int port = 0; // 0: a free one
    std::string host = "127.0.0.1";
    // In a row without being ready in between. A server that never was ready is started only twice:
    // what is wrong with its model, port or options will stay wrong.
    int maxRestarts = 5;
    std::int64_t startMillis = 600'000; // how long loading may take
    std::int64_t restartFirstMillis = 1000;
};

enum class ServerState { Stopped, Starting, Loading, Ready, Restarting, Failed };
[[nodiscard]] std::string_view name(ServerState state);

struct ServerSnapshot {
    ServerState state = ServerState::Stopped;
    std::string message; // why it is Restarting or Failed, with the server's last words
    std::string url;     // base URL with /v1 once the port is known
    int pid = 0;
    int restarts = 0;
    ServerLoad load; // of a second ago or less, while it is Ready
};

// A piece of a server's log. Lines are numbered from 0 over all starts.
struct ServerLog {
    std::vector<std::string> lines;
    std::uint64_t next = 0; // the number of the line that will come after these
};

// A llama-server or vLLM that this program starts and owns: bound to 127.0.0.1 with a random key
// that is handed over in the environment, watched through /health, restarted with back-off when it
// dies, stopped in two steps, killed when we die. One thread, "scrit-server", starts it and lives
// as long as it does. The listener runs on that thread with no lock held; it is told about every
// change but those of the load alone, which come each second.
class ManagedServer {
public:
    using Listener = std::function<void(const ServerSnapshot&)>;
    ManagedServer(std::shared_ptr<net::HttpClient> http, ManagedServerSettings settings,
                  Listener listener = {});
    // Stops the server and joins.
    ~ManagedServer();
    ManagedServer(const ManagedServer&) = delete;
    ManagedServer& operator=(const ManagedServer&) = delete;

    [[nodiscard]] ServerSnapshot snapshot() const;
    // The key that requests must carry.
    [[nodiscard]] const std::string& apiKey() const;
    // The last lines the server wrote, oldest first, without the key; at most 2,000 are kept.
    [[nodiscard]] std::vector<std::string> log() const;
    // Those of them whose number is `from` or later.
    [[nodiscard]] ServerLog logSince(std::uint64_t from) const;
    // Blocks until Ready (true), Failed or the time is over (false).
    [[nodiscard]] bool waitReady(std::int64_t millis) const;
    // SIGTERM, 3 s, SIGTERM again, 1 s, SIGKILL. The caller aborts its own requests first: a
    // llama-server with an open request would not end by itself. Returns when the process is gone.
    void stop();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

// The command line for a kind; pure. `prepared` is what settings.prepare() gave.
[[nodiscard]] Command serverCommand(const ManagedServerSettings& settings, int port,
                                    const std::string& apiKey,
                                    const std::vector<std::string>& prepared = {});
// The lines of a log that say best why a server ended: the last three that speak of an error, else
// the last three; one line.
[[nodiscard]] std::string lastWords(const std::vector<std::string>& log);
// The port in a log line such as "server is listening on http://127.0.0.1:43121"; 0 when there is
// none.
[[nodiscard]] int portInLogLine(std::string_view line);

} // namespace scrit::backend
