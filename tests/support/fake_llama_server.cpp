// SPDX-License-Identifier: GPL-3.0-or-later
// A program that behaves like llama-server at its edges: port 0, readiness on /health, a log line
// with the real port, a key from the environment; and like vLLM when it is called as "serve MODEL".
// The name of the model file, without folder and ending, says how it misbehaves:
//   ok            loads for 100 ms, then serves
//   bad           exits 1 with a reason on stderr
//   never-ready   /health stays 503
//   crash         serves, and dies by SIGABRT when asked for /crash
//   stubborn      ignores SIGTERM
//   hang          takes chat requests and never answers
//   tells-key     repeats the Authorization header in its log and in error answers to chat requests
#include "tests/support/fake_http_server.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

using namespace scrit::testing;

namespace {

struct Arguments {
    std::string model;
    std::string slots = "1";
    std::string context = "512"; // of all slots
    int port = 0;
    bool isVllm = false;
};

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    arguments.isVllm = argc > 1 && std::string(argv[1]) == "serve";
    for (int i = 1; i + 1 < argc; ++i) {
        const std::string option = argv[i];
        const std::string value = argv[i + 1];
        if (option == "-m" || option == "serve") {
            arguments.model = std::filesystem::path(value).stem().string();
        } else if (option == "--parallel") {
            arguments.slots = value;
        } else if (option == "--ctx-size") {
            arguments.context = value;
        } else if (option == "--port") {
            arguments.port = std::atoi(value.c_str());
        }
    }
    return arguments;
}

FakeReply chat(const Arguments& arguments, const FakeRequest& request) {
    if (arguments.model == "hang") {
        return {{}, FakeReply::Ending::Hang};
    }
    if (arguments.model == "tells-key") {
        const std::string header(request.header("authorization"));
        std::fprintf(stderr, "refused a request with %s\n", header.c_str());
        return fakeAnswer(400, R"({"error":{"message":"you sent )" + header + "\"}}");
    }
    return fakeStream({R"({"choices":[{"index":0,"delta":{"content":"1 2"}}]})",
                       R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})",
                       R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}})",
                       "[DONE]"},
                      5);
}

FakeReply serve(const Arguments& arguments, const FakeRequest& request) {
    if (request.path == "/v1/chat/completions") {
        return chat(arguments, request);
    }
    if (request.path == "/version" && arguments.isVllm) {
        return fakeAnswer(200, R"({"version":"0.0-fake"})");
    }
    if (request.path == "/props" && !arguments.isVllm) {
        const int slots = std::atoi(arguments.slots.c_str());
        const int each = std::atoi(arguments.context.c_str()) / (slots > 0 ? slots : 1);
        return fakeAnswer(200, R"({"build_info":"b0-fake","total_slots":)" + arguments.slots +
                                   R"(,"default_generation_settings":{"n_ctx":)" +
                                   std::to_string(each) + "}}");
    }
    if (request.path == "/slots" && !arguments.isVllm) {
        return fakeAnswer(200, R"([{"id":0,"is_processing":false}])");
    }
    if (request.path == "/metrics") {
        // A few tokens more each time it is asked.
        static int tokens = 0;
        tokens += 7;
        return arguments.isVllm ? fakeAnswer(200, "vllm:num_requests_running{engine=\"0\"} 2.0\n"
                                                  "vllm:num_requests_running{engine=\"1\"} 1.0\n"
                                                  "vllm:num_requests_waiting{engine=\"0\"} 5.0\n"
                                                  "vllm:generation_tokens_total{engine=\"0\"} " +
                                                      std::to_string(tokens) + ".0\n")
                                : fakeAnswer(200, "# TYPE llamacpp:requests_processing gauge\n"
                                                  "llamacpp:requests_processing 1\n"
                                                  "llamacpp:requests_deferred 4\n"
                                                  "llamacpp:tokens_predicted_total " +
                                                      std::to_string(tokens) + "\n");
    }
    if (request.path == "/v1/models") {
        return fakeAnswer(200, R"({"data":[{"id":")" + arguments.model + R"(","owned_by":")" +
                                   (arguments.isVllm ? "vllm" : "llamacpp") + "\"}]}");
    }
    return fakeAnswer(404, "{}");
}

} // namespace

int main(int argc, char** argv) {
    const Arguments arguments = parse(argc, argv);
    if (arguments.model == "bad") {
        std::fprintf(stderr, "error: failed to load model '%s'\n", arguments.model.c_str());
        return 1;
    }
    if (arguments.model == "stubborn") {
        std::signal(SIGTERM, SIG_IGN);
    }
    const char* key = std::getenv(arguments.isVllm ? "VLLM_API_KEY" : "LLAMA_API_KEY");
    const std::string expected = std::string("Bearer ") + (key != nullptr ? key : "");
    const auto started = std::chrono::steady_clock::now();
    FakeHttpServer server(
        [&](const FakeRequest& request) {
            const bool loaded =
                std::chrono::steady_clock::now() - started > std::chrono::milliseconds(100);
            if (request.path == "/health") {
                return loaded && arguments.model != "never-ready"
                           ? fakeAnswer(200, "{\"status\":\"ok\"}")
                           : fakeAnswer(503, "{\"error\":{\"message\":\"Loading model\"}}");
            }
            if (request.path == "/crash") {
                std::abort();
            }
            return request.header("authorization") == expected ? serve(arguments, request)
                                                               : fakeAnswer(401, "{}");
        },
        arguments.port);
    std::fprintf(stderr, "main: server is listening on http://127.0.0.1:%d - starting\n",
                 server.port());
    std::fflush(stderr);
    while (true) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}
