// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/managed_server.h"

#include "core/backend/redact.h"
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
#include <utility>

namespace scrit::backend {
namespace {

constexpr std::size_t kLogLines = 2000;
constexpr int kTickMillis = 50;
constexpr std::int64_t kHealthMillis = 200;
constexpr std::int64_t kLoadMillis = 1000;

std::string randomKey() {
    std::random_device device;
    std::string key;
    static constexpr std::string_view kDigits = "0123456789abcdef";
    for (int i = 0; i < 32; ++i) {
        key += kDigits[device() % kDigits.size()];
    }
    return key;
}

// The port on 127.0.0.1 that a bind to `wanted` (0: any) gives, free again when this returns; 0
// when somebody listens there.
int bindablePort(int wanted) {
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on,
               sizeof on); // what has just ended is no hindrance
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(wanted));
    socklen_t size = sizeof address;
    int port = 0;
    if (bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
        port = ntohs(address.sin_port);
    }
    ::close(probe);
    return port;
}

// Where the answer about the server's load is left; shared with the request, which may outlive the
// server.
struct LoadAnswer {
    std::mutex mutex; // guards the members
    bool asked = false;
    std::optional<ServerLoad> news;
};

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

Command serverCommand(const ManagedServerSettings& settings, int port, const std::string& apiKey,
                      const std::vector<std::string>& prepared) {
    Command command;
    command.program =
        settings.program.empty() ? std::string(name(settings.kind)) : settings.program;
    if (settings.kind == ServerKind::LlamaServer) {
        command.arguments = {"-m",     settings.modelFile,   "--host",   settings.host,
                             "--port", std::to_string(port), "--metrics"};
        command.environment = {{"LLAMA_API_KEY", apiKey}};
    } else {
        command.arguments = {"serve",       settings.modelFile, "--host",
                             settings.host, "--port",           std::to_string(port)};
        command.environment = {{"VLLM_API_KEY", apiKey}, {"VLLM_NO_USAGE_STATS", "1"}};
    }
    for (const std::vector<std::string>* more : {&prepared, &settings.extraArguments}) {
        command.arguments.insert(command.arguments.end(), more->begin(), more->end());
    }
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

std::string lastWords(const std::vector<std::string>& log) {
    constexpr std::size_t kLines = 3;
    std::vector<std::string_view> chosen;
    for (const bool onlyErrors : {true, false}) {
        for (auto line = log.rbegin(); line != log.rend() && chosen.size() < kLines; ++line) {
            const std::string lower = base::lowerAscii(*line);
            const bool isError = lower.find("error") != std::string::npos ||
                                 lower.find("fail") != std::string::npos ||
                                 lower.find("couldn't") != std::string::npos ||
                                 lower.find("out of memory") != std::string::npos;
            if (!line->empty() && (isError || !onlyErrors)) {
                chosen.emplace_back(*line);
            }
        }
        if (!chosen.empty()) {
            break;
        }
    }
    std::string words;
    for (auto line = chosen.rbegin(); line != chosen.rend(); ++line) {
        words += (words.empty() ? "" : " | ") + base::excerpt(*line, 200);
    }
    return words;
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
    std::uint64_t lineCount = 0; // also those that were dropped
    bool stopping = false;

    // scrit-server only
    std::string partLine;
    int port = 0;
    std::shared_ptr<LoadAnswer> load = std::make_shared<LoadAnswer>();
    std::int64_t loadAskedAt = 0;
    std::optional<std::int64_t> tokensBefore; // generated, at loadTakenAt
    std::int64_t loadTakenAt = 0;

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
            const std::string line =
                withoutKey(base::makeVisibleUtf8(base::trimmed(partLine.substr(0, end))), key);
            partLine.erase(0, end + 1);
            if (port == 0) {
                port = portInLogLine(line);
            }
            const std::lock_guard lock(mutex);
            lines.push_back(line.substr(0, 4096));
            ++lineCount;
            if (lines.size() > kLogLines) {
                lines.pop_front();
            }
        }
        if (partLine.size() > 65536) { // no server writes such lines; keep memory bounded
            partLine.clear();
        }
    }

    [[nodiscard]] std::vector<std::string> logCopy() const {
        const std::lock_guard lock(mutex);
        return {lines.begin(), lines.end()};
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

    // Asks for the load each second, without waiting, and takes the answer when it is there.
    void watchLoad(std::int64_t now) {
        std::optional<ServerLoad> news;
        bool ask = false;
        {
            const std::lock_guard lock(load->mutex);
            news = std::exchange(load->news, std::nullopt);
            ask = !load->asked && now - loadAskedAt >= kLoadMillis;
            load->asked = load->asked || ask;
        }
        if (news) {
            if (tokensBefore && news->generatedTokens && now > loadTakenAt) {
                constexpr double kMillis = 1000;
                news->tokensPerSecond =
                    static_cast<double>(*news->generatedTokens - *tokensBefore) * kMillis /
                    static_cast<double>(now - loadTakenAt);
            }
            tokensBefore = news->generatedTokens;
            loadTakenAt = now;
            const std::lock_guard lock(mutex);
            snapshot.load = *news;
        }
        if (!ask) {
            return;
        }
        loadAskedAt = now;
        net::HttpRequest request;
        request.url = "http://127.0.0.1:" + std::to_string(port) + "/metrics";
        request.headers = {{"Authorization", "Bearer " + key}};
        request.deadlines = {1000, 5000, 5000, 5000};
        http->send(std::move(request),
                   [answer = load](base::Expected<net::HttpResponse>&& response) {
                       const std::lock_guard lock(answer->mutex);
                       answer->asked = false;
                       if (response && response->status == 200) {
                           answer->news = readServerMetrics(response->body);
                       }
                   });
    }

    // How one start of the server went.
    struct Attempt {
        std::string end; // in words
        bool wasReady = false;
        bool hopeless = false; // trying again cannot help
    };

    // Runs the server until it ends or stop() is called.
    Attempt runOnce() {
        Attempt attempt;
        port = settings.port;
        if (port != 0 && bindablePort(port) == 0) { // its /health would be taken for ours
            attempt.end = "port " + std::to_string(port) +
                          " is taken by another program: choose another one, or none";
            return attempt;
        }
        if (port == 0 && settings.kind == ServerKind::Vllm) {
            port = bindablePort(0); // vLLM cannot choose one itself
        }
        partLine.clear();
        load = std::make_shared<LoadAnswer>();
        tokensBefore.reset();
        base::Expected<std::vector<std::string>> prepared;
        if (settings.prepare) {
            prepared = settings.prepare();
        }
        base::Expected<ChildProcess> child =
            prepared ? ChildProcess::start(serverCommand(settings, port, key, *prepared))
                     : base::fail(prepared.error());
        if (!child) {
            attempt.end = child.error().text();
            attempt.hopeless = true;
            return attempt;
        }
        publish([&](ServerSnapshot& s) {
            s.state = ServerState::Loading;
            s.pid = child->pid();
            s.message.clear();
        });
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
                const std::string words = lastWords(logCopy());
                attempt.end =
                    "the server ended with " + *ended + (words.empty() ? "" : ": ") + words;
                return attempt;
            }
            if (isStopping()) {
                stopChild(*child);
                return attempt;
            }
            const std::int64_t now = base::steadyMillis();
            if (attempt.wasReady) {
                watchLoad(now);
            }
            if (!attempt.wasReady && now - checkedAt >= kHealthMillis) {
                checkedAt = now;
                if (healthy()) {
                    attempt.wasReady = true;
                    publish([&](ServerSnapshot& s) {
                        s.state = ServerState::Ready;
                        s.url = "http://127.0.0.1:" + std::to_string(port) + "/v1";
                        s.restarts = 0;
                    });
                } else if (now - startedAt > settings.startMillis) {
                    stopChild(*child);
                    attempt.end = "the server was not ready after " +
                                  std::to_string(settings.startMillis / 1000) +
                                  " s: " + lastWords(logCopy());
                    return attempt;
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
        bool everReady = false;
        while (true) {
            publish([](ServerSnapshot& s) { s.state = ServerState::Starting; });
            const Attempt attempt = runOnce();
            if (isStopping()) {
                break;
            }
            everReady = everReady || attempt.wasReady;
            const int most = everReady ? settings.maxRestarts : std::min(settings.maxRestarts, 1);
            bool again = false;
            publish([&](ServerSnapshot& s) {
                again = !attempt.hopeless && s.restarts < most;
                s.restarts += again ? 1 : 0;
                s.state = again ? ServerState::Restarting : ServerState::Failed;
                s.message = attempt.end;
                s.pid = 0;
                s.url.clear();
                s.load = {};
            });
            if (!again) {
                sleep(std::int64_t{1} << 40U); // until stop()
                break;
            }
            const int restarts = snapshotCopy().restarts;
            sleep(net::backoffMillis(restarts, random(), {settings.restartFirstMillis, 60'000}));
            if (isStopping()) {
                break;
            }
        }
        publish([](ServerSnapshot& s) {
            s.state = s.state == ServerState::Failed ? s.state : ServerState::Stopped;
            s.pid = 0;
            s.url.clear();
            s.load = {};
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
    return m_state->logCopy();
}

ServerLog ManagedServer::logSince(std::uint64_t from) const {
    const std::lock_guard lock(m_state->mutex);
    const std::uint64_t first = m_state->lineCount - m_state->lines.size();
    const std::uint64_t skip =
        std::min<std::uint64_t>(from > first ? from - first : 0, m_state->lines.size());
    return {{m_state->lines.begin() + static_cast<std::ptrdiff_t>(skip), m_state->lines.end()},
            m_state->lineCount};
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
