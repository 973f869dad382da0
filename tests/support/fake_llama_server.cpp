// SPDX-License-Identifier: GPL-3.0-or-later
// A program that behaves like llama-server at its edges: port 0, readiness on /health, a log line
// with the real port, a key from the environment. The model "file" says how it misbehaves:
//   ok            loads for 100 ms, then serves
//   bad           exits 1 with a reason on stderr
//   never-ready   /health stays 503
//   crash         serves, and dies by SIGABRT when asked for /crash
//   stubborn      ignores SIGTERM
#include "tests/support/fake_http_server.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

using namespace scrit::testing;

int main(int argc, char** argv) {
    std::string model;
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::string(argv[i]) == "-m") {
            model = argv[i + 1];
        }
    }
    if (model == "bad") {
        std::fprintf(stderr, "error: failed to load model '%s'\n", model.c_str());
        return 1;
    }
    if (model == "stubborn") {
        std::signal(SIGTERM, SIG_IGN);
    }
    const char* key = std::getenv("LLAMA_API_KEY");
    const std::string expected = std::string("Bearer ") + (key != nullptr ? key : "");
    const auto started = std::chrono::steady_clock::now();
    FakeHttpServer server([&](const FakeRequest& request) {
        const bool loaded =
            std::chrono::steady_clock::now() - started > std::chrono::milliseconds(100);
        if (request.path == "/health") {
            return loaded && model != "never-ready"
                       ? fakeAnswer(200, "{\"status\":\"ok\"}")
                       : fakeAnswer(503, "{\"error\":{\"message\":\"Loading model\"}}");
        }
        if (request.path == "/crash") {
            std::abort();
        }
        return request.header("authorization") == expected ? fakeAnswer(200, "{\"data\":[]}")
                                                           : fakeAnswer(401, "{}");
    });
    std::fprintf(stderr, "main: server is listening on http://127.0.0.1:%d - starting\n",
                 server.port());
    std::fflush(stderr);
    while (true) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}
