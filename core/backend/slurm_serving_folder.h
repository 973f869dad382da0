// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/model_settings.h"
#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The folder through which the tasks of a serving and the programs that use it speak to each other.
// It is on a file system that the nodes share. Private to core/backend.
//
//   key            the servers' key, mode 0600
//   serve.sh       the batch script
//   serving.json   {"job_name", "job", "tasks", "keep"}: what was submitted
//   task-K         "JOB RESTART PORT HOST…": task K's server has been started there
//   beat-K         changes every few seconds while the script of task K runs
//   exit-K         "JOB RESTART CODE": how that script ended
//   log-K          what the server of task K wrote
//   lock           held while one of the above is changed by us
//   users          a shared lock of everybody who uses the servers
namespace scrit::backend {

// How long one waits for the folder's lock, and for Slurm to end a cancelled job.
inline constexpr std::int64_t kLockMillis = 30'000;
inline constexpr std::int64_t kCancelMillis = 30'000;

// What was submitted.
struct ServingRecord {
    std::string jobName; // empty: nothing was
    std::string job;     // the array's id; empty: not known
    int tasks = 0;
    bool keep = false; // the servers stay when nobody uses them
};

struct ServingEndpoint {
    std::string job;
    int restart = 0;
    int port = 0;
    std::vector<std::string> hosts; // names of the node, the likeliest first
};

struct ServingExit {
    std::string job;
    int restart = 0;
    int code = 0;
};

// $XDG_STATE_HOME or ~/.local/state, /scrit-studio/slurm; or the folder that the settings name.
// NotFound when there is no home.
[[nodiscard]] base::Expected<std::filesystem::path> servingFolder(ModelKind kind,
                                                                  const ModelSettings& settings);

// A lock on a file that ends with the process. One thread at a time.
class FileLock {
public:
    enum class Mode { Shared, Exclusive };
    // Waits up to `millis`; Locked when somebody else holds it all that time.
    [[nodiscard]] static base::Expected<FileLock> take(const std::filesystem::path& file, Mode mode,
                                                       std::int64_t millis);
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock();

private:
    explicit FileLock(int fd) : m_fd(fd) {}
    int m_fd = -1;
};

class ServingFolder {
public:
    explicit ServingFolder(std::filesystem::path path) : m_path(std::move(path)) {}
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    // Makes it, for the owner alone.
    [[nodiscard]] base::Expected<void> make() const;

    [[nodiscard]] ServingRecord record() const; // an empty one when there is none
    [[nodiscard]] base::Expected<void> write(const ServingRecord& record) const;
    // The key; empty when there is none.
    [[nodiscard]] std::string key() const;
    // Makes a new key. Io, Permission.
    [[nodiscard]] base::Expected<std::string> makeKey() const;
    [[nodiscard]] base::Expected<void> writeScript(std::string_view text) const;
    // Takes away what tasks and we have written, but logs and locks.
    void clear() const;
    void clearLogs() const;

    [[nodiscard]] std::optional<ServingEndpoint> endpoint(int task) const;
    [[nodiscard]] std::optional<ServingExit> exit(int task) const;
    [[nodiscard]] std::string beat(int task) const;
    // The last lines of a task's log that say best what is wrong, without the key; one line.
    [[nodiscard]] std::string lastWords(int task, std::string_view key) const;
    [[nodiscard]] std::filesystem::path log(int task) const;

private:
    std::filesystem::path m_path;
};

// bash: one task of the array. Pure.
[[nodiscard]] std::string servingScript(ModelKind kind, const ModelSettings& settings,
                                        const std::filesystem::path& folder);

} // namespace scrit::backend
