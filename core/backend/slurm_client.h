// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/child_process.h"
#include "core/backend/slurm_job.h"
#include "core/base/cancellation.h"
#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace scrit::backend {

// A batch script as it is handed to sbatch. Everything travels as arguments of a program, no shell
// reads it.
struct SlurmSubmission {
    std::filesystem::path script;
    std::string jobName;                 // see safeSlurmName()
    std::filesystem::path log;           // stdout and stderr of the script
    std::filesystem::path workingFolder; // of the script
    int tasks = 0;                       // 0: a plain job; else an array of that many
    bool requeue = false;                // whether Slurm may start it again on another node
};

// Slurm's programs, each run with a time limit: a controller that is down blocks them for about 9
// s, a missing configuration for a minute. Every call blocks; an instance has no state and may be
// used from any thread.
//
// Errors: Unavailable (Slurm is not installed, or not configured), Network (no answer in time or no
// contact to the controller; retryable), Server (Slurm refuses, in its own words), Cancelled.
class SlurmClient {
public:
    struct Options {
        std::int64_t millis = 20'000; // for one program
        std::string folder;           // of the programs; empty: on PATH
    };
    SlurmClient() = default;
    explicit SlurmClient(Options options) : m_options(std::move(options)) {}

    // "22.05.8".
    [[nodiscard]] base::Expected<std::string> version() const;
    // The id of the new job. After a Network error it may have been submitted all the same:
    // jobsNamed() tells, where names are unique.
    [[nodiscard]] base::Expected<std::string> submit(const SlurmSubmission& submission) const;
    // The job or the tasks of an array; empty when Slurm does not know it: it never did, or the job
    // ended more than MinJobAge (300 s) ago.
    [[nodiscard]] base::Expected<std::vector<SlurmJob>> jobs(const std::string& id,
                                                             const base::CancelToken& cancel) const;
    // Ids of own jobs of that name that have not ended.
    [[nodiscard]] base::Expected<std::vector<std::string>>
    jobsNamed(const std::string& name, const base::CancelToken& cancel) const;
    // Asks Slurm to end a job, a task or an array; says nothing about whether it was there.
    [[nodiscard]] base::Expected<void> cancel(const std::string& id) const;
    // cancel(), and waits until no part of it is left. What is still there after half the time gets
    // SIGKILL. Limit when it is there at the end. A job that Slurm does not know is gone.
    [[nodiscard]] base::Expected<void> cancelAndWait(const std::string& id,
                                                     std::int64_t millis) const;

private:
    struct Result {
        std::string output;
        bool succeeded = false;
    };
    [[nodiscard]] base::Expected<Result> run(const std::string& program,
                                             std::vector<std::string> arguments,
                                             const base::CancelToken& cancel) const;

    Options m_options;
};

// True for a job id that may be handed to Slurm's programs: digits, and "_digits" for a task.
[[nodiscard]] bool isSlurmJobId(std::string_view text);

} // namespace scrit::backend
