// SPDX-License-Identifier: GPL-3.0-or-later
// Whole runs against the behaviour server, everything stored durably:
//   bench_engine SERVER [rate|latency|long|resume|added]… [--problems N] [--plain] [--folder DIR]
// SERVER is the program scrit-behaviour-server; without a name all parts run. Each problem has four
// solutions, so a run makes up to eight completions a problem.
#include "core/backend/model_settings.h"
#include "core/backend/open_model.h"
#include "core/backend/openai_protocol.h"
#include "core/critique/step_splitter.h"
#include "core/format/importer.h"
#include "core/loop/run_engine.h"
#include "core/loop/run_request.h"
#include "core/loop/verify.h"
#include "core/store/run_reader.h"
#include "core/store/run_writer.h"
#include "tests/bench/bench_support.h"
#include "tests/support/behaviour.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

using namespace scrit;
using namespace scrit::bench;

namespace {

struct Options {
    std::string server;
    std::set<std::string> parts;
    int problems = 4000;
    bool stream = true;
    std::filesystem::path folder = std::filesystem::temp_directory_path() / "scrit-bench-engine";
};

// A benchmark that went wrong must not print a figure.
template<typename T>
T must(base::Expected<T> value) {
    if (!value) {
        std::fprintf(stderr, "bench_engine: %s\n", value.error().text().c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*value);
    }
}

// What one part wants to be measured.
struct Setting {
    int problems = 0;
    int inFlight = 256;
    std::size_t fillerBytes = 0; // in each problem, and so in each prompt
    std::vector<std::string> serverArguments;
};

model::Problem problemOf(int number, std::size_t fillerBytes) {
    model::Problem problem;
    problem.source = "world";
    problem.text = testing::worldProblem(static_cast<std::uint64_t>(number));
    problem.referenceAnswer = std::to_string(testing::worldAnswer(problem.text));
    while (problem.text.size() < fillerBytes) {
        problem.text += " The books are old, and nobody has ever read all of them to the end.";
    }
    problem.key = format::problemKey(problem);
    return problem;
}

void addProblems(store::Workspace& workspace, const Setting& setting) {
    must(workspace.write([&](store::Writer& writer) -> base::Expected<void> {
        for (int number = 0; number < setting.problems; ++number) {
            model::Problem problem = problemOf(number, setting.fillerBytes);
            problem.id = must(writer.addProblem(problem)).id;
            for (int student = 0; student < 4; ++student) {
                model::Solution solution;
                solution.problemId = problem.id;
                solution.author = "student-" + std::to_string(student);
                solution.text = testing::worldSolution(problem.text, student % 2 == 0 ? -1 : 1,
                                                       static_cast<std::uint64_t>(student));
                solution.steps = critique::splitSteps(solution.text);
                const auto answer =
                    testing::judgeSolution(problem.text, solution.text).answer.value_or(-1);
                solution.finalAnswer = std::to_string(answer);
                solution.key = format::solutionKey(problem.key, solution);
                solution.id = must(writer.addSolution(solution)).id;
                must(writer.addVerdict(*loop::answerMatchOfSolution(problem, solution, {})));
            }
        }
        return {};
    }));
}

// A workspace with a run that is about to start, and the server that it asks.
class Trial {
public:
    Trial(const Options& options, const Setting& setting)
        : server(options.server, setting.serverArguments), inFlight(setting.inFlight),
          file(options.folder / "bench.scrit") {
        std::filesystem::remove_all(options.folder);
        std::filesystem::create_directories(options.folder);
        workspace = must(store::Workspace::create(file.string()));
        addProblems(*workspace, setting);
        backend::ModelSettings settings;
        settings.urls = {server.url()};
        settings.modelId = "behaviour";
        settings.largestWindow = setting.inFlight;
        settings.stream = options.stream;
        model::Model row;
        row.name = "critic";
        row.kind = "openai";
        row.settings = backend::settingsJson(backend::ModelKind::OpenAi, settings);
        must(workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            must(store::RunWriter(writer).addModel(row));
            return {};
        }));
        loop::RunRequest request;
        request.recipe = must(loop::loadRecipe("scrit"));
        request.critic = "critic";
        run = must(loop::createRun(*workspace, request));
    }

    // Runs it to its end; what was seen meanwhile is in `seen`.
    void finish() {
        forgetPeakMemory();
        const double ownBefore = processorSeconds(getpid());
        const double begin = now();
        const auto engine = start(
            [this, begin](const loop::RunSnapshot& snapshot) { take(snapshot, now() - begin); });
        engine->wait();
        seconds = now() - begin;
        own = processorSeconds(getpid()) - ownBefore;
        const loop::RunSnapshot end = engine->snapshot();
        requests = end.requests;
        latency = end.latencySecondsMedian;
        if (end.state != model::RunState::Done) {
            std::fprintf(stderr, "bench_engine: the run ended as %s: %s\n",
                         std::string(model::name(end.state)).c_str(), end.message.c_str());
            std::exit(1);
        }
    }
    std::unique_ptr<loop::RunEngine> start(loop::RunEngine::Listener listener) {
        return must(loop::RunEngine::start(workspace, run, models.opener(), std::move(listener)));
    }

    ServerProcess server;
    int inFlight;
    std::filesystem::path file;
    std::shared_ptr<store::Workspace> workspace;
    backend::ModelServers models{std::make_shared<net::HttpClient>()};
    std::int64_t run = 0;

    double seconds = 0;
    double own = 0; // processor seconds
    std::int64_t requests = 0;
    double latency = 0; // median of the last requests, seconds
    double flying = 0;  // sum over the snapshots of the middle
    double window = 0;
    int snapshots = 0;
    double fullAfter = -1; // seconds until nine tenths of the window were in use
    std::vector<std::pair<double, std::int64_t>> progress; // seconds, requests ended

private:
    void take(const loop::RunSnapshot& snapshot, double at) {
        int here = 0;
        for (const auto& endpoint : snapshot.endpoints) {
            here += endpoint.inFlight;
            window += fullAfter >= 0 ? endpoint.window : 0;
        }
        if (fullAfter < 0 && here * 10 >= inFlight * 9) {
            fullAfter = at;
        } else if (fullAfter >= 0) {
            flying += here;
            ++snapshots;
        }
        progress.emplace_back(at, snapshot.requests - here);
    }
};

// Requests a second between the first and the last tenth of a run: without start and end.
double steadyRate(const Trial& trial) {
    const std::pair<double, std::int64_t>* first = nullptr;
    const std::pair<double, std::int64_t>* last = nullptr;
    for (const auto& point : trial.progress) {
        const double share =
            static_cast<double>(point.second) / static_cast<double>(trial.requests);
        if (first == nullptr && share >= 0.2) {
            first = &point;
        }
        if (share <= 0.8) {
            last = &point;
        }
    }
    return first != nullptr && last != nullptr && last->first > first->first
               ? static_cast<double>(last->second - first->second) / (last->first - first->first)
               : 0;
}

void printTrial(const char* name, const Trial& trial) {
    const auto count = static_cast<double>(trial.requests);
    std::printf("%s: %lld completions in %.1f s: %.0f/s (%.0f/s in the middle), stored durably\n",
                name, static_cast<long long>(trial.requests), trial.seconds, count / trial.seconds,
                steadyRate(trial));
    std::printf("  once the window was full: %.0f of %.0f in flight; latency of the last requests "
                "%.0f ms\n",
                trial.flying / std::max(1, trial.snapshots),
                trial.window / std::max(1, trial.snapshots), trial.latency * 1000);
    std::printf("  peak memory %.0f MiB; processor time per completion: engine %.0f us, server "
                "%.0f us; full window after %.2f s; file %.0f MB\n",
                peakMemoryMiB(getpid()), trial.own / count * 1e6,
                processorSeconds(trial.server.pid()) / count * 1e6, trial.fullAfter,
                static_cast<double>(std::filesystem::file_size(trial.file)) / 1e6);
}

// The same prompt and server, nothing stored: wrk reads bytes, aiohttp reads answers.
void compare(const Options& options, const Trial& trial, int inFlight) {
    const model::Problem problem = problemOf(0, 0);
    backend::ChatRequest request;
    request.messages = {
        {"system", std::string(2600, 's')},
        {"user", "## Math Problem\n" + problem.text + "\n\n## Reference Solution\n" +
                     testing::worldSolution(problem.text, -1) + "\n\n## Student Solution\n" +
                     testing::worldSolution(problem.text, 2)}};
    request.sampling.temperature = 0.7;
    const std::string body = must(backend::chatBody(request, {"behaviour", options.stream, {}}));
    const auto bodyFile = options.folder / "body.json";
    const auto script = options.folder / "post.lua";
    std::ofstream(bodyFile) << body;
    std::ofstream(script) << "wrk.method = 'POST'\nlocal f = io.open('" << bodyFile.string()
                          << "')\nwrk.body = f:read('*a')\n";
    const std::string url = trial.server.url();
    const std::string connections = std::to_string(inFlight);
    const std::string wrk = outputOf("wrk -t1 -c" + connections + " -d5 -s " + script.string() +
                                     " " + url + "/chat/completions 2>/dev/null");
    const std::size_t rate = wrk.find("Requests/sec:");
    std::printf("  wrk: %s\n", rate == std::string::npos
                                   ? "skipped, it is not installed"
                                   : wrk.substr(rate, wrk.find('\n', rate) - rate).c_str());
    const std::string python =
        outputOf("/usr/bin/python3 " SCRIT_SOURCE_DIR "/tests/bench/aiohttp_client.py " + url +
                 " " + bodyFile.string() + " 10000 " + connections + " 2>/dev/null");
    std::printf("  aiohttp client: %s",
                python.empty() ? "skipped, python3-aiohttp is not installed\n" : python.c_str());
}

void benchRate(const Options& options) {
    Trial trial(options, {options.problems, 256, 0, {}});
    trial.finish();
    printTrial("no latency, 256 in flight", trial);
    compare(options, trial, 256);
}

void benchLatency(const Options& options) {
    Trial trial(options, {options.problems, 512, 0, {"--latency-ms", "200"}});
    trial.finish();
    printTrial("200 ms latency, 512 in flight", trial);
    const double ideal = 512 / 0.2;
    std::printf("  ideal %.0f/s; share of it %.1f %% over the whole run, %.1f %% in the middle\n",
                ideal, static_cast<double>(trial.requests) / trial.seconds / ideal * 100,
                steadyRate(trial) / ideal * 100);
}

void benchLong(const Options& options) {
    Trial trial(options, {60, 64, 400'000, {}});
    trial.finish();
    printTrial("prompts of 400,000 bytes (100,000 tokens), 64 in flight", trial);
    std::printf("  %.0f MB of prompts a second\n",
                static_cast<double>(trial.requests) * 0.4 / trial.seconds);
}

// Marks that many critiques as done, each with its stored answer, as if the run had come so far.
void pretendDone(Trial& trial, int items) {
    const auto reader = must(trial.workspace->reader());
    const std::vector<std::int64_t> solutions = must(reader->ids({store::ListOf::Solutions, ""}));
    constexpr int kBatch = 5000;
    for (int from = 0; from < items; from += kBatch) {
        must(trial.workspace->write([&](store::Writer& writer) -> base::Expected<void> {
            store::RunWriter runs(writer);
            std::vector<model::WorkItem> batch;
            for (int i = from; i < std::min(items, from + kBatch); ++i) {
                model::WorkItem item;
                item.runId = trial.run;
                item.stage = model::stage::kCritique;
                item.subject = model::SubjectKind::Solution;
                item.subjectId = solutions[static_cast<std::size_t>(i) % solutions.size()];
                item.sample = 1 + i / static_cast<int>(solutions.size());
                batch.push_back(item);
            }
            must(runs.planItems(batch));
            for (const model::WorkItem& item : batch) {
                model::Completion completion;
                char key[33];
                std::snprintf(key, sizeof key, "%032llx", static_cast<unsigned long long>(item.id));
                completion.cacheKey = key;
                completion.runId = trial.run;
                completion.text = "An answer that was paid for long ago. " + std::string(300, 'x');
                completion.createdAt = 1;
                must(runs.addCompletion(completion));
                store::ItemEnd end;
                end.itemId = item.id;
                end.attempts = 1;
                must(runs.endItem(end));
            }
            return {};
        }));
    }
}

void benchResume(const Options& options) {
    constexpr int kDone = 200'000;
    Trial trial(options, {options.problems, 256, 0, {"--latency-ms", "100"}});
    pretendDone(trial, kDone);
    trial.workspace.reset();
    const double begin = now();
    trial.workspace = must(store::Workspace::open(trial.file.string()));
    const auto engine = trial.start({});
    const double started = now() - begin;
    double first = -1;
    double full = -1;
    while (full < 0 && now() - begin < 60) {
        int flying = 0;
        for (const auto& endpoint : engine->snapshot().endpoints) {
            flying += endpoint.inFlight;
        }
        first = first < 0 && flying > 0 ? now() - begin : first;
        full = flying * 10 >= trial.inFlight * 9 ? now() - begin : full;
        usleep(2000);
    }
    engine->stopNow();
    engine->wait();
    std::printf("resume with %d finished items, 100 ms latency, 256 in flight: started after %.2f "
                "s, first request %.2f s, full window %.2f s; peak memory %.0f MiB\n",
                kDone, started, first, full, peakMemoryMiB(getpid()));
}

void benchAdded(const Options& options) {
    Trial trial(options, {std::min(options.problems, 1000), 64, 0, {"--latency-ms", "50"}});
    trial.finish();
    trial.workspace.reset();
    SQLite::Database database(trial.file.string());
    SQLite::Statement query(database, "SELECT latency_seconds, queue_seconds FROM completion");
    std::vector<double> latency;
    std::vector<double> queue;
    while (query.executeStep()) {
        latency.push_back(query.getColumn(0).getDouble());
        queue.push_back(query.getColumn(1).getDouble());
    }
    printTrial("50 ms latency, 64 in flight", trial);
    std::printf("  added to the server's 50 ms: median %.1f ms, p99 %.1f ms; time in our queue "
                "before that: median %.1f ms, p99 %.1f ms\n",
                percentile(latency, 0.5) * 1000 - 50, percentile(latency, 0.99) * 1000 - 50,
                percentile(queue, 0.5) * 1000, percentile(queue, 0.99) * 1000);
}

Options read(int argc, char** argv) {
    Options options;
    options.server = argc > 1 ? argv[1] : "";
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--plain") {
            options.stream = false;
        } else if (word == "--problems" && i + 1 < argc) {
            options.problems = std::atoi(argv[++i]);
        } else if (word == "--folder" && i + 1 < argc) {
            options.folder = argv[++i];
        } else {
            options.parts.insert(word);
        }
    }
    return options;
}

} // namespace

int main(int argc, char** argv) {
    const Options options = read(argc, argv);
    const std::vector<std::pair<std::string, void (*)(const Options&)>> parts{
        {"rate", benchRate},
        {"latency", benchLatency},
        {"long", benchLong},
        {"resume", benchResume},
        {"added", benchAdded}};
    for (const auto& [name, part] : parts) {
        if (options.parts.empty() || options.parts.contains(name)) {
            part(options);
            std::fflush(stdout);
        }
    }
    std::filesystem::remove_all(options.folder);
    return 0;
}
