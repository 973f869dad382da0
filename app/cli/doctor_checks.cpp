// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/doctor_checks.h"

#include "app/cli/model_commands.h"
#include "core/backend/builtin_backend.h"
#include "core/backend/child_process.h"
#include "core/backend/gpu.h"
#include "core/backend/slurm_client.h"
#include "core/base/clock.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/mini/network.h"

#include <fcntl.h>
#include <ginac/version.h>
#include <poll.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>

namespace scrit::cli {
namespace {

namespace fs = std::filesystem;

std::string gibibytes(std::uintmax_t bytes) {
    const std::uintmax_t tenths = bytes / ((std::uintmax_t{1} << 30U) / 10);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

std::uintmax_t pages(int name) {
    const long count = sysconf(name);
    const long size = sysconf(_SC_PAGESIZE);
    return count > 0 && size > 0
               ? static_cast<std::uintmax_t>(count) * static_cast<std::uintmax_t>(size)
               : 0;
}

// Reads until the end, or until `deadline` (steadyMillis).
bool readAll(int fd, std::int64_t deadline, std::string& out) {
    constexpr std::size_t kMost = std::size_t{64} << 10U;
    char buffer[4096];
    for (;;) {
        const std::int64_t left = deadline - base::steadyMillis();
        pollfd waiting{fd, POLLIN, 0};
        if (left <= 0 || out.size() > kMost) {
            return false;
        }
        const int ready = poll(&waiting, 1, static_cast<int>(left));
        if (ready < 0 && errno != EINTR) {
            return false;
        }
        if (ready <= 0) {
            continue;
        }
        const ssize_t got = read(fd, buffer, sizeof buffer);
        if (got <= 0) {
            return got == 0;
        }
        out.append(buffer, static_cast<std::size_t>(got));
    }
}

Check program(const std::string& name, const std::string& advice) {
    const std::string path = onPath(name);
    return {name, false, !path.empty(), path, advice};
}

// "version: 11669 (abc)" or "0.6.3": programs write other lines besides.
bool isVersion(const std::string& line) {
    const std::size_t dot = line.find_first_not_of("v0123456789");
    return line.starts_with("version") || (dot != std::string::npos && dot > 0 &&
                                           line[dot] == '.' && line.find(' ') == std::string::npos);
}

// A program with its version and path.
Check versioned(const std::string& name, const std::string& advice, int millis) {
    Check check = program(name, advice);
    if (!check.found) {
        return check;
    }
    std::string left = outputOf({name, "--version"}, millis);
    while (!left.empty()) {
        const std::size_t end = std::min(left.find('\n'), left.size());
        const std::string line(base::trimmed(std::string_view(left).substr(0, end)));
        if (isVersion(line)) {
            check.value = base::excerpt(line, 100) + ", " + check.value;
            break;
        }
        left.erase(0, end + 1);
    }
    return check;
}

Check slurm() {
    Check check = program("sbatch", "no Slurm here: training and serving stay on this machine");
    if (check.found) {
        backend::SlurmClient::Options options;
        options.millis = 3000;
        const auto version = backend::SlurmClient(options).version();
        check.value = version ? "Slurm " + *version + ", " + check.value : check.value;
    }
    return check;
}

Check resources() {
    const auto folder = base::resourceFolder();
    return {"resources", true, folder.has_value(), folder ? folder->string() : "",
            folder ? "" : folder.error().advice};
}

// Studio carries MathJax inside; whether it does was decided when both programs were built.
Check mathjax() {
    if constexpr (SCRIT_WITH_STUDIO == 0) {
        return {"mathjax", false, false, "", "not needed: this build is without Studio"};
    }
    constexpr bool kBuiltIn = SCRIT_WITH_MATHJAX != 0;
    return {"mathjax", false, kBuiltIn, kBuiltIn ? "built into Studio" : "",
            kBuiltIn
                ? ""
                : "Studio shows formulas as source: run packaging/mathjax/fetch and build again"};
}

Check miniature() {
    const auto path = backend::builtinCheckpoint("");
    const auto network = backend::loadBuiltin("");
    return {"miniature", false, network.has_value(), path ? path->string() : "",
            network ? "" : network.error().text()};
}

Check libtorch() {
    const base::Expected<void> can = mini::canTrain();
    return {"libtorch", false, can.has_value(), "the miniature can be trained",
            can ? "" : can.error().text()};
}

Check gpu() {
    const auto gpus = backend::queryGpus();
    if (!gpus) {
        return {"gpu", false, false, "", gpus.error().text()};
    }
    std::string value;
    for (const backend::Gpu& gpu : *gpus) {
        value += (value.empty() ? "" : "; ") + std::to_string(gpu.index) + ": " + gpu.name + ", " +
                 backend::bytesText(gpu.totalBytes) + ", " + backend::bytesText(gpu.freeBytes) +
                 " free";
    }
    return {"gpu", false, !gpus->empty(), value,
            "no NVIDIA GPU answers: models run on the processor or on a remote server"};
}

} // namespace

std::string onPath(std::string_view program) {
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const std::size_t colon = std::min(rest.find(':'), rest.size());
        const fs::path candidate = fs::path(rest.substr(0, colon)) / program;
        std::error_code error;
        if (access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate, error)) {
            return candidate.string();
        }
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    return {};
}

std::string outputOf(const std::vector<std::string>& command, int millis) {
    const std::string path = onPath(command.front());
    int ends[2];
    if (path.empty() || pipe2(ends, O_CLOEXEC) != 0) {
        return {};
    }
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    pid_t child = 0;
    const int spawned =
        posix_spawn(&child, path.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    std::string out;
    if (spawned == 0) {
        const bool complete = readAll(ends[0], base::steadyMillis() + millis, out);
        if (!complete) {
            kill(child, SIGKILL);
        }
        int status = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        if (!complete || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            out.clear();
        }
    }
    close(ends[0]);
    return out;
}

std::vector<Check> runChecks() {
    std::error_code error;
    const fs::space_info space = fs::space(fs::current_path(error), error);
    std::vector<Check> checks;
    checks.push_back({"scrit", true, true, SCRIT_VERSION, ""});
    checks.push_back({"sqlite", true, true, sqlite3_libversion(), ""});
    checks.push_back({"ginac", true, true,
                      std::to_string(GINACLIB_MAJOR_VERSION) + "." +
                          std::to_string(GINACLIB_MINOR_VERSION) + "." +
                          std::to_string(GINACLIB_MICRO_VERSION),
                      ""});
    checks.push_back(
        {"threads", true, true, std::to_string(std::thread::hardware_concurrency()), ""});
    checks.push_back(
        {"memory", true, true,
         gibibytes(pages(_SC_PHYS_PAGES)) + ", " + gibibytes(pages(_SC_AVPHYS_PAGES)) + " free",
         ""});
    constexpr std::uintmax_t kLittleSpace = std::uintmax_t{1} << 30U;
    checks.push_back({"disk", true, !error && space.available >= kLittleSpace,
                      gibibytes(error ? 0 : space.available) + " free here",
                      "less than 1 GiB is free here: work elsewhere or make room"});
    checks.push_back(resources());
    checks.push_back(mathjax());
    checks.push_back(miniature());
    checks.push_back(libtorch());
    checks.push_back(gpu());
    checks.push_back(
        versioned("llama-server", "install llama.cpp to serve models on this machine", 3000));
    checks.push_back(
        versioned("vllm", "install vLLM to serve models on this machine's GPU", 10'000));
    checks.push_back(slurm());
    return checks;
}

base::Expected<std::vector<Check>> modelChecks(const std::string& workspace) {
    const auto models = knownModels(workspace);
    if (!models) {
        return base::fail(models.error());
    }
    std::vector<Check> checks;
    for (const KnownModel& model : *models) {
        if (!backend::isManaged(model.kind)) {
            continue;
        }
        if (model.settings.slurm) {
            checks.push_back({"model " + model.model.name, false, !onPath("sbatch").empty(),
                              "would be served through " + placeOf(model),
                              "Slurm is not installed here: use it on a login node"});
            continue;
        }
        const std::string program = model.settings.program.empty()
                                        ? std::string(backend::name(model.kind))
                                        : model.settings.program;
        checks.push_back({"model " + model.model.name, false,
                          backend::findProgram(program).has_value(), "would run " + planText(model),
                          "the program " + program + " was not found: install it"});
    }
    return checks;
}

} // namespace scrit::cli
