// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace scrit::backend {
namespace {

bool isExecutableFile(const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           access(path.c_str(), X_OK) == 0;
}

// Everything exec needs, laid out before fork: after it only async-signal-safe calls are allowed.
struct ExecPlan {
    std::vector<std::string> words;
    std::vector<char*> argv;
    std::vector<std::string> settings;
    std::vector<char*> envp;
    std::string folder;
    bool guarded;

    ExecPlan(const std::string& path, const Command& command)
        : folder(command.workingFolder), guarded(command.guarded) {
        words.push_back(path);
        words.insert(words.end(), command.arguments.begin(), command.arguments.end());
        for (std::string& word : words) {
            argv.push_back(word.data());
        }
        argv.push_back(nullptr);
        for (char** entry = environ; *entry != nullptr; ++entry) {
            settings.emplace_back(*entry);
        }
        for (const auto& [name, value] : command.environment) {
            settings.push_back(name + "=" + value); // a later setting wins below
        }
        for (auto entry = settings.rbegin(); entry != settings.rend(); ++entry) {
            const std::string key = entry->substr(0, entry->find('=') + 1);
            bool known = false;
            for (char* chosen : envp) {
                known = known || std::strncmp(chosen, key.c_str(), key.size()) == 0;
            }
            if (!known) {
                envp.push_back(entry->data());
            }
        }
        envp.push_back(nullptr);
    }
};

constexpr int kParentEnded = SIGPWR; // that nobody else sends

// The guard of a program: ends as the program ends, and takes the group with it when its own parent
// thread has ended (kParentEnded). Only async-signal-safe calls, since it never calls exec.
[[noreturn]] void guard(pid_t program, pid_t parent) {
    prctl(PR_SET_NAME, "scrit-guard");
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, kParentEnded);
    close_range(0, ~0U, 0); // nobody must wait for the end of a pipe that only we hold
    for (int signalled = 0;; signalled = sigwaitinfo(&awaited, nullptr)) {
        int status = 0;
        if (getppid() != parent || signalled == kParentEnded) {
            kill(-getpid(), SIGKILL);
        }
        if (waitpid(program, &status, WNOHANG) == program) {
            if (!WIFSIGNALED(status)) {
                _exit(WEXITSTATUS(status));
            }
            const rlimit noCore{0, 0};
            setrlimit(RLIMIT_CORE, &noCore);
            std::signal(WTERMSIG(status), SIG_DFL);
            sigset_t none;
            sigemptyset(&none);
            sigprocmask(SIG_SETMASK, &none, nullptr);
            kill(getpid(), WTERMSIG(status));
            _exit(128 + WTERMSIG(status));
        }
    }
}

// In the child: becomes the guard, and goes on as the guarded program in a child of its own; gives
// the guard's id.
pid_t startGuard(pid_t parent) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr); // what is sent to the group is for the program
    prctl(PR_SET_PDEATHSIG, kParentEnded);
    const pid_t self = getpid();
    const pid_t program = fork();
    if (program > 0) {
        guard(program, parent);
    }
    return self;
}

[[noreturn]] void runChild(const ExecPlan& plan, int output, int report, pid_t parent) {
    setpgid(0, 0);
    if (plan.guarded) {
        parent = startGuard(parent);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const bool inFolder = plan.folder.empty() || chdir(plan.folder.c_str()) == 0;
    if (inFolder && getppid() == parent) { // the parent may have died before prctl
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        const int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, STDIN_FILENO);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        execve(plan.argv.front(), plan.argv.data(), plan.envp.data());
    }
    const int error = errno;
    [[maybe_unused]] const ssize_t written = write(report, &error, sizeof error);
    _exit(127);
}

} // namespace

std::optional<std::string> findProgram(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return isExecutableFile(name) ? std::optional(name) : std::nullopt;
    }
    const char* path = std::getenv("PATH");
    std::string_view left = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
    while (!left.empty()) {
        const std::size_t colon = left.find(':');
        const std::string candidate = std::string(left.substr(0, colon)) + "/" + name;
        if (isExecutableFile(candidate)) {
            return candidate;
        }
        left = colon == std::string_view::npos ? std::string_view{} : left.substr(colon + 1);
    }
    return std::nullopt;
}

base::Expected<ChildProcess> ChildProcess::start(const Command& command) {
    const std::optional<std::string> path = findProgram(command.program);
    if (!path) {
        return base::fail(base::ErrorCode::NotFound,
                          "the program " + command.program + " was not found",
                          "install it, or give its full path");
    }
    std::array<int, 2> output{-1, -1};
    std::array<int, 2> report{-1, -1};
    if (pipe2(output.data(), O_CLOEXEC) != 0) {
        return base::fail(base::systemError(errno, "cannot start", command.program));
    }
    if (pipe2(report.data(), O_CLOEXEC) != 0) {
        const int error = errno;
        ::close(output[0]);
        ::close(output[1]);
        return base::fail(base::systemError(error, "cannot start", command.program));
    }
    const ExecPlan plan(*path, command);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        runChild(plan, output[1], report[1], parent);
    }
    const int forkError = errno;
    ::close(output[1]);
    ::close(report[1]);
    int execError = 0;
    const bool failed =
        pid < 0 || read(report[0], &execError, sizeof execError) == sizeof execError;
    ::close(report[0]);
    if (failed) {
        ::close(output[0]);
        if (pid > 0) {
            waitpid(pid, nullptr, 0);
        }
        return base::fail(
            base::systemError(pid < 0 ? forkError : execError, "cannot start", *path));
    }
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    ChildProcess child;
    child.m_pid = pid;
    child.m_output = output[0];
    return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1)), m_output(std::exchange(other.m_output, -1)),
      m_end(std::move(other.m_end)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    if (this != &other) {
        killAndReap();
        m_pid = std::exchange(other.m_pid, -1);
        m_output = std::exchange(other.m_output, -1);
        m_end = std::move(other.m_end);
    }
    return *this;
}

ChildProcess::~ChildProcess() {
    killAndReap();
}

void ChildProcess::killAndReap() noexcept {
    if (m_pid > 0 && !m_end) {
        signalGroup(SIGKILL);
        while (waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    if (m_output >= 0) {
        ::close(m_output);
    }
    m_pid = -1;
    m_output = -1;
}

std::string ChildProcess::readOutput(std::size_t limit) {
    std::string text;
    std::array<char, 16384> block{};
    while (text.size() < limit) {
        const ssize_t got = read(m_output, block.data(), block.size());
        if (got <= 0) {
            break;
        }
        text.append(block.data(), static_cast<std::size_t>(got));
    }
    return text;
}

std::optional<std::string> ChildProcess::ended() {
    if (m_end || m_pid <= 0) {
        return m_end;
    }
    int status = 0;
    if (waitpid(m_pid, &status, WNOHANG) != m_pid) {
        return std::nullopt;
    }
    m_end = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                : "exit code " + std::to_string(WEXITSTATUS(status));
    kill(-m_pid, SIGKILL); // what it left in its group
    return m_end;
}

void ChildProcess::signalGroup(int number) const {
    if (m_pid > 0 && !m_end) {
        kill(-m_pid, number);
        kill(m_pid, number); // in case it has not become a group leader yet
    }
}

} // namespace scrit::backend
