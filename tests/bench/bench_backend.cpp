// SPDX-License-Identifier: GPL-3.0-or-later
// The HTTP client and the openai backend alone, nothing stored: how many completions a second, and
// where the processor time goes.
//   bench_backend SERVER [--requests N] [--in-flight N] [--latency-ms N] [--prompt-bytes N]
//                 [--pieces N] [--plain] [--fixed]
// SERVER is the program scrit-behaviour-server.
#include "core/backend/openai_backend.h"
#include "tests/bench/bench_support.h"
#include "tests/support/behaviour.h"

#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

using namespace scrit;
using namespace scrit::bench;

namespace {

struct Options {
    std::string server;
    int requests = 50'000;
    int inFlight = 256;
    std::size_t promptBytes = 0;
    bool stream = true;
    std::vector<std::string> serverArguments;
};

std::unique_ptr<backend::OpenAiBackend> backendOf(const Options& options, const std::string& url) {
    backend::OpenAiSettings settings;
    settings.url = url;
    settings.dialect.model = "behaviour";
    settings.dialect.stream = options.stream;
    return std::make_unique<backend::OpenAiBackend>(std::make_shared<net::HttpClient>(), settings);
}

// Keeps `inFlight` requests going until all are answered.
class Client {
public:
    explicit Client(const Options& options, const std::string& url)
        : m_options(options), m_backend(backendOf(options, url)) {
        const std::string problem = testing::worldProblem(1);
        m_request.messages = {{"system", std::string(1500 + options.promptBytes, 's')},
                              {"user", "## Math Problem\n" + problem + "\n\n## Student Solution\n" +
                                           testing::worldSolution(problem, 2)}};
    }

    void run() {
        const int first = std::min(m_options.inFlight, m_options.requests);
        m_sent = first;
        for (int i = 0; i < first; ++i) {
            send(i);
        }
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_done == m_options.requests; });
    }
    [[nodiscard]] std::vector<double>& seconds() { return m_seconds; }
    [[nodiscard]] int failed() const { return m_failed; }

private:
    void send(int number) {
        backend::ChatRequest request = m_request;
        request.messages[1].content += "\n\n" + std::to_string(number);
        m_backend->complete(request, [this](backend::ChatOutcome&& outcome) { took(outcome); });
    }

    void took(const backend::ChatOutcome& outcome) {
        int next = -1;
        {
            const std::lock_guard lock(m_mutex);
            ++m_done;
            m_failed += outcome ? 0 : 1;
            if (outcome) {
                m_seconds.push_back(outcome->totalSeconds);
            }
            if (m_sent < m_options.requests) {
                next = m_sent++;
            }
            if (m_done == m_options.requests) {
                m_changed.notify_one();
            }
        }
        if (next >= 0) {
            send(next);
        }
    }

    const Options& m_options;
    backend::ChatRequest m_request;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_sent = 0;
    int m_done = 0;
    int m_failed = 0;
    std::vector<double> m_seconds;
    std::unique_ptr<backend::OpenAiBackend> m_backend;
};

Options read(int argc, char** argv) {
    Options options;
    options.server = argc > 1 ? argv[1] : "";
    for (int i = 2; i < argc; ++i) {
        const std::string option = argv[i];
        const auto value = [&] {
            return i + 1 < argc ? argv[++i] : "";
        };
        if (option == "--requests") {
            options.requests = std::atoi(value());
        } else if (option == "--in-flight") {
            options.inFlight = std::atoi(value());
        } else if (option == "--prompt-bytes") {
            options.promptBytes = std::strtoul(value(), nullptr, 10);
        } else if (option == "--plain") {
            options.stream = false;
        } else if (option == "--fixed") {
            options.serverArguments.push_back(option);
        } else {
            options.serverArguments.insert(options.serverArguments.end(), {option, value()});
        }
    }
    return options;
}

} // namespace

int main(int argc, char** argv) {
    const Options options = read(argc, argv);
    const ServerProcess server(options.server, options.serverArguments);
    Client client(options, server.url());
    const double ownBefore = processorSeconds(getpid());
    const double begin = now();
    client.run();
    const double seconds = now() - begin;
    const double count = options.requests;
    std::printf("%d requests, %d in flight, %s: %.0f/s, %d failed\n", options.requests,
                options.inFlight, options.stream ? "streamed" : "plain", count / seconds,
                client.failed());
    std::printf("processor time per request: client %.1f us, server %.1f us; of the machine's "
                "%.1f s here %.0f %%\n",
                (processorSeconds(getpid()) - ownBefore) / count * 1e6,
                processorSeconds(server.pid()) / count * 1e6, seconds,
                (processorSeconds(getpid()) - ownBefore) / seconds * 100);
    std::printf("latency: median %.1f ms, p99 %.1f ms; peak memory %.0f MiB\n",
                percentile(client.seconds(), 0.5) * 1000, percentile(client.seconds(), 0.99) * 1000,
                peakMemoryMiB(getpid()));
    return client.failed() == 0 ? 0 : 1;
}
