// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/managed_server.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/net/backoff.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <future>
#include <mutex>
#include <random>
#include <thread>

namespace scrit::backend {
namespace {

constexpr std::size_t kLogLines = 2000;
constexpr int kTickMillis = 50;
constexpr std::int64_t kHealthMillis = 200;

std::string randomKey() {
    std::random_device device;
    std::string key;
    static constexpr std::string_view kDigits = "0123456789abcdef";
    for (int i = 0; i < 32; ++i) {
        key += kDigits[device() % kDigits.size()];
    }
    return key;
}

// A port that was free a moment ago; for servers that cannot choose one themselves.
int freePort() {
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int port = 0;
    if (bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
        port = ntohs(address.sin_port);
    }
    ::close(probe);
    return port;
}

} // namespace

std::string_view name(ServerKind kind) {
    return kind == ServerKind::LlamaServer ? "llama-server" : "vllm";
}

std::string_view name(ServerState state) {
    switch (state) {
    case ServerState::Stopped:
        return "stopped";
    case ServerState::Starting:
        return "starting";
    case ServerState::Loading:
        return "loading";
    case ServerState::Ready:
        return "ready";
    case ServerState::Restarting:
        return "restarting";
    case ServerState::Failed:
        return "failed";
    }
    return "failed";
}

Command serverCommand(const ManagedServerSettings& settings, int port, const std::string& apiKey) {
    Command command;
    command.program =
        settings.program.empty() ? std::string(name(settings.kind)) : settings.program;
    if (settings.kind == ServerKind::LlamaServer) {
        command.arguments = {"-m",        settings.modelFile, "--host",
                             "127.0.0.1", "--port",           std::to_string(port)};
        command.environment = {{"LLAMA_API_KEY", apiKey}};
    } else {
        command.arguments = {"serve",     settings.modelFile, "--host",
                             "127.0.0.1", "--port",           std::to_string(port)};
        command.environment = {{"VLLM_API_KEY", apiKey}, {"VLLM_NO_USAGE_STATS", "1"}};
    }
    command.arguments.insert(command.arguments.end(), settings.extraArguments.begin(),
                             settings.extraArguments.end());
    return command;
}

int portInLogLine(std::string_view line) {
    for (const std::string_view mark :
         {"listening on http://127.0.0.1:", "running on http://127.0.0.1:"}) {
        const std::size_t at = line.find(mark);
        if (at != std::string_view::npos) {
            int port = 0;
            std::from_chars(line.data() + at + mark.size(), line.data() + line.size(), port);
            return port > 0 && port < 65536 ? port : 0;
        }
    }
    return 0;
}

struct ManagedServer::State {
    std::shared_ptr<net::HttpClient> http;
    ManagedServerSettings settings;
    Listener listener;
    std::string key = randomKey();

    mutable std::mutex mutex; // guards the members below
    mutable std::condition_variable changed;
    ServerSnapshot snapshot;
    std::deque<std::string> lines;
    bool stopping = false;

    std::string partLine; // scrit-server only
    int port = 0;         // scrit-server only
    std::thread thread;

    void publish(const std::function<void(ServerSnapshot&)>& change) {
        ServerSnapshot copy;
        {
            const std::lock_guard lock(mutex);
            change(snapshot);
            copy = snapshot;
        }
        changed.notify_all();
        if (listener) {
            listener(copy);
        }
    }

    [[nodiscard]] bool isStopping() const {
        const std::lock_guard lock(mutex);
        return stopping;
    }

    // Waits unless told to stop.
    void sleep(std::int64_t millis) const {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, std::chrono::milliseconds(millis), [this] { return stopping; });
    }

    void takeLog(ChildProcess& child) {
        partLine += child.readOutput();
        std::size_t end = 0;
        while ((end = partLine.find('\n')) != std::string::npos) {
            const std::string line = base::makeVisibleUtf8(base::trimmed(partLine.substr(0, end)));
            partLine.erase(0, end + 1);
            if (port == 0) {
                port = portInLogLine(line);
            }
            const std::lock_guard lock(mutex);
            lines.push_back(line.substr(0, 4096));
            if (lines.size() > kLogLines) {
                lines.pop_front();
            }
        }
        if (partLine.size() > 65536) { // no server writes such lines; keep memory bounded
            partLine.clear();
        }
    }

    [[nodiscard]] std::string lastWords() const {
        const std::lock_guard lock(mutex);
        std::string words;
        const std::size_t from = lines.size() > 3 ? lines.size() - 3 : 0;
        for (std::size_t i = from; i < lines.size(); ++i) {
            words += (words.empty() ? "" : " | ") + base::excerpt(lines[i], 200);
        }
        return words;
    }

    [[nodiscard]] bool healthy() const {
        if (port == 0) {
            return false;
        }
        net::HttpRequest request;
        request.url = "http://127.0.0.1:" + std::to_string(port) + "/health";
        request.deadlines = {1000, 2000, 2000, 2000};
        std::promise<bool> answer;
        http->send(std::move(request), [&answer](base::Expected<net::HttpResponse>&& response) {
            answer.set_value(response && response->status == 200);
        });
        return answer.get_future().get();
    }

    // Runs the server once. Returns whether it was ever ready; sets `end` to how it ended.
    bool runOnce(std::string& end) {
        port = settings.port;
        if (port == 0 && settings.kind == ServerKind::Vllm) {
            port = freePort();
        }
        partLine.clear();
        base::Expected<ChildProcess> child =
            ChildProcess::start(serverCommand(settings, port, key));
        if (!child) {
            end = child.error().text();
            const std::lock_guard lock(mutex);
            snapshot.restarts = settings.maxRestarts; // trying again cannot help
            return false;
        }
        publish([&](ServerSnapshot& s) {
            s.state = ServerState::Loading;
            s.pid = child->pid();
            s.message.clear();
        });
        bool ready = false;
        const std::int64_t startedAt = base::steadyMillis();
        std::int64_t checkedAt = 0;
        while (true) {
            pollfd waiter{child->outputFd(), POLLIN, 0};
            poll(&waiter, 1, kTickMillis);
            if ((waiter.revents & POLLHUP) != 0) {
                sleep(kTickMillis); // the pipe is closed; do not spin until the process is gone
            }
            takeLog(*child);
            if (std::optional<std::string> ended = child->ended()) {
                takeLog(*child);
                end = "the server ended with " + *ended;
                const std::string words = lastWords();
                end += words.empty() ? "" : ": " + words;
                return ready;
            }
            if (isStopping()) {
                stopChild(*child);
                return ready;
            }
            const std::int64_t now = base::steadyMillis();
            if (!ready && now - checkedAt >= kHealthMillis) {
                checkedAt = now;
                if (healthy()) {
                    ready = true;
                    publish([&](ServerSnapshot& s) {
                        s.state = ServerState::Ready;
                        s.url = "http://127.0.0.1:" + std::to_string(port) + "/v1";
                        s.restarts = 0;
                    });
                } else if (now - startedAt > settings.startMillis) {
                    stopChild(*child);
                    end = "the server was not ready after " +
                          std::to_string(settings.startMillis / 1000) + " s: " + lastWords();
                    return false;
                }
            }
        }
    }

    void stopChild(ChildProcess& child) {
        const auto gone = [&](std::int64_t millis) {
            const std::int64_t until = base::steadyMillis() + millis;
            while (base::steadyMillis() < until) {
                takeLog(child);
                if (child.ended()) {
                    return true;
                }
                poll(nullptr, 0, 10);
            }
            return false;
        };
        child.signalGroup(SIGTERM);
        if (gone(3000)) {
            return;
        }
        child.signalGroup(SIGTERM);
        if (gone(1000)) {
            return;
        }
        child.signalGroup(SIGKILL);
        while (!child.ended()) {
            poll(nullptr, 0, 10);
        }
    }

    void run() {
        std::mt19937_64 random(std::random_device{}());
        while (true) {
            std::string end;
            publish([](ServerSnapshot& s) { s.state = ServerState::Starting; });
            runOnce(end);
            if (isStopping()) {
                break;
            }
            bool again = false;
            publish([&](ServerSnapshot& s) {
                again = s.restarts < settings.maxRestarts;
                s.restarts += again ? 1 : 0;
                s.state = again ? ServerState::Restarting : ServerState::Failed;
                s.message = end;
                s.pid = 0;
                s.url.clear();
            });
            if (!again) {
                sleep(std::int64_t{1} << 40U); // until stop()
                break;
            }
            const int attempt = snapshotCopy().restarts;
            sleep(net::backoffMillis(attempt, random(), {settings.restartFirstMillis, 60'000}));
            if (isStopping()) {
                break;
            }
        }
        publish([](ServerSnapshot& s) {
            s.state = s.state == ServerState::Failed ? s.state : ServerState::Stopped;
            s.pid = 0;
            s.url.clear();
        });
    }

    [[nodiscard]] ServerSnapshot snapshotCopy() const {
        const std::lock_guard lock(mutex);
        return snapshot;
    }
};

ManagedServer::ManagedServer(std::shared_ptr<net::HttpClient> http, ManagedServerSettings settings,
                             Listener listener)
    : m_state(std::make_unique<State>()) {
    m_state->http = std::move(http);
    m_state->settings = std::move(settings);
    m_state->listener = std::move(listener);
    m_state->thread = std::thread([state = m_state.get()] { state->run(); });
    pthread_setname_np(m_state->thread.native_handle(), "scrit-server");
}

ManagedServer::~ManagedServer() {
    stop();
}

void ManagedServer::stop() {
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->stopping = true;
    }
    m_state->changed.notify_all();
    if (m_state->thread.joinable()) {
        m_state->thread.join();
    }
}

ServerSnapshot ManagedServer::snapshot() const {
    return m_state->snapshotCopy();
}

const std::string& ManagedServer::apiKey() const {
    return m_state->key;
}

std::vector<std::string> ManagedServer::log() const {
    const std::lock_guard lock(m_state->mutex);
    return {m_state->lines.begin(), m_state->lines.end()};
}

bool ManagedServer::waitReady(std::int64_t millis) const {
    std::unique_lock lock(m_state->mutex);
    m_state->changed.wait_for(lock, std::chrono::milliseconds(millis), [this] {
        const ServerState state = m_state->snapshot.state;
        return state == ServerState::Ready || state == ServerState::Failed || m_state->stopping;
    });
    return m_state->snapshot.state == ServerState::Ready;
}

} // namespace scrit::backend
