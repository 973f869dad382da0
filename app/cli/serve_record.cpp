// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/serve_record.h"

#include "app/cli/json_output.h"
#include "core/base/atomic_file.h"
#include "core/base/hash.h"
#include "core/base/resources.h"
#include "core/base/text.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace scrit::cli {
namespace {

namespace fs = std::filesystem;
using base::Expected;

std::string recordFolder() {
    const auto named = [](const char* variable) -> std::string {
        const char* value = std::getenv(variable);
        return value != nullptr && *value == '/' ? value : "";
    };
    if (const std::string runtime = named("XDG_RUNTIME_DIR"); !runtime.empty()) {
        return runtime + "/scrit-studio";
    }
    if (const std::string state = named("XDG_STATE_HOME"); !state.empty()) {
        return state + "/scrit-studio";
    }
    const std::string home = named("HOME");
    return home.empty() ? std::string() : home + "/.local/state/scrit-studio";
}

std::string canonicalPath(const std::string& path) {
    std::error_code error;
    const fs::path whole = fs::weakly_canonical(path, error);
    return error ? path : whole.string();
}

// Field 22 of /proc/PID/stat: when the process began, in ticks since the machine did. Empty when
// there is no such process.
std::string startTime(pid_t pid) {
    const auto stat = base::readFile("/proc/" + std::to_string(pid) + "/stat", 65'536);
    if (!stat) {
        return {};
    }
    // The name in brackets may hold anything; fields are counted from its end, which is field 2.
    std::size_t at = stat->rfind(')');
    for (int field = 2; field < 22 && at != std::string::npos; ++field) {
        at = stat->find(' ', at + 1);
    }
    return at == std::string::npos ? "" : stat->substr(at + 1, stat->find(' ', at + 1) - at - 1);
}

// The command line, words ended by NUL.
std::string commandLine(pid_t pid) {
    return base::readFile("/proc/" + std::to_string(pid) + "/cmdline", 1U << 20U).value_or("");
}

// A handle of a process that stays with that process, however process ids are reused.
class ProcessHandle {
public:
    explicit ProcessHandle(pid_t pid) : m_fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
    ~ProcessHandle() {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
    }
    ProcessHandle(const ProcessHandle&) = delete;
    ProcessHandle& operator=(const ProcessHandle&) = delete;

    [[nodiscard]] bool signal(int number) const {
        return m_fd >= 0 && syscall(SYS_pidfd_send_signal, m_fd, number, nullptr, 0) == 0;
    }
    [[nodiscard]] bool waitEnd(std::int64_t millis) const {
        pollfd waiter{m_fd, POLLIN, 0};
        return poll(&waiter, 1, static_cast<int>(millis)) > 0;
    }

private:
    int m_fd;
};

struct Entry {
    pid_t pid = 0;
    std::string startTime;
    std::string commandLine; // its hash
};

std::optional<Entry> readEntry(const std::string& path) {
    const auto text = base::readFile(path, 65'536);
    const Json json = Json::parse(text.value_or(""), nullptr, false);
    if (!json.is_object() || !json.contains("pid") || !json["pid"].is_number_integer() ||
        !json.contains("start_time") || !json["start_time"].is_string() ||
        !json.contains("command_line") || !json["command_line"].is_string()) {
        return std::nullopt;
    }
    return Entry{json["pid"].get<pid_t>(), json["start_time"].get<std::string>(),
                 json["command_line"].get<std::string>()};
}

bool isStillIt(const Entry& entry) {
    return entry.pid > 1 && !entry.startTime.empty() && startTime(entry.pid) == entry.startTime &&
           base::contentHash({commandLine(entry.pid)}) == entry.commandLine;
}

} // namespace

ServeRecord::ServeRecord(const std::string& workspace, const std::string& model)
    : m_model(model), m_folder(recordFolder()),
      m_path(m_folder + "/serve-" + base::contentHash({canonicalPath(workspace), model}) +
             ".json") {}

Expected<void> ServeRecord::claim() {
    if (m_folder.empty()) {
        return base::fail(base::ErrorCode::NotFound, "neither XDG_RUNTIME_DIR nor HOME is set",
                          "set one of them: the running server is noted there");
    }
    if (const std::optional<pid_t> other = serving()) {
        return base::fail(base::ErrorCode::Exists,
                          "process " + std::to_string(*other) + " already serves " + m_model,
                          "stop it with scrit model stop");
    }
    std::error_code error;
    fs::create_directories(m_folder, error);
    if (error) {
        return base::fail(base::systemError(error.value(), "cannot create", m_folder));
    }
    fs::permissions(m_folder, fs::perms::owner_all, error);
    auto file = base::AtomicFile::create(m_path);
    if (!file) {
        return base::fail(file.error());
    }
    const pid_t self = getpid();
    const Json json{{"model", m_model},
                    {"pid", self},
                    {"start_time", startTime(self)},
                    {"command_line", base::contentHash({commandLine(self)})}};
    if (auto written = file->write(dumped(json) + "\n"); !written) {
        return written;
    }
    return file->commit();
}

void ServeRecord::release() {
    const std::optional<Entry> entry = readEntry(m_path);
    if (entry && entry->pid == getpid()) {
        std::error_code ignored;
        fs::remove(m_path, ignored);
    }
}

std::optional<pid_t> ServeRecord::serving() const {
    const std::optional<Entry> entry = readEntry(m_path);
    if (entry && isStillIt(*entry)) {
        return entry->pid;
    }
    std::error_code ignored;
    fs::remove(m_path, ignored);
    return std::nullopt;
}

Expected<pid_t> ServeRecord::stop(std::int64_t millis) const {
    const std::optional<Entry> entry = readEntry(m_path);
    if (!entry) {
        return base::fail(base::ErrorCode::NotFound,
                          "no server of model " + m_model + " is running",
                          "only what scrit model serve started can be stopped here");
    }
    const ProcessHandle process(entry->pid); // first the handle, then the look at what it is
    if (!isStillIt(*entry)) {
        std::error_code ignored;
        fs::remove(m_path, ignored);
        return base::fail(base::ErrorCode::NotFound,
                          "the server of model " + m_model + " has ended already");
    }
    for (int step = 0; step < 2; ++step) {
        if (!process.signal(SIGTERM) && errno != ESRCH) {
            return base::fail(
                base::systemError(errno, "cannot stop process", std::to_string(entry->pid)));
        }
        if (process.waitEnd(millis)) {
            return entry->pid;
        }
    }
    return base::fail(base::ErrorCode::Limit,
                      "process " + std::to_string(entry->pid) + " does not end",
                      "look at it, and end it with kill if need be");
}

} // namespace scrit::cli
